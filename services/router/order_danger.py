"""突发 seen after the order was opened: it is held by no review, no suspension and no queue any more. Pure."""

from contracts.codes import Urgency
from contracts.event import Event
from contracts.frozen import replace
from contracts.router_turns import OrderUrgencyRaised
from services.router import obligations as duty_rules
from services.router.obligations import Step
from services.router.order_commands import Context
from services.router.order_decisions import rejected, resumed
from services.router.order_model import RequestKind, WorkOrder

_HOLDING = (RequestKind.RETURN, RequestKind.EXTENSION, RequestKind.SUSPENSION)
"""What nobody may ask in an emergency; a ruling may be asked, and its lead stays lead meanwhile."""


def raised(order: WorkOrder, by: str, context: Context) -> list[Event]:
    """转为突发: requests that hold it are rejected, 挂账 ends, and who has to dispatch or to sign has minutes."""
    ended: list[Event] = [rejected(request, by) for request in order.requests if request.kind in _HOLDING]
    for unit in order.side.suspended:
        ended += resumed(order, unit, by, context)
    sign_due = context.clock.limit("sign_urgent", context.now)
    dispatch_due = None
    if order.watch is not None and order.watch.step == "dispatch":
        dispatch_due = min(order.watch.due, duty_rules.dispatch_due(Urgency.EMERGENCY, context.clock, context.now))
    return [
        *ended,
        OrderUrgencyRaised(
            urgency=Urgency.EMERGENCY,
            obligations=[
                duty_rules.obligation_of(replace(duty, sign_due=min(duty.sign_due, sign_due)))
                for duty in order.duties
                if duty.step is Step.TO_SIGN
            ],
            dispatch_due=dispatch_due,
            by=by,
        ),
    ]


def evolve(order: WorkOrder, event: OrderUrgencyRaised) -> WorkOrder:
    """The order with its shorter clocks."""
    watch = order.watch
    if watch is not None and event.dispatch_due is not None:
        watch = replace(watch, due=event.dispatch_due)
    return replace(order, urgency=event.urgency, watch=watch, duties=duty_rules.clocks(order.duties, event.obligations))
