"""WorkOrder in domain.md: who decides, and until when; what goes before every queue. A test's name is its rule."""

from datetime import timedelta

import pytest

from contracts.codes import ObligationRole, Resolution, SupervisionLevel, Urgency
from contracts.router_turns import OrderUrgencyRaised
from services.router.obligations import Assignment, Terms
from services.router.order_commands import (
    Contact,
    Dispatch,
    DispatchAtOnce,
    Refer,
    Routing,
    SettleByMediation,
    Sign,
    StopClock,
    Submit,
)
from services.router.order_model import PETITION_PROXY
from services.router.order_state import Status
from services.router.request_commands import RenewSuspension, RequestCommand, Rule
from services.router.turn_commands import HandOver, RaiseUrgency, Recall, RecallReason
from tests.unit.order_asides import (
    FIFTH,
    THIRD,
    no,
    request,
    supervise,
    suspended,
    wants_exclusion,
    wants_extension,
    wants_return,
    wants_ruling,
    wants_suspension,
    yes,
)
from tests.unit.order_life import (
    A1,
    CASE,
    ORDERS,
    STREET,
    STREET_LEADS,
    Life,
    at,
    completed,
    opened,
    opening,
    revisit,
    signed,
)

NIGHT = at("02T22:00")


def test_an_exclusion_review_undecided_after_closing_goes_to_the_supervisor() -> None:
    closed = revisit(completed(), A1, Resolution.YES).do(wants_exclusion(code=None))
    assert ORDERS.deadlines(closed.order) == {f"exclusion_review:{STREET}": at("09T09:00")}
    closed.due(f"exclusion_review:{STREET}")
    assert closed.happened == ["OrderStepOverdue"]
    assert (closed.status, closed.order.requests[0].overdue) == (Status.CLOSED, True)
    assert ORDERS.deadlines(closed.order) == {}, "said once"
    closed.refuses(yes("reviewer"), "order.supervisor_decides", 403)
    assert closed.do(no("supervisor")).happened == ["OrderExclusionRejected"]


@pytest.mark.parametrize(("urgency", "due"), [(Urgency.URGENT, "02T22:30"), (Urgency.EMERGENCY, "02T22:05")])
def test_what_is_urgent_waits_minutes_for_a_dispatcher_at_night_too(urgency: Urgency, due: str) -> None:
    life = Life(NIGHT).do(opening(None, urgency))
    assert life.order.due_at == at(due)
    life.do(to(STREET), Sign(STREET, "U1"), HandOver(STREET, None, "D1"))
    assert (life.status, life.order.due_at) == (Status.PENDING_DISPATCH, at(due)), "its unit was abolished"


def test_what_is_urgent_waits_minutes_once_more_after_a_return_or_a_recall() -> None:
    returned = Life().do(opening(urgency=Urgency.URGENT), wants_return(), yes("dispatcher"))
    assert returned.order.due_at == at("02T09:30")
    recalled = Life().do(opening(urgency=Urgency.URGENT), Recall(RecallReason.WRONG_UNIT, "D1"))
    assert recalled.order.due_at == at("02T09:30")
    ordinary = Life(NIGHT).do(opening(None))
    assert ordinary.order.due_at == at("03T10:30"), "in working hours"


def test_nobody_rules_about_their_own_units_order() -> None:
    life = signed().do(wants_ruling())
    life.refuses(Rule(request(1), FIFTH, "V1", STREET), "order.reviewer_is_handler", 403)
    assert life.do(Rule(request(1), FIFTH, "V1", THIRD)).order.units == [FIFTH]


def test_nobody_lets_their_own_units_order_wait_longer() -> None:
    life = suspended()
    later = at("25T09:00")
    life.refuses(RenewSuspension(STREET, later, "V1", STREET), "order.reviewer_is_handler", 403)
    assert life.do(RenewSuspension(STREET, later, "V1", THIRD)).happened == ["OrderSuspensionRenewed"]


@pytest.mark.parametrize(
    ("ask", "ended"),
    [
        (wants_extension(), "OrderExtensionRejected"),
        (wants_suspension(), "OrderSuspensionRejected"),
    ],
    ids=["extension", "suspension"],
)
def test_a_danger_that_is_seen_later_ends_what_holds_the_order(ask: RequestCommand, ended: str) -> None:
    life = signed().do(ask).do(DANGER)
    assert life.happened == [ended, "OrderUrgencyRaised"]
    assert (life.status, life.order.urgency, life.order.requests) == (Status.IN_PROGRESS, Urgency.EMERGENCY, ())
    assert life.do(DANGER).last == []
    life.refuses(wants_suspension(number=2), "order.emergency_not_held")


