"""What is known of a work order 工单, how its events fold, and which timers run. Pure.

Events carry every instant, so that folding needs no calendar.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from contracts import router as happened
from contracts.codes import Channel, ClosingOutcome, IssueKind, SupervisionLevel, Urgency
from contracts.event import Event
from contracts.frozen import replace
from services.router import obligations as duty_rules
from services.router import order_recount
from services.router.callbacks import Answer
from services.router.obligations import Duty, Step, Terms


class Status(StrEnum):
    """工单状态; with several duties, that of the least advanced."""

    NONE = "none"
    PENDING_DISPATCH = "pending_dispatch"
    PENDING_SIGN = "pending_sign"
    IN_PROGRESS = "in_progress"
    IN_MEDIATION = "in_mediation"
    CLOSE_REVIEW = "close_review"
    PENDING_REVISIT = "pending_revisit"
    CLOSED = "closed"


STATUS_ZH = {
    Status.NONE: "不存在",
    Status.PENDING_DISPATCH: "待派单",
    Status.PENDING_SIGN: "待签收",
    Status.IN_PROGRESS: "办理中",
    Status.IN_MEDIATION: "调解中",
    Status.CLOSE_REVIEW: "办结审核",
    Status.PENDING_REVISIT: "待回访",
    Status.CLOSED: "已归档",
}


@dataclass(frozen=True)
class Watch:
    """A step of the whole order that somebody has to finish; ``overdue`` once that has been said."""

    step: str
    due: datetime
    overdue: bool = False


@dataclass(frozen=True)
class WorkOrder:
    """工单. ``to_call`` are callers who wait for the next round of call-backs, ``called`` those of this round.

    ``due_at`` and ``supervision`` follow from the rest; lists are sorted and filtered by them.
    """

    status: Status = Status.NONE
    issue_id: str = ""
    kind: IssueKind | None = None
    item_code: str = ""
    street_code: str | None = None
    urgency: Urgency = Urgency.NORMAL
    channel: Channel | None = None
    appeals: tuple[str, ...] = ()
    queue_reason: str | None = None
    duties: tuple[Duty, ...] = ()
    co_handlers: tuple[str, ...] = ()
    terms: Terms = field(default_factory=lambda: Terms(0, 0))
    rule: str | None = None
    reference_version: str | None = None
    promised_at: datetime | None = None
    watch: Watch | None = None
    whistles: tuple[str, ...] = ()
    open_whistles: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    case_id: str | None = None
    stopped_at: datetime | None = None
    reviewed: str | None = None
    reviewer: str | None = None
    round: int = 0
    to_call: tuple[str, ...] = ()
    called: tuple[str, ...] = ()
    answers: dict[str, Answer] = field(default_factory=dict)
    reworks: int = 0
    problem: bool = False
    reminders: int = 0
    reminder_id: str | None = None
    outcome: ClosingOutcome | None = None
    due_at: datetime | None = None
    supervision: SupervisionLevel | None = None

    @property
    def units(self) -> list[str]:
        """承办单位."""
        return [duty.unit for duty in self.duties]

    @property
    def unsubmitted(self) -> list[Duty]:
        """Duties whose result is still missing."""
        return [duty for duty in self.duties if duty.step is not Step.SUBMITTED]


def evolve(order: WorkOrder, event: Event) -> WorkOrder:
    """The order after an event; what lists show of it is worked out anew."""
    folded = _handled(_fold(order, event), event)
    status = _status(folded, event)
    return replace(folded, status=status, due_at=_due_at(folded, status), supervision=_supervision(folded))


def _fold(order: WorkOrder, event: Event) -> WorkOrder:
    match event:
        case happened.OrderOpened():
            return replace(
                order,
                issue_id=event.issue_id,
                kind=event.kind,
                item_code=event.item_code,
                street_code=event.street_code,
                urgency=event.urgency,
                channel=event.channel,
                appeals=tuple(event.appeals),
                to_call=tuple(event.appeals),
                queue_reason=event.queue_reason,
                watch=Watch("dispatch", event.dispatch_due),
            )
        case happened.OrderDispatched():
            return replace(
                order,
                co_handlers=tuple(event.co_handlers),
                terms=Terms(event.contact_hours, event.limit_working_days),
                rule=event.rule,
                reference_version=event.reference_version,
                promised_at=event.promised_at,
                watch=None,
            )
        case happened.OrderWhistleBlown(whistle_id=whistle):
            return replace(order, whistles=(*order.whistles, whistle), open_whistles=(*order.open_whistles, whistle))
        case happened.OrderWhistleSettled(whistle_id=whistle):
            return replace(order, open_whistles=tuple(other for other in order.open_whistles if other != whistle))
        case happened.OrderReferred():
            cases = (*order.cases, event.case_id)
            return replace(order, cases=cases, case_id=event.case_id, watch=Watch("mediation", event.mediation_due))
        case happened.OrderClockStopped():
            return replace(order, stopped_at=event.stopped_at)
        case happened.OrderReturnedFromMediation():
            return replace(order, case_id=None, stopped_at=None, watch=None)
        case happened.OrderResultSubmitted():
            watch = Watch("close_review", event.review_due) if event.review_due else None
            return replace(order, case_id=None, stopped_at=None, reviewed=None, watch=watch)
        case happened.OrderReturnedForRework():
            return replace(order, reviewed=event.reason, watch=None)
        case happened.OrderStepOverdue():
            return replace(order, watch=order.watch and replace(order.watch, overdue=True))
        case happened.OrderSupervised(unit=None):
            return replace(order, problem=True)
        case happened.OrderReminded():
            return replace(order, reminders=order.reminders + 1, reminder_id=event.reminder_id)
        case happened.OrderAppealAdded(appeal_id=appeal):
            return replace(order, appeals=(*order.appeals, appeal), to_call=(*order.to_call, appeal))
        case happened.OrderLimitsRecomputed():
            return order_recount.evolve(order, event)
        case _:
            return _called_back(order, event)


def _called_back(order: WorkOrder, event: Event) -> WorkOrder:
    match event:
        case happened.OrderCompleted():
            return replace(
                order,
                reviewed="passed",
                reviewer=event.by,
                round=event.round,
                called=tuple(event.appeals),
                to_call=(),
                answers={appeal: answer for appeal, answer in order.answers.items() if appeal not in event.appeals},
                watch=Watch("revisit", event.revisit_due),
            )
        case happened.OrderRevisitNoted():
            return replace(order, answers={**order.answers, event.appeal_id: Answer(event.answer)})
        case happened.OrderReworked():
            return replace(
                order, reviewed=None, reworks=event.count, called=(), to_call=tuple(event.appeals), watch=None
            )
        case happened.OrderClosed():
            return replace(order, outcome=event.outcome, watch=None)
        case _:
            return order


def _handled(order: WorkOrder, event: Event) -> WorkOrder:
    """What an event means for the duties."""
    duties = order.duties
    match event:
        case happened.OrderDispatched():
            return replace(order, duties=tuple(duty_rules.taken(obligation) for obligation in event.obligations))
        case happened.OrderReturnedFromMediation():
            return replace(order, duties=duty_rules.clocks(duties, event.obligations))
        case happened.OrderReturnedForRework():
            opened = [duty_rules.reopened(duty, event.reason == "not_contacted") for duty in duties]
            return replace(order, duties=duty_rules.clocks(opened, event.obligations))
        case happened.OrderReworked():
            opened = [duty_rules.restarted(duty) for duty in duties]
            return replace(order, duties=duty_rules.clocks(opened, event.obligations))
        case _ if duties:
            return replace(order, duties=tuple(duty_rules.evolve(duty, event) for duty in duties))
        case _:
            return order


def _status(order: WorkOrder, event: Event) -> Status:
    match event:
        case happened.OrderOpened():
            return Status.PENDING_DISPATCH
        case happened.OrderCompleted():
            return Status.PENDING_REVISIT
        case happened.OrderClosed():
            return Status.CLOSED
        case (
            happened.OrderDispatched()
            | happened.OrderSigned()
            | happened.OrderReferred()
            | happened.OrderReturnedFromMediation()
            | happened.OrderResultSubmitted()
            | happened.OrderReturnedForRework()
            | happened.OrderReworked()
        ):
            return _least_advanced(order)
        case _:
            return order.status


def _least_advanced(order: WorkOrder) -> Status:
    if order.case_id is not None:
        return Status.IN_MEDIATION
    steps = {duty.step for duty in order.duties}
    if Step.TO_SIGN in steps:
        return Status.PENDING_SIGN
    return Status.IN_PROGRESS if Step.TO_HANDLE in steps else Status.CLOSE_REVIEW


def _due_at(order: WorkOrder, status: Status) -> datetime | None:
    """What lists count down to: the step's end, or that of the unit which has the least time."""
    if order.watch is not None:
        return order.watch.due
    if status is Status.PENDING_SIGN:
        return min(duty.sign_due for duty in order.duties if duty.step is Step.TO_SIGN)
    return min((duty.due for duty in order.unsubmitted), default=None)


def _supervision(order: WorkOrder) -> SupervisionLevel | None:
    if order.problem:
        return SupervisionLevel.ESCALATED
    if any(duty.red for duty in order.duties):
        return SupervisionLevel.RED
    return SupervisionLevel.YELLOW if any(duty.yellow for duty in order.duties) else None


def deadlines(order: WorkOrder) -> dict[str, datetime]:
    """Every timer that runs: the step of the whole order, and those of its duties unless mediation has the clock."""
    watch = order.watch
    timers = {watch.step: watch.due} if watch is not None and not watch.overdue else {}
    for duty in order.duties:
        timers |= duty_rules.deadlines(duty, running=order.stopped_at is None)
    return timers
