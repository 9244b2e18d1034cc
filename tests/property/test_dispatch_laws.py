"""Laws of dispatch that hold for every item, place and urgency."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.codes import ObligationRole, Urgency
from services.router.dispatch import SEVERITY, NeedsDispatcher, Proposal, propose
from services.router.reference_tables import DIRECTORY, build, read

REFERENCE = build("test", read(DIRECTORY))
places = st.none() | st.sampled_from(sorted(REFERENCE.streets)) | st.from_regex(r"\A[0-9]{6}([0-9]{3}){0,3}\Z")
items = st.sampled_from(sorted(REFERENCE.items)) | st.from_regex(r"\A[0-9]{4}\Z")
urgencies = st.sampled_from(Urgency)


def check(found: Proposal | NeedsDispatcher, urgency: Urgency) -> None:
    assert found.reasons
    assert SEVERITY.index(found.urgency) >= SEVERITY.index(urgency)
    if isinstance(found, NeedsDispatcher):
        assert found.reason in {"unknown_item", "unknown_place"}
        assert found.desk is None or found.desk in REFERENCE.units
        return
    units = [REFERENCE.units[unit.unit] for unit in found.routing.units]
    assert all(unit.can_hold_orders for unit in units)
    assert len({unit.code for unit in units}) == len(units)
    assert [unit.role for unit in found.routing.units].count(ObligationRole.LEAD) == 1
    assert found.routing.terms.contact_hours > 0
    assert found.routing.terms.limit_working_days > 0


@pytest.mark.parametrize("item_code", sorted(REFERENCE.items))
def test_every_item_has_units_on_every_street(item_code: str) -> None:
    for street_code in REFERENCE.streets:
        found = propose(REFERENCE, item_code, street_code)
        assert isinstance(found, Proposal)
        check(found, Urgency.NORMAL)


@given(items, places, urgencies)
def test_any_input_gives_units_that_exist_or_a_reason(item: str, place: str | None, urgency: Urgency) -> None:
    found = propose(REFERENCE, item, place, urgency)
    check(found, urgency)
    assert propose(REFERENCE, item, place, urgency) == found


@given(items, places)
def test_an_emergency_is_never_held_whatever_is_unknown(item: str, place: str | None) -> None:
    found = propose(REFERENCE, item, place, Urgency.EMERGENCY)
    assert isinstance(found, Proposal)
    check(found, Urgency.EMERGENCY)
