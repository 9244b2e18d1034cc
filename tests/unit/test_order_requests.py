"""WorkOrder in domain.md: returns, rulings, extensions, suspension, exclusion. A test's name is its rule."""

from collections.abc import Callable

import pytest

from contracts import router as happened
from contracts import router_requests as asked
from contracts.codes import ClosingOutcome, ObligationRole, ReasonClass, Resolution, SupervisionLevel, Urgency
from services.router.obligations import Assignment, Terms
from services.router.order_commands import BlowWhistle, Contact, Dispatch, Refer, Review, Routing, Sign, Submit
from services.router.order_state import Status
from services.router.request_commands import (
    ExclusionReason,
    RenewSuspension,
    RequestCommand,
    RequestExclusion,
    RequestSuspension,
    Resume,
    Rule,
    SuspensionReason,
)
from services.router.turn_commands import Reassign
from tests.unit.order_asides import (
    FIFTH,
    FOURTH,
    RECHECK,
    THIRD,
    in_return_review,
    no,
    request,
    settle,
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
    A2,
    BOTH,
    CASE,
    ORDERS,
    SECTOR,
    STREET,
    WHISTLE,
    Life,
    at,
    completed,
    opened,
    opening,
    revisit,
    signed,
    work,
)


def to(unit: str, *others: str) -> Dispatch:
    units = (Assignment(unit, ObligationRole.LEAD), *(Assignment(other, ObligationRole.DUAL) for other in others))
    return Dispatch(Routing(units, Terms(4, 2), "dispatcher", "v1"), "D1")


def test_return_names_a_reason_and_the_unit_that_should_take_it() -> None:
    life = in_return_review()
    assert life.last == [
        asked.OrderReturnRequested(
            request_id=request(1),
            unit=STREET,
            reason="not_our_area",
            suggested_unit=THIRD,
            number=1,
            binding=False,
            review_due=at("02T11:00"),
            by="U1",
        )
    ]
    assert (life.status, life.order.due_at) == (Status.RETURN_REVIEW, at("02T11:00"))
    assert life.do(wants_return(number=2)).last == [], "the same request again"
    life.refuses(wants_return(to=FOURTH, number=2), "order.request_pending")
    opened().refuses(wants_return(to=STREET), "order.suggest_another", 422)


def test_return_within_the_sign_limit_and_before_signing_only() -> None:
    signed().refuses(wants_return(), "order.already_signed")
    late = opened()
    late.now = at("02T11:01")
    late.refuses(wants_return(), "order.return_too_late")


def test_return_clocks_run_on_during_the_review_but_nothing_is_signed_meanwhile() -> None:
    life = in_return_review()
    assert set(ORDERS.deadlines(life.order)) == {
        f"return_review:{STREET}",
        f"contact:{STREET}",
        f"yellow:{STREET}",
    }
    life.refuses(Sign(STREET, "U1"), "order.request_pending")


def test_return_approved_the_dispatcher_looks_again_and_the_promised_date_stays() -> None:
    life = in_return_review()
    promised = life.order.promised_at
    life.do(yes("dispatcher"), now=at("02T10:00"))
    assert life.last == [
        asked.OrderReturnApproved(request_id=request(1), unit=STREET, dispatch_due=at("02T12:00"), by="V1")
    ]
    assert (life.status, life.order.queue_reason) == (Status.PENDING_DISPATCH, "returned")
    assert life.do(yes("dispatcher")).last == []
    life.refuses(no("dispatcher"), "order.already_decided")
    life.do(to(THIRD), now=at("03T09:00"))
    assert (life.status, life.order.promised_at) == (Status.PENDING_SIGN, promised)
    assert life.duty(THIRD).due == at("05T09:00"), "the new unit has its own limit"


def test_return_rejected_that_unit_may_not_ask_again() -> None:
    life = in_return_review().do(no("dispatcher"))
    assert life.status == Status.PENDING_SIGN
    life.refuses(wants_return(number=2), "order.return_barred")
    assert life.due(f"sign:{STREET}").status == Status.IN_PROGRESS


