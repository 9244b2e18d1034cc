"""What is known of a whistle 哨声, how its events fold, and which timers run. Pure.

Events carry every instant, so that folding needs no calendar. Each department has a line with clocks of its own.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contracts import router_whistles as happened
from contracts.event import Event
from contracts.frozen import replace


class Status(StrEnum):
    """哨声状态."""

    NONE = "none"
    DRAFT = "draft"  # 拟吹哨: with the street's leader, or refused and back with the street
    BLOWN = "blown"  # 已吹哨
    CLOSED = "closed"  # 已办结
    CANCELLED = "cancelled"  # 已取消


class LineStatus(StrEnum):
    """How far a department has come."""

    NOTIFIED = "notified"  # 已通知
    ACKNOWLEDGED = "acknowledged"  # 已应哨
    CONTACTED = "contacted"  # 已联系
    REPORTED_IN = "reported_in"  # 已报到
    ESCALATED = "escalated"  # 已提级督办
    RESULT = "result"  # 已反馈
    EVALUATED = "evaluated"  # 已评价
    RELEASED = "released"  # 已免除


TO_COME = (LineStatus.NOTIFIED, LineStatus.ACKNOWLEDGED, LineStatus.CONTACTED)
"""Nobody of the department has come yet."""
ENDED = (LineStatus.EVALUATED, LineStatus.RELEASED)
"""Nobody owes anything more."""
Scores = tuple[int, int, int]
"""Reported in on time, acted, solved."""


@dataclass(frozen=True)
class Line:
    """A called department. ``late`` are steps whose lateness has been said, ``unsolved`` how often it was rated so."""

    unit: str
    acknowledge_due: datetime
    report_in_due: datetime
    result_due: datetime
    status: LineStatus = LineStatus.NOTIFIED
    result_id: str | None = None
    evaluate_due: datetime | None = None
    scores: Scores | None = None
    late: tuple[str, ...] = ()
    contact_due: datetime | None = None
    came: bool = False
    objection_id: str | None = None
    objection_reason: str | None = None
    ruling_due: datetime | None = None
    ruling_id: str | None = None
    unsolved: int = 0
    score: int | None = None
    formula: str | None = None
    whistler_scores: tuple[int, int] | None = None
    whistler_score: int | None = None
    whistler_formula: str | None = None
    escalated: str | None = None
    supervisions: tuple[str, ...] = ()

    @property
    def ended(self) -> bool:
        """Whether nobody owes anything more."""
        return self.status in ENDED


@dataclass(frozen=True)
class Whistle:
    """哨声. ``called`` are the departments of a draft; ``approve_due`` is set while its leader has to decide.

    ``due_at`` is the earliest step that somebody owes; lists are sorted by it.
    """

    status: Status = Status.NONE
    order_id: str | None = None
    issue_id: str = ""
    kind: str = ""
    street: str = ""
    lines: tuple[Line, ...] = ()
    due_at: datetime | None = None
    called: tuple[str, ...] = ()
    requested_by: str | None = None
    drafted_by: str | None = None
    approve_due: datetime | None = None
    approve_late: bool = False
    approved_by: str | None = None
    refusal_id: str | None = None

    @property
    def county(self) -> str:
        """旗县区 of the street: S150102001 -> G150102."""
        return f"G{self.street[1:7]}"

    @property
    def street_score(self) -> int | None:
        """吹哨街道得分: the mean of what the departments gave; None before the first has."""
        given = [line.whistler_score for line in self.lines if line.whistler_score is not None]
        return int(sum(given) / len(given) + 0.5) if given else None


def evolve(whistle: Whistle, event: Event) -> Whistle:
    """The whistle after an event; what lists sort by is worked out anew."""
    folded = _fold(whistle, event)
    return replace(folded, due_at=min((due for _, due in _steps(folded)), default=None))


def _fold(whistle: Whistle, event: Event) -> Whistle:
    match event:
        case happened.WhistleDrafted():
            return replace(
                whistle,
                status=Status.DRAFT,
                order_id=event.order_id,
                issue_id=event.issue_id,
                kind=event.kind,
                street=event.street,
                called=tuple(event.called),
                requested_by=event.requested_by,
                drafted_by=event.by,
                approve_due=event.approve_due,
                approve_late=False,
            )
        case happened.WhistleApprovalRefused():
            return replace(whistle, approve_due=None, refusal_id=event.refusal_id)
        case happened.WhistleBlown() | happened.WhistleBlownWithoutOrder():
            return replace(
                whistle,
                status=Status.BLOWN,
                order_id=event.order_id if isinstance(event, happened.WhistleBlown) else None,
                issue_id=event.issue_id,
                kind=event.kind,
                street=event.street,
                lines=tuple(Line(**department.model_dump()) for department in event.departments),
                requested_by=event.requested_by,
                approve_due=None,
                approved_by=event.approved_by,
            )
        case happened.WhistleClosed() | happened.WhistleClosedWithoutOrder():
            return replace(whistle, status=Status.CLOSED)
        case happened.WhistleCancelled():
            return replace(whistle, status=Status.CANCELLED, approve_due=None)
        case happened.WhistleStepOverdue(step="approve"):
            return replace(whistle, approve_late=True)
        case happened.WhistleHandedOver():
            return _handed_over(whistle, event)
        case _:
            return replace(whistle, lines=tuple(_moved(line, event) for line in whistle.lines))


def _handed_over(whistle: Whistle, event: happened.WhistleHandedOver) -> Whistle:
    """移交: the successor stands where the unit stood; nobody is called twice, or by themselves."""
    old, new = event.unit, event.successor
    street = new if new is not None and whistle.street == old else whistle.street
    called = dict.fromkeys(new if unit == old else unit for unit in whistle.called)
    kept = tuple(unit for unit in called if unit is not None and unit != street)
    free = new if new is not None and new not in (street, *(line.unit for line in whistle.lines)) else None
    lines = tuple(_followed(line, old, free, street) for line in whistle.lines)
    return replace(whistle, street=street, called=kept, lines=lines)


def _followed(line: Line, old: str, new: str | None, street: str) -> Line:
    if line.ended or line.unit not in (old, street):
        return line
    if line.unit == street or new is None:
        return replace(line, status=LineStatus.RELEASED, ruling_due=None)
    return replace(line, unit=new)


def _moved(line: Line, event: Event) -> Line:
    match event:
        case happened.WhistleAcknowledged(unit=line.unit):
            return replace(line, status=LineStatus.ACKNOWLEDGED)
        case happened.WhistleContacted(unit=line.unit):
            return replace(line, status=LineStatus.CONTACTED)
        case happened.WhistleReportedIn(unit=line.unit):
            status = LineStatus.ESCALATED if line.status is LineStatus.ESCALATED else LineStatus.REPORTED_IN
            return replace(line, status=status, came=True, ruling_due=None)
        case happened.WhistleResultRecorded(unit=line.unit):
            return replace(
                line,
                status=LineStatus.RESULT,
                result_id=event.result_id,
                evaluate_due=event.evaluate_due,
                ruling_due=None,
                late=_without(line, "evaluate"),
            )
        case happened.WhistleEscalated(unit=line.unit):
            return replace(line, status=LineStatus.ESCALATED, escalated=event.reason)
        case happened.WhistleStepOverdue(unit=line.unit):
            return replace(line, late=(*line.late, event.step))
        case _:
            return _judged(line, event)


def _judged(line: Line, event: Event) -> Line:
    """What the panel, the street and the department say about each other."""
    match event:
        case happened.WhistleObjected(unit=line.unit):
            return replace(
                line,
                objection_id=event.objection_id,
                objection_reason=event.reason,
                ruling_due=event.ruling_due,
            )
        case happened.WhistleObjectionUpheld(unit=line.unit):
            return replace(line, status=LineStatus.RELEASED, ruling_id=event.ruling_id, ruling_due=None)
        case happened.WhistleObjectionRejected(unit=line.unit):
            return replace(line, ruling_id=event.ruling_id, ruling_due=None)
        case happened.WhistleEvaluated(unit=line.unit) | happened.WhistleRatedUnsolved(unit=line.unit):
            scores = (event.reported_in_score, event.acted_score, event.solved_score)
            rated = replace(line, scores=scores, score=event.score, formula=event.formula)
            if isinstance(event, happened.WhistleEvaluated):
                return replace(rated, status=LineStatus.EVALUATED)
            return replace(
                rated,
                status=LineStatus.REPORTED_IN,
                unsolved=event.count,
                result_due=event.result_due,
                late=_without(line, "result"),
            )
        case happened.WhistleSupervised(unit=line.unit):
            return replace(line, supervisions=(*line.supervisions, event.supervision_id))
        case happened.WhistleWhistlerRated(unit=line.unit):
            given = (event.needed_score, event.precise_score)
            return replace(line, whistler_scores=given, whistler_score=event.score, whistler_formula=event.formula)
        case _:
            return line


def _without(line: Line, step: str) -> tuple[str, ...]:
    """A step that begins anew can be late anew."""
    return tuple(late for late in line.late if late != step)


def deadlines(whistle: Whistle) -> dict[str, datetime]:
    """Timers: the leader's decision, then per department every step that somebody owes; each is said once."""
    late = {f"{step}:{line.unit}" for line in whistle.lines for step in line.late}
    if whistle.approve_late:
        late.add("approve")
    return {name: due for name, due in _steps(whistle) if name not in late}


def _steps(whistle: Whistle) -> Iterable[tuple[str, datetime]]:
    if whistle.approve_due is not None:
        yield "approve", whistle.approve_due
    if whistle.status is Status.BLOWN:
        for line in whistle.lines:
            for step, due in _owed(line):
                yield f"{step}:{line.unit}", due


def _owed(line: Line) -> Iterable[tuple[str, datetime]]:
    if line.ended:
        return
    if line.status is LineStatus.NOTIFIED:
        yield "acknowledge", line.acknowledge_due
    if line.status in (LineStatus.NOTIFIED, LineStatus.ACKNOWLEDGED) and line.contact_due is not None:
        yield "contact", line.contact_due
    if line.status in TO_COME:
        yield "report_in", line.report_in_due
    if line.status is not LineStatus.RESULT:
        yield "result", line.result_due
    elif line.evaluate_due is not None:
        yield "evaluate", line.evaluate_due
    if line.ruling_due is not None:
        yield "ruling", line.ruling_due
