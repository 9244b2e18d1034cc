"""回访 — one caller of a completed order is called back and asked whether it is solved."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contracts.codes import ReasonClass, Resolution, Satisfaction
from contracts.event import Event
from contracts.frozen import replace
from contracts.notify import (
    RevisitAttempted,
    RevisitCancelled,
    RevisitOpened,
    RevisitOverdue,
    RevisitRecorded,
    RevisitUnreached,
)
from contracts.rejected import Rejected


@dataclass(frozen=True, slots=True)
class Open:
    """开始回访: the order was completed, this caller is to be asked."""

    issue_id: str
    order_id: str
    appeal_id: str
    round: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """未接通: call number ``number`` did not reach the caller."""

    number: int
    by: str


@dataclass(frozen=True)
class Answers:
    """回访结果: what the caller said. ``contacted`` and ``in_time`` are about the handling unit."""

    contacted: bool
    in_time: bool
    resolution: Resolution
    satisfaction: Satisfaction
    reason_class: ReasonClass | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """登记回访结果."""

    answers: Answers
    by: str


@dataclass(frozen=True, slots=True)
class Cancel:
    """取消回访: there is nothing left to ask about."""


@dataclass(frozen=True, slots=True)
class DeadlineReached:
    """到期: the timer ``name`` has come due."""

    name: str


Command = Open | Attempt | Record | Cancel | DeadlineReached


@dataclass(frozen=True, slots=True)
class Context:
    """The time, and the ends of ``revisit_due`` and ``revisit_attempt_gap`` from now; count ``revisit_attempts``."""

    now: datetime
    due: datetime
    next_attempt_from: datetime
    max_attempts: int


class Status(StrEnum):
    """回访状态."""

    NONE = "none"
    OPEN = "open"  # 待回访
    RECORDED = "recorded"  # 已回访
    UNREACHED = "unreached"  # 未联系上
    CANCELLED = "cancelled"  # 已取消


@dataclass(frozen=True)
class Revisit:
    """回访任务 of one caller in one round; a rework opens the next round."""

    status: Status = Status.NONE
    issue_id: str = ""
    order_id: str = ""
    appeal_id: str = ""
    round: int = 0
    due: datetime | None = None
    overdue: bool = False
    attempts: int = 0
    next_attempt_from: datetime | None = None
    answers: Answers | None = None
    by: str | None = None


def decide(revisit: Revisit, command: Command, context: Context) -> list[Event]:
    """What a command makes of the revisit. Raises ``Rejected`` with a code ``revisit.…``."""
    match command, revisit.status:
        case Open(), Status.NONE:
            return [
                RevisitOpened(
                    issue_id=command.issue_id,
                    order_id=command.order_id,
                    appeal_id=command.appeal_id,
                    round=command.round,
                    due=context.due,
                )
            ]
        case Open(), _:
            return []
        case DeadlineReached("due"), Status.OPEN if revisit.due is not None and not revisit.overdue:
            return [RevisitOverdue(due_at=revisit.due)]
        case DeadlineReached(), _:
            return []
        case Cancel(), Status.OPEN:
            return [RevisitCancelled(order_id=revisit.order_id, appeal_id=revisit.appeal_id, round=revisit.round)]
        case Cancel(), _:
            return []
        case _, Status.NONE:
            raise Rejected("revisit.not_found", "没有这项回访任务", status=404)
        case Attempt(number), _ if number <= revisit.attempts:
            return []
        case Attempt(number, by), Status.OPEN:
            return _attempt(revisit, number, by, context)
        case Record(answers), Status.RECORDED if _complete(answers) == revisit.answers:
            return []
        case Record(answers, by), Status.OPEN:
            return [_recorded(revisit, _complete(answers), by)]
        case _:
            raise Rejected("revisit.wrong_status", "回访任务已结束，不能再操作")


def _attempt(revisit: Revisit, number: int, by: str, context: Context) -> list[Event]:
    if number != revisit.attempts + 1:
        raise Rejected(
            "revisit.wrong_attempt", f"应登记第{revisit.attempts + 1}次回访，不是第{number}次", field="number"
        )
    if revisit.next_attempt_from is not None and context.now < revisit.next_attempt_from:
        raise Rejected("revisit.too_early", "未到下一次回访的时间，请换一个时段再联系")
    attempted = RevisitAttempted(attempt=number, next_attempt_from=context.next_attempt_from, by=by)
    if number < context.max_attempts:
        return [attempted]
    unreached = RevisitUnreached(
        order_id=revisit.order_id, appeal_id=revisit.appeal_id, round=revisit.round, attempts=number
    )
    return [attempted, unreached]


def _complete(answers: Answers) -> Answers:
    """A caller who is content owes no reason; one who is not must be asked for it, as only some blame the unit."""
    if answers.reason_class is not None:
        return answers
    if answers.resolution is not Resolution.YES:
        raise Rejected(
            "revisit.reason_required", "未解决或部分解决的，应登记原因类别", field="reason_class", status=422
        )
    return replace(answers, reason_class=ReasonClass.NOT_STATED)


def _recorded(revisit: Revisit, answers: Answers, by: str) -> RevisitRecorded:
    return RevisitRecorded(
        order_id=revisit.order_id,
        appeal_id=revisit.appeal_id,
        round=revisit.round,
        contacted=answers.contacted,
        in_time=answers.in_time,
        resolution=answers.resolution,
        satisfaction=answers.satisfaction,
        reason_class=answers.reason_class or ReasonClass.NOT_STATED,
        by=by,
    )


def evolve(revisit: Revisit, event: Event) -> Revisit:
    """The state after an event."""
    match event:
        case RevisitOpened():
            return Revisit(
                status=Status.OPEN,
                issue_id=event.issue_id,
                order_id=event.order_id,
                appeal_id=event.appeal_id,
                round=event.round,
                due=event.due,
            )
        case RevisitAttempted():
            return replace(revisit, attempts=event.attempt, next_attempt_from=event.next_attempt_from)
        case RevisitUnreached():
            return replace(revisit, status=Status.UNREACHED)
        case RevisitCancelled():
            return replace(revisit, status=Status.CANCELLED)
        case RevisitOverdue():
            return replace(revisit, overdue=True)
        case RevisitRecorded():
            answers = Answers(
                contacted=event.contacted,
                in_time=event.in_time,
                resolution=event.resolution,
                satisfaction=event.satisfaction,
                reason_class=event.reason_class,
            )
            return replace(revisit, status=Status.RECORDED, answers=answers, by=event.by)
        case _:
            raise TypeError(f"{type(event).__name__} is no event of a revisit")


def deadlines(revisit: Revisit) -> dict[str, datetime]:
    """``due``: the call-back should have happened; told once, the task stays open."""
    if revisit.status is Status.OPEN and revisit.due is not None and not revisit.overdue:
        return {"due": revisit.due}
    return {}
