"""Which units have an order, by what the router told of it. Pure.

A unit is responsible from its dispatch until the order has gone from it: it stays so while a return or a ruling is
asked for and, after a reassignment, until the other one has signed (首接负责).
"""

from collections.abc import Iterable

from contracts.event import Event
from contracts.router import OrderDispatched, OrderSigned
from contracts.router_requests import OrderReturnApproved, OrderRuled
from contracts.router_turns import OrderCancelled, OrderHandedOver, OrderRecalled, OrderReopened

TOLD: tuple[type[Event], ...] = (
    *(OrderDispatched, OrderRecalled, OrderReturnApproved, OrderRuled, OrderSigned),
    *(OrderHandedOver, OrderCancelled, OrderReopened),
)
"""The events by which an order comes to a unit or goes from it; helpers 协办 have no duty in it."""


def units_after(events: Iterable[Event]) -> tuple[str, ...]:
    """Who has an order after these of its events, in their order; the lead 主办 first."""
    units: tuple[str, ...] = ()
    for event in events:
        units = _after(units, event)
    return units


def _after(units: tuple[str, ...], event: Event) -> tuple[str, ...]:
    match event:
        case OrderDispatched():
            return _with(units, *(one.unit for one in sorted(event.obligations, key=lambda one: one.role != "lead")))
        case OrderRecalled():
            return tuple(unit for unit in units if unit not in event.units)
        case OrderReturnApproved():
            return tuple(unit for unit in units if unit != event.unit)
        case OrderRuled():
            return _passed(units, event.unit, event.lead_unit)
        case OrderSigned() if event.replaces is not None:
            return _passed(units, event.replaces, event.unit)
        case OrderHandedOver():
            return _passed(units, event.unit, event.successor)
        case OrderCancelled() | OrderReopened():
            return ()
        case _:
            return units


def _with(units: tuple[str, ...], *more: str) -> tuple[str, ...]:
    return (*units, *(unit for unit in dict.fromkeys(more) if unit not in units))


def _passed(units: tuple[str, ...], from_: str, to: str | None) -> tuple[str, ...]:
    """In its place; a unit that only helped has nothing to pass on."""
    if from_ not in units:
        return units
    return tuple(dict.fromkeys(one for one in (to if unit == from_ else unit for unit in units) if one is not None))
