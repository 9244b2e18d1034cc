"""Petition 信访代办: a proxy carries what somebody asks of the authorities. Rules: domain.md, PetitionProxy.

Articles are those of 信访工作条例 (2022). Somebody asks for it and signs, the centre registers it and names a proxy who
settles it where it arose or submits it. Here is what the centre does; what authorities do is in
``petition_authority.py``, what is asked of their answers in ``petition_answers.py``, folding in ``petition_evolve.py``.
"""

import base64
import hashlib
from datetime import datetime

from contracts.event import Event
from contracts.mediation_petitions import (
    PetitionArchived,
    PetitionAssigned,
    PetitionAuthorised,
    PetitionFeedbackGiven,
    PetitionGuidedAway,
    PetitionRegistered,
    PetitionRequested,
    PetitionResolvedLocally,
    PetitionRevisited,
    PetitionStepOverdue,
    PetitionSubmitted,
    PetitionTextsShown,
    PetitionWithdrawn,
)
from contracts.rejected import Rejected
from services.mediation.petition_answers import decide_answer
from services.mediation.petition_authority import decide_at_authority
from services.mediation.petition_commands import (
    Answers,
    Archive,
    Assign,
    AtAuthority,
    Authorise,
    Carried,
    Command,
    DeadlineReached,
    Desk,
    EndWithOrder,
    GiveFeedback,
    GuideAway,
    MakeWay,
    Register,
    Request,
    ResolveLocally,
    Revisit,
    ShowTexts,
    Staffed,
    Submit,
    Withdraw,
)
from services.mediation.petition_guards import happened_at, wrong_status
from services.mediation.petition_model import GOES_TO, TERMINAL, Context, Petition, Stage, Status, TakenBack

UNTAKEN = frozenset({Status.REQUESTED, Status.AUTHORISED})
"""What the centre does not carry yet."""
BEFORE_ROUTING = frozenset({Status.REQUESTED, Status.AUTHORISED, Status.REGISTERED, Status.ASSIGNED, Status.SUBMITTED})
TOLD = frozenset({Status.RESOLVED_LOCALLY, Status.NOT_ACCEPTED, Status.OPINION_ISSUED})
"""What the citizen is given feedback of."""
WITHOUT_OUTCOME = BEFORE_ROUTING | {Status.ROUTED, Status.ACCEPTED, Status.HANDLING}
CARRIED_ON = WITHOUT_OUTCOME - {Status.REQUESTED, Status.AUTHORISED} | TOLD | {Status.REVIEW, Status.RECHECK}


def petition_code(petition_id: str) -> str:
    """The twelve characters that name the petition in every office; the same for the same petition."""
    return "XF" + base64.b32encode(hashlib.sha256(petition_id.encode()).digest())[:10].decode()


def decide(petition: Petition, command: Command, context: Context) -> list[Event]:
    """What happens. Raises ``Rejected`` with code ``petition.*``."""
    match command:
        case Request():
            return _request(command, context) if petition.status is Status.NONE else []
        case EndWithOrder(reason):
            return _end_with_order(petition, reason)
        case _ if petition.status is Status.NONE:
            raise Rejected("petition.not_found", "没有这件代办", status=404)
        case MakeWay():
            return _make_way(petition)
        case DeadlineReached(step):
            return _deadline(petition, step, context.now)
        case ShowTexts(reveal_id, purpose, by):
            if reveal_id == petition.shown:
                return []
            return [PetitionTextsShown(reveal_id=reveal_id, purpose=purpose, by=by)]
        case _:
            _may_act(petition, command)
            return _staffed(petition, command, context)


def _staffed(petition: Petition, command: Staffed, context: Context) -> list[Event]:
    if isinstance(command, AtAuthority):
        return decide_at_authority(petition, command, context)
    if isinstance(command, Answers):
        return decide_answer(petition, command, context)
    return [] if _already(petition, command) else _decide(petition, command, context)


def _decide(petition: Petition, command: Desk | Carried, context: Context) -> list[Event]:
    now, due = context.now, context.due
    match command, petition.status:
        case Authorise(), Status.REQUESTED:
            return [_authorised(petition, command, context)]
        case GuideAway(reason, unit, by), status if status in BEFORE_ROUTING:
            away = PetitionGuidedAway(
                order_id=petition.order_id,
                reason=reason,
                to=GOES_TO[reason],
                unit=unit,
                appeals=list(petition.appeals),
                by=by.id,
            )
            return [away]
        case Register(by), Status.AUTHORISED:
            return [PetitionRegistered(order_id=petition.order_id, assign_due=due("petition_assign", now), by=by.id)]
        case Assign(), status if status in CARRIED_ON:
            return [_assigned(petition, command, context)]
        case ResolveLocally(result_id, by), Status.ASSIGNED:
            feedback_due = due("petition_feedback", now)
            return [
                PetitionResolvedLocally(
                    order_id=petition.order_id, result_id=result_id, feedback_due=feedback_due, by=by.id
                )
            ]
        case Submit(office, at, by), Status.ASSIGNED:
            submitted = happened_at(petition, at, now)
            route_due = due("petition_route", submitted)  # 22: 15 days from receipt
            return [PetitionSubmitted(office=office, submitted_at=submitted, route_due=route_due, by=by.id)]
        case GiveFeedback(feedback_id, by), status if status in TOLD:
            return [PetitionFeedbackGiven(feedback_id=feedback_id, revisit_due=due("petition_revisit", now), by=by.id)]
        case Revisit(accepts, by), Status.FEEDBACK:
            if by.id in {petition.proxy, petition.firsts.handled}:
                raise Rejected("petition.own_revisit", "代办员不能回访自己代办的事项", status=403)
            archive_due = due("petition_archive", now)
            if not accepts and petition.asked_until is not None:
                archive_due = max(archive_due, petition.asked_until)
            return [PetitionRevisited(accepts=accepts, archive_due=archive_due, by=by.id)]
        case Archive(by), Status.REVISITED:
            if not petition.accepts and petition.asked_until is not None and now <= petition.asked_until:
                raise Rejected("petition.may_still_ask", "信访人尚可请求复查或复核，期满前不能归档")
            return [PetitionArchived(automatic=False, by=by.id)]
        case Withdraw(reason, by), status if status not in TERMINAL:
            return [PetitionWithdrawn(order_id=petition.order_id, reason=reason, by=by.id)]
    raise wrong_status(petition)


