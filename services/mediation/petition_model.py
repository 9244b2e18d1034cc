"""What is known of a petition 信访代办, and the words for it. What may be asked of it: ``petition_commands.py``.

The rules are in ``petition.py`` and beside it. Articles are those of 信访工作条例 (2022).

Names, the authorisation and every text are private data beside the commands (``petition_texts.py``); neither state nor
events hold them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Status(StrEnum):
    """状态."""

    NONE = "none"
    REQUESTED = "requested"
    AUTHORISED = "authorised"
    GUIDED = "guided"
    REGISTERED = "registered"
    ASSIGNED = "assigned"
    RESOLVED_LOCALLY = "resolved_locally"
    SUBMITTED = "submitted"
    ROUTED = "routed"
    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not_accepted"
    HANDLING = "handling"
    OPINION_ISSUED = "opinion_issued"
    REVIEW = "review"
    RECHECK = "recheck"
    FEEDBACK = "feedback"
    REVISITED = "revisited"
    ARCHIVED = "archived"
    WITHDRAWN = "withdrawn"


TERMINAL = frozenset({Status.GUIDED, Status.ARCHIVED, Status.WITHDRAWN})
STATUS_ZH = {
    Status.NONE: "无",
    Status.REQUESTED: "已申请，待签署委托",
    Status.AUTHORISED: "已委托，待登记",
    Status.GUIDED: "不属于代办范围，已引导",
    Status.REGISTERED: "已登记，待指定代办员",
    Status.ASSIGNED: "代办员就地化解中",
    Status.RESOLVED_LOCALLY: "已就地化解，待反馈",
    Status.SUBMITTED: "已代为提交，待转送",
    Status.ROUTED: "已转送，待受理告知",
    Status.ACCEPTED: "已受理",
    Status.NOT_ACCEPTED: "不予受理，待反馈",
    Status.HANDLING: "办理中",
    Status.OPINION_ISSUED: "已出具意见，待反馈",
    Status.REVIEW: "复查中",
    Status.RECHECK: "复核中",
    Status.FEEDBACK: "已反馈，待回访",
    Status.REVISITED: "已回访，待归档",
    Status.ARCHIVED: "已归档",
    Status.WITHDRAWN: "已撤回",
}


class Away(StrEnum):
    """引导其他途径: why it is not taken."""

    LITIGATION = "litigation"  # 诉讼 [31 (1)]
    ARBITRATION = "arbitration"  # 仲裁 [31 (2)]
    ADMINISTRATIVE_REVIEW = "administrative_review"  # 行政复议 [31 (4)]
    ADMINISTRATIVE_PROCEDURE = "administrative_procedure"  # 行政裁决、确认、许可、处罚等程序 [31 (4)]
    LEGALLY_SETTLED = "legally_settled"  # 涉法涉诉，已依法终结 [22, 31 (1)]
    DISCIPLINE = "discipline"  # 检举控告 [22, 30]
    ALREADY_IN_HAND = "already_in_hand"  # 已受理或正在办理 [19]
    FINAL_RECHECK = "final_recheck"  # 复核已终结 [36]


GOES_TO = {
    Away.LITIGATION: "court",
    Away.ARBITRATION: "arbitration_commission",
    Away.ADMINISTRATIVE_REVIEW: "review_authority",
    Away.ADMINISTRATIVE_PROCEDURE: "competent_authority",
    Away.LEGALLY_SETTLED: "political_legal_affairs",
    Away.DISCIPLINE: "discipline_inspection",
    Away.ALREADY_IN_HAND: "authority_in_hand",
    Away.FINAL_RECHECK: "explained",
}
"""Where each of them is guided to."""
GOES_TO_ZH = {
    "court": "人民法院",
    "arbitration_commission": "仲裁委员会",
    "review_authority": "行政复议机关",
    "competent_authority": "有权处理的行政机关",
    "political_legal_affairs": "同级政法部门，由其释法明理",
    "discipline_inspection": "纪检监察机关",
    "authority_in_hand": "正在办理的机关、单位",
    "explained": "已经复核终结，不再受理，予以解释疏导",
}


class Outcome(StrEnum):
    """处理意见 [32]."""

    SUPPORTED = "supported"  # 予以支持
    EXPLAINED = "explained"  # 缺乏法律依据，解释说明
    NOT_SUPPORTED = "not_supported"  # 不予支持


class Answer(StrEnum):
    """复查、复核意见 [35, 36]."""

    UPHELD = "upheld"  # 维持
    CHANGED = "changed"  # 变更


class Delay(StrEnum):
    """延期理由 [34]: the situation is complicated, and why."""

    COMPLEX = "complex"  # 情况复杂
    HEARING = "hearing"  # 需要听证
    SEVERAL_AUTHORITIES = "several_authorities"  # 涉及多个机关
    INVESTIGATION = "investigation"  # 需要进一步调查


class TakenBack(StrEnum):
    """撤回."""

    PETITION = "petition_withdrawn"  # 撤回信访事项
    AUTHORISATION = "authorisation_withdrawn"  # 撤回委托
    ORDER_CANCELLED = "order_cancelled"  # 工单作废


class Stage(StrEnum):
    """How far the answers have come: opinion 处理意见, review 复查, recheck 复核."""

    NONE = "none"
    OPINION = "opinion"
    REVIEW = "review"
    RECHECK = "recheck"


@dataclass(frozen=True, slots=True)
class Context:
    """``due(limit, start)`` is when the named limit of ``limits.toml`` ends; ``most_representatives`` is its count."""

    petition_id: str
    now: datetime
    due: Callable[[str, datetime], datetime]
    most_representatives: int


@dataclass(frozen=True)
class FourFirsts:
    """四首: who was asked first 首问, received it first 首接, handled it first 首办, and answers for it 首责."""

    asked: str | None = None
    received: str | None = None
    handled: str | None = None
    responsible: str | None = None


@dataclass(frozen=True)
class Petition:
    """一件代办. ``timers`` are the present steps' ends; one that has passed moves to ``late`` until its step is done.

    ``bound`` authorities had an objection rejected, ``released`` ones had one upheld. ``asked_until`` is the end of
    the time in which a review or a recheck may be asked for. ``since``: when the present step began.
    """

    status: Status = Status.NONE
    issue_id: str = ""
    order_id: str | None = None
    case_id: str | None = None
    code: str = ""
    origin: str = ""
    appeals: tuple[str, ...] = ()
    firsts: FourFirsts = field(default_factory=FourFirsts)
    proxy: str | None = None
    authorisation_id: str | None = None
    petitioners: int = 0
    representatives: int = 0
    office: str | None = None
    authority: str | None = None
    asked_authority: str | None = None
    objection_until: datetime | None = None
    objection_id: str | None = None
    objections: tuple[str, ...] = ()
    bound: tuple[str, ...] = ()
    released: tuple[str, ...] = ()
    since: datetime | None = None
    accepted_at: datetime | None = None
    handling_due: datetime | None = None
    extension_id: str | None = None
    stage: Stage = Stage.NONE
    result_id: str | None = None
    opinions: tuple[str, ...] = ()
    outcome: str | None = None
    asked_until: datetime | None = None
    requests: tuple[str, ...] = ()
    feedback_id: str | None = None
    accepts: bool | None = None
    reason: str | None = None
    shown: str | None = None
    timers: Mapping[str, datetime] = field(default_factory=dict)
    late: Mapping[str, datetime] = field(default_factory=dict)
