"""One issue on its way under chaos: the steps, over HTTP, of the people whose work it is."""

from dataclasses import dataclass
from itertools import count

from chaos.client import Client, Json, Refused
from stack.tokens import Staff, handler

AGENT, SUPERVISOR = Staff("A1", ("agent",)), Staff("V1", ("supervisor",))
REVIEWER, REVISITOR = Staff("R1", ("reviewer",)), Staff("C1", ("revisitor",))
CLERK, MEDIATOR = Staff("K1", ("centre_clerk",)), Staff("M1", ("mediator",))
PROXY = Staff("X1", ("petition_proxy",))
STREET, SECTOR = handler("S150102001"), handler("D15010026")
PLACE = "150102001"
UNREACHED_ATTEMPTS = 3
_numbers = count(1)


@dataclass
class Walk:
    """One issue on its way; ``phones`` are its callers', which nobody else has, by appeal."""

    client: Client
    name: str
    id: str
    phones: dict[str, str]

    async def act(self, action: str, body: Json | None, happens: str, who: Staff = AGENT) -> Json:
        """A step at intake."""
        path = f"/v1/issues/{self.id}/{action}"
        return await self.client.post(who, "intake", path, body, f"{self.name}/{action}", (self.id, happens, {}))

    async def accepted(self, item: str) -> Json:
        """Accept it, and return its order once it is dispatched."""
        facts = {"kind": "complaint", "item_code": item, "street_code": PLACE}
        await self.act("accept", facts, "issue.accepted")
        found = await self.client.until(
            SUPERVISOR, "router", "/v1/orders", lambda page: bool(page["items"]), issue_id=self.id
        )
        order: Json = found["items"][0]
        return order

    async def reminded(self, appeal: str, number: int) -> None:
        """催办."""
        path, body = f"/v1/issues/{self.id}/follow-ups", {"follow_up": "reminder", "appeal_id": appeal}
        happens = (self.id, "issue.followed_up", body)
        await self.client.post(AGENT, "intake", path, body, f"{self.name}/remind/{number}", happens)

    async def on_order(self, order: Json, who: Staff, step: str, body: Json, happens: str, what: Json) -> Json:
        """A step at the router; ``rounds`` tells the steps of a rework from the first ones."""
        path, key = f"/v1/orders/{order['id']}/{step}", f"{self.name}/{step}/{who.id}/{order['reworks']}"
        return await self.client.post(who, "router", path, body, key, (order["id"], happens, what))

    async def handled(self, order: Json, who: Staff, *, sign: bool = True) -> None:
        """Sign (or let the deadline do it), look the numbers up, call, hand in."""
        if sign and order["reworks"] == 0:
            await self.on_order(order, who, "sign", {}, "order.signed", {"unit": who.unit})
        await self.client.until(
            who, "router", f"/v1/orders/{order['id']}", lambda found: duty_of(found, who)["step"] != "to_sign"
        )
        for appeal in order["appeals"]:
            await self._reveal(appeal, who, f"{order['reworks']}")
        await self.on_order(order, who, "contact", {"visit": True}, "order.contacted", {"unit": who.unit})

    async def submitted(self, order: Json, who: Staff) -> None:
        """Hand a result in."""
        body = {"text": "已办理完毕。"}
        await self.on_order(order, who, "submit", body, "order.result_submitted", {"unit": who.unit})

    async def _reveal(self, appeal: str, who: Staff, which: str) -> None:
        """See a caller's number; intake may first have to hear that the order is the unit's."""
        path = f"/v1/issues/{self.id}/appeals/{appeal}/reveal"
        await self.client.until(who, "intake", f"/v1/issues/{self.id}", lambda _: True)
        for tries in count():
            key = f"{self.name}/reveal/{appeal}/{who.id}/{which}/{tries}"
            what = {"appeal_id": appeal, "by": who.id}
            try:
                await self.client.post(
                    who, "intake", path, {"purpose": "handling"}, key, (self.id, "issue.contact_revealed", what)
                )
            except Refused as refusal:
                if refusal.code != "issue.not_your_unit":
                    raise
            else:
                return

    async def ended(self, order: Json, resolution: str = "yes") -> None:
        """Review and call back; who says no has it done again and is content then; None is never reached."""
        path = f"/v1/orders/{order['id']}"
        order = await self.client.until(SUPERVISOR, "router", path, lambda found: found["status"] == "close_review")
        again = order["reworks"] > 0
        await self.on_order(order, REVIEWER, "review", {"passed": True}, "order.completed", {})
        query = {"order_id": order["id"], "status": "open"}
        callers = 1 if again else len(order["appeals"])
        page = await self.client.until(
            REVISITOR, "notify", "/v1/revisits", lambda found: len(found["items"]) == callers, **query
        )
        for revisit in page["items"]:
            await self._called_back(revisit, resolution)
        if resolution != "no":
            await self.client.until(AGENT, "intake", f"/v1/issues/{self.id}", lambda found: found["status"] == "closed")
            return
        order = await self.client.until(SUPERVISOR, "router", path, lambda found: found["reworks"] == 1)
        await self.handled(order, STREET)
        await self.submitted(order, STREET)
        await self.ended(order)

    async def _called_back(self, revisit: Json, resolution: str) -> None:
        path, id_ = f"/v1/revisits/{revisit['id']}", revisit["id"]
        if resolution != "unreached":
            body: Json = {"contacted": True, "in_time": True, "resolution": resolution, "satisfaction": "neutral"}
            body |= {} if resolution == "yes" else {"reason_class": "unit_work"}
            what = (id_, "revisit.recorded", {"resolution": resolution})
            await self.client.post(REVISITOR, "notify", f"{path}/record", body, f"{self.name}/record/{id_}", what)
            return
        for number in range(1, UNREACHED_ATTEMPTS + 1):
            await self._attempted(id_, number)

    async def _attempted(self, revisit: str, number: int) -> None:
        """One call in vain, as soon as the pause after the last one is over."""
        happened = (revisit, "revisit.attempted", {"attempt": number})
        for tries in count():
            key = f"{self.name}/attempt/{revisit}/{number}/{tries}"
            try:
                await self.client.post(
                    REVISITOR, "notify", f"/v1/revisits/{revisit}/attempts", {"number": number}, key, happened
                )
            except Refused as refusal:
                if refusal.code != "revisit.too_early":
                    raise
            else:
                return
            await self.client.until(REVISITOR, "notify", f"/v1/revisits/{revisit}", lambda _: True)


def duty_of(order: Json, who: Staff) -> Json:
    duty: Json = next(duty for duty in order["obligations"] if duty["unit"] == who.unit)
    return duty


def appeal_of(phone: str) -> Json:
    return {"channel": "hotline", "text": "虚构的诉求。", "appellant": {"name": "赵示例", "phone": phone}}


async def begin(client: Client) -> Walk:
    """Register an issue of a caller who has no other."""
    number = next(_numbers)
    phone = f"139{number:08}"
    body = appeal_of(phone) | {"street_code": PLACE}
    issue = await client.post(AGENT, "intake", "/v1/issues", body, f"{number}/register", ("", "issue.registered", {}))
    return Walk(client, str(number), issue["id"], {issue["appeal_id"]: phone})
