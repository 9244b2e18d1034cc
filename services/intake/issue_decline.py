"""不予受理: proposed by one person, decided by a second; the citizen may object once, and a third decides. Pure."""

from contracts.event import Event
from contracts.intake import IssueDeclined, IssueDeclineProposed, IssueDeclineRefused
from contracts.intake_turns import IssueObjectionRaised, IssueObjectionRejected, IssueObjectionUpheld
from contracts.rejected import Rejected
from services.intake.issue_commands import (
    ConfirmDecline,
    Decline,
    Object,
    Objection,
    ProposeDecline,
    RefuseDecline,
    RejectObjection,
    UpholdObjection,
)
from services.intake.issue_model import Context, Issue, Status, must_be_present, must_not_be_held, wrong_status
from services.intake.issue_triage import acceptance, triage_due


def propose_decline(issue: Issue, command: ProposeDecline, context: Context) -> list[Event]:
    """拟不予受理."""
    if issue.status is Status.REGISTERED:
        must_not_be_held(issue, "不予受理")
        return [
            IssueDeclineProposed(
                exclusion_code=command.exclusion_code,
                exclusion_version=command.exclusion_version,
                by=command.by,
                review_due=context.due("decline_review"),
            )
        ]
    proposal = (command.exclusion_code, command.exclusion_version)
    if issue.status is Status.DECLINE_REVIEW and (issue.exclusion, issue.proposed_by) == (proposal, command.by):
        return []
    raise wrong_status(issue, "拟不予受理")


def review_decline(issue: Issue, command: Decline, context: Context) -> list[Event]:
    """The second person's decision: two pairs of eyes before a citizen is turned away."""
    if issue.status is Status.DECLINE_REVIEW and issue.proposed_by == command.by:
        raise Rejected("issue.same_person", "不予受理须由另一人复核", status=403)
    match command, issue.status:
        case ConfirmDecline(by), Status.DECLINE_REVIEW if issue.exclusion and issue.proposed_by:
            code, version = issue.exclusion
            return [
                IssueDeclined(
                    exclusion_code=code,
                    exclusion_version=version,
                    proposed_by=issue.proposed_by,
                    by=by,
                    appeals=_callers(issue),
                )
            ]
        case RefuseDecline(by), Status.DECLINE_REVIEW:
            due = triage_due(issue.is_emergency, issue.desk, context)
            return [IssueDeclineRefused(by=by, triage_due=due)]
        case ConfirmDecline(), Status.DECLINED:
            return []
        case RefuseDecline(by), Status.REGISTERED if issue.refused_by == by:
            return []
    raise wrong_status(issue, "复核不予受理")


def review_objection(issue: Issue, command: Objection, context: Context) -> list[Event]:
    """异议: neither who proposed nor who confirmed the decline decides about it, and what is decided is final."""
    if isinstance(command, Object):
        return _object(issue, command, context)
    if issue.status is Status.OBJECTION_REVIEW:
        if command.by in (issue.proposed_by, issue.declined_by):
            raise Rejected("issue.same_person", "异议须由未参与不予受理的人复核", status=403)
        if isinstance(command, RejectObjection):
            return [IssueObjectionRejected(by=command.by, appeals=_callers(issue))]
        return [IssueObjectionUpheld(by=command.by), acceptance(issue, command.content, command.by, context)]
    decided = issue.objection_decided_by == command.by
    match command, issue.status:
        case RejectObjection(), Status.DECLINED if decided:
            return []
        case UpholdObjection(content), Status.ACCEPTED if decided and content == issue.content:
            return []
    raise wrong_status(issue, "复核异议")


def _callers(issue: Issue) -> list[str]:
    return [appeal.id for appeal in issue.present]


def _object(issue: Issue, command: Object, context: Context) -> list[Event]:
    if issue.status is Status.OBJECTION_REVIEW and issue.objected_by == command.appeal_id:
        return []
    must_be_present(issue, command.appeal_id)
    if issue.status is not Status.DECLINED:
        raise wrong_status(issue, "提出异议")
    if issue.objected_by is not None:
        raise Rejected("issue.objection_final", "异议只能提出一次，复核结论为最终结论")
    due = context.due("objection_review")
    return [IssueObjectionRaised(appeal_id=command.appeal_id, review_due=due, by=command.by)]
