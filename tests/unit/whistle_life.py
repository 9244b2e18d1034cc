"""A whistle's life for the tests: who takes part, and the ways into each of its situations."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from chassis.limits import load_limits
from contracts.event import Event
from contracts.rejected import Rejected
from services.router import aggregates
from services.router.turn_commands import SupervisionForm
from services.router.whistle import Line, Whistle
from services.router.whistle_commands import (
    Acknowledge,
    Approve,
    Blow,
    CancelWithOrder,
    Command,
    Contact,
    DeadlineReached,
    Discard,
    Evaluate,
    Kind,
    Object,
    ObjectionReason,
    RateWhistler,
    RecordResult,
    Refuse,
    ReportIn,
    Revise,
    Rule,
    Supervise,
)

LIMITS = load_limits(Path(aggregates.__file__).parent / "limits.toml")
WHISTLES = aggregates.whistles(LIMITS)
ORDER, ISSUE = (f"01900000-0000-7000-8000-00000000000{n}" for n in (1, 2))
STREET, WATER, ROADS = "S150102001", "D15010001", "D15010002"
VILLAGE = "150102001001"


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-{text}:00+08:00")


MONDAY = at("02T09:00")


class Life:
    """A whistle and the events of its last command."""

    def __init__(self) -> None:
        self.now = MONDAY
        self.whistle = Whistle()
        self.last: list[Event] = []

    def do(self, *commands: Command, now: datetime | None = None) -> "Life":
        self.now = now or self.now
        for command in commands:
            self.last = WHISTLES.decide(self.whistle, command, WHISTLES.context(ORDER, self.now))
            for event in self.last:
                self.whistle = WHISTLES.evolve(self.whistle, event)
        return self

    def refuses(self, command: Command, code: str, status: int = 409) -> None:
        with pytest.raises(Rejected) as refusal:
            self.do(command)
        assert (refusal.value.code, refusal.value.status) == (code, status)

    def miss(self, name: str) -> "Life":
        """Let a timer come due."""
        return self.do(DeadlineReached(name), now=WHISTLES.deadlines(self.whistle)[name])

    def line(self, unit: str = WATER) -> Line:
        return next(line for line in self.whistle.lines if line.unit == unit)

    @property
    def happened(self) -> list[str]:
        return [type(event).__name__.removeprefix("Whistle") for event in self.last]


def blow(
    kind: Kind = Kind.CITIZEN_APPEAL,
    departments: tuple[str, ...] = (WATER, ROADS),
    order: str | None = ORDER,
    requested_by: str | None = None,
) -> Blow:
    return Blow(order, ISSUE, kind, STREET, departments, "U1", requested_by)


def result(unit: str = WATER, name: str = "result/1") -> RecordResult:
    return RecordResult(unit, name, "U2")


def rate(unit: str = WATER, score: int = 90, street: str | None = STREET) -> Evaluate:
    return Evaluate(street, unit, score, score, score, "U1")


def objection(unit: str = WATER, name: str = "reason/1") -> Object:
    return Object(unit, ObjectionReason.NOT_OUR_DUTY, name, "U2")


def ruling(upheld: bool, unit: str = WATER, name: str = "reason/2", member: str | None = None) -> Rule:
    return Rule(unit, upheld, name, member, "P1")


APPROVE, REFUSE = Approve(STREET, "L1"), Refuse(STREET, "reason/0", "L1")


def drafted() -> Life:
    return Life().do(blow())


def blown(kind: Kind = Kind.CITIZEN_APPEAL) -> Life:
    life = Life().do(blow(kind))
    return life if kind is Kind.EMERGENCY else life.do(APPROVE)


def unsolved() -> Life:
    return blown().do(ReportIn(WATER, "U2"), result(), rate(score=10))


def ended(unit: str, life: Life) -> Life:
    return life.do(ReportIn(unit, "U3"), result(unit), rate(unit))


SITUATIONS: dict[str, Callable[[], Life]] = {
    "none": Life,
    "draft": drafted,
    "refused": lambda: drafted().do(REFUSE),
    "notified": blown,
    "acknowledged": lambda: blown().do(Acknowledge(WATER, "U2")),
    "contacted": lambda: blown().do(Contact(WATER, "U2")),
    "objected": lambda: blown().do(objection()),
    "objection_rejected": lambda: blown().do(objection(), ruling(False)),
    "reported_in": lambda: blown().do(ReportIn(WATER, "U2")),
    "nobody_came": lambda: blown().miss(f"report_in:{WATER}"),
    "result": lambda: blown().do(ReportIn(WATER, "U2"), result()),
    "unsolved": unsolved,
    "unsolved_twice": lambda: unsolved().do(result(name="result/2"), rate(score=20)),
    "evaluated": lambda: ended(WATER, blown()),
    "released": lambda: blown().do(objection(), ruling(True)),
    "closed": lambda: ended(ROADS, ended(WATER, blown())),
    "cancelled": lambda: blown().do(CancelWithOrder("withdrawn")),
}
COMMANDS: dict[str, Command] = {
    "approve": APPROVE,
    "refuse": Refuse(STREET, "reason/9", "L1"),
    "revise": Revise(STREET, (ROADS, WATER), "U1"),
    "discard": Discard(STREET, "U1"),
    "acknowledge": Acknowledge(WATER, "U2"),
    "contact": Contact(WATER, "U2"),
    "report_in": ReportIn(WATER, "U2"),
    "result": result(name="result/9"),
    "object": objection(name="reason/9"),
    "uphold": ruling(True, name="reason/9"),
    "reject": ruling(False, name="reason/9"),
    "solved": rate(score=80),
    "not_solved": rate(score=30),
    "rate_street": RateWhistler(WATER, 100, 80, "U2"),
    "cancel": CancelWithOrder("merged"),
    "supervise": Supervise("G150102", WATER, SupervisionForm.INTERVIEW, "reason/8", "C1"),
}


def outcome(situation: str, command: str) -> str:
    """What a command makes happen in a situation: events with +, ``=`` already true, or the refusal's code."""
    life = SITUATIONS[situation]()
    try:
        life.do(COMMANDS[command])
    except Rejected as refusal:
        return refusal.code.removeprefix("whistle.")
    return "+".join(life.happened) or "="
