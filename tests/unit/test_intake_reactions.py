"""What intake does when the centre speaks."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from chassis.aggregate import Received
from chassis.limits import load_limits
from contracts.codes import CaseOrigin, MediationOutcome
from contracts.event import Event
from contracts.mediation import CaseGuided, CasePerformed, CaseReferredOut, CaseRegistered, CaseTerminated
from contracts.mediation_prestage import PrestageSettled
from services.intake import aggregates
from services.intake.issue_centre import CaseEnded, CaseOpened
from services.intake.issue_model import Centre
from services.intake.reactions import reactions

REACTIONS = reactions(aggregates.issues(load_limits(Path(aggregates.__file__).parent / "limits.toml")))
ISSUE, CASE, ORDER = (f"01900000-0000-7000-8000-00000000000{n}" for n in range(1, 4))
NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
REGISTERED = CaseRegistered(
    issue_id=ISSUE,
    order_id=None,
    case_code="AJ0000000001",
    origin="police",
    referred_by="D15010009",
    appeals=[],
    screen_due=NOW,
)


def react(event: Event) -> list[tuple[str, object]]:
    return [(to.id, to.command) for to in REACTIONS[type(event)](Received(ORDER, CASE, ISSUE, NOW, 1, event))]


def test_a_case_from_the_door_takes_its_issue_to_the_centre() -> None:
    assert react(REGISTERED) == [(ISSUE, CaseOpened(Centre(CASE, CaseOrigin.POLICE, "D15010009")))]


def test_a_case_of_an_order_leaves_the_issue_with_its_order() -> None:
    assert react(REGISTERED.model_copy(update={"order_id": ORDER, "origin": "order"})) == []


ENDS = {
    "settled": PrestageSettled(order_id=None, kind="triangle", revisit_due=NOW, by="C1"),
    "performed": CasePerformed(order_id=None),
    "guided": CaseGuided(guidance="court", by="C1"),
    "referred_out": CaseReferredOut(order_id=None, guidance="court", by="C1"),
    "terminated": CaseTerminated(order_id=None, outcome=MediationOutcome.REFUSED, party_id=None),
}


@pytest.mark.parametrize(("outcome", "event"), ENDS.items(), ids=ENDS)
def test_every_end_of_a_case_closes_the_issue_that_it_came_from(outcome: str, event: Event) -> None:
    assert react(event) == [(ISSUE, CaseEnded(CASE, outcome))]
