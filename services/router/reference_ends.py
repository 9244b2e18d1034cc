"""Rules of rows that begin and end (生效、撤并): who succeeds whom, so that nothing is led by nobody."""

from collections.abc import Mapping
from datetime import date
from typing import TypeVar

from chassis.tables import Checks, Row, Table
from services.router.reference_data import Dated, Item, Street, Unit, successors

D = TypeVar("D", bound=Dated)
S = TypeVar("S", Unit, Street)


def check_days(checks: Checks, table: Table, rows: Mapping[str, Dated]) -> None:
    """A row does not end before it begins."""
    for line, row in _lines(table, rows):
        if row.valid_from is not None and row.valid_to is not None and row.valid_to < row.valid_from:
            checks.add(table, line, "valid_to", f"ends on {row.valid_to}, before it begins on {row.valid_from}")


def check(checks: Checks, table: Table, rows: Mapping[str, S]) -> None:
    """A successor is another row that is there when its predecessor ends, and lasts longer; only who ends has one."""
    check_days(checks, table, rows)
    for line, row in _lines(table, rows):
        if row.successor is None:
            continue
        after = rows.get(row.successor)
        if row.valid_to is None:
            checks.add(table, line, "successor", "there is a successor but no last day: fill valid_to")
        elif after is None:
            checks.add(table, line, "successor", f"there is no row with the code {row.successor!r}")
        elif after.valid_to is not None and after.valid_to <= row.valid_to:
            checks.add(table, line, "successor", f"{after.code} ends on {after.valid_to} and does not outlast this row")
        elif after.valid_from is not None and (after.valid_from - row.valid_to).days > 1:
            checks.add(table, line, "successor", f"{after.code} begins on {after.valid_from} only: nobody is between")


def check_leads(checks: Checks, catalogue: Table, items: Mapping[str, Item], units: Mapping[str, Unit]) -> None:
    """An item has a sector unit, or who came after it, on each of its days: else it would have no lead."""
    for line, item in _lines(catalogue, items):
        unit = units[item.sector_unit]
        last = successors(units, unit, date.max)[-1]
        if last.valid_to is not None and (item.valid_to is None or last.valid_to < item.valid_to):
            rule = f"{last.code} ends on {last.valid_to} without a successor, the item does not"
            checks.add(catalogue, line, "sector_unit", rule)
        if unit.valid_from is not None and (item.valid_from is None or item.valid_from < unit.valid_from):
            rule = f"{unit.code} begins on {unit.valid_from}, the item before it"
            checks.add(catalogue, line, "sector_unit", rule)


def check_holders(checks: Checks, directory: Table, units: Mapping[str, Unit]) -> None:
    """Who succeeds a unit that can hold orders can hold them too. A duty contact is a post with its number.

    The emergency duty desk is one unit that can hold orders, with both of its limits.
    """
    desk: Unit | None = None
    for line, unit in _lines(directory, units):
        limits = {name: getattr(unit, name) for name in ("emergency_contact_hours", "emergency_limit_days")}
        if any(limits.values()):
            if missing := [name for name, value in limits.items() if value is None]:
                checks.add(directory, line, missing[0], "the emergency duty desk has both limits: give both or neither")
            elif not unit.can_hold_orders:
                checks.add(directory, line, "emergency_limit_days", f"{unit.code} cannot hold orders")
            elif desk is not None:
                checks.add(directory, line, "emergency_limit_days", f"{desk.code} is the emergency duty desk already")
            desk = unit
        after = units.get(unit.successor or "")
        if after is not None and unit.can_hold_orders and not after.can_hold_orders:
            checks.add(directory, line, "successor", f"{after.code} cannot hold the orders that {unit.code} leaves")
        if (unit.duty_post is None) != (unit.duty_phone is None):
            empty = "duty_post" if unit.duty_post is None else "duty_phone"
            checks.add(directory, line, empty, "a duty contact is a post and its number: give both or neither")


def _lines(table: Table, rows: Mapping[str, D]) -> list[tuple[Row, D]]:
    return [(line, rows[line.values["code"]]) for line in table.rows if line.values["code"] in rows]
