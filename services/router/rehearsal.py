"""预演: one past order after another through changed reference data or limits, by the rules themselves. Pure.

Nothing of an order is changed: what happened, and when, is taken from its history; where it would have gone and when
its limits would have ended is worked out anew by ``dispatch`` and ``obligations``.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from chassis.limits import Limits
from contracts.event import Event
from contracts.router import (
    OrderContacted,
    OrderDispatched,
    OrderLimitsRecomputed,
    OrderOpened,
    OrderResultSubmitted,
    OrderReworked,
)
from services.router.clock import LimitsClock
from services.router.dispatch import NeedsDispatcher, propose
from services.router.obligations import Duty, Terms, obligation
from services.router.order_model import WorkOrder
from services.router.order_state import evolve
from services.router.reference_data import RouterReference
from services.router.why import BY_RULE

Units = tuple[str, ...]


class Turn(StrEnum):
    """What the changed data do to an order's first dispatch."""

    UNCHANGED = "unchanged"  # by rule to the same units
    ELSEWHERE = "elsewhere"  # by rule to other units
    TO_DISPATCHER = "to_dispatcher"  # by rule then, a dispatcher would have to look
    AS_DISPATCHER = "as_dispatcher"  # a dispatcher looked; the rules would have done the same
    OTHER_THAN_DISPATCHER = "other_than_dispatcher"  # a dispatcher looked; the rules would go elsewhere
    STILL_DISPATCHER = "still_dispatcher"  # a dispatcher looked, and would have to again
    FOLLOW_ON = "follow_on"  # went on from an earlier order: no rule of the catalogue chose
    UNDISPATCHED = "undispatched"  # never came to a unit


TURN_ZH = {
    Turn.UNCHANGED: "去向不变",
    Turn.ELSEWHERE: "改派其他单位",
    Turn.TO_DISPATCHER: "改为需人工派单",
    Turn.AS_DISPATCHER: "原为人工派单，规则结果相同",
    Turn.OTHER_THAN_DISPATCHER: "原为人工派单，规则结果不同",
    Turn.STILL_DISPATCHER: "仍需人工派单",
    Turn.FOLLOW_ON: "续办工单，不按目录派单",
    Turn.UNDISPATCHED: "尚未派单",
}


class Lateness(StrEnum):
    """How a limit was kept then, and would have been."""

    NEVER = "in_time_both"
    ALWAYS = "late_both"
    NEWLY = "newly_late"
    NO_MORE = "late_no_more"


LATENESS_ZH = {
    Lateness.NEVER: "始终按时",
    Lateness.ALWAYS: "始终逾期",
    Lateness.NEWLY: "将变为逾期",
    Lateness.NO_MORE: "将不再逾期",
}


@dataclass(frozen=True, slots=True)
class Change:
    """What is rehearsed. ``reference``, as of the day ``on``, is None where only limits change."""

    reference: RouterReference | None
    limits: Limits
    on: date
    now: datetime
    """Until when what is not done yet has been late."""


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """One order. ``contact`` and ``result`` are of the units that had it in its first round; the worst of them.

    ``reason`` and ``desk`` are of an order that a dispatcher would have to look at: why, and which county's (二级派单).
    """

    turn: Turn | None
    was: Units
    would: Units
    reason: str | None
    contact: Lateness | None
    result: Lateness | None
    desk: str | None = None


def rehearse(history: Sequence[tuple[datetime, Event]], change: Change) -> Rehearsed:
    """What the change would have meant for the order with this history, which begins with its opening."""
    opened = next(event for _, event in history if isinstance(event, OrderOpened))
    sent = next((event for _, event in history if isinstance(event, OrderDispatched)), None)
    was: Units = () if sent is None else tuple(unit.unit for unit in sent.obligations)
    turn, would, reason, desk = None, was, None, None
    if change.reference is not None:
        found = propose(change.reference, opened.item_code, opened.street_code, opened.urgency, on=change.on)
        if isinstance(found, NeedsDispatcher):
            would, reason, desk = (), found.reason, found.desk
        else:
            would = tuple(unit.unit for unit in found.routing.units)
        turn = _turn(opened, sent, was, would, isinstance(found, NeedsDispatcher))
    contact, result = _lateness(history, change)
    return Rehearsed(turn, was, would, reason, contact, result, desk)


def _turn(opened: OrderOpened, sent: OrderDispatched | None, was: Units, would: Units, asks: bool) -> Turn:
    if opened.earlier_order_id is not None or (sent is not None and sent.by is None and sent.rule not in BY_RULE):
        return Turn.FOLLOW_ON
    if sent is None:
        return Turn.UNDISPATCHED
    same = set(was) == set(would)
    if sent.by is None:
        return Turn.TO_DISPATCHER if asks else Turn.UNCHANGED if same else Turn.ELSEWHERE
    return Turn.STILL_DISPATCHER if asks else Turn.AS_DISPATCHER if same else Turn.OTHER_THAN_DISPATCHER


