"""Issue 诉求事项: one matter that citizens brought up, with the appeals of everybody who did.

Rules: domain.md, Issue. An issue is taken down, then transferred, answered, declined by two persons, or accepted;
an accepted one is handled by the router and closed when its order is. Commands and state: ``issue_model.py``.
"""

from datetime import datetime
from typing import Any

from contracts.codes import Agency, ClosingOutcome
from contracts.event import Event
from contracts.frozen import replace
from contracts.intake import (
    AppealAdded,
    ContactRevealed,
    IssueAccepted,
    IssueAnswered,
    IssueClosed,
    IssueDeclined,
    IssueDeclineProposed,
    IssueDeclineRefused,
    IssueFollowedUp,
    IssueRegistered,
    IssueStepOverdue,
    IssueTransferred,
)
from contracts.rejected import Rejected
from services.intake.issue_model import (
    OPEN,
    STATUS_ZH,
    TERMINAL,
    Accept,
    AddAppeal,
    Answer,
    Appeal,
    Close,
    Command,
    ConfirmDecline,
    Context,
    DeadlineReached,
    Decline,
    FollowUp,
    Issue,
    ProposeDecline,
    RefuseDecline,
    Register,
    RevealContact,
    Status,
    Transfer,
)


def decide(issue: Issue, command: Command, context: Context) -> list[Event]:
    """What happens. Raises ``Rejected`` with code ``issue.*``."""
    if issue.status is Status.NONE and not isinstance(command, Register):
        raise Rejected("issue.not_found", "没有这个诉求事项", status=404)
    match command:
        case Register():
            return _register(issue, command, context)
        case Transfer(agency, by):
            return _transfer(issue, agency, by)
        case Answer():
            return _answer(issue, command)
        case ProposeDecline():
            return _propose_decline(issue, command, context)
        case ConfirmDecline() | RefuseDecline():
            return _review_decline(issue, command, context)
        case Accept():
            return _accept(issue, command, context)
        case AddAppeal():
            return _add_appeal(issue, command)
        case FollowUp():
            return _follow_up(issue, command)
        case RevealContact(reveal_id, appeal_id, purpose, by):
            _known_appeal(issue, appeal_id)
            if reveal_id == issue.last_reveal:
                return []
            return [ContactRevealed(reveal_id=reveal_id, appeal_id=appeal_id, purpose=purpose, by=by)]
        case Close(order_id, outcome):
            return _close(issue, order_id, outcome)
        case DeadlineReached(step):
            due = deadlines(issue).get(step)
            return [IssueStepOverdue(step=step, due_at=due)] if due is not None and due <= context.now else []


def _register(issue: Issue, command: Register, context: Context) -> list[Event]:
    if issue.status is not Status.NONE:
        if issue.appeals[0].id == command.appeal_id:
            return []
        raise Rejected("issue.already_registered", "该编号已登记")
    received_at = command.received_at or context.now
    if received_at > context.due("clock_skew"):
        raise Rejected("issue.received_in_future", "来件时间晚于现在", field="received_at", status=422)
    return [
        IssueRegistered(
            channel=command.channel,
            appeal_id=command.appeal_id,
            appellant_id=command.appellant_id,
            received_at=received_at,
            street_code=command.street_code,
            triage_due=context.due("triage"),
        )
    ]


def _transfer(issue: Issue, agency: Agency, by: str) -> list[Event]:
    if issue.status in OPEN:
        return [IssueTransferred(agency=agency, by=by)]
    if issue.status is Status.TRANSFERRED and issue.agency is agency:
        return []
    raise _wrong_status(issue, "转接")


def _answer(issue: Issue, command: Answer) -> list[Event]:
    knowledge = (command.knowledge_id, command.knowledge_version)
    if issue.status is Status.REGISTERED:
        return [
            IssueAnswered(
                kind=command.kind,
                item_code=command.item_code,
                knowledge_id=command.knowledge_id,
                knowledge_version=command.knowledge_version,
                by=command.by,
            )
        ]
    if issue.status is Status.ANSWERED and (issue.item_code, issue.knowledge) == (command.item_code, knowledge):
        return []
    raise _wrong_status(issue, "直接答复")


def _propose_decline(issue: Issue, command: ProposeDecline, context: Context) -> list[Event]:
    if issue.status is Status.REGISTERED:
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
    raise _wrong_status(issue, "拟不予受理")


def _review_decline(issue: Issue, command: Decline, context: Context) -> list[Event]:
    """The second person's decision: two pairs of eyes before a citizen is turned away."""
    if issue.status is Status.DECLINE_REVIEW and issue.proposed_by == command.by:
        raise Rejected("issue.same_person", "不予受理须由另一人复核", status=403)
    match command, issue.status:
        case ConfirmDecline(by), Status.DECLINE_REVIEW if issue.exclusion and issue.proposed_by:
            code, version = issue.exclusion
            return [IssueDeclined(exclusion_code=code, exclusion_version=version, proposed_by=issue.proposed_by, by=by)]
        case RefuseDecline(by), Status.DECLINE_REVIEW:
            return [IssueDeclineRefused(by=by, triage_due=context.due("triage"))]
        case ConfirmDecline(), Status.DECLINED:
            return []
        case RefuseDecline(by), Status.REGISTERED if issue.refused_by == by:
            return []
    raise _wrong_status(issue, "复核不予受理")


