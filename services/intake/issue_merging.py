"""合并: two issues about the same incident become one, and may become two again for a while. Pure.

Both issues decide in one transaction, so that no caller is in neither. A merged issue never has others merged into
it: there are no chains.
"""

from contracts.event import Event
from contracts.intake import AppealAdded
from contracts.intake_turns import AppealWithdrawn, IssueMerged, IssueUnmerged
from contracts.rejected import Rejected
from services.intake.issue_commands import GiveBack, Merge, TakeOver, Unmerge
from services.intake.issue_ending import nobody_left
from services.intake.issue_model import OPEN, Context, Issue, Part, Status, wrong_status
from services.intake.issue_triage import in_danger

_MERGEABLE = (Status.REGISTERED, Status.ACCEPTED)


def merge(issue: Issue, command: Merge, context: Context) -> list[Event]:
    """The issue that ends: its callers go over, its order is cancelled."""
    if issue.merged_into == command.into:
        return []
    if issue.status not in _MERGEABLE:
        raise wrong_status(issue, "合并")
    if issue.merged_from:
        raise Rejected("issue.merge_chain", "已有其他事项合并到该事项，请反向合并")
    if issue.part != command.part:
        raise _changed()
    return [
        IssueMerged(
            into=command.into,
            appeals=[appeal.id for appeal in command.part.appeals],
            evidence=command.evidence.value,
            reversible_until=context.due("unmerge"),
            order_number=issue.order_number,
            by=command.by,
        )
    ]


def take_over(issue: Issue, command: TakeOver) -> list[Event]:
    """The issue that goes on: everybody who joins is called back like its own callers."""
    if command.merged in issue.merged_from:
        return []
    if issue.merged_into is not None:
        raise Rejected("issue.merge_chain", f"目标事项已合并到 {issue.merged_into}，请合并到该事项", field="into")
    if issue.status not in _MERGEABLE:
        raise wrong_status(issue, "接受合并")
    _must_lose_nothing(issue, command.part)
    return [
        AppealAdded(
            appeal_id=appeal.id,
            appellant_id=appeal.appellant_id,
            channel=appeal.channel,
            merged_from=command.merged,
            order_number=issue.order_number,
        )
        for appeal in command.part.appeals
    ]


def _must_lose_nothing(issue: Issue, part: Part) -> None:
    """An order is not given up for a matter that has none, nor an emergency for a matter that is none."""
    if part.is_emergency and not issue.is_emergency:
        raise Rejected("issue.emergency", "突发事项不能合并到非突发事项", field="into")
    if part.is_accepted and issue.status is not Status.ACCEPTED:
        raise Rejected("issue.merge_other_way", "已受理的事项不能合并到未受理的事项，请反向合并", field="into")


def unmerge(issue: Issue, command: Unmerge, context: Context) -> list[Event]:
    """The merged issue goes its own way again, with those callers who are still there."""
    if issue.status is Status.ACCEPTED and issue.unmerged_from == command.merged_into:
        return []
    if issue.merged_into != command.merged_into:
        raise wrong_status(issue, "撤销合并")
    if issue.reversible_until is None or context.now > issue.reversible_until:
        raise Rejected("issue.unmerge_too_late", "已超过可撤销合并的期限")
    if not command.appeals:
        raise Rejected("issue.no_appeal_left", "该事项的诉求都已撤回")
    content = issue.content or command.content
    if content is None or issue.channel is None:
        raise Rejected("issue.content_required", "须写明类型、事项和地点", field="content", status=422)
    content = in_danger(issue, content)
    return [
        IssueUnmerged(
            merged_into=command.merged_into,
            kind=content.kind,
            item_code=content.item_code,
            street_code=content.street_code,
            urgency=content.urgency,
            channel=issue.channel,
            appeals=list(command.appeals),
            order_number=issue.orders + 1,
            handling_due=context.due("handling_watch"),
            by=command.by,
        )
    ]


def give_back(issue: Issue, command: GiveBack) -> list[Event]:
    """The survivor lets the callers go whom it took over; those who withdrew since are gone.

    Whose own callers have all withdrawn ends with the last one: nobody is left to handle it for, or to call back.
    """
    if command.merged not in issue.merged_from:
        return []
    if tuple(appeal.id for appeal in issue.present if appeal.kept_in == command.merged) != command.appeals:
        raise _changed()
    given: list[Event] = [
        AppealWithdrawn(appeal_id=appeal, reason="unmerged", by=command.by, order_number=issue.order_number)
        for appeal in command.appeals
    ]
    if issue.status not in OPEN or any(appeal.kept_in != command.merged for appeal in issue.present):
        return given
    return [*given, nobody_left(issue, command.appeals[-1], keep_for_safety=False, by=command.by)]


def _changed() -> Rejected:
    return Rejected("issue.changed", "其间有诉求并入、撤回或状态变化，请重试")
