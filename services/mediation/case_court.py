"""The court's steps in a judicial confirmation 司法确认. Articles without another name are those of 规定 (2011):
最高人民法院关于人民调解协议司法确认程序的若干规定.

The request and the ruling are in ``agreement.py``. Between them the court takes the request or declines it in three
days [4], decides in fifteen and may take ten more [5], and may ask for more [6]; the parties may withdraw [5]. Declined
or withdrawn, the agreement binds as before [人民调解法 31] and the court may be asked again while there is time. Both
parties at court together may get the decision at once [4], so a ruling does not wait for the acceptance.
"""

from dataclasses import dataclass
from datetime import datetime

from contracts.event import Event
from contracts.frozen import replace
from contracts.mediation_course import (
    ConfirmationWithdrawn,
    CourtAccepted,
    CourtDeclined,
    CourtExtended,
    SupplementFiled,
    SupplementRequested,
)
from contracts.rejected import Rejected
from services.mediation.agreement import settled, without, wrong_status
from services.mediation.case_model import Case, Context, Staff, Status
from services.mediation.case_parts import Confirmation, CourtSteps, Declined


@dataclass(frozen=True, slots=True)
class CourtAccepts:
    """法院受理 [4]."""

    by: Staff


@dataclass(frozen=True, slots=True)
class CourtDeclines:
    """法院不予受理 [4]."""

    reason: Declined
    by: Staff


@dataclass(frozen=True, slots=True)
class CourtExtends:
    """法院延长审查期限 [5]."""

    by: Staff


@dataclass(frozen=True, slots=True)
class CourtAsks:
    """法院要求补充材料 [6], by the day that the court named."""

    due: datetime
    by: Staff


@dataclass(frozen=True, slots=True)
class FileSupplement:
    """已补充材料 [6]."""

    by: Staff


@dataclass(frozen=True, slots=True)
class WithdrawRequest:
    """撤回申请 [5]. ``party_id`` None: not supplemented in time, and taken by the court as withdrawn [6]."""

    party_id: str | None
    by: Staff


AboutCourt = CourtAccepts | CourtDeclines | CourtExtends | CourtAsks | FileSupplement | WithdrawRequest
CourtEvent = (
    CourtAccepted | CourtDeclined | CourtExtended | SupplementRequested | SupplementFiled | ConfirmationWithdrawn
)
TAKEN_AS_WITHDRAWN = "court"


def decide_court(case: Case, command: AboutCourt, context: Context) -> list[Event]:
    """What happens. Raises ``Rejected`` with code ``case.*``."""
    if _already(case, command):
        return []
    if case.status is not Status.CONFIRMATION_PENDING:
        raise wrong_status(case)
    steps = case.court_steps
    match command:
        case CourtAccepts(by):
            return [CourtAccepted(ruling_due=context.due("court_ruling", context.now), by=by.id)]
        case CourtDeclines(reason, by) if not steps.accepted:
            return [CourtDeclined(reason=reason, by=by.id)]
        case CourtExtends(by) if steps.accepted:
            ruling_due = case.timers.get("ruling") or case.late.get("ruling") or context.now
            return [CourtExtended(ruling_due=context.due("court_extension", ruling_due), by=by.id)]
        case CourtAsks(due, by) if steps.accepted:
            if due <= context.now:
                raise Rejected("case.supplement_date", "补充材料的期限应在现在之后", field="due", status=422)
            return [SupplementRequested(supplement_due=due, by=by.id)]
        case FileSupplement(by) if steps.supplement_due is not None:
            return [SupplementFiled(by=by.id)]
        case WithdrawRequest(party_id, by):
            _may_withdraw(case, party_id, context.now)
            return [ConfirmationWithdrawn(party_id=party_id, by=by.id)]
    raise Rejected("case.court_step", "法院的这一步骤与司法确认的进展不符")


def _already(case: Case, command: AboutCourt) -> bool:
    steps, pending = case.court_steps, case.confirmation is Confirmation.PENDING
    match command:
        case CourtAccepts():
            return pending and steps.accepted
        case CourtDeclines(reason):
            return case.confirmation is Confirmation.DECLINED and steps.declined == reason
        case CourtExtends():
            return pending and steps.extended
        case CourtAsks(due):
            return pending and steps.supplement_due == due
        case FileSupplement():
            return pending and steps.filed and steps.supplement_due is None
        case WithdrawRequest(party_id):
            by = party_id or TAKEN_AS_WITHDRAWN
            return case.confirmation is Confirmation.WITHDRAWN and steps.withdrawn_by == by


def _may_withdraw(case: Case, party_id: str | None, now: datetime) -> None:
    if party_id is None:
        due = case.court_steps.supplement_due
        if due is None or now < due:
            message = "没有逾期未补充的材料，不能按撤回申请处理"
            raise Rejected("case.nothing_to_supplement", message, field="party_id", status=422)
    elif party_id not in {party.party_id for party in case.parties}:
        raise Rejected("case.unknown_party", "不是本案当事人", field="party_id", status=422)


def evolve_court(case: Case, event: CourtEvent) -> Case:
    """The case after a step of the court."""
    steps = case.court_steps
    match event:
        case CourtAccepted():
            begun = without(case, "acceptance", "ruling")
            timers = {**begun.timers, "ruling": event.ruling_due}
            return replace(begun, court_steps=replace(steps, accepted=True), timers=timers)
        case CourtExtended():
            begun = without(case, "ruling")
            timers = {**begun.timers, "ruling": event.ruling_due}
            return replace(begun, court_steps=replace(steps, extended=True), timers=timers)
        case SupplementRequested():
            begun = without(case, "supplement")
            timers = {**begun.timers, "supplement": event.supplement_due}
            asked = replace(steps, supplement_due=event.supplement_due, filed=False)
            return replace(begun, court_steps=asked, timers=timers)
        case SupplementFiled():
            filed = replace(steps, supplement_due=None, filed=True)
            return replace(without(case, "supplement"), court_steps=filed)
        case CourtDeclined():
            ended = replace(case, confirmation=Confirmation.DECLINED)
            return _over(ended, CourtSteps(declined=Declined(event.reason)))
        case ConfirmationWithdrawn():
            ended = replace(case, confirmation=Confirmation.WITHDRAWN)
            return _over(ended, CourtSteps(withdrawn_by=event.party_id or TAKEN_AS_WITHDRAWN))


def _over(case: Case, steps: CourtSteps) -> Case:
    return settled(replace(without(case, "acceptance", "ruling", "supplement"), court_steps=steps))
