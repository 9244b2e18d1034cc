"""WorkOrder in domain.md: review, call-backs, rework, and late news. The name of a test is its rule."""

import pytest

from contracts import router as happened
from contracts import router_turns
from contracts.codes import (
    ClosingOutcome,
    ReasonClass,
    Resolution,
    SupervisionLevel,
    Urgency,
)
from services.router.order_commands import (
    AddAppeal,
    BlowWhistle,
    Command,
    Contact,
    DeadlineReached,
    RecordRevisit,
    Remind,
    Review,
    ReviewReason,
    SettleByMediation,
    SettleWhistle,
    Sign,
    StopClock,
    Submit,
)
from services.router.order_state import Status
from services.router.request_commands import Settle
from services.router.turn_commands import Cancel, CancelReason, Reassign, WithdrawAppeal
from tests.unit.order_life import (
    A1,
    A2,
    A3,
    BOTH,
    CASE,
    ISSUE,
    MONDAY,
    ORDERS,
    STREET,
    WHISTLE,
    Life,
    at,
    completed,
    opening,
    revisit,
    signed,
    work,
)


def test_review_passed_asks_for_a_call_to_everybody() -> None:
    life = completed(appeals=(A1, A2))
    assert life.last == [
        happened.OrderCompleted(
            issue_id=ISSUE,
            round=1,
            appeals=[A1, A2],
            units=[STREET],
            revisit_due=at("09T09:00"),
            by="R1",
            item_code="0301",
        )
    ]
    assert life.status == Status.PENDING_REVISIT
    assert life.do(Review(None, None, "R2")).last == []
    life.refuses(Review(ReviewReason.OTHER, None, "R2"), "order.wrong_status")
    assert life.due("revisit").happened == ["OrderStepOverdue"]


def test_review_failed_gives_back_the_time_of_the_review() -> None:
    life = work(signed()).do(Review(ReviewReason.COPIED_RESULT, None, "R1"), now=at("03T09:00"))
    assert life.happened == ["OrderReturnedForRework"]
    assert (life.status, life.duty().due) == (Status.IN_PROGRESS, at("05T09:00"))
    assert life.duty().contacted
    assert life.do(Review(ReviewReason.COPIED_RESULT, None, "R1")).last == []
    assert life.do(Submit(STREET, "result/2", "U1")).status == Status.CLOSE_REVIEW


def test_review_failed_for_want_of_contact_asks_for_it_again() -> None:
    life = work(signed()).do(Review(ReviewReason.NOT_CONTACTED, None, "R1"))
    life.refuses(Submit(STREET, "result/2", "U1"), "order.not_contacted")


def test_review_nobody_reviews_their_own_units_work() -> None:
    work(signed()).refuses(Review(None, STREET, "R1"), "order.reviewer_is_handler", 403)


def test_review_before_every_result_is_in() -> None:
    work(signed(BOTH)).refuses(Review(None, None, "R1"), "order.wrong_status")


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        pytest.param([Resolution.YES, Resolution.YES], ClosingOutcome.RESOLVED, id="solved"),
        pytest.param([None, Resolution.YES], ClosingOutcome.RESOLVED, id="one not reached"),
        pytest.param([None, None], ClosingOutcome.UNREACHED, id="nobody reached"),
    ],
)
def test_revisit_the_last_answer_closes(answers: list[Resolution | None], outcome: ClosingOutcome) -> None:
    life = revisit(completed(appeals=(A1, A2)), A1, answers[0])
    assert (life.happened, life.status) == (["OrderRevisitNoted"], Status.PENDING_REVISIT)
    revisit(life, A2, answers[1])
    assert life.last[-1] == happened.OrderClosed(
        issue_id=ISSUE, outcome=outcome, reworks=0, exclusion_until=at("09T09:00")
    )
    assert life.status == Status.CLOSED
    assert ORDERS.deadlines(life.order) == {}


def test_revisit_beyond_policy_is_explained_not_reworked() -> None:
    life = revisit(completed(), A1, Resolution.NO, ReasonClass.BEYOND_POLICY)
    assert life.order.outcome is ClosingOutcome.EXPLAINED


@pytest.mark.parametrize("answer", [Resolution.NO, Resolution.PARTLY])
def test_revisit_unsolved_is_reworked_for_those_callers_only(answer: Resolution) -> None:
    life = revisit(completed(appeals=(A1, A2)), A1, answer)
    life.now = at("09T09:00")
    revisit(life, A2, Resolution.YES)
    assert life.happened == ["OrderRevisitNoted", "OrderReworked"]
    assert (life.status, life.order.reworks, life.duty().due) == (Status.IN_PROGRESS, 1, at("11T09:00"))
    life.refuses(Submit(STREET, "result/2", "U1"), "order.not_contacted")
    work(life, result="result/2").do(Review(None, None, "R1"))
    assert (life.order.round, life.called) == (2, [A1])
    revisit(life, A1, Resolution.YES)
    assert (life.status, life.order.outcome) == (Status.CLOSED, ClosingOutcome.RESOLVED)


