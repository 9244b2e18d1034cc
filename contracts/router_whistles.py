"""What router 派单督办 publishes about whistles 吹哨报到: topic ``router.whistles``."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from contracts.codes import Code, DivisionCode, Id, StaffId, Time, UnitCode
from contracts.event import Event


class Department(BaseModel):
    """A department called by a whistle, with its clocks."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    unit: UnitCode
    acknowledge_due: Time
    report_in_due: Time
    result_due: Time
    contact_due: Time | None = Field(default=None, description="Until when it should have spoken to the street.")


class WhistleDrafted(Event):
    """拟吹哨: a street means to call departments; its leader decides. Also what it hands in after a refusal."""

    type: ClassVar[str] = "qingcheng.router.whistle.drafted.v1"
    order_id: Id | None = Field(description="null = a walk-in whistle, without a hotline order")
    issue_id: Id
    kind: Code = Field(description="citizen_appeal | joint_enforcement | key_project")
    street: UnitCode
    called: list[UnitCode] = Field(min_length=2)
    requested_by: DivisionCode | None = Field(description="The village or community that asked its street to blow.")
    approve_due: Time
    by: StaffId


class WhistleApprovalRefused(Event):
    """不同意吹哨: back to the street's draft; why stays in private data under ``refusal_id``."""

    type: ClassVar[str] = "qingcheng.router.whistle.approval_refused.v1"
    refusal_id: Code
    by: StaffId


class WhistleBlown(Event):
    """吹哨: a street calls at least two departments."""

    type: ClassVar[str] = "qingcheng.router.whistle.blown.v1"
    order_id: Id
    issue_id: Id
    kind: Code = Field(description="citizen_appeal | joint_enforcement | emergency | key_project")
    street: UnitCode
    departments: list[Department] = Field(min_length=2)
    by: StaffId
    approved_by: StaffId | None = Field(default=None, description="The street's leader; null = an emergency.")
    requested_by: DivisionCode | None = Field(default=None, description="The village or community that asked.")


class WhistleBlownWithoutOrder(Event):
    """无工单吹哨: joint enforcement, a village or a community calls departments; there is no hotline order."""

    type: ClassVar[str] = "qingcheng.router.whistle.blown_without_order.v1"
    issue_id: Id
    kind: Code = Field(description="citizen_appeal | joint_enforcement | emergency | key_project")
    street: UnitCode
    departments: list[Department] = Field(min_length=2)
    by: StaffId
    approved_by: StaffId | None = Field(description="The street's leader; null = an emergency.")
    requested_by: DivisionCode | None = Field(description="The village or community that asked.")


class WhistleAcknowledged(Event):
    """应哨: the department has taken note."""

    type: ClassVar[str] = "qingcheng.router.whistle.acknowledged.v1"
    unit: UnitCode
    in_time: bool
    by: StaffId


class WhistleContacted(Event):
    """联系街道: the department has spoken to the street."""

    type: ClassVar[str] = "qingcheng.router.whistle.contacted.v1"
    unit: UnitCode
    in_time: bool
    by: StaffId


class WhistleObjected(Event):
    """提出异议: the department says why it should not have been called; the text is private data."""

    type: ClassVar[str] = "qingcheng.router.whistle.objected.v1"
    unit: UnitCode
    reason: Code = Field(description="not_our_duty | not_needed | handled_already | other")
    objection_id: Code
    ruling_due: Time
    by: StaffId


class WhistleObjectionUpheld(Event):
    """异议成立: the panel releases the department."""

    type: ClassVar[str] = "qingcheng.router.whistle.objection_upheld.v1"
    unit: UnitCode
    ruling_id: Code
    by: StaffId


class WhistleObjectionRejected(Event):
    """异议不成立: the department goes on; its clocks have run all the while."""

    type: ClassVar[str] = "qingcheng.router.whistle.objection_rejected.v1"
    unit: UnitCode
    ruling_id: Code
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
    score: int | None = Field(default=None, ge=0, le=100, description="What the formula makes of the three.")
    formula: Code | None = Field(default=None, description="Version of the formula")
    solved: bool | None = Field(default=None, description="Whether the last score counts as solved.")
    instead_of_street: bool = Field(default=False, description="A supervisor rated, because the street was late.")


