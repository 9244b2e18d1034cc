"""What a unit asks for in its order: 退单, 裁定, 延期, 挂账, 剔除 (domain.md, WorkOrder). Pure.

What is decided of it is in ``order_decisions``. One request per obligation waits at a time, an exclusion beside it;
clocks run on meanwhile.
"""

from datetime import datetime

from contracts import router_requests as happened
from contracts.codes import Urgency
from contracts.event import Event
from contracts.rejected import Rejected
from services.router import obligations as duty_rules
from services.router.obligations import Duty, Step
from services.router.order_commands import Context
from services.router.order_model import STATUS_ZH, Request, RequestKind, Status, WorkOrder
from services.router.request_commands import (
    Ask,
    ExclusionReason,
    RequestExclusion,
    RequestExtension,
    RequestReturn,
    RequestRuling,
    RequestSuspension,
)


def ask(order: WorkOrder, command: Ask, context: Context) -> list[Event]:
    """A unit asks about its own duty. Raises Rejected; the same request again changes nothing."""
    duty = duty_rules.of_unit(order.duties, command.unit)
    waiting = order.asked(duty.unit)
    if waiting is not None:
        if _same(waiting, command):
            return []
        raise Rejected("order.request_pending", "本单位已有一项申请待审批")
    if order.status in _NOT_ASKED:
        raise wrong_status(order, "提出申请")
    if duty.unit in order.side.heirs:
        raise Rejected("order.reassignment_pending", "已转派其他单位，等待其签收")
    match command:
        case RequestReturn():
            return [_return(order, duty, command, context)]
        case RequestRuling():
            return [_ruling(order, duty, command, context)]
        case RequestExtension():
            return [_extension(order, duty, command, context)]
        case RequestSuspension():
            return [_suspension(order, duty, command, context)]


_NOT_ASKED = frozenset({Status.IN_MEDIATION, Status.PENDING_REVISIT, Status.CLOSED, Status.CANCELLED})


def _same(waiting: Request, command: Ask) -> bool:
    match command:
        case RequestReturn(reason=reason, to=to):
            return (waiting.kind, waiting.reason, waiting.to) == (RequestKind.RETURN, reason, to)
        case RequestRuling(reason=reason, to=to):
            return (waiting.kind, waiting.reason, waiting.to) == (RequestKind.RULING, reason, to)
        case RequestExtension(reason=reason, working_days=days):
            return (waiting.kind, waiting.reason, waiting.working_days) == (RequestKind.EXTENSION, reason, days)
        case RequestSuspension(reason=reason, recheck_due=due):
            return (waiting.kind, waiting.reason, waiting.recheck_due) == (RequestKind.SUSPENSION, reason, due)


def _return(order: WorkOrder, duty: Duty, command: RequestReturn, context: Context) -> happened.OrderReturnRequested:
    """申请退单: in the sign limit, at most twice in an order; the third goes to a binding ruling by the supervisor."""
    if duty.step is not Step.TO_SIGN:
        raise Rejected("order.already_signed", "本单位已签收，不能退单；可申请裁定")
    _not_held(order)
    if duty.unit in order.side.barred or duty.unit in order.side.ruled:
        raise Rejected("order.return_barred", "退单申请已被驳回或已裁定，本单位不能再次退单")
    if context.now > duty.sign_due:
        raise Rejected("order.return_too_late", "签收时限已过，不能退单")
    _another(order, command.to)
    number = order.side.returns + 1
    binding = number > context.counts.returns
    return happened.OrderReturnRequested(
        request_id=command.request_id,
        unit=duty.unit,
        reason=command.reason,
        suggested_unit=command.to,
        number=number,
        binding=binding,
        review_due=context.clock.limit("ruling" if binding else "return_review", context.now),
        by=command.by,
    )


def _ruling(order: WorkOrder, duty: Duty, command: RequestRuling, context: Context) -> happened.OrderRulingRequested:
    """申请裁定: whoever signed stays responsible until the ruling (首接负责), once."""
    duty_rules.must_handle(duty)
    if duty.unit in order.side.ruled:
        raise Rejected("order.ruled", "已裁定由本单位办理，不能再次申请")
    _not_suspended(order, duty)
    _another(order, command.to)
    return happened.OrderRulingRequested(
        request_id=command.request_id,
        unit=duty.unit,
        reason=command.reason,
        suggested_unit=command.to,
        ruling_due=context.clock.limit("ruling", context.now),
        by=command.by,
    )