def test_three_reworks_make_a_problem_order() -> None:
    life = completed()
    for count in (1, 2, 3):
        revisit(life, A1, Resolution.NO)
        expected = ["OrderRevisitNoted", "OrderReworked"] + (["OrderSupervised"] if count == 3 else [])
        assert life.happened == expected
        work(life, result=f"result/{count + 1}").do(Review(None, None, "R1"))
    assert (life.order.problem, life.order.supervision) == (True, SupervisionLevel.ESCALATED)


@pytest.mark.parametrize(
    "command",
    [
        RecordRevisit(A1, 2, Resolution.NO),
        RecordRevisit(A3, 1, Resolution.NO),
        StopClock(CASE, MONDAY),
        SettleByMediation(CASE),
        SettleWhistle(WHISTLE),
        AddAppeal(A1),
        DeadlineReached("dispatch"),
        DeadlineReached(f"red:{STREET}"),
        opening(),
    ],
    ids=repr,
)
def test_what_has_no_bearing_changes_nothing(command: Command) -> None:
    assert completed().do(command).last == []


@pytest.mark.parametrize(
    "command", [RecordRevisit(A1, 1, None), AddAppeal(A1), Remind(A1, A2), SettleWhistle(WHISTLE)], ids=repr
)
def test_events_that_come_before_the_order_change_nothing(command: Command) -> None:
    assert Life().do(command).last == []


def test_a_caller_who_joins_is_called_too() -> None:
    life = work(signed().do(AddAppeal(A2))).do(Review(None, None, "R1"))
    assert life.called == [A1, A2]
    assert life.do(AddAppeal(A3)).happened == ["OrderAppealAdded"]
    revisit(life, A1, Resolution.YES)
    revisit(life, A2, Resolution.YES)
    assert life.happened == ["OrderRevisitNoted", "OrderCompleted"]
    assert (life.order.round, life.called) == (2, [A3])
    assert revisit(life, A3, Resolution.YES).status == Status.CLOSED
    assert life.do(Remind(A1, WHISTLE)).last == []


def test_a_caller_who_joins_a_closed_order_is_called_back_beside_it() -> None:
    """Intake took the caller in before it heard of the end; the order stays closed, its outcome as it was."""
    life = revisit(completed(), A1, Resolution.YES)
    outcome = life.order.outcome
    [late] = life.do(AddAppeal(A2)).last
    assert isinstance(late, router_turns.OrderLateCallerJoined)
    assert (late.appeal_id, late.round, late.item_code) == (A2, 2, life.order.item_code)
    assert (life.order.status, life.order.outcome, life.order.appeals) == (Status.CLOSED, outcome, (A1, A2))
    assert life.do(AddAppeal(A2)).last == []


def with_late_caller(answer: Resolution = Resolution.YES, reason: ReasonClass = ReasonClass.UNIT_WORK) -> Life:
    """A1 answered, which closed it; A2 and A3 joined after that."""
    return revisit(completed(), A1, answer, reason).do(AddAppeal(A2), AddAppeal(A3))


@pytest.mark.parametrize("answer", [Resolution.YES, Resolution.NO, None])
def test_what_a_late_caller_says_is_noted_once_and_the_order_stays_as_it_was(answer: Resolution | None) -> None:
    life = with_late_caller()
    before = (life.status, life.order.outcome, life.order.reworks, life.order.due_at)
    assert life.do(RecordRevisit(A2, 1, answer)).last == [], "there was no such call in that round"
    [noted] = life.do(RecordRevisit(A2, 2, answer, ReasonClass.UNIT_WORK, CASE, True, True)).last
    assert isinstance(noted, happened.OrderRevisitNoted)
    assert (noted.appeal_id, noted.round, noted.resolution, noted.revisit_id) == (A2, 2, answer, CASE)
    assert life.do(RecordRevisit(A2, 2, answer, ReasonClass.UNIT_WORK, CASE, True, True)).last == []
    assert (life.status, life.order.outcome, life.order.reworks, life.order.due_at) == before
    assert ORDERS.deadlines(life.order) == {}
    assert life.do(RecordRevisit(A3, 2, answer)).happened == ["OrderRevisitNoted"], "each for themselves"


def test_a_late_callers_wish_beyond_law_or_policy_goes_to_exclusion_review() -> None:
    beyond = ReasonClass.BEYOND_POLICY
    life = with_late_caller(Resolution.NO, beyond)
    [first] = life.order.requests
    late = RecordRevisit(A2, 2, Resolution.NO, beyond)
    assert life.do(late).happened == ["OrderRevisitNoted"], "one review of the unit at a time"
    life.do(Settle(first.id, False, frozenset({"reviewer"}), None, "R1"))
    assert life.do(RecordRevisit(A3, 2, Resolution.PARTLY, beyond)).happened == [
        "OrderRevisitNoted",
        "OrderExclusionRequested",
    ]
    [second] = life.order.requests
    assert second.id != first.id
    assert life.do(Settle(second.id, True, frozenset({"reviewer"}), None, "R1")).order.side.excluded == (STREET,)


