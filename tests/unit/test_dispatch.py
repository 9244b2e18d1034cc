"""Who gets an order, by the project's own catalogue and directory."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from contracts.codes import ObligationRole, Urgency
from services.router.dispatch import NeedsDispatcher, Proposal, Proposals, propose
from services.router.reference_data import RouterReference
from services.router.reference_tables import DIRECTORY, build, read

APPEALS = Path(__file__).parents[2] / "demo" / "appeals.jsonl"
DONGFENG = "150102006"  # 新城区东风路街道
DAY = date(2026, 3, 2)


@pytest.fixture(scope="module")
def reference() -> RouterReference:
    return build("2026.1", read(DIRECTORY))


def item_with(reference: RouterReference, lead: str, urgency: str = "normal") -> str:
    return next(code for code, item in reference.items.items() if (item.lead, item.urgency) == (lead, urgency))


def proposed(found: Proposal | NeedsDispatcher) -> Proposal:
    assert isinstance(found, Proposal)
    return found


def refused(found: Proposal | NeedsDispatcher) -> NeedsDispatcher:
    assert isinstance(found, NeedsDispatcher)
    return found


def units(proposal: Proposal) -> list[tuple[str, ObligationRole]]:
    return [(unit.unit, unit.role) for unit in proposal.routing.units]


def test_locality_is_the_street_where_it_happened(reference: RouterReference) -> None:
    item = reference.items["1801"]
    found = proposed(propose(reference, "1801", DONGFENG))
    assert units(found) == [("S150102006", ObligationRole.LEAD)]
    assert (found.routing.rule, found.routing.reference_version) == ("locality", "2026.1")
    assert found.routing.terms.contact_hours == item.contact_hours
    assert found.routing.terms.limit_working_days == item.limit_working_days
    assert (found.county_code, found.street_code) == ("150102", DONGFENG)
    assert any("东风路街道" in reason for reason in found.reasons)


def test_sector_is_the_items_unit_wherever_it_happened(reference: RouterReference) -> None:
    for place in (DONGFENG, None, "999999999"):
        found = proposed(propose(reference, "0101", place))
        assert units(found) == [("E15010001", ObligationRole.LEAD)]
        assert found.routing.rule == "sector"


def test_dual_goes_to_both_and_the_street_leads(reference: RouterReference) -> None:
    code = item_with(reference, "dual")
    found = proposed(propose(reference, code, DONGFENG))
    assert units(found) == [
        ("S150102006", ObligationRole.LEAD),
        (reference.items[code].sector_unit, ObligationRole.DUAL),
    ]
    assert found.routing.rule == "dual"


@pytest.mark.parametrize("place", [f"{DONGFENG}001", f"{DONGFENG}001007"])
def test_a_community_or_a_grid_is_its_streets(reference: RouterReference, place: str) -> None:
    assert propose(reference, "1801", place) == propose(reference, "1801", DONGFENG)


@pytest.mark.parametrize(
    ("place", "desk"), [(None, None), ("150102", "G150102"), ("150102999", "G150102"), ("999", None)]
)
@pytest.mark.parametrize("lead", ["locality", "dual"])
def test_an_unknown_street_is_for_a_dispatcher(
    reference: RouterReference, lead: str, place: str | None, desk: str | None
) -> None:
    found = refused(propose(reference, item_with(reference, lead), place))
    assert (found.reason, found.desk) == ("unknown_place", desk)


def test_an_unknown_item_is_for_a_dispatcher(reference: RouterReference) -> None:
    found = refused(propose(reference, "9999", DONGFENG, Urgency.URGENT))
    assert (found.reason, found.desk, found.urgency) == ("unknown_item", "G150102", Urgency.URGENT)
    assert "9999" in found.reasons[0]


def test_an_emergency_waits_for_no_street(reference: RouterReference) -> None:
    code = item_with(reference, "locality")
    found = proposed(propose(reference, code, None, Urgency.EMERGENCY))
    assert units(found) == [(reference.items[code].sector_unit, ObligationRole.LEAD)]
    assert (found.routing.rule, found.urgency) == ("emergency_sector", Urgency.EMERGENCY)


@pytest.mark.parametrize(
    ("place", "lead"), [(DONGFENG, "S150102006"), ("150102", "G150102"), ("150102999", "G150102"), (None, None)]
)
def test_an_emergency_of_an_unknown_item_goes_to_the_locality_and_the_duty_desk_at_once(
    reference: RouterReference, place: str | None, lead: str | None
) -> None:
    found = proposed(propose(reference, "9999", place, Urgency.EMERGENCY))
    desk = "D15010025"
    both = [(lead, ObligationRole.LEAD), (desk, ObligationRole.DUAL)] if lead else [(desk, ObligationRole.LEAD)]
    assert units(found) == both
    assert (found.routing.rule, found.urgency) == ("emergency_duty", Urgency.EMERGENCY)
    assert (found.routing.terms.contact_hours, found.routing.terms.limit_working_days) == (1, 1)
    assert "9999" in found.reasons[0]


def test_an_emergency_whose_sector_unit_has_ended_goes_to_the_duty_desk(reference: RouterReference) -> None:
    code = reference.items["1701"].sector_unit
    ended = replace(reference.units[code], valid_to=DAY - timedelta(days=1))
    without = replace(reference, units={**reference.units, code: ended})
    found = proposed(propose(without, "1701", DONGFENG, on=DAY))
    assert units(found) == [("S150102006", ObligationRole.LEAD), ("D15010025", ObligationRole.DUAL)]


def test_without_a_duty_desk_an_emergency_is_for_a_dispatcher_in_minutes(reference: RouterReference) -> None:
    desk = replace(reference.units["D15010025"], emergency_contact_hours=None, emergency_limit_days=None)
    without = replace(reference, units={**reference.units, desk.code: desk})
    assert refused(propose(without, "9999", DONGFENG, Urgency.EMERGENCY)).urgency is Urgency.EMERGENCY


def test_intake_can_raise_the_urgency_but_not_lower_it(reference: RouterReference) -> None:
    assert proposed(propose(reference, "1801", DONGFENG, Urgency.URGENT)).urgency is Urgency.URGENT
    assert proposed(propose(reference, "0105", DONGFENG, Urgency.NORMAL)).urgency is Urgency.EMERGENCY


def test_what_is_remembered_is_what_the_reference_in_force_says(reference: RouterReference) -> None:
    later = build("2026.2", read(DIRECTORY))
    in_force = [reference]
    proposals = Proposals(lambda: in_force[-1])
    asked = ("1801", DONGFENG, Urgency.NORMAL)
    for expected in (reference, later, reference):
        in_force.append(expected)
        assert proposals(*asked, DAY) == proposals(*asked, DAY) == propose(expected, *asked)
    assert proposals("1801", DONGFENG, Urgency.URGENT, DAY) == propose(reference, "1801", DONGFENG, Urgency.URGENT)
    assert proposals("1801", None, Urgency.NORMAL, DAY) == propose(reference, "1801", None)


def test_what_is_remembered_of_one_day_is_not_said_of_another(reference: RouterReference) -> None:
    ends = replace(reference.items["1801"], valid_to=DAY)
    ending = replace(reference, items={**reference.items, "1801": ends})
    proposals = Proposals(lambda: ending)
    proposed(proposals("1801", DONGFENG, Urgency.NORMAL, DAY))
    refused(proposals("1801", DONGFENG, Urgency.NORMAL, DAY + timedelta(days=1)))


def test_the_expected_lead_of_every_known_appeal_is_met(reference: RouterReference) -> None:
    appeals = [json.loads(line) for line in APPEALS.read_text(encoding="utf-8").splitlines()]
    checked = 0
    for appeal in appeals:
        expected = appeal["expected"]
        found = propose(reference, expected["item_code"] or "", appeal["street_code"])
        if expected["disposition"] == "dispatch" and isinstance(found, Proposal):
            assert found.routing.rule == expected["lead"], appeal["id"]
            checked += 1
    assert checked > 60
