"""Case 调解案件: one dispute before the mediators. Rules: domain.md, Case; articles are those of 人民调解法.

A case is screened, every party is asked, a mediator holds sessions until there is an agreement or none; what was
agreed is performed, with or without a court's confirmation; the centre visits again and archives. Commands and state:
``case_model.py``; what follows an agreement: ``agreement.py``; planned sessions, risks, the court's steps,
oversight and archive: ``case_course.py`` and the files that it names.
"""

import base64
import hashlib
from datetime import datetime

from contracts.codes import CaseOrigin, MediationOutcome
from contracts.event import Event
from contracts.frozen import replace
from contracts.mediation import (
    CaseAccepted,
    CaseFailed,
    CaseGuided,
    CaseReferredOut,
    CaseRegistered,
    CaseStepOverdue,
    CaseTerminated,
    ConsentGiven,
    ConsentRequested,
    SessionHeld,
)
from contracts.rejected import Rejected
from services.mediation.agreement import AgreementEvent, decide_agreement, evolve_agreement
from services.mediation.case_course import (
    CaseCommand,
    CourseCommand,
    CourseEvent,
    decide_course,
    evolve_course,
    reached,
    timers,
)
from services.mediation.case_door import AboutMediators, AboutParties, Recuse
from services.mediation.case_mediators import (
    MediatorEvent,
    assign,
    decide_mediators,
    evolve_mediators,
    is_assigned,
    may_recuse,
    sits,
)
from services.mediation.case_model import (
    AboutAgreement,
    Agree,
    AssignMediator,
    Case,
    Consent,
    Context,
    DeadlineReached,
    EndWithOrder,
    Fail,
    Guide,
    HoldSession,
    Mediation,
    ReferOut,
    Register,
    Screen,
    Staffed,
    Status,
    Withdraw,
)
from services.mediation.case_parties import PartyEvent, check_consent, decide_parties, evolve_parties
from services.mediation.case_prestage import PrestageEvent, decide_prestage, evolve_prestage, triangle_is_over
from services.mediation.case_screening import decide_screening, end_with_order
from services.mediation.case_sessions import attended, check_attendance
from services.mediation.prestage_words import AboutPrestage
from services.mediation.refusals import enforceable, known_party, wrong_status

NO_AGREEMENT = "no_agreement"
PARTY_WITHDREW = "party_withdrew"
_GUIDED = frozenset({Status.GUIDED, Status.REVISITED, Status.ARCHIVED})


def case_code(case_id: str) -> str:
    """一案一码: the twelve characters that name the case in every office; the same for the same case."""
    return "AJ" + base64.b32encode(hashlib.sha256(case_id.encode()).digest())[:10].decode()


def decide(case: Case, command: CaseCommand, context: Context) -> list[Event]:
    """What happens. Raises ``Rejected`` with code ``case.*``."""
    match command:
        case Register():
            return _register(case, command, context)
        case EndWithOrder():
            return end_with_order(case, command.cause)
        case _ if case.status is Status.NONE:
            raise Rejected("case.not_found", "没有这个调解案件", status=404)
        case DeadlineReached(step):
            reminder = reached(case, step, context.now)
            return _overdue(case, step, context) if reminder is None else reminder
        case _:
            _may_act(case, command)
            if isinstance(command, CourseCommand):
                return decide_course(case, command, context)
            if isinstance(command, AboutAgreement):
                return decide_agreement(case, command, context)
            if isinstance(command, AboutPrestage):
                return decide_prestage(case, command, context)
            if isinstance(command, AboutParties):
                return decide_parties(case, command, context)
            if isinstance(command, AboutMediators):
                return decide_mediators(case, command, context)
            return [] if _already(case, command) else _decide(case, command, context)


def _decide(case: Case, command: Mediation, context: Context) -> list[Event]:
    now, due = context.now, context.due
    match command, case.status:
        case (Screen() | ReferOut()) as screening, _:
            return decide_screening(case, screening, context)
        case Consent(party_id, True, _, through) as consent, Status.CONSENT_PENDING:
            known_party(case, party_id)
            check_consent(case, consent)
            given: list[Event] = [ConsentGiven(party_id=party_id, representative_id=through)]
            if len(case.consented) + 1 < len(case.parties):
                return given
            return [*given, CaseAccepted(order_id=case.order_id, accepted_at=now, assign_due=due("assign", now))]
        case ((Consent(party_id) | Withdraw(party_id)), Status.CONSENT_PENDING):  # 17: one clear refusal, no mediation
            known_party(case, party_id)
            return [CaseTerminated(order_id=case.order_id, outcome=MediationOutcome.REFUSED, party_id=party_id)]
        case AssignMediator() as wanted, _:
            return assign(case, wanted, context)
        case HoldSession(number, by, came), Status.MEDIATOR_ASSIGNED | Status.IN_MEDIATION | Status.NOT_CONFIRMED:
            if number != case.sessions + 1:
                message = f"应记录第{case.sessions + 1}次调解"
                raise Rejected("case.session_number", message, field="number", status=422)
            check_attendance(case, came)
            anew = due("mediation", now) if case.status is Status.NOT_CONFIRMED else None
            present = None if came is None else list(came)
            return [SessionHeld(number=number, mediation_due=anew, attended=present, by=by.id)]
        case Fail(by), Status.IN_MEDIATION:
            return [_failed(case, NO_AGREEMENT, None, by.id, context)]
        case Withdraw(party_id, by), Status.ACCEPTED | Status.MEDIATOR_ASSIGNED | Status.IN_MEDIATION:
            known_party(case, party_id)  # 23 (2): a party may ask to end the mediation
            return [_failed(case, PARTY_WITHDREW, party_id, by.id, context)]
        case Guide(guidance, by, version), Status.FAILED | Status.NOT_CONFIRMED | Status.BREACHED:
            enforceable(case, guidance)
            return [
                CaseGuided(
                    guidance=guidance,
                    advice_version=version,
                    revisit_due=due("revisit", now),
                    appeals=list(case.appeals),
                    by=by.id,
                )
            ]
    raise wrong_status(case)


