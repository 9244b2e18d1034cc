"""What mediation 化解 publishes from the first session to the archive, on ``mediation.cases`` too.

Parties are ids; what was said, agreed or seen never leaves the service. Articles without another name are those of
人民调解法; 规定: 最高人民法院关于人民调解协议司法确认程序的若干规定.
"""

from typing import ClassVar

from pydantic import Field

from contracts.codes import Code, Id, StaffId, Time, UnitCode
from contracts.event import Event


class SessionPlanned(Event):
    """约定调解会, or another time for one that was planned; where exactly stays in the service."""

    type: ClassVar[str] = "qingcheng.mediation.case.session_planned.v1"
    number: int = Field(ge=1)
    at: Time
    setting: Code = Field(description="centre | community | on_site | online")
    record_due: Time = Field(description="Until when it is to be recorded [A 27].")
    by: StaffId


class MediationExtended(Event):
    """延长调解期限: every party agreed to go on."""

    type: ClassVar[str] = "qingcheng.mediation.case.mediation_extended.v1"
    until: Time
    agreed_by: list[Id] = Field(min_length=2)
    by: StaffId


class RiskReported(Event):
    """风险上报: the dispute may escalate; the police or another office was told [A 25]."""

    type: ClassVar[str] = "qingcheng.mediation.case.risk_reported.v1"
    report_id: Id
    kind: Code = Field(description="escalation 激化 | public_security 治安案件 | criminal 刑事案件")
    office: UnitCode | None = Field(default=None, description="Who was told; null where measures were enough.")
    told_at: Time | None = None
    measure: Code = Field(description="separated | visited | counselled | accompanied | other")
    by: StaffId


class RiskCleared(Event):
    """风险解除."""

    type: ClassVar[str] = "qingcheng.mediation.case.risk_cleared.v1"
    report_id: Id
    by: StaffId


class CaseTextRevealed(Event):
    """查看案件内容: somebody was shown private texts of the case, and for what (audited)."""

    type: ClassVar[str] = "qingcheng.mediation.case.text_revealed.v1"
    reveal_id: Id
    what: Code = Field(
        description="sessions | agreement | risks | course | prestage | parties | representatives | document:<kind> | "
        "contact:<party id>"
    )
    purpose: Code = Field(description="mediation | supervision | court | archive")
    by: StaffId


class CourtAccepted(Event):
    """法院受理司法确认 [规定 4]: its clock to decide runs [规定 5]."""

    type: ClassVar[str] = "qingcheng.mediation.case.court_accepted.v1"
    ruling_due: Time
    by: StaffId


class CourtDeclined(Event):
    """法院不予受理 [规定 4]; the agreement binds as before [A 31]."""

    type: ClassVar[str] = "qingcheng.mediation.case.court_declined.v1"
    reason: Code = Field(description="scope | jurisdiction | identity | adoption | marriage")
    by: StaffId


class CourtExtended(Event):
    """法院延长审查期限, once, by the president's leave [规定 5]."""

    type: ClassVar[str] = "qingcheng.mediation.case.court_extended.v1"
    ruling_due: Time
    by: StaffId


class SupplementRequested(Event):
    """法院要求补充材料 [规定 6]; its own clock runs on."""

    type: ClassVar[str] = "qingcheng.mediation.case.supplement_requested.v1"
    supplement_due: Time
    by: StaffId


class SupplementFiled(Event):
    """已补充材料."""

    type: ClassVar[str] = "qingcheng.mediation.case.supplement_filed.v1"
    by: StaffId


class ConfirmationWithdrawn(Event):
    """撤回司法确认申请 [规定 5], or taken as withdrawn because nothing was supplemented [规定 6]."""

    type: ClassVar[str] = "qingcheng.mediation.case.confirmation_withdrawn.v1"
    party_id: Id | None = Field(default=None, description="Who withdrew; null: taken as withdrawn by the court.")
    by: StaffId


class InstalmentDueSoon(Event):
    """履行提醒: an instalment falls due soon [A 31]. Whoever tells people needs no more than this."""

    type: ClassVar[str] = "qingcheng.mediation.case.instalment_due_soon.v1"
    number: int = Field(ge=1)
    due: Time
    order_id: Id | None
    appeals: list[Id]
    parties: list[Id] = Field(
        default_factory=list, description="Whom to remind: every party; empty in events from before that was said."
    )


class InstalmentPartlyPerformed(Event):
    """部分履行 of one instalment."""

    type: ClassVar[str] = "qingcheng.mediation.case.instalment_partly_performed.v1"
    number: int = Field(ge=1)
    percent: int = Field(ge=1, le=99)
    by: StaffId


class InstalmentChanged(Event):
    """变更履行期限: every party agreed to another date."""

    type: ClassVar[str] = "qingcheng.mediation.case.instalment_changed.v1"
    number: int = Field(ge=1)
    due: Time
    remind_at: Time
    agreed_by: list[Id] = Field(min_length=2)
    by: StaffId


class PerformanceOverseen(Event):
    """督促履行: the committee looked after it [A 31]."""

    type: ClassVar[str] = "qingcheng.mediation.case.performance_overseen.v1"
    check_id: Id
    number: int = Field(ge=1)
    way: Code = Field(description="call | visit | letter")
    by: StaffId


class CaseRevisited(Event):
    """案件回访: the centre asked what became of it."""

    type: ClassVar[str] = "qingcheng.mediation.case.revisited.v1"
    outcome: Code = Field(description="settled | recurred | unreached")
    archive_due: Time
    by: StaffId


class CaseArchived(Event):
    """立卷归档 [A 27]: the end of the case."""

    type: ClassVar[str] = "qingcheng.mediation.case.archived.v1"
    by: StaffId


CASE_COURSE_EVENTS: tuple[type[Event], ...] = (
    SessionPlanned,
    MediationExtended,
    RiskReported,
    RiskCleared,
    CaseTextRevealed,
    CourtAccepted,
    CourtDeclined,
    CourtExtended,
    SupplementRequested,
    SupplementFiled,
    ConfirmationWithdrawn,
    InstalmentDueSoon,
    InstalmentPartlyPerformed,
    InstalmentChanged,
    PerformanceOverseen,
    CaseRevisited,
    CaseArchived,
)