def test_the_third_return_of_an_order_goes_straight_to_a_binding_ruling() -> None:
    life = in_return_review().do(yes("dispatcher"), to(THIRD))
    life.do(wants_return(THIRD, 2, FOURTH), yes("dispatcher", 2), to(FOURTH))
    life.do(wants_return(FOURTH, 3, STREET))
    requested = life.last[0]
    assert isinstance(requested, asked.OrderReturnRequested)
    assert (requested.number, requested.binding, requested.review_due) == (3, True, at("03T09:00"))
    life.refuses(yes("dispatcher", 3), "order.needs_ruling")
    life.do(Rule(request(3), STREET, "V1"))
    assert (life.status, life.order.units) == (Status.PENDING_SIGN, [STREET])
    life.refuses(wants_return(number=4), "order.return_barred")
    assert life.do(Rule(request(3), STREET, "V1")).last == []
    life.refuses(Rule(request(3), FIFTH, "V1"), "order.already_decided")


def test_a_review_that_is_undecided_at_its_deadline_goes_to_the_supervisor() -> None:
    life = in_return_review().due(f"return_review:{STREET}")
    assert life.last == [happened.OrderStepOverdue(step="return_review", due_at=at("02T11:00"), request_id=request(1))]
    life.refuses(yes("dispatcher"), "order.supervisor_decides", 403)
    assert life.do(yes("supervisor")).status == Status.PENDING_DISPATCH


@pytest.mark.parametrize(
    ("life", "ask", "wrong", "right"),
    [
        (opened, wants_return, "reviewer", "dispatcher"),
        (signed, wants_extension, "dispatcher", "reviewer"),
        (signed, wants_suspension, "dispatcher", "reviewer"),
        (signed, wants_exclusion, "dispatcher", "reviewer"),
    ],
    ids=["return", "extension", "suspension", "exclusion"],
)
def test_role_who_decides_what(
    life: Callable[[], Life], ask: Callable[[], RequestCommand], wrong: str, right: str
) -> None:
    asking = life().do(ask())
    asking.refuses(yes(wrong), "order.not_your_decision", 403)
    asking.refuses(settle(right, unit=STREET), "order.reviewer_is_handler", 403)
    assert asking.do(yes(right)).last


def test_a_return_of_one_obligation_leaves_the_other_at_work_and_voids_its_extension() -> None:
    life = opened(BOTH).do(Sign(SECTOR, "U2"), wants_extension(SECTOR, 2), wants_return(number=1))
    assert life.status == Status.RETURN_REVIEW
    life.do(yes("dispatcher", 1))
    assert (life.order.units, life.order.requests) == ([SECTOR], ())
    life.do(Contact(SECTOR, False, "U2"), Submit(SECTOR, "result/2", "U2"))
    assert life.status == Status.PENDING_DISPATCH, "close review waits for who comes"
    life.refuses(to(THIRD), "order.keeps_its_units", 422)
    due = life.duty(SECTOR).due
    life.do(to(THIRD, SECTOR))
    assert (life.status, life.duty(SECTOR).due, life.duty(SECTOR).result_id) == (Status.PENDING_SIGN, due, "result/2")
    work(life.do(Sign(THIRD, "U3")), THIRD)
    assert life.status == Status.CLOSE_REVIEW


def test_what_was_returned_goes_to_somebody_new() -> None:
    life = opened(BOTH).do(Sign(SECTOR, "U2"), wants_return(), yes("dispatcher"))
    life.refuses(to(SECTOR), "order.nobody_new", 422)


def test_emergencies_are_never_held_by_a_review() -> None:
    life = Life().do(opening(urgency=Urgency.EMERGENCY))
    life.refuses(wants_return(), "order.emergency_not_held")
    life.do(Sign(STREET, "U1"))
    life.refuses(wants_extension(), "order.emergency_not_held")
    life.refuses(wants_suspension(), "order.emergency_not_held")
    assert life.do(wants_ruling()).status == Status.IN_PROGRESS


