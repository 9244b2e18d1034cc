"""What router 派单督办 publishes about work orders 工单 on their straight way, in ``router.orders``.

What units ask for is in ``router_requests``, what happens beside the way in ``router_turns``, whistles are in
``router_whistles``.
"""

from typing import ClassVar

from pydantic import Field

from contracts.codes import (
    Channel,
    ClosingOutcome,
    Code,
    DivisionCode,
    Id,
    IssueKind,
    ItemCode,
    MediationOutcome,
    StaffId,
    SupervisionLevel,
    Time,
    UnitCode,
    Urgency,
)
from contracts.event import Event
from contracts.router_obligations import Obligation as Obligation
from contracts.router_requests import REQUEST_EVENTS
from contracts.router_revisits import OrderRevisitNoted as OrderRevisitNoted
from contracts.router_turns import TURN_EVENTS


class OrderOpened(Event):
    """生成工单: an accepted issue became a work order."""

    type: ClassVar[str] = "qingcheng.router.order.opened.v1"
    issue_id: Id
    kind: IssueKind
    item_code: ItemCode
    street_code: DivisionCode | None
    urgency: Urgency
    channel: Channel
    appeals: list[Id] = Field(min_length=1)
    queue_reason: Code | None = Field(description="Why a dispatcher has to look; null = dispatched by rule.")
    dispatch_due: Time
    earlier_order_id: Id | None = Field(
        default=None, description="The order of the same issue that this one goes on from."
    )
    reworks: int = Field(default=0, ge=0, description="Reworks so far, those of the earlier order included.")
    order_number: int | None = Field(default=None, ge=1, description="Which of the issue it is; null: unknown.")
    desk: UnitCode | None = Field(
        default=None, description="二级派单: the county whose sub-centre looks; null: the city's dispatcher."
    )


class OrderDispatched(Event):
    """派单: units, limits and the promised date; the clock starts here (首接负责)."""

    type: ClassVar[str] = "qingcheng.router.order.dispatched.v1"
    issue_id: Id
    appeals: list[Id]
    obligations: list[Obligation] = Field(min_length=1)
    co_handlers: list[UnitCode] = Field(default_factory=list)
    rule: Code = Field(
        description="Which rule chose the units: locality | sector | dual | emergency_sector | emergency_duty | "
        "dispatcher | earlier_order"
    )
    reference_version: Code
    contact_hours: int = Field(ge=1, description="联系时限, the catalogue's, in hours")
    limit_working_days: int = Field(ge=1, description="办理时限, the catalogue's, in working days")
    promised_at: Time = Field(description="承诺时间, what the citizen is told; does not move with bounces.")
    by: StaffId | None = Field(description="The dispatcher; null = by rule.")
    desk: UnitCode | None = Field(
        default=None, description="二级派单: the county whose sub-centre dispatched; null: the city's, or by rule."
    )
    urgency: Urgency = Field(default=Urgency.NORMAL, description="The order's; emergencies are told at any hour.")


class OrderSigned(Event):
    """签收, or signed automatically when the sign limit ran out."""

    type: ClassVar[str] = "qingcheng.router.order.signed.v1"
    unit: UnitCode
    automatic: bool
    by: StaffId | None
    replaces: UnitCode | None = Field(
        default=None, description="转派: whose duty the unit takes over with this, who has the order no more."
    )


class OrderContacted(Event):
    """联系诉求人: the unit spoke to or visited the caller."""

    type: ClassVar[str] = "qingcheng.router.order.contacted.v1"
    unit: UnitCode
    visit: bool = Field(description="上门: seen in person, not only called")
    in_time: bool
    by: StaffId
    nature: Code | None = Field(
        default=None,
        description="三上门: reasonable 合理, handled | suggestion 建议, talked over | unreasonable 不合理, explained",
    )
    visited_at: Time | None = Field(default=None, description="When the visit was; null: at the time of this event.")
    visit_id: Id | None = Field(default=None, description="Where the visit was is private under this id.")


class OrderWhistleBlown(Event):
    """吹哨: the order waits for a whistle; it cannot be submitted while one is open."""

    type: ClassVar[str] = "qingcheng.router.order.whistle_blown.v1"
    whistle_id: Id
    unit: UnitCode


class OrderWhistleSettled(Event):
    """哨声办结: the whistle has ended, the order may be submitted."""

    type: ClassVar[str] = "qingcheng.router.order.whistle_settled.v1"
    whistle_id: Id


class OrderReferred(Event):
    """转调解、转信访代办: the unit refers the order; its clock runs on until the case or petition is accepted."""

    type: ClassVar[str] = "qingcheng.router.order.referred.v1"
    issue_id: Id
    case_id: Id = Field(description="The case, or the petition.")
    unit: UnitCode
    item_code: ItemCode
    street_code: DivisionCode | None
    appeals: list[Id]
    mediation_due: Time = Field(description="Until when mediation should have ended; then supervisors see it.")
    by: StaffId
    to: Code | None = Field(default=None, description="petition_proxy 信访代办; null: mediation 调解.")


class OrderClockStopped(Event):
    """计时暂停: the case was accepted; mediation has its own clock."""

    type: ClassVar[str] = "qingcheng.router.order.clock_stopped.v1"
    case_id: Id
    stopped_at: Time


class OrderReturnedFromMediation(Event):
    """调解退回: same lead, remaining time."""

    type: ClassVar[str] = "qingcheng.router.order.returned_from_mediation.v1"
    case_id: Id
    outcome: MediationOutcome
    obligations: list[Obligation]


