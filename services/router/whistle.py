"""吹哨报到 Whistle: a street calls departments, they report in, the street rates them (domain.md, Whistle). Pure.

Here is what is decided about calling: draft, approval, blowing, cancelling, timers. Commands are in
``whistle_commands``, state, folding and timers in ``whistle_state``, a department's own steps and the panel's rulings
in ``whistle_lines``, ratings in ``whistle_ratings``.
"""

from contracts import router_whistles as happened
from contracts.event import Event
from contracts.rejected import Rejected
from services.router import whistle_succession
from services.router.whistle_commands import (
    Approve,
    Blow,
    CancelWithOrder,
    Command,
    Context,
    DeadlineReached,
    Discard,
    Evaluate,
    HandOver,
    Kind,
    OnDraft,
    RateWhistler,
    Refuse,
    Revise,
    Rule,
    Supervise,
)
from services.router.whistle_lines import called_line, cancelled, of_kind, overdue, rule, step, supervise
from services.router.whistle_ratings import evaluate, rate_whistler
from services.router.whistle_state import Line, LineStatus, Status, Whistle, deadlines, evolve

__all__ = ["Command", "Context", "Line", "LineStatus", "Status", "Whistle", "deadlines", "decide", "evolve"]


def decide(whistle: Whistle, command: Command, context: Context) -> list[Event]:
    """What a command makes happen; nothing if it is already so. Raises Rejected with ``whistle.*`` codes."""
    match command:
        case Blow():
            return _begin(command, context) if whistle.status is Status.NONE else []
        case DeadlineReached(name):
            return _deadline(whistle, name)
        case CancelWithOrder(reason):
            ends = whistle.status in (Status.DRAFT, Status.BLOWN) and whistle.kind != Kind.EMERGENCY
            return [cancelled(whistle, reason, None)] if ends else []
        case HandOver():
            return whistle_succession.hand_over(whistle, command)
        case _ if whistle.status is Status.NONE:
            raise Rejected("whistle.not_found", "没有这个哨声", status=404)
        case Approve() | Refuse() | Revise() | Discard():
            return _draft(whistle, command, context)
        case _ if whistle.status is Status.CANCELLED:
            raise Rejected("whistle.cancelled", "哨声已取消")
        case Rule():
            return rule(whistle, command)
        case Supervise():
            return supervise(whistle, command)
        case Evaluate():
            return evaluate(whistle, command, context)
        case RateWhistler():
            return rate_whistler(whistle, command, context)
        case _:
            return step(whistle, command, context)


def _begin(command: Blow, context: Context) -> list[Event]:
    """Emergencies are blown at once, whatever else has to be approved by the street's leader."""
    if not command.street.startswith("S"):
        raise Rejected("whistle.street_only", "只有街道（乡镇）可以吹哨，村和社区通过所属街道吹哨", status=403)
    if command.requested_by is not None and not command.requested_by.startswith(command.street[1:]):
        raise Rejected("whistle.not_of_this_street", "该村（社区）不属于吹哨街道", field="requested_by", status=422)
    _at_least_two(command.street, command.departments)
    if command.kind is Kind.EMERGENCY:
        whistle = Whistle(Status.NONE, command.order_id, command.issue_id, command.kind, command.street)
        return [_blown(whistle, command.departments, command.by, None, command.requested_by, context)]
    return [
        happened.WhistleDrafted(
            order_id=command.order_id,
            issue_id=command.issue_id,
            kind=command.kind,
            street=command.street,
            called=list(command.departments),
            requested_by=command.requested_by,
            approve_due=context.clock.limit("whistle_approve", context.now),
            by=command.by,
        )
    ]


def _at_least_two(street: str, called: tuple[str, ...]) -> None:
    if len(set(called)) != len(called) or len(called) < 2 or street in called:
        text = "吹哨应召集两个以上不同的部门，且不含吹哨街道自己"
        raise Rejected("whistle.two_departments", text, field="departments", status=422)


