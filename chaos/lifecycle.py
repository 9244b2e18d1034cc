"""The roads that an issue goes under chaos, over HTTP, by the people whose work it is."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import count

from chaos.client import Client, Json, Refused, Staff, handler

AGENT, SUPERVISOR = Staff("A1", ("agent",)), Staff("V1", ("supervisor",))
REVIEWER, REVISITOR = Staff("R1", ("reviewer",)), Staff("C1", ("revisitor",))
CLERK, MEDIATOR = Staff("K1", ("centre_clerk",)), Staff("M1", ("mediator",))
STREET, SECTOR = handler("S150102001"), handler("D15010026")
DEPARTMENTS = (handler("D15010004"), handler("D15010005"))
PLACE = "150102001"
LOCALITY, SHORT, DUAL, DISPUTE = "0403", "0601", "0406", "1801"
SCORES: Json = {"reported_in_score": 100, "acted_score": 90, "solved_score": 80}
TERMS: Json = dict.fromkeys(("parties", "facts", "contents", "performance"), "双方自愿，均为虚构。")
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

    async def on_order(self, order: Json, who: Staff, step: str, body: Json, happens: str, what: Json) -> Json:
        """A step at the router; ``rounds`` tells the steps of a rework from the first ones."""
        path, key = f"/v1/orders/{order['id']}/{step}", f"{self.name}/{step}/{who.id}/{order['reworks']}"
        return await self.client.post(who, "router", path, body, key, (order["id"], happens, what))

    async def handled(self, order: Json, who: Staff, *, sign: bool = True) -> None:
        """Sign (or let the deadline do it), look the numbers up, call, hand in."""
        if sign and order["reworks"] == 0:
            await self.on_order(order, who, "sign", {}, "order.signed", {"unit": who.unit})
        await self.client.until(
            who, "router", f"/v1/orders/{order['id']}", lambda found: _duty(found, who)["step"] != "to_sign"
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


def _duty(order: Json, who: Staff) -> Json:
    duty: Json = next(duty for duty in order["obligations"] if duty["unit"] == who.unit)
    return duty


def _appeal(phone: str) -> Json:
    return {"channel": "hotline", "text": "虚构的诉求。", "appellant": {"name": "赵示例", "phone": phone}}


async def begin(client: Client) -> Walk:
    """Register an issue of a caller who has no other."""
    number = next(_numbers)
    phone = f"139{number:08}"
    body = _appeal(phone) | {"street_code": PLACE}
    issue = await client.post(AGENT, "intake", "/v1/issues", body, f"{number}/register", ("", "issue.registered", {}))
    return Walk(client, str(number), issue["id"], {issue["appeal_id"]: phone})


async def answered(walk: Walk) -> None:
    """直接答复."""
    answer = {"kind": "consultation", "item_code": "1904", "knowledge_id": "K001"}
    await walk.act("answer", answer, "issue.answered")


async def declined(walk: Walk) -> None:
    """不予受理."""
    await walk.act("propose-decline", {"exclusion_code": "X0101"}, "issue.decline_proposed")
    await walk.act("confirm-decline", None, "issue.declined", SUPERVISOR)


async def transferred(walk: Walk) -> None:
    """转接."""
    await walk.act("transfer", {"agency": "119"}, "issue.transferred")


async def ordinary(walk: Walk) -> None:
    """一般办理."""
    order = await walk.accepted(LOCALITY)
    await walk.handled(order, STREET)
    await walk.submitted(order, STREET)
    await walk.ended(order)


async def idle(walk: Walk) -> None:
    """Signed by the deadline, woken by a red card, and nobody answers the telephone afterwards."""
    order = await walk.accepted(SHORT)
    await walk.handled(order, STREET, sign=False)
    await walk.client.until(
        STREET, "router", f"/v1/orders/{order['id']}", lambda found: _duty(found, STREET)["supervision"] == "red"
    )
    await walk.submitted(order, STREET)
    await walk.ended(order, "unreached")


async def rework(walk: Walk) -> None:
    """重办."""
    order = await walk.accepted(LOCALITY)
    await walk.handled(order, STREET)
    await walk.submitted(order, STREET)
    await walk.ended(order, "no")


async def dual(walk: Walk) -> None:
    """双派双考, with a second caller."""
    phone = f"138{int(walk.name):08}"
    joined = await walk.act("appeals", _appeal(phone), "issue.appeal_added")
    walk.phones[joined["appeal_id"]] = phone
    order = await walk.accepted(DUAL)
    for unit in (STREET, SECTOR):
        await walk.handled(order, unit)
        await walk.submitted(order, unit)
    await walk.ended(order)


async def whistle(walk: Walk) -> None:
    """吹哨报到."""
    order = await walk.accepted(LOCALITY)
    await walk.handled(order, STREET)
    blow = {"kind": "citizen_appeal", "departments": [department.unit for department in DEPARTMENTS]}
    blown = await walk.on_order(order, STREET, "whistles", blow, "order.whistle_blown", {})
    id_ = blown["whistle_id"]

    async def step(who: Staff, name: str, body: Json, happens: str, unit: str | None) -> None:
        path, key = f"/v1/whistles/{id_}/{name}", f"{walk.name}/{name}/{unit}"
        await walk.client.post(who, "router", path, body, key, (id_, f"whistle.{happens}", {"unit": unit}))

    for department in DEPARTMENTS:
        unit = department.unit
        await step(department, "acknowledge", {}, "acknowledged", unit)
        await step(department, "report-in", {}, "reported_in", unit)
        await step(department, "result", {"text": "已办理。"}, "result_recorded", unit)
        await step(STREET, "evaluate", {"unit": unit, **SCORES}, "evaluated", unit)
    await walk.client.until(SUPERVISOR, "router", f"/v1/orders/{order['id']}", lambda found: not found["open_whistles"])
    await walk.submitted(order, STREET)
    await walk.ended(order)


async def _mediated(walk: Walk) -> tuple[Json, "Step", list[str]]:
    """Referred, consented, one session held: the order, how to go on with the case, and its parties."""
    order = await walk.accepted(DISPUTE)
    await walk.handled(order, STREET)
    referred = await walk.on_order(order, STREET, "refer", {}, "order.referred", {})
    id_ = referred["case_id"]

    async def step(who: Staff, name: str, body: Json | None, happens: str, what: Json | None = None) -> Json:
        key = f"{walk.name}/{name}/{body.get('party_id', '') if body else ''}"
        happened = (id_, f"case.{happens}", what or {})
        return await walk.client.post(who, "mediation", f"/v1/cases/{id_}/{name}", body, key, happened)

    await walk.client.until(CLERK, "mediation", f"/v1/cases/{id_}", lambda case: case["status"] == "registered")
    sides = [{"side": side, "name": "李示例", "contact": "13700000000"} for side in ("applicant", "respondent")]
    case = await step(CLERK, "screen", {"parties": sides}, "consent_requested")
    parties = [party["party_id"] for party in case["parties"]]
    for party in parties:
        await step(CLERK, "consents", {"party_id": party, "agreed": True}, "consent_given", {"party_id": party})
    assignment = {"mediator_id": MEDIATOR.id, "committee": "M150105001"}
    await step(CLERK, "assign-mediator", assignment, "mediator_assigned")
    await step(MEDIATOR, "sessions", {"number": 1, "notes": "双方到场。"}, "session_held", {"number": 1})
    return order, step, parties


Step = Callable[..., Awaitable[Json]]


async def agreed(walk: Walk) -> None:
    """调解成功, 司法确认, 履行."""
    order, step, parties = await _mediated(walk)
    await step(MEDIATOR, "agreement", {"form": "written", **TERMS, "instalments": [{}]}, "agreed")
    request = {"parties": parties, "court": "F150105", "matter_excluded": False}
    await step(CLERK, "confirmation-request", request, "confirmation_requested")
    await step(CLERK, "ruling", {"confirmed": True}, "confirmed")
    await step(CLERK, "instalments/1/performed", None, "instalment_performed", {"number": 1})
    await walk.ended(order)


async def failed(walk: Walk) -> None:
    """调解不成: guided on, and back to the unit."""
    order, step, _ = await _mediated(walk)
    await step(MEDIATOR, "failure", None, "failed")
    await step(CLERK, "guidance", {"guidance": "court"}, "guided")
    await walk.client.until(SUPERVISOR, "router", f"/v1/orders/{order['id']}", lambda found: found["case_id"] is None)
    await walk.submitted(order, STREET)
    await walk.ended(order)


ROADS: tuple[Callable[[Walk], Awaitable[None]], ...] = (
    ordinary,
    whistle,
    agreed,
    answered,
    rework,
    dual,
    failed,
    declined,
    idle,
    transferred,
)
"""Gone in turn."""
