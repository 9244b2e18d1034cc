"""What may be asked of a call-back 回访, and what is known when it is decided. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contracts.codes import ReasonClass, Resolution, Satisfaction
from services.notify.call_hours import CallHours
from services.notify.reasons import Reason


class Basis(StrEnum):
    """回访依据: why somebody is called back."""

    ORDER = "order"  # 办结的工单
    LATE_CALLER = "late_caller"  # 工单归档后才并入的诉求
    ANSWER = "answer"  # 抽样的直接答复: there is no order


class Outcome(StrEnum):
    """未接通结果: why a call brought no answers."""

    NO_ANSWER = "no_answer"  # 无人接听
    BUSY = "busy"  # 占线
    REFUSED = "refused"  # 拒绝回访
    WRONG_NUMBER = "wrong_number"  # 号码有误
    CALL_BACK_LATER = "call_back_later"  # 约时再访


USELESS = frozenset({Outcome.REFUSED, Outcome.WRONG_NUMBER})
"""After these nobody calls again."""


class Channel(StrEnum):
    """回访渠道: how the caller answered."""

    PHONE = "phone"  # 电话
    SURVEY_LINK = "survey_link"  # 短信链接
    APP = "app"  # 移动端


@dataclass(frozen=True, slots=True)
class Open:
    """开始回访: the order was completed, this caller is to be asked. A caller of ``Basis.LATE_CALLER`` likewise."""

    issue_id: str
    order_id: str
    appeal_id: str
    round: int
    basis: Basis = Basis.ORDER
    item_code: str | None = None
    completed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OpenForAnswer:
    """开始直接答复回访: the sample has met this issue, this caller is to be asked."""

    issue_id: str
    appeal_id: str
    knowledge_id: str
    item_code: str
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class Attempt:
    """未接通: call number ``number`` brought no answers. ``wished_at``: the caller asked to be called then."""

    number: int
    by: str
    outcome: Outcome = Outcome.NO_ANSWER
    wished_at: datetime | None = None


@dataclass(frozen=True)
class Answers:
    """回访结果: what the caller said. ``contacted`` and ``in_time`` are about the handling unit, where there is one."""

    contacted: bool | None
    in_time: bool | None
    resolution: Resolution
    satisfaction: Satisfaction
    reason_class: ReasonClass | None = None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """登记回访结果. ``commented``: the caller added words, which are private data of the revisit."""

    answers: Answers
    by: str
    channel: Channel = Channel.PHONE
    commented: bool = False


@dataclass(frozen=True, slots=True)
class Cancel:
    """取消回访: there is nothing left to ask about."""


@dataclass(frozen=True, slots=True)
class DeadlineReached:
    """到期: the timer ``name`` has come due."""

    name: str


Command = Open | OpenForAnswer | Attempt | Record | Cancel | DeadlineReached


@dataclass(frozen=True, slots=True)
class Context:
    """The time. ``due(limit)`` is when the named limit of ``limits.toml`` ends that starts now.

    ``hours`` are the parts of the day; ``max_attempts`` and ``max_wishes`` the counts ``revisit_attempts`` and
    ``revisit_wishes``.
    """

    now: datetime
    due: Callable[[str], datetime]
    hours: CallHours
    max_attempts: int
    max_wishes: int