@pytest.mark.parametrize(
    ("command", "left"),
    [
        (WithdrawAppeal(A2), [A2]),
        (WithdrawAppeal(A1), []),
        (Cancel(CancelReason.WITHDRAWN, A2), [A2, A3]),
        (Cancel(CancelReason.MERGED, merged_into=WHISTLE), [A2, A3]),
    ],
    ids=["one late caller leaves", "one who answered leaves", "the last caller leaves", "all go to another issue"],
)
def test_a_late_caller_who_leaves_is_not_called(command: Command, left: list[str]) -> None:
    life = with_late_caller().do(command)
    assert life.last == [router_turns.OrderAppealWithdrawn(appeal_id=gone, round=2, late=True) for gone in left]
    assert life.status == Status.CLOSED
    assert life.order.appeals == tuple(appeal for appeal in (A1, A2, A3) if appeal not in left)
    assert life.do(command).last == []
    for gone in left:
        assert life.do(RecordRevisit(gone, 2, Resolution.NO)).last == [], "whoever left is not counted"


def test_an_order_kept_for_public_safety_is_handled_to_its_end_and_nobody_is_called() -> None:
    life = signed().do(WithdrawAppeal(A1))
    assert (life.happened, life.status, life.order.appeals) == (["OrderAppealWithdrawn"], Status.IN_PROGRESS, ())
    work(life).do(Review(None, None, "R1"))
    assert (life.happened, life.status) == (["OrderClosed"], Status.CLOSED)
    assert life.order.outcome is ClosingOutcome.UNREACHED
    assert life.do(Review(None, None, "R1")).last == []


def test_a_caller_who_withdraws_is_not_called_and_the_others_decide() -> None:
    life = revisit(completed(appeals=(A1, A2)), A1, Resolution.YES).do(WithdrawAppeal(A2))
    assert life.happened == ["OrderAppealWithdrawn", "OrderClosed"]
    assert life.order.outcome is ClosingOutcome.RESOLVED
    again = revisit(completed(appeals=(A1, A2)), A1, Resolution.NO).do(WithdrawAppeal(A2))
    assert again.happened == ["OrderAppealWithdrawn", "OrderReworked"]


def test_an_emergency_goes_on_when_its_caller_withdraws() -> None:
    life = Life().do(opening(urgency=Urgency.EMERGENCY), Cancel(CancelReason.WITHDRAWN, A1))
    assert (life.happened, life.status) == (["OrderAppealWithdrawn"], Status.PENDING_SIGN)
    assert life.do(Cancel(CancelReason.WITHDRAWN, A1)).last == []
    assert life.do(Cancel(CancelReason.MERGED, merged_into=A2)).status == Status.CANCELLED


def test_a_cancelled_order_names_what_ends_with_it() -> None:
    life = signed().do(BlowWhistle(WHISTLE, STREET), Cancel(CancelReason.MERGED, merged_into=A2))
    (cancelled,) = life.last
    assert isinstance(cancelled, router_turns.OrderCancelled)
    assert (cancelled.whistles, cancelled.case_id, cancelled.merged_into) == ([WHISTLE], None, A2)
    assert (life.order.due_at, ORDERS.deadlines(life.order)) == (None, {})
    called = completed().do(Cancel(CancelReason.TRANSFERRED)).last[0]
    assert isinstance(called, router_turns.OrderCancelled)
    assert (called.round, called.called) == (1, [A1])


def test_three_reassignments_make_a_problem_order() -> None:
    life, before = signed(), STREET
    for count, unit in enumerate(("S150102002", "S150102003", "S150102004"), 1):
        life.do(Reassign(before, unit, "D1"))
        assert life.happened == ["OrderReassigned"] + ["OrderSupervised"] * (count == 3)
        life.do(Sign(unit, "U1"))
        assert life.order.units == [unit]
        before = unit
    assert (life.order.problem, life.order.side.moves) == (True, 3)


def test_a_reassigned_unit_that_does_not_sign_is_signed_for() -> None:
    life = signed().do(Contact(STREET, False, "U1"), Reassign(STREET, "S150102002", "D1"))
    assert life.order.units == [STREET], "a lead stays until another signed"
    before = life.duty()
    life.due("sign:S150102002")
    after = life.duty("S150102002")
    assert (after.due, after.signed, after.contacted) == (before.due, True, False)


def test_reminders_are_told_apart() -> None:
    life = signed().do(Remind(A1, A2))
    assert life.last == [happened.OrderReminded(appeal_id=A1, reminder_id=A2)]
    assert life.do(Remind(A1, A2)).last == []
    assert life.do(Remind(A1, A3)).order.reminders == 2
