"""Request bodies of what units ask for, what is decided of it, and what else becomes of an order."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StrictInt
from pydantic.config import JsonValue

from chassis.requests import Body, Instant, LongText
from contracts.codes import ExclusionCode, SupervisionLevel, UnitCode
from services.router.request_commands import ExclusionReason, ExtensionReason, SuspensionReason, WrongUnit
from services.router.turn_commands import RecallReason, SupervisionForm

_LONGEST_EXTENSION = 250  # working days, about a year; the order's own limit is usually far less


def _example(**values: JsonValue) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [values]})


class WrongUnitBody(Body):
    """申请退单、申请裁定; the text is stored encrypted."""

    model_config = _example(reason="not_our_duty", unit="D15010004", text="该处为学校用地，由市教育局管理。")

    reason: WrongUnit = Field(description="事由")
    unit: UnitCode = Field(description="建议的承办单位")
    text: LongText = Field(description="说明")


class ExtensionBody(Body):
    """申请延期."""

    model_config = _example(reason="works", working_days=3, text="需破路施工，已报批。")

    reason: ExtensionReason = Field(description="事由")
    working_days: Annotated[StrictInt, Field(ge=1, le=_LONGEST_EXTENSION)] = Field(description="延长的工作日")
    text: LongText = Field(description="说明")


class SuspensionBody(Body):
    """申请挂账."""

    model_config = _example(reason="season", recheck_at="2026-12-15T10:00:00+08:00", text="待开春后施工。")

    reason: SuspensionReason = Field(description="困难类别")
    recheck_at: Instant = Field(description="复核日期")
    text: LongText = Field(description="办理计划")


class ExclusionBody(Body):
    """申请剔除."""

    model_config = _example(reason="exclusion_item", exclusion_code="X0101", text="已进入诉讼程序。")

    reason: ExclusionReason = Field(description="事由")
    exclusion_code: ExclusionCode | None = Field(default=None, description="不受理清单条目；仅以其为由时给出")
    text: LongText = Field(description="说明")


class RuleBody(Body):
    """裁定."""

    model_config = _example(unit="D15010004")

    unit: UnitCode = Field(description="由哪个单位办理；原单位即维持")


class RenewBody(Body):
    """续挂."""

    model_config = _example(unit="S150105004", recheck_at="2026-12-20T10:00:00+08:00")

    unit: UnitCode = Field(description="挂账的单位")
    recheck_at: Instant = Field(description="下次复核日期")


class ResumeBody(Body):
    """恢复办理."""

    model_config = _example(unit="S150105004")

    unit: UnitCode | None = Field(default=None, description="督办员须指明单位；承办单位恢复自己的")


class RecallBody(Body):
    """撤回派单."""

    model_config = _example(reason="wrong_unit")

    reason: RecallReason


class ReassignBody(Body):
    """转派."""

    model_config = _example(unit="S150105004", to="S150105005")

    unit: UnitCode = Field(description="现承办单位")
    to: UnitCode = Field(description="转给，须在同一旗县区")


class CoHandlerBody(Body):
    """加派协办."""

    model_config = _example(unit="D15010004")

    unit: UnitCode


class HandOverBody(Body):
    """移交撤并单位的工单."""

    model_config = _example(unit="S150105004", successor="S150105005")

    unit: UnitCode = Field(description="撤并的单位")
    successor: UnitCode | None = Field(default=None, description="承接单位；没有则转派单员")


class DeskBody(Body):
    """转派单台."""

    model_config = _example(desk="G150105")

    desk: UnitCode | None = Field(description="旗县区分中心；空为市派单员")


class SuperviseBody(Body):
    """人工督办; the text is stored encrypted."""

    model_config = _example(form="interview", level="red", text="请三日内到场说明。")

    form: SupervisionForm = Field(description="督办方式")
    level: Literal[SupervisionLevel.YELLOW, SupervisionLevel.RED] = Field(description="黄牌或红牌")
    text: LongText = Field(description="督办意见")
