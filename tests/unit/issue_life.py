"""Lives of an issue for the tests: one command of each kind, and the way to each status."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from contracts.codes import Agency, CaseOrigin, Channel, ClosingOutcome, IssueKind, Urgency
from contracts.event import Event
from services.intake.issue import decide, evolve
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
    Appeal,
    Centre,
    Content,
    Context,
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

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
LIMITS = {
    "triage": timedelta(hours=2),
    "triage_emergency": timedelta(minutes=5),
    "triage_priority": timedelta(hours=1),
    "specialist": timedelta(hours=4),
    "decline_review": timedelta(days=1),
    "objection_review": timedelta(days=2),
    "handling_watch": timedelta(days=84),
    "reopen": timedelta(days=30),
    "unmerge": timedelta(days=30),
    "clock_skew": timedelta(minutes=5),
}


def uuid(number: int) -> str:
    return f"01900000-0000-7000-8000-{number:012d}"


APPEAL, CALLER, APPEAL_2, CALLER_2 = uuid(1), uuid(2), uuid(3), uuid(4)
ORDER, FOLLOW_UP, REVEAL, QUESTION = uuid(5), uuid(6), uuid(7), uuid(8)
SURVIVOR, OTHER = uuid(9), uuid(10)
CONTENT = Content(IssueKind.COMPLAINT, "0101", "150105004", Urgency.URGENT)
REGISTER = Register(Channel.WEB, APPEAL, CALLER, None, "150105004")
TRANSFER = Transfer(Agency.FIRE, "agent-1")
REFUSE_TRANSFER = RefuseTransfer("agent-3")
DANGER = AssessEmergency(Agency.FIRE, "agent-1")
NO_DANGER = AssessEmergency(None, "agent-1")
ANSWER = Answer(IssueKind.CONSULTATION, "1904", "K001", "2026-01", "agent-1")
ASK = AskSpecialist(QUESTION, "1904", "agent-1")
ANSWER_AS_SPECIALIST = AnswerAsSpecialist(QUESTION, "specialist-1")
VENT = FileOnline(OnlineClass.VENT, None, "agent-1")
LEGAL = FileOnline(OnlineClass.LEGAL, None, "agent-1")
OPINION = FileOnline(OnlineClass.PUBLIC_OPINION, None, "agent-1")
LIVELIHOOD = FileOnline(OnlineClass.LIVELIHOOD, CONTENT, "agent-1")
PROPOSE = ProposeDecline("X0101", "2026-01", "agent-1")
CONFIRM = ConfirmDecline("agent-2")
REFUSE = RefuseDecline("agent-2")
OBJECT = Object(APPEAL, "agent-1")
UPHOLD = UpholdObjection(CONTENT, "supervisor-1")
REJECT = RejectObjection("supervisor-1")
ACCEPT = Accept(IssueKind.COMPLAINT, "0101", "150105004", Urgency.URGENT, "agent-1")
JOIN = AddAppeal(Channel.APP, APPEAL_2, CALLER_2)
REMIND = FollowUp(FOLLOW_UP, APPEAL, FollowUpKind.REMINDER)
WITHDRAW = WithdrawAppeal(APPEAL, keep_for_safety=False, by="agent-1")
HEAR_NO, HEAR_LATE_NO = HearUnsolved(APPEAL, None), HearUnsolved(APPEAL, ORDER)
REOPEN = Reopen(APPEAL, ReopenReason.UNSOLVED, None, "agent-1")
PART = Part((Appeal(APPEAL, CALLER, Channel.WEB),), is_accepted=True, is_emergency=False)
MERGE = Merge(SURVIVOR, PART, Evidence.SAME_EVENT, "agent-1")
OTHERS_PART = Part((Appeal(APPEAL_2, CALLER_2, Channel.APP),), is_accepted=False, is_emergency=False)
TAKE_OVER = TakeOver(OTHER, OTHERS_PART)
UNMERGE = Unmerge(SURVIVOR, (APPEAL,), None, "supervisor-1")
GIVE_BACK = GiveBack(OTHER, (APPEAL_2,), "supervisor-1")
LOOK = RevealContact(REVEAL, APPEAL, Purpose.HANDLING, "agent-1")
CLOSE = Close(ORDER, ClosingOutcome.RESOLVED)
CASE = uuid(11)
BY_COURT = Centre(CASE, CaseOrigin.COURT, "F150105")
HAND = HandToCentre(BY_COURT, "clerk-1")
CASE_OPENED, CASE_ENDED = CaseOpened(Centre(CASE, CaseOrigin.WALK_IN)), CaseEnded(CASE, "performed")

TO: dict[Status, tuple[Command, ...]] = {
    Status.NONE: (),
    Status.REGISTERED: (REGISTER,),
    Status.DECLINE_REVIEW: (REGISTER, PROPOSE),
    Status.ACCEPTED: (REGISTER, ACCEPT),
    Status.OBJECTION_REVIEW: (REGISTER, PROPOSE, CONFIRM, OBJECT),
    Status.TRANSFERRED: (REGISTER, TRANSFER),
    Status.ANSWERED: (REGISTER, ANSWER),
    Status.DECLINED: (REGISTER, PROPOSE, CONFIRM),
    Status.CLOSED: (REGISTER, ACCEPT, CLOSE),
    Status.WITHDRAWN: (REGISTER, ACCEPT, WITHDRAW),
    Status.MERGED: (REGISTER, ACCEPT, MERGE),
    Status.AT_CENTRE: (REGISTER, CASE_OPENED),
}


def context(after: timedelta = timedelta(0)) -> Context:
    now = NOW + after
    return Context(now, lambda name: now + LIMITS[name])


def fold(issue: Issue, events: Sequence[Event]) -> Issue:
    for event in events:
        issue = evolve(issue, event)
    return issue


def after(*commands: Command) -> Issue:
    """An issue of which this was asked, everything at ``NOW``; each command must change something."""
    issue = Issue()
    for command in commands:
        events = decide(issue, command, context())
        assert events, f"{command} changed nothing"
        issue = fold(issue, events)
    return issue