def test_ruling_after_signing_the_first_receiver_leads_until_then() -> None:
    life = signed().do(wants_ruling())
    assert (life.status, life.order.requests[0].review_due) == (Status.IN_PROGRESS, at("03T09:00"))
    life.do(Contact(STREET, False, "U1"))
    life.refuses(yes("supervisor"), "order.needs_ruling")
    life.do(Rule(request(1), THIRD, "V1"), now=at("02T15:00"))
    assert life.happened == ["OrderRuled"]
    assert (life.status, life.order.units, life.duty(THIRD).due) == (Status.PENDING_SIGN, [THIRD], at("04T15:00"))
    life.do(Sign(THIRD, "U3"))
    life.refuses(wants_ruling(THIRD, 2, STREET), "order.ruled")


def test_ruling_the_same_unit_keeps_it_clocks_and_all() -> None:
    life = signed()
    before = life.duty()
    life.do(wants_ruling(), Rule(request(1), STREET, "V1"))
    assert life.duty() == before
    life.refuses(wants_ruling(number=2), "order.ruled")


def test_ruling_undecided_is_said() -> None:
    assert signed().do(wants_ruling()).due(f"ruling:{STREET}").happened == ["OrderStepOverdue"]


def test_ruling_not_for_what_is_to_be_approved() -> None:
    signed().do(wants_extension()).refuses(Rule(request(1), THIRD, "V1"), "order.no_ruling_asked")


def test_extension_before_expiry_at_most_two_each_no_longer_than_the_first_limit() -> None:
    life = signed()
    life.refuses(wants_extension(days=3), "order.extension_too_long", 422)
    life.do(wants_extension())
    assert life.status == Status.EXTENSION_REVIEW
    assert f"yellow:{STREET}" in ORDERS.deadlines(life.order), "the clock runs on"
    life.do(yes("reviewer"), now=at("02T17:00"))
    granted = life.last[0]
    assert isinstance(granted, asked.OrderExtensionApproved)
    assert (granted.due, granted.appeals, life.duty().due) == (at("06T09:00"), [A1], at("06T09:00"))
    assert (life.status, life.order.promised_at) == (Status.IN_PROGRESS, at("04T09:00"))
    life.do(wants_extension(number=2), yes("reviewer", 2))
    life.refuses(wants_extension(number=3), "order.extensions_used_up")
    late = signed()
    late.now = at("04T09:01")
    late.refuses(wants_extension(), "order.extension_too_late")


def test_extension_rejected_leaves_the_limit() -> None:
    life = signed().do(wants_extension(), no("reviewer"))
    assert (life.status, life.duty().due) == (Status.IN_PROGRESS, at("04T09:00"))


def test_extension_decided_after_expiry_takes_the_red_card_back() -> None:
    life = signed().do(wants_extension()).due(f"yellow:{STREET}").due(f"red:{STREET}").do(yes("supervisor"))
    assert (life.order.supervision, life.duty().due) == (None, at("06T09:00"))


def test_a_result_ends_what_its_unit_had_asked_for() -> None:
    life = work(signed().do(wants_extension()))
    assert (life.status, life.order.requests) == (Status.CLOSE_REVIEW, ())
    life.refuses(yes("reviewer"), "order.no_such_request", 404)


def test_suspension_the_clock_stands_still_until_the_recheck() -> None:
    life = signed().do(wants_suspension())
    assert life.status == Status.SUSPENSION_REVIEW
    life.do(yes("reviewer"), now=at("03T09:00"))
    assert life.last == [
        asked.OrderSuspended(
            request_id=request(1),
            unit=STREET,
            reason="season",
            suspended_at=at("03T09:00"),
            recheck_due=RECHECK,
            appeals=[A1],
            by="V1",
        )
    ]
    assert (life.status, life.order.due_at) == (Status.SUSPENDED, RECHECK)
    assert ORDERS.deadlines(life.order) == {f"recheck:{STREET}": RECHECK}
    for command in (Contact(STREET, False, "U1"), Submit(STREET, "result/1", "U1"), Refer(CASE, STREET, "U1")):
        life.refuses(command, "order.suspended")
    life.due(f"recheck:{STREET}")
    assert life.happened == ["OrderResumed"]
    assert (life.status, life.duty().due) == (Status.IN_PROGRESS, at("23T09:00")), "a working day was left"


