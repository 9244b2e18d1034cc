"""How an issue 诉求事项 is closed with its order, ends with its last caller, and is opened again. Pure."""

from contracts.event import Event
from contracts.frozen import replace
from contracts.intake import IssueClosed
from contracts.intake_turns import IssueWithdrawn
from contracts.rejected import Rejected
from services.intake.issue_commands import Close, Reopen
from services.intake.issue_model import TERMINAL, Context, Issue, Status, must_be_present, wrong_status
from services.intake.issue_unsolved import after_no, reopened

_ENDED = (Status.CLOSED, Status.ANSWERED)


def reopen(issue: Issue, command: Reopen, context: Context) -> list[Event]:
    """重新打开, as a caller wishes who rings within the time allowed."""
    if issue.status is Status.ACCEPTED and issue.reopened_by == command.appeal_id:
        return []
    must_be_present(issue, command.appeal_id)
    if issue.status not in _ENDED:
        raise wrong_status(issue, "重新打开")
    if issue.reopen_until is None or context.now > issue.reopen_until:
        raise Rejected("issue.reopen_too_late", "已超过可重新打开的期限，请作为新的诉求登记")
    known = issue.content
    content = known if issue.status is Status.CLOSED else command.content or known  # the same unit takes it again
    if content is None:
        raise Rejected("issue.content_required", "须写明类型、事项和地点", field="content", status=422)
    return [reopened(issue, command.appeal_id, command.reason, content, command.by, context)]


def close(issue: Issue, command: Close, context: Context) -> list[Event]:
    """办结 with its latest order; an earlier one may have ended just before it was cancelled, and is told of later."""
    acted_on = command.number is None and (command.order_id, issue.reopened_by) in issue.unsolved
    if issue.status is Status.ACCEPTED and command.number in (None, issue.order_number) and not acted_on:
        closed = IssueClosed(order_id=command.order_id, outcome=command.outcome, reopen_until=context.due("reopen"))
        present = {appeal.id for appeal in issue.present}
        no = (appeal for order, appeal in issue.unsolved if order == command.order_id and appeal in present)
        if (appeal_id := next(no, None)) is None:
            return [closed]
        ended = replace(issue, order_id=command.order_id, orders=issue.orders_so_far)
        return [closed, *after_no(ended, appeal_id, context)]
    if issue.status in TERMINAL or issue.orders_so_far:  # its order was cancelled meanwhile, or told twice
        return []
    raise wrong_status(issue, "办结")


def nobody_left(issue: Issue, appeal_id: str, keep_for_safety: bool, by: str) -> IssueWithdrawn:
    """撤回事项 with its last caller, unless public safety keeps what is being handled."""
    keep = keep_for_safety or issue.is_emergency
    if keep and issue.status is not Status.ACCEPTED:  # nobody would handle it
        raise Rejected("issue.kept_for_safety", "涉及公共安全的事项须先转接或受理，才能撤回")
    return IssueWithdrawn(appeal_id=appeal_id, keep_for_safety=keep, by=by, order_number=issue.order_number)