def _already(case: Case, command: Mediation) -> bool:
    """Whether the command has taken effect before."""
    match command:
        case Screen(parties):
            return case.parties == parties
        case ReferOut(guidance):
            return case.status is Status.REFERRED and case.guidance == guidance
        case Consent(party_id, True):
            return party_id in case.consented
        case Consent(party_id) | Withdraw(party_id):
            return case.left_by == party_id
        case AssignMediator():
            return is_assigned(case, command)
        case HoldSession(number):
            return number <= case.sessions
        case Fail():
            return case.failure == NO_AGREEMENT
        case Guide(guidance):
            return case.status in _GUIDED and case.guidance == guidance


def _may_act(case: Case, command: Staffed | CourseCommand) -> None:
    by = command.by
    match command:
        case HoldSession() | Agree() | Fail():
            may = by.id == case.mediator
        case Recuse():
            may = by.clerk or may_recuse(case, command)
        case _:
            may = by.clerk or sits(case, by.id)
    if not may:
        raise Rejected("case.not_your_case", "该案件由其他调解员承办", status=403)


def _register(case: Case, command: Register, context: Context) -> list[Event]:
    if case.status is not Status.NONE:
        return []
    return [
        CaseRegistered(
            issue_id=command.issue_id,
            order_id=command.order_id,
            case_code=case_code(context.case_id),
            origin=CaseOrigin.ORDER if command.order_id else command.origin,
            referred_by=command.referred_by,
            appeals=list(command.appeals),
            screen_due=context.due("screen", context.now),
        )
    ]


def _overdue(case: Case, step: str, context: Context) -> list[Event]:
    due_at = case.timers.get(step)
    if due_at is None or due_at > context.now:
        return []
    if step == "triangle":
        return triangle_is_over(case, context)
    if step == "consent":
        return [CaseTerminated(order_id=case.order_id, outcome=MediationOutcome.OVERDUE, party_id=None)]
    return [CaseStepOverdue(step=step, due_at=due_at)]


def _failed(case: Case, reason: str, party_id: str | None, by: str, context: Context) -> CaseFailed:
    guidance_due = context.due("guidance", context.now)
    return CaseFailed(order_id=case.order_id, reason=reason, party_id=party_id, guidance_due=guidance_due, by=by)


def evolve(case: Case, event: Event) -> Case:
    """The case after ``event``. An event that begins a step replaces the timers of the step before."""
    if isinstance(event, AgreementEvent):
        return evolve_agreement(case, event)
    if isinstance(event, CourseEvent):
        return evolve_course(case, event)
    if isinstance(event, PrestageEvent):
        return evolve_prestage(case, event)
    if isinstance(event, PartyEvent):
        return evolve_parties(case, event)
    if isinstance(event, MediatorEvent):
        return evolve_mediators(case, event)
    match event:
        case CaseRegistered():
            registered = replace(case, status=Status.REGISTERED, issue_id=event.issue_id, order_id=event.order_id)
            registered = replace(registered, code=event.case_code, appeals=tuple(event.appeals))
            registered = replace(registered, origin=CaseOrigin(event.origin), referred_by=event.referred_by)
            return _waiting(registered, screen=event.screen_due)
        case CaseReferredOut():
            referred = replace(case, status=Status.REFERRED, guidance=event.guidance)
            return _waiting(replace(referred, scope_reason=event.reason, office=event.office))
        case ConsentRequested():
            asked = replace(case, status=Status.CONSENT_PENDING, parties=tuple(event.parties))
            return _waiting(asked, consent=event.consent_due)
        case ConsentGiven():
            return replace(case, consented=(*case.consented, event.party_id))
        case CaseTerminated():
            return _waiting(replace(case, status=Status.TERMINATED, left_by=event.party_id))
        case CaseAccepted():
            accepted = replace(case, status=Status.ACCEPTED, accepted_at=event.accepted_at)
            return _waiting(accepted, assign=event.assign_due)
        case SessionHeld():
            held = replace(attended(case, event), status=Status.IN_MEDIATION, sessions=event.number)
            return _waiting(held, mediation=event.mediation_due) if event.mediation_due else held
        case CaseFailed():
            failed = replace(case, status=Status.FAILED, failure=event.reason, left_by=event.party_id)
            return _waiting(failed, guidance=event.guidance_due)
        case CaseGuided():
            guided = replace(case, status=Status.GUIDED, guidance=event.guidance)
            return _waiting(guided, revisit=event.revisit_due) if event.revisit_due else _waiting(guided)
        case CaseStepOverdue():
            timers = {step: due for step, due in case.timers.items() if step != event.step}
            return replace(case, timers=timers, late={**case.late, event.step: event.due_at})
        case _:
            raise TypeError(f"{type(event).__name__} is no event of a case")


def deadlines(case: Case) -> dict[str, datetime]:
    """Every timer that must be running, by step."""
    return timers(case)


def _waiting(case: Case, **timers: datetime) -> Case:
    return replace(case, timers=timers, late={})
