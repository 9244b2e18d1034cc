"""Request bodies of petitions 信访代办. Articles: 信访工作条例 (2022)."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StrictBool, StrictInt
from pydantic.config import JsonValue

from chassis.requests import Body, Instant, LongText, ShortText
from contracts.codes import Id, StaffId, UnitCode
from services.mediation.petition_model import Answer, Away, Delay, Outcome, TakenBack

_ISSUE = "01900000-0000-7000-8000-000000000003"
_MOST_PEOPLE = 100_000
_MOST_NAMES = 100


def _example(**values: JsonValue) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [values]})


class RequestBody(Body):
    """窗口申请代办."""

    model_config = _example(issue_id=_ISSUE, appeals=[])

    issue_id: Id = Field(description="已登记的诉求事项；没有则先在受理系统登记")
    appeals: list[Id] = Field(default=[], max_length=50, description="其诉求编号，受理、延期、意见将告知诉求人")


class AuthorisationBody(Body):
    """代办委托书. Everything but the numbers is personal data."""

    model_config = _example(
        petitioner="赵示例",
        contact="13800001001",
        matters="代为提交并跟踪小区停水问题的信访事项。",
        powers="代为递交材料、接收告知和答复。",
        petitioners=1,
        representatives=[],
        signed_at="2026-03-02T09:30:00+08:00",
    )

    petitioner: ShortText = Field(description="委托人姓名或名称")
    contact: ShortText = Field(description="联系方式")
    matters: LongText = Field(description="委托事项")
    powers: LongText = Field(description="委托权限")
    petitioners: Annotated[StrictInt, Field(ge=1, le=_MOST_PEOPLE)] = Field(default=1, description="共同提出的人数")
    representatives: list[ShortText] = Field(
        default=[], max_length=_MOST_NAMES, description="代表人姓名：多人提出的应推选，不超过5人（第二十条）"
    )
    signed_at: Instant | None = Field(default=None, description="签署时间；省略为现在")


class RegisterPetitionBody(Body):
    """登记."""

    model_config = _example(same_matter_as=[])

    same_matter_as: list[Id] = Field(
        default=[], max_length=20, description="窗口认出的同一事项的其他代办；同一诉求事项的自动查对"
    )


class GuideAwayBody(Body):
    """引导其他途径."""

    model_config = _example(reason="litigation", unit="F150105")

    reason: Away
    unit: UnitCode | None = Field(default=None, description="具体机关代码，知道则填")


class ProxyBody(Body):
    """指定代办员."""

    model_config = _example(proxy_id="P-0017", responsible_id="L-0003", conflict=False)

    proxy_id: StaffId = Field(description="代办员工号（首办）")
    responsible_id: StaffId = Field(description="首责人工号")
    conflict: StrictBool = Field(default=False, description="代办员申报有直接利害关系（第二十八条）")


class TextBody(Body):
    """一段文字，只在本系统保存."""

    model_config = _example(text="已协调物业恢复供水，信访人表示满意。")

    text: LongText


class SubmitBody(Body):
    """代为提交."""

    model_config = _example(office="D15010201", at="2026-03-03T10:00:00+08:00")

    office: UnitCode = Field(description="信访部门代码")
    at: Instant | None = Field(default=None, description="信访部门收到的时间；省略为现在")


class RouteBody(Body):
    """转送、交办."""

    model_config = _example(authority="D15010202", at="2026-03-05T10:00:00+08:00")

    authority: UnitCode = Field(description="有权处理的机关、单位代码")
    at: Instant | None = Field(default=None, description="该机关收到的时间；省略为现在")


class ObjectionBody(Body):
    """管辖异议."""

    model_config = _example(reason="该事项属供热主管部门职权范围。", at="2026-03-06T10:00:00+08:00")

    reason: LongText = Field(description="详细理由")
    at: Instant | None = Field(default=None, description="提出时间；省略为现在")


class AcceptanceBody(Body):
    """受理告知."""

    model_config = _example(at="2026-03-10T10:00:00+08:00")

    at: Instant | None = Field(default=None, description="书面告知信访人的时间；省略为现在")


class NonAcceptanceBody(Body):
    """不予受理告知."""

    model_config = _example(reason="administrative_review")

    reason: Away


class ExtensionBody(Body):
    """延长办理期限."""

    model_config = _example(
        until="2026-06-01T18:00:00+08:00", reason="hearing", approved_by="L-0009", text="需举行听证，已告知信访人。"
    )

    until: Instant = Field(description="延长至；最多30日（第三十四条）")
    reason: Delay
    approved_by: StaffId = Field(description="批准的负责人")
    text: LongText = Field(description="告知信访人的延期理由")


class OpinionBody(Body):
    """信访处理意见书."""

    model_config = _example(
        outcome="supported",
        reference="呼信访意2026-12号",
        text="请求事实清楚，符合规定，予以支持。",
        delivered_at="2026-04-20T10:00:00+08:00",
    )

    outcome: Outcome
    reference: ShortText = Field(description="文号")
    text: LongText = Field(description="处理意见及其法律法规依据")
    delivered_at: Instant | None = Field(default=None, description="信访人收到书面答复的时间；省略为现在")


class AskAgainBody(Body):
    """请求复查、复核."""

    model_config = _example(authority="D15000001", reasons="对处理意见不服。", at="2026-05-01T10:00:00+08:00")

    authority: UnitCode = Field(description="上一级机关、单位代码")
    reasons: LongText = Field(description="理由")
    at: Instant | None = Field(default=None, description="收到请求的时间；省略为现在")


class AnswerAgainBody(Body):
    """复查、复核意见."""

    model_config = _example(
        outcome="upheld",
        reference="呼复查2026-3号",
        text="维持原处理意见。",
        delivered_at="2026-05-20T10:00:00+08:00",
    )

    outcome: Answer
    reference: ShortText = Field(description="文号")
    text: LongText
    delivered_at: Instant | None = Field(default=None, description="信访人收到书面答复的时间；省略为现在")


class RevisitBody(Body):
    """回访."""

    model_config = _example(accepts=True)

    accepts: StrictBool = Field(description="信访人是否接受，不再请求复查、复核")


class WithdrawPetitionBody(Body):
    """撤回."""

    model_config = _example(reason="authorisation_withdrawn")

    reason: Literal[TakenBack.PETITION, TakenBack.AUTHORISATION]


class Purpose(StrEnum):
    """查看理由."""

    HANDLING = "handling"  # 代办
    REVIEW = "review"  # 复查、复核
    SUPERVISION = "supervision"  # 督办


class RevealTextsBody(Body):
    """查看代办材料的理由."""

    model_config = _example(purpose="handling")

    purpose: Purpose
