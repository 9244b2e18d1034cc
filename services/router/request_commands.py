"""What units ask for in their orders, and what is decided of it: 退单, 裁定, 延期, 挂账, 剔除. Pure.

``request_id`` is made by whoever sends the command; the words of a request are private data of the order under it.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class WrongUnit(StrEnum):
    """退单、裁定事由: why another unit should have it."""

    NOT_OUR_DUTY = "not_our_duty"  # 不属于本单位职责
    NOT_OUR_AREA = "not_our_area"  # 不属于本辖区
    NEEDS_ANOTHER_LEAD = "needs_another_lead"  # 应由其他单位主办
    DUPLICATE = "duplicate"  # 重复派单
    WRONG_FACTS = "wrong_facts"  # 信息有误


class ExtensionReason(StrEnum):
    """延期事由."""

    COMPLEX = "complex"  # 情况复杂
    MANY_UNITS = "many_units"  # 涉及多个单位
    WORKS = "works"  # 需要施工
    WEATHER = "weather"  # 天气原因
    WAITING_FOR_CALLER = "waiting_for_caller"  # 等待诉求人
    OTHER = "other"  # 其他


class SuspensionReason(StrEnum):
    """挂账事由: the class of a real difficulty."""

    SEASON = "season"  # 季节原因
    FUNDING = "funding"  # 资金待落实
    PLANNING = "planning"  # 规划待调整
    LITIGATION = "litigation"  # 诉讼仲裁中
    LAW_OR_POLICY = "law_or_policy"  # 政策待明确
    HISTORY = "history"  # 历史遗留
    OTHER = "other"  # 其他


class ExclusionReason(StrEnum):
    """剔除事由."""

    EXCLUSION_ITEM = "exclusion_item"  # 属于不受理清单
    BEYOND_POLICY = "beyond_policy"  # 诉求超出法律政策
    NOT_OUR_FAULT = "not_our_fault"  # 非承办单位原因
    MALICIOUS = "malicious"  # 恶意投诉
    SCORE_APPEAL = "score_appeal"  # 考核申诉


@dataclass(frozen=True, slots=True)
class RequestReturn:
    """申请退单; ``to`` is who should take it."""

    request_id: str
    unit: str
    reason: WrongUnit
    to: str
    by: str


@dataclass(frozen=True, slots=True)
class RequestRuling:
    """申请裁定 after signing."""

    request_id: str
    unit: str
    reason: WrongUnit
    to: str
    by: str


@dataclass(frozen=True, slots=True)
class RequestExtension:
    """申请延期 by so many working days."""

    request_id: str
    unit: str
    reason: ExtensionReason
    working_days: int
    by: str


@dataclass(frozen=True, slots=True)
class RequestSuspension:
    """申请挂账 until a re-check."""

    request_id: str
    unit: str
    reason: SuspensionReason
    recheck_due: datetime
    by: str


@dataclass(frozen=True, slots=True)
class RequestExclusion:
    """申请剔除; ``exclusion_code`` is the item of the exclusion list that is said to apply."""

    request_id: str
    unit: str
    reason: ExclusionReason
    exclusion_code: str | None
    by: str


@dataclass(frozen=True, slots=True)
class Settle:
    """审批: approve a request, or reject it. ``roles`` are those of ``by``, ``unit`` the unit they belong to.

    ``desk``: the county whose sub-centre they dispatch at, None: the city's.
    """

    request_id: str
    approve: bool
    roles: frozenset[str]
    unit: str | None
    by: str
    desk: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """裁定 by the supervisor: ``to`` handles it, perhaps the unit that asked. ``unit`` is the supervisor's own."""

    request_id: str
    to: str
    by: str
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class RenewSuspension:
    """续挂 by the supervisor, until another re-check. ``own_unit`` is the supervisor's."""

    unit: str
    recheck_due: datetime
    by: str
    own_unit: str | None = None


@dataclass(frozen=True, slots=True)
class Resume:
    """恢复办理 before the re-check, by the unit itself or by the supervisor."""

    unit: str
    by: str
    by_supervisor: bool = False


Ask = RequestReturn | RequestRuling | RequestExtension | RequestSuspension
"""What a unit asks about its duty: one at a time."""
RequestCommand = Ask | RequestExclusion | Settle | Rule | RenewSuspension | Resume
