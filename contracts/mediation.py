"""What mediation 化解 publishes: topic ``mediation.cases``. Parties are ids; their data never leaves the service."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from contracts.codes import Code, Id, MediationOutcome, StaffId, Time, UnitCode
from contracts.event import Event
from contracts.mediation_door import DOOR_EVENTS, PanelMember
from contracts.mediation_prestage import PRESTAGE_EVENTS


class Party(BaseModel):
    """当事人, by id and side only."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    party_id: Id
    side: Code = Field(description="applicant 申请人 | respondent 被申请人")
    appeal_id: Id | None = Field(default=None, description="The appeal of an applicant who called, if one did.")
    capacity: Code | None = Field(
        default=None, description="full 完全 | limited 限制 | none 无民事行为能力; null: full."
    )


class Instalment(BaseModel):
    """One dated part of what the parties agreed to do (履行)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    number: int = Field(ge=1)
    due: Time
    remind_at: Time | None = Field(default=None, description="When the parties are to be reminded of it.")


class Signature(BaseModel):
    """How one party put its hand to a written agreement [人民调解法 29]."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    party_id: Id
    way: Code = Field(description="signature 签名 | seal 盖章 | fingerprint 按指印")
    representative_id: Id | None = Field(default=None, description="Who put their hand to it for the party.")


class CaseRegistered(Event):
    """登记, 一案一码: a dispute came to the centre, from an order or through the door."""

    type: ClassVar[str] = "qingcheng.mediation.case.registered.v1"
    issue_id: Id
    order_id: Id | None
    case_code: Code = Field(description="一案一码: the code that finds it in every office")
    origin: Code = Field(
        description="order 工单 | walk_in 来访 | grid 网格 | court 法院委派 | police 公安移送 | justice 司法所移送 | "
        "petition 信访移送"
    )
    appeals: list[Id]
    screen_due: Time
    referred_by: UnitCode | None = Field(default=None, description="The office that sent it; its own number is kept.")


class CaseReferredOut(Event):
    """不属于调解范围: guided to where it belongs."""

    type: ClassVar[str] = "qingcheng.mediation.case.referred_out.v1"
    order_id: Id | None
    guidance: Code = Field(description="court | arbitration | administrative | police | petition_proxy")
    by: StaffId
    reason: Code | None = Field(
        default=None,
        description="not_civil | exclusive_authority | mediation_forbidden | already_decided | criminal | "
        "no_opponent | elsewhere_competent",
    )
    office: UnitCode | None = Field(
        default=None, description="Which office the parties were sent to, if one was named."
    )
    appeals: list[Id] = Field(default_factory=list, description="Whom a petition that follows keeps informed.")


class ConsentRequested(Event):
    """征求意见: within scope; every party is asked [人民调解法 17]."""

    type: ClassVar[str] = "qingcheng.mediation.case.consent_requested.v1"
    parties: list[Party] = Field(min_length=2)
    consent_due: Time
    by: StaffId


class ConsentGiven(Event):
    """同意调解, by one party."""

    type: ClassVar[str] = "qingcheng.mediation.case.consent_given.v1"
    party_id: Id
    representative_id: Id | None = Field(default=None, description="Who consented for the party.")


class CaseTerminated(Event):
    """终止: a party refused, or consent did not come in time [人民调解法 17]."""

    type: ClassVar[str] = "qingcheng.mediation.case.terminated.v1"
    order_id: Id | None
    outcome: MediationOutcome
    party_id: Id | None
    cause: Code | None = Field(
        default=None,
        description="order_cancelled 工单作废 | order_emergency 转为突发 | issue_withdrawn 撤回诉求; null: outcome.",
    )


class CaseAccepted(Event):
    """受理: every party has consented; the order's clock stops now."""

    type: ClassVar[str] = "qingcheng.mediation.case.accepted.v1"
    order_id: Id | None
    accepted_at: Time
    assign_due: Time


class MediatorAssigned(Event):
    """指定调解员 [人民调解法 19]."""

    type: ClassVar[str] = "qingcheng.mediation.case.mediator_assigned.v1"
    mediator_id: StaffId = Field(description="Who presides.")
    committee: UnitCode
    mediation_due: Time
    by: StaffId
    panel: list[PanelMember] = Field(default_factory=list, description="Who mediates beside them.")
    chosen: bool = Field(default=False, description="All parties chose them; else the committee assigned.")