class OrderResultSubmitted(Event):
    """提交办理结果 of one obligation; the text stays in the router's private data under ``result_id``."""

    type: ClassVar[str] = "qingcheng.router.order.result_submitted.v1"
    unit: UnitCode
    result_id: Code = Field(description="Name of the private datum, or the case that settled it")
    source: Code = Field(description="unit | mediation | petition_proxy")
    in_time: bool
    submitted_at: Time = Field(description="The unit's clock stands still from here on.")
    review_due: Time | None = Field(description="Set with the last obligation: the order goes to close review.")
    fingerprint: Code | None = Field(
        default=None,
        description="Keyed digest of the text: the same words have the same, and it leads back to none.",
    )
    doubts: list[Code] = Field(default_factory=list, description="For the reviewer: empty_result | copied_result")


class OrderCompleted(Event):
    """办结审核通过: everybody in ``appeals`` is to be called back."""

    type: ClassVar[str] = "qingcheng.router.order.completed.v1"
    issue_id: Id
    round: int = Field(ge=1, description="1 at first, one more after each rework")
    appeals: list[Id] = Field(min_length=1)
    units: list[UnitCode]
    revisit_due: Time = Field(description="Until when the call-backs should be over; then supervisors see it.")
    by: StaffId = Field(description="The reviewer.")
    doubts: list[Code] = Field(default_factory=list, description="Passed in spite of these.")
    urgency: Urgency = Field(default=Urgency.NORMAL, description="The order's; emergencies are told at any hour.")
    item_code: ItemCode | None = Field(default=None, description="What it is about.")


class OrderReturnedForRework(Event):
    """审核退回: the reviewer found it unfinished."""

    type: ClassVar[str] = "qingcheng.router.order.returned_for_rework.v1"
    reason: Code = Field(description="not_contacted | empty_result | copied_result | unsolved | other")
    obligations: list[Obligation]
    by: StaffId


class OrderReworked(Event):
    """重办: a caller said "not solved"; only those callers are called again."""

    type: ClassVar[str] = "qingcheng.router.order.reworked.v1"
    count: int = Field(ge=1)
    appeals: list[Id]
    obligations: list[Obligation]


class OrderClosed(Event):
    """归档: every caller was called back, or could not be reached."""

    type: ClassVar[str] = "qingcheng.router.order.closed.v1"
    issue_id: Id
    outcome: ClosingOutcome
    reworks: int
    exclusion_until: Time | None = Field(default=None, description="剔除: until when a unit may still ask for it.")
    order_number: int | None = Field(default=None, ge=1, description="Which of the issue it is; null: unknown.")


class OrderSupervised(Event):
    """督办: yellow at 80% of the limit, red when overdue, escalated for a problem order; or by a supervisor's hand."""

    type: ClassVar[str] = "qingcheng.router.order.supervised.v1"
    level: SupervisionLevel
    unit: UnitCode | None = Field(description="Whose obligation; null = the whole order")
    reason: Code = Field(description="limit_80 | overdue | reworks | reassignments | reopened | by_hand")
    form: Code | None = Field(
        default=None, description="By hand: written 书面 | meeting 会议 | interview 约谈 | on_site 现场 | periodic 定期"
    )
    supervision_id: Id | None = Field(default=None, description="By hand: the words are private under this id.")
    warning_due: Time | None = Field(default=None, description="疑难工单: within this it must have moved [P 48 h].")
    by: StaffId | None = Field(default=None, description="The supervisor; null: by rule.")


class OrderStepOverdue(Event):
    """环节逾期: dispatch, contact, review or call-back was not done in its time; supervisors see it."""

    type: ClassVar[str] = "qingcheng.router.order.step_overdue.v1"
    step: Code = Field(
        description="dispatch | contact | close_review | revisit | mediation | problem | return_review | "
        "extension_review | suspension_review | exclusion_review | ruling"
    )
    due_at: Time
    request_id: Id | None = Field(default=None, description="The request that nobody decided: the supervisor does.")
    unit: UnitCode | None = Field(default=None, description="Who has not contacted the caller; null: another step.")


class OrderReminded(Event):
    """催办: the caller asks where it stays."""

    type: ClassVar[str] = "qingcheng.router.order.reminded.v1"
    appeal_id: Id
    reminder_id: Id = Field(description="Which reminder: intake's follow_up_id")


class OrderAppealAdded(Event):
    """并入诉求: one more caller is to be called back."""

    type: ClassVar[str] = "qingcheng.router.order.appeal_added.v1"
    appeal_id: Id


class OrderLimitsRecomputed(Event):
    """时限重算: the calendar has changed, as when a year's notice is known. Earlier ends are in earlier events."""

    type: ClassVar[str] = "qingcheng.router.order.limits_recomputed.v1"
    issue_id: Id
    calendar: Code = Field(description="Which calendar the ends are counted by now")
    recomputed_at: Time
    obligations: list[Obligation] = Field(
        description="Those whose clocks moved; what now ends later is not late any more"
    )
    step_due: Time | None = Field(description="The new end of the step of the whole order; null = as before")
    promised_before: Time | None
    promised_at: Time | None = Field(description="承诺时间, moved to later only; null = as before")
    appeals: list[Id] = Field(description="Callers who are to be told, because the promised time moved")


ORDER_EVENTS: tuple[type[Event], ...] = (
    OrderOpened,
    OrderDispatched,
    OrderSigned,
    OrderContacted,
    OrderWhistleBlown,
    OrderWhistleSettled,
    OrderReferred,
    OrderClockStopped,
    OrderReturnedFromMediation,
    OrderResultSubmitted,
    OrderCompleted,
    OrderRevisitNoted,
    OrderReturnedForRework,
    OrderReworked,
    OrderClosed,
    OrderSupervised,
    OrderStepOverdue,
    OrderReminded,
    OrderAppealAdded,
    OrderLimitsRecomputed,
    *REQUEST_EVENTS,
    *TURN_EVENTS,
)
