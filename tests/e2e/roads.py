"""The roads that an issue can go, gone over HTTP by the people whose work it is."""

import asyncio
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from stack.tokens import Staff
from tests.e2e.api import (
    AGENT,
    CLERK,
    FORMER_PARTNER,
    LEADER,
    MEDIATOR,
    PROXY,
    REVIEWER,
    REVISITOR,
    ROADS,
    SECTOR,
    STREET,
    SUPERVISOR,
    WATER,
    Api,
    Json,
)
from tests.e2e.secret import Secrets
from tests.polling import eventually

PLACE = "150102001"
LOCALITY, DUAL, DISPUTE = "0403", "0406", "1801"


@dataclass(frozen=True, slots=True)
class Walk:
    """One issue on its way. ``trace_id`` is that of the call with which it began, ``phone`` its first caller's."""

    api: Api
    secrets: Secrets
    trace_id: str
    id: str
    phone: str

    @property
    def path(self) -> str:
        """The issue at intake."""
        return f"/v1/issues/{self.id}"

    async def act(self, who: Staff, action: str, body: Json | None = None) -> Json:
        """Something that intake's people do."""
        return await self.api.post(who, "intake", f"{self.path}/{action}", body)

    async def accepted(self, item: str) -> Json:
        """Accept it, and return its order once it is dispatched."""
        await self.act(AGENT, "accept", {"kind": "complaint", "item_code": item, "street_code": PLACE})
        found = await self.api.until(
            SUPERVISOR, "router", "/v1/orders", lambda page: bool(page["items"]), issue_id=self.id
        )
        order: Json = found["items"][0]
        return order

    async def handled(self, order: Json, who: Staff) -> None:
        """Sign, look up the callers' numbers, call them."""
        path = f"/v1/orders/{order['id']}"
        await self.api.post(who, "router", f"{path}/sign")
        for appeal in order["appeals"]:
            reveal = f"{self.path}/appeals/{appeal}/reveal"

            async def shown(reveal: str = reveal) -> bool:
                return (await self.api.ask("POST", "intake", reveal, who, json={"purpose": "handling"})).is_success

            await eventually(shown, seconds=30)  # intake has to hear that the order is the unit's
        await self.api.post(who, "router", f"{path}/contact", {"visit": True})

    async def submitted(self, order: Json, who: Staff) -> None:
        """Hand in a result."""
        body = {"text": self.secrets.text("办理结果")}
        await self.api.post(who, "router", f"/v1/orders/{order['id']}/submit", body)

    async def ended(self, order: Json, resolution: str = "yes", *, by_link: bool = False) -> None:
        """Review, call everybody back; a caller who says no has it done again, and is content then.

        ``by_link``: the only caller answers in a browser before anybody calls.
        """
        path = f"/v1/orders/{order['id']}"
        await self.api.until(SUPERVISOR, "router", path, lambda found: found["status"] == "close_review")
        completed = await self.api.post(REVIEWER, "router", f"{path}/review", {"passed": True})
        callers = len(completed["appeals"]) if completed["reworks"] == 0 else 1
        query = {"order_id": order["id"], "status": "open"}
        waiting = await self.api.until(
            REVISITOR, "notify", "/v1/revisits", lambda page: len(page["items"]) == callers, **query
        )
        for revisit in waiting["items"]:
            record = f"/v1/revisits/{revisit['id']}/record"
            if by_link:
                await self._answers_by_link()
            else:
                await self.api.post(REVISITOR, "notify", record, _answers(resolution))
        if resolution == "no":
            await self.api.until(SUPERVISOR, "router", path, lambda found: found["reworks"] == 1)
            await self.api.post(STREET, "router", f"{path}/contact", {"visit": False})
            await self.submitted(order, STREET)
            await self.ended(order)
        else:
            await self.api.until(AGENT, "intake", self.path, lambda found: found["status"] == "closed")

    async def sent(self, phone: str, pattern: str) -> list[str]:
        """Wait until a message to somebody says something like this; what it says."""
        found: list[str] = []

        async def arrived() -> bool:
            messages = (await self.api.ask("GET", "sms_gateway", "/messages")).json()
            texts = " ".join(message["text"] for message in messages if message["to"] == phone)
            found.extend(re.findall(pattern, texts))
            return bool(found)

        await eventually(arrived, seconds=30)
        return found

    async def _answers_by_link(self) -> None:
        """回访链接: open the link of the message that came, fill the page in and send it."""
        [token] = await self.sent(self.phone, rf"{self.api.base_urls['notify']}/survey\?t=(\S+)")
        self.secrets.tokens.append(token)
        page = await self.api.ask("GET", "notify", "/survey", params={"t": token})
        assert page.is_success
        assert token in page.text
        filled = {"contact": "in_time", "resolution": "yes", "satisfaction": "neutral", "reason": ""}
        filled |= {"t": token, "comment": self.secrets.text("留言")}
        taken = await self.api.ask("POST", "notify", "/survey", data=filled)
        assert "评价已收到" in taken.text


