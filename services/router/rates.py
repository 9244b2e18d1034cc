"""四率 of one order: appeal × obligation with its latest call-back, each input with the event that says so. Pure.

Response 响应率 = contacted in time / dispatched; completion 办结率 = completed in time / due; resolution 解决率 =
(yes + w partly) / reached; satisfaction 满意率 = (very + yes + w neutral) / reached (domain.md, Revisit, formula v1).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contracts import router as happened
from contracts import router_requests as asked
from contracts import router_turns as turned
from contracts.codes import ObligationRole, Resolution, Satisfaction
from contracts.event import Event
from services.router.obligations import Duty
from services.router.order_model import RequestKind, WorkOrder


@dataclass(frozen=True, slots=True)
class RatesFormula:
    """The city's formula: what "partly" and "neutral" count for, and which version of it this is."""

    version: str
    partly: float
    neutral: float

    def resolved(self, answer: Resolution) -> float:
        """What an answer adds to the resolution rate."""
        return {Resolution.YES: 1.0, Resolution.PARTLY: self.partly, Resolution.NO: 0.0}[answer]

    def satisfied(self, answer: Satisfaction) -> float:
        """What an answer adds to the satisfaction rate."""
        if answer in (Satisfaction.VERY_SATISFIED, Satisfaction.SATISFIED):
            return 1.0
        return self.neutral if answer is Satisfaction.NEUTRAL else 0.0


class Beside(StrEnum):
    """Why a line leaves the denominators and is listed beside them."""

    EXCLUDED = "excluded"  # 剔除
    SUSPENDED = "suspended"  # 挂账


@dataclass(frozen=True, slots=True)
class Told:
    """An event of the order: its place in the order's history, when, and what."""

    sequence: int
    at: datetime
    event: Event


@dataclass(frozen=True, slots=True)
class Line:
    """One appeal × obligation. Each ``…_by`` is the sequence of the event that the input before it comes from.

    ``responded``: contacted in time, by the caller's word where there is one, else by the unit's. ``completed_in_time``
    is None while nothing is due. ``revisit`` is the latest call-back of the appeal, None: not called back yet.
    """

    appeal_id: str
    unit: str
    role: ObligationRole
    beside: Beside | None
    exclusion_pending: bool
    dispatched_by: int | None
    responded: bool
    responded_by: int | None
    completed_in_time: bool | None
    completed_by: int | None
    due: datetime
    revisit: happened.OrderRevisitNoted | None
    revisit_by: int | None

    @property
    def is_counted(self) -> bool:
        """Whether it is in the denominators."""
        return self.beside is None

    @property
    def is_reached(self) -> bool:
        """Whether the caller answered, by an event that kept what was said."""
        return self.revisit is not None and self.revisit.resolution is not None


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate's two sides."""

    numerator: float
    denominator: int

    @property
    def value(self) -> float | None:
        """The rate, None of nothing."""
        return self.numerator / self.denominator if self.denominator else None


def lines(order: WorkOrder, history: Sequence[Told], now: datetime) -> list[Line]:
    """Every appeal × obligation of the order as it stands."""
    return [_line(order, appeal, duty, history, now) for appeal in order.appeals for duty in order.duties]


def response(found: Iterable[Line]) -> Rate:
    """响应率."""
    counted = [line for line in found if line.is_counted]
    return Rate(sum(line.responded for line in counted), len(counted))


def completion(found: Iterable[Line]) -> Rate:
    """办结率."""
    due = [line.completed_in_time for line in found if line.is_counted and line.completed_in_time is not None]
    return Rate(sum(due), len(due))


def resolution(found: Iterable[Line], formula: RatesFormula) -> Rate:
    """解决率."""
    return _of_reached(found, lambda said: formula.resolved(said.resolution) if said.resolution else 0.0)


def satisfaction(found: Iterable[Line], formula: RatesFormula) -> Rate:
    """满意率."""
    return _of_reached(found, lambda said: formula.satisfied(said.satisfaction) if said.satisfaction else 0.0)


def _of_reached(found: Iterable[Line], worth: Callable[[happened.OrderRevisitNoted], float]) -> Rate:
    said = [line.revisit for line in found if line.is_counted and line.is_reached and line.revisit]
    return Rate(sum(map(worth, said)), len(said))


def _line(order: WorkOrder, appeal: str, duty: Duty, history: Sequence[Told], now: datetime) -> Line:
    unit = duty.unit
    noted = _latest(history, lambda event: isinstance(event, happened.OrderRevisitNoted) and event.appeal_id == appeal)
    contact = _latest(history, lambda event: isinstance(event, happened.OrderContacted) and event.unit == unit)
    result = _latest(history, lambda event: isinstance(event, happened.OrderResultSubmitted) and event.unit == unit)
    given = _latest(history, lambda event: _gives(event, unit))
    revisit = noted.event if noted and isinstance(noted.event, happened.OrderRevisitNoted) else None
    reached = revisit is not None and revisit.contacted is not None
    by_unit = contact is not None and isinstance(contact.event, happened.OrderContacted) and contact.event.in_time
    responded = bool(revisit.contacted and revisit.in_time) if revisit is not None and reached else by_unit
    source = noted if reached else contact
    completed: bool | None = None
    if duty.result_id is not None and result and isinstance(result.event, happened.OrderResultSubmitted):
        completed = result.event.in_time
    elif duty.due <= now:
        completed, result = False, None
    return Line(
        appeal_id=appeal,
        unit=duty.unit,
        role=duty.role,
        beside=_beside(order, duty.unit),
        exclusion_pending=any(request.kind is RequestKind.EXCLUSION for request in order.requests_of(duty.unit)),
        dispatched_by=_at(given),
        responded=responded,
        responded_by=_at(source),
        completed_in_time=completed,
        completed_by=None if completed is None else _at(result),
        due=duty.due,
        revisit=revisit,
        revisit_by=_at(noted),
    )


def _at(told: Told | None) -> int | None:
    return None if told is None else told.sequence


def _beside(order: WorkOrder, unit: str) -> Beside | None:
    if unit in order.side.excluded:
        return Beside.EXCLUDED
    return Beside.SUSPENDED if unit in order.side.suspended else None


def _gives(event: Event, unit: str) -> bool:
    """Whether by this event the unit got the obligation that it has."""
    match event:
        case happened.OrderDispatched():
            return any(obligation.unit == unit for obligation in event.obligations)
        case turned.OrderReassigned():
            return event.obligation.unit == unit
        case turned.OrderHandedOver():
            return event.successor == unit
        case asked.OrderRuled():
            return event.obligation is not None and event.obligation.unit == unit
        case _:
            return False


def _latest(history: Sequence[Told], wanted: Callable[[Event], bool]) -> Told | None:
    return next((told for told in reversed(history) if wanted(told.event)), None)
