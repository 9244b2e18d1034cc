"""An issue among others: specialists who are asked, classes of the web, and issues that are one and the same."""

from dataclasses import replace
from datetime import timedelta

import pytest

from contracts.codes import Channel, IssueKind, Urgency
from contracts.intake import AppealAdded
from contracts.intake_turns import AppealWithdrawn, IssueMerged, IssueUnmerged, IssueWithdrawn
from contracts.rejected import Rejected
from services.intake.issue import deadlines, decide
from services.intake.issue_commands import (
    Accept,
    AskSpecialist,
    Command,
    DeadlineReached,
    FileOnline,
    GiveBack,
    TakeOver,
    Unmerge,
    WithdrawAppeal,
)
from services.intake.issue_model import (
    Content,
    Evidence,
    Issue,
    Merged,
    OnlineClass,
    Status,
)
from tests.unit.issue_life import (
    ACCEPT,
    ANSWER_AS_SPECIALIST,
    APPEAL,
    APPEAL_2,
    ASK,
    CONTENT,
    DANGER,
    JOIN,
    LIMITS,
    MERGE,
    NOW,
    OTHER,
    REFUSE_TRANSFER,
    REGISTER,
    REOPEN,
    SURVIVOR,
    TAKE_OVER,
    TO,
    TRANSFER,
    UNMERGE,
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


class TestSpecialists:
    def test_the_question_has_a_clock_beside_the_agents(self) -> None:
        issue = after(REGISTER, ASK)
        assert deadlines(issue) == {"triage": NOW + LIMITS["triage"], "specialist": NOW + LIMITS["specialist"]}
        late = fold(issue, decide(issue, DeadlineReached("specialist"), context(LIMITS["specialist"])))
        assert (late.answer_overdue, late.overdue, set(deadlines(late))) == (True, False, {"triage"})

    def test_one_question_at_a_time(self) -> None:
        another = AskSpecialist(uuid(60), "1904", "agent-1")
        assert refused(after(REGISTER, ASK), another) == "issue.specialist_already_asked"
        assert decide(after(REGISTER, ASK, ANSWER_AS_SPECIALIST), another, context())

    def test_an_answer_ends_the_clock_and_is_given_once(self) -> None:
        answered = after(REGISTER, ASK, ANSWER_AS_SPECIALIST)
        assert "specialist" not in deadlines(answered)
        assert decide(answered, ANSWER_AS_SPECIALIST, context()) == []

    def test_nobody_waits_for_an_answer_to_what_was_decided_meanwhile(self) -> None:
        assert refused(after(REGISTER, ASK, ACCEPT), ANSWER_AS_SPECIALIST) == "issue.unknown_question"


class TestOnlineClasses:
    def test_only_what_came_online_is_sorted(self) -> None:
        assert refused(after(replace(REGISTER, channel=Channel.HOTLINE)), VENT) == "issue.not_online"

    def test_filing_again_is_already_true_whatever_was_accepted_before(self) -> None:
        vent = FileOnline(OnlineClass.VENT, Content(IssueKind.REPORT, "1904", None, Urgency.NORMAL), "agent-1")
        filed = after(REGISTER, ACCEPT, TRANSFER, REFUSE_TRANSFER, vent)
        assert decide(filed, vent, context()) == []

    def test_livelihood_needs_to_be_said_what_it_is(self) -> None:
        bare = FileOnline(OnlineClass.LIVELIHOOD, None, "agent-1")
        assert refused(after(REGISTER), bare) == "issue.content_required"

    def test_vented_anger_may_be_opened_when_there_is_a_matter_in_it(self) -> None:
        vented = after(REGISTER, VENT)
        assert refused(vented, REOPEN) == "issue.content_required"
        assert decide(vented, replace(REOPEN, content=CONTENT), context())


class TestMerging:
    def test_the_survivor_gets_every_caller(self) -> None:
        survivor = after(REGISTER, ACCEPT)
        joined = fold(survivor, decide(survivor, TAKE_OVER, context()))
        assert [(appeal.id, appeal.kept_in) for appeal in joined.present] == [(APPEAL, None), (APPEAL_2, OTHER)]
        [event] = decide(survivor, TAKE_OVER, context())
        assert isinstance(event, AppealAdded)
        assert event.merged_from == OTHER

    @pytest.mark.parametrize(
        "command", [JOIN, ACCEPT, WITHDRAW, DANGER, TRANSFER], ids=lambda command: type(command).__name__
    )
    def test_what_is_asked_of_a_merged_issue_is_for_the_survivor(self, command: Command) -> None:
        with pytest.raises(Merged) as merged:
            decide(after(*TO[Status.MERGED]), command, context())
        assert (merged.value.code, merged.value.into) == ("issue.merged", SURVIVOR)

    def test_there_are_no_chains(self) -> None:
        survivor = after(REGISTER, ACCEPT, TAKE_OVER)
        assert refused(survivor, replace(MERGE, part=survivor.part)) == "issue.merge_chain"
        assert refused(after(*TO[Status.MERGED]), TAKE_OVER) == "issue.merge_chain"

    def test_what_was_accepted_is_not_given_up_for_what_is_not(self) -> None:
        accepted = TakeOver(OTHER, replace(TAKE_OVER.part, is_accepted=True))
        assert refused(after(REGISTER), accepted) == "issue.merge_other_way"

    def test_an_emergency_is_not_given_up_for_something_else(self) -> None:
        danger = TakeOver(OTHER, replace(TAKE_OVER.part, is_emergency=True))
        assert refused(after(REGISTER, ACCEPT), danger) == "issue.emergency"
        assert decide(after(REGISTER, EMERGENCY), danger, context())

    def test_nobody_is_lost_who_joined_while_it_was_being_merged(self) -> None:
        assert refused(after(*BOTH), MERGE) == "issue.changed"

    def test_unmerged_within_thirty_days_it_has_a_second_order(self) -> None:
        merged = after(*TO[Status.MERGED])
        [unmerged] = decide(merged, UNMERGE, context(LIMITS["unmerge"]))
        assert isinstance(unmerged, IssueUnmerged)
        assert (unmerged.order_number, unmerged.item_code, unmerged.appeals) == (2, "0101", [APPEAL])
        assert refused(merged, UNMERGE, LATER) == "issue.unmerge_too_late"

    def test_what_was_never_accepted_needs_to_be_said_what_it_is(self) -> None:
        registered = after(REGISTER)
        merged = after(REGISTER, replace(MERGE, part=registered.part))
        assert refused(merged, UNMERGE) == "issue.content_required"
        [unmerged] = decide(merged, replace(UNMERGE, content=CONTENT), context())
        assert isinstance(unmerged, IssueUnmerged)
        assert unmerged.order_number == 1

    def test_the_survivor_gives_them_back_but_not_those_who_withdrew(self) -> None:
        survivor = after(REGISTER, ACCEPT, TAKE_OVER)
        back = decide(survivor, GiveBack(OTHER, (APPEAL_2,), "s"), context())
        assert back == [AppealWithdrawn(appeal_id=APPEAL_2, reason="unmerged", by="s")]
        alone = fold(survivor, back)
        assert (alone.merged_from, [appeal.id for appeal in alone.present]) == ((), [APPEAL])
        withdrawn = after(REGISTER, ACCEPT, TAKE_OVER, WithdrawAppeal(APPEAL_2, False, "a"))
        assert refused(withdrawn, GiveBack(OTHER, (APPEAL_2,), "s")) == "issue.changed"
        assert refused(after(*TO[Status.MERGED]), Unmerge(SURVIVOR, (), None, "s")) == "issue.no_appeal_left"

    def test_a_survivor_ends_when_it_gives_back_its_last_caller(self) -> None:
        taken = TakeOver(OTHER, replace(TAKE_OVER.part, is_accepted=False))
        gives = GiveBack(OTHER, (APPEAL_2,), "s")
        left = after(REGISTER, taken, WithdrawAppeal(APPEAL, False, "a"))
        ended = fold(left, decide(left, gives, context()))
        assert (ended.status, ended.present, ended.merged_from) == (Status.WITHDRAWN, (), ())
        assert refused(ended, ACCEPT) == "issue.wrong_status"
        urgent = after(REGISTER, DANGER, taken, WithdrawAppeal(APPEAL, False, "a"))
        assert refused(urgent, gives) == "issue.kept_for_safety"
        kept = decide(after(REGISTER, DANGER, ACCEPT, TAKE_OVER, WithdrawAppeal(APPEAL, False, "a")), gives, context())
        assert isinstance(kept[-1], IssueWithdrawn)
        assert kept[-1].keep_for_safety

    def test_merged_again_the_callers_are_there_again(self) -> None:
        again = after(REGISTER, ACCEPT, TAKE_OVER, GiveBack(OTHER, (APPEAL_2,), "s"), TAKE_OVER)
        assert ([appeal.id for appeal in again.present], again.merged_from) == ([APPEAL, APPEAL_2], (OTHER,))

    def test_evidence_is_on_record(self) -> None:
        [merged] = decide(after(REGISTER, ACCEPT), replace(MERGE, evidence=Evidence.SAME_OBJECT), context())
        assert isinstance(merged, IssueMerged)
        assert merged.evidence == "same_object"