def _extension(
    order: WorkOrder, duty: Duty, command: RequestExtension, context: Context
) -> happened.OrderExtensionRequested:
    """申请延期: before expiry, at most two granted, each no longer than the first limit."""
    duty_rules.must_handle(duty)
    _not_held(order)
    _not_suspended(order, duty)
    if context.now > duty.due:
        raise Rejected("order.extension_too_late", "办理时限已过，不能申请延期")
    if order.side.extensions.get(duty.unit, 0) >= context.counts.extensions:
        raise Rejected("order.extensions_used_up", f"最多延期{context.counts.extensions}次")
    longest = order.terms.limit_working_days
    if command.working_days > longest:
        text = f"每次延期不能超过首次办理时限（{longest}个工作日）"
        raise Rejected("order.extension_too_long", text, field="working_days", status=422)
    return happened.OrderExtensionRequested(
        request_id=command.request_id,
        unit=duty.unit,
        reason=command.reason,
        working_days=command.working_days,
        review_due=context.clock.limit("extension_review", context.now),
        by=command.by,
    )


def _suspension(
    order: WorkOrder, duty: Duty, command: RequestSuspension, context: Context
) -> happened.OrderSuspensionRequested:
    """申请挂账: a real difficulty with a reason, a plan and a date on which it is looked at again."""
    duty_rules.must_handle(duty)
    _not_held(order)
    _not_suspended(order, duty)
    check_recheck(command.recheck_due, context)
    return happened.OrderSuspensionRequested(
        request_id=command.request_id,
        unit=duty.unit,
        reason=command.reason,
        recheck_due=command.recheck_due,
        review_due=context.clock.limit("suspension_review", context.now),
        by=command.by,
    )


def request_exclusion(order: WorkOrder, command: RequestExclusion, context: Context) -> list[Event]:
    """申请剔除: from signing until five working days after the order was closed, whatever state it is in."""
    duty = duty_rules.of_unit(order.duties, command.unit)
    if duty.unit in order.side.excluded:
        return []
    for waiting in order.requests_of(duty.unit):
        if waiting.kind is RequestKind.EXCLUSION:
            if (waiting.reason, waiting.exclusion_code) == (command.reason, command.exclusion_code):
                return []
            raise Rejected("order.request_pending", "本单位已有一项剔除申请待审批")
    if order.status is Status.CANCELLED:
        raise wrong_status(order, "申请剔除")
    if order.status is Status.CLOSED:
        if order.exclusion_until is None or context.now > order.exclusion_until:
            raise Rejected("order.exclusion_too_late", "归档后申请剔除的期限已过")
    elif duty.step is Step.TO_SIGN:
        raise Rejected("order.not_signed", "工单尚未签收")
    if (command.reason is ExclusionReason.EXCLUSION_ITEM) is (command.exclusion_code is None):
        text = "以不受理清单为由时须给出清单条目，其他事由不能给出"
        raise Rejected("order.exclusion_item_required", text, field="exclusion_code", status=422)
    return [exclusion(command.request_id, duty.unit, command.reason, command.exclusion_code, context, command.by)]


def exclusion(
    request_id: str, unit: str, reason: ExclusionReason, code: str | None, context: Context, by: str | None
) -> happened.OrderExclusionRequested:
    """The request of a unit, or of the rules (``by`` None)."""
    return happened.OrderExclusionRequested(
        request_id=request_id,
        unit=unit,
        reason=reason,
        exclusion_code=code,
        review_due=context.clock.limit("exclusion_review", context.now),
        by=by,
    )


def _not_held(order: WorkOrder) -> None:
    if order.urgency is Urgency.EMERGENCY:
        raise Rejected("order.emergency_not_held", "突发工单先行处置，不退单、不延期、不挂账；单位有误可申请裁定")


def _not_suspended(order: WorkOrder, duty: Duty) -> None:
    if duty.unit in order.side.suspended:
        raise Rejected("order.suspended", "本单位已挂账，恢复办理后方可操作")


def check_recheck(due: datetime, context: Context) -> None:
    """Raises Rejected unless the re-check date lies ahead, and not too far."""
    if not context.now < due <= context.clock.limit("suspension_longest", context.now):
        raise Rejected("order.recheck_date", "复核日期应在今后，且不超过挂账最长期限", field="recheck_at", status=422)


def _another(order: WorkOrder, unit: str) -> None:
    if unit in order.units:
        raise Rejected("order.suggest_another", "建议单位应为本工单承办单位以外的单位", field="unit", status=422)


def wrong_status(order: WorkOrder, what: str) -> Rejected:
    """The refusal of a command that the order's status does not allow."""
    return Rejected("order.wrong_status", f"工单当前状态（{STATUS_ZH[order.status]}）不能{what}")
