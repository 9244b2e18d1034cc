"""What else becomes of an order: recalled, reassigned, handed over, supervised by hand, cancelled, reopened. Pure."""

from datetime import datetime

from contracts import router as straight
from contracts import router_turns as happened
from contracts.codes import SupervisionLevel, Urgency
from contracts.event import Event
from contracts.rejected import Rejected
from services.router import obligations as duty_rules
from services.router import order_danger, order_desks
from services.router.obligations import Step
from services.router.order_closing import left_late, withdraw
from services.router.order_commands import Context
from services.router.order_decisions import moved, must_take
from services.router.order_model import TERMINAL, Status, WorkOrder
from services.router.order_requests import wrong_status
from services.router.turn_commands import (
    AddCoHandler,
    Cancel,
    CancelReason,
    HandOver,
    PassOn,
    RaiseUrgency,
    Reassign,
    Recall,
    SendToDesk,
    Supervise,
    Turn,
    TurnHeard,
    WithdrawAppeal,
)


def turn(order: WorkOrder, command: Turn, context: Context) -> list[Event]:
    """What people ask. Raises Rejected."""
    if not isinstance(command, Supervise):
        order_desks.check(order, command)
    match command:
        case SendToDesk():
            return order_desks.send(order, command)
        case Recall():
            return _recall(order, command, context)
        case Reassign():
            return _reassign(order, command, context)
        case AddCoHandler():
            return _add_co_handler(order, command)
        case HandOver():
            return _hand_over(order, command, context)
        case Supervise():
            return _supervise(order, command)


def hear(order: WorkOrder, command: TurnHeard, context: Context) -> list[Event]:
    """What follows from intake's events: what has no bearing any more, or not yet, changes nothing."""
    open_ = order.status is not Status.NONE and order.status not in TERMINAL
    match command:
        case Cancel() if open_:
            return _cancel(order, command, context)
        case Cancel():  # it is closed, and intake had not heard of that either
            return [left_late(order, appeal_id) for appeal_id in order.side.late]
        case PassOn(next_order_id, rework) if order.status in TERMINAL and order.side.next_order_id is None:
            return [happened.OrderReopened(next_order_id=next_order_id, rework=rework)]
        case WithdrawAppeal(appeal_id) if open_ and appeal_id in order.appeals:
            return withdraw(order, appeal_id, context)
        case WithdrawAppeal(appeal_id) if appeal_id in order.side.late:
            return [left_late(order, appeal_id)]
        case RaiseUrgency(by) if open_ and order.urgency is not Urgency.EMERGENCY:
            return order_danger.raised(order, by, context)
        case _:
            return []


def _cancel(order: WorkOrder, command: Cancel, context: Context) -> list[Event]:
    """作废, with its whistles and its case; but an emergency is handled whatever the caller wishes."""
    if command.reason is CancelReason.WITHDRAWN and order.urgency is Urgency.EMERGENCY:
        return withdraw(order, command.appeal_id, context) if command.appeal_id in order.appeals else []
    return [
        happened.OrderCancelled(
            issue_id=order.issue_id,
            reason=command.reason,
            merged_into=command.merged_into,
            whistles=list(order.open_whistles),
            case_id=order.case_id,
            referred_to=order.referred_to,
            round=order.calling,
            called=list(order.called) if order.calling else [],
        )
    ]


def _recall(order: WorkOrder, command: Recall, context: Context) -> list[Event]:
    """撤回派单: only what nobody has signed for; whoever signed is responsible (首接负责)."""
    if order.status is Status.PENDING_DISPATCH and order.queue_reason == "recalled":
        return []
    if order.status is not Status.PENDING_SIGN:
        raise wrong_status(order, "撤回派单")
    if order.urgency is Urgency.EMERGENCY:
        raise Rejected("order.emergency_not_held", "突发工单不撤回；签收后可转派")
    return [
        happened.OrderRecalled(
            units=[duty.unit for duty in order.duties if duty.step is Step.TO_SIGN],
            reason=command.reason,
            dispatch_due=duty_rules.dispatch_due(order.urgency, context.clock, context.now),
            by=command.by,
        )
    ]


