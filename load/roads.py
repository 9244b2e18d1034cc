"""The roads that an issue goes: first desk, dispatch, whistle, mediation. Its end is in ``endings.py``."""

from collections.abc import Callable, Mapping

from load import endings
from load.calls import ANSWER, DECLINE, DISPATCH, MEDIATION, TRANSFER, WHISTLE, caller
from load.staff import Person
from load.walk import Walk
from load.wire import Json

JOINED_ONE_IN = 15  # a second caller with the same matter 并入
REMINDED_ONE_IN = 10  # somebody asks where it stays 催办
FAILED_ONE_IN = 6  # mediations
CONFIRMED_ONE_IN = 3  # agreements, by the court 司法确认
AGENCIES = {"0105": "119", "1701": "119", "1703": "120"}
POLICE = "110"
SCORES: Json = {"reported_in_score": 100, "acted_score": 90, "solved_score": 90}
TERMS: Json = dict.fromkeys(("parties", "facts", "contents", "performance"), "双方自愿，均为虚构。")


def go(walk: Walk) -> str:
    """Take a call down and the issue to its end; returns the road it went. Raises ``Refused`` or ``Away``."""
    appeal = walk.appeal
    clerk = walk.any("agent" if appeal.channel == "hotline" else "partner")
    said = appeal.said_by(*caller(walk.dice))
    walk.issue = walk.post(clerk, "intake", "/v1/issues", "intake register", said)["id"]
    agent = clerk if clerk.role == "agent" else walk.any("agent")
    if clerk.role != "agent":
        walk.get(agent, "intake", "/v1/issues", "intake list registered", status="registered")
    return FROM_THE_DESK[appeal.disposition](walk, agent)


def _at_intake(walk: Walk, who: Person, step: str, body: Json | None = None) -> Json:
    return walk.post(who, "intake", f"/v1/issues/{walk.issue}/{step}", f"intake {step}", body)


def _answered(walk: Walk, agent: Person) -> str:
    """直接答复 out of the knowledge base."""
    item = walk.appeal.item_code or ""
    found = walk.get(agent, "intake", "/v1/knowledge", "intake search knowledge", item_code=item)
    answer = {"kind": walk.appeal.kind, "item_code": item, "knowledge_id": found["items"][0]["id"]}
    _at_intake(walk, agent, "answer", answer)
    return "answered"


def _declined(walk: Walk, agent: Person) -> str:
    """不予受理, by two people."""
    _at_intake(walk, agent, "propose-decline", {"exclusion_code": walk.appeal.exclusion_code})
    supervisor = walk.any("supervisor")
    walk.get(supervisor, "intake", "/v1/issues", "intake list declines", status="decline_review")
    _at_intake(walk, supervisor, "confirm-decline")
    return "declined"


def _transferred(walk: Walk, agent: Person) -> str:
    """转 110、119、120."""
    _at_intake(walk, agent, "transfer", {"agency": AGENCIES.get(walk.appeal.item_code or "", POLICE)})
    return "transferred"


def _dispatched(walk: Walk, agent: Person) -> str:
    """受理, 派单, 办理, and on to the call-back."""
    if walk.one_in(JOINED_ONE_IN):
        name, phone = caller(walk.dice)
        joining = {"channel": "hotline", "text": "我也有同样的情况。", "appellant": {"name": name, "phone": phone}}
        _at_intake(walk, agent, "appeals", joining)
    order = _accept(walk, agent)
    if walk.one_in(REMINDED_ONE_IN):
        _at_intake(walk, agent, "follow-ups", {"appeal_id": order["appeals"][0], "follow_up": "reminder"})
    handlers = [walk.city.staff.handler(duty["unit"]) for duty in order["obligations"]]
    for handler in handlers:
        walk.get(handler, "router", "/v1/orders", "router list to sign", queue="sign")
        on_order(walk, order, handler, "sign")
        endings.contacted(walk, order, handler)
    lead, *others = _lead_first(order, handlers)
    for handler in others:
        endings.submitted(walk, order, handler)
    road = _handle(walk, order, lead)
    endings.ended(walk, order, handlers, agent)
    return road


def _accept(walk: Walk, agent: Person) -> Json:
    """受理; the order is there when the event has come through, and where no rule knows its unit waits for a person."""
    facts = {name: getattr(walk.appeal, name) for name in ("kind", "item_code", "street_code")}
    _at_intake(walk, agent, "accept", facts)
    dispatcher, name = walk.any("dispatcher"), "router order of issue"
    page = walk.until(dispatcher, "router", "/v1/orders", name, lambda page: bool(page["items"]), issue_id=walk.issue)
    order: Json = page["items"][0]
    if order["status"] == "pending_dispatch":
        walk.waited("accept to dispatcher's queue")
        return _dispatch_by_hand(walk, order, dispatcher)
    walk.waited("accept to dispatched")
    return order


def _dispatch_by_hand(walk: Walk, order: Json, dispatcher: Person) -> Json:
    """派单, for a place that nobody knew: somebody finds the street."""
    walk.get(dispatcher, "router", "/v1/orders", "router list to dispatch", queue="dispatch", count="true")
    street = walk.dice.choice(walk.city.directory.streets)
    return on_order(walk, order, dispatcher, "dispatch", {"obligations": [{"unit": street, "role": "lead"}]})


