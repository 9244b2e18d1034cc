"""Whatever is asked of an issue, in whatever order."""

from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

from hypothesis import strategies as st

from chassis.limits import load_limits
from contracts import intake as happened
from contracts import intake_turns as turned
from contracts.codes import Agency, CaseOrigin, Channel, ClosingOutcome, IssueKind, Urgency
from contracts.event import Event
from contracts.rejected import Rejected
from services.intake import aggregates
from services.intake.issue_centre import CaseEnded, CaseOpened, HandToCentre
from services.intake.issue_commands import (
    Accept,
    AddAppeal,
    Answer,
    AnswerAsSpecialist,
    AskSpecialist,
    AssessEmergency,
    Close,
    Command,
    ConfirmDecline,
    DeadlineReached,
    FileOnline,
    FollowUp,
    GiveBack,
    Merge,
    Object,
    ProposeDecline,
    RefuseDecline,
    RefuseTransfer,
    Register,
    RejectObjection,
    Reopen,
    RevealContact,
    TakeOver,
    Transfer,
    Unmerge,
    UpholdObjection,
    WithdrawAppeal,
)
from services.intake.issue_model import (
    OPEN,
    TERMINAL,
    Appeal,
    Centre,
    Content,
    Context,
    Desk,
    Evidence,
    FollowUpKind,
    HearUnsolved,
    Issue,
    OnlineClass,
    Part,
    Purpose,
    ReopenReason,
    Status,
)
from tests.property.decider import START, DeciderProperties, Walk

IDS = [f"01900000-0000-7000-8000-{number:012d}" for number in range(5)]
LIMITS = load_limits(Path(aggregates.__file__).parent / "limits.toml")
DICE = st.integers(0, 3)
ids = st.sampled_from(IDS)
staff = st.sampled_from(["agent-1", "agent-2", "supervisor-1", "supervisor-2"])
channels = st.sampled_from(Channel)
kinds = st.sampled_from(IssueKind)
items = st.sampled_from(["0101", "1904"])
streets = st.sampled_from([None, "150105004"])
divisions = st.sampled_from([None, None, "150105004001", "150102001001002"])
agencies = st.sampled_from([None, *Agency])
contents = st.builds(Content, kinds, items, streets, st.sampled_from(Urgency))
no_content = st.one_of(st.none(), contents)
parts = st.builds(
    Part,
    st.lists(st.builds(Appeal, ids, ids, channels), min_size=1, max_size=2, unique_by=lambda a: a.id).map(tuple),
    st.booleans(),
    st.booleans(),
)
REGISTERS: st.SearchStrategy[Command] = st.builds(
    Register,
    channels,
    ids,
    ids,
    st.sampled_from([None, None, START, START + timedelta(days=900)]),
    streets,
    st.sampled_from([None, None, None, *Agency]),
    st.sampled_from(Desk),
    st.sampled_from([None, IDS[0]]),
    centre=st.sampled_from([None, None, None, Centre(IDS[0], CaseOrigin.WALK_IN)]),
)
HEAR_UNSOLVED = st.builds(HearUnsolved, ids, st.one_of(st.none(), ids))
MERGE = st.builds(Merge, ids, parts, st.sampled_from(Evidence), staff)
UNMERGE = st.builds(Unmerge, ids, st.lists(ids, max_size=2, unique=True).map(tuple), no_content, staff)
ANYTHING: st.SearchStrategy[Command] = st.one_of(
    REGISTERS,
    st.builds(Transfer, st.sampled_from(Agency), staff, st.sampled_from([None, "J-17"])),
    st.builds(RefuseTransfer, staff),
    st.builds(AssessEmergency, agencies, staff),
    st.builds(Answer, kinds, items, st.sampled_from(["K001", "K002"]), st.just("v1"), staff),
    st.builds(AskSpecialist, ids, items, staff),
    st.builds(AnswerAsSpecialist, ids, staff),
    st.builds(FileOnline, st.sampled_from(OnlineClass), no_content, staff),
    st.builds(ProposeDecline, st.sampled_from(["X0101", "X0102"]), st.just("v1"), staff),
    st.builds(ConfirmDecline, staff),
    st.builds(RefuseDecline, staff),
    st.builds(Object, ids, staff),
    st.builds(UpholdObjection, contents, staff),
    st.builds(RejectObjection, staff),
    st.builds(Accept, kinds, items, streets, st.sampled_from(Urgency), staff, divisions),
    st.builds(AddAppeal, channels, ids, ids),
    st.builds(FollowUp, ids, ids, st.sampled_from(FollowUpKind)),
    st.builds(WithdrawAppeal, ids, st.booleans(), staff),
    st.builds(Reopen, ids, st.sampled_from(ReopenReason), no_content, staff),
    HEAR_UNSOLVED,
    MERGE,
    st.builds(TakeOver, ids, parts),
    UNMERGE,
    st.builds(GiveBack, ids, st.lists(ids, max_size=2, unique=True).map(tuple), staff),
    st.builds(RevealContact, ids, ids, st.sampled_from(Purpose), staff),
    st.builds(Close, ids, st.sampled_from(ClosingOutcome)),
    st.builds(HandToCentre, st.builds(Centre, ids, st.sampled_from(CaseOrigin)), staff),
    st.builds(CaseOpened, st.builds(Centre, ids, st.sampled_from(CaseOrigin))),
    st.builds(CaseEnded, ids, st.just("guided")),
    st.builds(
        DeadlineReached,
        st.sampled_from(["triage", "decline_review", "objection_review", "handling", "specialist", "unheard_of"]),
    ),
)


