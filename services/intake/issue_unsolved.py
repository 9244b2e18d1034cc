"""回访未解决: a caller says no who was called back beside an order, and the matter is opened again. Pure."""

from contracts.event import Event
from contracts.intake_turns import IssueReopened, IssueUnsolvedHeard
from services.intake.issue_model import Content, Context, HearUnsolved, Issue, ReopenReason, Status
from services.intake.issue_triage import in_danger

MACHINE = "machine:revisit"
"""Who opened it again when a call-back did."""


def hear_unsolved(issue: Issue, command: HearUnsolved, context: Context) -> list[Event]:
    """回访未解决 beside an order: whoever was called back and says no need not ring again for it to go on.

    We asked, however late; so the caller's own time for reopening does not matter. Who left meanwhile, or whose
    matter was opened again already, is called back with the order that it has now.
    """
    appeal_id, order_id = command.appeal_id, command.order_id
    if all(appeal.id != appeal_id for appeal in issue.present):
        return []
    asked_about = Status.ANSWERED if order_id is None else Status.CLOSED
    if issue.status is asked_about and order_id == issue.order_id:
        return after_no(issue, appeal_id, context)
    if issue.status is not Status.ACCEPTED or order_id is None or issue.reopened_by == appeal_id:
        return []
    if (order_id, appeal_id) in issue.unsolved:
        return []
    return [IssueUnsolvedHeard(appeal_id=appeal_id, order_id=order_id)]


def after_no(issue: Issue, appeal_id: str, context: Context) -> list[Event]:
    """What somebody's no makes of a matter that has ended."""
    if issue.content is None:  # 泄愤: logged and watched, nobody was answered or asked
        return []
    return [reopened(issue, appeal_id, ReopenReason.UNSOLVED, issue.content, MACHINE, context)]


def reopened(
    issue: Issue, appeal_id: str, reason: ReopenReason, content: Content, by: str, context: Context
) -> IssueReopened:
    """重新打开 with everybody who is there."""
    if issue.channel is None:
        raise TypeError("an issue that was registered has a channel")
    content = in_danger(issue, content)
    return IssueReopened(
        appeal_id=appeal_id,
        reason=reason.value,
        opened_at=context.now,
        kind=content.kind,
        item_code=content.item_code,
        street_code=content.street_code,
        urgency=content.urgency,
        channel=issue.channel,
        appeals=[appeal.id for appeal in issue.present],
        order_number=issue.orders_so_far + 1,
        last_order_id=issue.order_id,
        handling_due=context.due("handling_watch"),
        by=by,
    )
