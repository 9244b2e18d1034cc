"""Units, streets and items begin and end: bad rows are refused, and orders go to who is there on the day."""

import csv
import io
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from chassis.tables import BadTable, Row, Table
from contracts.codes import ObligationRole, Urgency
from services.intake import reference_tables as intake
from services.router import reference_tables as router
from services.router.dispatch import NeedsDispatcher, Proposal, propose
from services.router.reference_data import RouterReference
from services.router.succession import ended
from services.router.why import Kind, explain

DONGFENG, NEIGHBOUR = "150102006", "150102001"
HEAT, ROADS = "E15010001", "D15010005"
STREETS_HEAD = "code,name,county_code,province_code,city_code,valid_from,valid_to,successor"
LOCALITY_ITEM, SECTOR_ITEM = "1801", "0101"
BEFORE, AFTER = date(2026, 6, 30), date(2026, 7, 1)
Changes = Mapping[str, Mapping[str, str]]
"""Table -> ``code.column`` -> value."""


def changed(changes: Changes) -> dict[str, Table]:
    tables = dict(router.read(router.DIRECTORY))
    for kind, cells in changes.items():
        rows = []
        for row in tables[kind].rows:
            values = dict(row.values)
            for cell, value in cells.items():
                code, column = cell.split(".")
                if values["code"] == code:
                    values[column] = value
            rows.append(Row(row.line, values))
        tables[kind] = Table(tables[kind].file, tuple(rows))
    return tables


def reference(changes: Changes) -> RouterReference:
    return router.build("2026.2", changed(changes))


def faults(changes: Changes) -> list[str]:
    with pytest.raises(BadTable) as caught:
        reference(changes)
    return [str(fault) for fault in caught.value.faults]


MERGED = {
    "streets": {f"{DONGFENG}.valid_to": "2026-06-30", f"{DONGFENG}.successor": NEIGHBOUR},
    "units": {f"S{DONGFENG}.valid_to": "2026-06-30", f"S{DONGFENG}.successor": f"S{NEIGHBOUR}"},
}
NO_SUCCESSOR = {"units": {f"S{DONGFENG}.valid_to": "2026-06-30"}}
HEAT_TAKEN_OVER = {"units": {f"{HEAT}.valid_to": "2026-06-30", f"{HEAT}.successor": ROADS}}


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        (
            {"units": {f"{HEAT}.valid_from": "2026-07-01", f"{HEAT}.valid_to": "2026-06-30"}},
            "column valid_to: ends on 2026-06-30, before it begins on 2026-07-01",
        ),
        ({"units": {f"{HEAT}.valid_to": "soon"}}, "column valid_to: "),
        ({"units": {f"{HEAT}.successor": ROADS}}, "column successor: there is a successor but no last day"),
        (
            {"units": {f"{HEAT}.valid_to": "2026-06-30", f"{HEAT}.successor": "E15019999"}},
            "column successor: there is no row with the code 'E15019999'",
        ),
        (
            {"units": {f"{HEAT}.valid_to": "2026-06-30", f"{HEAT}.successor": HEAT}},
            f"column successor: {HEAT} ends on 2026-06-30 and does not outlast this row",
        ),
        (
            {"units": HEAT_TAKEN_OVER["units"] | {f"{ROADS}.valid_from": "2026-07-02"}},
            f"column successor: {ROADS} begins on 2026-07-02 only: nobody is between",
        ),
        (
            {"units": {f"{HEAT}.valid_to": "2026-06-30", f"{HEAT}.successor": "F150102"}},
            f"column successor: F150102 cannot hold the orders that {HEAT} leaves",
        ),
        (
            {"units": {f"{HEAT}.valid_to": "2026-06-30"}},
            f"catalogue.csv, line 2, column sector_unit: {HEAT} ends on 2026-06-30 without a successor",
        ),
        (
            {"units": {f"{HEAT}.valid_from": "2026-07-01"}},
            f"catalogue.csv, line 2, column sector_unit: {HEAT} begins on 2026-07-01, the item before it",
        ),
        ({"units": {f"{HEAT}.duty_phone": "13800001234"}}, "column duty_phone: String should match pattern"),
        ({"units": {f"{HEAT}.duty_phone": ""}}, "column duty_phone: a duty contact is a post and its number"),
        ({"units": {f"{HEAT}.duty_post": ""}}, "column duty_post: a duty contact is a post and its number"),
        (
            {"units": {f"{HEAT}.emergency_limit_days": "1"}},
            "column emergency_contact_hours: the emergency duty desk has both limits",
        ),
        (
            {"units": {f"{HEAT}.emergency_contact_hours": "1", f"{HEAT}.emergency_limit_days": "1"}},
            "is the emergency duty desk already",
        ),
        (
            {"units": {"F150102.emergency_contact_hours": "1", "F150102.emergency_limit_days": "1"}},
            "column emergency_limit_days: F150102 cannot hold orders",
        ),
        (
            {"streets": {f"{DONGFENG}.valid_to": "2026-06-30", f"{DONGFENG}.successor": "150102999"}},
            "streets.csv, line 6, column successor: there is no row with the code '150102999'",
        ),
        (
            {"catalogue": {"0101.valid_from": "2026-07-01", "0101.valid_to": "2026-06-01"}},
            "catalogue.csv, line 2, column valid_to: ends on 2026-06-01, before it begins on 2026-07-01",
        ),
    ],
)
def test_a_row_that_begins_or_ends_wrongly_is_refused(changes: Changes, fault: str) -> None:
    assert any(fault in found for found in faults(changes)), faults(changes)


