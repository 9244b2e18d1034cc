"""What can be asked of a whistle 哨声, and what deciding it may know. Pure. ``by`` is the staff id of who asks.

``street`` is the street that somebody acts for; None: a supervisor acts because the street is late.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.router.obligations import Clock
from services.router.turn_commands import SupervisionForm
from services.router.whistle_scores import Formula


class Kind(StrEnum):
    """哨声类型 [P]."""

    CITIZEN_APPEAL = "citizen_appeal"  # 群众诉求哨
    JOINT_ENFORCEMENT = "joint_enforcement"  # 联合执法哨
    EMERGENCY = "emergency"  # 应急处置哨
    KEY_PROJECT = "key_project"  # 重点工作哨


class ObjectionReason(StrEnum):
    """异议理由: why a department should not have been called."""

    NOT_OUR_DUTY = "not_our_duty"  # 非本部门职责
    NOT_NEEDED = "not_needed"  # 无需本部门到场
    HANDLED_ALREADY = "handled_already"  # 已办理
    OTHER = "other"  # 其他


@dataclass(frozen=True, slots=True)
class Blow:
    """吹哨 by a street; without ``order_id`` it has no hotline order. Emergencies are blown, others drafted."""

    order_id: str | None
    issue_id: str
    kind: Kind
    street: str
    departments: tuple[str, ...]
    by: str
    requested_by: str | None = None


@dataclass(frozen=True, slots=True)
class Approve:
    """同意吹哨 by the street's leader."""

    street: str | None
    by: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """不同意吹哨; the text is private data of the whistle under ``refusal_id``."""

    street: str | None
    refusal_id: str
    by: str


@dataclass(frozen=True, slots=True)
class Revise:
    """修改后重报: a refused draft with other departments, or the same again."""

    street: str
    departments: tuple[str, ...]
    by: str


@dataclass(frozen=True, slots=True)
class Discard:
    """放弃吹哨: the street drops its draft."""

    street: str
    by: str


@dataclass(frozen=True, slots=True)
class CancelWithOrder:
    """工单作废: its order was cancelled for ``reason``; emergencies go on."""

    reason: str


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """应哨 by a department."""

    unit: str
    by: str


@dataclass(frozen=True, slots=True)
class Contact:
    """联系街道 by a department."""

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
class Object:
    """提出异议 by a department, once; the text is private data of the whistle under ``objection_id``."""

    unit: str
    reason: ObjectionReason
    objection_id: str
    by: str


@dataclass(frozen=True, slots=True)
class Rule:
    """裁定异议 about ``unit`` by the panel; ``panel_unit`` is the member's own. The text is private data."""

    unit: str
    upheld: bool
    ruling_id: str
    panel_unit: str | None
    by: str


@dataclass(frozen=True, slots=True)
class Evaluate:
    """街道评价 of one department ``unit``, 0–100 each."""

    street: str | None
    unit: str
    reported_in_score: int
    acted_score: int
    solved_score: int
    by: str


@dataclass(frozen=True, slots=True)
class Supervise:
    """督办 of an escalated department ``unit`` by the leader of ``county``, None: a supervisor. The text is private."""

    county: str | None
    unit: str
    form: SupervisionForm
    supervision_id: str
    by: str


@dataclass(frozen=True, slots=True)
class RateWhistler:
    """部门反评 of the street by a department ``unit``, 0–100 each."""

    unit: str
    needed_score: int
    precise_score: int
    by: str


@dataclass(frozen=True, slots=True)
class HandOver:
    """移交: ``unit``, the street or a department, was abolished; None: nobody succeeds it."""

    unit: str
    successor: str | None
    by: str


@dataclass(frozen=True, slots=True)
class DeadlineReached:
    """到期: the timer of this name has come due."""

    name: str


Step = Acknowledge | Contact | ReportIn | RecordResult | Object
"""What a called department asks about its own line."""
OnDraft = Approve | Refuse | Revise | Discard
"""What the street and its leader ask about a draft."""
Command = (
    Blow | OnDraft | CancelWithOrder | HandOver | Step | Rule | Supervise | Evaluate | RateWhistler | DeadlineReached
)


@dataclass(frozen=True, slots=True)
class Context:
    """What a decision may know besides the whistle."""

    now: datetime
    clock: Clock
    formula: Formula
