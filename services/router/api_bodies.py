"""Request bodies of the router."""

from typing import Annotated

from pydantic import ConfigDict, Field, StrictBool, StrictInt
from pydantic.config import JsonValue

from chassis.requests import Body, Instant, LongText, ShortText
from contracts.codes import DivisionCode, Id, ObligationRole, UnitCode
from services.router.order_commands import Nature, ReviewReason
from services.router.turn_commands import SupervisionForm
from services.router.whistle_commands import Kind, ObjectionReason

Score = Annotated[StrictInt, Field(ge=0, le=100, description="0–100")]
_MOST_UNITS = 20
Called = Annotated[list[UnitCode], Field(min_length=1, max_length=_MOST_UNITS, description="召集的部门，至少两个")]


def _example(**values: JsonValue) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [values]})


class ObligationBody(Body):
    """承办单位: 主办 lead, 双派的第二家 dual."""

    unit: UnitCode
    role: ObligationRole = ObligationRole.LEAD


class DispatchBody(Body):
    """派单. Limits are the catalogue's unless the dispatcher sets others; an item it lacks needs both."""

    model_config = _example(obligations=[{"unit": "S150105004", "role": "lead"}], co_handlers=["D15010004"])

    obligations: list[ObligationBody] = Field(min_length=1, max_length=_MOST_UNITS)
    co_handlers: list[UnitCode] = Field(default_factory=list, max_length=_MOST_UNITS, description="协办单位")
    contact_hours: Annotated[StrictInt, Field(ge=1, le=720)] | None = Field(default=None, description="联系时限")
    limit_working_days: Annotated[StrictInt, Field(ge=1, le=250)] | None = Field(default=None, description="办理时限")


class ContactBody(Body):
    """联系诉求人; where a visit was is stored encrypted."""

    model_config = _example(visit=True, nature="reasonable", visited_at="2026-03-02T10:20:00+08:00", place="小区东门")

    visit: StrictBool = Field(default=False, description="是否上门")
    nature: Nature | None = Field(default=None, description="三上门：诉求性质；上门时给出")
    visited_at: Instant | None = Field(default=None, description="上门时间；不给出即为现在")
    place: ShortText | None = Field(default=None, description="上门地点")


class ResultBody(Body):
    """办理结果; stored encrypted."""

    model_config = _example(text="已清理垃圾并增设两个垃圾桶，现场已与诉求人核实。")

    text: LongText = Field(description="办理结果")


class ReviewBody(Body):
    """办结审核; without a reason it passes."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"passed": True}, {"passed": False, "reason": "copied_result"}]}
    )

    passed: StrictBool
    reason: ReviewReason | None = Field(default=None, description="退回原因；退回时必填")


class BlowBody(Body):
    """吹哨."""

    model_config = _example(kind="citizen_appeal", departments=["D15010005", "D15010006"])

    kind: Kind
    departments: Called
    requested_by: DivisionCode | None = Field(default=None, description="请求吹哨的村（社区）的区划代码")


class WalkInBlowBody(BlowBody):
    """无工单吹哨: joint enforcement, a village or a community; its matter is registered at intake."""

    model_config = _example(
        issue_id="01900000-0000-7000-8000-000000000031",
        kind="joint_enforcement",
        departments=["D15010005", "D15010006"],
        requested_by="150102001001",
    )

    issue_id: Id = Field(description="诉求编号")


class ReviseBody(Body):
    """修改重报."""

    model_config = _example(departments=["D15010005", "D15010008"])

    departments: Called


class ReasonBody(Body):
    """不同意的理由; stored encrypted."""

    model_config = _example(text="本街道职权范围内可自行处置，无需召集部门。")

    text: LongText = Field(description="理由")


class ObjectBody(Body):
    """部门异议; stored encrypted."""

    model_config = _example(reason="not_our_duty", text="该处管线产权属供热企业，不在本部门职责之内。")

    reason: ObjectionReason
    text: LongText = Field(description="理由")


class RuleBody(Body):
    """裁定异议; the reasons are stored encrypted."""

    model_config = _example(unit="D15010005", upheld=False, text="依据职责清单，该事项由本部门牵头。")

    unit: UnitCode = Field(description="提出异议的部门")
    upheld: StrictBool = Field(description="异议是否成立")
    text: LongText = Field(description="裁定理由")


class SuperviseWhistleBody(Body):
    """督办一个部门; what is demanded is stored encrypted."""

    model_config = _example(unit="D15010005", form="interview", text="请主要负责人到场说明未报到原因，两日内反馈结果。")

    unit: UnitCode = Field(description="被提级督办的部门")
    form: SupervisionForm
    text: LongText = Field(description="督办要求")


class RateWhistlerBody(Body):
    """部门反评."""

    model_config = _example(needed_score=100, precise_score=80)

    needed_score: Score = Field(description="吹哨必要")
    precise_score: Score = Field(description="召集精准")


class EvaluateBody(Body):
    """街道评价."""

    model_config = _example(unit="D15010005", reported_in_score=100, acted_score=90, solved_score=80)

    unit: UnitCode = Field(description="被评价的部门")
    reported_in_score: Score = Field(description="按时报到")
    acted_score: Score = Field(description="认真办理")
    solved_score: Score = Field(description="问题解决")
