"""突发 seen after the order was opened: no review, suspension, mediation or queue holds it any more. Pure."""

from contracts.codes import Urgency
from contracts.event import Event
from contracts.frozen import replace
from contracts.router_turns import OrderUrgencyRaised
from services.router import obligations as duty_rules
from services.router.obligations import Duty, Step
from services.router.order_commands import Context
from services.router.order_decisions import rejected, resumed
from services.router.order_model import RequestKind, WorkOrder

_HOLDING = (RequestKind.RETURN, RequestKind.EXTENSION, RequestKind.SUSPENSION)
"""What nobody may ask in an emergency; a ruling may be asked, and its lead stays lead meanwhile."""


def raised(order: WorkOrder, by: str, context: Context) -> list[Event]:
    """转为突发: requests that hold it are rejected, 挂账 and mediation end, who has to dispatch or sign has minutes."""
    ended: list[Event] = [rejected(request, by) for request in order.requests if request.kind in _HOLDING]
    for unit in order.side.suspended:
        ended += resumed(order, unit, by, context)
    dispatch_due = None
    if order.watch is not None and order.watch.step == "dispatch":
        dispatch_due = min(order.watch.due, duty_rules.dispatch_due(Urgency.EMERGENCY, context.clock, context.now))
    hastened = [_hastened(order, duty, context) for duty in order.duties]
    return [
        *ended,
        OrderUrgencyRaised(
            urgency=Urgency.EMERGENCY,
            obligations=[duty_rules.obligation_of(after) for duty, after in hastened if after != duty],
            dispatch_due=dispatch_due,
            by=by,
            case_id=order.case_id,
            referred_to=order.referred_to,
        ),
    ]


def _hastened(order: WorkOrder, duty: Duty, context: Context) -> tuple[Duty, Duty]:
    """The duty before and after: minutes to sign; a clock that mediation had stopped goes on with what was left."""
    if duty.step is Step.SUBMITTED:
        return duty, duty
    after = replace(duty, **duty_rules.resumed(duty, order.stopped_at, context.clock, context.now).model_dump())
    if duty.step is Step.TO_SIGN:
        after = replace(after, sign_due=min(duty.sign_due, context.clock.limit("sign_urgent", context.now)))
    return duty, after


def evolve(order: WorkOrder, event: OrderUrgencyRaised) -> WorkOrder:
    """The order with its shorter clocks, with its units again if it was in mediation."""
    watch = order.watch
    if watch is not None and event.dispatch_due is not None:
        watch = replace(watch, due=event.dispatch_due)
    if event.case_id is not None:
        order, watch = replace(order, case_id=None, referred_to=None, stopped_at=None), None
    return replace(order, urgency=event.urgency, watch=watch, duties=duty_rules.clocks(order.duties, event.obligations))
