"""派单 by hand: from the body of a request to the command, for one order or for many."""

from chassis.errors import Invalid
from services.router.api_bodies import DispatchBody
from services.router.api_context import PROBLEMS, Reference
from services.router.obligations import Assignment, Terms
from services.router.order_commands import Dispatch, Routing


def check_units(body: DispatchBody, reference: Reference, where: str = "") -> None:
    """Raises ``Invalid`` for units that are not in the directory or hold no orders; ``where`` is before fields."""
    for index, obligation in enumerate(body.obligations):
        reference.check_holder(obligation.unit, f"{where}obligations.{index}.unit")
    for index, unit in enumerate(body.co_handlers):
        reference.check_unit(unit, f"{where}co_handlers.{index}")


def dispatch(body: DispatchBody, item_code: str, reference: Reference, by: str, where: str = "") -> Dispatch:
    """The command. Raises ``Invalid`` ``order.limits_required`` for an item without limits of its own."""
    routing = Routing(
        units=tuple(Assignment(obligation.unit, obligation.role) for obligation in body.obligations),
        terms=_terms(body, item_code, reference, where),
        rule="dispatcher",
        reference_version=reference.snapshot.version,
        co_handlers=tuple(body.co_handlers),
    )
    return Dispatch(routing, by)


def _terms(body: DispatchBody, item_code: str, reference: Reference, where: str) -> Terms:
    item = reference.snapshot.items.get(item_code)
    hours = body.contact_hours or (item and item.contact_hours)
    days = body.limit_working_days or (item and item.limit_working_days)
    if not hours or not days:
        problem = "order.limits_required"
        field = where + ("limit_working_days" if hours else "contact_hours")
        raise Invalid(field, "limits_required", PROBLEMS[problem], code=problem)
    return Terms(hours, days)
