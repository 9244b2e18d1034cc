"""Whose an order is, as Open311 tells it: every event by which one comes to a unit or goes from it."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from contracts.codes import ObligationRole
from contracts.event import Event
from contracts.router import OrderDispatched, OrderSigned
from contracts.router_obligations import Obligation
from contracts.router_requests import OrderReturnApproved, OrderRuled
from contracts.router_turns import OrderCancelled, OrderHandedOver, OrderReassigned, OrderRecalled, OrderReopened
from services.intake.open311.responsible import TOLD, units_after

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
ISSUE, OTHER = (f"01900000-0000-7000-8000-00000000000{n}" for n in (1, 2))
STREET, SECTOR, THIRD = "S150105004", "D15010005", "E15010001"


def duty(unit: str, role: ObligationRole = ObligationRole.LEAD) -> Obligation:
    return Obligation(unit=unit, role=role, sign_due=NOW, contact_due=NOW, yellow_at=NOW, due=NOW)


def dispatched(*duties: Obligation) -> OrderDispatched:
    return OrderDispatched(
        issue_id=ISSUE,
        appeals=[ISSUE],
        obligations=list(duties),
        co_handlers=[THIRD],
        rule="locality",
        reference_version="v1",
        contact_hours=4,
        limit_working_days=2,
        promised_at=NOW,
        by=None,
    )


def ruled(to: str) -> OrderRuled:
    stays = to == STREET
    return OrderRuled(request_id=OTHER, unit=STREET, lead_unit=to, obligation=None if stays else duty(to), by="S1")


def handed_over(unit: str, successor: str | None) -> OrderHandedOver:
    return OrderHandedOver(unit=unit, successor=successor, dispatch_due=None if successor else NOW, by="S1")


ONE = dispatched(duty(STREET))
RETURNED = OrderReturnApproved(request_id=OTHER, unit=STREET, dispatch_due=NOW, by="D1")
CANCELLED = OrderCancelled(issue_id=ISSUE, reason="withdrawn", merged_into=None, whistles=[], case_id=None)
DUAL = dispatched(duty(SECTOR, ObligationRole.DUAL), duty(STREET))
LIVES: dict[str, tuple[Sequence[Event], tuple[str, ...]]] = {
    "nothing heard": ((), ()),
    "dispatched; a helper has no duty": ((ONE,), (STREET,)),
    "dual: both, the lead first": ((DUAL,), (STREET, SECTOR)),
    "recalled": ((ONE, OrderRecalled(units=[STREET], reason="wrong_unit", dispatch_due=NOW, by="D1")), ()),
    "one of two returned": ((DUAL, RETURNED), (SECTOR,)),
    "dispatched anew": ((ONE, RETURNED, dispatched(duty(SECTOR))), (SECTOR,)),
    "ruled to another": ((DUAL, ruled(THIRD)), (THIRD, SECTOR)),
    "ruled to stay": ((ONE, ruled(STREET)), (STREET,)),
    "reassigned: until the other one has signed": (
        (ONE, OrderReassigned(unit=STREET, obligation=duty(SECTOR), number=1, by="D1")),
        (STREET,),
    ),
    "signed by another": ((ONE, OrderSigned(unit=SECTOR, automatic=False, by="H1", replaces=STREET)), (SECTOR,)),
    "signed by who has it": ((ONE, OrderSigned(unit=STREET, automatic=True, by=None)), (STREET,)),
    "handed over": ((ONE, handed_over(STREET, SECTOR)), (SECTOR,)),
    "handed over to nobody": ((ONE, handed_over(STREET, None)), ()),
    "a helper handed over": ((ONE, handed_over(THIRD, SECTOR)), (STREET,)),
    "handed over to who has it too": ((DUAL, handed_over(STREET, SECTOR)), (SECTOR,)),
    "cancelled": ((ONE, CANCELLED), ()),
    "reopened: the next order says": ((ONE, OrderReopened(next_order_id=OTHER, rework=True)), ()),
}


@pytest.mark.parametrize(("events", "units"), LIVES.values(), ids=LIVES)
def test_who_has_the_order(events: Sequence[Event], units: tuple[str, ...]) -> None:
    assert units_after(events) == units


def test_every_event_that_is_read_from_the_journal_has_its_row() -> None:
    assert {type(event) for events, _ in LIVES.values() for event in events} == {*TOLD, OrderReassigned}
