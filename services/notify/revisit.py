"""回访 — one caller of a completed order, or of a sampled direct answer, is called back and asked whether it is solved.

Rules: domain.md, Revisit. What may be asked is in ``revisit_commands.py``, what is published in ``revisit_told.py``.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contracts import notify as happened
from contracts.codes import ReasonClass, Resolution
from contracts.event import Event
from contracts.frozen import replace
from contracts.rejected import Rejected
from services.notify import revisit_told as told
from services.notify.reasons import CLASS_OF, Reason
from services.notify.revisit_commands import (
    USELESS,
    Answers,
    Attempt,
    Basis,
    Cancel,
    Channel,
    Command,
    Context,
    DeadlineReached,
    Open,
    OpenForAnswer,
    Outcome,
    Record,
)

__all__ = ["Revisit", "Status", "deadlines", "decide", "evolve"]


class Status(StrEnum):
    """回访状态."""

    NONE = "none"
    OPEN = "open"  # 待回访
    RECORDED = "recorded"  # 已回访
    UNREACHED = "unreached"  # 未联系上
    CANCELLED = "cancelled"  # 已取消


@dataclass(frozen=True)
class Revisit:
    """回访任务 of one caller in one round; a rework opens the next round.

    Without an order (``basis`` answer) ``order_id`` is empty and ``round`` 0. ``tried`` are the parts of the day of
    the attempts so far; ``wishes`` counts those that ended with a wished time, ``wished_at`` is the last one's.
    ``ended_at`` of the matter: when the order was completed, or the answer given.
    """

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
    basis: Basis = Basis.ORDER
    knowledge_id: str | None = None
    item_code: str | None = None
    ended_at: datetime | None = None
    tried: tuple[str, ...] = ()
    wishes: int = 0
    wished_at: datetime | None = None
    last_outcome: str | None = None
    channel: Channel | None = None
    commented: bool = False


def decide(revisit: Revisit, command: Command, context: Context) -> list[Event]:
    """What a command makes of the revisit. Raises ``Rejected`` with a code ``revisit.…``."""
    match command, revisit.status:
        case ((Open() | OpenForAnswer()), Status.NONE):
            return [told.opened(command, context.due("revisit_due"))]
        case ((Open() | OpenForAnswer()), _):
            return []
        case DeadlineReached("due"), Status.OPEN if revisit.due is not None and not revisit.overdue:
            return [happened.RevisitOverdue(due_at=revisit.due)]
        case DeadlineReached(), _:
            return []
        case Cancel(), Status.OPEN:
            return [told.cancelled(revisit)]
        case Cancel(), _:
            return []
        case _, Status.NONE:
            raise Rejected("revisit.not_found", "没有这项回访任务", status=404)
        case Attempt(number), _ if number <= revisit.attempts:
            return []
        case Attempt(), Status.OPEN:
            return _attempt(revisit, command, context)
        case Record(answers), Status.RECORDED if _complete(revisit, answers) == revisit.answers:
            return []
        case Record(answers), Status.OPEN:
            return [told.recorded(revisit, _complete(revisit, answers), command)]
        case _:
            raise Rejected("revisit.wrong_status", "回访任务已结束，不能再操作")


def _attempt(revisit: Revisit, command: Attempt, context: Context) -> list[Event]:
    """Different hours: not before the gap is over, and not twice in a part of the day while others were not tried.

    A time that the caller wished goes before both.
    """
    number, outcome = command.number, command.outcome
    if number != revisit.attempts + 1:
        raise Rejected(
            "revisit.wrong_attempt", f"应登记第{revisit.attempts + 1}次回访，不是第{number}次", field="number"
        )
    if revisit.next_attempt_from is not None and context.now < revisit.next_attempt_from:
        raise Rejected("revisit.too_early", "未到下一次回访的时间，请换一个时段再联系")
    part = context.hours.part(context.now)
    if revisit.wished_at is None and part in revisit.tried and not context.hours.is_free(revisit.tried):
        raise Rejected("revisit.same_hours", "这个时段已联系过，请换一个时段再联系")
    wished_at = _wish(command, context)
    tried = (*revisit.tried, part)
    attempted = happened.RevisitAttempted(
        attempt=number,
        next_attempt_from=wished_at or context.hours.next_from(context.due("revisit_attempt_gap"), tried),
        by=command.by,
        outcome=outcome,
        part=part,
        wished_at=wished_at,
    )
    wishes = revisit.wishes + (1 if wished_at else 0)
    in_vain = number - min(wishes, context.max_wishes)  # a wished time does not use an attempt up, but not for ever
    if in_vain < context.max_attempts and outcome not in USELESS:
        return [attempted]
    return [attempted, told.unreached(revisit, number, outcome)]


def _wish(command: Attempt, context: Context) -> datetime | None:
    """约时: whoever wants to be called later says when."""
    wished_at = command.wished_at
    if (command.outcome is Outcome.CALL_BACK_LATER) != (wished_at is not None):
        raise Rejected(
            "revisit.wish_required", "约时再访的应登记约定时间，其他结果不登记", field="wished_at", status=422
        )
    if wished_at is not None and not context.now < wished_at <= context.due("revisit_wish"):
        raise Rejected("revisit.wish_out_of_range", "约定时间应在可约的期限内", field="wished_at", status=422)
    return wished_at


def _complete(revisit: Revisit, answers: Answers) -> Answers:
    """A caller who is content owes no reason; one who is not must be asked for it, as only some blame the unit."""
    has_unit = revisit.basis is not Basis.ANSWER
    for field, value in (("contacted", answers.contacted), ("in_time", answers.in_time)):
        if has_unit and value is None:
            raise Rejected("revisit.contact_required", "应登记承办单位是否及时联系", field=field, status=422)
        if not has_unit and value is not None:
            raise Rejected("revisit.no_unit", "直接答复没有承办单位，不登记其联系情况", field=field, status=422)
    class_ = _class(answers.reason_class, answers.reason)
    if class_ is None and answers.resolution is not Resolution.YES:
        raise Rejected(
            "revisit.reason_required", "未解决或部分解决的，应登记原因类别", field="reason_class", status=422
        )
    return replace(answers, reason_class=class_ or ReasonClass.NOT_STATED)


def _class(class_: ReasonClass | None, reason: Reason | None) -> ReasonClass | None:
    if reason is None:
        return class_
    if class_ not in (None, CLASS_OF[reason]):
        raise Rejected("revisit.reason_mismatch", "原因不属于所登记的原因类别", field="reason", status=422)
    return CLASS_OF[reason]


def evolve(revisit: Revisit, event: Event) -> Revisit:
    """The state after an event."""
    match event:
        case happened.RevisitOpened():
            return Revisit(
                status=Status.OPEN,
                issue_id=event.issue_id,
                order_id=event.order_id,
                appeal_id=event.appeal_id,
                round=event.round,
                due=event.due,
                basis=Basis(event.basis),
                item_code=event.item_code,
                ended_at=event.completed_at,
            )
        case happened.AnswerRevisitOpened():
            return Revisit(
                status=Status.OPEN,
                issue_id=event.issue_id,
                appeal_id=event.appeal_id,
                due=event.due,
                basis=Basis.ANSWER,
                knowledge_id=event.knowledge_id,
                item_code=event.item_code,
                ended_at=event.answered_at,
            )
        case happened.RevisitAttempted():
            return replace(
                revisit,
                attempts=event.attempt,
                next_attempt_from=event.next_attempt_from,
                tried=revisit.tried if event.part is None else (*revisit.tried, event.part),
                wishes=revisit.wishes + (1 if event.wished_at else 0),
                wished_at=event.wished_at,
                last_outcome=event.outcome,
            )
        case happened.RevisitUnreached() | happened.AnswerRevisitUnreached():
            return replace(revisit, status=Status.UNREACHED)
        case happened.RevisitCancelled() | happened.AnswerRevisitCancelled():
            return replace(revisit, status=Status.CANCELLED)
        case happened.RevisitOverdue():
            return replace(revisit, overdue=True)
        case happened.RevisitRecorded() | happened.AnswerRevisitRecorded():
            return replace(
                revisit,
                status=Status.RECORDED,
                answers=told.answers_of(event),
                by=event.by,
                channel=Channel(event.channel),
                commented=event.commented,
            )
        case _:
            raise TypeError(f"{type(event).__name__} is no event of a revisit")


def deadlines(revisit: Revisit) -> dict[str, datetime]:
    """``due``: the call-back should have happened; told once, the task stays open."""
    if revisit.status is Status.OPEN and revisit.due is not None and not revisit.overdue:
        return {"due": revisit.due}
    return {}
