"""What units ask for in their orders and what is decided of it: 退单, 裁定, 延期, 挂账, 剔除. In ``router.orders`` too.

The words of a request stay in the router's private data as ``request/<request_id>``.
"""

from typing import ClassVar

from pydantic import Field

from contracts.codes import Code, ExclusionCode, Id, StaffId, Time, UnitCode
from contracts.event import Event
from contracts.router_obligations import Obligation


class OrderReturnRequested(Event):
    """申请退单: the unit says whose it is instead, before it has signed."""

    type: ClassVar[str] = "qingcheng.router.order.return_requested.v1"
    request_id: Id
    unit: UnitCode
    reason: Code = Field(description="not_our_duty | not_our_area | needs_another_lead | duplicate | wrong_facts")
    suggested_unit: UnitCode = Field(description="Who should take it.")
    number: int = Field(ge=1, description="Which return request of the order this is.")
    binding: bool = Field(description="裁定: beyond the quota; the supervisor rules, and that binds.")
    review_due: Time
    by: StaffId


class OrderReturnApproved(Event):
    """同意退单: the obligation is to be dispatched anew; the citizen's promised date stays."""

    type: ClassVar[str] = "qingcheng.router.order.return_approved.v1"
    request_id: Id
    unit: UnitCode
    dispatch_due: Time
    by: StaffId


class OrderReturnRejected(Event):
    """不同意退单: the unit may not ask again."""

    type: ClassVar[str] = "qingcheng.router.order.return_rejected.v1"
    request_id: Id
    unit: UnitCode
    by: StaffId


class OrderRulingRequested(Event):
    """申请裁定: who signed holds another unit to be the right one; it stays responsible until the ruling (首接负责)."""

    type: ClassVar[str] = "qingcheng.router.order.ruling_requested.v1"
    request_id: Id
    unit: UnitCode
    reason: Code = Field(description="not_our_duty | not_our_area | needs_another_lead | duplicate | wrong_facts")
    suggested_unit: UnitCode
    ruling_due: Time
    by: StaffId


class OrderRuled(Event):
    """裁定: the supervisor said who handles it; no unit may return it after that."""

    type: ClassVar[str] = "qingcheng.router.order.ruled.v1"
    request_id: Id
    unit: UnitCode = Field(description="Who had asked.")
    lead_unit: UnitCode = Field(description="Who handles it from now on; the same unit: it keeps it.")
    obligation: Obligation | None = Field(description="The new unit's clocks; null: the same unit keeps it.")
    by: StaffId


class OrderExtensionRequested(Event):
    """申请延期, before the limit has run out."""

    type: ClassVar[str] = "qingcheng.router.order.extension_requested.v1"
    request_id: Id
    unit: UnitCode
    reason: Code = Field(description="complex | many_units | works | weather | waiting_for_caller | other")
    working_days: int = Field(ge=1)
    review_due: Time
    by: StaffId


class OrderExtensionApproved(Event):
    """同意延期: the unit's limit ends later; the callers in ``appeals`` are told."""

    type: ClassVar[str] = "qingcheng.router.order.extension_approved.v1"
    request_id: Id
    unit: UnitCode
    obligations: list[Obligation]
    appeals: list[Id]
    due: Time
    by: StaffId


class OrderExtensionRejected(Event):
    """不同意延期."""

    type: ClassVar[str] = "qingcheng.router.order.extension_rejected.v1"
    request_id: Id
    unit: UnitCode
    by: StaffId


class OrderSuspensionRequested(Event):
    """申请挂账: a real difficulty; the plan is in private data."""

    type: ClassVar[str] = "qingcheng.router.order.suspension_requested.v1"
    request_id: Id
    unit: UnitCode
    reason: Code = Field(description="season | funding | planning | litigation | law_or_policy | history | other")
    recheck_due: Time = Field(description="复核日期: when it is looked at again.")
    review_due: Time
    by: StaffId


class OrderSuspended(Event):
    """挂账: the unit's clock stands still until the re-check; the callers in ``appeals`` are told."""

    type: ClassVar[str] = "qingcheng.router.order.suspended.v1"
    request_id: Id
    unit: UnitCode
    reason: Code
    suspended_at: Time
    recheck_due: Time
    appeals: list[Id]
    by: StaffId


class OrderSuspensionRejected(Event):
    """不同意挂账."""

    type: ClassVar[str] = "qingcheng.router.order.suspension_rejected.v1"
    request_id: Id
    unit: UnitCode
    by: StaffId


class OrderSuspensionRenewed(Event):
    """续挂: the supervisor lets it wait until another re-check; the callers in ``appeals`` are told."""

    type: ClassVar[str] = "qingcheng.router.order.suspension_renewed.v1"
    unit: UnitCode
    recheck_due: Time
    number: int = Field(ge=1)
    appeals: list[Id]
    by: StaffId


class OrderResumed(Event):
    """恢复办理: the working time that was left goes on."""

    type: ClassVar[str] = "qingcheng.router.order.resumed.v1"
    unit: UnitCode
    automatic: bool = Field(description="The re-check date came and nobody renewed.")
    obligations: list[Obligation]
    by: StaffId | None


class OrderExclusionRequested(Event):
    """申请剔除: not to be scored; beside whatever state the order is in."""

    type: ClassVar[str] = "qingcheng.router.order.exclusion_requested.v1"
    request_id: Id
    unit: UnitCode
    reason: Code = Field(description="exclusion_item | beyond_policy | not_our_fault | malicious | score_appeal")
    exclusion_code: ExclusionCode | None = Field(description="The item of the exclusion list that is said to apply.")
    review_due: Time
    by: StaffId | None = Field(description="null: by rule, because a caller's wish is beyond law or policy.")


class OrderExcluded(Event):
    """剔除: out of the unit's score; by an item of the exclusion list explained and closed, and callers are told."""

    type: ClassVar[str] = "qingcheng.router.order.excluded.v1"
    request_id: Id
    unit: UnitCode
    exclusion_code: ExclusionCode | None
    explained: bool = Field(description="解释办结: the order ends with this.")
    appeals: list[Id]
    by: StaffId
    round: int = Field(default=0, ge=0, description="The round of call-backs that ends with it; 0: none.")
    called: list[Id] = Field(default_factory=list, description="Callers of that round: nobody calls them any more.")


class OrderExclusionRejected(Event):
    """不予剔除."""

    type: ClassVar[str] = "qingcheng.router.order.exclusion_rejected.v1"
    request_id: Id
    unit: UnitCode
    by: StaffId


REQUEST_EVENTS: tuple[type[Event], ...] = (
    OrderReturnRequested,
    OrderReturnApproved,
    OrderReturnRejected,
    OrderRulingRequested,
    OrderRuled,
    OrderExtensionRequested,
    OrderExtensionApproved,
    OrderExtensionRejected,
    OrderSuspensionRequested,
    OrderSuspended,
    OrderSuspensionRejected,
    OrderSuspensionRenewed,
    OrderResumed,
    OrderExclusionRequested,
    OrderExcluded,
    OrderExclusionRejected,
)