def _reassign(order: WorkOrder, command: Reassign, context: Context) -> list[Event]:
    """转派: who has it keeps it until the other has signed; the limit stays the same."""
    heir = order.side.heirs.get(command.unit)
    if heir is not None:
        if heir.unit == command.to:
            return []
        raise Rejected("order.reassignment_pending", "已转派其他单位，等待其签收")
    duty = duty_rules.of_unit(order.duties, command.unit)
    if order.status in TERMINAL or order.status is Status.IN_MEDIATION:
        raise wrong_status(order, "转派")
    duty_rules.must_handle(duty)
    if order.asked(duty.unit) is not None:
        raise Rejected("order.request_pending", "该单位有一项申请待审批")
    if duty.unit in order.side.suspended:
        raise Rejected("order.suspended", "该单位已挂账，恢复办理后方可操作")
    must_take(order, command.to)
    if any(other.unit == command.to for other in order.side.heirs.values()):
        raise Rejected("order.unit_twice", "同一单位不能重复承办", field="unit", status=422)
    obligation = duty_rules.inherited(duty, command.to, order.terms, order.urgency, context.clock, context.now)
    reassigned = happened.OrderReassigned(
        unit=duty.unit, obligation=obligation, number=order.side.moves + 1, by=command.by
    )
    return [reassigned, *moved(order, context)]


def _add_co_handler(order: WorkOrder, command: AddCoHandler) -> list[Event]:
    """加派协办: it helps and sees the order; the duty stays the lead's."""
    if command.unit in order.co_handlers:
        return []
    if command.unit in order.units:
        raise Rejected("order.unit_twice", "同一单位不能重复承办", field="unit", status=422)
    if order.status is not Status.IN_PROGRESS:
        raise wrong_status(order, "加派协办单位")
    return [happened.OrderCoHandlerAdded(unit=command.unit, by=command.by)]


def _hand_over(order: WorkOrder, command: HandOver, context: Context) -> list[Event]:
    """移交: clocks, signature and requests go with it; no bounce. Nobody succeeds → a dispatcher."""
    duty = next((duty for duty in order.duties if duty.unit == command.unit), None)
    if order.status in TERMINAL or (duty is None and command.unit not in order.co_handlers):
        return []
    due = None
    if duty is None:
        return [_handed_over(command, None)]
    if command.successor is None:
        if duty.step is Step.SUBMITTED:
            return []
        if order.status is Status.IN_MEDIATION:
            raise wrong_status(order, "移交派单员")
        due = duty_rules.dispatch_due(order.urgency, context.clock, context.now)
    elif not command.successor.startswith(duty_rules.HANDLING_KINDS):
        raise Rejected("order.not_a_handling_unit", "该单位不能承办热线工单", field="successor", status=422)
    return [_handed_over(command, due)]


def _handed_over(command: HandOver, due: datetime | None) -> happened.OrderHandedOver:
    return happened.OrderHandedOver(unit=command.unit, successor=command.successor, dispatch_due=due, by=command.by)


def _supervise(order: WorkOrder, command: Supervise) -> list[Event]:
    """督办 by hand, in one of five forms, yellow or red."""
    if order.side.supervision_id == command.supervision_id:
        return []
    if order.status in TERMINAL:
        raise wrong_status(order, "督办")
    if command.level is SupervisionLevel.ESCALATED:
        raise Rejected("order.supervision_level", "人工督办分黄牌、红牌两级", field="level", status=422)
    return [
        straight.OrderSupervised(
            level=command.level,
            unit=None,
            reason="by_hand",
            form=command.form,
            supervision_id=command.supervision_id,
            by=command.by,
        )
    ]
