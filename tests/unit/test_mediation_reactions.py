"""What mediation does when the router speaks."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chassis.aggregate import Received
from chassis.limits import load_limits
from contracts.event import Event
from contracts.router import OrderReferred
from contracts.router_turns import OrderCancelled
from services.mediation import aggregates
from services.mediation.case_model import EndWithOrder, Register
from services.mediation.reactions import reactions

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


def test_a_cancelled_order_ends_its_case() -> None:
    assert react(CANCELLED) == [(CASE, EndWithOrder())]
    assert react(CANCELLED.model_copy(update={"case_id": None})) == []
