"""What notify takes and answers about call-backs 回访. Nothing here is personal data but the text of ``Comment``."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

from chassis.requests import Body, Instant
from contracts.codes import Id, ReasonClass, Resolution, Satisfaction
from services.notify.reasons import OF_CALLER, Reason
from services.notify.revisit import Revisit, Status
from services.notify.revisit_commands import Basis, Channel, Outcome

STATUS_ZH = {
    Status.OPEN: "待回访",
    Status.RECORDED: "已回访",
    Status.UNREACHED: "未联系上",
    Status.CANCELLED: "已取消",
}
PROBLEMS = {
    "revisit.not_found": "没有这项回访任务。",
    "revisit.wrong_status": "回访任务已结束，不能再登记。",
    "revisit.wrong_attempt": "回访次数不连续，请刷新后按下一次登记。",
    "revisit.too_early": "距上一次未接通的间隔不够，或未到约定的时间，请换一个时段再联系。",
    "revisit.same_hours": "这个时段已联系过，请换一个时段再联系。",
    "revisit.wish_required": "约时再访（call_back_later）应登记约定时间 wished_at，其他结果不登记。",
    "revisit.wish_out_of_range": "约定时间 wished_at 应在现在之后、可约的期限之内。",
    "revisit.contact_required": "应登记承办单位是否联系 contacted、是否及时 in_time。",
    "revisit.no_unit": "直接答复没有承办单位，不登记 contacted 和 in_time。",
    "revisit.reason_required": "诉求人表示未解决或部分解决的，应登记原因类别 reason_class。",
    "revisit.reason_mismatch": "原因 reason 不属于所登记的原因类别 reason_class。",
    "revisit.no_comment": "这项回访没有留言。",
}
COLUMNS = {
    "id": "回访编号",
    "issue_id": "诉求编号",
    "order_id": "工单编号",
    "basis": "回访依据",
    "round": "轮次",
    "status_zh": "状态",
    "due": "应回访时间",
    "is_overdue": "是否逾期",
    "attempts": "未接通次数",
    "last_outcome": "最近一次结果",
    "next_attempt_from": "下次可联系时间",
    "channel": "回访渠道",
    "resolution": "是否解决",
    "satisfaction": "满意度",
    "reason_class": "原因类别",
    "reason": "原因",
}


def _of_caller(reason: Reason) -> Reason:
    if reason not in OF_CALLER:
        raise PydanticCustomError("of_caller", "这个原因由工作人员判断，诉求人不选")
    return reason


Shown = Literal["open", "recorded", "unreached", "cancelled"]
OwnReason = Annotated[Reason, AfterValidator(_of_caller)]
CommentText = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class RevisitView(BaseModel):
    """回访任务: one caller of a completed order or of a sampled direct answer, and what was learnt.

    The answers are null until recorded.
    """

    id: Id
    version: int
    status: Shown
    status_zh: str = Field(examples=["待回访"])
    basis: Basis = Field(description="order 办结工单 | late_caller 归档后并入 | answer 抽样的直接答复")
    issue_id: Id
    order_id: Id | None = Field(description="Null: a direct answer has no order")
    appeal_id: Id
    item_code: str | None = Field(description="事项代码")
    round: int = Field(description="1 at first, one more after each rework; 0 of a direct answer")
    due: AwareDatetime
    is_overdue: bool = Field(description="Open and past its due time")
    attempts: int = Field(description="Calls that brought no answers")
    last_outcome: Outcome | None = Field(description="How the last of them ended")
    tried: list[str] = Field(description="时段 of the calls so far: morning, afternoon, evening, night")
    wished_at: AwareDatetime | None = Field(description="约定时间, when the caller wishes to be called")
    next_attempt_from: AwareDatetime | None = Field(description="No attempt before that")
    contacted: bool | None = None
    in_time: bool | None = None
    resolution: Resolution | None = None
    satisfaction: Satisfaction | None = None
    reason_class: ReasonClass | None = None
    reason: Reason | None = None
    channel: Channel | None = Field(default=None, description="phone 电话 | survey_link 短信链接 | app 移动端")
    commented: bool = Field(default=False, description="The caller added words: GET …/comment")
    recorded_by: str | None = None


class NewAttempt(Body):
    """未接通登记."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"number": 1, "outcome": "no_answer"},
                {"number": 2, "outcome": "call_back_later", "wished_at": "2026-03-10T18:30:00+08:00"},
            ]
        }
    )

    number: StrictInt = Field(ge=1, le=99, description="Which call this was, counted from 1")
    outcome: Outcome = Outcome.NO_ANSWER
    wished_at: Instant | None = Field(default=None, description="约定时间, with call_back_later")


class NewRecord(Body):
    """回访结果登记. A reason (or its class) may only be left out when it is solved."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"contacted": True, "in_time": True, "resolution": "yes", "satisfaction": "satisfied"},
                {
                    "contacted": True,
                    "in_time": False,
                    "resolution": "no",
                    "satisfaction": "dissatisfied",
                    "reason_class": "unit_work",
                    "reason": "too_slow",
                },
            ]
        }
    )

    contacted: StrictBool | None = Field(default=None, description="Did the unit speak to the caller? Not of answers.")
    in_time: StrictBool | None = Field(default=None, description="Did it do so in time? Not of answers.")
    resolution: Resolution
    satisfaction: Satisfaction
    reason_class: ReasonClass | None = None
    reason: Reason | None = Field(default=None, description="One of GET /v1/revisit-reasons; gives the class")
    comment: CommentText | None = Field(default=None, description="The caller's own words; private data")


class AppAnswer(Body):
    """移动端回访结果. A reason is needed unless it is solved, and is one that callers can say of themselves."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"contacted": True, "in_time": True, "resolution": "yes", "satisfaction": "satisfied"},
                {
                    "contacted": False,
                    "in_time": False,
                    "resolution": "no",
                    "satisfaction": "very_dissatisfied",
                    "reason": "not_contacted",
                    "comment": "一直没有人来过。",
                },
            ]
        }
    )

    contacted: StrictBool | None = Field(default=None, description="Did the unit speak to you? Not of direct answers.")
    in_time: StrictBool | None = Field(default=None, description="Did it do so in time? Not of direct answers.")
    resolution: Resolution
    satisfaction: Satisfaction
    reason: OwnReason | None = Field(default=None, description="GET /v1/revisit-reasons, those with of_caller")
    comment: CommentText | None = Field(default=None, description="Your own words; private data")


class Answered(BaseModel):
    """回访已收到."""

    id: Id
    status: Literal["recorded"] = "recorded"
    status_zh: str = "已回访"


class ReasonView(BaseModel):
    """原因, and whom it is about."""

    reason: Reason
    title_zh: str = Field(examples=["办理拖延"])
    reason_class: ReasonClass
    of_caller: bool = Field(description="Callers may say it of themselves; the others are for staff to judge")


class Reasons(BaseModel):
    """Every reason there is."""

    items: list[ReasonView]


class Comment(BaseModel):
    """留言 of a caller."""

    comment: str


def revisit_view(id_: str, version: int, state: Revisit, now: datetime) -> RevisitView:
    """A call-back as it is answered."""
    return RevisitView.model_validate(
        {
            **vars(state),
            **(vars(state.answers) if state.answers else {}),
            "id": id_,
            "version": version,
            "order_id": state.order_id or None,
            "status_zh": STATUS_ZH[state.status],
            "is_overdue": state.status is Status.OPEN and state.due is not None and state.due < now,
            "recorded_by": state.by,
        }
    )
