"""What mediation 化解 publishes of pre-stages 前置化解, tried before a mediation. ``mediation.cases`` too."""

from typing import ClassVar

from pydantic import Field

from contracts.codes import Code, Id, StaffId, Time
from contracts.event import Event

_KIND = "triangle 铁三角 | deliberation 议事协商"


class PrestageBegun(Event):
    """前置化解开始: 铁三角 or 议事协商 is tried first [P]; the order's clock runs on."""

    type: ClassVar[str] = "qingcheng.mediation.case.prestage_begun.v1"
    kind: Code = Field(description=_KIND)
    participants: list[Code] = Field(
        description="community 社区 | owners_committee 业委会 | property_company 物业 | residents 居民 | office 部门"
    )
    step_due: Time
    by: StaffId


class DeliberationStepDone(Event):
    """议事协商的一步 was taken [P]; what was said stays in the service."""

    type: ClassVar[str] = "qingcheng.mediation.case.deliberation_step_done.v1"
    step: Code = Field(description="collect | decide | deliberate | publish | carry_out | evaluate")
    held_at: Time
    next_due: Time = Field(description="When the next step, or after the last one the outcome, is due.")
    by: StaffId


class PrestageSettled(Event):
    """前置化解成功: the matter is settled without a mediation; an order gets this as its result."""

    type: ClassVar[str] = "qingcheng.mediation.case.prestage_settled.v1"
    order_id: Id | None
    kind: Code = Field(description=_KIND)
    revisit_due: Time
    by: StaffId


class PrestagePassedOn(Event):
    """前置化解未成: the case goes on to the screening."""

    type: ClassVar[str] = "qingcheng.mediation.case.prestage_passed_on.v1"
    kind: Code = Field(description=_KIND)
    cause: Code = Field(description="not_settled 未化解 | overdue 逾期")
    screen_due: Time
    by: StaffId | None


PRESTAGE_EVENTS: tuple[type[Event], ...] = (PrestageBegun, DeliberationStepDone, PrestageSettled, PrestagePassedOn)