class WhistleRatedUnsolved(Event):
    """评价为未解决: a result is due once more; the second time the whistle is escalated."""

    type: ClassVar[str] = "qingcheng.router.whistle.rated_unsolved.v1"
    unit: UnitCode
    reported_in_score: int = Field(ge=0, le=100)
    acted_score: int = Field(ge=0, le=100)
    solved_score: int = Field(ge=0, le=100)
    score: int = Field(ge=0, le=100)
    formula: Code
    count: int = Field(ge=1)
    result_due: Time
    instead_of_street: bool
    by: StaffId


class WhistleEscalated(Event):
    """提级督办: to the county's leader, who has the department give its result."""

    type: ClassVar[str] = "qingcheng.router.whistle.escalated.v1"
    unit: UnitCode
    county: UnitCode
    reason: Code = Field(description="nobody_came | unsolved_twice")
    result_due: Time


class WhistleSupervised(Event):
    """督办: the county's leader, or a supervisor, on a department that was escalated; the words are private data."""

    type: ClassVar[str] = "qingcheng.router.whistle.supervised.v1"
    unit: UnitCode
    form: Code = Field(description="written 书面 | meeting 会议 | interview 约谈 | on_site 现场 | periodic 定期")
    supervision_id: Code
    by: StaffId


class WhistleWhistlerRated(Event):
    """部门反评: was it right to blow, were the right departments called; 0–100 each."""

    type: ClassVar[str] = "qingcheng.router.whistle.whistler_rated.v1"
    unit: UnitCode = Field(description="The department that rates")
    street: UnitCode = Field(description="The street that is rated")
    needed_score: int = Field(ge=0, le=100)
    precise_score: int = Field(ge=0, le=100)
    score: int = Field(ge=0, le=100)
    formula: Code
    by: StaffId


class WhistleStepOverdue(Event):
    """逾期: a department, the street, its leader or the panel is late; the others go on."""

    type: ClassVar[str] = "qingcheng.router.whistle.step_overdue.v1"
    unit: UnitCode = Field(description="The department whose step, evaluation or ruling is late; of a draft the street")
    step: Code = Field(description="approve | acknowledge | contact | report_in | result | evaluate | ruling")
    due_at: Time


class WhistleClosed(Event):
    """哨声办结: every department is evaluated or released."""

    type: ClassVar[str] = "qingcheng.router.whistle.closed.v1"
    order_id: Id


class WhistleClosedWithoutOrder(Event):
    """无工单哨声办结: every department is evaluated or released."""

    type: ClassVar[str] = "qingcheng.router.whistle.closed_without_order.v1"
    issue_id: Id


class WhistleCancelled(Event):
    """哨声取消: its street dropped the draft, or its order was cancelled; emergencies are never cancelled."""

    type: ClassVar[str] = "qingcheng.router.whistle.cancelled.v1"
    order_id: Id | None
    issue_id: Id
    reason: Code = Field(description="discarded, or why the order was cancelled")
    by: StaffId | None = Field(description="Who dropped the draft; null = with its order")


class WhistleHandedOver(Event):
    """移交: the street or a department was abolished; its successor goes on with the same clocks."""

    type: ClassVar[str] = "qingcheng.router.whistle.handed_over.v1"
    unit: UnitCode
    successor: UnitCode | None = Field(description="null: nobody succeeds; a department is released.")
    by: StaffId


WHISTLE_EVENTS: tuple[type[Event], ...] = (
    WhistleDrafted,
    WhistleApprovalRefused,
    WhistleBlown,
    WhistleBlownWithoutOrder,
    WhistleAcknowledged,
    WhistleContacted,
    WhistleObjected,
    WhistleObjectionUpheld,
    WhistleObjectionRejected,
    WhistleReportedIn,
    WhistleResultRecorded,
    WhistleEvaluated,
    WhistleRatedUnsolved,
    WhistleEscalated,
    WhistleSupervised,
    WhistleWhistlerRated,
    WhistleStepOverdue,
    WhistleClosed,
    WhistleClosedWithoutOrder,
    WhistleCancelled,
    WhistleHandedOver,
)
