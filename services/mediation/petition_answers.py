"""The opinion on a petition 信访处理意见, its review 复查 and its recheck 复核. Articles: 信访工作条例 (2022).

Each is asked of the authority above the one before, within 30 days of its written answer, and answered within 30 days;
the third answer is final.
"""

from contracts.event import Event
from contracts.mediation_petitions import (
    PetitionOpinionIssued,
    PetitionRecheckAnswered,
    PetitionRecheckRequested,
    PetitionReviewAnswered,
    PetitionReviewRequested,
)
from contracts.rejected import Rejected
from services.mediation.petition_commands import AnswerAgain, Answers, AskAgain, IssueOpinion
from services.mediation.petition_guards import happened_at, other_authority, wrong_status
from services.mediation.petition_model import Context, Petition, Stage, Status

ANSWERED = frozenset({Status.OPINION_ISSUED, Status.FEEDBACK, Status.REVISITED})
ASKED_AFTER = {Stage.REVIEW: Stage.OPINION, Stage.RECHECK: Stage.REVIEW}
WAITING = {Status.REVIEW: Stage.REVIEW, Status.RECHECK: Stage.RECHECK}


def decide_answer(petition: Petition, command: Answers, context: Context) -> list[Event]:
    """What happens. Raises ``Rejected`` with code ``petition.*``."""
    match command:
        case IssueOpinion(opinion_id) | AnswerAgain(_, opinion_id) if opinion_id in petition.opinions:
            return []
        case AskAgain(_, request_id) if request_id in petition.requests:
            return []
        case IssueOpinion() if petition.status in {Status.ACCEPTED, Status.HANDLING}:
            return [_opinion(petition, command, context)]
        case AskAgain():
            return [_ask_again(petition, command, context)]
        case AnswerAgain(stage) if WAITING.get(petition.status) is stage:
            return [_answer_again(petition, command, context)]
    raise wrong_status(petition)


def _opinion(petition: Petition, command: IssueOpinion, context: Context) -> PetitionOpinionIssued:
    """31 (6), 32, 34."""
    delivered = happened_at(petition, command.delivered_at, context.now, field="delivered_at")
    return PetitionOpinionIssued(
        order_id=petition.order_id,
        authority=petition.authority or "",
        finding_id=command.opinion_id,
        outcome=command.outcome,
        in_time=petition.handling_due is None or delivered <= petition.handling_due,
        delivered_at=delivered,
        review_until=context.due("petition_review_request", delivered),
        feedback_due=context.due("petition_feedback", context.now),
        appeals=list(petition.appeals),
        by=command.by.id,
    )


def _ask_again(
    petition: Petition, command: AskAgain, context: Context
) -> PetitionReviewRequested | PetitionRecheckRequested:
    """35, 36: within 30 days of the written answer, of the authority above."""
    if petition.stage is Stage.RECHECK:
        raise Rejected("petition.final_recheck", "复核意见是终结意见，不能再请求")
    if petition.status not in ANSWERED or petition.stage is not ASKED_AFTER.get(command.stage):
        raise wrong_status(petition)
    other_authority(command.authority, petition.authority, petition.asked_authority)
    at = happened_at(petition, command.at, context.now)
    if petition.asked_until is not None and at > petition.asked_until:
        raise Rejected("petition.asked_too_late", "已超过收到书面答复之日起30日的期限")
    answer_due = context.due("petition_review", at)
    request, authority, by = command.request_id, command.authority, command.by.id
    if command.stage is Stage.REVIEW:
        return PetitionReviewRequested(
            request_id=request, authority=authority, requested_at=at, review_due=answer_due, by=by
        )
    return PetitionRecheckRequested(
        request_id=request, authority=authority, requested_at=at, recheck_due=answer_due, by=by
    )


def _answer_again(
    petition: Petition, command: AnswerAgain, context: Context
) -> PetitionReviewAnswered | PetitionRecheckAnswered:
    """35, 36: in writing, within 30 days."""
    delivered = happened_at(petition, command.delivered_at, context.now, field="delivered_at")
    due = petition.timers.get(command.stage) or petition.late.get(command.stage)
    in_time = due is None or delivered <= due
    feedback_due = context.due("petition_feedback", context.now)
    authority, appeals = petition.asked_authority or "", list(petition.appeals)
    if command.stage is Stage.REVIEW:
        return PetitionReviewAnswered(
            authority=authority,
            finding_id=command.opinion_id,
            outcome=command.outcome,
            in_time=in_time,
            delivered_at=delivered,
            recheck_until=context.due("petition_review_request", delivered),
            feedback_due=feedback_due,
            appeals=appeals,
            by=command.by.id,
        )
    return PetitionRecheckAnswered(
        authority=authority,
        finding_id=command.opinion_id,
        outcome=command.outcome,
        in_time=in_time,
        delivered_at=delivered,
        feedback_due=feedback_due,
        appeals=appeals,
        by=command.by.id,
    )