def sensible(
    status: Status, part: Part, question_id: str | None, order_id: str | None, merged_into: str | None
) -> list[st.SearchStrategy[Command]]:
    """What somebody who knows the issue would ask next; every command that may move it is among it."""
    present = tuple(appeal.id for appeal in part.appeals)
    appeal = st.sampled_from(present or IDS)
    colleague = st.sampled_from(["supervisor-1", "supervisor-2"])
    match status:
        case Status.REGISTERED:
            return [
                st.builds(Accept, kinds, items, streets, st.sampled_from(Urgency), staff, divisions),
                st.builds(ProposeDecline, st.just("X0101"), st.just("v1"), st.just("agent-1")),
                st.builds(Answer, kinds, items, st.just("K001"), st.just("v1"), staff),
                st.builds(Transfer, st.sampled_from(Agency), staff),
                st.builds(FileOnline, st.sampled_from(OnlineClass), contents, staff),
                st.builds(AskSpecialist, ids, items, staff),
                st.builds(AnswerAsSpecialist, st.just(question_id or IDS[0]), staff),
                st.builds(AssessEmergency, agencies, staff),
                st.builds(Merge, ids, st.just(part), st.sampled_from(Evidence), staff),
                st.builds(WithdrawAppeal, appeal, st.booleans(), staff),
            ]
        case Status.DECLINE_REVIEW:
            return [st.builds(ConfirmDecline, st.just("agent-2")), st.builds(RefuseDecline, st.just("agent-2"))]
        case Status.DECLINED:
            return [st.builds(Object, appeal, staff)]
        case Status.OBJECTION_REVIEW:
            return [st.builds(UpholdObjection, contents, colleague), st.builds(RejectObjection, colleague)]
        case Status.ACCEPTED:
            return [
                st.builds(Close, ids, st.sampled_from(ClosingOutcome)),
                st.builds(HearUnsolved, appeal, ids),
                st.builds(AddAppeal, channels, ids, ids),
                st.builds(WithdrawAppeal, appeal, st.booleans(), staff),
                st.builds(Merge, ids, st.just(part), st.sampled_from(Evidence), staff),
                st.builds(TakeOver, ids, parts),
                st.builds(Transfer, st.sampled_from(Agency), staff),
            ]
        case Status.TRANSFERRED:
            return [st.builds(RefuseTransfer, staff)]
        case Status.CLOSED | Status.ANSWERED:
            return [
                st.builds(Reopen, appeal, st.sampled_from(ReopenReason), no_content, staff),
                st.builds(HearUnsolved, appeal, st.just(order_id)),
            ]
        case Status.MERGED:
            return [st.builds(Unmerge, st.just(merged_into or IDS[0]), st.just(present), contents, staff)]
        case _:
            return []


# A strategy is checked when it is used first: half of these tests' time, when each command had a new one.
@cache
def usual(
    status: Status, part: Part, question_id: str | None, order_id: str | None, merged_into: str | None
) -> st.SearchStrategy[Command] | None:
    wanted = sensible(status, part, question_id, order_id, merged_into)
    return st.one_of(wanted) if wanted else None


