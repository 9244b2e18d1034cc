"""Request bodies of the router."""

from typing import Annotated

from pydantic import ConfigDict, Field, StrictBool, StrictInt
from pydantic.config import JsonValue

from chassis.requests import Body, LongText
from contracts.codes import ObligationRole, UnitCode
from services.router.order_commands import ReviewReason
from services.router.whistle_commands import Kind

Score = Annotated[StrictInt, Field(ge=0, le=100, description="0–100")]
_MOST_UNITS = 20


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
    """联系诉求人."""

    model_config = _example(visit=True)

    visit: StrictBool = Field(default=False, description="是否上门")


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
    departments: list[UnitCode] = Field(min_length=1, max_length=_MOST_UNITS, description="召集的部门，至少两个")


class EvaluateBody(Body):
    """街道评价."""

    model_config = _example(unit="D15010005", reported_in_score=100, acted_score=90, solved_score=80)

    unit: UnitCode = Field(description="被评价的部门")
    reported_in_score: Score = Field(description="按时报到")
    acted_score: Score = Field(description="认真办理")
    solved_score: Score = Field(description="问题解决")
