"""承办责任 — a unit's duty in a work order: who, until when, how far it has come. Pure.

Two units in one order (双派双考) have two duties with two clocks; the order shows the least advanced.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from contracts.codes import ObligationRole, SupervisionLevel, Urgency
from contracts.event import Event
from contracts.frozen import replace
from contracts.rejected import Rejected
from contracts.router import (
    Obligation,
    OrderContacted,
    OrderResultSubmitted,
    OrderSigned,
    OrderStepOverdue,
    OrderSupervised,
)

HANDLING_KINDS = ("D", "E", "G", "S")  # 社区不承接: departments, enterprises, counties and streets handle, nobody else


_DISPATCH = {
    Urgency.NORMAL: "dispatch_queue",
    Urgency.URGENT: "dispatch_queue_urgent",
    Urgency.EMERGENCY: "dispatch_queue_emergency",
}


class Clock(Protocol):
    """When limits end. Instants are aware."""

    def limit(self, name: str, start: datetime) -> datetime:
        """The end of a limit of the service's limits file."""

    def hours(self, count: int, start: datetime) -> datetime:
        """The end of so many plain hours."""

    def working_days(self, count: int, start: datetime) -> datetime:
        """The end of so many working days."""

    def yellow(self, working_days: int, start: datetime) -> datetime:
        """When the part of so many working days has gone after which supervision turns yellow."""

    def resume(self, due: datetime, stopped_at: datetime, resumed_at: datetime) -> datetime:
        """The new end of a clock that stood still: the working time left goes on."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """Which unit an order goes to, and in which part."""

    unit: str
    role: ObligationRole


@dataclass(frozen=True, slots=True)
class Terms:
    """时限 of the catalogue item, as printed on the order."""

    contact_hours: int
    limit_working_days: int


class Step(StrEnum):
    """How far a duty has come, least advanced first."""

    TO_SIGN = "to_sign"  # 待签收
    TO_HANDLE = "to_handle"  # 办理中
    SUBMITTED = "submitted"  # 已提交


@dataclass(frozen=True)
class Duty:
    """One unit's obligation. ``result_id`` is set while its result waits for, or has passed, close review.

    ``contact_overdue``: it has been said that the contact limit ran out; ``contacted`` tells whether that still holds.
    """

    unit: str
    role: ObligationRole
    sign_due: datetime
    contact_due: datetime
    yellow_at: datetime
    due: datetime
    signed: bool = False
    contacted: bool = False
    contact_overdue: bool = False
    visited: bool = False
    result_id: str | None = None
    submitted_at: datetime | None = None
    yellow: bool = False
    red: bool = False

    @property
    def contact_end(self) -> datetime:
        """When a missing contact is late: whoever need not have signed yet need not have called yet either."""
        return max(self.contact_due, self.sign_due)

    @property
    def step(self) -> Step:
        """A result counts more than a signature: mediation may settle what was never signed."""
        if self.result_id is not None:
            return Step.SUBMITTED
        return Step.TO_HANDLE if self.signed else Step.TO_SIGN


def assign(
    units: Sequence[Assignment], terms: Terms, urgency: Urgency, clock: Clock, now: datetime
) -> list[Obligation]:
    """派单: the obligations with their first clocks. Raises Rejected for units that cannot share an order."""
    if sum(unit.role is ObligationRole.LEAD for unit in units) != 1:
        raise Rejected("order.one_lead", "工单必须且只能有一个主办单位", field="obligations", status=422)
    if len({unit.unit for unit in units}) != len(units):
        raise Rejected("order.unit_twice", "同一单位不能重复承办", field="obligations", status=422)
    if any(not unit.unit.startswith(HANDLING_KINDS) for unit in units):
        raise Rejected("order.not_a_handling_unit", "该单位不能承办热线工单", field="obligations", status=422)
    return [obligation(unit.unit, unit.role, terms, urgency, clock, now) for unit in units]


def obligation(
    unit: str, role: ObligationRole, terms: Terms, urgency: Urgency, clock: Clock, now: datetime
) -> Obligation:
    """A unit's duty with its first clocks."""
    return Obligation(
        unit=unit,
        role=role,
        sign_due=clock.limit("sign" if urgency is Urgency.NORMAL else "sign_urgent", now),
        contact_due=clock.hours(terms.contact_hours, now),
        yellow_at=clock.yellow(terms.limit_working_days, now),
        due=clock.working_days(terms.limit_working_days, now),
    )


def dispatch_due(urgency: Urgency, clock: Clock, now: datetime) -> datetime:
    """待派单: until when a dispatcher looks; what is urgent waits minutes, at night and on holidays too."""
    return clock.limit(_DISPATCH[urgency], now)


def inherited(duty: Duty, unit: str, terms: Terms, urgency: Urgency, clock: Clock, now: datetime) -> Obligation:
    """转派: the same limit for another unit, which has its own time to sign and to contact the caller."""
    return Obligation(
        unit=unit,
        role=duty.role,
        sign_due=clock.limit("sign" if urgency is Urgency.NORMAL else "sign_urgent", now),
        contact_due=clock.hours(terms.contact_hours, now),
        yellow_at=duty.yellow_at,
        due=duty.due,
    )


