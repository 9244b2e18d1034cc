"""工单 WorkOrder: from the accepted issue to the last call-back (domain.md, WorkOrder). Pure.

Here is what is decided about dispatch, units and timers. Commands are in ``order_commands``, state, folding and
timers in ``order_state``, the rules of one unit's duty in ``obligations``, review and call-backs in ``order_closing``.
"""

from contracts import router as happened
from contracts.codes import SupervisionLevel
from contracts.event import Event
from contracts.rejected import Rejected
from services.router import obligations as duty_rules
from services.router import order_dispatch, order_recount, order_requests, order_turns
from services.router.obligations import Duty, Step
from services.router.order_closing import hear, results, review
from services.router.order_commands import (
    AddAppeal,
    BlowWhistle,
    Command,
    Contact,
    Context,
    DeadlineReached,
    Dispatch,
    DispatchAtOnce,
    Handle,
    Open,
    RecordRevisit,
    Refer,
    Remind,
    ReturnFromMediation,
    Review,
    SettleByMediation,
    SettleWhistle,
    Sign,
    StopClock,
    Submit,
)
from services.router.order_decisions import renew, resume, resumed, rule, settle
from services.router.order_model import TERMINAL, Status, WorkOrder
from services.router.order_recount import RecountLimits
from services.router.order_requests import wrong_status
from services.router.order_state import deadlines, evolve
from services.router.request_commands import (
    RenewSuspension,
    RequestExclusion,
    RequestExtension,
    RequestReturn,
    RequestRuling,
    RequestSuspension,
    Resume,
    Rule,
    Settle,
)
from services.router.turn_commands import (
    AddCoHandler,
    Cancel,
    HandOver,
    PassOn,
    RaiseUrgency,
    Reassign,
    Recall,
    SendToDesk,
    Supervise,
    WithdrawAppeal,
)

__all__ = ["Command", "Context", "Status", "WorkOrder", "deadlines", "decide", "evolve"]


def decide(order: WorkOrder, command: Command, context: Context) -> list[Event]:
    """What a command makes happen; nothing if it is already so. Raises Rejected with ``order.*`` codes."""
    match command:
        case Open():
            return order_dispatch.open_order(command, context) if order.status is Status.NONE else []
        case DispatchAtOnce(routing):
            return order_dispatch.at_once(order, routing, context)
        case DeadlineReached(name):
            return _deadline(order, name, context)
        case RecountLimits():
            return order_recount.decide(order, command, context.now)
        case Cancel() | PassOn() | WithdrawAppeal() | RaiseUrgency():
            return order_turns.hear(order, command, context)
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
        case Dispatch():
            return order_dispatch.dispatch(order, command, context)
        case Review():
            return review(order, command, context)
        case Sign() if before := _before(order, command.unit):
            return [happened.OrderSigned(unit=command.unit, automatic=False, by=command.by, replaces=before)]
        case Sign() | Contact() | BlowWhistle() | Refer() | Submit():
            duty = duty_rules.of_unit(order.duties, command.unit)
            return [] if _done(order, duty, command) else _handle(order, duty, command, context)
        case RequestExclusion():
            return order_requests.request_exclusion(order, command, context)
        case RequestReturn() | RequestRuling() | RequestExtension() | RequestSuspension():
            return order_requests.ask(order, command, context)
        case Settle():
            return settle(order, command, context)
        case Rule():
            return rule(order, command, context)
        case RenewSuspension():
            return renew(order, command, context)
        case Resume():
            return resume(order, command, context)
        case Recall() | Reassign() | AddCoHandler() | HandOver() | SendToDesk() | Supervise():
            return order_turns.turn(order, command, context)


def _before(order: WorkOrder, unit: str) -> str | None:
    """转派: whose duty the unit takes over by signing."""
    return next((before for before, heir in order.side.heirs.items() if heir.unit == unit), None)


def _done(order: WorkOrder, duty: Duty, command: Handle) -> bool:
    """Has this very thing already happened? A visit after a call is another contact."""
    match command:
        case Sign():
            return duty.signed
        case Contact(visit=False):
            return duty.contacted
        case Contact(nature=nature):
            return duty.visited and (nature is None or nature == order.side.natures.get(duty.unit))
        case BlowWhistle(whistle_id):
            return whistle_id in order.whistles
        case Refer(case_id):
            return case_id in order.cases
        case Submit(result_id=result_id):
            return result_id == duty.result_id


