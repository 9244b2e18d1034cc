"""Every row of the Issue table of domain.md that intake has, one by one."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from contracts.codes import Agency, Channel, ClosingOutcome, IssueKind, Urgency
from contracts.event import Event
from contracts.intake import (
    AppealAdded,
    ContactRevealed,
    IssueAccepted,
    IssueAnswered,
    IssueClosed,
    IssueDeclined,
    IssueDeclineProposed,
    IssueDeclineRefused,
    IssueFollowedUp,
    IssueRegistered,
    IssueStepOverdue,
    IssueTransferred,
)
from contracts.rejected import Rejected
from services.intake.issue import deadlines, decide, evolve
from services.intake.issue_model import (
    Accept,
    AddAppeal,
    Answer,
    Close,
    Command,
    ConfirmDecline,
    Context,
    DeadlineReached,
    FollowUp,
    FollowUpKind,
    Issue,
    ProposeDecline,
    Purpose,
    RefuseDecline,
    Register,
    RevealContact,
    Status,
    Transfer,
)

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
LIMITS = {
    "triage": timedelta(hours=2),
    "decline_review": timedelta(days=1),
    "handling_watch": timedelta(days=84),
    "clock_skew": timedelta(minutes=5),
}


def uuid(number: int) -> str:
    return f"01900000-0000-7000-8000-{number:012d}"


APPEAL, CALLER, APPEAL_2, CALLER_2 = uuid(1), uuid(2), uuid(3), uuid(4)
ORDER, FOLLOW_UP, REVEAL = uuid(5), uuid(6), uuid(7)
REGISTER = Register(Channel.HOTLINE, APPEAL, CALLER, None, "150105004")
TRANSFER = Transfer(Agency.FIRE, "agent-1")
ANSWER = Answer(IssueKind.CONSULTATION, "1904", "K001", "2026-01", "agent-1")
PROPOSE = ProposeDecline("X0101", "2026-01", "agent-1")
CONFIRM = ConfirmDecline("agent-2")
REFUSE = RefuseDecline("agent-2")
ACCEPT = Accept(IssueKind.COMPLAINT, "0101", "150105004", Urgency.URGENT, "agent-1")
JOIN = AddAppeal(Channel.APP, APPEAL_2, CALLER_2)
REMIND = FollowUp(FOLLOW_UP, APPEAL, FollowUpKind.REMINDER)
LOOK = RevealContact(REVEAL, APPEAL, Purpose.HANDLING, "agent-1")
CLOSE = Close(ORDER, ClosingOutcome.RESOLVED)

TO = {
    Status.NONE: (),
    Status.REGISTERED: (REGISTER,),
    Status.DECLINE_REVIEW: (REGISTER, PROPOSE),
    Status.ACCEPTED: (REGISTER, ACCEPT),
    Status.TRANSFERRED: (REGISTER, TRANSFER),
    Status.ANSWERED: (REGISTER, ANSWER),
    Status.DECLINED: (REGISTER, PROPOSE, CONFIRM),
    Status.CLOSED: (REGISTER, ACCEPT, CLOSE),
}


def context(after: timedelta = timedelta(0)) -> Context:
    now = NOW + after
    return Context(now, lambda name: now + LIMITS[name])


def fold(issue: Issue, events: Sequence[Event]) -> Issue:
    for event in events:
        issue = evolve(issue, event)
    return issue


def after(*commands: Command) -> Issue:
    issue = Issue()
    for command in commands:
        events = decide(issue, command, context())
        assert events, f"{command} changed nothing"
        issue = fold(issue, events)
    return issue


MOVES = [
    ("register", Status.NONE, REGISTER, Status.REGISTERED, IssueRegistered),
    ("transfer at once", Status.REGISTERED, TRANSFER, Status.TRANSFERRED, IssueTransferred),
    ("transfer during the decline review", Status.DECLINE_REVIEW, TRANSFER, Status.TRANSFERRED, IssueTransferred),
    ("transfer also later", Status.ACCEPTED, TRANSFER, Status.TRANSFERRED, IssueTransferred),
    ("answer", Status.REGISTERED, ANSWER, Status.ANSWERED, IssueAnswered),
    ("propose decline", Status.REGISTERED, PROPOSE, Status.DECLINE_REVIEW, IssueDeclineProposed),
    ("confirm decline", Status.DECLINE_REVIEW, CONFIRM, Status.DECLINED, IssueDeclined),
    ("refuse decline", Status.DECLINE_REVIEW, REFUSE, Status.REGISTERED, IssueDeclineRefused),
    ("accept", Status.REGISTERED, ACCEPT, Status.ACCEPTED, IssueAccepted),
    ("add appeal while registered", Status.REGISTERED, JOIN, Status.REGISTERED, AppealAdded),
    ("add appeal while accepted", Status.ACCEPTED, JOIN, Status.ACCEPTED, AppealAdded),
    ("follow up while registered", Status.REGISTERED, REMIND, Status.REGISTERED, IssueFollowedUp),
    ("follow up during the review", Status.DECLINE_REVIEW, REMIND, Status.DECLINE_REVIEW, IssueFollowedUp),
    ("follow up while accepted", Status.ACCEPTED, REMIND, Status.ACCEPTED, IssueFollowedUp),
    ("reveal while open", Status.ACCEPTED, LOOK, Status.ACCEPTED, ContactRevealed),
    ("reveal afterwards", Status.CLOSED, LOOK, Status.CLOSED, ContactRevealed),
    ("close", Status.ACCEPTED, CLOSE, Status.CLOSED, IssueClosed),
]


@pytest.mark.parametrize(("start", "command", "end", "event"), [pytest.param(*move[1:], id=move[0]) for move in MOVES])
def test_a_command_moves_the_issue(start: Status, command: Command, end: Status, event: type[Event]) -> None:
    before = after(*TO[start])
    events = decide(before, command, context())
    assert [type(happened) for happened in events] == [event]
    then = fold(before, events)
    assert then.status is end
    assert decide(then, command, context()) == [], "the same command again must change nothing"


FORBIDDEN = [
    (TRANSFER, {Status.ANSWERED, Status.DECLINED, Status.CLOSED}),
    (Transfer(Agency.POLICE, "agent-1"), {Status.TRANSFERRED}),
    (ANSWER, set(Status) - {Status.NONE, Status.REGISTERED, Status.ANSWERED}),
    (PROPOSE, set(Status) - {Status.NONE, Status.REGISTERED, Status.DECLINE_REVIEW}),
    (ProposeDecline("X0102", "2026-01", "agent-1"), {Status.DECLINE_REVIEW}),
    (CONFIRM, set(Status) - {Status.NONE, Status.DECLINE_REVIEW, Status.DECLINED}),
    (REFUSE, set(Status) - {Status.NONE, Status.DECLINE_REVIEW}),
    (ACCEPT, set(Status) - {Status.NONE, Status.REGISTERED, Status.ACCEPTED}),
    (Accept(IssueKind.REPORT, "0101", None, Urgency.NORMAL, "agent-1"), {Status.ACCEPTED}),
    (JOIN, set(Status) - {Status.NONE, Status.REGISTERED, Status.ACCEPTED}),
    (REMIND, {Status.TRANSFERRED, Status.ANSWERED, Status.DECLINED, Status.CLOSED}),
    (CLOSE, {Status.REGISTERED, Status.DECLINE_REVIEW}),
]


@pytest.mark.parametrize(
    ("command", "status"),
    [
        pytest.param(command, status, id=f"{type(command).__name__}-in-{status}")
        for command, statuses in FORBIDDEN
        for status in sorted(statuses)
    ],
)
def test_the_wrong_status_forbids_it(command: Command, status: Status) -> None:
    with pytest.raises(Rejected) as rejected:
        decide(after(*TO[status]), command, context())
    assert (rejected.value.code, rejected.value.status) == ("issue.wrong_status", 409)


@pytest.mark.parametrize(
    "command",
    [TRANSFER, ANSWER, PROPOSE, CONFIRM, REFUSE, ACCEPT, JOIN, REMIND, LOOK, CLOSE, DeadlineReached("triage")],
    ids=lambda command: type(command).__name__,
)
def test_what_was_never_registered_is_not_found(command: Command) -> None:
    with pytest.raises(Rejected) as rejected:
        decide(Issue(), command, context())
    assert (rejected.value.code, rejected.value.status) == ("issue.not_found", 404)


@pytest.mark.parametrize("status", [Status.TRANSFERRED, Status.ANSWERED, Status.DECLINED, Status.CLOSED])
def test_a_late_order_closed_is_already_irrelevant(status: Status) -> None:
    assert decide(after(*TO[status]), CLOSE, context()) == []


def test_an_id_is_registered_once() -> None:
    with pytest.raises(Rejected) as rejected:
        decide(after(REGISTER), Register(Channel.APP, APPEAL_2, CALLER_2, None, None), context())
    assert rejected.value.code == "issue.already_registered"


def test_an_appeal_that_comes_from_the_future_is_refused_but_a_fast_clock_is_not() -> None:
    minute = timedelta(minutes=1)
    assert decide(Issue(), Register(Channel.WEB, APPEAL, CALLER, NOW + 5 * minute, None), context())
    with pytest.raises(Rejected) as rejected:
        decide(Issue(), Register(Channel.WEB, APPEAL, CALLER, NOW + 6 * minute, None), context())
    assert (rejected.value.code, rejected.value.field) == ("issue.received_in_future", "received_at")


@pytest.mark.parametrize("review", [ConfirmDecline("agent-1"), RefuseDecline("agent-1")])
def test_two_persons_decline(review: Command) -> None:
    with pytest.raises(Rejected) as rejected:
        decide(after(REGISTER, PROPOSE), review, context())
    assert (rejected.value.code, rejected.value.status) == ("issue.same_person", 403)


def test_a_declined_issue_names_the_exclusion_item_and_both_persons() -> None:
    [declined] = decide(after(REGISTER, PROPOSE), CONFIRM, context())
    assert declined == IssueDeclined(
        exclusion_code="X0101", exclusion_version="2026-01", proposed_by="agent-1", by="agent-2"
    )


def test_after_a_refusal_the_issue_may_be_proposed_again_by_another() -> None:
    again = after(REGISTER, PROPOSE, REFUSE, ProposeDecline("X0102", "2026-01", "agent-2"))
    assert (again.status, again.proposed_by) == (Status.DECLINE_REVIEW, "agent-2")


def test_everybody_who_joined_while_registered_is_in_the_acceptance() -> None:
    [accepted] = decide(after(REGISTER, JOIN), ACCEPT, context())
    assert isinstance(accepted, IssueAccepted)
    assert accepted.appeals == [APPEAL, APPEAL_2]


@pytest.mark.parametrize(
    "command",
    [FollowUp(FOLLOW_UP, uuid(99), FollowUpKind.SUPPLEMENT), RevealContact(REVEAL, uuid(99), Purpose.MESSAGE, "a")],
    ids=["follow up", "reveal"],
)
def test_an_appeal_of_another_issue_is_unknown_here(command: Command) -> None:
    with pytest.raises(Rejected) as rejected:
        decide(after(REGISTER), command, context())
    assert (rejected.value.code, rejected.value.field) == ("issue.unknown_appeal", "appeal_id")


def test_every_look_at_a_contact_is_recorded() -> None:
    looked = after(REGISTER, LOOK)
    assert len(decide(looked, RevealContact(uuid(8), APPEAL, Purpose.HANDLING, "agent-1"), context())) == 1


STEPS = [
    (Status.REGISTERED, "triage"),
    (Status.DECLINE_REVIEW, "decline_review"),
    (Status.ACCEPTED, "handling"),
]


@pytest.mark.parametrize(("status", "step"), STEPS)
def test_an_open_step_is_overdue_once(status: Status, step: str) -> None:
    issue = after(*TO[status])
    due = deadlines(issue)[step]
    reached = DeadlineReached(step)
    assert decide(issue, reached, context(due - NOW - timedelta(seconds=1))) == [], "not yet"
    events = decide(issue, reached, context(due - NOW))
    assert events == [IssueStepOverdue(step=step, due_at=due)]
    late = fold(issue, events)
    assert (late.status, late.due, late.overdue, deadlines(late)) == (status, due, True, {})
    assert decide(late, reached, context(due - NOW)) == []


@pytest.mark.parametrize("status", [Status.TRANSFERRED, Status.ANSWERED, Status.DECLINED, Status.CLOSED])
def test_what_has_ended_has_no_deadline(status: Status) -> None:
    issue = after(*TO[status])
    assert deadlines(issue) == {}
    assert decide(issue, DeadlineReached("triage"), context(timedelta(days=999))) == []


def test_a_refused_decline_starts_the_triage_clock_again() -> None:
    issue = after(REGISTER, PROPOSE)
    hour = timedelta(hours=1)
    issue = fold(issue, decide(issue, DeadlineReached("decline_review"), context(timedelta(days=9))))
    refused = fold(issue, decide(issue, REFUSE, context(hour)))
    assert deadlines(refused) == {"triage": NOW + hour + LIMITS["triage"]}
