"""The router's reference files: reading them, and the rules that they must keep."""

from dataclasses import MISSING, fields
from pathlib import Path

from chassis.reference import Tables
from chassis.tables import BadTable, Checks, Fault, Table, read_csv
from services.router import reference_ends as ends
from services.router.reference_data import Exclusion, Item, RouterReference, Street, Unit

DIRECTORY = Path(__file__).parent / "reference"
"""The files the project carries."""
FILES = {"catalogue": "catalogue.csv", "units": "units.csv", "streets": "streets.csv"}
OPTIONAL = {"exclusions": "exclusions.csv"}
"""Versions from before there was this list in the router still load."""
EXCLUSION_COLUMNS = ("code", "category_zh", "item_zh", "item_en", "basis", "redirect", "keywords", "agencies")
STREET_COLUMNS = ("code", "name", "county_code", "province_code", "city_code")


def read(directory: Path) -> Tables:
    """Read ``catalogue.csv``, ``units.csv``, ``streets.csv``, and ``exclusions.csv`` if it is there.

    Raises ``chassis.tables.BadTable``.
    """
    present = {kind: name for kind, name in OPTIONAL.items() if (directory / name).exists()}
    return {kind: _read(directory / name) for kind, name in (FILES | present).items()}


def read_some(path: Path) -> Tables:
    """All of them from a directory, or the one that the path names. Raises ``chassis.tables.BadTable``."""
    if path.is_dir():
        return read(path)
    for kind, name in (FILES | OPTIONAL).items():
        if name == path.name:
            return {kind: _read(path)}
    raise BadTable([Fault(path.name, 1, "", f"must be called {', '.join((FILES | OPTIONAL).values())}")])


def _read(file: Path) -> Table:
    match file.name:
        case "catalogue.csv":
            return read_csv(file, *_columns(Item))
        case "units.csv":
            return read_csv(file, *_columns(Unit))
        case "exclusions.csv":
            return read_csv(file, EXCLUSION_COLUMNS)
        case _:
            return read_csv(file, STREET_COLUMNS, _columns(Street)[1], header=False)


def _columns(row: type[Item] | type[Unit] | type[Street]) -> tuple[list[str], list[str]]:
    """The columns that a file must have, and those that it may have: files from before there were dates still load."""
    must = [column.name for column in fields(row) if column.default is MISSING]
    return must, [column.name for column in fields(row) if column.name not in must]


def build(version: str, tables: Tables) -> RouterReference:
    """The typed snapshot of a version. Raises ``chassis.tables.BadTable`` with every rule that is broken."""
    catalogue, directory, list_of_streets = tables["catalogue"], tables["units"], tables["streets"]
    listed = tables.get("exclusions")
    checks = Checks()
    for table in (catalogue, directory, list_of_streets, *([] if listed is None else [listed])):
        checks.filled(table)
        checks.unique(table, "code")
    items = {item.code: item for item in checks.parse(catalogue, Item)}
    units = {unit.code: unit for unit in checks.parse(directory, Unit)}
    streets = {street.code: street for street in checks.parse(list_of_streets, Street)}
    exclusions = None if listed is None else {row.code: row for row in checks.parse(listed, Exclusion)}
    checks.done()

    holders = {code for code, unit in units.items() if unit.can_hold_orders}
    checks.known(catalogue, "sector_unit", holders, "unit that can hold orders with the code")
    checks.known(directory, "parent_code", units, "unit with the code")
    for row in list_of_streets.rows:
        if f"S{row.values['code']}" not in holders:
            checks.add(
                list_of_streets, row, "code", f"{directory.file} has no unit S{row.values['code']} for the street"
            )
    ends.check(checks, directory, units)
    ends.check(checks, list_of_streets, streets)
    ends.check_days(checks, catalogue, items)
    checks.done()
    ends.check_leads(checks, catalogue, items, units)
    ends.check_holders(checks, directory, units)
    checks.done()
    return RouterReference(version, items, units, streets, exclusions)
