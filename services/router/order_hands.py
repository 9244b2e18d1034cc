"""How an order folds when it changes hands: dispatched anew, recalled, reassigned, handed over. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from contracts import router as happened
from contracts import router_turns as turned
from contracts.codes import ObligationRole
from contracts.frozen import replace
from services.router import obligations as duty_rules
from services.router.obligations import Duty, Step
from services.router.order_model import Heir, Watch, WorkOrder, aside, void, without

Value = TypeVar("Value")
_PARTS = list(ObligationRole)
"""The more responsible part first."""
_STEPS = list(Step)


def dispatched(order: WorkOrder, event: happened.OrderDispatched) -> WorkOrder:
    """Who kept its duty while another's was returned goes on as it was."""
    kept = {duty.unit: duty for duty in order.duties}
    duties = tuple(
        replace(kept[new.unit], role=new.role) if new.unit in kept else duty_rules.taken(new)
        for new in event.obligations
    )
    folded = replace(order, duties=duties)
    return aside(folded, vacant=()) if order.aside else folded


def vacated(order: WorkOrder, units: set[str], dispatch_due: datetime, why: str) -> WorkOrder:
    """These units have it no more: a dispatcher looks for others."""
    gone = tuple(duty.role for duty in order.duties if duty.unit in units)
    duties = tuple(duty for duty in order.duties if duty.unit not in units)
    requests = tuple(r for r in order.requests if r.unit not in units)
    watch = Watch("dispatch", dispatch_due)
    folded = replace(order, duties=duties, requests=requests, watch=watch, queue_reason=why)
    return aside(folded, vacant=(*order.side.vacant, *gone))


def recalled(order: WorkOrder, event: turned.OrderRecalled) -> WorkOrder:
    """撤回派单."""
    return vacated(order, set(event.units), event.dispatch_due, "recalled")


def reassigned(order: WorkOrder, event: turned.OrderReassigned) -> WorkOrder:
    """转派: who gets it has to sign first."""
    new = event.obligation
    heirs = {**order.side.heirs, event.unit: Heir(new.unit, new.sign_due, new.contact_due)}
    return aside(order, heirs=heirs, moves=event.number)


def signed(order: WorkOrder, event: happened.OrderSigned) -> WorkOrder:
    """转派: with its signature the new unit takes the duty over, limit and all."""
    before = next((unit for unit, heir in order.side.heirs.items() if heir.unit == event.unit), None)
    if before is None:
        return order
    heir = order.side.heirs[before]
    duties = tuple(_inherited(duty, heir) if duty.unit == before else duty for duty in order.duties)
    folded = void(replace(order, duties=duties), before)
    return aside(folded, heirs=without(order.side.heirs, before))


def _inherited(duty: Duty, heir: Heir) -> Duty:
    return replace(
        duty,
        unit=heir.unit,
        sign_due=heir.sign_due,
        contact_due=heir.contact_due,
        signed=True,
        contacted=False,
        contact_overdue=False,
        visited=False,
    )


def handed_over(order: WorkOrder, event: turned.OrderHandedOver) -> WorkOrder:
    """移交 to the successor, with everything that was under way; who only helped is followed as a helper."""
    old, new = event.unit, event.successor
    order = replace(order, co_handlers=_helpers(order, old, new))
    if old not in order.units:
        return order
    side = order.side
    if new is None:
        folded = order if event.dispatch_due is None else vacated(order, {old}, event.dispatch_due, "unit_abolished")
        return aside(folded, heirs=without(side.heirs, old), suspended=without(side.suspended, old))
    if new in order.units:  # one duty less: what is behind stays, in the more responsible part
        return _joined(order, old, new)
    return _renamed(order, old, new)


def _helpers(order: WorkOrder, old: str, new: str | None) -> tuple[str, ...]:
    """协办: nobody helps with what they have themselves."""
    after = dict.fromkeys(new if unit == old else unit for unit in order.co_handlers)
    has = {*order.units, new if old in order.units else None}
    return tuple(unit for unit in after if unit is not None and unit not in has)


def _renamed(order: WorkOrder, old: str, new: str) -> WorkOrder:
    """What the old unit had been refused, ruled or excused is the new one's: it is the same duty."""
    side = order.side

    def by_unit(values: Mapping[str, Value]) -> dict[str, Value]:
        return {new if unit == old else unit: value for unit, value in values.items()}

    def units(names: Sequence[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(new if unit == old else unit for unit in names))

    duties = tuple(replace(duty, unit=new) if duty.unit == old else duty for duty in order.duties)
    requests = tuple(replace(r, unit=new) if r.unit == old else r for r in order.requests)
    return aside(
        replace(order, duties=duties, requests=requests),
        heirs=by_unit({unit: heir for unit, heir in side.heirs.items() if heir.unit != new}),
        suspended=by_unit(side.suspended),
        extensions=by_unit(side.extensions),
        doubts=by_unit(side.doubts),
        natures=by_unit(side.natures),
        barred=units(side.barred),
        ruled=units(side.ruled),
        excluded=units(side.excluded),
    )


def _joined(order: WorkOrder, old: str, new: str) -> WorkOrder:
    mine, theirs = (next(duty for duty in order.duties if duty.unit == unit) for unit in (new, old))
    role = min(mine.role, theirs.role, key=_PARTS.index)
    is_behind = _STEPS.index(theirs.step) < _STEPS.index(mine.step)
    gone = new if is_behind else old
    left = replace(
        order,
        duties=tuple(replace(duty, role=role) for duty in order.duties if duty.unit != gone),
        requests=tuple(request for request in order.requests if request.unit != gone),
    )
    left = aside(left, heirs=without(left.side.heirs, gone), suspended=without(left.side.suspended, gone))
    return _renamed(left, old, new) if is_behind else left