def test_a_danger_that_is_seen_later_ends_a_suspension_and_its_clock_goes_on() -> None:
    life = suspended()
    life.do(DANGER, now=at("16T09:00"))
    assert life.happened == ["OrderResumed", "OrderUrgencyRaised"]
    assert (life.status, life.duty().due) == (Status.IN_PROGRESS, at("18T09:00"))
    assert f"yellow:{STREET}" in ORDERS.deadlines(life.order)


def test_a_danger_that_is_seen_later_leaves_minutes_to_dispatch_and_to_sign() -> None:
    waiting = Life(NIGHT).do(opening(None), DANGER)
    assert waiting.order.due_at == at("02T22:05")
    returning = Life(NIGHT).do(opening(), wants_return(), DANGER)
    assert returning.happened == ["OrderReturnRejected", "OrderUrgencyRaised"]
    assert (returning.status, returning.order.due_at) == (Status.PENDING_SIGN, at("02T22:30"))


def test_a_danger_that_is_seen_later_takes_no_more_time_than_there_was() -> None:
    life = Life().do(opening(None)).do(DANGER, now=at("02T10:57"))
    assert life.order.due_at == at("02T11:00")


def test_an_emergency_waits_for_no_petition() -> None:
    life = signed().do(Refer(CASE, STREET, "U1", PETITION_PROXY), DANGER)
    assert (life.status, life.order.case_id, life.order.referred_to) == (Status.IN_PROGRESS, None, None)
    (raised,) = life.last
    assert isinstance(raised, OrderUrgencyRaised)
    assert (raised.case_id, raised.referred_to) == (CASE, PETITION_PROXY)


def test_an_emergency_leaves_mediation_with_the_working_time_that_was_left() -> None:
    life = signed().do(Refer(CASE, STREET, "U1")).do(StopClock(CASE, at("02T10:00")), now=at("02T10:00"))
    due = life.duty().due
    life.do(DANGER, now=at("03T10:00"))
    assert life.happened == ["OrderUrgencyRaised"]
    assert (life.status, life.order.case_id) == (Status.IN_PROGRESS, None)
    assert life.duty().due == due + timedelta(days=1)
    assert f"yellow:{STREET}" in ORDERS.deadlines(life.order), "its clock runs again"
    for late in (StopClock(CASE, at("03T11:00")), SettleByMediation(CASE), DANGER):
        assert life.do(late).last == [], "the case has no bearing any more"
    life.do(Contact(STREET, True, "U1"), Submit(STREET, "result/1", "U1"))
    assert life.status == Status.CLOSE_REVIEW


def test_an_emergency_that_nobody_has_goes_by_rule_whatever_brought_it_to_the_dispatcher() -> None:
    waiting = Life(NIGHT).do(opening(None), DANGER)
    assert waiting.do(DispatchAtOnce(None)).last == []
    assert waiting.do(DispatchAtOnce(STREET_LEADS)).status == Status.PENDING_SIGN
    assert waiting.order.rule == STREET_LEADS.rule
    assert waiting.do(DispatchAtOnce(STREET_LEADS)).last == []
    assert opened(None).do(DispatchAtOnce(STREET_LEADS)).last == [], "what is no emergency waits for its dispatcher"
    left = Life().do(opening(urgency=Urgency.EMERGENCY), Sign(STREET, "U1"), HandOver(STREET, None, "directory"))
    assert left.do(DispatchAtOnce(STREET_LEADS)).status == Status.PENDING_SIGN


def test_a_supervisor_sees_at_once_an_emergency_that_waits_for_a_dispatcher() -> None:
    life = Life(NIGHT).do(opening(None, Urgency.EMERGENCY))
    assert (life.happened, life.order.supervision) == (["OrderOpened", "OrderSupervised"], SupervisionLevel.RED)
    assert life.due("dispatch").happened == ["OrderStepOverdue"]


def test_yellow_after_red_lowers_nothing() -> None:
    life = signed().do(supervise(1, SupervisionLevel.RED), supervise(2, SupervisionLevel.YELLOW))
    assert life.order.supervision == SupervisionLevel.RED
    assert life.do(supervise(2, SupervisionLevel.YELLOW)).last == []


DANGER = RaiseUrgency("A1")


def to(unit: str) -> Dispatch:
    return Dispatch(Routing((Assignment(unit, ObligationRole.LEAD),), Terms(4, 2), "dispatcher", "v1"), "D1")