@dataclass(slots=True)
class _Clocks:
    """One unit's limits: ``was`` by the history, ``would`` by the change."""

    was: Duty
    contact_would: datetime
    due_would: datetime
    contacted_at: datetime | None = None
    submitted_at: datetime | None = None


def _lateness(history: Sequence[tuple[datetime, Event]], change: Change) -> tuple[Lateness | None, Lateness | None]:
    """Of the first round: a rework is counted anew, and by then the order has gone another way."""
    order, clocks = WorkOrder(), dict[str, _Clocks]()
    for at, event in history:
        if isinstance(event, OrderReworked):
            break
        order = evolve(order, event)
        clocks = _followed(order, clocks, event, at, change)
        if isinstance(event, OrderContacted) and (had := clocks.get(event.unit)):
            had.contacted_at = had.contacted_at or at
        if isinstance(event, OrderResultSubmitted) and (had := clocks.get(event.unit)):
            had.submitted_at = had.submitted_at or event.submitted_at
    open_until = change.now if order.due_at is not None else None
    kept = clocks.values()
    return (
        _worst([(one.was.contact_due, one.contact_would, one.contacted_at or open_until) for one in kept]),
        _worst([(one.was.due, one.due_would, one.submitted_at or open_until) for one in kept]),
    )


def _followed(
    order: WorkOrder, before: dict[str, _Clocks], event: Event, at: datetime, change: Change
) -> dict[str, _Clocks]:
    """The clocks of the units that have the order now. An end that moved moves by as much working time here."""
    calendar = change.limits.calendar
    after = {}
    for duty in order.duties:
        had = before.get(duty.unit)
        if had is None:
            had = _started(order, duty, list(before.values()), at, change)
        elif duty.due != had.was.due and not isinstance(event, OrderLimitsRecomputed):
            had.due_would = calendar.add_working(had.due_would, calendar.working_elapsed(had.was.due, duty.due))
            if duty.contact_due > had.was.contact_due:
                had.contact_would += duty.contact_due - had.was.contact_due
        had.was = duty
        after[duty.unit] = had
    return after


def _started(order: WorkOrder, duty: Duty, others: Sequence[_Clocks], at: datetime, change: Change) -> _Clocks:
    """A duty's first limits: the item's by the changed catalogue, else those printed on the order; an heir's go on."""
    item = change.reference.items.get(order.item_code) if change.reference else None
    terms = order.terms if item is None else Terms(item.contact_hours, item.limit_working_days)
    would = obligation(duty.unit, duty.role, terms, order.urgency, LimitsClock(change.limits), at)
    inherited = next((other.due_would for other in others if other.was.due == duty.due and not duty.result_id), None)
    return _Clocks(duty, would.contact_due, inherited or would.due)


def _worst(ends: Sequence[tuple[datetime, datetime, datetime | None]]) -> Lateness | None:
    """(end then, end by the change, when it was done or is still open): late is an order of which one unit is late."""
    done = [(was, would, at) for was, would, at in ends if at is not None]
    if not done:
        return None
    late_then, late_now = any(at > was for was, _, at in done), any(at > would for _, would, at in done)
    if late_then:
        return Lateness.ALWAYS if late_now else Lateness.NO_MORE
    return Lateness.NEWLY if late_now else Lateness.NEVER


@dataclass(slots=True)
class Report:
    """What came of many orders: counts, and the first ``shown`` ids of each kind of change."""

    shown: int
    orders: int = 0
    turns: Counter[Turn] = field(default_factory=Counter)
    pairs: Counter[tuple[Turn, Units, Units]] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    desks: Counter[tuple[str, str | None]] = field(default_factory=Counter)
    contact: Counter[Lateness] = field(default_factory=Counter)
    result: Counter[Lateness] = field(default_factory=Counter)
    examples: dict[tuple[object, ...], list[str]] = field(default_factory=dict)

    def add(self, id_: str, one: Rehearsed) -> None:
        """Count an order."""
        self.orders += 1
        if one.turn is not None:
            self.turns[one.turn] += 1
        if one.turn in (Turn.ELSEWHERE, Turn.OTHER_THAN_DISPATCHER):
            self.pairs[one.turn, one.was, one.would] += 1
            self._example(id_, "pair", one.turn, one.was, one.would)
        if one.turn is Turn.TO_DISPATCHER and one.reason is not None:
            self.reasons[one.reason] += 1
            self.desks[one.reason, one.desk] += 1
            self._example(id_, "reason", one.reason)
        if one.contact is not None:
            self.contact[one.contact] += 1
            self._example(id_, "contact", one.contact)
        if one.result is not None:
            self.result[one.result] += 1
            self._example(id_, "result", one.result)

    def _example(self, id_: str, *kind: object) -> None:
        kept = self.examples.setdefault(kind, [])
        if len(kept) < self.shown:
            kept.append(id_)
