"""When a work order changes hands or ends before its time: recalled, reassigned, handed over, cancelled, reopened.

In ``router.orders`` too.
"""

from typing import ClassVar

from pydantic import Field

from contracts.codes import Code, Id, ItemCode, StaffId, Time, UnitCode, Urgency
from contracts.event import Event
from contracts.router_obligations import Obligation


class OrderRecalled(Event):
    """撤回派单: the dispatcher saw that the units are wrong, before they signed."""

    type: ClassVar[str] = "qingcheng.router.order.recalled.v1"
    units: list[UnitCode] = Field(min_length=1)
    reason: Code = Field(description="wrong_unit | wrong_item | wrong_place | other")
    dispatch_due: Time
    by: StaffId


class OrderReassigned(Event):
    """转派 within the county: the unit before stays responsible until the new one has signed."""

    type: ClassVar[str] = "qingcheng.router.order.reassigned.v1"
    unit: UnitCode = Field(description="Who has it.")
    obligation: Obligation = Field(description="Who gets it: the same limit, its own time to sign and to contact.")
    number: int = Field(ge=1, description="How often the order has changed hands after signing.")
    by: StaffId


class OrderCoHandlerAdded(Event):
    """加派协办."""

    type: ClassVar[str] = "qingcheng.router.order.co_handler_added.v1"
    unit: UnitCode
    by: StaffId


class OrderHandedOver(Event):
    """移交: the unit was abolished; its successor goes on with the same clocks, which is no bounce; or helps."""

    type: ClassVar[str] = "qingcheng.router.order.handed_over.v1"
    unit: UnitCode
    successor: UnitCode | None = Field(description="null: nobody succeeds; a dispatcher looks.")
    dispatch_due: Time | None = Field(description="Set where nobody succeeds.")
    by: StaffId


class OrderCancelled(Event):
    """作废: the issue was withdrawn, merged or transferred; whistles and a case that are open end with it."""

    type: ClassVar[str] = "qingcheng.router.order.cancelled.v1"
    issue_id: Id
    reason: Code = Field(description="withdrawn | merged | transferred")
    merged_into: Id | None = Field(description="The issue that goes on with the callers.")
    whistles: list[Id] = Field(description="Open whistles; emergencies among them go on.")
    case_id: Id | None = Field(description="The case in mediation, or the petition, which ends.")
    round: int = Field(default=0, ge=0, description="The round of call-backs that was under way; 0: none.")
    called: list[Id] = Field(default_factory=list, description="Callers of that round: nobody calls them any more.")
    referred_to: Code | None = Field(default=None, description="petition_proxy: ``case_id`` is a petition.")


class OrderReopened(Event):
    """重新打开: the issue came back; ``next_order_id`` goes to the units that had it last."""

    type: ClassVar[str] = "qingcheng.router.order.reopened.v1"
    next_order_id: Id
    rework: bool = Field(description="重办: it was closed and is not finished. Else its merger was undone.")


class OrderAppealWithdrawn(Event):
    """撤回诉求: one caller is not to be called back any more."""

    type: ClassVar[str] = "qingcheng.router.order.appeal_withdrawn.v1"
    appeal_id: Id
    round: int = Field(default=0, ge=0, description="The round of call-backs that was under way; 0: none.")
    late: bool = Field(
        default=False, description="It was closed already, and ``round`` is that of the caller who had joined then."
    )


class OrderUrgencyRaised(Event):
    """转为突发: danger was seen after the order had been opened; what held it has ended, and people have minutes."""

    type: ClassVar[str] = "qingcheng.router.order.urgency_raised.v1"
    urgency: Urgency
    obligations: list[Obligation] = Field(description="Units that have not signed: less time to sign.")
    dispatch_due: Time | None = Field(description="Set while it waits for a dispatcher: less time for that.")
    by: StaffId = Field(description="Who saw the danger.")
    case_id: Id | None = Field(default=None, description="The case in mediation, which ends: nobody waits for it.")
    referred_to: Code | None = Field(
        default=None, description="petition_proxy: ``case_id`` is a petition, which goes on without the order."
    )


class OrderDeskChanged(Event):
    """转派单台: another dispatcher looks, on the same clock: a county's sub-centre (二级派单), or the city's again."""

    type: ClassVar[str] = "qingcheng.router.order.desk_changed.v1"
    desk: UnitCode | None = Field(description="The county; null: the city's dispatcher.")
    by: StaffId


class OrderLateCallerJoined(Event):
    """归档后并入: a caller joined when it was closed, which intake had not heard of; called back all the same."""

    type: ClassVar[str] = "qingcheng.router.order.late_caller_joined.v1"
    issue_id: Id
    appeal_id: Id
    round: int = Field(ge=1, description="A round of its own: after the last one of the order.")
    item_code: ItemCode


TURN_EVENTS: tuple[type[Event], ...] = (
    OrderRecalled,
    OrderReassigned,
    OrderCoHandlerAdded,
    OrderHandedOver,
    OrderCancelled,
    OrderReopened,
    OrderAppealWithdrawn,
    OrderUrgencyRaised,
    OrderDeskChanged,
    OrderLateCallerJoined,
)
