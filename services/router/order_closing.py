"""How a work order comes to its end: results, close review, call-backs, rework. Pure.

Also what other aggregates report: a report that has no bearing any more, or not yet, changes nothing.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256

from contracts import router as happened
from contracts import router_turns as turned
from contracts.codes import ClosingOutcome
from contracts.event import Event
from contracts.frozen import replace
from contracts.rejected import Rejected
from services.router import obligations as duty_rules
from services.router.callbacks import Answer, answer_of, outcome, unsolved
from services.router.obligations import Duty
from services.router.order_commands import (
    AddAppeal,
    Context,
    Heard,
    RecordRevisit,
    Remind,
    ReturnFromMediation,
    Review,
    ReviewReason,
    SettleByMediation,
    SettleWhistle,
    StopClock,
)
from services.router.order_decisions import closed, problem
from services.router.order_model import TERMINAL, RequestKind, Status, WorkOrder
from services.router.order_requests import exclusion, wrong_status
from services.router.request_commands import ExclusionReason


def hear(order: WorkOrder, command: Heard, context: Context) -> list[Event]:
    """What follows from another aggregate's event."""
    open_ = order.status is not Status.NONE and order.status not in TERMINAL
    match command:
        case StopClock(case_id, at) if case_id == order.case_id and order.stopped_at is None:
            return [happened.OrderClockStopped(case_id=case_id, stopped_at=at)]
        case ReturnFromMediation(case_id, why) if case_id == order.case_id:
            obligations = [
                duty_rules.resumed(duty, order.stopped_at, context.clock, context.now) for duty in order.unsubmitted
            ]
            return [happened.OrderReturnedFromMediation(case_id=case_id, outcome=why, obligations=obligations)]
        case SettleByMediation(case_id) if case_id == order.case_id:
            return results(order, order.unsubmitted, case_id, order.referred_to or "mediation", context)
        case SettleWhistle(whistle_id) if whistle_id in order.open_whistles:
            return [happened.OrderWhistleSettled(whistle_id=whistle_id)]
        case RecordRevisit():
            return _revisit(order, command, context)
        case AddAppeal(appeal_id) if open_ and appeal_id not in order.appeals:
            return [happened.OrderAppealAdded(appeal_id=appeal_id)]
        case AddAppeal(appeal_id) if order.status is Status.CLOSED and appeal_id not in order.appeals:
            return [_late(order, appeal_id)]
        case Remind(appeal_id, reminder_id) if open_ and reminder_id != order.reminder_id:
            return [happened.OrderReminded(appeal_id=appeal_id, reminder_id=reminder_id)]
        case _:
            return []


def _late(order: WorkOrder, appeal_id: str) -> turned.OrderLateCallerJoined:
    """归档后并入: intake had not heard of the end. The order stays closed, but nobody who joined is left uncalled."""
    return turned.OrderLateCallerJoined(
        issue_id=order.issue_id, appeal_id=appeal_id, round=_late_round(order), item_code=order.item_code
    )


def _late_round(order: WorkOrder) -> int:
    return order.round + 1


def left_late(order: WorkOrder, appeal_id: str) -> turned.OrderAppealWithdrawn:
    """归档后并入又撤回: whoever left is not called any more, and does not count in 四率."""
    return turned.OrderAppealWithdrawn(appeal_id=appeal_id, round=_late_round(order), late=True)


def results(
    order: WorkOrder,
    duties: Sequence[Duty],
    result_id: str,
    source: str,
    context: Context,
    fingerprint: str | None = None,
    doubts: Sequence[str] = (),
) -> list[Event]:
    """提交结果 of these duties; with the last one of the order, close review begins."""
    ended_at = order.stopped_at or context.now
    missing = {duty.unit for duty in order.unsubmitted}
    events: list[Event] = []
    for duty in duties:
        missing.discard(duty.unit)
        awaited = missing or order.side.vacant
        events.append(
            happened.OrderResultSubmitted(
                unit=duty.unit,
                result_id=result_id,
                source=source,
                in_time=ended_at <= duty.due,
                submitted_at=ended_at,
                review_due=None if awaited else context.clock.limit("close_review", context.now),
                fingerprint=fingerprint,
                doubts=list(doubts),
            )
        )
    return events


def review(order: WorkOrder, command: Review, context: Context) -> list[Event]:
    """办结审核: nobody reviews their own unit's work; a return gives back the time that the review took."""
    if command.unit is not None and command.unit in (*order.units, *order.co_handlers):
        raise Rejected("order.reviewer_is_handler", "承办单位不能审核自己的工单", status=403)
    if order.status is not Status.CLOSE_REVIEW:
        if order.reviewed == (command.reason or "passed"):
            return []
        raise wrong_status(order, "审核")
    if command.reason is None:
        if not order.to_call:  # every caller withdrew, and the order was kept for public safety
            return [closed(order, outcome(order.answers.values()), context)]
        return [_completed(order, order.to_call, order.round + 1, command.by, context)]
    again = command.reason is ReviewReason.NOT_CONTACTED
    obligations = [
        duty_rules.resumed(duty_rules.reopened(duty, again), duty.submitted_at, context.clock, context.now)
        for duty in order.duties
    ]
    return [happened.OrderReturnedForRework(reason=command.reason, obligations=obligations, by=command.by)]