def _already(petition: Petition, command: Desk | Carried) -> bool:
    """Whether the command has taken effect before."""
    status = petition.status
    match command:
        case Authorise(authorisation_id):
            return authorisation_id == petition.authorisation_id
        case GuideAway(reason):
            return status is Status.GUIDED and petition.reason == reason
        case Register():
            return status is Status.REGISTERED
        case Assign(proxy_id, responsible_id, conflict):
            assigned = (petition.proxy, petition.firsts.responsible)
            return not conflict and status in CARRIED_ON and assigned == (proxy_id, responsible_id)
        case ResolveLocally(result_id):
            return result_id == petition.result_id
        case Submit(office):
            return status is Status.SUBMITTED and petition.office == office
        case GiveFeedback(feedback_id):
            return feedback_id == petition.feedback_id
        case Revisit(accepts):
            return status is Status.REVISITED and petition.accepts is accepts
        case Archive():
            return status is Status.ARCHIVED
        case Withdraw(reason):
            return status is Status.WITHDRAWN and petition.reason == reason


def _may_act(petition: Petition, command: Staffed) -> None:
    own = command.by.id == petition.proxy and not isinstance(command, Desk)
    if not own and not command.by.clerk:
        raise Rejected("petition.not_yours", "该事项由其他代办员代办", status=403)


def _request(command: Request, context: Context) -> list[Event]:
    origin = "order" if command.order_id else "case" if command.case_id else "walk_in"
    return [
        PetitionRequested(
            issue_id=command.issue_id,
            order_id=command.order_id,
            case_id=command.case_id,
            petition_code=petition_code(context.petition_id),
            origin=origin,
            appeals=list(command.appeals),
            authorise_due=context.due("petition_authorise", context.now),
            by=command.by,
        )
    ]


def _authorised(petition: Petition, command: Authorise, context: Context) -> PetitionAuthorised:
    """20: several people choose representatives, at most five."""
    if command.representatives > context.most_representatives:
        message = f"代表人不得超过{context.most_representatives}人"
        raise Rejected("petition.too_many_representatives", message, field="representatives", status=422)
    several = command.petitioners > 1
    if several is (command.representatives == 0) or command.representatives > command.petitioners:
        message = "多人提出共同的信访事项应推选代表，一人提出的不推选"
        raise Rejected("petition.representatives", message, field="representatives", status=422)
    return PetitionAuthorised(
        authorisation_id=command.authorisation_id,
        signed_at=happened_at(petition, command.signed_at, context.now, field="signed_at"),
        petitioners=command.petitioners,
        representatives=command.representatives,
        register_due=context.due("petition_register", context.now),
        by=command.by.id,
    )


def _assigned(petition: Petition, command: Assign, context: Context) -> PetitionAssigned:
    """28: who has an interest in the matter does not carry it. A replacement moves no limit."""
    if command.conflict:
        message = "代办员与信访事项或信访人有直接利害关系，应当回避"
        raise Rejected("petition.conflict_of_interest", message, field="conflict", status=422)
    first = petition.status is Status.REGISTERED
    return PetitionAssigned(
        proxy_id=command.proxy_id,
        responsible_id=command.responsible_id,
        local_due=context.due("petition_local", context.now) if first else None,
        by=command.by.id,
    )


def _make_way(petition: Petition) -> list[Event]:
    if petition.stage is Stage.RECHECK:
        raise Rejected("petition.final_recheck", "同一事项已经复核终结，不再受理")
    if petition.status not in UNTAKEN | TERMINAL:
        raise Rejected("petition.already_in_hand", "同一事项已有一件代办正在办理")
    return []


def _end_with_order(petition: Petition, reason: TakenBack) -> list[Event]:
    """工单作废, 诉求撤回: what has had an outcome goes on to its end; what is under way ends."""
    if petition.status not in WITHOUT_OUTCOME:
        return []
    return [PetitionWithdrawn(order_id=petition.order_id, reason=reason, by=None)]


def _deadline(petition: Petition, step: str, now: datetime) -> list[Event]:
    due_at = petition.timers.get(step)
    if due_at is None or due_at > now:
        return []
    if step == "archive":
        return [PetitionArchived(automatic=True, by=None)]
    return [PetitionStepOverdue(step=step, due_at=due_at)]
