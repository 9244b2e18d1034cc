"""审查 of a case 调解案件: whether it can be mediated, and who its parties are; and how it ends before it is. Pure."""

from contracts.codes import MediationOutcome
from contracts.event import Event
from contracts.mediation import CaseReferredOut, CaseTerminated, ConsentRequested, Party
from contracts.rejected import Rejected
from services.mediation.case_model import Case, Context, ReferOut, Screen, Side, Status
from services.mediation.case_parties import check_appeals
from services.mediation.refusals import enforceable, wrong_status

_ASKED = {Status.REGISTERED, Status.PRE_STAGE, Status.CONSENT_PENDING}
_UNDER_WAY = _ASKED | {Status.ACCEPTED, Status.MEDIATOR_ASSIGNED, Status.IN_MEDIATION}


def end_with_order(case: Case, cause: str) -> list[Event]:
    """工单作废, 撤回诉求: what has been agreed stays agreed; what is under way ends."""
    if case.status not in _UNDER_WAY:
        return []
    outcome = MediationOutcome.OUT_OF_SCOPE
    return [CaseTerminated(order_id=case.order_id, outcome=outcome, party_id=None, cause=cause)]


def decide_screening(case: Case, command: Screen | ReferOut, context: Context) -> list[Event]:
    """2, 17: what is a dispute among citizens can be mediated, if its parties want it. Raises ``case.*``."""
    if case.status is not Status.REGISTERED:
        raise wrong_status(case)
    match command:
        case Screen(parties, by):
            _check_parties(case, parties)
            consent_due = context.due("consent", context.now)
            return [ConsentRequested(parties=list(parties), consent_due=consent_due, by=by.id)]
        case ReferOut(guidance, by, reason, office):
            enforceable(case, guidance)
            return [
                CaseReferredOut(
                    order_id=case.order_id,
                    guidance=guidance,
                    by=by.id,
                    reason=reason,
                    office=office,
                    appeals=list(case.appeals),
                )
            ]


def _check_parties(case: Case, parties: tuple[Party, ...]) -> None:
    if {party.side for party in parties} != set(Side) or len({p.party_id for p in parties}) != len(parties):
        raise Rejected("case.parties_incomplete", "双方当事人都要登记，且不得重复", field="parties", status=422)
    check_appeals(case, parties)
