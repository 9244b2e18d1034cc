"""时限重算: what a recount of limits may do to an order, and what becomes of it. Pure.

The ends themselves are counted outside (``recount``), from the history and the calendars of then and now. Here is
what they may do: nobody becomes late by them, and the citizen's promised time never moves to earlier (docs/adr/0015).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from contracts.event import Event
from contracts.frozen import replace
from contracts.router import Obligation, OrderLimitsRecomputed
from services.router.obligations import Duty, Step
from services.router.order_model import WorkOrder

PROMISE, STEP = "promise", "step"
_OF_DUTY = {"sign": "sign_due", "yellow": "yellow_at", "due": "due"}


@dataclass(frozen=True, slots=True)
class Moved:
    """A limit that ends at another time by the new calendar. ``before`` is the end that this was counted from."""

    before: datetime
    after: datetime


@dataclass(frozen=True, slots=True)
class RecountLimits:
    """时限重算 by ``calendar``; ``moved`` are the limits, by the names that ``running`` gives them."""

    calendar: str
    moved: Mapping[str, Moved]

    @property
    def lengthens_promise(self) -> bool:
        """Whether the citizen is to be told another time."""
        promise = self.moved.get(PROMISE)
        return promise is not None and promise.after > promise.before


def running(order: WorkOrder) -> dict[str, datetime]:
    """Every limit that a recount may move, and when it ends: of duties without a result, of the step, the promise."""
    if order.due_at is None:
        return {}
    ends = {PROMISE: order.promised_at} if order.promised_at and order.unsubmitted else {}
    if order.watch is not None:
        ends[STEP] = order.watch.due
    for duty in order.unsubmitted:
        ends |= {f"{name}:{duty.unit}": getattr(duty, clock) for name, clock in _clocks(duty).items()}
    return ends


def decide(order: WorkOrder, command: RecountLimits, now: datetime) -> list[Event]:
    """The limits that move; nothing where an end is not any more what was counted from, or nobody gains by it."""
    ends = running(order)
    moved = {
        name: end.after for name, end in command.moved.items() if ends.get(name) == end.before and _may(name, end, now)
    }
    if not moved:
        return []
    promised = moved.get(PROMISE)
    return [
        OrderLimitsRecomputed(
            issue_id=order.issue_id,
            calendar=command.calendar,
            recomputed_at=now,
            obligations=[_obligation(duty, moved) for duty in order.unsubmitted if _concerns(duty, moved)],
            step_due=moved.get(STEP),
            promised_before=order.promised_at if promised else None,
            promised_at=promised,
            appeals=list(order.appeals) if promised else [],
        )
    ]


def evolve(order: WorkOrder, event: OrderLimitsRecomputed) -> WorkOrder:
    """The order with its new ends. What was late or nearly so by the old end and is not by the new one, is not."""
    new = {obligation.unit: obligation for obligation in event.obligations}
    duties = tuple(_recounted(duty, new[duty.unit], event) if duty.unit in new else duty for duty in order.duties)
    watch = order.watch
    if watch is not None and event.step_due is not None:
        watch = replace(watch, due=event.step_due, overdue=watch.overdue and event.step_due <= event.recomputed_at)
    return replace(order, duties=duties, watch=watch, promised_at=event.promised_at or order.promised_at)


def _may(name: str, end: Moved, now: datetime) -> bool:
    """A shorter limit must still lie ahead; the promise gets no shorter."""
    return end.after > end.before or (end.after != end.before and end.after > now and name != PROMISE)


def _clocks(duty: Duty) -> dict[str, str]:
    return {name: clock for name, clock in _OF_DUTY.items() if name != "sign" or duty.step is Step.TO_SIGN}


def _concerns(duty: Duty, moved: Mapping[str, datetime]) -> bool:
    return any(f"{name}:{duty.unit}" in moved for name in _OF_DUTY)


def _obligation(duty: Duty, moved: Mapping[str, datetime]) -> Obligation:
    ends = {clock: moved.get(f"{name}:{duty.unit}", getattr(duty, clock)) for name, clock in _OF_DUTY.items()}
    ends["yellow_at"] = min(ends["yellow_at"], ends["due"])  # a warning that had to stay must not come after the end
    return Obligation(unit=duty.unit, role=duty.role, contact_due=duty.contact_due, **ends)


def _recounted(duty: Duty, new: Obligation, event: OrderLimitsRecomputed) -> Duty:
    moved = replace(duty, sign_due=new.sign_due, yellow_at=new.yellow_at, due=new.due)
    return replace(
        moved,
        contact_overdue=duty.contact_overdue and moved.contact_end <= event.recomputed_at,
        yellow=duty.yellow and new.yellow_at <= event.recomputed_at,
        red=duty.red and new.due <= event.recomputed_at,
    )
