"""Request bodies from the first session to the archive."""

from enum import StrEnum
from typing import Annotated

from pydantic import ConfigDict, Field, StrictInt
from pydantic.config import JsonValue

from chassis.requests import Body, Instant, LongText
from contracts.codes import Id, UnitCode
from services.mediation.case_parts import Declined, Measure, Outcome, Purpose, RiskKind, Setting, Way

_PARTIES: list[JsonValue] = [f"01900000-0000-7000-8000-00000000000{number}" for number in (1, 2)]
AllParties = Annotated[list[Id], Field(min_length=2, max_length=50, description="同意的各方当事人，缺一不可")]
Note = Annotated[LongText | None, Field(description="说明，只在本系统保存")]


def _example(**values: JsonValue) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [values]})


class PlanBody(Body):
    """约定调解会."""

    model_config = _example(number=1, at="2999-03-10T09:00:00+08:00", setting="centre", note="综治中心二号调解室")

    number: Annotated[StrictInt, Field(ge=1, le=1000, description="第几次，接着已记录的次数")]
    at: Instant = Field(description="约定的时间")
    setting: Setting = Field(description="centre 综治中心，community 社区，on_site 现场，online 线上")
    note: Note = None


class ExtensionBody(Body):
    """延长调解期限."""

    model_config = _example(until="2999-04-10T18:00:00+08:00", parties=_PARTIES)

    until: Instant = Field(description="延长到何时")
    parties: AllParties


class RiskBody(Body):
    """风险上报."""

    model_config = _example(
        kind="public_security",
        office="P150105004",
        measure="accompanied",
        note="双方言语激烈，已请辖区派出所民警到场。",
    )

    kind: RiskKind = Field(description="可能激化，可能引起治安案件，可能引起刑事案件")
    office: UnitCode | None = Field(default=None, description="所报告的公安机关或有关部门；后两类必填")
    told_at: Instant | None = Field(default=None, description="报告时间；省略为现在")
    measure: Measure = Field(description="采取的预防措施")
    note: LongText = Field(description="情况和措施，只在本系统保存")


class DeclinedBody(Body):
    """法院不予受理."""

    model_config = _example(reason="jurisdiction")

    reason: Declined


class AcceptedBody(Body):
    """法院受理."""

    model_config = _example(note="调确字案号，见受理通知书")

    note: Note = None


class SupplementBody(Body):
    """法院要求补充材料."""

    model_config = _example(due="2999-03-20T18:00:00+08:00", note="补充房屋权属证明")

    due: Instant = Field(description="法院指定的期限")
    note: Note = None


class WithdrawalBody(Body):
    """撤回司法确认申请."""

    model_config = _example(party_id=_PARTIES[0])

    party_id: Id | None = Field(default=None, description="撤回的当事人；逾期未补充、法院按撤回处理的不填")


class PartBody(Body):
    """部分履行."""

    model_config = _example(percent=50, note="已付一半。")

    percent: Annotated[StrictInt, Field(ge=1, le=99, description="累计已履行的百分比")]
    note: Note = None


class DueBody(Body):
    """变更履行期限."""

    model_config = _example(due="2999-05-10T18:00:00+08:00", parties=_PARTIES)

    due: Instant = Field(description="变更后的履行期限")
    parties: AllParties


class OversightBody(Body):
    """督促履行."""

    model_config = _example(way="call", note="已电话督促，答应本周付清。")

    way: Way
    note: Note = None


class VisitBody(Body):
    """案件回访."""

    model_config = _example(outcome="settled", note="双方均表示满意。")

    outcome: Outcome = Field(description="settled 已平息，recurred 复发，unreached 未联系上")
    note: Note = None


class What(StrEnum):
    """哪些内容."""

    SESSIONS = "sessions"  # 调解笔录
    AGREEMENT = "agreement"  # 调解协议
    RISKS = "risks"  # 风险上报
    COURSE = "course"  # 约定地点、法院、履行、回访的说明
    PRESTAGE = "prestage"  # 前置化解的记录


class ContactBody(Body):
    """查看当事人联系方式的用途."""

    model_config = _example(purpose="supervision")

    purpose: Purpose


class RevealBody(Body):
    """查看案件内容的用途."""

    model_config = _example(what="sessions", purpose="mediation")

    what: What
    purpose: Purpose
