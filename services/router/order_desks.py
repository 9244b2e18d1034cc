"""二级派单: whose dispatcher an order waits for, and what a county's dispatcher may do (domain.md, Mechanisms). Pure.

Where the county is known and the rules know no unit, its sub-centre dispatches onward. It is a desk of its own: it has
the orders that were given to it, returned ones too, and of the other counties' none. The clock stays the same.
"""

from contracts import router_turns as happened
from contracts.event import Event
from contracts.rejected import Rejected
from services.router.order_model import Status, WorkOrder
from services.router.order_requests import wrong_status
from services.router.turn_commands import AddCoHandler, HandOver, Reassign, Recall, SendToDesk


def must_wait_at(order: WorkOrder, desk: str | None) -> None:
    """Raises Rejected (403) for a county's dispatcher whose sub-centre was not given the order; the city's may act."""
    if desk is not None and order.desk != desk:
        raise _not_yours()


def check(order: WorkOrder, command: Recall | Reassign | AddCoHandler | HandOver | SendToDesk) -> None:
    """Raises Rejected: a county changes units within itself; the rest is for the desk that was given the order."""
    if command.desk is None:
        return
    match command:
        case SendToDesk(to=order.desk) if order.county in (None, command.desk[1:]):
            return  # done already
        case Recall() | SendToDesk():
            must_wait_at(order, command.desk)
        case _ if f"G{order.county}" != command.desk:
            raise _not_yours()
        case Reassign(to=to):
            _within(command.desk, to, "to")
        case AddCoHandler(unit) | HandOver(unit):
            _within(command.desk, unit, "unit")


def send(order: WorkOrder, command: SendToDesk) -> list[Event]:
    """转派单台, on the clock that runs: by the city to any county; a county gives back to the city what is not its."""
    if command.to == order.desk:
        return []
    if order.status is not Status.PENDING_DISPATCH:
        raise wrong_status(order, "转派单台")
    if command.desk is not None and command.to is not None:
        raise Rejected("order.city_chooses_desk", "分中心只能退回市派单员，由其转其他分中心", field="desk", status=403)
    return [happened.OrderDeskChanged(desk=command.to, by=command.by)]


def _within(desk: str, unit: str, field: str) -> None:
    """A unit's code has the county after its first letter."""
    if not unit.startswith(desk[1:], 1):
        raise Rejected("order.outside_county", "分中心只能在本旗县区的单位之间调整", field=field, status=422)


def _not_yours() -> Rejected:
    return Rejected("order.not_your_desk", "该工单不在本旗县区分中心", status=403)
