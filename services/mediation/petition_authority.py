"""What the authorities do with a petition 信访代办: routing, competence, acceptance, handling.

Articles are those of 信访工作条例 (2022). The steps are written down by the proxy or the clerk, who have the
authority's notices before them.
"""

from contracts.event import Event
from contracts.mediation_petitions import (
    PetitionAccepted,
    PetitionCompetenceObjected,
    PetitionExtended,
    PetitionHandlingBegan,
    PetitionNotAccepted,
    PetitionObjectionRejected,
    PetitionRouted,
)
from contracts.rejected import Rejected
from services.mediation.petition_commands import (
    Accept,
    AtAuthority,
    BeginHandling,
    Extend,
    NotAccept,
    ObjectToCompetence,
    RejectObjection,
    Route,
)
from services.mediation.petition_guards import happened_at, other_authority, wrong_status
from services.mediation.petition_model import GOES_TO, Context, Petition, Status

HANDLED = frozenset({Status.ACCEPTED, Status.HANDLING})


def decide_at_authority(petition: Petition, command: AtAuthority, context: Context) -> list[Event]:
    """What happens. Raises ``Rejected`` with code ``petition.*``."""
    if _already(petition, command):
        return []
    match command, petition.status:
        case Route(), Status.SUBMITTED:
            return [_routed(petition, command, context)]
        case Route(authority), Status.ROUTED if petition.objection_id is not None:  # 23: the objection is upheld
            other_authority(authority, petition.authority, *petition.released)
            return [_routed(petition, command, context)]
        case ObjectToCompetence(), Status.ROUTED:
            return [_objected(petition, command, context)]
        case RejectObjection(by), Status.ROUTED:
            if petition.objection_id is None:
                raise Rejected("petition.no_objection", "没有待核实的异议")
            authority = _authority(petition)
            return [PetitionObjectionRejected(objection_id=petition.objection_id, authority=authority, by=by.id)]
        case Accept(), Status.ROUTED:
            _competent(petition)
            return [_accepted(petition, command, context)]
        case NotAccept(reason, by), Status.ROUTED:
            _competent(petition)
            return [
                PetitionNotAccepted(
                    order_id=petition.order_id,
                    authority=_authority(petition),
                    reason=reason,
                    to=GOES_TO[reason],
                    feedback_due=context.due("petition_feedback", context.now),
                    appeals=list(petition.appeals),
                    by=by.id,
                )
            ]
        case BeginHandling(by), Status.ACCEPTED:
            return [PetitionHandlingBegan(by=by.id)]
        case Extend(), status if status in HANDLED:
            return [_extended(petition, command, context)]
    raise wrong_status(petition)


def _already(petition: Petition, command: AtAuthority) -> bool:
    status = petition.status
    match command:
        case Route(authority):
            return status is Status.ROUTED and petition.objection_id is None and petition.authority == authority
        case ObjectToCompetence(objection_id):
            return objection_id in petition.objections
        case RejectObjection():
            return status is Status.ROUTED and petition.objection_id is None and petition.authority in petition.bound
        case Accept():
            return status in HANDLED
        case NotAccept(reason):
            return status is Status.NOT_ACCEPTED and petition.reason == reason
        case BeginHandling():
            return status is Status.HANDLING
        case Extend(extension_id):
            return extension_id == petition.extension_id


def _authority(petition: Petition) -> str:
    if petition.authority is None:
        raise TypeError("a petition that was never routed has no authority")
    return petition.authority


def _competent(petition: Petition) -> None:
    if petition.objection_id is not None:
        raise Rejected("petition.objection_pending", "管辖异议尚未核实")


def _routed(petition: Petition, command: Route, context: Context) -> PetitionRouted:
    """22, 23: 5 working days to object and 15 days to tell the petitioner, both from receipt."""
    routed = happened_at(petition, command.at, context.now)
    due = petition.timers.get("route") or petition.late.get("route")
    return PetitionRouted(
        authority=command.authority,
        routed_at=routed,
        in_time=due is None or routed <= due,
        objection_until=context.due("petition_objection", routed),
        acceptance_due=context.due("petition_acceptance", routed),
        objection_id=petition.objection_id,
        by=command.by.id,
    )


def _objected(petition: Petition, command: ObjectToCompetence, context: Context) -> PetitionCompetenceObjected:
    """23: within 5 working days of receipt, once; then it is bound by what the petition office found."""
    _competent(petition)
    authority = _authority(petition)
    if authority in petition.bound:
        raise Rejected("petition.objected_before", "该机关的异议已被核实为不成立")
    at = happened_at(petition, command.at, context.now)
    if petition.objection_until is not None and at > petition.objection_until:
        raise Rejected("petition.objection_too_late", "已超过5个工作日的异议期限")
    return PetitionCompetenceObjected(
        objection_id=command.objection_id,
        authority=authority,
        ruling_due=context.due("petition_objection_ruling", context.now),
        by=command.by.id,
    )


def _accepted(petition: Petition, command: Accept, context: Context) -> PetitionAccepted:
    """23, 34: told in writing within 15 days; finished within 60 days of that."""
    at = happened_at(petition, command.at, context.now)
    due = petition.timers.get("acceptance") or petition.late.get("acceptance")
    return PetitionAccepted(
        order_id=petition.order_id,
        authority=_authority(petition),
        accepted_at=at,
        in_time=due is None or at <= due,
        handling_due=context.due("petition_handling", at),
        appeals=list(petition.appeals),
        by=command.by.id,
    )


def _extended(petition: Petition, command: Extend, context: Context) -> PetitionExtended:
    """34: once, before the 60 days are over, by at most 30 days; the petitioner is told why."""
    due = petition.handling_due
    if due is None:
        raise TypeError("a petition that is handled has a limit")
    if petition.extension_id is not None:
        raise Rejected("petition.extended_before", "已经延长过办理期限")
    if context.now > due:
        raise Rejected("petition.extension_too_late", "办理期限已过，不能再延长")
    if not due < command.until <= context.due("petition_extension", due):
        raise Rejected("petition.extension_too_long", "延长期限不得超过30日", field="until", status=422)
    return PetitionExtended(
        handling_due=command.until,
        extension_id=command.extension_id,
        reason=command.reason,
        approved_by=command.approved_by,
        appeals=list(petition.appeals),
        by=command.by.id,
    )
