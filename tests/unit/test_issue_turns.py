"""The turns of an issue: who leaves, who comes back, and what is an emergency."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from contracts.codes import Agency, IssueKind, Urgency
from contracts.intake import IssueAccepted, IssueClosed, IssueRegistered
from contracts.intake_turns import AppealWithdrawn, IssueReopened, IssueWithdrawn
from contracts.rejected import Rejected
from services.intake.issue import deadlines, decide
from services.intake.issue_commands import (
    Accept,
    Command,
    FollowUp,
    Object,
    RejectObjection,
    Reopen,
    Transfer,
    UpholdObjection,
    WithdrawAppeal,
)
from services.intake.issue_model import (
    Content,
    Desk,
    FollowUpKind,
    HearUnsolved,
    Issue,
    ReopenReason,
    Status,
)
from tests.unit.issue_life import (
    ACCEPT,
    ANSWER,
    APPEAL,
    APPEAL_2,
    ASK,
    CLOSE,
    CONFIRM,
    CONTENT,
    DANGER,
    FOLLOW_UP,
    HEAR_LATE_NO,
    HEAR_NO,
    JOIN,
    LEGAL,
    LIMITS,
    NO_DANGER,
    NOW,
    OBJECT,
    ORDER,
    PROPOSE,
    REFUSE_TRANSFER,
    REGISTER,
    REJECT,
    REOPEN,
    TO,
    TRANSFER,
    VENT,
    WITHDRAW,
    after,
    context,
    fold,
    uuid,
)

BOTH = (REGISTER, ACCEPT, JOIN)
EMERGENCY = Accept(IssueKind.HELP_REQUEST, "0102", "150105004", Urgency.EMERGENCY, "agent-1")
LATER = timedelta(days=31)


def refused(issue: Issue, command: Command, passed: timedelta = timedelta(0)) -> str:
    with pytest.raises(Rejected) as rejected:
        decide(issue, command, context(passed))
    return rejected.value.code


class TestWithdrawing:
    def test_one_of_two_callers_leaves_and_the_other_is_called_back(self) -> None:
        both = after(*BOTH)
        assert decide(both, WITHDRAW, context()) == [AppealWithdrawn(appeal_id=APPEAL, reason="caller", by="agent-1")]
        left = after(*BOTH, WITHDRAW)
        assert (left.status, [appeal.id for appeal in left.present]) == (Status.ACCEPTED, [APPEAL_2])
        assert decide(left, WITHDRAW, context()) == []
        [reopened] = decide(after(*BOTH, WITHDRAW, CLOSE), Reopen(APPEAL_2, REOPEN.reason, None, "a"), context())
        assert isinstance(reopened, IssueReopened)
        assert reopened.appeals == [APPEAL_2]

    def test_the_last_caller_takes_the_issue_along(self) -> None:
        gone = decide(after(*BOTH, WITHDRAW), WithdrawAppeal(APPEAL_2, False, "agent-1"), context())
        assert gone == [IssueWithdrawn(appeal_id=APPEAL_2, keep_for_safety=False, by="agent-1")]

    @pytest.mark.parametrize("accept", [ACCEPT, EMERGENCY], ids=["as the agent says", "an emergency by itself"])
    def test_public_safety_keeps_the_order(self, accept: Accept) -> None:
        said = WithdrawAppeal(APPEAL, accept is ACCEPT, "agent-1")
        [gone] = decide(after(REGISTER, accept), said, context())
        assert isinstance(gone, IssueWithdrawn)
        assert gone.keep_for_safety

    @pytest.mark.parametrize("before", [(REGISTER, DANGER), (REGISTER, PROPOSE)])
    def test_what_public_safety_keeps_must_first_be_with_somebody(self, before: Sequence[Command]) -> None:
        assert refused(after(*before), WithdrawAppeal(APPEAL, True, "agent-1")) == "issue.kept_for_safety"

    def test_whoever_left_neither_follows_up_nor_reopens(self) -> None:
        left = after(*BOTH, WITHDRAW)
        assert refused(left, FollowUp(FOLLOW_UP, APPEAL, FollowUpKind.REMINDER)) == "issue.appeal_withdrawn"
        assert refused(fold(left, decide(left, CLOSE, context())), REOPEN) == "issue.appeal_withdrawn"


class TestReopening:
    def test_a_closed_issue_asks_for_a_second_order_of_the_same_content(self) -> None:
        [reopened] = decide(after(REGISTER, ACCEPT, CLOSE), REOPEN, context())
        assert isinstance(reopened, IssueReopened)
        assert (reopened.order_number, reopened.last_order_id) == (2, ORDER)
        assert (reopened.item_code, reopened.street_code, reopened.urgency) == ("0101", "150105004", Urgency.URGENT)
        assert (reopened.opened_at, reopened.reason) == (NOW, "unsolved")

    @pytest.mark.parametrize("ended", [(REGISTER, ACCEPT, CLOSE), (REGISTER, ANSWER)], ids=["closed", "answered"])
    def test_within_thirty_days_and_not_a_second_later(self, ended: Sequence[Command]) -> None:
        issue = after(*ended)
        assert decide(issue, REOPEN, context(LIMITS["reopen"]))
        assert refused(issue, REOPEN, LIMITS["reopen"] + timedelta(seconds=1)) == "issue.reopen_too_late"

    def test_what_was_answered_gets_its_first_order_where_the_agent_says(self) -> None:
        content = Content(IssueKind.COMPLAINT, "0101", "150105004", Urgency.NORMAL)
        [reopened] = decide(after(REGISTER, ANSWER), replace(REOPEN, content=content), context())
        assert isinstance(reopened, IssueReopened)
        assert (reopened.order_number, reopened.last_order_id, reopened.item_code) == (1, None, "0101")

    def test_an_old_state_that_did_not_count_its_order_had_one(self) -> None:
        [reopened] = decide(replace(after(REGISTER, ACCEPT, CLOSE), orders=0), REOPEN, context())
        assert isinstance(reopened, IssueReopened)
        assert reopened.order_number == 2

    def test_the_clock_of_reopening_starts_anew_with_every_end(self) -> None:
        issue = after(REGISTER, ACCEPT, CLOSE, REOPEN)
        month = timedelta(days=29)
        issue = fold(issue, decide(issue, CLOSE, context(month)))
        assert decide(issue, REOPEN, context(month + LIMITS["reopen"]))

    def test_only_somebody_who_brought_it_up_reopens_it(self) -> None:
        stranger = Reopen(uuid(77), ReopenReason.UNSOLVED, None, "agent-1")
        assert refused(after(REGISTER, ACCEPT, CLOSE), stranger) == "issue.unknown_appeal"


class TestBeingAskedBesideAnOrder:
    """抽样的直接答复、归档后才并入的诉求: a no needs no second call."""

    def test_a_no_to_a_sampled_answer_gets_the_first_order(self) -> None:
        [reopened] = decide(after(REGISTER, ANSWER), HEAR_NO, context())
        assert isinstance(reopened, IssueReopened)
        assert (reopened.order_number, reopened.last_order_id, reopened.reason) == (1, None, "unsolved")
        assert (reopened.by, reopened.item_code, reopened.appeals) == ("machine:revisit", ANSWER.item_code, [APPEAL])

    def test_a_no_of_a_late_caller_gets_an_order_of_the_same_unit(self) -> None:
        [reopened] = decide(after(REGISTER, ACCEPT, CLOSE), HEAR_LATE_NO, context())
        assert isinstance(reopened, IssueReopened)
        assert (reopened.order_number, reopened.last_order_id) == (2, ORDER)

    @pytest.mark.parametrize("ended", [(REGISTER, ACCEPT, CLOSE), (REGISTER, ANSWER)], ids=["closed", "answered"])
    def test_we_asked_so_it_counts_however_late(self, ended: Sequence[Command]) -> None:
        no = HEAR_NO if ANSWER in ended else HEAR_LATE_NO
        assert decide(after(*ended), no, context(2 * LIMITS["reopen"]))

    def test_a_no_that_is_heard_before_the_end_is_acted_on_at_the_end(self) -> None:
        issue = after(REGISTER, ACCEPT, HEAR_LATE_NO)
        assert decide(issue, HEAR_LATE_NO, context()) == []
        close = replace(CLOSE, number=1)
        closed, reopened = decide(issue, close, context())
        assert isinstance(closed, IssueClosed)
        assert isinstance(reopened, IssueReopened)
        assert (reopened.order_number, reopened.last_order_id, reopened.appeal_id) == (2, ORDER, APPEAL)
        again = fold(issue, [closed, reopened])
        assert (again.status, again.orders) == (Status.ACCEPTED, 2)
        assert decide(again, close, context()) == []
        assert decide(again, replace(CLOSE, number=2), context()), "the second order ends like any other"

    def test_a_no_about_another_order_changes_no_end(self) -> None:
        issue = after(REGISTER, ACCEPT, HearUnsolved(APPEAL, uuid(77)))
        assert [type(event) for event in decide(issue, CLOSE, context())] == [IssueClosed]

    def test_whoever_left_opens_nothing(self) -> None:
        assert decide(after(*BOTH, WITHDRAW, CLOSE), HEAR_LATE_NO, context()) == []
        left = after(*BOTH, HEAR_LATE_NO, WITHDRAW)
        assert [type(event) for event in decide(left, CLOSE, context())] == [IssueClosed]


class TestObjecting:
    def test_a_citizen_objects_once(self) -> None:
        assert refused(after(*TO[Status.DECLINED], OBJECT, REJECT), OBJECT) == "issue.objection_final"

    def test_another_caller_does_not_object_again(self) -> None:
        again = Object(APPEAL_2, "agent-1")
        joined = after(REGISTER, JOIN, PROPOSE, CONFIRM, OBJECT, REJECT)
        assert refused(joined, again) == "issue.objection_final"

    @pytest.mark.parametrize("who", ["agent-1", "agent-2"], ids=["who proposed", "who confirmed"])
    @pytest.mark.parametrize("what", [RejectObjection("x"), UpholdObjection(CONTENT, "x")])
    def test_another_person_decides(self, what: RejectObjection | UpholdObjection, who: str) -> None:
        assert refused(after(*TO[Status.OBJECTION_REVIEW]), replace(what, by=who)) == "issue.same_person"

    def test_whose_objection_is_upheld_is_accepted_with_everybody(self) -> None:
        joined = after(REGISTER, JOIN, PROPOSE, CONFIRM, OBJECT)
        [_, accepted] = decide(joined, UpholdObjection(CONTENT, "supervisor-1"), context())
        assert isinstance(accepted, IssueAccepted)
        assert (accepted.appeals, accepted.item_code) == ([APPEAL, APPEAL_2], "0101")


class TestTransfers:
    @pytest.mark.parametrize(
        ("way", "agency"), [((REGISTER, TRANSFER), "119"), ((REGISTER, LEGAL), "justice")], ids=["119", "司法"]
    )
    def test_what_an_agency_refuses_is_ours_again_with_a_clock(self, way: Sequence[Command], agency: str) -> None:
        [back] = decide(after(*way), REFUSE_TRANSFER, context())
        assert (back.model_dump()["agency"], back.type.split(".")[-2]) == (agency, "transfer_refused")
        assert deadlines(after(*way, REFUSE_TRANSFER)) == {"triage": NOW + LIMITS["triage"]}

    def test_a_second_order_follows_if_the_first_was_cancelled_by_the_transfer(self) -> None:
        [accepted] = decide(after(REGISTER, ACCEPT, TRANSFER, REFUSE_TRANSFER), ACCEPT, context())
        assert isinstance(accepted, IssueAccepted)
        assert accepted.order_number == 2

    def test_the_end_of_a_cancelled_order_comes_too_late(self) -> None:
        assert decide(after(REGISTER, ACCEPT, TRANSFER, REFUSE_TRANSFER), CLOSE, context()) == []

    def test_what_concerns_an_order_says_which_one(self) -> None:
        again = after(REGISTER, ACCEPT, CLOSE, REOPEN)
        for command in (TRANSFER, JOIN, WITHDRAW, FollowUp(FOLLOW_UP, APPEAL, FollowUpKind.REMINDER)):
            [event] = decide(again, command, context())
            assert event.model_dump()["order_number"] == 2

    def test_the_agencys_number_is_kept(self) -> None:
        [transferred] = decide(after(REGISTER), Transfer(Agency.POLICE, "agent-1", "J2026-17"), context())
        assert transferred.model_dump()["reference"] == "J2026-17"


class TestEmergencies:
    @pytest.mark.parametrize(
        "command", [PROPOSE, ASK, ANSWER, VENT, LEGAL], ids=["decline", "specialist", "answer", "vent", "legal"]
    )
    def test_nothing_holds_one(self, command: Command) -> None:
        assert refused(after(REGISTER, DANGER), command) == "issue.emergency"
        assert decide(after(REGISTER, DANGER, NO_DANGER), command, context()), "a false alarm is a person's to lift"

    def test_it_is_urgent_whatever_the_agent_says(self) -> None:
        assert after(REGISTER, DANGER, ACCEPT).urgency is Urgency.EMERGENCY

    def test_it_has_minutes_not_hours(self) -> None:
        assert deadlines(after(REGISTER, DANGER)) == {"triage": NOW + LIMITS["triage_emergency"]}

    @pytest.mark.parametrize("status", [Status.DECLINE_REVIEW, Status.OBJECTION_REVIEW])
    def test_danger_ends_a_review(self, status: Status) -> None:
        seen = after(*TO[status], DANGER)
        assert (seen.status, deadlines(seen)) == (Status.REGISTERED, {"triage": NOW + LIMITS["triage_emergency"]})

    def test_danger_ends_the_waiting_for_a_specialist(self) -> None:
        assert "specialist" not in deadlines(after(REGISTER, ASK, DANGER))

    def test_units_on_their_way_are_not_called_back_by_a_second_thought(self) -> None:
        assert refused(after(REGISTER, EMERGENCY), NO_DANGER) == "issue.wrong_status"

    def test_a_restricted_line_is_not_for_them(self) -> None:
        listed = replace(REGISTER, desk=Desk.RESTRICTED, desk_rule=uuid(50))
        [plain] = decide(Issue(), listed, context())
        [danger] = decide(Issue(), replace(listed, emergency=Agency.FIRE), context())
        assert isinstance(plain, IssueRegistered)
        assert isinstance(danger, IssueRegistered)
        assert (plain.desk, danger.desk, danger.desk_rule) == ("restricted", "general", None)
        assert after(listed, DANGER).desk is Desk.GENERAL

    def test_an_allow_listed_caller_waits_half_as_long(self) -> None:
        listed = replace(REGISTER, desk=Desk.PRIORITY)
        assert deadlines(after(listed)) == {"triage": NOW + LIMITS["triage_priority"]}
