"""What is decided of units' requests: approved, rejected, ruled on; 挂账 renewed and resumed (domain.md). Pure."""

from contracts import router as straight
from contracts import router_requests as happened
from contracts.codes import ClosingOutcome, SupervisionLevel, Urgency
from contracts.event import Event
from contracts.frozen import replace
from contracts.rejected import Rejected
from services.router import obligations as duty_rules
from services.router.obligations import Duty
from services.router.order_commands import Context
from services.router.order_desks import must_wait_at
from services.router.order_model import TERMINAL, Request, RequestKind, Status, WorkOrder
from services.router.order_requests import check_recheck, wrong_status
from services.router.request_commands import RenewSuspension, Resume, Rule, Settle


def settle(order: WorkOrder, command: Settle, context: Context) -> list[Event]:
    """审批: returns by a dispatcher, the rest by a reviewer; what is overdue, by the supervisor only."""
    decision = "approved" if command.approve else "rejected"
    request = _pending(order, command.request_id, decision)
    if request is None:
        return []
    _not_own(order, command.unit)
    if request.binding:
        raise Rejected("order.needs_ruling", "该申请须由督办员裁定")
    if "supervisor" not in command.roles:
        if request.overdue or context.now >= request.review_due:
            raise Rejected("order.supervisor_decides", "审批已逾期，转由督办员决定", status=403)
        must_wait_at(order, command.desk if request.kind is RequestKind.RETURN else None)
        role = "dispatcher" if request.kind is RequestKind.RETURN else "reviewer"
        if role not in command.roles:
            raise Rejected("order.not_your_decision", "该申请不由本岗位审批", status=403)
    if not command.approve:
        return [rejected(request, command.by)]
    return _approved(order, request, command.by, context)


def _not_own(order: WorkOrder, unit: str | None) -> None:
    """Nobody decides about what their own unit handles."""
    if unit is not None and unit in (*order.units, *order.co_handlers):
        raise Rejected("order.reviewer_is_handler", "承办单位不能审批自己的申请", status=403)


_REJECTED = {
    RequestKind.RETURN: happened.OrderReturnRejected,
    RequestKind.EXTENSION: happened.OrderExtensionRejected,
    RequestKind.SUSPENSION: happened.OrderSuspensionRejected,
    RequestKind.EXCLUSION: happened.OrderExclusionRejected,
}


def rejected(request: Request, by: str) -> Event:
    """The request does not stand."""
    return _REJECTED[request.kind](request_id=request.id, unit=request.unit, by=by)


def _pending(order: WorkOrder, request_id: str, decision: str) -> Request | None:
    """The request if it waits; None if this very decision was taken. Raises Rejected for another, or none."""
    for request in order.requests:
        if request.id == request_id:
            return request
    decided = order.side.decided.get(request_id)
    if decided is None:
        raise Rejected("order.no_such_request", "没有这项申请，或已作废", status=404)
    if decided != decision:
        raise Rejected("order.already_decided", "该申请已有决定")
    return None


def _approved(order: WorkOrder, request: Request, by: str, context: Context) -> list[Event]:
    if request.kind is RequestKind.EXCLUSION:
        return _excluded(order, request, by, context)
    duty = duty_rules.of_unit(order.duties, request.unit)
    match request.kind:
        case RequestKind.RETURN:
            due = duty_rules.dispatch_due(order.urgency, context.clock, context.now)
            return [happened.OrderReturnApproved(request_id=request.id, unit=request.unit, dispatch_due=due, by=by)]
        case RequestKind.EXTENSION:
            return [_extended(order, request, duty, by, context)]
        case _:
            return [_suspended(order, request, by, context)]


def _extended(
    order: WorkOrder, request: Request, duty: Duty, by: str, context: Context
) -> happened.OrderExtensionApproved:
    """同意延期: so many working days more, counted from the end of the limit, whenever it is decided."""
    days = request.working_days or 0
    due = context.clock.working_days(days, duty.due)
    longer = duty_rules.obligation_of(replace(duty, yellow_at=context.clock.yellow(days, duty.due), due=due))
    return happened.OrderExtensionApproved(
        request_id=request.id,
        unit=request.unit,
        obligations=[longer],
        appeals=list(order.appeals),
        due=due,
        by=by,
    )


def _suspended(order: WorkOrder, request: Request, by: str, context: Context) -> happened.OrderSuspended:
    due = request.recheck_due
    if due is None or due <= context.now:
        raise Rejected("order.recheck_passed", "复核日期已过，请驳回后重新申请")
    return happened.OrderSuspended(
        request_id=request.id,
        unit=request.unit,
        reason=request.reason,
        suspended_at=context.now,
        recheck_due=due,
        appeals=list(order.appeals),
        by=by,
    )


