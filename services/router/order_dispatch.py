"""How a work order opens and is dispatched, anew too (domain.md, WorkOrder). Pure. Who gets it is in ``dispatch``."""

from contracts import router as happened
from contracts.codes import SupervisionLevel, Urgency
from contracts.event import Event
from contracts.rejected import Rejected
from contracts.router_obligations import Obligation
from services.router import obligations as duty_rules
from services.router.order_commands import Context, Dispatch, Open, Routing
from services.router.order_decisions import problem
from services.router.order_desks import must_wait_at
from services.router.order_model import Status, WorkOrder
from services.router.order_requests import wrong_status


def open_order(command: Open, context: Context) -> list[Event]:
    """生成工单: dispatched at once where the rules know the units (自动派单), else into the dispatcher's queue."""
    opened = happened.OrderOpened(
        issue_id=command.issue_id,
        kind=command.kind,
        item_code=command.item_code,
        street_code=command.street_code,
        urgency=command.urgency,
        channel=command.channel,
        appeals=list(command.appeals),
        queue_reason=command.queue_reason,
        dispatch_due=duty_rules.dispatch_due(command.urgency, context.clock, context.now),
        earlier_order_id=command.earlier_order_id,
        reworks=command.reworks,
        order_number=command.number,
        desk=command.desk,
    )
    seen = _seen_again(command, context) if command.reopened else []
    if command.routing is None:
        return [opened, *seen, *_alarm(command)]
    return [opened, _dispatched(command, command.routing, None, None, context), *seen]


def _alarm(command: Open) -> list[Event]:
    """突发 that not even the emergency duty desk can have: the supervisor sees it now, not when minutes are over."""
    if command.urgency is not Urgency.EMERGENCY:
        return []
    return [happened.OrderSupervised(level=SupervisionLevel.RED, unit=None, reason="emergency_waits")]


def at_once(order: WorkOrder, routing: Routing | None, context: Context) -> list[Event]:
    """突发 that waits for a dispatcher and nobody has: dispatched by rule, whatever brought it there."""
    waits = order.status is Status.PENDING_DISPATCH and order.urgency is Urgency.EMERGENCY and not order.duties
    return [_dispatched(order, routing, None, None, context)] if waits and routing is not None else []


def _seen_again(command: Open, context: Context) -> list[Event]:
    """重新打开 counts as a rework, and a supervisor sees it."""
    if command.reworks >= context.counts.problem_reworks:
        return [problem("reworks", context)]
    return [happened.OrderSupervised(level=SupervisionLevel.YELLOW, unit=None, reason="reopened")]


def dispatch(order: WorkOrder, command: Dispatch, context: Context) -> list[Event]:
    """派单: the units' clocks start; the citizen's promised date is the latest of them and stays."""
    routing = command.routing
    must_wait_at(order, command.desk)
    if order.status is not Status.PENDING_DISPATCH:
        if [(duty.unit, duty.role) for duty in order.duties] == [(unit.unit, unit.role) for unit in routing.units]:
            return []
        raise wrong_status(order, "派单")
    return [_dispatched(order, routing, command.by, command.desk, context)]


def _dispatched(
    order: WorkOrder | Open, routing: Routing, by: str | None, desk: str | None, context: Context
) -> happened.OrderDispatched:
    obligations = duty_rules.assign(routing.units, routing.terms, order.urgency, context.clock, context.now)
    promised_at = None
    if isinstance(order, WorkOrder):
        promised_at = order.promised_at
        obligations = _kept(order, obligations) if order.duties else obligations
    return happened.OrderDispatched(
        issue_id=order.issue_id,
        appeals=list(order.appeals),
        obligations=obligations,
        co_handlers=list(routing.co_handlers),
        rule=routing.rule,
        reference_version=routing.reference_version,
        contact_hours=routing.terms.contact_hours,
        limit_working_days=routing.terms.limit_working_days,
        promised_at=promised_at or max(obligation.due for obligation in obligations),
        by=by,
        desk=desk,
        urgency=order.urgency,
    )


def _kept(order: WorkOrder, obligations: list[Obligation]) -> list[Obligation]:
    """Whoever has the order already keeps it, clocks and all; only what was returned is dispatched anew."""
    clocks = {duty.unit: duty_rules.obligation_of(duty) for duty in order.duties}
    if clocks.keys() - {obligation.unit for obligation in obligations}:
        raise Rejected("order.keeps_its_units", "其余承办单位已在办理，须一并列出", field="obligations", status=422)
    if len(obligations) == len(clocks):
        raise Rejected("order.nobody_new", "退回的承办责任须派给新的单位", field="obligations", status=422)
    return [
        clocks[new.unit].model_copy(update={"role": new.role}) if new.unit in clocks else new for new in obligations
    ]
