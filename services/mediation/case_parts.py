"""What is known of a case 调解案件 from its first session to the archive, by concept. Rules: ``case_sessions.py``,
``case_court.py``, ``case_performance.py``, ``case_archive.py``; articles without another name are those of 人民调解法.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from contracts.mediation import Signature


class Guidance(StrEnum):
    """引导途径 [人民调解法 26, 33]."""

    COURT = "court"  # 诉讼
    ARBITRATION = "arbitration"  # 仲裁
    ADMINISTRATIVE = "administrative"  # 行政途径
    POLICE = "police"  # 公安机关
    PETITION_PROXY = "petition_proxy"  # 信访代办
    COURT_ENFORCEMENT = "court_enforcement"  # 申请强制执行: only a confirmed agreement that was not kept


class Refusal(StrEnum):
    """不予确认的理由 [最高人民法院关于人民调解协议司法确认程序的若干规定 4, 7]."""

    NOT_ACCEPTED = "not_accepted"  # 不属于受理范围
    AGAINST_LAW = "against_law"  # 违反法律强制性规定
    AGAINST_PUBLIC_INTEREST = "against_public_interest"  # 侵害国家利益、社会公共利益或公序良俗
    AGAINST_OTHERS = "against_others"  # 侵害案外人合法权益
    UNCLEAR = "unclear"  # 内容不明确
    OTHER = "other"  # 其他情形


class Confirmation(StrEnum):
    """司法确认, kept apart from the status: performance need not wait for it."""

    NONE = "none"
    PENDING = "pending"
    CONFIRMED = "confirmed"
    NOT_CONFIRMED = "not_confirmed"
    DECLINED = "declined"  # 法院不予受理
    WITHDRAWN = "withdrawn"  # 已撤回申请


class SignatureWay(StrEnum):
    """How a party puts its hand to an agreement [A 29]."""

    SIGNATURE = "signature"  # 签名
    SEAL = "seal"  # 盖章
    FINGERPRINT = "fingerprint"  # 按指印


class Setting(StrEnum):
    """调解地点, as a kind of place; where exactly is private [A 21: where it is convenient for the parties]."""

    CENTRE = "centre"  # 综治中心
    COMMUNITY = "community"  # 社区、村
    ON_SITE = "on_site"  # 现场
    ONLINE = "online"  # 线上


class RiskKind(StrEnum):
    """风险类别 [A 25]."""

    ESCALATION = "escalation"  # 可能激化
    PUBLIC_SECURITY = "public_security"  # 可能引起治安案件
    CRIMINAL = "criminal"  # 可能引起刑事案件


class Measure(StrEnum):
    """预防措施 [A 25]."""

    SEPARATED = "separated"  # 分开双方
    VISITED = "visited"  # 上门疏导
    COUNSELLED = "counselled"  # 心理疏导
    ACCOMPANIED = "accompanied"  # 民警到场
    OTHER = "other"  # 其他，见记录


class Purpose(StrEnum):
    """What somebody needs a case's private texts for; recorded with every look at them."""

    MEDIATION = "mediation"  # 调解
    SUPERVISION = "supervision"  # 督促履行
    COURT = "court"  # 司法确认、诉讼
    ARCHIVE = "archive"  # 归档


class Declined(StrEnum):
    """法院不予受理的理由 [规定 4]."""

    SCOPE = "scope"  # 不属于人民法院受理民事案件的范围
    JURISDICTION = "jurisdiction"  # 不属于接受申请的人民法院管辖
    IDENTITY = "identity"  # 确认身份关系
    ADOPTION = "adoption"  # 确认收养关系
    MARRIAGE = "marriage"  # 确认婚姻关系


class Way(StrEnum):
    """How the committee looked after the performance [A 31]."""

    CALL = "call"  # 电话
    VISIT = "visit"  # 上门
    LETTER = "letter"  # 书面


class Outcome(StrEnum):
    """案件回访的结果."""

    SETTLED = "settled"  # 纠纷已平息
    RECURRED = "recurred"  # 纠纷复发
    UNREACHED = "unreached"  # 未联系上


@dataclass(frozen=True, slots=True)
class Paper:
    """What an agreement has of what article 29 asks for; its words are private, so only what is missing is named."""

    missing: tuple[str, ...] = ()
    signatures: tuple[Signature, ...] = ()
    mediator_signed: bool = False
    committee_sealed: bool = False
    effective_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PlannedSession:
    """约定的调解会."""

    number: int
    at: datetime
    setting: Setting


@dataclass(frozen=True, slots=True)
class Risk:
    """An open report of a risk; its words are private."""

    report_id: str
    kind: RiskKind
    office: str | None
    measure: Measure
    told_at: datetime | None


@dataclass(frozen=True)
class Talks:
    """调解会. ``attended`` by session; a session before it was recorded who came is not in it."""

    planned: PlannedSession | None = None
    attended: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    risk: Risk | None = None
    risks: tuple[str, ...] = ()
    last_reveal: str | None = None


@dataclass(frozen=True)
class CourtSteps:
    """司法确认, step by step, of the request that runs or ran last."""

    accepted: bool = False
    extended: bool = False
    supplement_due: datetime | None = None
    filed: bool = False
    declined: Declined | None = None
    withdrawn_by: str | None = None


@dataclass(frozen=True)
class Oversight:
    """履行监督. ``partly``: percent of an instalment; ``reminded``: instalments with the date of which was reminded."""

    partly: Mapping[int, int] = field(default_factory=dict)
    reminded: Mapping[int, datetime] = field(default_factory=dict)
    checks: tuple[str, ...] = ()
