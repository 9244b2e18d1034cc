"""What else can become of an order: recalled, reassigned, handed over, supervised, cancelled, reopened. Pure.

``desk`` is the county whose sub-centre the dispatcher is of (二级派单), None: the city's.
"""

from dataclasses import dataclass
from enum import StrEnum

from contracts.codes import SupervisionLevel


class RecallReason(StrEnum):
    """撤回派单的原因."""

    WRONG_UNIT = "wrong_unit"  # 单位有误
    WRONG_ITEM = "wrong_item"  # 事项有误
    WRONG_PLACE = "wrong_place"  # 地点有误
    OTHER = "other"  # 其他


class SupervisionForm(StrEnum):
    """督办方式, five of them."""

    WRITTEN = "written"  # 书面督办
    MEETING = "meeting"  # 会议督办
    INTERVIEW = "interview"  # 约谈督办
    ON_SITE = "on_site"  # 现场督办
    PERIODIC = "periodic"  # 定期督办


class CancelReason(StrEnum):
    """作废的原因: what became of the issue."""

    WITHDRAWN = "withdrawn"  # 诉求人撤回
    MERGED = "merged"  # 并入其他事项
    TRANSFERRED = "transferred"  # 已转接


@dataclass(frozen=True, slots=True)
class Recall:
    """撤回派单 by a dispatcher: what nobody has signed for comes back."""

    reason: RecallReason
    by: str
    desk: str | None = None


@dataclass(frozen=True, slots=True)
class Reassign:
    """转派 from ``unit`` to ``to``, in the same county."""

    unit: str
    to: str
    by: str
    desk: str | None = None


@dataclass(frozen=True, slots=True)
class AddCoHandler:
    """加派协办."""

    unit: str
    by: str
    desk: str | None = None


@dataclass(frozen=True, slots=True)
class HandOver:
    """移交: ``unit`` was abolished; without a ``successor`` a dispatcher looks."""

    unit: str
    successor: str | None
    by: str
    desk: str | None = None


@dataclass(frozen=True, slots=True)
class SendToDesk:
    """转派单台 ``to`` a county's sub-centre, or (None) to the city's dispatcher."""

    to: str | None
    by: str
    desk: str | None = None


@dataclass(frozen=True, slots=True)
class Supervise:
    """督办 by hand: yellow or red; the words are private data under ``supervision_id``."""

    supervision_id: str
    form: SupervisionForm
    level: SupervisionLevel
    by: str


@dataclass(frozen=True, slots=True)
class Cancel:
    """作废. ``appeal_id`` is the caller who left last, ``merged_into`` the issue that goes on."""

    reason: CancelReason
    appeal_id: str | None = None
    merged_into: str | None = None


@dataclass(frozen=True, slots=True)
class PassOn:
    """重新打开: the issue's next order goes on from here; ``rework``: because it is not finished."""

    next_order_id: str
    rework: bool


@dataclass(frozen=True, slots=True)
class WithdrawAppeal:
    """撤回诉求: one caller is not called back any more."""

    appeal_id: str


@dataclass(frozen=True, slots=True)
class RaiseUrgency:
    """研判突发: somebody saw danger in it."""

    by: str


Turn = Recall | Reassign | AddCoHandler | HandOver | SendToDesk | Supervise
"""What people do to an order beside its way."""
TurnHeard = Cancel | PassOn | WithdrawAppeal | RaiseUrgency
"""What follows from intake's events."""
