"""Sessions 调解会, their extension, risks and who looks at what was written. Articles are those of 人民调解法.

A planned session that is not recorded in time is late; a risk 风险 stays on the case until somebody clears it, in
whatever status the case is, because a dispute may escalate when its mediation is over, too [25].
"""

from dataclasses import dataclass
from datetime import datetime

from contracts.event import Event
from contracts.frozen import replace
from contracts.mediation import SessionHeld
from contracts.mediation_course import (
    CaseTextRevealed,
    MediationExtended,
    RiskCleared,
    RiskReported,
    SessionPlanned,
)
from contracts.rejected import Rejected
from services.mediation.agreement import wrong_status
from services.mediation.case_documents import check_document
from services.mediation.case_model import Case, Context, Staff, Status
from services.mediation.case_parts import Measure, PlannedSession, Purpose, Risk, RiskKind, Setting
from services.mediation.refusals import known_party

CONTACT = "contact:"
"""What is looked at, before the id of the party whose contact it is."""
MEDIATING = frozenset({Status.MEDIATOR_ASSIGNED, Status.IN_MEDIATION})


@dataclass(frozen=True, slots=True)
class PlanSession:
    """约定下一次调解会, or another time for it."""

    number: int
    at: datetime
    setting: Setting
    by: Staff


@dataclass(frozen=True, slots=True)
class ExtendMediation:
    """延长调解期限: ``parties`` are those who agreed."""

    until: datetime
    parties: tuple[str, ...]
    by: Staff


@dataclass(frozen=True, slots=True)
class ReportRisk:
    """风险上报. ``told_at`` None, with an office: now."""

    report_id: str
    kind: RiskKind
    office: str | None
    told_at: datetime | None
    measure: Measure
    by: Staff


@dataclass(frozen=True, slots=True)
class ClearRisk:
    """风险解除."""

    report_id: str
    by: Staff


@dataclass(frozen=True, slots=True)
class RevealText:
    """查看案件内容."""

    reveal_id: str
    what: str
    purpose: Purpose
    by: Staff


AboutSessions = PlanSession | ExtendMediation | ReportRisk | ClearRisk | RevealText
SessionEvent = SessionPlanned | MediationExtended | RiskReported | RiskCleared | CaseTextRevealed


def decide_sessions(case: Case, command: AboutSessions, context: Context) -> list[Event]:
    """What happens. Raises ``Rejected`` with code ``case.*``."""
    match command:
        case PlanSession():
            return _plan(case, command, context)
        case ExtendMediation():
            return _extend(case, command, context)
        case ReportRisk(report_id):
            return [] if report_id in case.talks.risks else _report(case, command, context)
        case ClearRisk(report_id, by):
            return _clear(case, report_id, by)
        case RevealText(reveal_id, what, purpose, by):
            if reveal_id == case.talks.last_reveal:
                return []
            check_document(case, what)
            if what.startswith(CONTACT):
                known_party(case, what.removeprefix(CONTACT))
            return [CaseTextRevealed(reveal_id=reveal_id, what=what, purpose=purpose, by=by.id)]


def _plan(case: Case, command: PlanSession, context: Context) -> list[Event]:
    """22: the mediators see to it that the parties are heard; 27: what happened is recorded."""
    planned = PlannedSession(command.number, command.at, command.setting)
    if planned == case.talks.planned or command.number <= case.sessions:
        return []
    if case.status not in MEDIATING | {Status.NOT_CONFIRMED}:
        raise wrong_status(case)
    if command.number != case.sessions + 1:
        message = f"应约定第{case.sessions + 1}次调解"
        raise Rejected("case.session_number", message, field="number", status=422)
    if command.at <= context.now:
        raise Rejected("case.session_time", "约定的时间应在现在之后", field="at", status=422)
    record_due = context.due("session_record", command.at)
    return [
        SessionPlanned(
            number=command.number, at=command.at, setting=command.setting, record_due=record_due, by=command.by.id
        )
    ]