def _answers(resolution: str) -> Json:
    answers = {"contacted": True, "in_time": True, "resolution": resolution, "satisfaction": "neutral"}
    return answers if resolution == "yes" else answers | {"reason_class": "unit_work"}


def appeal(secrets: Secrets, channel: str = "hotline") -> Json:
    """What a caller says, all of it secret."""
    return {
        "channel": channel,
        "text": secrets.text("诉求"),
        "place": secrets.text("地点"),
        "lat": secrets.latitude(),
        "lon": 111.69,
        "appellant": {"name": secrets.text("姓名"), "phone": secrets.phone()},
    }


async def begin(api: Api, secrets: Secrets, trace_id: str) -> Walk:
    """Register an issue in a trace of its own."""
    body: Json = appeal(secrets) | {"street_code": PLACE}
    issue = await api.post(AGENT, "intake", "/v1/issues", body, traceparent=f"00-{trace_id}-00f067aa0ba902b7-01")
    return Walk(api, secrets, trace_id, issue["id"], body["appellant"]["phone"])


async def answered(walk: Walk) -> None:
    """直接答复."""
    await walk.act(AGENT, "answer", {"kind": "consultation", "item_code": "1904", "knowledge_id": "K001"})


async def declined(walk: Walk) -> None:
    """不予受理."""
    await walk.act(AGENT, "propose-decline", {"exclusion_code": "X0101"})
    await walk.act(SUPERVISOR, "confirm-decline")


async def transferred(walk: Walk) -> None:
    """转接."""
    await walk.act(AGENT, "transfer", {"agency": "119"})


async def dual(walk: Walk) -> None:
    """双派双考, with a second caller and a supplement."""
    joined = await walk.act(AGENT, "appeals", appeal(walk.secrets, "app"))
    order = await walk.accepted(DUAL)
    supplement = {"follow_up": "supplement", "appeal_id": joined["appeal_id"], "text": walk.secrets.text("补充")}
    await walk.act(AGENT, "follow-ups", supplement)
    for unit in (STREET, SECTOR):
        await walk.handled(order, unit)
        await walk.submitted(order, unit)
    await walk.ended(order)


async def whistle(walk: Walk) -> None:
    """吹哨报到, and a caller who answers by the survey page."""
    order = await walk.accepted(LOCALITY)
    await walk.handled(order, STREET)
    blow = {"kind": "citizen_appeal", "departments": [WATER.unit, ROADS.unit]}
    blown = await walk.api.post(STREET, "router", f"/v1/orders/{order['id']}/whistles", blow)
    path = f"/v1/whistles/{blown['whistle_id']}"
    await walk.api.post(LEADER, "router", f"{path}/approve")
    for department in (WATER, ROADS):
        await walk.api.post(department, "router", f"{path}/acknowledge")
        await walk.api.post(department, "router", f"{path}/contact")
        await walk.api.post(department, "router", f"{path}/report-in")
        await walk.api.post(department, "router", f"{path}/result", {"text": walk.secrets.text("反馈")})
        scores = {"reported_in_score": 100, "acted_score": 90, "solved_score": 80}
        await walk.api.post(STREET, "router", f"{path}/evaluate", {"unit": department.unit, **scores})
    await walk.api.until(SUPERVISOR, "router", f"/v1/orders/{order['id']}", lambda found: not found["open_whistles"])
    await walk.submitted(order, STREET)
    await walk.ended(order, by_link=True)


