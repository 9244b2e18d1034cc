"""What a called department does with its own line 应哨、联系、报到、反馈、异议, and what the panel rules. Pure.

Whoever comes at once may skip acknowledging and calling; whoever comes has dropped an objection.
"""

from collections.abc import Iterable

from contracts import router_whistles as happened
from contracts.event import Event
from contracts.rejected import Rejected
from services.router.whistle_commands import (
    Acknowledge,
    Contact,
    Context,
    Kind,
    Object,
    RecordResult,
    ReportIn,
    Rule,
    Step,
    Supervise,
)
from services.router.whistle_state import TO_COME, Line, LineStatus, Whistle


def of_kind(limit: str, kind: str) -> str:
    """The name of a limit in ``limits.toml`` that differs by kind; that of a citizens' appeal has the plain name."""
    return limit if kind == Kind.CITIZEN_APPEAL else f"{limit}_{kind}"


def step(whistle: Whistle, command: Step, context: Context) -> list[Event]:
    """A department's step; one that is late is no obstacle, not even to itself."""
    line = own_line(whistle, command.unit)
    if line.status is LineStatus.RELEASED:
        raise Rejected("whistle.released", "异议成立，本部门已免除报到")
    match command:
        case Acknowledge(unit, by):
            in_time = context.now <= line.acknowledge_due
            acknowledged = happened.WhistleAcknowledged(unit=unit, in_time=in_time, by=by)
            return [acknowledged] if _still_due(line, (LineStatus.NOTIFIED,)) else []
        case Contact(unit, by):
            in_time = line.contact_due is None or context.now <= line.contact_due
            contacted = happened.WhistleContacted(unit=unit, in_time=in_time, by=by)
            return [contacted] if _still_due(line, (LineStatus.NOTIFIED, LineStatus.ACKNOWLEDGED)) else []
        case ReportIn(unit, by):
            if line.came or (line.status is not LineStatus.ESCALATED and line.status not in TO_COME):
                return []
            return [happened.WhistleReportedIn(unit=unit, in_time=context.now <= line.report_in_due, by=by)]
        case RecordResult():
            return _result(line, command, context)
        case Object():
            return _object(line, command, context)


def _still_due(line: Line, before: tuple[LineStatus, ...]) -> bool:
    if line.status is LineStatus.ESCALATED and not line.came:
        raise Rejected("whistle.escalated", "已提级督办，请直接报到或反馈结果")
    return line.status in before


def _result(line: Line, command: RecordResult, context: Context) -> list[Event]:
    if line.result_id == command.result_id:
        return []
    if line.status in TO_COME:
        raise Rejected("whistle.not_reported_in", "尚未报到，不能反馈结果")
    if line.status not in (LineStatus.REPORTED_IN, LineStatus.ESCALATED):
        raise Rejected("whistle.result_already_recorded", "本部门已反馈结果")
    return [
        happened.WhistleResultRecorded(
            unit=line.unit,
            result_id=command.result_id,
            in_time=context.now <= line.result_due,
            evaluate_due=context.clock.limit("whistle_evaluate", context.now),
            by=command.by,
        )
    ]


def _object(line: Line, command: Object, context: Context) -> list[Event]:
    if line.objection_id == command.objection_id:
        return []
    if line.objection_id is not None:
        raise Rejected("whistle.objected_already", "每个部门只能提出一次异议")
    if line.status not in TO_COME:
        raise Rejected("whistle.objection_too_late", "报到之后或提级督办之后不能再提异议")
    return [
        happened.WhistleObjected(
            unit=line.unit,
            reason=command.reason,
            objection_id=command.objection_id,
            ruling_due=context.clock.limit("whistle_ruling", context.now),
            by=command.by,
        )
    ]


def rule(whistle: Whistle, command: Rule) -> list[Event]:
    """裁定: upheld releases the department; rejected changes nothing but that it cannot object again."""
    line = called_line(whistle, command.unit)
    if command.panel_unit is not None and command.panel_unit in (whistle.street, line.unit):
        raise Rejected("whistle.panel_is_party", "吹哨街道和提出异议的部门不能裁定异议", status=403)
    if line.ruling_id == command.ruling_id:
        return []
    if line.ruling_due is None:
        code, text = ("no_objection", "没有待裁定的异议") if line.ruling_id is None else ("ruled_already", "异议已裁定")
        raise Rejected(f"whistle.{code}", text)
    if not command.upheld:
        return [happened.WhistleObjectionRejected(unit=line.unit, ruling_id=command.ruling_id, by=command.by)]
    upheld = happened.WhistleObjectionUpheld(unit=line.unit, ruling_id=command.ruling_id, by=command.by)
    return [upheld, *closed_without(whistle, line)]


def supervise(whistle: Whistle, command: Supervise) -> list[Event]:
    """督办: the leader of the street's county has an escalated department do what it owes; as often as it takes."""
    if command.county is not None and command.county != whistle.county:
        raise Rejected("whistle.not_your_unit", "该哨声不属于本旗县区", status=403)
    line = called_line(whistle, command.unit)
    if command.supervision_id in line.supervisions:
        return []
    if line.status is not LineStatus.ESCALATED:
        raise Rejected("whistle.not_escalated", "该部门未被提级督办")
    return [
        happened.WhistleSupervised(
            unit=line.unit, form=command.form, supervision_id=command.supervision_id, by=command.by
        )
    ]


def overdue(whistle: Whistle, line: Line, step: str, due: Event) -> Iterable[Event]:
    """逾期: it is said, and nobody having come goes to the county's leader (提级督办)."""
    yield due
    if step == "report_in":
        yield escalated(whistle, line, "nobody_came")


def escalated(whistle: Whistle, line: Line, reason: str) -> happened.WhistleEscalated:
    """To the leader of the county that the street belongs to."""
    return happened.WhistleEscalated(unit=line.unit, county=whistle.county, reason=reason, result_due=line.result_due)


def closed_without(whistle: Whistle, line: Line) -> list[Event]:
    """办结 once this line is the last to end."""
    if not all(other.ended for other in whistle.lines if other is not line):
        return []
    if whistle.order_id is None:
        return [happened.WhistleClosedWithoutOrder(issue_id=whistle.issue_id)]
    return [happened.WhistleClosed(order_id=whistle.order_id)]


def cancelled(whistle: Whistle, reason: str, by: str | None) -> happened.WhistleCancelled:
    """哨声取消."""
    return happened.WhistleCancelled(order_id=whistle.order_id, issue_id=whistle.issue_id, reason=reason, by=by)


def own_line(whistle: Whistle, unit: str) -> Line:
    """The line of the unit that asks; raises 403 ``whistle.not_your_unit``."""
    for line in whistle.lines:
        if line.unit == unit:
            return line
    raise Rejected("whistle.not_your_unit", "本单位不在本次召集之列", status=403)


def called_line(whistle: Whistle, unit: str) -> Line:
    """The line of a unit that somebody names; raises 422 ``whistle.not_called``."""
    for line in whistle.lines:
        if line.unit == unit:
            return line
    raise Rejected("whistle.not_called", "该部门不在本次召集之列", field="unit", status=422)