def _excluded(order: WorkOrder, request: Request, by: str, context: Context) -> list[Event]:
    """剔除: an item of the exclusion list ends an open order with an explanation; else it is handled on, unscored."""
    open_ = order.status not in TERMINAL
    explained = open_ and request.exclusion_code is not None and order.urgency is not Urgency.EMERGENCY
    if explained and order.status is Status.IN_MEDIATION:
        raise wrong_status(order, "解释办结")
    if explained and order.open_whistles:
        raise Rejected("order.whistle_open", "还有未办结的哨声")
    excluded = happened.OrderExcluded(
        request_id=request.id,
        unit=request.unit,
        exclusion_code=request.exclusion_code,
        explained=explained,
        appeals=list(order.appeals),
        by=by,
        round=order.calling if explained else 0,
        called=list(order.called) if explained and order.calling else [],
    )
    return [excluded, closed(order, ClosingOutcome.EXPLAINED, context)] if explained else [excluded]


def closed(order: WorkOrder, outcome: ClosingOutcome, context: Context) -> straight.OrderClosed:
    """归档; for some days a unit may still ask for exclusion."""
    return straight.OrderClosed(
        issue_id=order.issue_id,
        outcome=outcome,
        reworks=order.reworks,
        exclusion_until=context.clock.limit("exclusion_appeal", context.now),
        order_number=order.number,
    )


def rule(order: WorkOrder, command: Rule, context: Context) -> list[Event]:
    """裁定 by the supervisor: the unit keeps it, or another gets it with clocks of its own; no bounce after that."""
    request = _pending(order, command.request_id, command.to)
    if request is None:
        return []
    _not_own(order, command.unit)
    if not request.binding and request.kind is not RequestKind.RETURN:
        raise Rejected("order.no_ruling_asked", "该申请不需要裁定，请审批")
    obligation = None
    if command.to != request.unit:
        must_take(order, command.to)
        role = duty_rules.of_unit(order.duties, request.unit).role
        obligation = duty_rules.obligation(command.to, role, order.terms, order.urgency, context.clock, context.now)
    ruled = happened.OrderRuled(
        request_id=request.id, unit=request.unit, lead_unit=command.to, obligation=obligation, by=command.by
    )
    return [ruled] if obligation is None else [ruled, *moved(order, context)]


def must_take(order: WorkOrder, unit: str) -> None:
    """Raises Rejected for a unit that cannot get the order, or has it."""
    if not unit.startswith(duty_rules.HANDLING_KINDS):
        raise Rejected("order.not_a_handling_unit", "该单位不能承办热线工单", field="unit", status=422)
    if unit in order.units:
        raise Rejected("order.unit_twice", "同一单位不能重复承办", field="unit", status=422)


def moved(order: WorkOrder, context: Context) -> list[Event]:
    """转派次数: from so many on it is a problem order."""
    if order.problem or order.side.moves + 1 < context.counts.problem_reassignments:
        return []
    return [problem("reassignments", context)]


def problem(reason: str, context: Context) -> straight.OrderSupervised:
    """疑难工单, 提级督办: within the warning's time it must have moved [P 48 h]."""
    due = context.clock.limit("problem_warning", context.now)
    return straight.OrderSupervised(level=SupervisionLevel.ESCALATED, unit=None, reason=reason, warning_due=due)


def renew(order: WorkOrder, command: RenewSuspension, context: Context) -> list[Event]:
    """续挂 by the supervisor, at most twice."""
    suspension = order.side.suspended.get(command.unit)
    if suspension is None:
        raise Rejected("order.not_suspended", "该单位没有挂账")
    if suspension.recheck_due == command.recheck_due:
        return []
    _not_own(order, command.own_unit)
    if suspension.renewals >= context.counts.renewals:
        raise Rejected("order.renewals_used_up", f"最多续挂{context.counts.renewals}次")
    check_recheck(command.recheck_due, context)
    return [
        happened.OrderSuspensionRenewed(
            unit=command.unit,
            recheck_due=command.recheck_due,
            number=suspension.renewals + 1,
            appeals=list(order.appeals),
            by=command.by,
        )
    ]


def resume(order: WorkOrder, command: Resume, context: Context) -> list[Event]:
    """恢复办理 by the unit or the supervisor, before the re-check."""
    if command.by_supervisor and command.unit not in order.units:
        raise Rejected("order.not_suspended", "该单位没有挂账")
    duty_rules.of_unit(order.duties, command.unit)
    return resumed(order, command.unit, command.by, context)


def resumed(order: WorkOrder, unit: str, by: str | None, context: Context) -> list[Event]:
    """The clocks go on with the working time that was left; ``by`` None: the re-check date came."""
    suspension = order.side.suspended.get(unit)
    if suspension is None:
        return []
    duty = duty_rules.of_unit(order.duties, unit)
    obligations = [duty_rules.resumed(duty, suspension.since, context.clock, context.now)]
    return [happened.OrderResumed(unit=unit, automatic=by is None, obligations=obligations, by=by)]
