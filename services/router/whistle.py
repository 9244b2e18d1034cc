"""吹哨报到 Whistle: a street calls departments, they report in, the street rates them (domain.md, Whistle). Pure.

Each department has a line of its own with its own clocks: one that is late never holds up the others. Commands are in
``whistle_commands``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contracts import router_whistles as happened
from contracts.event import Event
from contracts.frozen import replace
from contracts.rejected import Rejected
from services.router.whistle_commands import (
    Acknowledge,
    Blow,
    Command,
    Context,
    DeadlineReached,
    Evaluate,
    Kind,
    RecordResult,
    ReportIn,
)


class Status(StrEnum):
    """哨声状态."""

    NONE = "none"
    BLOWN = "blown"  # 已吹哨
    CLOSED = "closed"  # 已办结


class LineStatus(StrEnum):
    """How far a department has come."""

    NOTIFIED = "notified"  # 已通知
    ACKNOWLEDGED = "acknowledged"  # 已应哨
    REPORTED_IN = "reported_in"  # 已报到
    RESULT = "result"  # 已反馈
    EVALUATED = "evaluated"  # 已评价


_PROGRESS = list(LineStatus)


@dataclass(frozen=True)
class Line:
    """A called department. ``late`` are its steps whose lateness has been said."""

    unit: str
    acknowledge_due: datetime
    report_in_due: datetime
    result_due: datetime
    status: LineStatus = LineStatus.NOTIFIED
    result_id: str | None = None
    evaluate_due: datetime | None = None
    scores: tuple[int, int, int] | None = None
    late: tuple[str, ...] = ()

    def reached(self, status: LineStatus) -> bool:
        """Whether it has come at least so far."""
        return _PROGRESS.index(self.status) >= _PROGRESS.index(status)


@dataclass(frozen=True)
class Whistle:
    """哨声. ``due_at`` is the earliest step that somebody owes; lists are sorted by it."""

    status: Status = Status.NONE
    order_id: str = ""
    issue_id: str = ""
    kind: str = ""
    street: str = ""
    lines: tuple[Line, ...] = ()
    due_at: datetime | None = None


def decide(whistle: Whistle, command: Command, context: Context) -> list[Event]:
    """What a command makes happen; nothing if it is already so. Raises Rejected with ``whistle.*`` codes."""
    match command:
        case Blow():
            return [_blown(command, context)] if whistle.status is Status.NONE else []
        case DeadlineReached(name):
            return _deadline(whistle, name)
        case _ if whistle.status is Status.NONE:
            raise Rejected("whistle.not_found", "没有这个哨声", status=404)
        case Evaluate():
            return _evaluate(whistle, command)
        case _:
            return _step(_line(whistle, command.unit), command, context)


def _blown(command: Blow, context: Context) -> happened.WhistleBlown:
    called = command.departments
    if len(set(called)) != len(called) or len(called) < 2 or command.street in called:
        text = "吹哨应召集两个以上不同的部门，且不含吹哨街道自己"
        raise Rejected("whistle.two_departments", text, field="departments", status=422)
    now, clock = context.now, context.clock
    report_in = "whistle_report_in_emergency" if command.kind is Kind.EMERGENCY else "whistle_report_in"
    departments = [
        happened.Department(
            unit=unit,
            acknowledge_due=clock.limit("whistle_acknowledge", now),
            report_in_due=clock.limit(report_in, now),
            result_due=clock.limit("whistle_result", now),
        )
        for unit in called
    ]
    return happened.WhistleBlown(
        order_id=command.order_id,
        issue_id=command.issue_id,
        kind=command.kind,
        street=command.street,
        departments=departments,
        by=command.by,
    )


def _step(line: Line, command: Acknowledge | ReportIn | RecordResult, context: Context) -> list[Event]:
    """Acknowledging may be skipped by a department that comes at once."""
    now = context.now
    match command:
        case Acknowledge(unit, by):
            if line.reached(LineStatus.ACKNOWLEDGED):
                return []
            return [happened.WhistleAcknowledged(unit=unit, in_time=now <= line.acknowledge_due, by=by)]
        case ReportIn(unit, by):
            if line.reached(LineStatus.REPORTED_IN):
                return []
            return [happened.WhistleReportedIn(unit=unit, in_time=now <= line.report_in_due, by=by)]
        case RecordResult(unit, result_id, by):
            if line.result_id == result_id:
                return []
            if line.status is not LineStatus.REPORTED_IN:
                code = "not_reported_in" if line.result_id is None else "result_already_recorded"
                text = "尚未报到，不能反馈结果" if line.result_id is None else "本部门已反馈结果"
                raise Rejected(f"whistle.{code}", text)
            return [
                happened.WhistleResultRecorded(
                    unit=unit,
                    result_id=result_id,
                    in_time=now <= line.result_due,
                    evaluate_due=context.clock.limit("whistle_evaluate", now),
                    by=by,
                )
            ]


def _evaluate(whistle: Whistle, command: Evaluate) -> list[Event]:
    """The street that blew rates each department; the last rating ends the whistle."""
    if command.street != whistle.street:
        raise Rejected("whistle.not_your_unit", "只有吹哨街道可以评价", status=403)
    line = next((line for line in whistle.lines if line.unit == command.unit), None)
    if line is None:
        raise Rejected("whistle.not_called", "该部门不在本次召集之列", field="unit", status=422)
    scores = (command.reported_in_score, command.acted_score, command.solved_score)
    if line.scores == scores:
        return []
    if line.status is not LineStatus.RESULT:
        code, text = (
            ("no_result", "该部门尚未反馈结果") if line.scores is None else ("already_evaluated", "该部门已评价")
        )
        raise Rejected(f"whistle.{code}", text)
    evaluated = happened.WhistleEvaluated(
        unit=line.unit, reported_in_score=scores[0], acted_score=scores[1], solved_score=scores[2], by=command.by
    )
    if any(other.scores is None for other in whistle.lines if other is not line):
        return [evaluated]
    return [evaluated, happened.WhistleClosed(order_id=whistle.order_id)]


def _line(whistle: Whistle, unit: str) -> Line:
    for line in whistle.lines:
        if line.unit == unit:
            return line
    raise Rejected("whistle.not_your_unit", "本单位不在本次召集之列", status=403)


def _deadline(whistle: Whistle, name: str) -> list[Event]:
    due = deadlines(whistle).get(name)
    if due is None:
        return []
    step, _, unit = name.partition(":")
    return [happened.WhistleStepOverdue(unit=unit, step=step, due_at=due)]


def evolve(whistle: Whistle, event: Event) -> Whistle:
    """The whistle after an event; what lists sort by is worked out anew."""
    folded = _fold(whistle, event)
    return replace(folded, due_at=min((due for line in folded.lines for _, due in _owed(line)), default=None))


def _fold(whistle: Whistle, event: Event) -> Whistle:
    match event:
        case happened.WhistleBlown():
            lines = tuple(Line(**department.model_dump()) for department in event.departments)
            return Whistle(Status.BLOWN, event.order_id, event.issue_id, event.kind, event.street, lines)
        case happened.WhistleClosed():
            return replace(whistle, status=Status.CLOSED)
        case _:
            return replace(whistle, lines=tuple(_moved(line, event) for line in whistle.lines))


def _moved(line: Line, event: Event) -> Line:
    match event:
        case happened.WhistleAcknowledged(unit=line.unit):
            return replace(line, status=LineStatus.ACKNOWLEDGED)
        case happened.WhistleReportedIn(unit=line.unit):
            return replace(line, status=LineStatus.REPORTED_IN)
        case happened.WhistleResultRecorded(unit=line.unit):
            return replace(line, status=LineStatus.RESULT, result_id=event.result_id, evaluate_due=event.evaluate_due)
        case happened.WhistleEvaluated(unit=line.unit):
            scores = (event.reported_in_score, event.acted_score, event.solved_score)
            return replace(line, status=LineStatus.EVALUATED, scores=scores)
        case happened.WhistleStepOverdue(unit=line.unit):
            return replace(line, late=(*line.late, event.step))
        case _:
            return line


def deadlines(whistle: Whistle) -> dict[str, datetime]:
    """Timers per department: the steps it still owes, then the street's evaluation; each once."""
    return {f"{step}:{line.unit}": due for line in whistle.lines for step, due in _owed(line) if step not in line.late}


def _owed(line: Line) -> Iterable[tuple[str, datetime]]:
    if not line.reached(LineStatus.ACKNOWLEDGED):
        yield "acknowledge", line.acknowledge_due
    if not line.reached(LineStatus.REPORTED_IN):
        yield "report_in", line.report_in_due
    if not line.reached(LineStatus.RESULT):
        yield "result", line.result_due
    elif line.status is LineStatus.RESULT and line.evaluate_due is not None:
        yield "evaluate", line.evaluate_due
