"""登记, 受理, 不予受理: what the Issue table of domain.md says besides its statuses."""

from dataclasses import replace
from datetime import timedelta

import pytest

from contracts.codes import Agency, Channel, IssueKind, Urgency
from contracts.intake import (
    IssueAccepted,
    IssueDeclined,
    IssueStepOverdue,
)
from contracts.rejected import Rejected
from services.intake.issue import deadlines, decide
from services.intake.issue_commands import (
    Accept,
    Command,
    ConfirmDecline,
    DeadlineReached,
    FollowUp,
    ProposeDecline,
    RefuseDecline,
    Register,
    RevealContact,
    Transfer,
)
from services.intake.issue_model import TERMINAL, FollowUpKind, Issue, Purpose, Status
from tests.unit.issue_life import (
    ACCEPT,
    APPEAL,
    APPEAL_2,
    CALLER,
    CALLER_2,
    CONFIRM,
    FOLLOW_UP,
    JOIN,
    LIMITS,
    LOOK,
    NOW,
    PROPOSE,
    REFUSE,
    REGISTER,
    REVEAL,
    TO,
    after,
    context,
    fold,
    uuid,
)

FORBIDDEN = [
    (Transfer(Agency.POLICE, "agent-1"), {Status.TRANSFERRED}),
    (ProposeDecline("X0102", "2026-01", "agent-1"), {Status.DECLINE_REVIEW}),
    (Accept(IssueKind.REPORT, "0101", None, Urgency.NORMAL, "agent-1"), {Status.ACCEPTED}),
]


@pytest.mark.parametrize(
    ("command", "status"),
    [
        pytest.param(command, status, id=f"{type(command).__name__}-in-{status}")
        for command, statuses in FORBIDDEN
        for status in sorted(statuses)
    ],
)
def test_saying_something_else_afterwards_is_refused(command: Command, status: Status) -> None:
    with pytest.raises(Rejected) as rejected:
        decide(after(*TO[status]), command, context())
    assert (rejected.value.code, rejected.value.status) == ("issue.wrong_status", 409)


GRID = "150105004001002"


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
        exclusion_code="X0101", exclusion_version="2026-01", proposed_by="agent-1", by="agent-2", appeals=[APPEAL]
    )


def test_after_a_refusal_the_issue_may_be_proposed_again_by_another() -> None:
    again = after(REGISTER, PROPOSE, REFUSE, ProposeDecline("X0102", "2026-01", "agent-2"))
    assert (again.status, again.proposed_by) == (Status.DECLINE_REVIEW, "agent-2")


def test_everybody_who_joined_while_registered_is_in_the_acceptance() -> None:
    [accepted] = decide(after(REGISTER, JOIN), ACCEPT, context())
    assert isinstance(accepted, IssueAccepted)
    assert (accepted.appeals, accepted.order_number) == ([APPEAL, APPEAL_2], 1)


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
    assert len(decide(looked, RevealContact(uuid(88), APPEAL, Purpose.HANDLING, "agent-1"), context())) == 1


STEPS = [
    (Status.REGISTERED, "triage"),
    (Status.DECLINE_REVIEW, "decline_review"),
    (Status.ACCEPTED, "handling"),
    (Status.OBJECTION_REVIEW, "objection_review"),
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


@pytest.mark.parametrize("status", sorted(TERMINAL))
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


def test_a_community_or_grid_stays_with_the_issue_as_long_as_its_street_does() -> None:
    told = replace(REGISTER, street_code=GRID[:9], division_code=GRID)
    assert after(told).division_code == GRID
    for street, expected in ((GRID[:9], GRID), ("150102001", None), (None, None)):
        assert after(told, replace(ACCEPT, street_code=street)).division_code == expected, street


def test_an_agent_who_finds_the_grid_says_so_once() -> None:
    told = replace(REGISTER, street_code=GRID[:9], division_code=GRID[:12])
    found = replace(ACCEPT, street_code=GRID[:9], division_code=GRID)
    accepted = after(told, found)
    assert accepted.division_code == GRID
    assert decide(accepted, found, context()) == decide(accepted, replace(found, division_code=None), context()) == []
    with pytest.raises(Rejected) as refused:
        decide(accepted, replace(found, division_code=GRID[:12]), context())
    assert refused.value.code == "issue.wrong_status"
