"""What intake answers. Contacts are masked everywhere but in ``RevealedContact``."""

from typing import Any

from pydantic import AwareDatetime, BaseModel, Field

from contracts.codes import Agency, CaseOrigin, Channel, ClosingOutcome, Id, IssueKind, Urgency
from services.intake.channel_evidence import ChannelEvidence
from services.intake.issue_model import STATUS_ZH, Desk, Issue, OnlineClass, Status
from services.intake.notes import Note


class IssueAnswer(BaseModel):
    """诉求事项, without any personal data."""

    id: Id
    version: int = Field(description="即 ETag")
    status: Status
    status_zh: str = Field(examples=["已受理，办理中"])
    channel: Channel
    received_at: AwareDatetime
    due: AwareDatetime | None = Field(description="当前环节的期限")
    overdue: bool = Field(description="当前环节已逾期")
    kind: IssueKind | None
    item_code: str | None
    street_code: str | None
    division_code: str | None = Field(description="社区（12 位）或网格（15 位）代码")
    urgency: Urgency | None
    agency: Agency | None
    exclusion_code: str | None
    knowledge_id: str | None
    appeals: list[Id] = Field(description="在办诉求，不含已撤回的")
    order_id: Id | None
    outcome: ClosingOutcome | None = Field(description="办结结果")
    emergency: Agency | None = Field(description="突发：应转接的部门")
    desk: Desk = Field(description="接听席位：普通、白名单专席、黑名单限制线路")
    online_class: OnlineClass | None = Field(description="网上分类")
    question_id: Id | None = Field(description="待政策专员答复的问题")
    answer_due: AwareDatetime | None = Field(description="政策专员答复的期限")
    merged_into: Id | None = Field(description="已合并到的事项")
    merged_from: list[Id] = Field(description="合并进来的事项")
    reopen_until: AwareDatetime | None = Field(description="在此之前诉求人可重新打开")
    case_id: Id | None = Field(description="综治中心的案件；未交综治中心为 null")
    case_origin: CaseOrigin | None = Field(description="综治中心案件来源")
    referred_by: str | None = Field(description="委派、移送到综治中心的单位")
    partner: str | None = Field(description="经 Open311 提交的合作方")
    wanted_item: str | None = Field(description="合作方所选的派单目录事项，由话务员确定")


class Registered(IssueAnswer):
    """What register and join answer: the appeal they made, too."""

    appeal_id: Id


class FollowedUp(IssueAnswer):
    """What a follow-up answers."""

    follow_up_id: Id


class Notes(BaseModel):
    """经办文字, of agents, specialists and supervisors."""

    issue_id: Id
    notes: list[Note]


class MaskedAppeal(BaseModel):
    """诉求, as far as everybody who may read the issue may see it."""

    appeal_id: Id
    channel: Channel
    name: str = Field(examples=["赵**"])
    phone: str = Field(examples=["138****1001"])


class Direction(BaseModel):
    """不予受理的依据和去向: where the citizen should go instead."""

    exclusion_code: str
    version: str
    item_zh: str
    basis: str
    redirect: str


class IssueDetail(IssueAnswer):
    """诉求事项, with what its citizen is told."""

    item_zh: str | None
    street_zh: str | None
    contacts: list[MaskedAppeal]
    promised_at: AwareDatetime | None = Field(description="承诺办结时间；派单前为 null")
    late: bool = Field(description="已超过承诺时间")
    direction: Direction | None = Field(description="不予受理时的依据和去向")


class RevealedContact(BaseModel):
    """联系方式: personal data; that it was shown is on record."""

    appeal_id: Id
    name: str
    phone: str
    text: str
    place: str | None
    lat: float | None
    lon: float | None
    evidence: ChannelEvidence | None = Field(description="来源凭据：录音、照片、上报位置")
    office_reference: str | None = Field(description="委派、移送单位的文号；其他来源为 null")
    email: str | None
    media_url: str | None = Field(description="合作方给出的照片等的网址；不代为读取")
    supplements: list[str] = Field(description="补充的内容，按先后")


class TimelineEntry(BaseModel):
    """One thing that happened, in whichever service."""

    time: AwareDatetime
    service: str = Field(examples=["router"])
    type: str = Field(examples=["qingcheng.router.order.signed.v1"])
    title_zh: str = Field(examples=["签收"])
    subject: str = Field(examples=["order/01900000-0000-7000-8000-000000000001"])
    sequence: int
    data: dict[str, Any] = Field(description="事件内容，不含个人信息")


class Timeline(BaseModel):
    """办理过程, in order of time."""

    issue_id: Id
    entries: list[TimelineEntry]


def facts(id_: str, version: int, issue: Issue) -> dict[str, Any]:
    """The fields of an ``IssueAnswer``."""
    return {
        "id": id_,
        "version": version,
        "status": issue.status,
        "status_zh": STATUS_ZH[issue.status],
        "channel": issue.channel,
        "received_at": issue.received_at,
        "due": issue.due,
        "overdue": issue.overdue,
        "kind": issue.kind,
        "item_code": issue.item_code,
        "street_code": issue.street_code,
        "division_code": issue.division_code,
        "urgency": issue.urgency,
        "agency": issue.agency,
        "exclusion_code": issue.exclusion[0] if issue.exclusion else None,
        "knowledge_id": issue.knowledge[0] if issue.knowledge else None,
        "appeals": [appeal.id for appeal in issue.present],
        "order_id": issue.order_id,
        "outcome": issue.outcome,
        "emergency": issue.emergency,
        "desk": issue.desk,
        "online_class": issue.online_class,
        "question_id": issue.question_id,
        "answer_due": issue.answer_due,
        "merged_into": issue.merged_into,
        "merged_from": list(issue.merged_from),
        "reopen_until": issue.reopen_until,
        "case_id": issue.centre and issue.centre.case_id,
        "case_origin": issue.centre and issue.centre.origin,
        "referred_by": issue.centre and issue.centre.referred_by,
        "partner": issue.partner,
        "wanted_item": issue.wanted_item,
    }