def on_order(walk: Walk, order: Json, who: Person, step: str, body: Json | None = None) -> Json:
    """A step at the router."""
    return walk.post(who, "router", f"/v1/orders/{order['id']}/{step}", f"router {step}", body)


def _lead_first(order: Json, handlers: list[Person]) -> list[Person]:
    leads = {duty["unit"] for duty in order["obligations"] if duty["role"] == "lead"}
    return sorted(handlers, key=lambda handler: handler.unit not in leads)


def _handle(walk: Walk, order: Json, lead: Person) -> str:
    """What the lead 主办 does with it; returns the road."""
    if walk.appeal.route == MEDIATION:
        return _mediate(walk, order, lead)
    road = "ordinary"
    if walk.appeal.route == WHISTLE and lead.unit in walk.city.directory.streets:
        _whistle(walk, order, lead)
        road = "whistle"
    endings.submitted(walk, order, lead)
    return road


def _whistle(walk: Walk, order: Json, street: Person) -> None:
    """吹哨报到: departments report in, the street rates them."""
    called = walk.city.directory.departments(order["item_code"])
    blown = on_order(walk, order, street, "whistles", {"kind": "citizen_appeal", "departments": called})
    path = f"/v1/whistles/{blown['whistle_id']}"
    walk.post(walk.city.staff.leader(str(street.unit)), "router", f"{path}/approve", "router whistle approve")
    for unit in called:
        department = walk.city.staff.handler(unit)
        walk.get(department, "router", "/v1/whistles", "router list whistles", status="blown")
        walk.post(department, "router", f"{path}/acknowledge", "router whistle acknowledge")
        walk.post(department, "router", f"{path}/contact", "router whistle contact")
        walk.post(department, "router", f"{path}/report-in", "router whistle report-in")
        walk.post(department, "router", f"{path}/result", "router whistle result", {"text": "本部门事项已办理。"})
    for unit in called:
        walk.post(street, "router", f"{path}/evaluate", "router whistle evaluate", {"unit": unit, **SCORES})
    _until_order(walk, order, street, lambda found: not found["open_whistles"])
    walk.waited("whistle closed to order free")


def _until_order(walk: Walk, order: Json, who: Person, holds: Callable[[Json], bool]) -> None:
    walk.until(who, "router", f"/v1/orders/{order['id']}", "router order", holds)


def _mediate(walk: Walk, order: Json, lead: Person) -> str:
    """一站式化解: consent, mediator, sessions, then an agreement or none."""
    case = on_order(walk, order, lead, "refer")["case_id"]
    clerk, mediator, path = walk.any("centre_clerk"), walk.any("mediator"), f"/v1/cases/{case}"

    def step(who: Person, name: str, body: Json | None = None) -> Json:
        return walk.post(who, "mediation", f"{path}/{name}", f"mediation {name.partition('/')[0]}", body)

    walk.until(clerk, "mediation", path, "mediation case", lambda found: found["status"] == "registered")
    walk.waited("refer to case")
    sides = [{"side": side, "name": "李示例", "contact": "13800001099"} for side in ("applicant", "respondent")]
    parties = [party["party_id"] for party in step(clerk, "screen", {"parties": sides})["parties"]]
    for party in parties:
        step(clerk, "consents", {"party_id": party, "agreed": True})
    near = walk.city.directory.near
    committee = near("mediation_committee", order["street_code"])
    step(clerk, "assign-mediator", {"mediator_id": mediator.id, "committee": committee})
    walk.get(mediator, "mediation", "/v1/cases", "mediation list mine", queue="mediation")
    for number in (1, 2):
        step(mediator, "sessions", {"number": number, "notes": "双方到场，陈述意见。"})
    if walk.one_in(FAILED_ONE_IN):
        step(mediator, "failure")
        step(clerk, "guidance", {"guidance": "court"})
        _until_order(walk, order, lead, lambda found: found["case_id"] is None)
        walk.waited("guidance to order back")
        endings.submitted(walk, order, lead)
        step(clerk, "return-visit", {"outcome": "settled"})
        step(clerk, "archive")
        return "mediation failed"
    hands = [{"party_id": party, "way": "signature"} for party in parties]
    signed = {"signatures": hands, "mediator_signed": True, "committee_sealed": True}
    step(mediator, "agreement", {"form": "written", **TERMS, "instalments": [{}], **signed})
    if walk.one_in(CONFIRMED_ONE_IN):
        court = near("court", order["street_code"])
        step(clerk, "confirmation-request", {"parties": parties, "court": court, "matter_excluded": False})
        step(clerk, "ruling", {"confirmed": True})
    step(clerk, "instalments/1/performed")
    step(clerk, "return-visit", {"outcome": "settled"})
    step(clerk, "archive")
    return "mediation agreed"


FROM_THE_DESK: Mapping[str, Callable[[Walk, Person], str]] = {
    ANSWER: _answered,
    DECLINE: _declined,
    TRANSFER: _transferred,
    DISPATCH: _dispatched,
}
"""What an agent does with an appeal, by its disposition; each returns the road that the issue went."""
