"""How an order folds beside its straight way: requests, suspension, change of hands, cancellation; and their timers.

Pure. See ``order_model.Aside``.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from contracts import router as happened
from contracts import router_requests as asked
from contracts import router_turns as turned
from contracts.codes import SupervisionLevel
from contracts.event import Event
from contracts.frozen import replace
from services.router import obligations as duty_rules
from services.router import order_hands
from services.router.order_model import Request, RequestKind, Status, Suspension, Watch, WorkOrder, aside, void, without


def evolve(order: WorkOrder, event: Event) -> WorkOrder:
    """The order after an event that the straight way does not know; others change nothing."""
    fold = _FOLDS.get(type(event))
    return fold(order, event) if fold else order


def submitted(order: WorkOrder, event: happened.OrderResultSubmitted) -> WorkOrder:
    """A result ends what its unit had asked for, and names what is doubtful about it."""
    if not order.requests and not order.aside and not event.doubts:
        return order
    side = order.side
    doubts = without(side.doubts, event.unit) | ({event.unit: tuple(event.doubts)} if event.doubts else {})
    return aside(void(order, event.unit), doubts=doubts, heirs=without(side.heirs, event.unit))


def supervised(order: WorkOrder, event: happened.OrderSupervised) -> WorkOrder:
    """督办 of the whole order: a problem order, or a level that a supervisor gave it."""
    if event.level is SupervisionLevel.ESCALATED:
        folded = replace(order, problem=True)
        return aside(folded, warning=Watch("problem", event.warning_due)) if event.warning_due else folded
    red = SupervisionLevel.RED in (event.level, order.side.raised)  # what is red stays so: yellow is the lesser of two
    raised = SupervisionLevel.RED if red else event.level
    return aside(order, raised=raised, supervision_id=event.supervision_id)


def closed(order: WorkOrder) -> WorkOrder:
    """Of an order that has ended only exclusions go on. With nobody left to call, passing the review was the end."""
    if order.status is Status.CLOSE_REVIEW and not order.to_call:
        order = replace(order, reviewed="passed")
    if not order.requests:
        return order
    return replace(order, requests=tuple(r for r in order.requests if r.kind is RequestKind.EXCLUSION))


def deadlines(order: WorkOrder, others: dict[str, datetime]) -> dict[str, datetime]:
    """Timers of requests, re-checks and takeovers. Takes the automatic signature out of ``others`` during a review."""
    for request in order.requests:
        if request.kind is RequestKind.RETURN:
            others.pop(f"sign:{request.unit}", None)
    timers, side = reviews(order), order.side
    timers |= {f"recheck:{unit}": suspension.recheck_due for unit, suspension in side.suspended.items()}
    timers |= {f"sign:{heir.unit}": heir.sign_due for heir in side.heirs.values()}
    if side.warning is not None and not side.warning.overdue:
        timers[side.warning.step] = side.warning.due
    return timers


def reviews(order: WorkOrder) -> dict[str, datetime]:
    """When requests have to be decided; undecided, they go to the supervisor."""
    return {f"{request.step}:{request.unit}": request.review_due for request in order.requests if not request.overdue}


def _requested(order: WorkOrder, event: Any, kind: RequestKind, due: datetime, **more: Any) -> WorkOrder:
    request = Request(event.request_id, kind, event.unit, event.reason, due, **more)
    return replace(order, requests=(*order.requests, request))


def _return_requested(order: WorkOrder, event: asked.OrderReturnRequested) -> WorkOrder:
    more = {"to": event.suggested_unit, "binding": event.binding}
    folded = _requested(order, event, RequestKind.RETURN, event.review_due, **more)
    return aside(folded, returns=event.number)


def _ruling_requested(order: WorkOrder, event: asked.OrderRulingRequested) -> WorkOrder:
    return _requested(order, event, RequestKind.RULING, event.ruling_due, to=event.suggested_unit, binding=True)


def _extension_requested(order: WorkOrder, event: asked.OrderExtensionRequested) -> WorkOrder:
    return _requested(order, event, RequestKind.EXTENSION, event.review_due, working_days=event.working_days)


def _suspension_requested(order: WorkOrder, event: asked.OrderSuspensionRequested) -> WorkOrder:
    return _requested(order, event, RequestKind.SUSPENSION, event.review_due, recheck_due=event.recheck_due)


def _exclusion_requested(order: WorkOrder, event: asked.OrderExclusionRequested) -> WorkOrder:
    return _requested(order, event, RequestKind.EXCLUSION, event.review_due, exclusion_code=event.exclusion_code)


def _decided(order: WorkOrder, request_id: str, decision: str, **changes: Any) -> WorkOrder:
    folded = replace(order, requests=tuple(r for r in order.requests if r.id != request_id))
    return aside(folded, decided={**order.side.decided, request_id: decision}, **changes)


def _return_approved(order: WorkOrder, event: asked.OrderReturnApproved) -> WorkOrder:
    """退单作废延期申请: whoever stays has to see who comes."""
    folded = _decided(order, event.request_id, "approved")
    kept = tuple(r for r in folded.requests if r.kind is not RequestKind.EXTENSION)
    return order_hands.vacated(replace(folded, requests=kept), {event.unit}, event.dispatch_due, "returned")


def _return_rejected(order: WorkOrder, event: asked.OrderReturnRejected) -> WorkOrder:
    return _decided(order, event.request_id, "rejected", barred=(*order.side.barred, event.unit))


def _ruled(order: WorkOrder, event: asked.OrderRuled) -> WorkOrder:
    side, new = order.side, event.obligation
    ruled = (*side.ruled, event.lead_unit)
    if new is None:
        return _decided(order, event.request_id, event.lead_unit, ruled=ruled)
    duties = tuple(duty_rules.taken(new) if duty.unit == event.unit else duty for duty in order.duties)
    folded = _decided(replace(order, duties=duties), event.request_id, event.lead_unit, ruled=ruled)
    return aside(folded, moves=side.moves + 1)


def _extended(order: WorkOrder, event: asked.OrderExtensionApproved) -> WorkOrder:
    used = order.side.extensions
    duties = tuple(
        replace(duty, yellow=False, red=False) if duty.unit == event.unit else duty
        for duty in duty_rules.clocks(order.duties, event.obligations)
    )
    extensions = {**used, event.unit: used.get(event.unit, 0) + 1}
    return _decided(replace(order, duties=duties), event.request_id, "approved", extensions=extensions)


def _suspended(order: WorkOrder, event: asked.OrderSuspended) -> WorkOrder:
    suspension = Suspension(event.suspended_at, event.recheck_due, event.reason)
    return _decided(order, event.request_id, "approved", suspended={**order.side.suspended, event.unit: suspension})


def _renewed(order: WorkOrder, event: asked.OrderSuspensionRenewed) -> WorkOrder:
    before = order.side.suspended[event.unit]
    renewed = replace(before, recheck_due=event.recheck_due, renewals=event.number)
    return aside(order, suspended={**order.side.suspended, event.unit: renewed})


def _resumed(order: WorkOrder, event: asked.OrderResumed) -> WorkOrder:
    folded = replace(order, duties=duty_rules.clocks(order.duties, event.obligations))
    return aside(folded, suspended=without(order.side.suspended, event.unit))


def _excluded(order: WorkOrder, event: asked.OrderExcluded) -> WorkOrder:
    return _decided(order, event.request_id, "approved", excluded=(*order.side.excluded, event.unit))


def _rejected(order: WorkOrder, event: Any) -> WorkOrder:
    return _decided(order, event.request_id, "rejected")


def _overdue(order: WorkOrder, event: happened.OrderStepOverdue) -> WorkOrder:
    if event.request_id is not None:
        requests = tuple(replace(r, overdue=True) if r.id == event.request_id else r for r in order.requests)
        return replace(order, requests=requests)
    if event.unit is not None:
        return order  # one unit's contact: its duty knows
    warning = order.side.warning
    if event.step == "problem" and warning is not None:
        return aside(order, warning=replace(warning, overdue=True))
    return replace(order, watch=order.watch and replace(order.watch, overdue=True))


def _cancelled(order: WorkOrder, event: turned.OrderCancelled) -> WorkOrder:
    folded = replace(order, watch=None, requests=(), open_whistles=(), case_id=None, referred_to=None, stopped_at=None)
    return aside(folded, cancelled=event.reason, merged_into=event.merged_into, heirs={}, suspended={})


def _appeal_withdrawn(order: WorkOrder, event: turned.OrderAppealWithdrawn) -> WorkOrder:
    gone = event.appeal_id
    return replace(
        answered_late(order, gone),
        appeals=tuple(appeal for appeal in order.appeals if appeal != gone),
        to_call=tuple(appeal for appeal in order.to_call if appeal != gone),
        called=tuple(appeal for appeal in order.called if appeal != gone),
    )


def _late_caller_joined(order: WorkOrder, event: turned.OrderLateCallerJoined) -> WorkOrder:
    folded = replace(order, appeals=(*order.appeals, event.appeal_id))
    return aside(folded, late=(*order.side.late, event.appeal_id))


def answered_late(order: WorkOrder, appeal_id: str) -> WorkOrder:
    """归档后并入的回访 has ended, if there was one."""
    if appeal_id not in order.side.late:
        return order
    return aside(order, late=tuple(other for other in order.side.late if other != appeal_id))


_FOLDS: dict[type[Event], Callable[[WorkOrder, Any], WorkOrder]] = {
    happened.OrderSigned: order_hands.signed,
    happened.OrderStepOverdue: _overdue,
    happened.OrderContacted: lambda order, event: (
        aside(order, natures={**order.side.natures, event.unit: event.nature}) if event.nature else order
    ),
    asked.OrderReturnRequested: _return_requested,
    asked.OrderReturnApproved: _return_approved,
    asked.OrderReturnRejected: _return_rejected,
    asked.OrderRulingRequested: _ruling_requested,
    asked.OrderRuled: _ruled,
    asked.OrderExtensionRequested: _extension_requested,
    asked.OrderExtensionApproved: _extended,
    asked.OrderExtensionRejected: _rejected,
    asked.OrderSuspensionRequested: _suspension_requested,
    asked.OrderSuspended: _suspended,
    asked.OrderSuspensionRejected: _rejected,
    asked.OrderSuspensionRenewed: _renewed,
    asked.OrderResumed: _resumed,
    asked.OrderExclusionRequested: _exclusion_requested,
    asked.OrderExcluded: _excluded,
    asked.OrderExclusionRejected: _rejected,
    turned.OrderRecalled: order_hands.recalled,
    turned.OrderReassigned: order_hands.reassigned,
    turned.OrderCoHandlerAdded: lambda order, event: replace(order, co_handlers=(*order.co_handlers, event.unit)),
    turned.OrderHandedOver: order_hands.handed_over,
    turned.OrderCancelled: _cancelled,
    turned.OrderReopened: lambda order, event: aside(order, next_order_id=event.next_order_id),
    turned.OrderAppealWithdrawn: _appeal_withdrawn,
    turned.OrderDeskChanged: lambda order, event: replace(order, desk=event.desk),
    turned.OrderLateCallerJoined: _late_caller_joined,
}