def test_suspension_is_renewed_at_most_twice_by_the_supervisor_else_it_goes_on() -> None:
    life = suspended().do(RenewSuspension(STREET, at("24T09:00"), "V1"))
    assert life.do(RenewSuspension(STREET, at("24T09:00"), "V1")).last == []
    life.do(RenewSuspension(STREET, at("26T09:00"), "V1"))
    life.refuses(RenewSuspension(STREET, at("28T09:00"), "V1"), "order.renewals_used_up")
    assert life.do(Resume(STREET, "U1")).status == Status.IN_PROGRESS
    assert life.do(Resume(STREET, "U1")).last == []
    life.refuses(RenewSuspension(STREET, at("30T09:00"), "V1"), "order.not_suspended")


@pytest.mark.parametrize("day", ["2026-03-01T09:00:00+08:00", "2026-12-01T09:00:00+08:00"])
def test_suspension_is_looked_at_again_on_a_day_ahead_and_not_too_far(day: str) -> None:
    command = RequestSuspension(request(1), STREET, SuspensionReason.FUNDING, at("02T09:00").fromisoformat(day), "U1")
    signed().refuses(command, "order.recheck_date", 422)


def test_suspension_of_one_obligation_leaves_the_other_at_work() -> None:
    life = signed(BOTH).do(wants_suspension(), yes("reviewer"))
    assert life.status == Status.IN_PROGRESS
    work(life, SECTOR)
    assert life.status == Status.SUSPENDED
    life.refuses(Refer(CASE, SECTOR, "U2"), "order.already_submitted")


def test_nothing_else_may_be_under_way_when_an_order_is_referred() -> None:
    signed().do(wants_extension()).refuses(Refer(CASE, STREET, "U1"), "order.request_pending")
    signed(BOTH).do(wants_suspension(), yes("reviewer")).refuses(Refer(CASE, SECTOR, "U2"), "order.suspended")
    moving = signed().do(Reassign(STREET, THIRD, "D1"))
    moving.refuses(Refer(CASE, STREET, "U1"), "order.reassignment_pending")
    moving.refuses(wants_extension(), "order.reassignment_pending")


def test_one_request_per_obligation_waits_at_a_time_and_an_exclusion_beside_it() -> None:
    life = signed().do(wants_extension())
    life.refuses(wants_suspension(number=2), "order.request_pending")
    life.do(wants_exclusion(number=2))
    assert [one.kind for one in life.order.requests] == ["extension", "exclusion"]
    assert life.do(wants_exclusion(number=3)).last == []
    life.refuses(wants_exclusion(number=3, code=None), "order.request_pending")


def test_exclusion_by_an_item_of_the_list_is_explained_and_closed() -> None:
    life = signed().do(wants_exclusion())
    assert life.status == Status.IN_PROGRESS, "beside whatever state it is in"
    life.do(yes("reviewer"))
    assert life.happened == ["OrderExcluded", "OrderClosed"]
    assert (life.status, life.order.outcome) == (Status.CLOSED, ClosingOutcome.EXPLAINED)
    assert (life.order.side.excluded, life.order.due_at, ORDERS.deadlines(life.order)) == ((STREET,), None, {})
    life.refuses(Contact(STREET, False, "U1"), "order.wrong_status")