class SessionHeld(Event):
    """调解会: notes stay in the service."""

    type: ClassVar[str] = "qingcheng.mediation.case.session_held.v1"
    number: int = Field(ge=1)
    mediation_due: Time | None = Field(
        default=None, description="Set when the case is mediated anew because the court did not confirm."
    )
    attended: list[Id] | None = Field(default=None, description="The parties who came; null: not recorded.")
    by: StaffId


class CaseAgreed(Event):
    """达成协议, written or oral [人民调解法 28]; its text stays in the service."""

    type: ClassVar[str] = "qingcheng.mediation.case.agreed.v1"
    order_id: Id | None
    agreement_id: Id
    form: Code = Field(description="written 书面 | oral 口头")
    effective_at: Time
    confirmation_until: Time = Field(description="Last day to ask the court together [人民调解法 33]")
    instalments: list[Instalment] = Field(min_length=1)
    signatures: list[Signature] | None = Field(default=None, description="Of a written agreement, by every party.")
    by: StaffId


class CaseFailed(Event):
    """调解不成 [人民调解法 26]: guidance is given next."""

    type: ClassVar[str] = "qingcheng.mediation.case.failed.v1"
    order_id: Id | None
    reason: Code = Field(description="no_agreement | party_withdrew")
    party_id: Id | None = Field(default=None, description="Who withdrew.")
    guidance_due: Time
    by: StaffId | None


class CaseGuided(Event):
    """引导: court, arbitration, administrative way or petition proxy [人民调解法 26]; court enforcement [33]."""

    type: ClassVar[str] = "qingcheng.mediation.case.guided.v1"
    guidance: Code = Field(description="court | arbitration | administrative | petition_proxy | court_enforcement")
    advice_version: Code | None = Field(default=None, description="Of the advice and the limits that were told.")
    revisit_due: Time | None = None
    by: StaffId
    appeals: list[Id] = Field(default_factory=list, description="Whom a petition that follows keeps informed.")


class ConfirmationRequested(Event):
    """共同申请司法确认, both parties within 30 days of effect [人民调解法 33]."""

    type: ClassVar[str] = "qingcheng.mediation.case.confirmation_requested.v1"
    court: UnitCode
    acceptance_due: Time | None = Field(default=None, description="Until when the court takes it or declines.")
    ruling_due: Time
    by: StaffId


class CaseConfirmed(Event):
    """司法确认: a confirmed agreement can be enforced."""

    type: ClassVar[str] = "qingcheng.mediation.case.confirmed.v1"
    by: StaffId


class CaseNotConfirmed(Event):
    """不予确认: the parties mediate anew or are guided on."""

    type: ClassVar[str] = "qingcheng.mediation.case.not_confirmed.v1"
    reason: Code
    guidance_due: Time
    by: StaffId


class InstalmentPerformed(Event):
    """履行 of one instalment."""

    type: ClassVar[str] = "qingcheng.mediation.case.instalment_performed.v1"
    number: int = Field(ge=1)
    in_time: bool
    by: StaffId


class CasePerformed(Event):
    """履行完毕: all instalments."""

    type: ClassVar[str] = "qingcheng.mediation.case.performed.v1"
    order_id: Id | None
    revisit_due: Time | None = None


class CaseBreached(Event):
    """未履行: confirmed → court enforcement, else sue; guidance is given next."""

    type: ClassVar[str] = "qingcheng.mediation.case.breached.v1"
    number: int = Field(ge=1)
    confirmed: bool
    guidance_due: Time
    by: StaffId


class CaseStepOverdue(Event):
    """环节逾期: the step's limit has passed; the centre's supervisor sees it."""

    type: ClassVar[str] = "qingcheng.mediation.case.step_overdue.v1"
    step: Code = Field(
        description="One of the steps that have a limit, such as screen, ruling or performance:<number>."
    )
    due_at: Time


CASE_EVENTS: tuple[type[Event], ...] = (
    CaseRegistered,
    CaseReferredOut,
    ConsentRequested,
    ConsentGiven,
    CaseTerminated,
    CaseAccepted,
    MediatorAssigned,
    SessionHeld,
    CaseAgreed,
    CaseFailed,
    CaseGuided,
    ConfirmationRequested,
    CaseConfirmed,
    CaseNotConfirmed,
    InstalmentPerformed,
    CasePerformed,
    CaseBreached,
    CaseStepOverdue,
    *DOOR_EVENTS,
    *PRESTAGE_EVENTS,
)
