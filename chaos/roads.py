"""The roads that an issue goes under chaos."""

from collections.abc import Awaitable, Callable

from chaos.client import Json
from chaos.walk import CLERK, MEDIATOR, PROXY, SECTOR, STREET, SUPERVISOR, Walk, appeal_of, duty_of
from stack.tokens import Staff, handler, leader

DEPARTMENTS = (handler("D15010004"), handler("D15010005"))
LOCALITY, SHORT, DUAL, DISPUTE = "0403", "0601", "0406", "1801"
SCORES: Json = {"reported_in_score": 100, "acted_score": 90, "solved_score": 80}
TERMS: Json = dict.fromkeys(("parties", "facts", "contents", "performance"), "双方自愿，均为虚构。")


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
        STREET, "router", f"/v1/orders/{order['id']}", lambda found: duty_of(found, STREET)["supervision"] == "red"
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
    """双派双考, with a second caller, who asks twice where it stays."""
    phone = f"138{int(walk.name):08}"
    joined = await walk.act("appeals", appeal_of(phone), "issue.appeal_added")
    walk.phones[joined["appeal_id"]] = phone
    order = await walk.accepted(DUAL)
    for number in (1, 2):
        await walk.reminded(joined["appeal_id"], number)
    await walk.client.until(SUPERVISOR, "router", f"/v1/orders/{order['id']}", lambda found: found["reminders"] == 2)
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

    approve = (id_, "whistle.blown", {"street": STREET.unit})
    await walk.client.post(
        leader(str(STREET.unit)), "router", f"/v1/whistles/{id_}/approve", {}, f"{walk.name}/approve", approve
    )
    for department in DEPARTMENTS:
        unit = department.unit
        await step(department, "acknowledge", {}, "acknowledged", unit)
        await step(department, "contact", {}, "contacted", unit)
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
    hands = {"signatures": [{"party_id": party, "way": "signature"} for party in parties]}
    signed = {"mediator_signed": True, "committee_sealed": True, **hands}
    await step(MEDIATOR, "agreement", {"form": "written", **TERMS, "instalments": [{}], **signed}, "agreed")
    request = {"parties": parties, "court": "F150105", "matter_excluded": False}
    await step(CLERK, "confirmation-request", request, "confirmation_requested")
    await step(CLERK, "ruling", {"confirmed": True}, "confirmed")
    await step(CLERK, "instalments/1/performed", None, "instalment_performed", {"number": 1})
    await _archived(step)
    await walk.ended(order)


async def _archived(step: Step) -> None:
    """回访, 归档."""
    await step(CLERK, "return-visit", {"outcome": "settled"}, "revisited")
    await step(CLERK, "archive", None, "archived")


async def failed(walk: Walk) -> None:
    """调解不成: guided on, and back to the unit."""
    order, step, _ = await _mediated(walk)
    await step(MEDIATOR, "failure", None, "failed")
    await step(CLERK, "guidance", {"guidance": "court"}, "guided")
    await _archived(step)
    await walk.client.until(SUPERVISOR, "router", f"/v1/orders/{order['id']}", lambda found: found["case_id"] is None)
    await walk.submitted(order, STREET)
    await walk.ended(order)


async def petition(walk: Walk) -> None:
    """信访代办: signed for, carried to the authority, answered; told, asked after, archived; the order comes back."""
    order = await walk.accepted(DISPUTE)
    await walk.handled(order, STREET)
    referred = await walk.on_order(order, STREET, "refer-petition", {}, "order.referred", {})
    id_ = referred["case_id"]
    path = f"/v1/petitions/{id_}"
    await walk.client.until(CLERK, "mediation", path, lambda found: found["status"] == "requested")
    signed = {"petitioner": "李示例", "contact": "13700000000", "matters": "示例", "powers": "示例"}
    steps: tuple[tuple[Staff, str, Json | None, str], ...] = (
        (CLERK, "authorisation", signed, "authorised"),
        (CLERK, "register", {}, "registered"),
        (CLERK, "proxy", {"proxy_id": PROXY.id, "responsible_id": CLERK.id}, "assigned"),
        (PROXY, "submit", {"office": "D15010201"}, "submitted"),
        (PROXY, "route", {"authority": "D15010202"}, "routed"),
        (PROXY, "acceptance", {}, "accepted"),
        (PROXY, "handling", None, "handling_began"),
        (PROXY, "opinion", {"outcome": "supported", "reference": "示例1号", "text": "支持。"}, "opinion_issued"),
        (PROXY, "feedback", {"text": "已告知。"}, "feedback_given"),
        (CLERK, "revisit", {"accepts": True}, "revisited"),
        (CLERK, "archive", None, "archived"),
    )
    for who, step, body, happens in steps:
        happened: tuple[str, str, Json] = (id_, f"petition.{happens}", {})
        await walk.client.post(who, "mediation", f"{path}/{step}", body, f"{walk.name}/{step}", happened)
    await walk.ended(order)


ROADS: tuple[Callable[[Walk], Awaitable[None]], ...] = (
    ordinary,
    whistle,
    agreed,
    answered,
    rework,
    dual,
    failed,
    petition,
    declined,
    idle,
    transferred,
)
"""Gone in turn."""