def _tomorrow() -> str:
    return (datetime.now(UTC) + timedelta(days=1)).isoformat()


async def _mediated(walk: Walk) -> tuple[Json, str, list[str], list[str]]:
    """Referred, consented, one session held: the order, the case's path, its parties and their numbers."""
    order = await walk.accepted(DISPUTE)
    await walk.handled(order, STREET)
    referred = await walk.api.post(STREET, "router", f"/v1/orders/{order['id']}/refer")
    path = f"/v1/cases/{referred['case_id']}"
    await walk.api.until(CLERK, "mediation", path, lambda case: case["status"] == "registered")
    sides = [
        {"side": side, "name": walk.secrets.text("当事人"), "contact": walk.secrets.phone()}
        for side in ("applicant", "respondent")
    ]
    case = await walk.api.post(CLERK, "mediation", f"{path}/screen", {"parties": sides})
    parties = [party["party_id"] for party in case["parties"]]
    for party in parties:
        await walk.api.post(CLERK, "mediation", f"{path}/consents", {"party_id": party, "agreed": True})
    assignment = {"mediator_id": MEDIATOR.id, "committee": "M150105001"}
    await walk.api.post(CLERK, "mediation", f"{path}/assign-mediator", assignment)
    session = {"number": 1, "notes": walk.secrets.text("笔录")}
    await walk.api.post(MEDIATOR, "mediation", f"{path}/sessions", session)
    return order, path, parties, [side["contact"] for side in sides]


async def agreed(walk: Walk) -> None:
    """调解成功, 司法确认, 履行 after a reminder to every party, with a risk on the way, and on to the archive."""
    order, path, parties, phones = await _mediated(walk)
    risk = {
        "kind": "public_security",
        "office": "P150102001",
        "measure": "accompanied",
        "note": walk.secrets.text("风险"),
    }
    await walk.api.post(MEDIATOR, "mediation", f"{path}/risks", risk)
    terms = {name: walk.secrets.text("协议") for name in ("parties", "facts", "contents", "performance")}
    hands: Json = {"mediator_signed": True, "committee_sealed": True}
    hands["signatures"] = [{"party_id": party, "way": "signature"} for party in parties]
    agreement = {"form": "written", **terms, "instalments": [{"due": _tomorrow()}], **hands}
    await walk.api.post(MEDIATOR, "mediation", f"{path}/agreement", agreement)
    request = {"parties": parties, "court": "F150105", "matter_excluded": False}
    await walk.api.post(CLERK, "mediation", f"{path}/confirmation-request", request)
    await walk.api.post(CLERK, "mediation", f"{path}/court/acceptance", {"note": walk.secrets.text("案号")})
    await walk.api.post(CLERK, "mediation", f"{path}/ruling", {"confirmed": True})
    for phone in phones:
        await walk.sent(phone, "履行")
    part = {"percent": 50, "note": walk.secrets.text("履行")}
    await walk.api.post(MEDIATOR, "mediation", f"{path}/instalments/1/part", part)
    await walk.api.post(CLERK, "mediation", f"{path}/instalments/1/performed")
    printed = {"purpose": "archive", "format": "html"}
    page = await walk.api.ask("POST", "mediation", f"{path}/documents/agreement", CLERK, json=printed)
    assert len(walk.secrets.found_in(page.content)) == len(terms) + 2 * len(parties)
    visit = {"outcome": "settled", "note": walk.secrets.text("回访")}
    await walk.api.post(CLERK, "mediation", f"{path}/return-visit", visit)
    risks = await walk.api.get(CLERK, "mediation", path)
    await walk.api.post(CLERK, "mediation", f"{path}/risks/{risks['risk']['report_id']}/clear")
    await walk.api.post(CLERK, "mediation", f"{path}/archive")
    await walk.ended(order)