def _handle(order: WorkOrder, duty: Duty, command: Handle, context: Context) -> list[Event]:
    """办理: what a unit does with its own duty, each on its own clock (双派双考)."""
    if order.status in TERMINAL and duty.step is not Step.SUBMITTED:
        raise wrong_status(order, "办理")
    if isinstance(command, Sign):
        _not_asked(order, duty)
        return [happened.OrderSigned(unit=duty.unit, automatic=False, by=command.by)]
    if order.status is Status.IN_MEDIATION:
        raise wrong_status(order, "办理")
    duty_rules.must_handle(duty)
    if order.aside is not None and duty.unit in order.aside.suspended:
        raise Rejected("order.suspended", "本单位已挂账，恢复办理后方可操作")
    match command:
        case Contact():
            return [_contacted(duty, command, context)]
        case BlowWhistle(whistle_id, unit):
            if not unit.startswith("S"):
                raise Rejected("order.whistle_street_only", "只有街道（乡镇）可以吹哨", status=403)
            return [happened.OrderWhistleBlown(whistle_id=whistle_id, unit=unit)]
        case Refer():
            _no_open_whistle(order)
            _undisturbed(order)
            return [_referred(order, command, context)]
        case Submit(result_id=result_id):
            if not duty.contacted:
                raise Rejected("order.not_contacted", "尚未联系诉求人，不能提交办理结果")
            _no_open_whistle(order)
            return results(order, [duty], result_id, "unit", context, command.fingerprint, command.doubts)


def _referred(order: WorkOrder, command: Refer, context: Context) -> happened.OrderReferred:
    return happened.OrderReferred(
        issue_id=order.issue_id,
        case_id=command.case_id,
        unit=command.unit,
        item_code=order.item_code,
        street_code=order.street_code,
        appeals=list(order.appeals),
        mediation_due=context.clock.limit("petition_wait" if command.to else "mediation_wait", context.now),
        by=command.by,
        to=command.to,
    )


def _contacted(duty: Duty, command: Contact, context: Context) -> happened.OrderContacted:
    """联系 or 上门; a visit may be written down afterwards, with the time at which it was."""
    at = command.visited_at or context.now
    if at > context.now:
        raise Rejected("order.visit_in_future", "上门时间不能晚于现在", field="visited_at", status=422)
    return happened.OrderContacted(
        unit=duty.unit,
        visit=command.visit,
        in_time=at <= duty.contact_due,
        by=command.by,
        nature=command.nature,
        visited_at=command.visited_at,
        visit_id=command.visit_id,
    )


def _not_asked(order: WorkOrder, duty: Duty) -> None:
    if order.asked(duty.unit) is not None:
        raise Rejected("order.request_pending", "本单位已有一项申请待审批")


def _undisturbed(order: WorkOrder) -> None:
    """转调解、转信访代办 concerns the whole order: nothing else may be under way in it."""
    for duty in order.duties:
        _not_asked(order, duty)
    if order.side.suspended:
        raise Rejected("order.suspended", "已有承办单位挂账，恢复办理后方可转调解")
    if order.side.heirs:
        raise Rejected("order.reassignment_pending", "已转派其他单位，等待其签收")
    if order.side.vacant:
        raise wrong_status(order, "转调解")


def _no_open_whistle(order: WorkOrder) -> None:
    if order.open_whistles:
        raise Rejected("order.whistle_open", "还有未办结的哨声")


def _deadline(order: WorkOrder, name: str, context: Context) -> list[Event]:
    due = deadlines(order).get(name)
    if due is None:
        return []
    match name.split(":"):
        case ["sign", unit]:
            return [happened.OrderSigned(unit=unit, automatic=True, by=None, replaces=_before(order, unit))]
        case ["contact", unit]:
            limit = duty_rules.of_unit(order.duties, unit).contact_due
            return [happened.OrderStepOverdue(step="contact", due_at=limit, unit=unit)]
        case ["yellow", unit]:
            return [happened.OrderSupervised(level=SupervisionLevel.YELLOW, unit=unit, reason="limit_80")]
        case ["red", unit]:
            return [happened.OrderSupervised(level=SupervisionLevel.RED, unit=unit, reason="overdue")]
        case ["recheck", unit]:
            return resumed(order, unit, None, context)
        case [step, unit]:
            request = next(request for request in order.requests_of(unit) if request.step == step)
            return [happened.OrderStepOverdue(step=step, due_at=due, request_id=request.id)]
        case _:
            return [happened.OrderStepOverdue(step=name, due_at=due)]
