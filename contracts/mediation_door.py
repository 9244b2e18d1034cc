"""What mediation 化解 publishes of a case before its sessions: its parties, who mediates. ``mediation.cases`` too."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from contracts.codes import Code, Id, StaffId, Time, UnitCode
from contracts.event import Event


class PanelMember(BaseModel):
    """合议调解员 beside the presiding one, and the office that sent them (四所一庭)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    mediator_id: StaffId
    office: Code = Field(
        description="committee 调委会 | police_station 派出所 | justice_office 司法所 | law_firm 律师事务所 | "
        "market_office 市场监管所 | court 法庭"
    )


class MediatorProposed(Event):
    """提名调解员: a party wishes for this mediator; the others are asked [人民调解法 19]."""

    type: ClassVar[str] = "qingcheng.mediation.case.mediator_proposed.v1"
    mediator_id: StaffId
    committee: UnitCode
    party_id: Id
    by: StaffId


class MediatorChoiceAccepted(Event):
    """同意人选, by another party; with the last one's the mediator is assigned [人民调解法 19]."""

    type: ClassVar[str] = "qingcheng.mediation.case.mediator_choice_accepted.v1"
    mediator_id: StaffId
    party_id: Id
    by: StaffId


class MediatorChoiceDeclined(Event):
    """不同意人选: the committee assigns, or a party proposes somebody else."""

    type: ClassVar[str] = "qingcheng.mediation.case.mediator_choice_declined.v1"
    mediator_id: StaffId
    party_id: Id
    by: StaffId


class MediatorRecused(Event):
    """回避: a conflict of interest was declared; this mediator has no part in the case any more."""

    type: ClassVar[str] = "qingcheng.mediation.case.mediator_recused.v1"
    mediator_id: StaffId
    party_id: Id | None = Field(description="With whom the conflict is, if it is with a party.")
    reason: Code = Field(description="relative 近亲属 | interest 利害关系 | other_relation 其他关系")
    assign_due: Time | None = Field(description="Set when the case has nobody who presides now.")
    by: StaffId


class PartyJoined(Event):
    """追加当事人 before acceptance: they are asked like the others, and the limit of the consents begins anew."""

    type: ClassVar[str] = "qingcheng.mediation.case.party_joined.v1"
    party_id: Id
    side: Code = Field(description="applicant 申请人 | respondent 被申请人")
    appeal_id: Id | None
    capacity: Code = Field(description="full | limited | none")
    consent_due: Time
    by: StaffId


class RepresentativeNamed(Event):
    """代理人: somebody acts for a party; name and authorisation stay in the service [民法典 23, 161, 165]."""

    type: ClassVar[str] = "qingcheng.mediation.case.representative_named.v1"
    representative_id: Id
    party_id: Id
    kind: Code = Field(description="guardian 监护人 | agent 委托代理人")
    special: bool = Field(description="特别授权: they may consent and settle; a guardian always may.")
    by: StaffId


class RepresentationEnded(Event):
    """代理终止."""

    type: ClassVar[str] = "qingcheng.mediation.case.representation_ended.v1"
    representative_id: Id
    by: StaffId


DOOR_EVENTS: tuple[type[Event], ...] = (
    MediatorProposed,
    MediatorChoiceAccepted,
    MediatorChoiceDeclined,
    MediatorRecused,
    PartyJoined,
    RepresentativeNamed,
    RepresentationEnded,
)