def _accept(issue: Issue, command: Accept, context: Context) -> list[Event]:
    content = (command.kind, command.item_code, command.street_code, command.urgency)
    if issue.status is Status.REGISTERED and issue.channel is not None:
        return [
            IssueAccepted(
                kind=command.kind,
                item_code=command.item_code,
                street_code=command.street_code,
                urgency=command.urgency,
                channel=issue.channel,
                appeals=[appeal.id for appeal in issue.appeals],
                handling_due=context.due("handling_watch"),
                by=command.by,
            )
        ]
    accepted = (issue.kind, issue.item_code, issue.street_code, issue.urgency)
    if issue.status is Status.ACCEPTED and accepted == content:
        return []
    raise _wrong_status(issue, "受理")


def _add_appeal(issue: Issue, command: AddAppeal) -> list[Event]:
    if any(appeal.id == command.appeal_id for appeal in issue.appeals):
        return []
    if issue.status not in (Status.REGISTERED, Status.ACCEPTED):
        raise _wrong_status(issue, "并入诉求")
    return [AppealAdded(appeal_id=command.appeal_id, appellant_id=command.appellant_id, channel=command.channel)]


def _follow_up(issue: Issue, command: FollowUp) -> list[Event]:
    if command.follow_up_id in issue.follow_ups:
        return []
    _known_appeal(issue, command.appeal_id)
    if issue.status not in OPEN:
        raise _wrong_status(issue, "催办或补充")
    return [
        IssueFollowedUp(follow_up_id=command.follow_up_id, appeal_id=command.appeal_id, follow_up=command.kind.value)
    ]


def _close(issue: Issue, order_id: str, outcome: ClosingOutcome) -> list[Event]:
    if issue.status is Status.ACCEPTED:
        return [IssueClosed(order_id=order_id, outcome=outcome)]
    if issue.status in TERMINAL:  # transferred while its order was under way, or told twice
        return []
    raise _wrong_status(issue, "办结")


def _known_appeal(issue: Issue, appeal_id: str) -> None:
    if all(appeal.id != appeal_id for appeal in issue.appeals):
        raise Rejected("issue.unknown_appeal", "该事项下没有这条诉求", field="appeal_id", status=404)


def _wrong_status(issue: Issue, action: str) -> Rejected:
    return Rejected("issue.wrong_status", f"当前状态（{STATUS_ZH[issue.status]}）不能{action}")


def evolve(issue: Issue, event: Event) -> Issue:
    """The state after ``event``."""
    match event:
        case IssueRegistered():
            appeals = (Appeal(event.appeal_id, event.appellant_id, event.channel),)
            origin = {"channel": event.channel, "received_at": event.received_at, "street_code": event.street_code}
            return _to(issue, Status.REGISTERED, event.triage_due, appeals=appeals, **origin)
        case IssueTransferred():
            return _to(issue, Status.TRANSFERRED, None, agency=event.agency)
        case IssueAnswered():
            knowledge = (event.knowledge_id, event.knowledge_version)
            return _to(issue, Status.ANSWERED, None, kind=event.kind, item_code=event.item_code, knowledge=knowledge)
        case IssueDeclineProposed():
            proposal = {"exclusion": (event.exclusion_code, event.exclusion_version), "proposed_by": event.by}
            return _to(issue, Status.DECLINE_REVIEW, event.review_due, refused_by=None, **proposal)
        case IssueDeclineRefused():
            return _to(issue, Status.REGISTERED, event.triage_due, exclusion=None, refused_by=event.by)
        case IssueDeclined():
            return _to(issue, Status.DECLINED, None)
        case IssueAccepted():
            content = {"kind": event.kind, "item_code": event.item_code, "urgency": event.urgency}
            return _to(issue, Status.ACCEPTED, event.handling_due, street_code=event.street_code, **content)
        case AppealAdded():
            joined = Appeal(event.appeal_id, event.appellant_id, event.channel)
            return replace(issue, appeals=(*issue.appeals, joined))
        case IssueFollowedUp():
            return replace(issue, follow_ups=(*issue.follow_ups, event.follow_up_id))
        case ContactRevealed():
            return replace(issue, last_reveal=event.reveal_id)
        case IssueStepOverdue():
            return replace(issue, overdue=True)
        case IssueClosed():
            return _to(issue, Status.CLOSED, None, order_id=event.order_id, outcome=event.outcome)
        case _:
            raise TypeError(f"not an event of an issue: {event.type}")


def _to(issue: Issue, status: Status, due: datetime | None, **facts: Any) -> Issue:
    """The next step, with a clock of its own."""
    return replace(issue, status=status, due=due, overdue=False, **facts)


_STEPS = {Status.REGISTERED: "triage", Status.DECLINE_REVIEW: "decline_review", Status.ACCEPTED: "handling"}


def deadlines(issue: Issue) -> dict[str, datetime]:
    """The one timer of an open issue: the end of its present step, unless that was recorded as missed."""
    step = _STEPS.get(issue.status)
    return {step: issue.due} if step and issue.due and not issue.overdue else {}
