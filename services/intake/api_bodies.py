"""Request bodies of intake."""

from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field
from pydantic.config import JsonDict, JsonValue
from pydantic_core import PydanticCustomError

from chassis.requests import Body, Instant, LongText, ShortText
from contracts.codes import (
    Agency,
    CaseOrigin,
    Channel,
    Code,
    ExclusionCode,
    Id,
    IssueKind,
    ItemCode,
    SmallDivisionCode,
    UnitCode,
    Urgency,
)
from services.intake.callers import normalise_phone
from services.intake.channel_evidence import ChannelEvidence
from services.intake.issue_model import FollowUpKind, Purpose


def _phone(value: str) -> str:
    try:
        return normalise_phone(value)
    except ValueError:
        raise PydanticCustomError("phone", "应为手机号，或带区号的固定电话") from None


Phone = Annotated[ShortText, AfterValidator(_phone)]
"""A Chinese telephone number, normalised."""
StreetCode = Annotated[str, Field(pattern=r"^[0-9]{9}$")]
"""街道、乡镇: nine digits."""


def example(**values: JsonValue) -> ConfigDict:
    """The example of a body, as its API's page shows it."""
    return ConfigDict(json_schema_extra={"examples": [values]})


class Appellant(Body):
    """诉求人."""

    name: ShortText = Field(description="姓名；不愿透露的写“匿名”")
    phone: Phone = Field(description="手机号，或带区号的固定电话")


_CALLER: JsonDict = {"name": "赵示例", "phone": "13800001001"}


class AppealBody(Body):
    """诉求: who calls, and what about."""

    channel: Channel = Field(description="来源渠道")
    text: LongText = Field(description="诉求内容")
    place: ShortText | None = Field(default=None, description="地点，按诉求人所说")
    lat: Annotated[float, Field(strict=True, ge=-90, le=90)] | None = None
    lon: Annotated[float, Field(strict=True, ge=-180, le=180)] | None = None
    appellant: Appellant
    evidence: ChannelEvidence | None = Field(default=None, description="来源凭据：录音、照片、上报位置")


class CentreBody(Body):
    """来到综治中心的方式."""

    model_config = example(origin="court", referred_by="F150105", office_reference="（2026）示例委派1号")

    origin: CaseOrigin = Field(default=CaseOrigin.WALK_IN, description="来访、网格、法院委派、公安移送等")
    referred_by: UnitCode | None = Field(default=None, description="委派、移送的单位；来访不填")
    office_reference: ShortText | None = Field(default=None, description="该单位的文号，加密保存")


class RegisterBody(AppealBody):
    """登记."""

    model_config = example(
        channel="hotline",
        received_at="2026-03-02T09:10:38+08:00",
        text="屋里只有十五度，暖气片摸着是凉的。",
        place="赛罕区大学东路某小区3单元",
        street_code="150105004",
        appellant=_CALLER,
    )

    received_at: Instant | None = Field(default=None, description="来件时间，带时区；省略为现在")
    answer_seconds: Annotated[int, Field(strict=True, ge=0, le=86_400)] | None = Field(
        default=None, description="接听等待，秒：热线从振铃到坐席应答，只作统计"
    )
    emergency: Agency | None = Field(default=None, description="突发：应转接的部门；不受名单、复核和排队的限制")
    street_code: StreetCode | None = Field(default=None, description="街道代码；不知道则省略")
    division_code: SmallDivisionCode | None = Field(
        default=None, description="社区（12 位）或网格（15 位）代码，前 9 位即其街道；不知道则省略"
    )
    centre: CentreBody | None = Field(
        default=None, description="渠道为 mediation_centre 时如何来到综治中心；省略为来访。此类事项不生成工单"
    )


class JoinBody(AppealBody):
    """并入诉求."""

    model_config = example(channel="app", text="我家也不热。", appellant={"name": "钱样本", "phone": "13800001002"})


class TransferBody(Body):
    """转接."""

    model_config = example(agency="119")

    agency: Agency = Field(description="110、119、120 或 122")
    reference: Code | None = Field(default=None, description="接收部门的编号（警情编号等），便于互相查找")


class AnswerBody(Body):
    """直接答复."""

    model_config = example(kind="consultation", item_code="1904", knowledge_id="K001")

    kind: IssueKind
    item_code: ItemCode = Field(description="派单目录事项")
    knowledge_id: Code = Field(description="所依据的知识库条目")


class ProposeDeclineBody(Body):
    """拟不予受理."""

    model_config = example(exclusion_code="X0101")

    exclusion_code: ExclusionCode = Field(description="不受理清单条目")


class AcceptBody(Body):
    """受理."""

    model_config = example(kind="complaint", item_code="0101", street_code="150105004", urgency="urgent")

    kind: IssueKind
    item_code: ItemCode = Field(description="派单目录事项")
    street_code: StreetCode | None = Field(description="街道代码；不知道则为 null，由派单员确定")
    division_code: SmallDivisionCode | None = Field(
        default=None, description="社区（12 位）或网格（15 位）代码，前 9 位即其街道；省略则以登记的为准"
    )
    urgency: Urgency | None = Field(default=None, description="紧急程度；省略则按派单目录")


class FollowUpBody(Body):
    """催办或补充."""

    model_config = example(appeal_id="01900000-0000-7000-8000-000000000001", follow_up="reminder")

    appeal_id: Id
    follow_up: FollowUpKind
    text: LongText | None = Field(default=None, description="补充的内容")


class RevealBody(Body):
    """查看联系方式的用途."""

    model_config = example(purpose="handling")

    purpose: Purpose
