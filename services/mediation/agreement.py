"""What the parties agreed, its confirmation by a court and its performance. Rules: domain.md, Case; 人民调解法 28–33.

Performance waits for no court: instalments are kept or broken while a confirmation is asked for, given or not asked
for at all. So the status after an agreement is worked out from what is known (``_status``), not set by each event.
"""

from datetime import datetime

from contracts.event import Event
from contracts.frozen import replace
from contracts.mediation import (
    CaseAgreed,
    CaseBreached,
    CaseConfirmed,
    CaseNotConfirmed,
    CasePerformed,
    ConfirmationRequested,
    Instalment,
    InstalmentPerformed,
)
from contracts.rejected import Rejected
from services.mediation.agreement_contents import check_contents
from services.mediation.case_model import (
    AboutAgreement,
    Agree,
    Case,
    Context,
    Form,
    PerformInstalment,
    ReportBreach,
    RequestConfirmation,
    Rule,
    Status,
)
from services.mediation.case_parts import Confirmation, CourtSteps, Oversight, Paper
from services.mediation.refusals import wrong_status as wrong_status

AgreementEvent = (
    CaseAgreed
    | ConfirmationRequested
    | CaseConfirmed
    | CaseNotConfirmed
    | InstalmentPerformed
    | CasePerformed
    | CaseBreached
)
UNCONFIRMED = frozenset({Status.AGREED_WRITTEN, Status.AGREED_ORAL, Status.PERFORMING})
_MAY_ASK = frozenset({Confirmation.NONE, Confirmation.DECLINED, Confirmation.WITHDRAWN})
BINDING = UNCONFIRMED | {Status.CONFIRMATION_PENDING, Status.CONFIRMED}


def decide_agreement(case: Case, command: AboutAgreement, context: Context) -> list[Event]:
    """What happens. Raises ``Rejected`` with code ``case.*``."""
    match command:
        case Agree(agreement_id):
            return [] if agreement_id == case.agreement_id else _agree(case, command, context)
        case RequestConfirmation(_, court):
            asked = case.confirmation is Confirmation.PENDING and case.court == court
            return [] if asked else _request_confirmation(case, command, context)
        case Rule(refusal):
            outcome = Confirmation.NOT_CONFIRMED if refusal else Confirmation.CONFIRMED
            return [] if case.confirmation is outcome else _rule(case, command, context)
        case PerformInstalment(number):
            return [] if number in case.performed else _perform(case, command, context)
        case ReportBreach(number):
            return [] if number == case.breached else _breach(case, command, context)


def _agree(case: Case, command: Agree, context: Context) -> list[Event]:
    """28–30: in writing from the signatures on, orally from the agreement on."""
    if case.status is not Status.IN_MEDIATION:
        raise wrong_status(case)
    check_contents(case, command.form, command.paper)
    effective = command.effective_at or context.now
    if not (case.accepted_at or effective) <= effective <= context.now:
        message = "协议生效时间应在受理之后、现在之前"
        raise Rejected("case.effective_date", message, field="effective_at", status=422)
    dates = [date or context.due("performance", effective) for date in command.instalments]
    if not dates or min(dates) < effective:
        message = "至少一项履行内容，且履行期限不早于协议生效时间"
        raise Rejected("case.instalment_dates", message, field="instalments", status=422)
    return [
        CaseAgreed(
            order_id=case.order_id,
            agreement_id=command.agreement_id,
            form=command.form,
            effective_at=effective,
            confirmation_until=context.due("confirmation_request", effective),
            instalments=[
                Instalment(number=number, due=date, remind_at=reminder_of(date, context))
                for number, date in enumerate(dates, 1)
            ],
            signatures=list(command.paper.signatures) or None,
            by=command.by.id,
        )
    ]


def _request_confirmation(case: Case, command: RequestConfirmation, context: Context) -> list[Event]:
    """33: all parties together, within the limit after effect; not about identity, adoption or marriage."""
    if case.status not in UNCONFIRMED or case.confirmation not in _MAY_ASK:
        raise wrong_status(case)
    if command.matter_excluded:
        message = "涉及身份、收养、婚姻关系的协议不适用司法确认（司法确认程序的若干规定第四条）"
        raise Rejected("case.matter_excluded", message, field="matter_excluded", status=422)
    if set(command.parties) != {party.party_id for party in case.parties}:
        raise Rejected("case.parties_not_together", "应由各方当事人共同申请", field="parties", status=422)
    if case.confirmation_until is not None and context.now > case.confirmation_until:
        raise Rejected("case.confirmation_too_late", "已超过申请司法确认的期限")
    acceptance_due = context.due("court_acceptance", context.now)
    return [
        ConfirmationRequested(
            court=command.court,
            acceptance_due=acceptance_due,
            ruling_due=context.due("court_ruling", acceptance_due),
            by=command.by.id,
        )
    ]


