"""The words of a case 调解案件: what may be asked of it, and what is known about it. The rules are in ``case.py``.

Names, numbers, notes and agreements are private data beside the commands: ``party/<party id>``,
``session/<number>``, ``agreement/<agreement id>``. Neither state nor events hold them. Ids are made by whoever sends a
command, so that the same command has the same identity twice. What is asked at the door: ``case_door.py``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from contracts.codes import CaseOrigin
from contracts.mediation import Instalment, Party
from contracts.mediation_door import PanelMember
from services.mediation.case_door import AtDoor, Proposal, Representative, ScopeReason
from services.mediation.case_parts import Confirmation, CourtSteps, Guidance, Outcome, Oversight, Paper, Refusal, Talks
from services.mediation.prestage_words import AboutPrestage, Prestage, Tried
from services.mediation.staff import Staff as Staff


class Status(StrEnum):
    """状态."""

    NONE = "none"
    REGISTERED = "registered"
    REFERRED = "referred"
    PRE_STAGE = "pre_stage"
    SETTLED = "settled"
    CONSENT_PENDING = "consent_pending"
    TERMINATED = "terminated"
    ACCEPTED = "accepted"
    MEDIATOR_ASSIGNED = "mediator_assigned"
    IN_MEDIATION = "in_mediation"
    AGREED_WRITTEN = "agreed_written"
    AGREED_ORAL = "agreed_oral"
    FAILED = "failed"
    GUIDED = "guided"
    CONFIRMATION_PENDING = "confirmation_pending"
    CONFIRMED = "confirmed"
    NOT_CONFIRMED = "not_confirmed"
    PERFORMING = "performing"
    PERFORMED = "performed"
    BREACHED = "breached"
    REVISITED = "revisited"
    ARCHIVED = "archived"


TERMINAL = frozenset({Status.REFERRED, Status.TERMINATED, Status.ARCHIVED})
STATUS_ZH = {
    Status.NONE: "无",
    Status.REGISTERED: "已登记，待审查",
    Status.REFERRED: "不属于调解范围，已告知",
    Status.PRE_STAGE: "前置化解中",
    Status.SETTLED: "前置化解成功，待回访",
    Status.CONSENT_PENDING: "征求各方意见",
    Status.TERMINATED: "已终止",
    Status.ACCEPTED: "已受理，待指定调解员",
    Status.MEDIATOR_ASSIGNED: "已指定调解员",
    Status.IN_MEDIATION: "调解中",
    Status.AGREED_WRITTEN: "达成书面协议",
    Status.AGREED_ORAL: "达成口头协议",
    Status.FAILED: "调解不成，待引导",
    Status.GUIDED: "已引导其他途径，待回访",
    Status.CONFIRMATION_PENDING: "司法确认中",
    Status.CONFIRMED: "已司法确认",
    Status.NOT_CONFIRMED: "不予确认",
    Status.PERFORMING: "履行中",
    Status.PERFORMED: "履行完毕，待回访",
    Status.BREACHED: "未履行，待引导",
    Status.REVISITED: "已回访，待归档",
    Status.ARCHIVED: "已归档",
}


class Side(StrEnum):
    """当事人的一方."""

    APPLICANT = "applicant"  # 申请人
    RESPONDENT = "respondent"  # 被申请人


class Form(StrEnum):
    """协议形式 [人民调解法 28]."""

    WRITTEN = "written"  # 书面
    ORAL = "oral"  # 口头


@dataclass(frozen=True, slots=True)
class Register:
    """登记, from an order or through the door (``order_id`` None). ``referred_by``: the office that sent it."""

    issue_id: str
    order_id: str | None
    appeals: tuple[str, ...] = ()
    origin: CaseOrigin = CaseOrigin.WALK_IN
    referred_by: str | None = None


@dataclass(frozen=True, slots=True)
class Screen:
    """审查: it can be mediated, and these are the parties."""

    parties: tuple[Party, ...]
    by: Staff


@dataclass(frozen=True, slots=True)
class ReferOut:
    """不属于调解范围, and why: where the dispute belongs instead; ``office`` if it is a certain one."""

    guidance: Guidance
    by: Staff
    reason: ScopeReason | None = None
    office: str | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """同意或不同意调解, as one party said, or the representative ``through`` whom they act."""

    party_id: str
    agreed: bool
    by: Staff
    through: str | None = None


@dataclass(frozen=True, slots=True)
class AssignMediator:
    """指定或更换调解员, who presides over ``panel``. ``conflicts``: parties with whom they have a conflict (回避)."""

    mediator_id: str
    committee: str
    conflicts: tuple[str, ...]
    by: Staff
    panel: tuple[PanelMember, ...] = ()


@dataclass(frozen=True, slots=True)
class HoldSession:
    """调解会 number 1, 2, … ``attended``: the parties who came; None: not recorded."""

    number: int
    by: Staff
    attended: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Agree:
    """达成协议. ``effective_at`` None: now. An instalment of None has no date in the agreement."""

    agreement_id: str
    form: Form
    effective_at: datetime | None
    instalments: tuple[datetime | None, ...]
    by: Staff
    paper: Paper


@dataclass(frozen=True, slots=True)
class Fail:
    """调解不成."""

    by: Staff


@dataclass(frozen=True, slots=True)
class Withdraw:
    """退出: a party ends the mediation."""

    party_id: str
    by: Staff


@dataclass(frozen=True, slots=True)
class Guide:
    """引导其他途径."""

    guidance: Guidance
    by: Staff
    advice_version: str | None = None


@dataclass(frozen=True, slots=True)
class RequestConfirmation:
    """共同申请司法确认. ``matter_excluded``: it is about identity, adoption or marriage (身份、收养、婚姻关系)."""

    parties: tuple[str, ...]
    court: str
    matter_excluded: bool
    by: Staff


@dataclass(frozen=True, slots=True)
class Rule:
    """法院裁定. ``refusal`` None: the court confirms."""

    refusal: Refusal | None
    by: Staff


@dataclass(frozen=True, slots=True)
class PerformInstalment:
    """履行 of one instalment."""

    number: int
    by: Staff


@dataclass(frozen=True, slots=True)
class ReportBreach:
    """未履行 of one instalment."""

    number: int
    by: Staff


@dataclass(frozen=True, slots=True)
class EndWithOrder:
    """工单作废, 转为突发, 撤回诉求: the order ended or is an emergency, or the issue was withdrawn: nothing is left."""

    cause: str = "order_cancelled"


@dataclass(frozen=True, slots=True)
class DeadlineReached:
    """A timer of ``deadlines`` is due."""

    step: str


AboutAgreement = Agree | RequestConfirmation | Rule | PerformInstalment | ReportBreach
Mediation = Screen | ReferOut | Consent | AssignMediator | HoldSession | Fail | Withdraw | Guide
Staffed = Mediation | AtDoor | AboutPrestage | AboutAgreement
Command = Register | Staffed | EndWithOrder | DeadlineReached


@dataclass(frozen=True, slots=True)
class Context:
    """``due(limit, start)`` is when the named limit of ``limits.toml`` ends that starts at ``start``."""

    case_id: str
    now: datetime
    due: Callable[[str, datetime], datetime]


@dataclass(frozen=True)
class Case:
    """一案. ``mediator`` presides over ``panel``. A step's end in ``timers`` that has passed moves to ``late``."""

    status: Status = Status.NONE
    issue_id: str = ""
    order_id: str | None = None
    origin: CaseOrigin | None = None
    referred_by: str | None = None
    code: str = ""
    appeals: tuple[str, ...] = ()
    parties: tuple[Party, ...] = ()
    consented: tuple[str, ...] = ()
    representatives: tuple[Representative, ...] = ()
    left_by: str | None = None
    accepted_at: datetime | None = None
    mediator: str | None = None
    committee: str | None = None
    panel: tuple[PanelMember, ...] = ()
    proposal: Proposal | None = None
    declined: tuple[str, ...] = ()
    recused: tuple[str, ...] = ()
    sessions: int = 0
    agreement_id: str | None = None
    form: Form | None = None
    confirmation_until: datetime | None = None
    instalments: tuple[Instalment, ...] = ()
    performed: tuple[int, ...] = ()
    breached: int | None = None
    confirmation: Confirmation = Confirmation.NONE
    court: str | None = None
    failure: str | None = None
    guidance: str | None = None
    scope_reason: str | None = None
    office: str | None = None
    paper: Paper = field(default_factory=Paper)
    talks: Talks = field(default_factory=Talks)
    court_steps: CourtSteps = field(default_factory=CourtSteps)
    oversight: Oversight = field(default_factory=Oversight)
    outcome: Outcome | None = None
    prestage: Tried | None = None
    prestages: tuple[Prestage, ...] = ()
    timers: Mapping[str, datetime] = field(default_factory=dict)
    late: Mapping[str, datetime] = field(default_factory=dict)