def draw_command(draw: st.DrawFn, issue: Issue) -> Command:
    if issue.status is Status.NONE:
        return draw(REGISTERS)
    wanted = usual(issue.status, issue.part, issue.question_id, issue.order_id, issue.merged_into)
    return draw(wanted if wanted is not None and draw(DICE) else ANYTHING)


WAYS_BACK: dict[Status, tuple[type[Event], ...]] = {
    Status.TRANSFERRED: (turned.IssueTransferRefused,),
    Status.ANSWERED: (turned.IssueReopened,),
    Status.CLOSED: (turned.IssueReopened,),
    Status.DECLINED: (turned.IssueObjectionRaised,),
    Status.MERGED: (turned.IssueUnmerged,),
    Status.WITHDRAWN: (),
}
"""What may open again what has ended (domain.md): nothing else, and of what was withdrawn nothing at all."""
BACK: list[type[Event]] = [event for events in WAYS_BACK.values() for event in events]
AUDITED: tuple[type[Event], ...] = (happened.ContactRevealed, turned.AppealWithdrawn)
"""Recorded of what has ended, too: a look at a contact, and callers whose merging was undone."""
HOLDING = (
    happened.IssueAnswered,
    happened.IssueDeclineProposed,
    happened.IssueDeclined,
    turned.IssueSpecialistAsked,
)


def _types(aggregate: aggregates.Issues, issue: Issue, command: Command, context: Context) -> list[object]:
    try:
        return [type(event) for event in aggregate.decide(issue, command, context)]
    except Rejected as rejected:
        return [rejected.code]


class TestIssue(DeciderProperties):
    aggregate = aggregates.issues(LIMITS)
    terminal = TERMINAL
    all_statuses = frozenset(Status)
    harmless = (*AUDITED, *BACK)
    draw_command = staticmethod(draw_command)

    def test_what_has_ended_opens_by_its_own_way_back_only(self) -> None:
        def check(walk: Walk) -> None:
            for before, command, events in walk.steps:
                if before.status in TERMINAL:
                    allowed = (*AUDITED, *WAYS_BACK[before.status])
                    assert all(isinstance(event, allowed) for event in events), f"{command}: {before.status} {events}"

        self._for_all(check)

    def test_what_is_open_has_a_clock_until_it_was_missed(self) -> None:
        def check(walk: Walk) -> None:
            if walk.state.status in OPEN:
                assert walk.state.overdue or self.aggregate.deadlines(walk.state)

        self._for_all(check)

    def test_no_list_review_or_queue_holds_an_emergency(self) -> None:
        def check(walk: Walk) -> None:
            for before, command, events in walk.steps:
                state = before
                for event in events:
                    if state.is_emergency:
                        assert not isinstance(event, HOLDING), f"{command} held an emergency"
                        assert not isinstance(event, turned.IssueFiledOnline) or event.online_class == "livelihood"
                        assert not isinstance(event, turned.IssueWithdrawn) or event.keep_for_safety
                    state = self.aggregate.evolve(state, event)
                    if state.emergency:
                        assert state.desk is not Desk.RESTRICTED
                        assert state.status not in (Status.DECLINE_REVIEW, Status.OBJECTION_REVIEW)
                        assert state.urgency is Urgency.EMERGENCY or state.status is not Status.ACCEPTED or before.kind

        self._for_all(check, examples=200)

    def test_whatever_is_open_can_be_transferred_at_once(self) -> None:
        def check(walk: Walk) -> None:
            if walk.state.status in OPEN:
                [event] = walk.decide(Transfer(Agency.FIRE, "agent-1"))
                assert isinstance(event, happened.IssueTransferred)

        self._for_all(check)

    def test_a_list_of_callers_changes_nothing_but_the_desk(self) -> None:
        """The same life off the list: the same answers."""

        def check(walk: Walk) -> None:
            for before, command, _ in walk.steps:
                if before.status is Status.NONE:
                    continue
                plain = replace(before, desk=Desk.GENERAL, desk_rule=None)
                context = self.aggregate.context(IDS[0], walk.now)
                assert _types(self.aggregate, plain, command, context) == _types(
                    self.aggregate, before, command, context
                )

        self._for_all(check)
