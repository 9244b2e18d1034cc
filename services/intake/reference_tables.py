"""Intake's reference files: reading them, and the rules that they must keep."""

from dataclasses import fields
from pathlib import Path

from chassis.reference import Tables
from chassis.tables import Checks, read_csv, read_jsonl
from services.intake.reference_data import Exclusion, IntakeReference, Item, Knowledge, Street, Unit

DIRECTORY = Path(__file__).parent / "reference"
"""The files the project carries."""
STREET_COLUMNS = ("code", "name", "county_code", "province_code", "city_code")
DATES = ("valid_from", "valid_to", "successor")
"""Columns that the router's copy of the same file may have; what has ended is the router's to find a successor for."""
CATALOGUE_COLUMNS = (
    *("code", "category_zh", "category_en", "item_zh", "item_en", "default_kind"),
    *("lead", "sector_unit", "urgency", "contact_hours", "limit_working_days"),
    *("keywords", "mediation_hint", "whistle_hint"),
)
UNIT_COLUMNS = ("code", "name_zh")
UNIT_OTHERS = (
    *("name_en", "level", "kind", "division_code", "parent_code", "categories", "duty_post", "duty_phone"),
    *("emergency_contact_hours", "emergency_limit_days", *DATES),
)
"""Columns of the router's directory that intake has no use for."""


def read(directory: Path) -> Tables:
    """Read catalogue, exclusions, knowledge base, streets, and, if it is there, ``units.csv``.

    Raises ``chassis.tables.BadTable``.
    """
    units = directory / "units.csv"
    return {
        "catalogue": read_csv(directory / "catalogue.csv", CATALOGUE_COLUMNS, DATES[:2]),
        "exclusions": read_csv(directory / "exclusions.csv", [column.name for column in fields(Exclusion)]),
        "knowledge": read_jsonl(directory / "knowledge.jsonl"),
        "streets": read_csv(directory / "streets.csv", STREET_COLUMNS, DATES, header=False),
        **({"units": read_csv(units, UNIT_COLUMNS, UNIT_OTHERS)} if units.exists() else {}),
    }


def build(version: str, tables: Tables) -> IntakeReference:
    """The typed snapshot of a version. Raises ``chassis.tables.BadTable`` with every rule that is broken."""
    catalogue, exclusions, knowledge, streets = (
        tables[kind] for kind in ("catalogue", "exclusions", "knowledge", "streets")
    )
    directory = tables.get("units")
    checks = Checks()
    for table in (catalogue, exclusions, knowledge, streets, *([directory] if directory else [])):
        checks.filled(table)
        checks.unique(table, "id" if table is knowledge else "code")
    checks.known(knowledge, "item_code", {row.values["code"] for row in catalogue.rows}, "catalogue item")
    reference = IntakeReference(
        version=version,
        items={item.code: item for item in checks.parse(catalogue, Item)},
        exclusions={exclusion.code: exclusion for exclusion in checks.parse(exclusions, Exclusion)},
        knowledge={entry.id: entry for entry in checks.parse(knowledge, Knowledge)},
        streets={street.code: street for street in checks.parse(streets, Street)},
        units={unit.code: unit for unit in checks.parse(directory, Unit)} if directory else {},
    )
    checks.done()
    return reference
