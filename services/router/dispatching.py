"""派单 by hand: from the body of a request to the command, for one order or for many."""

from datetime import date

from chassis.errors import Invalid
from chassis.reference import today
from services.router.api_bodies import DispatchBody
from services.router.api_context import PROBLEMS, Reference
from services.router.obligations import Assignment, Terms
from services.router.order_commands import Dispatch, Routing
from services.router.order_model import WorkOrder
from services.router.reference_data import RouterReference, successors


def check_units(body: DispatchBody, reference: Reference, where: str = "") -> None:
    """Raises ``Invalid`` for units that are not in the directory or hold no orders; ``where`` is before fields."""
    for index, obligation in enumerate(body.obligations):
        reference.check_holder(obligation.unit, f"{where}obligations.{index}.unit")
    for index, unit in enumerate(body.co_handlers):
        reference.check_unit(unit, f"{where}co_handlers.{index}")


def dispatch(
    body: DispatchBody, order: WorkOrder, reference: Reference, by: str, desk: str | None, where: str = ""
) -> Dispatch:
    """The command; ``desk``: the county whose dispatcher asks, None: the city's.

    Raises ``Invalid`` ``order.limits_required`` for an item without limits of its own, ``order.outside_county``.
    """
    if desk is not None and order.desk == desk:  # who is at another desk is refused for that
        _check_county(body, order, reference, desk, where)
    routing = Routing(
        units=tuple(Assignment(obligation.unit, obligation.role) for obligation in body.obligations),
        terms=_terms(body, order.item_code, reference, where),
        rule="dispatcher",
        reference_version=reference.snapshot.version,
        co_handlers=tuple(body.co_handlers),
    )
    return Dispatch(routing, by, desk)


def _check_county(body: DispatchBody, order: WorkOrder, reference: Reference, desk: str, where: str) -> None:
    """二级派单 goes to the county's units, to the sector unit that the catalogue names, and to who has it already."""
    free = {*order.units, *order.co_handlers, *_sector(reference.snapshot, order.item_code, today())}
    given = [(f"obligations.{index}.unit", one.unit) for index, one in enumerate(body.obligations)]
    given += [(f"co_handlers.{index}", unit) for index, unit in enumerate(body.co_handlers)]
    for field, unit in given:
        if unit not in free:
            reference.check_county(unit, desk, where + field)


def _sector(reference: RouterReference, item_code: str, on: date) -> list[str]:
    item = reference.items.get(item_code)
    return [unit.code for unit in successors(reference.units, reference.units[item.sector_unit], on)] if item else []


def _terms(body: DispatchBody, item_code: str, reference: Reference, where: str) -> Terms:
    item = reference.snapshot.items.get(item_code)
    hours = body.contact_hours or (item and item.contact_hours)
    days = body.limit_working_days or (item and item.limit_working_days)
    if not hours or not days:
        problem = "order.limits_required"
        field = where + ("limit_working_days" if hours else "contact_hours")
        raise Invalid(field, "limits_required", PROBLEMS[problem], code=problem)
    return Terms(hours, days)