def _blown(
    whistle: Whistle, called: tuple[str, ...], by: str, leader: str | None, requested_by: str | None, context: Context
) -> happened.WhistleBlown | happened.WhistleBlownWithoutOrder:
    """The departments' clocks start."""
    now, clock = context.now, context.clock
    departments = [
        happened.Department(
            unit=unit,
            acknowledge_due=clock.limit("whistle_acknowledge", now),
            contact_due=clock.limit("whistle_contact", now),
            report_in_due=clock.limit(of_kind("whistle_report_in", whistle.kind), now),
            result_due=clock.limit(of_kind("whistle_result", whistle.kind), now),
        )
        for unit in called
    ]
    if whistle.order_id is None:
        return happened.WhistleBlownWithoutOrder(
            issue_id=whistle.issue_id,
            kind=whistle.kind,
            street=whistle.street,
            departments=departments,
            by=by,
            approved_by=leader,
            requested_by=requested_by,
        )
    return happened.WhistleBlown(
        order_id=whistle.order_id,
        issue_id=whistle.issue_id,
        kind=whistle.kind,
        street=whistle.street,
        departments=departments,
        by=by,
        approved_by=leader,
        requested_by=requested_by,
    )


def _draft(whistle: Whistle, command: OnDraft, context: Context) -> list[Event]:
    """What the street's leader decides, and what the street does after a refusal."""
    if command.street is not None and command.street != whistle.street:
        raise Rejected("whistle.not_your_unit", "只有吹哨街道可以处理拟吹哨", status=403)
    match command:
        case Approve(street, by):
            if whistle.approved_by is not None:
                return []
            _may_decide(whistle, street, by)
            writer = whistle.drafted_by or by
            return [_blown(whistle, whistle.called, writer, by, whistle.requested_by, context)]
        case Refuse(street, refusal_id, by):
            if whistle.refusal_id == refusal_id:
                return []
            _may_decide(whistle, street, by)
            return [happened.WhistleApprovalRefused(refusal_id=refusal_id, by=by)]
        case Revise():
            return _revise(whistle, command, context)
        case Discard(_, by):
            if whistle.status is Status.CANCELLED:
                return []
            if whistle.status is not Status.DRAFT:
                raise Rejected("whistle.blown_already", "哨声已发出，不能放弃")
            return [cancelled(whistle, "discarded", by)]


def _may_decide(whistle: Whistle, street: str | None, by: str) -> None:
    """The leader decides, never on their own draft; a supervisor only once the leader is late."""
    if whistle.approve_due is None:
        raise Rejected("whistle.not_pending", "该哨声不在待审批状态")
    if by == whistle.drafted_by:
        raise Rejected("whistle.own_draft", "不能审批本人提出的吹哨", status=403)
    if street is None and not whistle.approve_late:
        raise Rejected("whistle.not_overdue", "街道尚在时限之内，督办员不能代为处理", status=403)


def _revise(whistle: Whistle, command: Revise, context: Context) -> list[Event]:
    if whistle.approve_due is not None and whistle.called == command.departments:
        return []
    if whistle.status is not Status.DRAFT or whistle.approve_due is not None:
        raise Rejected("whistle.not_refused", "只有被退回的拟吹哨可以修改重报")
    again = Blow(
        whistle.order_id,
        whistle.issue_id,
        Kind(whistle.kind),
        whistle.street,
        command.departments,
        command.by,
        whistle.requested_by,
    )
    return _begin(again, context)


def _deadline(whistle: Whistle, name: str) -> list[Event]:
    due = deadlines(whistle).get(name)
    if due is None:
        return []
    what, _, unit = name.partition(":")
    said = happened.WhistleStepOverdue(unit=unit or whistle.street, step=what, due_at=due)
    return [said] if what == "approve" else list(overdue(whistle, called_line(whistle, unit), what, said))