def _revisit(order: WorkOrder, command: RecordRevisit, context: Context) -> list[Event]:
    """One caller's answer; the last of the round decides (domain.md, PENDING_REVISIT).

    归档后并入: what a late caller says counts in 四率 like everybody's. It decides nothing more here, since what is to
    be done about a "no" is intake's; but no unit is blamed for what the law does not allow either.
    """
    is_late = command.appeal_id in order.side.late and command.round == _late_round(order)
    asked = order.status is Status.PENDING_REVISIT and command.round == order.round
    if not is_late and (not asked or command.appeal_id not in order.called or command.appeal_id in order.answers):
        return []
    answer = answer_of(command.resolution, command.reason_class)
    noted = happened.OrderRevisitNoted(
        appeal_id=command.appeal_id,
        round=command.round,
        answer=answer,
        revisit_id=command.revisit_id,
        contacted=command.contacted,
        in_time=command.in_time,
        resolution=command.resolution,
        satisfaction=command.satisfaction,
        reason_class=None if command.resolution is None else command.reason_class,
    )
    if is_late:
        return [noted, *_beyond_policy(order, outcome([answer]), f"{command.round}/{command.appeal_id}", context)]
    return [noted, *_after_answer(order, order.called, {**order.answers, command.appeal_id: answer}, context)]


def withdraw(order: WorkOrder, appeal_id: str, context: Context) -> list[Event]:
    """撤回诉求: the caller is not called any more; if all others of the round have answered, that decides."""
    withdrawn = turned.OrderAppealWithdrawn(appeal_id=appeal_id, round=order.calling)
    if order.status is not Status.PENDING_REVISIT:
        return [withdrawn]
    left = replace(
        order,
        called=tuple(appeal for appeal in order.called if appeal != appeal_id),
        to_call=tuple(appeal for appeal in order.to_call if appeal != appeal_id),
    )
    return [withdrawn, *_after_answer(left, left.called, left.answers, context)]


def _after_answer(
    order: WorkOrder, called: Sequence[str], answers: Mapping[str, Answer], context: Context
) -> list[Event]:
    if any(appeal not in answers for appeal in called):
        return []
    if again := unsolved(called, answers):
        return _rework(order, [*again, *order.to_call], context)
    if order.to_call and order.reviewer:
        return [_completed(order, order.to_call, order.round + 1, order.reviewer, context)]
    end = outcome(answers.values())
    return [*_beyond_policy(order, end, str(order.round), context), closed(order, end, context)]


def _beyond_policy(order: WorkOrder, end: ClosingOutcome, said: str, context: Context) -> list[Event]:
    """超出法律政策的诉求: no unit is blamed for it before somebody has looked (剔除审核)."""
    if end is not ClosingOutcome.EXPLAINED:
        return []
    units = [unit for unit in order.units if unit not in order.side.excluded and not _excluding(order, unit)]
    reason = ExclusionReason.BEYOND_POLICY
    return [exclusion(_request_id(order, said, unit), unit, reason, None, context, None) for unit in units]


def _excluding(order: WorkOrder, unit: str) -> bool:
    return any(request.kind is RequestKind.EXCLUSION for request in order.requests_of(unit))


def _request_id(order: WorkOrder, said: str, unit: str) -> str:
    """An id that is the same whenever this is decided again; ``said`` names the call-back, or its round."""
    digest = sha256(f"{order.issue_id}/{said}/{unit}".encode()).hexdigest()
    return "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32]))


def _rework(order: WorkOrder, appeals: list[str], context: Context) -> list[Event]:
    count = order.reworks + 1
    obligations = duty_rules.renewed(order.duties, order.terms, context.clock, context.now)
    reworked = happened.OrderReworked(count=count, appeals=appeals, obligations=obligations)
    if count < context.counts.problem_reworks or order.problem:
        return [reworked]
    return [reworked, problem("reworks", context)]


def _completed(
    order: WorkOrder, appeals: Sequence[str], round_: int, by: str, context: Context
) -> happened.OrderCompleted:
    return happened.OrderCompleted(
        issue_id=order.issue_id,
        round=round_,
        appeals=list(appeals),
        units=order.units,
        revisit_due=context.clock.limit("revisit_wait", context.now),
        by=by,
        doubts=sorted({doubt for doubts in order.side.doubts.values() for doubt in doubts}),
        urgency=order.urgency,
        item_code=order.item_code,
    )