def test_files_from_before_there_were_dates_and_contacts_still_load(tmp_path: Path) -> None:
    for name in ("catalogue.csv", "streets.csv"):
        (tmp_path / name).write_bytes((router.DIRECTORY / name).read_bytes())
    with (router.DIRECTORY / "units.csv").open(encoding="utf-8", newline="") as file:
        rows = [row[:8] for row in csv.reader(file)]
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    (tmp_path / "units.csv").write_text(text.getvalue(), encoding="utf-8")
    loaded = router.build("old", router.read(tmp_path))
    assert loaded.units[HEAT].duty_post is None
    assert loaded.units.keys() == reference({}).units.keys()


def test_streets_with_a_header_may_say_when_they_begin_and_end(tmp_path: Path) -> None:
    for name in ("catalogue.csv", "units.csv"):
        (tmp_path / name).write_bytes((router.DIRECTORY / name).read_bytes())
    streets = (router.DIRECTORY / "streets.csv").read_text(encoding="utf-8").splitlines()
    lines = [STREETS_HEAD, *(f"{line},2020-01-01,," for line in streets)]
    (tmp_path / "streets.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    loaded = router.build("new", router.read(tmp_path))
    assert loaded.streets[DONGFENG].valid_from == date(2020, 1, 1)
    assert isinstance(propose(loaded, LOCALITY_ITEM, DONGFENG, on=date(2019, 12, 31)), NeedsDispatcher)


def test_intake_loads_the_same_catalogue_and_streets_with_their_dates(tmp_path: Path) -> None:
    for file in intake.DIRECTORY.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    for name, extra, head in (("catalogue.csv", ",2020-01-01,", None), ("streets.csv", ",,,", STREETS_HEAD)):
        first, *rest = (intake.DIRECTORY / name).read_text(encoding="utf-8").splitlines()
        lines = [head, f"{first}{extra}"] if head else [f"{first},valid_from,valid_to"]
        (tmp_path / name).write_text("\n".join([*lines, *(f"{line}{extra}" for line in rest)]) + "\n", encoding="utf-8")
    assert len(intake.build("new", intake.read(tmp_path)).items) == len(reference({}).items)


def test_every_unit_has_a_duty_post_and_an_office_number() -> None:
    units = reference({}).units.values()
    assert all(unit.duty_post and unit.duty_phone and unit.duty_phone.startswith("0471-000") for unit in units)


def test_an_order_of_a_merged_street_goes_to_its_successor_from_the_day_on() -> None:
    merged = reference(MERGED)
    before, after = (propose(merged, LOCALITY_ITEM, DONGFENG, on=day) for day in (BEFORE, AFTER))
    assert isinstance(before, Proposal)
    assert isinstance(after, Proposal)
    assert [unit.unit for unit in before.routing.units] == [f"S{DONGFENG}"]
    assert [unit.unit for unit in after.routing.units] == [f"S{NEIGHBOUR}"]
    assert after.street_code == NEIGHBOUR
    assert any("撤并入" in reason for reason in after.reasons)


def test_a_sector_unit_that_was_taken_over_is_represented_by_its_successor() -> None:
    found = propose(reference(HEAT_TAKEN_OVER), SECTOR_ITEM, None, on=AFTER)
    assert isinstance(found, Proposal)
    assert [(unit.unit, unit.role) for unit in found.routing.units] == [(ROADS, ObligationRole.LEAD)]
    assert any("承接" in reason for reason in found.reasons)


def test_a_street_office_without_successor_is_for_a_dispatcher_but_an_emergency_goes_to_the_sector() -> None:
    ended = reference(NO_SUCCESSOR)
    found = propose(ended, LOCALITY_ITEM, DONGFENG, on=AFTER)
    assert isinstance(found, NeedsDispatcher)
    assert (found.reason, found.desk) == ("unit_abolished", "G150102")
    urgent = propose(ended, LOCALITY_ITEM, DONGFENG, Urgency.EMERGENCY, on=AFTER)
    assert isinstance(urgent, Proposal)
    assert urgent.routing.rule == "emergency_sector"


def test_an_item_out_of_its_days_is_for_a_dispatcher() -> None:
    ended = reference({"catalogue": {f"{LOCALITY_ITEM}.valid_to": "2026-06-30"}})
    assert isinstance(propose(ended, LOCALITY_ITEM, DONGFENG, on=BEFORE), Proposal)
    found = propose(ended, LOCALITY_ITEM, DONGFENG, on=AFTER)
    assert isinstance(found, NeedsDispatcher)
    assert found.reason == "unknown_item"


def test_two_units_that_became_one_get_one_duty() -> None:
    plain = reference({})
    dual = next(code for code, item in plain.items.items() if item.lead == "dual")
    sector = plain.items[dual].sector_unit
    both = reference({"units": {f"{sector}.valid_to": "2026-06-30", f"{sector}.successor": f"S{DONGFENG}"}})
    found = propose(both, dual, DONGFENG, on=AFTER)
    assert isinstance(found, Proposal)
    assert [(unit.unit, unit.role) for unit in found.routing.units] == [(f"S{DONGFENG}", ObligationRole.LEAD)]


def ways(
    found_by: RouterReference, item: str, place: str | None, day: date = AFTER
) -> dict[Kind, tuple[bool, str | None]]:
    told = explain(found_by, item, place, Urgency.NORMAL, day)
    assert all(way.reason for way in told.considered)
    return {way.kind: (way.chosen, way.unit) for way in told.considered}


def test_ended_units_are_known_with_who_has_their_duties() -> None:
    assert dict(ended(reference(MERGED), BEFORE)) == {}
    assert dict(ended(reference(MERGED), AFTER)) == {f"S{DONGFENG}": f"S{NEIGHBOUR}"}
    assert dict(ended(reference(NO_SUCCESSOR), AFTER)) == {f"S{DONGFENG}": None}


def test_why_here_names_the_way_that_was_taken_and_those_that_were_not() -> None:
    plain = reference({})
    sector = plain.items[LOCALITY_ITEM].sector_unit
    assert ways(plain, LOCALITY_ITEM, DONGFENG) == {
        Kind.LOCALITY: (True, f"S{DONGFENG}"),
        Kind.SECTOR: (False, sector),
        Kind.DUAL: (False, None),
        Kind.COUNTY_CENTRE: (False, "G150102"),
        Kind.DISPATCHER: (False, None),
    }
    assert ways(plain, SECTOR_ITEM, None)[Kind.SECTOR] == (True, HEAT)
    assert ways(plain, LOCALITY_ITEM, f"{DONGFENG}001")[Kind.COMMUNITY] == (False, None)


def test_why_here_names_the_desk_that_has_to_decide() -> None:
    plain = reference({})
    assert ways(plain, LOCALITY_ITEM, "150102")[Kind.COUNTY_CENTRE] == (True, "G150102")
    assert ways(plain, LOCALITY_ITEM, "150102")[Kind.DISPATCHER] == (False, None)
    assert ways(plain, LOCALITY_ITEM, None)[Kind.DISPATCHER] == (True, None)
    assert ways(plain, "9999", DONGFENG)[Kind.COUNTY_CENTRE] == (True, "G150102")


def test_why_here_names_the_unit_that_has_ended() -> None:
    found = ways(reference(HEAT_TAKEN_OVER), SECTOR_ITEM, None)
    assert found[Kind.PREDECESSOR] == (False, HEAT)
    assert found[Kind.SECTOR] == (True, ROADS)
