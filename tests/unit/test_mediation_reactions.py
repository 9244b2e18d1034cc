"""What mediation does when the router speaks."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chassis.aggregate import Received
from chassis.limits import load_limits
from contracts.codes import CaseOrigin, Urgency
from contracts.event import Event
from contracts.intake_centre import IssueHandedToCentre
from contracts.intake_turns import IssueWithdrawn
from contracts.router import OrderReferred
from contracts.router_turns import OrderCancelled, OrderUrgencyRaised
from services.mediation import aggregates
from services.mediation.case_model import EndWithOrder, Register
from services.mediation.reactions import case_of_issue, reactions

REACTIONS = reactions(aggregates.cases(load_limits(Path(aggregates.__file__).parent / "limits.toml")))
ORDER, ISSUE, CASE, APPEAL = (f"01900000-0000-7000-8000-00000000000{n}" for n in range(1, 5))
NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
CANCELLED = OrderCancelled(issue_id=ISSUE, reason="merged", merged_into=APPEAL, whistles=[], case_id=CASE)


def react(event: Event) -> list[tuple[str, Any]]:
    return [(to.id, to.command) for to in REACTIONS[type(event)](Received(APPEAL, ORDER, ISSUE, NOW, 1, event))]


def test_a_referred_order_is_registered() -> None:
    referred = OrderReferred(
        issue_id=ISSUE,
        case_id=CASE,
        unit="S150102001",
        item_code="0101",
        street_code=None,
        appeals=[APPEAL],
        mediation_due=NOW,
        by="U1",
    )
    assert react(referred) == [(CASE, Register(ISSUE, ORDER, (APPEAL,)))]


def test_an_issue_that_came_to_the_centre_is_registered_with_its_origin() -> None:
    handed = IssueHandedToCentre(
        case_id=CASE, origin="court", referred_by="F150105", appeals=[APPEAL], handling_due=NOW, by="C1"
    )
    received = Received(APPEAL, ISSUE, ISSUE, NOW, 2, handed)
    (to,) = REACTIONS[IssueHandedToCentre](received)
    assert (to.id, to.command) == (CASE, Register(ISSUE, None, (APPEAL,), CaseOrigin.COURT, "F150105"))


def test_a_withdrawn_issue_ends_the_case_that_it_became_at_the_centre() -> None:
    withdrawn = IssueWithdrawn(appeal_id=APPEAL, keep_for_safety=False, by="A1", order_number=1)
    (to,) = REACTIONS[IssueWithdrawn](Received(APPEAL, ISSUE, ISSUE, NOW, 2, withdrawn))
    assert (to.id, to.command) == (case_of_issue(ISSUE), EndWithOrder("issue_withdrawn"))


def test_an_order_that_becomes_an_emergency_ends_its_case() -> None:
    raised = OrderUrgencyRaised(urgency=Urgency.EMERGENCY, obligations=[], dispatch_due=None, by="A1", case_id=CASE)
    assert react(raised) == [(CASE, EndWithOrder("order_emergency"))]
    assert react(raised.model_copy(update={"case_id": None})) == []
    assert react(raised.model_copy(update={"referred_to": "petition_proxy"})) == [], "a petition goes on"


def test_a_cancelled_order_ends_its_case() -> None:
    assert react(CANCELLED) == [(CASE, EndWithOrder())]
    assert react(CANCELLED.model_copy(update={"case_id": None})) == []
