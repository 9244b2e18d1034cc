"""黑名单, 白名单: at which desk a caller's calls are taken, how long, and what the caller may say against it. Pure.

Rules: domain.md, mechanisms. A rule for a caller has a version and an end, is made by one person and, if the caller
appeals, judged by another. What it does to a call is in ``issue.py``: it chooses the desk, and never an emergency's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contracts.event import Event
from contracts.frozen import replace
from contracts.intake_callers import (
    CallerAppealed,
    CallerAppealRejected,
    CallerAppealUpheld,
    CallerListed,
    CallerListExpired,
    CallerReviewOverdue,
    CallerUnlisted,
)
from contracts.rejected import Rejected
from services.intake.issue_model import Desk


class ListReason(StrEnum):
    """列入名单的原因."""

    ABUSE = "abuse"  # 辱骂
    HARASSMENT = "harassment"  # 骚扰
    FALSE_REPORTS = "false_reports"  # 虚假诉求
    DEPUTY = "deputy"  # 代表委员
    MONITOR = "monitor"  # 监督员


_REASONS = {
    Desk.RESTRICTED: {ListReason.ABUSE, ListReason.HARASSMENT, ListReason.FALSE_REPORTS},
    Desk.PRIORITY: {ListReason.DEPUTY, ListReason.MONITOR},
}


class Status(StrEnum):
    """名单状态."""

    PLAIN = "plain"  # 不在名单
    LISTED = "listed"  # 在名单
    APPEALED = "appealed"  # 申诉待复核


@dataclass(frozen=True, slots=True)
class PutOnList:
    """列入名单 until ``until``; takes the place of an earlier rule."""

    rule_id: str
    desk: Desk
    reason: ListReason
    until: datetime
    by: str


@dataclass(frozen=True, slots=True)
class TakeOffList:
    """移出名单."""

    rule_id: str
    by: str


@dataclass(frozen=True, slots=True)
class AppealAgainstList:
    """申诉: the caller's wish, written down by ``by``."""

    rule_id: str
    by: str


@dataclass(frozen=True, slots=True)
class JudgeAppeal:
    """复核申诉, by somebody else than who made the rule."""

    rule_id: str
    upheld: bool
    by: str


@dataclass(frozen=True, slots=True)
class DeadlineReached:
    """A timer of ``deadlines`` is due."""

    name: str


Command = PutOnList | TakeOffList | AppealAgainstList | JudgeAppeal | DeadlineReached


@dataclass(frozen=True, slots=True)
class Context:
    """``due(limit)`` is when the named limit of ``limits.toml`` ends that starts now."""

    now: datetime
    due: Callable[[str], datetime]


@dataclass(frozen=True)
class Caller:
    """诉求人 as the lists know them. ``ended`` and ``judged`` are rules that have ended, or whose appeal was judged."""

    status: Status = Status.PLAIN
    rule_id: str | None = None
    version: int = 0
    desk: Desk = Desk.GENERAL
    reason: ListReason | None = None
    until: datetime | None = None
    listed_by: str | None = None
    review_due: datetime | None = None
    review_overdue: bool = False
    judged: str | None = None
    ended: str | None = None


def decide(caller: Caller, command: Command, context: Context) -> list[Event]:
    """What happens. Raises ``Rejected`` with code ``caller.*``."""
    if isinstance(command, PutOnList):
        return _put_on_list(caller, command, context)
    if isinstance(command, DeadlineReached):
        return _rung(caller, command.name, context)
    if command.rule_id == caller.ended:
        return []
    if command.rule_id != caller.rule_id:
        raise Rejected("caller_rule.not_found", "该诉求人没有这条名单规则", field="rule_id", status=404)
    match command:
        case TakeOffList(rule_id, by):
            return [CallerUnlisted(rule_id=rule_id, by=by)]
        case AppealAgainstList(rule_id, by):
            if caller.status is Status.APPEALED:
                return []
            if caller.judged == rule_id:
                raise Rejected("caller.appeal_final", "对同一条名单规则只能申诉一次")
            return [CallerAppealed(rule_id=rule_id, review_due=context.due("list_appeal_review"), by=by)]
        case JudgeAppeal():
            return _judge(caller, command)


def _put_on_list(caller: Caller, command: PutOnList, context: Context) -> list[Event]:
    if command.rule_id in (caller.rule_id, caller.ended):
        return []
    if command.reason not in _REASONS.get(command.desk, ()):
        raise Rejected("caller.reason_of_other_list", "这个原因不属于该名单", field="reason", status=422)
    if command.until <= context.now:
        raise Rejected("caller.until_is_past", "到期时间应在现在之后", field="until", status=422)
    longest = "block_longest" if command.desk is Desk.RESTRICTED else "allow_longest"
    if command.until > context.due(longest):
        raise Rejected("caller.until_too_far", "超过名单规则的最长期限", field="until", status=422)
    return [
        CallerListed(
            rule_id=command.rule_id,
            version=caller.version + 1,
            desk=command.desk.value,
            reason=command.reason.value,
            until=command.until,
            by=command.by,
        )
    ]


def _judge(caller: Caller, command: JudgeAppeal) -> list[Event]:
    if caller.status is not Status.APPEALED:
        if caller.judged == command.rule_id and not command.upheld:
            return []
        raise Rejected("caller.no_appeal", "这条名单规则没有待复核的申诉")
    if command.by == caller.listed_by:
        raise Rejected("caller.same_person", "申诉须由另一人复核", status=403)
    judged = CallerAppealUpheld if command.upheld else CallerAppealRejected
    return [judged(rule_id=command.rule_id, by=command.by)]


def _rung(caller: Caller, name: str, context: Context) -> list[Event]:
    due = deadlines(caller).get(name)
    if due is None or due > context.now or caller.rule_id is None:
        return []
    if name == "expiry":
        return [CallerListExpired(rule_id=caller.rule_id)]
    return [CallerReviewOverdue(rule_id=caller.rule_id, due_at=due)]


def evolve(caller: Caller, event: Event) -> Caller:
    """The state after ``event``."""
    match event:
        case CallerListed():
            return Caller(
                status=Status.LISTED,
                rule_id=event.rule_id,
                version=event.version,
                desk=Desk(event.desk),
                reason=ListReason(event.reason),
                until=event.until,
                listed_by=event.by,
                ended=caller.rule_id or caller.ended,
            )
        case CallerUnlisted() | CallerListExpired() | CallerAppealUpheld():
            return Caller(version=caller.version, ended=event.rule_id)
        case CallerAppealed():
            return replace(caller, status=Status.APPEALED, review_due=event.review_due, review_overdue=False)
        case CallerAppealRejected():
            return replace(caller, status=Status.LISTED, review_due=None, judged=event.rule_id)
        case CallerReviewOverdue():
            return replace(caller, review_overdue=True)
        case _:
            raise TypeError(f"not an event of a caller: {event.type}")


def deadlines(caller: Caller) -> dict[str, datetime]:
    """The end of the rule, and of an appeal's review unless that was recorded as missed."""
    timers = {"expiry": caller.until} if caller.until else {}
    if caller.review_due and not caller.review_overdue:
        timers["list_appeal_review"] = caller.review_due
    return timers


def desk_now(caller: Caller, now: datetime) -> tuple[Desk, str | None]:
    """At which desk a call is taken, by which rule; one that has ended is none, whether its timer rang or not."""
    if caller.until is None or caller.until <= now:
        return Desk.GENERAL, None
    return caller.desk, caller.rule_id
