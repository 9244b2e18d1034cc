"""WorkOrder in domain.md: who decides, and until when; what goes before every queue. A test's name is its rule."""

import pytest

from contracts.codes import ObligationRole, Resolution, Urgency
from services.router.obligations import Assignment, Terms
from services.router.order_commands import Dispatch, Routing, Sign
from services.router.order_state import Status
from services.router.request_commands import RenewSuspension, RequestCommand, Rule
from services.router.turn_commands import HandOver, RaiseUrgency, Recall, RecallReason
from tests.unit.order_asides import (
    FIFTH,
    THIRD,
    no,
    request,
    suspended,
    wants_exclusion,
    wants_extension,
    wants_return,
    wants_ruling,
    wants_suspension,
    yes,
)
from tests.unit.order_life import A1, ORDERS, STREET, Life, at, completed, opening, revisit, signed

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


@pytest.mark.parametrize("urgency", [Urgency.URGENT, Urgency.EMERGENCY])
def test_what_is_urgent_waits_minutes_for_a_dispatcher_at_night_too(urgency: Urgency) -> None:
    life = Life(NIGHT).do(opening(None, urgency))
    assert life.order.due_at == at("02T22:30")
    life.do(to(STREET), Sign(STREET, "U1"), HandOver(STREET, None, "D1"))
    assert (life.status, life.order.due_at) == (Status.PENDING_DISPATCH, at("02T22:30")), "its unit was abolished"


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
    assert f"red:{STREET}" in ORDERS.deadlines(life.order)


def test_a_danger_that_is_seen_later_leaves_minutes_to_dispatch_and_to_sign() -> None:
    waiting = Life(NIGHT).do(opening(None), DANGER)
    assert waiting.order.due_at == at("02T22:30")
    returning = Life(NIGHT).do(opening(), wants_return(), DANGER)
    assert returning.happened == ["OrderReturnRejected", "OrderUrgencyRaised"]
    assert (returning.status, returning.order.due_at) == (Status.PENDING_SIGN, at("02T22:30"))


def test_a_danger_that_is_seen_later_takes_no_more_time_than_there_was() -> None:
    life = Life().do(opening(None)).do(DANGER, now=at("02T10:50"))
    assert life.order.due_at == at("02T11:00")


DANGER = RaiseUrgency("A1")


def to(unit: str) -> Dispatch:
    return Dispatch(Routing((Assignment(unit, ObligationRole.LEAD),), Terms(4, 2), "dispatcher", "v1"), "D1")
