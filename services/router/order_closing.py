"""How a work order comes to its end: results, close review, call-backs, rework. Pure.

Also what other aggregates report: a report that has no bearing any more, or not yet, changes nothing.
"""

from collections.abc import Sequence
from datetime import datetime

from contracts import router as happened
from contracts.codes import SupervisionLevel
from contracts.event import Event
from contracts.rejected import Rejected
from services.router import obligations as duty_rules
from services.router.callbacks import answer_of, outcome, unsolved
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
from services.router.order_state import STATUS_ZH, Status, WorkOrder


def hear(order: WorkOrder, command: Heard, context: Context) -> list[Event]:
    """What follows from another aggregate's event."""
    open_ = order.status not in (Status.NONE, Status.CLOSED)
    match command:
        case StopClock(case_id, at) if case_id == order.case_id and order.stopped_at is None:
            return [happened.OrderClockStopped(case_id=case_id, stopped_at=at)]
        case ReturnFromMediation(case_id, why) if case_id == order.case_id:
            obligations = [
                duty_rules.resumed(duty, order.stopped_at, context.clock, context.now) for duty in order.unsubmitted
            ]
            return [happened.OrderReturnedFromMediation(case_id=case_id, outcome=why, obligations=obligations)]
        case SettleByMediation(case_id) if case_id == order.case_id:
            return results(order, order.unsubmitted, case_id, "mediation", context)
        case SettleWhistle(whistle_id) if whistle_id in order.open_whistles:
            return [happened.OrderWhistleSettled(whistle_id=whistle_id)]
        case RecordRevisit():
            return _revisit(order, command, context)
        case AddAppeal(appeal_id) if open_ and appeal_id not in order.appeals:
            return [happened.OrderAppealAdded(appeal_id=appeal_id)]
        case Remind(appeal_id, reminder_id) if open_ and reminder_id != order.reminder_id:
            return [happened.OrderReminded(appeal_id=appeal_id, reminder_id=reminder_id)]
        case _:
            return []


def results(order: WorkOrder, duties: Sequence[Duty], result_id: str, source: str, context: Context) -> list[Event]:
    """提交结果 of these duties; with the last one of the order, close review begins."""
    ended_at = order.stopped_at or context.now
    missing = {duty.unit for duty in order.unsubmitted}
    events: list[Event] = []
    for duty in duties:
        missing.discard(duty.unit)
        review_due = None if missing else context.clock.limit("close_review", context.now)
        events.append(_result(duty, result_id, source, ended_at, review_due))
    return events


def _result(
    duty: Duty, result_id: str, source: str, ended_at: datetime, review_due: datetime | None
) -> happened.OrderResultSubmitted:
    return happened.OrderResultSubmitted(
        unit=duty.unit,
        result_id=result_id,
        source=source,
        in_time=ended_at <= duty.due,
        submitted_at=ended_at,
        review_due=review_due,
    )


def review(order: WorkOrder, command: Review, context: Context) -> list[Event]:
    """办结审核: nobody reviews their own unit's work; a return gives back the time that the review took."""
    if command.unit is not None and command.unit in (*order.units, *order.co_handlers):
        raise Rejected("order.reviewer_is_handler", "承办单位不能审核自己的工单", status=403)
    if order.status is not Status.CLOSE_REVIEW:
        if order.reviewed == (command.reason or "passed"):
            return []
        raise wrong_status(order, "审核")
    if command.reason is None:
        return [_completed(order, order.to_call, order.round + 1, command.by, context)]
    again = command.reason is ReviewReason.NOT_CONTACTED
    obligations = [
        duty_rules.resumed(duty_rules.reopened(duty, again), duty.submitted_at, context.clock, context.now)
        for duty in order.duties
    ]
    return [happened.OrderReturnedForRework(reason=command.reason, obligations=obligations, by=command.by)]


def _revisit(order: WorkOrder, command: RecordRevisit, context: Context) -> list[Event]:
    """One caller's answer; the last of the round decides (domain.md, PENDING_REVISIT)."""
    asked = order.status is Status.PENDING_REVISIT and command.round == order.round
    if not asked or command.appeal_id not in order.called or command.appeal_id in order.answers:
        return []
    answer = answer_of(command.resolution, command.reason_class)
    answers = {**order.answers, command.appeal_id: answer}
    noted = happened.OrderRevisitNoted(appeal_id=command.appeal_id, round=command.round, answer=answer)
    if any(appeal not in answers for appeal in order.called):
        return [noted]
    if again := unsolved(order.called, answers):
        return [noted, *_rework(order, [*again, *order.to_call], context)]
    if order.to_call and order.reviewer:
        return [noted, _completed(order, order.to_call, order.round + 1, order.reviewer, context)]
    end = outcome(answers.values())
    return [noted, happened.OrderClosed(issue_id=order.issue_id, outcome=end, reworks=order.reworks)]


def _rework(order: WorkOrder, appeals: list[str], context: Context) -> list[Event]:
    count = order.reworks + 1
    obligations = duty_rules.renewed(order.duties, order.terms, context.clock, context.now)
    reworked = happened.OrderReworked(count=count, appeals=appeals, obligations=obligations)
    if count < context.problem_reworks or order.problem:
        return [reworked]
    escalated = happened.OrderSupervised(level=SupervisionLevel.ESCALATED, unit=None, reason="reworks")
    return [reworked, escalated]


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
    )


def wrong_status(order: WorkOrder, what: str) -> Rejected:
    """The refusal of a command that the order's status does not allow."""
    return Rejected("order.wrong_status", f"工单当前状态（{STATUS_ZH[order.status]}）不能{what}")
