"""Lives of work orders for the tests of their rules."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest

from chassis.limits import load_limits
from contracts.codes import (
    Channel,
    IssueKind,
    ObligationRole,
    ReasonClass,
    Resolution,
    Urgency,
)
from contracts.event import Event
from contracts.rejected import Rejected
from services.router import aggregates
from services.router.obligations import Assignment, Duty, Terms
from services.router.order_commands import (
    Command,
    Contact,
    DeadlineReached,
    Open,
    RecordRevisit,
    Review,
    Routing,
    Sign,
    Submit,
)
from services.router.order_state import WorkOrder

LIMITS = load_limits(Path(aggregates.__file__).parent / "limits.toml")
ORDERS = aggregates.orders(LIMITS)
ISSUE, A1, A2, A3, CASE, WHISTLE = (f"01900000-0000-7000-8000-00000000000{n}" for n in range(1, 7))
STREET, SECTOR = "S150102001", "E15010001"


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-{text}:00+08:00")


MONDAY = at("02T09:00")
STREET_LEADS = Routing((Assignment(STREET, ObligationRole.LEAD),), Terms(4, 2), "locality", "v1")
BOTH = Routing((*STREET_LEADS.units, Assignment(SECTOR, ObligationRole.DUAL)), Terms(24, 5), "dual", "v1")


class Life:
    """An order and the events of its last command."""

    def __init__(self, now: datetime = MONDAY) -> None:
        self.now = now
        self.order = WorkOrder()
        self.last: list[Event] = []

    def do(self, *commands: Command, now: datetime | None = None) -> "Life":
        self.now = now or self.now
        for command in commands:
            self.last = ORDERS.decide(self.order, command, ORDERS.context(ISSUE, self.now))
            for event in self.last:
                self.order = ORDERS.evolve(self.order, event)
        return self

    def due(self, name: str) -> "Life":
        """Let the timer come due."""
        return self.do(DeadlineReached(name), now=ORDERS.deadlines(self.order)[name])

    def refuses(self, command: Command, code: str, status: int = 409) -> None:
        before = self.order
        with pytest.raises(Rejected) as refusal:
            self.do(command)
        assert (refusal.value.code, refusal.value.status) == (code, status)
        assert self.order == before

    @property
    def status(self) -> str:
        return self.order.status

    @property
    def called(self) -> list[str]:
        return list(self.order.called)

    @property
    def happened(self) -> list[str]:
        return [type(event).__name__ for event in self.last]

    def duty(self, unit: str = STREET) -> Duty:
        return next(duty for duty in self.order.duties if duty.unit == unit)


def opening(
    routing: Routing | None = STREET_LEADS, urgency: Urgency = Urgency.NORMAL, appeals: Sequence[str] = (A1,)
) -> Open:
    reason = None if routing else "unknown_place"
    return Open(
        ISSUE, IssueKind.COMPLAINT, "0301", "150102001", urgency, Channel.HOTLINE, tuple(appeals), routing, reason
    )


def opened(routing: Routing | None = STREET_LEADS, appeals: Sequence[str] = (A1,)) -> Life:
    return Life().do(opening(routing, appeals=appeals))


def signed(routing: Routing = STREET_LEADS, appeals: Sequence[str] = (A1,)) -> Life:
    return opened(routing, appeals=appeals).do(*(Sign(unit.unit, "U1") for unit in routing.units))


def work(life: Life, unit: str = STREET, result: str = "result/1") -> Life:
    return life.do(Contact(unit, False, "U1"), Submit(unit, result, "U1"))


def completed(appeals: Sequence[str] = (A1,)) -> Life:
    return work(signed(appeals=appeals)).do(Review(None, None, "R1"))


def revisit(life: Life, appeal: str, answer: Resolution | None, reason: ReasonClass = ReasonClass.UNIT_WORK) -> Life:
    return life.do(RecordRevisit(appeal, life.order.round, answer, reason))
