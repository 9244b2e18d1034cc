"""Every row of domain.md's Whistle; the name of a test is its rule."""

from datetime import datetime
from pathlib import Path

import pytest

from chassis.limits import load_limits
from contracts import router_whistles as happened
from contracts.event import Event
from contracts.rejected import Rejected
from services.router import aggregates
from services.router.whistle import LineStatus, Status, Whistle
from services.router.whistle_commands import (
    Acknowledge,
    Blow,
    Command,
    DeadlineReached,
    Evaluate,
    Kind,
    RecordResult,
    ReportIn,
)

LIMITS = load_limits(Path(aggregates.__file__).parent / "limits.toml")
WHISTLES = aggregates.whistles(LIMITS)
ORDER, ISSUE = (f"01900000-0000-7000-8000-00000000000{n}" for n in (1, 2))
STREET, WATER, ROADS = "S150102001", "D15010001", "D15010002"


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


def blow(kind: Kind = Kind.CITIZEN_APPEAL, departments: tuple[str, ...] = (WATER, ROADS)) -> Blow:
    return Blow(ORDER, ISSUE, kind, STREET, departments, "U1")


def blown() -> Life:
    return Life().do(blow())


def rate(unit: str, score: int = 90, street: str = STREET) -> Evaluate:
    return Evaluate(street, unit, score, score, score, "U1")


def test_blow_calls_the_departments_with_their_clocks() -> None:
    life = blown()
    assert life.whistle.status is Status.BLOWN
    (line, other) = life.whistle.lines
    assert (line.unit, other.unit) == (WATER, ROADS)
    assert (line.acknowledge_due, line.report_in_due, line.result_due) == (
        at("02T10:00"),
        at("05T09:00"),
        at("16T09:00"),
    )
    assert life.do(blow()).last == []


def test_blow_an_emergency_is_answered_in_half_an_hour() -> None:
    assert Life().do(blow(Kind.EMERGENCY)).whistle.lines[0].report_in_due == at("02T09:30")


@pytest.mark.parametrize(
    "departments",
    [
        pytest.param((WATER,), id="one department only"),
        pytest.param((WATER, WATER), id="the same twice"),
        pytest.param((WATER, STREET), id="the street itself"),
    ],
)
def test_blow_needs_two_departments(departments: tuple[str, ...]) -> None:
    Life().refuses(blow(departments=departments), "whistle.two_departments", 422)


def test_acknowledge_in_time_and_late() -> None:
    life = blown().do(Acknowledge(WATER, "U2"), now=at("02T10:00"))
    assert life.last == [happened.WhistleAcknowledged(unit=WATER, in_time=True, by="U2")]
    assert life.do(Acknowledge(WATER, "U2")).last == []
    life.do(Acknowledge(ROADS, "U3"), now=at("02T10:01"))
    assert life.last == [happened.WhistleAcknowledged(unit=ROADS, in_time=False, by="U3")]


def test_report_in_without_acknowledging_first() -> None:
    life = blown().do(ReportIn(WATER, "U2"))
    assert life.last == [happened.WhistleReportedIn(unit=WATER, in_time=True, by="U2")]
    assert life.do(Acknowledge(WATER, "U2")).last == []
    assert life.do(ReportIn(WATER, "U2")).last == []


def test_result_only_after_reporting_in_and_only_once() -> None:
    life = blown()
    life.refuses(RecordResult(WATER, "result/1", "U2"), "whistle.not_reported_in")
    life.do(ReportIn(WATER, "U2"), RecordResult(WATER, "result/1", "U2"))
    assert life.last == [
        happened.WhistleResultRecorded(
            unit=WATER, result_id="result/1", in_time=True, evaluate_due=at("05T09:00"), by="U2"
        )
    ]
    assert life.do(RecordResult(WATER, "result/1", "U2")).last == []
    life.refuses(RecordResult(WATER, "result/2", "U2"), "whistle.result_already_recorded")


@pytest.mark.parametrize(
    "command",
    [Acknowledge("D15010003", "U9"), ReportIn("D15010003", "U9"), RecordResult("D15010003", "result/1", "U9")],
    ids=lambda command: type(command).__name__,
)
def test_only_the_called_department_acts(command: Command) -> None:
    blown().refuses(command, "whistle.not_your_unit", 403)


def test_evaluate_by_the_street_after_the_result() -> None:
    life = blown()
    life.refuses(rate(WATER), "whistle.no_result")
    life.do(ReportIn(WATER, "U2"), RecordResult(WATER, "result/1", "U2"))
    life.refuses(rate(WATER, street=WATER), "whistle.not_your_unit", 403)
    life.refuses(rate("D15010003"), "whistle.not_called", 422)
    assert [type(event) for event in life.do(rate(WATER)).last] == [happened.WhistleEvaluated]
    assert life.do(rate(WATER)).last == []
    life.refuses(rate(WATER, 10), "whistle.already_evaluated")


def test_all_evaluated_closes_the_whistle() -> None:
    life = blown()
    for unit in (WATER, ROADS):
        life.do(ReportIn(unit, "U2"), RecordResult(unit, f"result/{unit}", "U2"), rate(unit))
    assert life.last[-1] == happened.WhistleClosed(order_id=ORDER)
    assert life.whistle.status is Status.CLOSED
    assert WHISTLES.deadlines(life.whistle) == {}


def test_one_departments_lateness_is_said_once_and_holds_nobody_up() -> None:
    life = blown().do(Acknowledge(ROADS, "U3"))
    for step in ("acknowledge", "report_in", "result"):
        due = WHISTLES.deadlines(life.whistle)[f"{step}:{WATER}"]
        life.do(DeadlineReached(f"{step}:{WATER}"), now=due)
        assert life.last == [happened.WhistleStepOverdue(unit=WATER, step=step, due_at=due)]
        assert f"{step}:{WATER}" not in WHISTLES.deadlines(life.whistle)
    assert life.do(DeadlineReached(f"result:{WATER}")).last == []
    life.do(ReportIn(ROADS, "U3"), RecordResult(ROADS, "result/1", "U3"))
    assert life.whistle.lines[1].status is LineStatus.RESULT


def test_evaluation_is_owed_by_the_street() -> None:
    life = blown().do(ReportIn(WATER, "U2"), RecordResult(WATER, "result/1", "U2"))
    assert WHISTLES.deadlines(life.whistle)[f"evaluate:{WATER}"] == at("05T09:00")


def test_commands_to_an_unknown_whistle() -> None:
    Life().refuses(Acknowledge(WATER, "U2"), "whistle.not_found", 404)
    assert Life().do(DeadlineReached("result:D15010001")).last == []