async def failed(walk: Walk) -> None:
    """调解不成: guided on, and back to the unit."""
    order, path, *_ = await _mediated(walk)
    await walk.api.post(MEDIATOR, "mediation", f"{path}/failure")
    await walk.api.post(CLERK, "mediation", f"{path}/guidance", {"guidance": "court"})
    await walk.api.until(SUPERVISOR, "router", f"/v1/orders/{order['id']}", lambda found: found["case_id"] is None)
    await walk.submitted(order, STREET)
    await walk.ended(order)


async def petition(walk: Walk) -> None:
    """信访代办: signed for, carried to the authority, answered, told and asked after; the order comes back."""
    order = await walk.accepted(DISPUTE)
    await walk.handled(order, STREET)
    referred = await walk.api.post(STREET, "router", f"/v1/orders/{order['id']}/refer-petition")
    path, text = f"/v1/petitions/{referred['case_id']}", walk.secrets.text
    await walk.api.until(CLERK, "mediation", path, lambda found: found["status"] == "requested")
    authorisation = {name: text("委托") for name in ("petitioner", "matters", "powers")}
    authorisation |= {"contact": walk.secrets.phone()}
    steps: list[tuple[Staff, str, Json | None]] = [
        (CLERK, "authorisation", authorisation),
        (CLERK, "register", {}),
        (CLERK, "proxy", {"proxy_id": PROXY.id, "responsible_id": CLERK.id}),
        (PROXY, "submit", {"office": "D15010201"}),
        (PROXY, "route", {"authority": "D15010202"}),
        (PROXY, "acceptance", {}),
        (PROXY, "handling", None),
        (PROXY, "opinion", {"outcome": "supported", "reference": text("文号"), "text": text("意见")}),
        (PROXY, "feedback", {"text": text("反馈")}),
        (CLERK, "revisit", {"accepts": True}),
        (CLERK, "archive", None),
    ]
    for who, step, body in steps:
        await walk.api.post(who, "mediation", f"{path}/{step}", body)
    await walk.ended(order)


async def rework(walk: Walk) -> None:
    """重办."""
    order = await walk.accepted(LOCALITY)
    await walk.handled(order, STREET)
    await walk.submitted(order, STREET)
    await walk.ended(order, "no")


async def subscribed(api: Api) -> None:
    """A partner's subscription from its beginning to its end; nobody listens at its address."""
    wish = {"url": "http://127.0.0.1:9/hook", "types": ["qingcheng.router.order.closed.v1"]}
    path = f"/v1/subscriptions/{(await api.post(FORMER_PARTNER, 'notify', '/v1/subscriptions', wish))['id']}"
    for step in ("pause", "resume", "delete"):
        await api.post(FORMER_PARTNER, "notify", f"{path}/{step}")


ROADS_GONE = {
    "answered": answered,
    "declined": declined,
    "transferred": transferred,
    "dual": dual,
    "whistle": whistle,
    "agreed": agreed,
    "failed": failed,
    "petition": petition,
    "rework": rework,
}


async def go_everywhere(api: Api, secrets: Secrets) -> dict[str, Walk]:
    """One issue down each road, side by side, and a subscription down its own."""
    await subscribed(api)
    begun = {name: await begin(api, secrets, f"{number:032x}") for number, name in enumerate(ROADS_GONE, 0xE2E)}
    async with asyncio.TaskGroup() as group:
        for name, walk in begun.items():
            group.create_task(ROADS_GONE[name](walk), name=name)
    return begun
