"""Pre-stages 前置化解: what is tried before the parties are asked (domain.md, Mechanisms, Crossings). Pure.

铁三角: community, owners' committee and property company try first; when their time is over the case goes on by itself.
议事协商: six steps, each recorded with its time, in order, each with a limit; one that is late is seen.
Either can settle the matter, so that its order gets a result without a mediation, or pass it on. Each is tried once.
"""

from datetime import datetime

from contracts.event import Event
from contracts.frozen import replace
from contracts.mediation_prestage import DeliberationStepDone, PrestageBegun, PrestagePassedOn, PrestageSettled
from contracts.rejected import Rejected
from services.mediation.case_model import Case, Context, Status
from services.mediation.prestage_words import (
    AboutPrestage,
    BeginPrestage,
    EndPrestage,
    Participant,
    Prestage,
    RecordStep,
    Result,
    Step,
    Tried,
)
from services.mediation.refusals import wrong_status

PrestageEvent = PrestageBegun | DeliberationStepDone | PrestageSettled | PrestagePassedOn
_PARTNERS = {Participant.OWNERS_COMMITTEE, Participant.PROPERTY_COMPANY}


def decide_prestage(case: Case, command: AboutPrestage, context: Context) -> list[Event]:
    """What happens. Raises ``Rejected`` with code ``case.*``."""
    tried = case.prestage
    match command:
        case BeginPrestage():
            return _begin(case, command, context)
        case RecordStep(step):
            done = tried is not None and step in {other for other, _ in tried.steps}
            return [] if done else _record(case, command, context)
        case EndPrestage(settled):
            result = Result.SETTLED if settled else Result.PASSED_ON
            return [] if tried is not None and tried.result is result else _end(case, command, context)


def _begin(case: Case, command: BeginPrestage, context: Context) -> list[Event]:
    if case.status is Status.PRE_STAGE and case.prestage is not None and case.prestage.kind is command.kind:
        return []
    if case.status is not Status.REGISTERED:
        raise wrong_status(case)
    if command.kind in case.prestages:
        raise Rejected("case.prestage_tried", "该前置化解已经进行过，请审查是否调解")
    came = set(command.participants)
    if command.kind is Prestage.TRIANGLE and not (Participant.COMMUNITY in came and came & _PARTNERS):
        message = "铁三角须有社区，以及业主委员会或物业企业参与"
        raise Rejected("case.triangle_incomplete", message, field="participants", status=422)
    first = "triangle" if command.kind is Prestage.TRIANGLE else f"deliberation_{Step.COLLECT}"
    return [
        PrestageBegun(
            kind=command.kind,
            participants=[one.value for one in command.participants],
            step_due=context.due(first, context.now),
            by=command.by.id,
        )
    ]


def _record(case: Case, command: RecordStep, context: Context) -> list[Event]:
    tried = case.prestage
    if case.status is not Status.PRE_STAGE or tried is None or tried.kind is not Prestage.DELIBERATION:
        raise wrong_status(case)
    if command.step is not tried.next_step:
        raise Rejected("case.step_order", "议事协商六步应按顺序记录，不能跳步", field="step", status=422)
    before = tried.steps[-1][1] if tried.steps else command.held_at
    if not before <= command.held_at <= context.now:
        raise Rejected("case.step_time", "时间应不早于上一步、不晚于现在", field="held_at", status=422)
    after = replace(tried, steps=(*tried.steps, (command.step, command.held_at))).next_step
    limit = "deliberation_outcome" if after is None else f"deliberation_{after}"
    return [
        DeliberationStepDone(
            step=command.step,
            held_at=command.held_at,
            next_due=context.due(limit, context.now),
            by=command.by.id,
        )
    ]


def _end(case: Case, command: EndPrestage, context: Context) -> list[Event]:
    tried = case.prestage
    if case.status is not Status.PRE_STAGE or tried is None:
        raise wrong_status(case)
    if not command.settled:
        return [_passed_on(tried, "not_settled", command.by.id, context)]
    if tried.next_step is not None:
        raise Rejected("case.steps_open", "议事协商六步完成后才能确认化解")
    revisit_due = context.due("revisit", context.now)
    return [PrestageSettled(order_id=case.order_id, kind=tried.kind, revisit_due=revisit_due, by=command.by.id)]


def triangle_is_over(case: Case, context: Context) -> list[Event]:
    """铁三角 did not settle it in time: the case goes on to the screening, so that it cannot get stuck there."""
    due = case.timers.get("triangle")
    if due is None or due > context.now or case.prestage is None:
        return []
    return [_passed_on(case.prestage, "overdue", None, context)]


def _passed_on(tried: Tried, cause: str, by: str | None, context: Context) -> PrestagePassedOn:
    screen_due = context.due("screen", context.now)
    return PrestagePassedOn(kind=tried.kind, cause=cause, screen_due=screen_due, by=by)


def evolve_prestage(case: Case, event: PrestageEvent) -> Case:
    """The case after an event of a pre-stage."""
    match event:
        case PrestageBegun():
            kind = Prestage(event.kind)
            tried = Tried(kind, tuple(Participant(one) for one in event.participants))
            begun = replace(case, status=Status.PRE_STAGE, prestage=tried, prestages=(*case.prestages, kind))
            return _until(begun, kind, event.step_due)
        case DeliberationStepDone():
            tried = case.prestage or Tried(Prestage.DELIBERATION, ())
            steps = (*tried.steps, (Step(event.step), event.held_at))
            return _until(replace(case, prestage=replace(tried, steps=steps)), tried.kind, event.next_due)
        case PrestageSettled():
            settled = _with_result(replace(case, status=Status.SETTLED), Result.SETTLED)
            return _until(settled, "revisit", event.revisit_due)
        case PrestagePassedOn():
            passed = _with_result(replace(case, status=Status.REGISTERED), Result.PASSED_ON)
            return _until(passed, "screen", event.screen_due)


def _with_result(case: Case, result: Result) -> Case:
    return replace(case, prestage=replace(case.prestage, result=result)) if case.prestage else case


def _until(case: Case, step: str, due: datetime) -> Case:
    return replace(case, timers={str(step): due}, late={})
