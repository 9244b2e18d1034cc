"""How the events of a work order 工单 fold, and which timers run. Pure. What is known of it is in ``order_model``.

Events carry every instant, so that folding needs no calendar.
"""

from datetime import datetime

from contracts import router as happened
from contracts import router_requests as asked
from contracts import router_turns as turned
from contracts.codes import SupervisionLevel
from contracts.event import Event
from contracts.frozen import replace
from services.router import obligations as duty_rules
from services.router import order_aside, order_danger, order_hands, order_recount
from services.router.callbacks import Answer
from services.router.obligations import Duty, Step, Terms
from services.router.order_model import STATUS_ZH, TERMINAL, Aside, RequestKind, Status, Watch, WorkOrder

__all__ = ["STATUS_ZH", "TERMINAL", "Status", "Watch", "WorkOrder", "deadlines", "evolve", "state_of"]


def evolve(order: WorkOrder, event: Event) -> WorkOrder:
    """The order after an event; what lists show of it is worked out anew."""
    folded = _handled(_fold(order, event), event)
    status = _status(folded, event)
    return replace(folded, status=status, due_at=_due_at(folded, status), supervision=_supervision(folded))


def _fold(order: WorkOrder, event: Event) -> WorkOrder:
    match event:
        case happened.OrderOpened():
            return replace(
                order,
                issue_id=event.issue_id,
                number=event.order_number,
                kind=event.kind,
                item_code=event.item_code,
                street_code=event.street_code,
                urgency=event.urgency,
                channel=event.channel,
                appeals=tuple(event.appeals),
                to_call=tuple(event.appeals),
                queue_reason=event.queue_reason,
                desk=event.desk,
                watch=Watch("dispatch", event.dispatch_due),
                reworks=event.reworks,
                aside=Aside(earlier_order_id=event.earlier_order_id) if event.earlier_order_id else None,
            )
        case happened.OrderDispatched():
            return replace(
                order,
                co_handlers=tuple(event.co_handlers),
                terms=Terms(event.contact_hours, event.limit_working_days),
                rule=event.rule,
                reference_version=event.reference_version,
                promised_at=event.promised_at,
                watch=None,
            )
        case happened.OrderWhistleBlown(whistle_id=whistle):
            return replace(order, whistles=(*order.whistles, whistle), open_whistles=(*order.open_whistles, whistle))
        case happened.OrderWhistleSettled(whistle_id=whistle):
            return replace(order, open_whistles=tuple(other for other in order.open_whistles if other != whistle))
        case happened.OrderReferred():
            cases = (*order.cases, event.case_id)
            order = replace(order, cases=cases, case_id=event.case_id, referred_to=event.to)
            return replace(order, watch=Watch("mediation", event.mediation_due))
        case happened.OrderClockStopped():
            return replace(order, stopped_at=event.stopped_at)
        case happened.OrderReturnedFromMediation():
            return replace(order, case_id=None, referred_to=None, stopped_at=None, watch=None)
        case happened.OrderResultSubmitted():
            vacancy = order.watch if order.side.vacant else None
            watch = Watch("close_review", event.review_due) if event.review_due else vacancy
            folded = replace(order, case_id=None, referred_to=None, stopped_at=None, reviewed=None, watch=watch)
            return order_aside.submitted(folded, event)
        case happened.OrderReturnedForRework():
            return replace(order, reviewed=event.reason, watch=None)
        case happened.OrderSupervised(unit=None):
            return order_aside.supervised(order, event)
        case happened.OrderReminded():
            return replace(order, reminders=order.reminders + 1, reminder_id=event.reminder_id)
        case happened.OrderAppealAdded(appeal_id=appeal):
            return replace(order, appeals=(*order.appeals, appeal), to_call=(*order.to_call, appeal))
        case happened.OrderLimitsRecomputed():
            return order_recount.evolve(order, event)
        case turned.OrderUrgencyRaised():
            return order_danger.evolve(order, event)
        case _:
            return _called_back(order, event)


def _called_back(order: WorkOrder, event: Event) -> WorkOrder:
    match event:
        case happened.OrderCompleted():
            return replace(
                order,
                reviewed="passed",
                reviewer=event.by,
                round=event.round,
                called=tuple(event.appeals),
                to_call=(),
                answers={appeal: answer for appeal, answer in order.answers.items() if appeal not in event.appeals},
                watch=Watch("revisit", event.revisit_due),
            )
        case happened.OrderRevisitNoted():
            folded = order_aside.answered_late(order, event.appeal_id)
            return replace(folded, answers={**order.answers, event.appeal_id: Answer(event.answer)})
        case happened.OrderReworked():
            return replace(
                order, reviewed=None, reworks=event.count, called=(), to_call=tuple(event.appeals), watch=None
            )
        case happened.OrderClosed():
            return order_aside.closed(
                replace(order, outcome=event.outcome, exclusion_until=event.exclusion_until, watch=None)
            )
        case _:
            return order_aside.evolve(order, event)


def _handled(order: WorkOrder, event: Event) -> WorkOrder:
    """What an event means for the duties."""
    duties = order.duties
    match event:
        case happened.OrderDispatched():
            return order_hands.dispatched(order, event)
        case happened.OrderReturnedFromMediation():
            return replace(order, duties=duty_rules.clocks(duties, event.obligations))
        case happened.OrderReturnedForRework():
            opened = [duty_rules.reopened(duty, event.reason == "not_contacted") for duty in duties]
            return replace(order, duties=duty_rules.clocks(opened, event.obligations))
        case happened.OrderReworked():
            opened = [duty_rules.restarted(duty) for duty in duties]
            return replace(order, duties=duty_rules.clocks(opened, event.obligations))
        case _ if duties:
            return replace(order, duties=tuple(duty_rules.evolve(duty, event) for duty in duties))
        case _:
            return order


