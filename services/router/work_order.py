"""工单 WorkOrder: from the accepted issue to the last call-back (domain.md, WorkOrder). Pure.

Here is what is decided about dispatch, units and timers. Commands are in ``order_commands``, state, folding and
timers in ``order_state``, the rules of one unit's duty in ``obligations``, review and call-backs in ``order_closing``.
"""

from contracts import router as happened
from contracts.codes import SupervisionLevel
from contracts.event import Event
from contracts.rejected import Rejected
from services.router import obligations as duty_rules
from services.router import order_recount
from services.router.obligations import Duty
from services.router.order_closing import hear, results, review, wrong_status
from services.router.order_commands import (
    AddAppeal,
    BlowWhistle,
    Command,
    Contact,
    Context,
    DeadlineReached,
    Dispatch,
    Handle,
    Open,
    RecordRevisit,
    Refer,
    Remind,
    ReturnFromMediation,
    Review,
    Routing,
    SettleByMediation,
    SettleWhistle,
    Sign,
    StopClock,
    Submit,
)
from services.router.order_recount import RecountLimits
from services.router.order_state import Status, WorkOrder, deadlines, evolve

__all__ = ["Command", "Context", "Status", "WorkOrder", "deadlines", "decide", "evolve"]


def decide(order: WorkOrder, command: Command, context: Context) -> list[Event]:
    """What a command makes happen; nothing if it is already so. Raises Rejected with ``order.*`` codes."""
    match command:
        case Open():
            return _open(command, context) if order.status is Status.NONE else []
        case DeadlineReached(name):
            return _deadline(order, name)
        case RecountLimits():
            return order_recount.decide(order, command, context.now)
        case (
            StopClock()
            | ReturnFromMediation()
            | SettleByMediation()
            | SettleWhistle()
            | RecordRevisit()
            | AddAppeal()
            | Remind()
        ):
            return hear(order, command, context)
        case _ if order.status is Status.NONE:
            raise Rejected("order.not_found", "没有这个工单", status=404)
        case Dispatch(routing, by):
            return _dispatch(order, routing, by, context)
        case Review():
            return review(order, command, context)
        case Sign() | Contact() | BlowWhistle() | Refer() | Submit():
            duty = duty_rules.of_unit(order.duties, command.unit)
            return [] if _done(order, duty, command) else _handle(order, duty, command, context)


def _open(command: Open, context: Context) -> list[Event]:
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
        dispatch_due=context.clock.limit("dispatch_queue", context.now),
    )
    if command.routing is None:
        return [opened]
    return [opened, _dispatched(command, command.routing, None, context)]


def _dispatch(order: WorkOrder, routing: Routing, by: str | None, context: Context) -> list[Event]:
    """派单: the units' clocks start; the citizen's promised date is the latest of them and stays."""
    if order.status is not Status.PENDING_DISPATCH:
        if [(duty.unit, duty.role) for duty in order.duties] == [(unit.unit, unit.role) for unit in routing.units]:
            return []
        raise wrong_status(order, "派单")
    return [_dispatched(order, routing, by, context)]


def _dispatched(
    order: WorkOrder | Open, routing: Routing, by: str | None, context: Context
) -> happened.OrderDispatched:
    obligations = duty_rules.assign(routing.units, routing.terms, order.urgency, context.clock, context.now)
    return happened.OrderDispatched(
        issue_id=order.issue_id,
        appeals=list(order.appeals),
        obligations=obligations,
        co_handlers=list(routing.co_handlers),
        rule=routing.rule,
        reference_version=routing.reference_version,
        contact_hours=routing.terms.contact_hours,
        limit_working_days=routing.terms.limit_working_days,
        promised_at=max(obligation.due for obligation in obligations),
        by=by,
    )


def _done(order: WorkOrder, duty: Duty, command: Handle) -> bool:
    """Has this very thing already happened? A visit after a call is another contact."""
    match command:
        case Sign():
            return duty.signed
        case Contact(visit=visit):
            return duty.visited if visit else duty.contacted
        case BlowWhistle(whistle_id):
            return whistle_id in order.whistles
        case Refer(case_id):
            return case_id in order.cases
        case Submit(result_id=result_id):
            return result_id == duty.result_id


def _handle(order: WorkOrder, duty: Duty, command: Handle, context: Context) -> list[Event]:
    """办理: what a unit does with its own duty, each on its own clock (双派双考)."""
    if isinstance(command, Sign):
        return [happened.OrderSigned(unit=duty.unit, automatic=False, by=command.by)]
    if order.status is Status.IN_MEDIATION:
        raise wrong_status(order, "办理")
    duty_rules.must_handle(duty)
    match command:
        case Contact(unit, visit, by):
            in_time = context.now <= duty.contact_due
            return [happened.OrderContacted(unit=unit, visit=visit, in_time=in_time, by=by)]
        case BlowWhistle(whistle_id, unit):
            if not unit.startswith("S"):
                raise Rejected("order.whistle_street_only", "只有街道（乡镇）可以吹哨", status=403)
            return [happened.OrderWhistleBlown(whistle_id=whistle_id, unit=unit)]
        case Refer():
            _no_open_whistle(order)
            return [_referred(order, command, context)]
        case Submit(result_id=result_id):
            if not duty.contacted:
                raise Rejected("order.not_contacted", "尚未联系诉求人，不能提交办理结果")
            _no_open_whistle(order)
            return results(order, [duty], result_id, "unit", context)


def _referred(order: WorkOrder, command: Refer, context: Context) -> happened.OrderReferred:
    return happened.OrderReferred(
        issue_id=order.issue_id,
        case_id=command.case_id,
        unit=command.unit,
        item_code=order.item_code,
        street_code=order.street_code,
        appeals=list(order.appeals),
        mediation_due=context.clock.limit("mediation_wait", context.now),
        by=command.by,
    )


def _no_open_whistle(order: WorkOrder) -> None:
    if order.open_whistles:
        raise Rejected("order.whistle_open", "还有未办结的哨声")


def _deadline(order: WorkOrder, name: str) -> list[Event]:
    due = deadlines(order).get(name)
    if due is None:
        return []
    match name.split(":"):
        case ["sign", unit]:
            return [happened.OrderSigned(unit=unit, automatic=True, by=None)]
        case ["yellow", unit]:
            return [happened.OrderSupervised(level=SupervisionLevel.YELLOW, unit=unit, reason="limit_80")]
        case ["red", unit]:
            return [happened.OrderSupervised(level=SupervisionLevel.RED, unit=unit, reason="overdue")]
        case _:
            return [happened.OrderStepOverdue(step=name, due_at=due)]
