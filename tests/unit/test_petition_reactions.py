"""What petitions do when the router or a mediation speaks: referred, cancelled, and a mediation that goes on as one."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chassis.aggregate import Received
from chassis.ids import derived_beside
from chassis.limits import load_limits
from contracts.event import Event
from contracts.intake_turns import IssueWithdrawn
from contracts.mediation import CaseGuided, CaseReferredOut
from contracts.router import OrderReferred
from contracts.router_turns import OrderCancelled
from services.mediation import aggregates
from services.mediation.case_model import EndWithOrder as EndCase
from services.mediation.case_model import Register
from services.mediation.petition_commands import EndWithOrder, Request
from services.mediation.petition_model import TakenBack
from services.mediation.petition_reactions import petition_reactions
from services.mediation.reactions import reactions

LIMITS = load_limits(Path(aggregates.__file__).parent / "limits.toml")
PETITIONS = aggregates.petitions(LIMITS)
REACTIONS = petition_reactions(PETITIONS, reactions(aggregates.cases(LIMITS)))
SENDER, ISSUE, PETITION, APPEAL, EVENT = (f"01900000-0000-7000-8000-00000000000{n}" for n in range(1, 6))
NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)


def react(event: Event) -> list[tuple[str, str, Any]]:
    received = Received(EVENT, SENDER, ISSUE, NOW, 1, event)
    return [(to.aggregate.name, to.id, to.command) for to in REACTIONS[type(event)](received)]


def referred(to: str | None) -> OrderReferred:
    return OrderReferred(
        issue_id=ISSUE,
        case_id=PETITION,
        unit="S150102001",
        item_code="0101",
        street_code=None,
        appeals=[APPEAL],
        mediation_due=NOW,
        by="U1",
        to=to,
    )


def cancelled(to: str | None) -> OrderCancelled:
    return OrderCancelled(
        issue_id=ISSUE, reason="withdrawn", merged_into=None, whistles=[], case_id=PETITION, referred_to=to
    )


def test_an_order_referred_to_a_proxy_requests_a_petition_and_opens_no_case() -> None:
    request = Request(ISSUE, SENDER, None, (APPEAL,), "U1")
    assert react(referred("petition_proxy")) == [("petition", PETITION, request)]


def test_an_order_referred_to_mediation_opens_a_case_as_before() -> None:
    assert react(referred(None)) == [("case", PETITION, Register(ISSUE, SENDER, (APPEAL,)))]


def test_a_cancelled_order_ends_its_petition_or_its_case() -> None:
    assert react(cancelled("petition_proxy")) == [("petition", PETITION, EndWithOrder())]
    assert react(cancelled(None)) == [("case", PETITION, EndCase())]


def test_an_issue_withdrawn_ends_the_petition_that_its_case_went_on_as() -> None:
    withdrawn = IssueWithdrawn(appeal_id=APPEAL, keep_for_safety=False, by="A1")
    received = Received(EVENT, ISSUE, ISSUE, NOW, 1, withdrawn)
    case, petition = REACTIONS[IssueWithdrawn](received)
    assert (case.aggregate.name, petition.aggregate.name) == ("case", "petition")
    assert petition.id == derived_beside(case.id, "petition")
    assert petition.command == EndWithOrder(TakenBack.PETITION)


@pytest.mark.parametrize(
    "event",
    [
        CaseGuided(guidance="petition_proxy", by="K1", appeals=[APPEAL]),
        CaseReferredOut(order_id=None, guidance="petition_proxy", by="K1", appeals=[APPEAL]),
    ],
    ids=["failed", "out of scope"],
)
def test_a_mediation_that_is_guided_to_a_proxy_becomes_a_petition(event: Event) -> None:
    request = Request(ISSUE, None, SENDER, (APPEAL,), "K1")
    assert react(event) == [("petition", derived_beside(SENDER, "petition"), request)]


def test_a_mediation_that_is_guided_elsewhere_does_not() -> None:
    assert react(CaseGuided(guidance="court", by="K1")) == []
    assert react(CaseReferredOut(order_id=None, guidance="court", by="K1")) == []
