"""What can be asked of a whistle 哨声, and what deciding it may know. Pure. ``by`` is the staff id of who asks."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.router.obligations import Clock


class Kind(StrEnum):
    """哨声类型 [P]."""

    CITIZEN_APPEAL = "citizen_appeal"  # 群众诉求哨
    JOINT_ENFORCEMENT = "joint_enforcement"  # 联合执法哨
    EMERGENCY = "emergency"  # 应急处置哨
    KEY_PROJECT = "key_project"  # 重点工作哨


@dataclass(frozen=True, slots=True)
class Blow:
    """吹哨 by a street."""

    order_id: str
    issue_id: str
    kind: Kind
    street: str
    departments: tuple[str, ...]
    by: str


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """应哨 by a department."""

    unit: str
    by: str


@dataclass(frozen=True, slots=True)
class ReportIn:
    """报到 by a department."""

    unit: str
    by: str


@dataclass(frozen=True, slots=True)
class RecordResult:
    """反馈办理结果; the text is private data of the whistle under ``result_id``."""

    unit: str
    result_id: str
    by: str


@dataclass(frozen=True, slots=True)
class Evaluate:
    """街道评价 of one department ``unit``, 0–100 each."""

    street: str
    unit: str
    reported_in_score: int
    acted_score: int
    solved_score: int
    by: str


@dataclass(frozen=True, slots=True)
class DeadlineReached:
    """到期: the timer of this name has come due."""

    name: str


Step = Acknowledge | ReportIn | RecordResult | Evaluate
Command = Blow | Step | DeadlineReached


@dataclass(frozen=True, slots=True)
class Context:
    """What a decision may know besides the whistle."""

    now: datetime
    clock: Clock