def renewed(duties: Iterable[Duty], terms: Terms, clock: Clock, now: datetime) -> list[Obligation]:
    """重办: the same units with new clocks; whoever has signed stays responsible."""
    return [
        obligation_of(
            replace(
                duty,
                contact_due=clock.hours(terms.contact_hours, now),
                yellow_at=clock.yellow(terms.limit_working_days, now),
                due=clock.working_days(terms.limit_working_days, now),
            )
        )
        for duty in duties
    ]


def resumed(duty: Duty, stopped_at: datetime | None, clock: Clock, now: datetime) -> Obligation:
    """The duty's clocks after they stood still from ``stopped_at`` until now: waiting for others costs no time."""
    if stopped_at is None:
        return obligation_of(duty)
    return obligation_of(
        replace(
            duty,
            contact_due=clock.resume(duty.contact_due, stopped_at, now),
            yellow_at=clock.resume(duty.yellow_at, stopped_at, now),
            due=clock.resume(duty.due, stopped_at, now),
        )
    )


def taken(obligation: Obligation) -> Duty:
    """The duty that starts with an obligation."""
    return Duty(
        unit=obligation.unit,
        role=obligation.role,
        sign_due=obligation.sign_due,
        contact_due=obligation.contact_due,
        yellow_at=obligation.yellow_at,
        due=obligation.due,
    )


def clocks(duties: Sequence[Duty], obligations: Iterable[Obligation]) -> tuple[Duty, ...]:
    """The duties with the clocks that an event gave them; those it does not name stay as they are."""
    new = {obligation.unit: obligation.model_dump() for obligation in obligations}
    return tuple(replace(duty, **new.get(duty.unit, {})) for duty in duties)


def of_unit(duties: Iterable[Duty], unit: str) -> Duty:
    """The duty of a unit. Raises Rejected (403): nobody acts on another unit's order."""
    for duty in duties:
        if duty.unit == unit:
            return duty
    raise Rejected("order.not_your_unit", "本单位不是该工单的承办单位", status=403)


def must_handle(duty: Duty) -> None:
    """Raises Rejected unless the unit has signed and not yet submitted."""
    if duty.step is Step.TO_SIGN:
        raise Rejected("order.not_signed", "工单尚未签收")
    if duty.step is Step.SUBMITTED:
        raise Rejected("order.already_submitted", "本单位已提交办理结果")


def reopened(duty: Duty, contact_again: bool) -> Duty:
    """审核退回: the result did not pass."""
    contacted = duty.contacted and not contact_again
    return replace(
        duty,
        result_id=None,
        submitted_at=None,
        contacted=contacted,
        contact_overdue=duty.contact_overdue and not contact_again,
        visited=duty.visited and contacted,
    )


def restarted(duty: Duty) -> Duty:
    """重办: everything anew but the signature."""
    return replace(reopened(duty, contact_again=True), yellow=False, red=False)


def evolve(duty: Duty, event: Event) -> Duty:
    """The duty after an event about its unit."""
    match event:
        case OrderSigned(unit=duty.unit):
            return replace(duty, signed=True)
        case OrderContacted(unit=duty.unit, visit=visit):
            return replace(duty, contacted=True, visited=duty.visited or visit)
        case OrderResultSubmitted(unit=duty.unit):
            return replace(duty, result_id=event.result_id, submitted_at=event.submitted_at)
        case OrderStepOverdue(unit=duty.unit):
            return replace(duty, contact_overdue=True)
        case OrderSupervised(unit=duty.unit, level=SupervisionLevel.YELLOW):
            return replace(duty, yellow=True)
        case OrderSupervised(unit=duty.unit, level=SupervisionLevel.RED):
            return replace(duty, red=True)
        case _:
            return duty


def deadlines(duty: Duty, running: bool) -> dict[str, datetime]:
    """Timers of one duty: the automatic signature, a missing contact, yellow and then red (督办), each once.

    ``running`` is its clock. Red waits for yellow, which comes first: every order pays for each timer that it has.
    """
    if duty.step is Step.SUBMITTED:
        return {}
    timers = {} if duty.signed else {f"sign:{duty.unit}": duty.sign_due}
    if running and not duty.contacted and not duty.contact_overdue:
        timers[f"contact:{duty.unit}"] = duty.contact_end
    if running and not duty.yellow:
        timers[f"yellow:{duty.unit}"] = duty.yellow_at
    elif running and not duty.red:
        timers[f"red:{duty.unit}"] = duty.due
    return timers


def obligation_of(duty: Duty) -> Obligation:
    """The duty as events carry it."""
    return Obligation(
        unit=duty.unit,
        role=duty.role,
        sign_due=duty.sign_due,
        contact_due=duty.contact_due,
        yellow_at=duty.yellow_at,
        due=duty.due,
    )
