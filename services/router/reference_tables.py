"""The router's reference files: reading them, and the rules that they must keep."""

from dataclasses import fields
from pathlib import Path

from chassis.reference import Tables
from chassis.tables import Checks, read_csv
from services.router.reference_data import Item, RouterReference, Street, Unit

DIRECTORY = Path(__file__).parent / "reference"
"""The files the project carries."""
STREET_COLUMNS = ("code", "name", "county_code", "province_code", "city_code")


def read(directory: Path) -> Tables:
    """Read ``catalogue.csv``, ``units.csv`` and ``streets.csv``. Raises ``chassis.tables.BadTable``."""
    return {
        "catalogue": read_csv(directory / "catalogue.csv", [column.name for column in fields(Item)]),
        "units": read_csv(directory / "units.csv", [column.name for column in fields(Unit)]),
        "streets": read_csv(directory / "streets.csv", STREET_COLUMNS, header=False),
    }


def build(version: str, tables: Tables) -> RouterReference:
    """The typed snapshot of a version. Raises ``chassis.tables.BadTable`` with every rule that is broken."""
    catalogue, directory, list_of_streets = tables["catalogue"], tables["units"], tables["streets"]
    checks = Checks()
    for table in (catalogue, directory, list_of_streets):
        checks.filled(table)
        checks.unique(table, "code")
    items = {item.code: item for item in checks.parse(catalogue, Item)}
    units = {unit.code: unit for unit in checks.parse(directory, Unit)}
    streets = {street.code: street for street in checks.parse(list_of_streets, Street)}
    checks.done()

    holders = {code for code, unit in units.items() if unit.can_hold_orders}
    checks.known(catalogue, "sector_unit", holders, "unit that can hold orders with the code")
    checks.known(directory, "parent_code", units, "unit with the code")
    for row in list_of_streets.rows:
        if f"S{row.values['code']}" not in holders:
            checks.add(
                list_of_streets, row, "code", f"{directory.file} has no unit S{row.values['code']} for the street"
            )
    checks.done()
    return RouterReference(version, items, units, streets)
