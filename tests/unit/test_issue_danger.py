"""登记 of what shows signs of danger, and of what a machine is sure of."""

from dataclasses import replace

import pytest

from contracts.codes import Agency, IssueKind, Urgency
from contracts.intake import IssueAccepted, IssueRegistered
from contracts.intake_turns import IssueEmergencyAssessed
from contracts.rejected import Rejected
from services.intake.issue import MACHINE, decide
from services.intake.issue_commands import AddAppeal, FollowUp, Register
from services.intake.issue_model import Content, Desk, FollowUpKind, Issue, Status
from tests.unit.issue_life import (
    ACCEPT,
    CLOSE,
    DANGER,
    JOIN,
    LIMITS,
    NOW,
    PROPOSE,
    REFUSE_TRANSFER,
    REGISTER,
    REMIND,
    TO,
    TRANSFER,
    UNMERGE,
    after,
    context,
    fold,
)

CONTENT = Content(IssueKind.COMPLAINT, "0101", "150105004", Urgency.URGENT)
SUPPLEMENT = replace(REMIND, kind=FollowUpKind.SUPPLEMENT)


def test_a_doubtful_danger_is_looked_at_as_soon_as_a_certain_one() -> None:
    [event] = decide(Issue(), replace(REGISTER, doubtful=True), context())
    assert isinstance(event, IssueRegistered)
    assert event.triage_due == NOW + LIMITS["triage_emergency"]
    assert event.emergency is None, "a person says whether it is one"


def test_no_list_holds_a_doubtful_danger() -> None:
    [event] = decide(Issue(), replace(REGISTER, doubtful=True, desk=Desk.RESTRICTED), context())
    assert isinstance(event, IssueRegistered)
    assert event.desk == "general"


def test_what_a_machine_is_sure_of_is_accepted_in_its_name_at_once() -> None:
    command = replace(REGISTER, accepted_as=CONTENT)
    first, second = decide(Issue(), command, context())
    assert isinstance(first, IssueRegistered)
    assert isinstance(second, IssueAccepted)
    assert (second.item_code, second.street_code, second.by) == ("0101", "150105004", MACHINE)
    assert second.appeals == [first.appeal_id]
    assert decide(fold(Issue(), [first, second]), command, context()) == [], "told twice"


@pytest.mark.parametrize(
    "command",
    [
        replace(REGISTER, accepted_as=CONTENT, doubtful=True),
        replace(REGISTER, accepted_as=CONTENT, emergency=Agency.FIRE),
        replace(REGISTER, accepted_as=CONTENT, desk=Desk.RESTRICTED),
    ],
    ids=["doubtful", "emergency", "restricted"],
)
def test_a_machine_accepts_no_danger_and_nothing_of_a_restricted_caller(command: Register) -> None:
    assert len(decide(Issue(), command, context())) == 1


FIRE_SEEN = [replace(JOIN, emergency=Agency.FIRE), replace(SUPPLEMENT, emergency=Agency.FIRE)]


@pytest.mark.parametrize("command", FIRE_SEEN, ids=["joined", "supplement"])
def test_a_danger_that_is_told_later_ends_the_review_and_is_taken_up_at_once(command: AddAppeal | FollowUp) -> None:
    reviewed = after(*TO[Status.DECLINE_REVIEW])
    _, seen = decide(reviewed, command, context())
    assert seen == IssueEmergencyAssessed(
        emergency=Agency.FIRE, triage_due=NOW + LIMITS["triage_emergency"], by=MACHINE
    )
    danger = fold(reviewed, decide(reviewed, command, context()))
    assert (danger.status, danger.emergency) == (Status.REGISTERED, Agency.FIRE)
    assert decide(danger, command, context()) == [], "told twice"
    with pytest.raises(Rejected, match="突发"):
        decide(danger, PROPOSE, context())


def test_a_danger_that_is_known_is_not_told_to_another_agency_by_a_machine() -> None:
    known = after(REGISTER, DANGER)
    assert len(decide(known, replace(JOIN, emergency=Agency.POLICE), context())) == 1


def test_an_order_from_before_they_were_counted_is_counted_when_its_issue_is_transferred() -> None:
    uncounted = replace(after(*TO[Status.ACCEPTED]), orders=0)
    back = fold(uncounted, decide(uncounted, TRANSFER, context()))
    back = fold(back, decide(back, REFUSE_TRANSFER, context()))
    [accepted] = decide(back, ACCEPT, context())
    assert isinstance(accepted, IssueAccepted)
    assert accepted.order_number == 2, "the first was cancelled"


def test_an_earlier_order_that_is_heard_of_late_does_not_close_the_issue() -> None:
    """It ended just before the merger cancelled it; the merger was undone before the news came."""
    second = after(*TO[Status.MERGED], UNMERGE)
    assert decide(second, replace(CLOSE, number=1), context()) == []
    assert len(decide(second, replace(CLOSE, number=2), context())) == 1
    assert len(decide(second, CLOSE, context())) == 1, "an order from before they were numbered"
