"""What router 派单督办 publishes about whistles 吹哨报到: topic ``router.whistles``."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from contracts.codes import Code, Id, StaffId, Time, UnitCode
from contracts.event import Event


class Department(BaseModel):
    """A department called by a whistle, with its clocks."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    unit: UnitCode
    acknowledge_due: Time
    report_in_due: Time
    result_due: Time


class WhistleBlown(Event):
    """吹哨: a street calls at least two departments."""

    type: ClassVar[str] = "qingcheng.router.whistle.blown.v1"
    order_id: Id
    issue_id: Id
    kind: Code = Field(description="citizen_appeal | joint_enforcement | emergency | key_project")
    street: UnitCode
    departments: list[Department] = Field(min_length=2)
    by: StaffId


class WhistleAcknowledged(Event):
    """应哨: the department has taken note."""

    type: ClassVar[str] = "qingcheng.router.whistle.acknowledged.v1"
    unit: UnitCode
    in_time: bool
    by: StaffId


class WhistleReportedIn(Event):
    """报到: the department came."""

    type: ClassVar[str] = "qingcheng.router.whistle.reported_in.v1"
    unit: UnitCode
    in_time: bool
    by: StaffId


class WhistleResultRecorded(Event):
    """反馈办理结果; the text stays in private data under ``result_id``."""

    type: ClassVar[str] = "qingcheng.router.whistle.result_recorded.v1"
    unit: UnitCode
    result_id: Code
    in_time: bool
    evaluate_due: Time
    by: StaffId


class WhistleEvaluated(Event):
    """街道评价: reported in on time, acted, solved; 0–100 each."""

    type: ClassVar[str] = "qingcheng.router.whistle.evaluated.v1"
    unit: UnitCode
    reported_in_score: int = Field(ge=0, le=100)
    acted_score: int = Field(ge=0, le=100)
    solved_score: int = Field(ge=0, le=100)
    by: StaffId


class WhistleStepOverdue(Event):
    """逾期: a department, or the street's evaluation, is late; the others go on."""

    type: ClassVar[str] = "qingcheng.router.whistle.step_overdue.v1"
    unit: UnitCode = Field(description="The department whose step, or whose evaluation by the street, is late")
    step: Code = Field(description="acknowledge | report_in | result | evaluate")
    due_at: Time


class WhistleClosed(Event):
    """哨声办结: every department is evaluated."""

    type: ClassVar[str] = "qingcheng.router.whistle.closed.v1"
    order_id: Id


WHISTLE_EVENTS: tuple[type[Event], ...] = (
    WhistleBlown,
    WhistleAcknowledged,
    WhistleReportedIn,
    WhistleResultRecorded,
    WhistleEvaluated,
    WhistleStepOverdue,
    WhistleClosed,
)