def check_attendance(case: Case, attended: tuple[str, ...] | None) -> None:
    """Raise ``Rejected`` unless those who came are parties of the case."""
    if not set(attended or ()) <= {party.party_id for party in case.parties}:
        raise Rejected("case.unknown_party", "不是本案当事人", field="attended", status=422)


def _extend(case: Case, command: ExtendMediation, context: Context) -> list[Event]:
    """23: to go on or not is the parties' choice, so every one of them has to agree."""
    if command.until == case.timers.get("mediation"):
        return []
    if case.status not in MEDIATING:
        raise wrong_status(case)
    if set(command.parties) != {party.party_id for party in case.parties}:
        raise Rejected("case.extension_not_agreed", "延长调解期限应经各方当事人同意", field="parties", status=422)
    running = case.timers.get("mediation") or case.late.get("mediation") or context.now
    if not max(running, context.now) < command.until <= context.due("mediation_extension", running):
        message = "延长后的期限应在原期限和现在之后，且每次不超过规定的延长时间"
        raise Rejected("case.extension_date", message, field="until", status=422)
    return [MediationExtended(until=command.until, agreed_by=sorted(command.parties), by=command.by.id)]


def _report(case: Case, command: ReportRisk, context: Context) -> list[Event]:
    """25: what may become a public security or criminal case is reported to the police or another office."""
    if case.status is Status.ARCHIVED:
        raise wrong_status(case)
    if command.kind is not RiskKind.ESCALATION and command.office is None:
        message = "可能引起治安案件、刑事案件的，应当报告当地公安机关或者有关部门（人民调解法第二十五条）"
        raise Rejected("case.risk_not_told", message, field="office", status=422)
    told_at = command.told_at or context.now
    if told_at > context.now:
        raise Rejected("case.risk_told_at", "报告时间不应在现在之后", field="told_at", status=422)
    return [
        RiskReported(
            report_id=command.report_id,
            kind=command.kind,
            office=command.office,
            told_at=told_at if command.office else None,
            measure=command.measure,
            by=command.by.id,
        )
    ]


def _clear(case: Case, report_id: str, by: Staff) -> list[Event]:
    if report_id not in case.talks.risks:
        raise Rejected("case.no_such_risk", "本案没有这项风险上报", field="report_id", status=422)
    if case.talks.risk is None or case.talks.risk.report_id != report_id:
        return []
    return [RiskCleared(report_id=report_id, by=by.id)]


def evolve_sessions(case: Case, event: SessionEvent) -> Case:
    """The case after an event about its sessions."""
    match event:
        case SessionPlanned():
            planned = PlannedSession(event.number, event.at, Setting(event.setting))
            late = {step: due for step, due in case.late.items() if step != "session"}
            timers = {**case.timers, "session": event.record_due}
            return replace(case, talks=replace(case.talks, planned=planned), timers=timers, late=late)
        case MediationExtended():
            late = {step: due for step, due in case.late.items() if step != "mediation"}
            timers = {**case.timers, "mediation": event.until}
            return replace(case, timers=timers, late=late)
        case RiskReported():
            risk = Risk(event.report_id, RiskKind(event.kind), event.office, Measure(event.measure), event.told_at)
            told = (*case.talks.risks, event.report_id)
            return replace(case, talks=replace(case.talks, risk=risk, risks=told))
        case RiskCleared():
            return replace(case, talks=replace(case.talks, risk=None))
        case CaseTextRevealed():
            return replace(case, talks=replace(case.talks, last_reveal=event.reveal_id))


def attended(case: Case, event: SessionHeld) -> Case:
    """The case after a session: who came is known, and nothing is planned any more."""
    came = case.talks.attended
    if event.attended is not None:
        came = {**came, event.number: tuple(event.attended)}
    timers = {step: due for step, due in case.timers.items() if step != "session"}
    late = {step: due for step, due in case.late.items() if step != "session"}
    return replace(case, talks=replace(case.talks, planned=None, attended=came), timers=timers, late=late)