def test_exclusion_without_an_item_is_only_out_of_the_score() -> None:
    life = signed().do(wants_exclusion(code=None), yes("reviewer"))
    assert (life.happened, life.status) == (["OrderExcluded"], Status.IN_PROGRESS)
    assert life.do(wants_exclusion(number=2, code=None)).last == []


def test_exclusion_never_ends_an_emergency_a_mediation_or_an_open_whistle() -> None:
    emergency = Life().do(opening(urgency=Urgency.EMERGENCY), Sign(STREET, "U1"), wants_exclusion(), yes("reviewer"))
    assert emergency.status == Status.IN_PROGRESS
    signed().do(wants_exclusion(), Refer(CASE, STREET, "U1")).refuses(yes("reviewer"), "order.wrong_status")
    signed().do(wants_exclusion(), BlowWhistle(WHISTLE, STREET)).refuses(yes("reviewer"), "order.whistle_open")


def test_exclusion_from_signing_to_five_working_days_after_closing() -> None:
    opened().refuses(wants_exclusion(), "order.not_signed")
    closed = revisit(completed(), A1, Resolution.YES)
    assert closed.order.exclusion_until == at("09T09:00")
    closed.now = at("09T09:01")
    closed.refuses(wants_exclusion(code=None), "order.exclusion_too_late")
    closed.do(wants_exclusion(code=None), now=at("09T09:00"))
    closed.do(yes("reviewer"), now=at("10T09:00"))
    assert (closed.happened, closed.status) == (["OrderExcluded"], Status.CLOSED)


def test_exclusion_after_closing_undecided_in_time_is_the_supervisors() -> None:
    closed = revisit(completed(), A1, Resolution.YES).do(wants_exclusion(code=None))
    closed.now = at("09T09:01")
    closed.refuses(yes("reviewer"), "order.supervisor_decides", 403)
    assert closed.do(no("supervisor")).happened == ["OrderExclusionRejected"]


@pytest.mark.parametrize(
    ("reason", "code"), [(ExclusionReason.EXCLUSION_ITEM, None), (ExclusionReason.MALICIOUS, "X0101")]
)
def test_exclusion_by_the_list_names_its_item(reason: ExclusionReason, code: str | None) -> None:
    command = RequestExclusion(request(1), STREET, reason, code, "U1")
    signed().refuses(command, "order.exclusion_item_required", 422)


def test_a_wish_beyond_law_or_policy_is_closed_and_its_exclusion_reviewed() -> None:
    life = revisit(completed(), A1, Resolution.NO, ReasonClass.BEYOND_POLICY)
    assert life.happened == ["OrderRevisitNoted", "OrderExclusionRequested", "OrderClosed"]
    (waiting,) = life.order.requests
    assert (waiting.kind, waiting.reason, waiting.unit) == ("exclusion", "beyond_policy", STREET)


def test_a_request_that_nobody_made() -> None:
    signed().refuses(yes("reviewer"), "order.no_such_request", 404)


def test_unit_scope_of_requests() -> None:
    for command in (wants_ruling(SECTOR), wants_extension(SECTOR), wants_exclusion(SECTOR), Resume(SECTOR, "U2")):
        signed().refuses(command, "order.not_your_unit", 403)
    signed().refuses(Resume(SECTOR, "V1", by_supervisor=True), "order.not_suspended")


def test_a_problem_orders_warning_rings_after_48_hours() -> None:
    life = completed(appeals=(A1, A2))
    for count in (1, 2, 3):
        revisit(life, A1, Resolution.NO)
        if count == 1:
            revisit(life, A2, Resolution.YES)
        if count < 3:
            work(life, result=f"result/{count + 1}").do(Review(None, None, "R1"))
    escalated = life.last[-1]
    assert isinstance(escalated, happened.OrderSupervised)
    assert (escalated.level, escalated.warning_due) == (SupervisionLevel.ESCALATED, at("04T09:00"))
    assert life.due("problem").last == [happened.OrderStepOverdue(step="problem", due_at=at("04T09:00"))]
    assert "problem" not in ORDERS.deadlines(life.order)