def _rule(case: Case, command: Rule, context: Context) -> list[Event]:
    if case.status is not Status.CONFIRMATION_PENDING:
        raise wrong_status(case)
    if command.refusal is None:
        return [CaseConfirmed(by=command.by.id)]
    guidance_due = context.due("guidance", context.now)
    return [CaseNotConfirmed(reason=command.refusal, guidance_due=guidance_due, by=command.by.id)]


def _perform(case: Case, command: PerformInstalment, context: Context) -> list[Event]:
    """31: the committee oversees the performance."""
    instalment = open_instalment(case, command.number)
    in_time = context.now <= instalment.due
    performed: list[Event] = [InstalmentPerformed(number=instalment.number, in_time=in_time, by=command.by.id)]
    if len(case.performed) + 1 < len(case.instalments):
        return performed
    return [*performed, CasePerformed(order_id=case.order_id, revisit_due=context.due("revisit", context.now))]


def _breach(case: Case, command: ReportBreach, context: Context) -> list[Event]:
    instalment = open_instalment(case, command.number)
    if context.now < instalment.due:
        raise Rejected("case.not_due_yet", "履行期限尚未届满")
    confirmed = case.confirmation is Confirmation.CONFIRMED
    guidance_due = context.due("guidance", context.now)
    return [
        CaseBreached(number=instalment.number, confirmed=confirmed, guidance_due=guidance_due, by=command.by.id),
    ]


def open_instalment(case: Case, number: int) -> Instalment:
    """The instalment that is still to be performed. Raises ``Rejected`` if there is none of that number."""
    if case.status not in BINDING:
        raise wrong_status(case)
    for instalment in case.instalments:
        if instalment.number == number and number not in case.performed:
            return instalment
    raise Rejected("case.no_such_instalment", "协议中没有这一期履行内容，或已履行", field="number", status=422)


def evolve_agreement(case: Case, event: AgreementEvent) -> Case:
    """The case after an event about its agreement."""
    return settled(_fold(case, event))


def settled(case: Case) -> Case:
    """The case with the status that follows from what is known of its agreement."""
    return replace(case, status=_status(case))


def _fold(case: Case, event: AgreementEvent) -> Case:
    match event:
        case CaseAgreed():
            return replace(
                case,
                agreement_id=event.agreement_id,
                form=Form(event.form),
                confirmation_until=event.confirmation_until,
                instalments=tuple(event.instalments),
                performed=(),
                confirmation=Confirmation.NONE,
                court=None,
                paper=Paper(signatures=tuple(event.signatures or ()), effective_at=event.effective_at),
                court_steps=CourtSteps(),
                oversight=Oversight(),
                timers={timer_of(instalment.number): instalment.due for instalment in event.instalments},
                late={},
            )
        case ConfirmationRequested():
            timers = {**case.timers, "ruling": event.ruling_due}
            if event.acceptance_due:
                timers["acceptance"] = event.acceptance_due
            asked = replace(case, confirmation=Confirmation.PENDING, court=event.court, court_steps=CourtSteps())
            return replace(asked, timers=timers)
        case CaseConfirmed():
            return replace(without(case, "acceptance", "supplement", "ruling"), confirmation=Confirmation.CONFIRMED)
        case CaseNotConfirmed():
            timers = {"guidance": event.guidance_due}
            return replace(case, confirmation=Confirmation.NOT_CONFIRMED, timers=timers, late={})
        case InstalmentPerformed():
            return replace(without(case, timer_of(event.number)), performed=(*case.performed, event.number))
        case CasePerformed():
            timers = {"revisit": event.revisit_due} if event.revisit_due else {}
            return replace(case, timers=timers, late={})
        case CaseBreached():
            return replace(case, breached=event.number, timers={"guidance": event.guidance_due}, late={})


def _status(case: Case) -> Status:
    if case.breached is not None:
        return Status.BREACHED
    if len(case.performed) == len(case.instalments):
        return Status.PERFORMED
    match case.confirmation:
        case Confirmation.PENDING:
            return Status.CONFIRMATION_PENDING
        case Confirmation.NOT_CONFIRMED:
            return Status.NOT_CONFIRMED
    if case.performed:
        return Status.PERFORMING
    if case.confirmation is Confirmation.CONFIRMED:
        return Status.CONFIRMED
    return Status.AGREED_WRITTEN if case.form is Form.WRITTEN else Status.AGREED_ORAL


def timer_of(number: int) -> str:
    """The name of an instalment's timer."""
    return f"performance:{number}"


def reminder_of(due: datetime, context: Context) -> datetime:
    """When to remind of a date: as long before it as the limit ``reminder`` would last after it."""
    return due - (context.due("reminder", due) - due)


def without(case: Case, *steps: str) -> Case:
    """The case when these steps are over, in time or late."""
    return replace(
        case,
        timers={name: due for name, due in case.timers.items() if name not in steps},
        late={name: due for name, due in case.late.items() if name not in steps},
    )