_MOVING = frozenset(
    {
        happened.OrderDispatched,
        happened.OrderSigned,
        happened.OrderReferred,
        happened.OrderReturnedFromMediation,
        happened.OrderResultSubmitted,
        happened.OrderReturnedForRework,
        happened.OrderReworked,
        asked.OrderReturnRequested,
        asked.OrderReturnApproved,
        asked.OrderReturnRejected,
        asked.OrderRuled,
        asked.OrderExtensionRequested,
        asked.OrderExtensionApproved,
        asked.OrderExtensionRejected,
        asked.OrderSuspensionRequested,
        asked.OrderSuspensionRejected,
        asked.OrderSuspended,
        asked.OrderResumed,
        turned.OrderRecalled,
    }
)
_FIXED = {
    happened.OrderOpened: Status.PENDING_DISPATCH,
    happened.OrderCompleted: Status.PENDING_REVISIT,
    happened.OrderClosed: Status.CLOSED,
    turned.OrderCancelled: Status.CANCELLED,
}
_PROGRESS = (
    Status.PENDING_SIGN,
    Status.RETURN_REVIEW,
    Status.IN_PROGRESS,
    Status.EXTENSION_REVIEW,
    Status.SUSPENSION_REVIEW,
    Status.SUSPENDED,
    Status.CLOSE_REVIEW,
)
"""States of a duty, the least advanced first."""


def _status(order: WorkOrder, event: Event) -> Status:
    if type(event) in _MOVING:
        return _least_advanced(order)
    if type(event) is turned.OrderHandedOver and order.status not in (Status.CLOSE_REVIEW, Status.PENDING_REVISIT):
        return _least_advanced(order)
    if isinstance(event, turned.OrderUrgencyRaised) and event.case_id is not None:
        return _least_advanced(order)
    return _FIXED.get(type(event), order.status)


def _least_advanced(order: WorkOrder) -> Status:
    if order.case_id is not None:
        return Status.IN_MEDIATION
    if order.aside and order.aside.vacant:
        return Status.PENDING_DISPATCH
    if order.requests or order.aside:
        return min((state_of(order, duty) for duty in order.duties), key=_PROGRESS.index)
    steps = {duty.step for duty in order.duties}
    if Step.TO_SIGN in steps:
        return Status.PENDING_SIGN
    return Status.IN_PROGRESS if Step.TO_HANDLE in steps else Status.CLOSE_REVIEW


def state_of(order: WorkOrder, duty: Duty) -> Status:
    """How far one unit's duty has come, its requests and its suspension included."""
    if duty.step is Step.SUBMITTED:
        return Status.CLOSE_REVIEW
    waits = order.asked(duty.unit)
    if duty.step is Step.TO_SIGN:
        return Status.RETURN_REVIEW if waits else Status.PENDING_SIGN
    if duty.unit in order.side.suspended:
        return Status.SUSPENDED
    match waits and waits.kind:
        case RequestKind.EXTENSION:
            return Status.EXTENSION_REVIEW
        case RequestKind.SUSPENSION:
            return Status.SUSPENSION_REVIEW
        case _:
            return Status.IN_PROGRESS


def _due_at(order: WorkOrder, status: Status) -> datetime | None:
    """What lists count down to: the step's end, or that of the unit which has the least time."""
    if order.watch is not None:
        return order.watch.due
    if status in TERMINAL:
        return None
    if order.requests or order.aside:
        return min((_duty_due(order, duty) for duty in order.duties if state_of(order, duty) is status), default=None)
    if status is Status.PENDING_SIGN:
        return min(duty.sign_due for duty in order.duties if duty.step is Step.TO_SIGN)
    return min((duty.due for duty in order.unsubmitted), default=None)


def _duty_due(order: WorkOrder, duty: Duty) -> datetime:
    match state_of(order, duty):
        case Status.PENDING_SIGN:
            return duty.sign_due
        case Status.SUSPENDED:
            return order.side.suspended[duty.unit].recheck_due
        case Status.RETURN_REVIEW | Status.EXTENSION_REVIEW | Status.SUSPENSION_REVIEW:
            waits = order.asked(duty.unit)
            return duty.due if waits is None else waits.review_due
        case _:
            return duty.due


def _supervision(order: WorkOrder) -> SupervisionLevel | None:
    if order.problem:
        return SupervisionLevel.ESCALATED
    raised = order.aside and order.aside.raised
    if raised is SupervisionLevel.RED or any(duty.red for duty in order.duties):
        return SupervisionLevel.RED
    return SupervisionLevel.YELLOW if raised or any(duty.yellow for duty in order.duties) else None


def deadlines(order: WorkOrder) -> dict[str, datetime]:
    """Every timer that runs: the step of the whole order, those of its duties unless their clock stands, requests.

    Of an order that is closed only exclusions have still to be decided, by the supervisor once that is late.
    """
    if order.status in TERMINAL:
        return order_aside.reviews(order)
    watch = order.watch
    timers = {watch.step: watch.due} if watch is not None and not watch.overdue else {}
    suspended = order.aside.suspended if order.aside else ()
    for duty in order.duties:
        timers |= duty_rules.deadlines(duty, running=order.stopped_at is None and duty.unit not in suspended)
    return timers | order_aside.deadlines(order, timers) if order.requests or order.aside else timers
