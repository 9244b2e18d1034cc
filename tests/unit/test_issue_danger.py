"""登记 of what shows signs of danger, and of what a machine is sure of."""

from dataclasses import replace

import pytest

from contracts.codes import Agency, IssueKind, Urgency
from contracts.intake import IssueAccepted, IssueRegistered
from services.intake.issue import MACHINE, decide
from services.intake.issue_commands import Register
from services.intake.issue_model import Content, Desk, Issue
from tests.unit.issue_life import LIMITS, NOW, REGISTER, context, fold

CONTENT = Content(IssueKind.COMPLAINT, "0101", "150105004", Urgency.URGENT)


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
