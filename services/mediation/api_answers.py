"""What mediation answers. Personal data is only in the last ones."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, Field

from contracts.codes import CaseOrigin, Id
from contracts.mediation import Instalment
from contracts.mediation_door import PanelMember
from services.mediation.case_door import Acting, Capacity
from services.mediation.case_model import STATUS_ZH, Case, Form, Status
from services.mediation.case_parts import Confirmation, Declined, Measure, Outcome, RiskKind, Setting, Talks
from services.mediation.prestage_words import Participant, Prestage, Result, Step, Tried


def origin_of(case: Case) -> CaseOrigin:
    """来源, also of a case from before that was kept."""
    return case.origin or (CaseOrigin.ORDER if case.order_id else CaseOrigin.WALK_IN)


class PartyAnswer(BaseModel):
    """当事人, by id and side only."""

    party_id: Id
    side: str
    appeal_id: Id | None
    consented: bool = Field(description="已同意调解")
    capacity: Capacity = Field(description="民事行为能力")


class PrestageStepAnswer(BaseModel):
    """议事协商已完成的一步."""

    step: Step
    held_at: AwareDatetime


class PrestageAnswer(BaseModel):
    """前置化解."""

    kind: Prestage
    participants: list[Participant]
    steps: list[PrestageStepAnswer]
    next_step: Step | None
    result: Result | None = Field(description="settled 化解，passed_on 转入调解；进行中为 null")

    @classmethod
    def of(cls, tried: Tried) -> "PrestageAnswer":
        """As it is shown."""
        return cls(
            kind=tried.kind,
            participants=list(tried.participants),
            steps=[PrestageStepAnswer(step=step, held_at=at) for step, at in tried.steps],
            next_step=tried.next_step,
            result=tried.result,
        )


class RepresentativeAnswer(BaseModel):
    """代理人, by id only."""

    representative_id: Id
    party_id: Id
    kind: Acting = Field(description="guardian 监护人，agent 委托代理人")
    special: bool = Field(description="特别授权：可以代为同意和达成协议")


class ProposalAnswer(BaseModel):
    """提名的调解员, and the parties who want them."""

    mediator_id: str
    committee: str
    accepted: list[Id]


class InstalmentAnswer(BaseModel):
    """一期履行内容."""

    number: int
    due: AwareDatetime
    performed: bool
    percent: int = Field(description="已履行的百分比")
    remind_at: AwareDatetime | None = Field(description="何时提醒当事人")


class StepAnswer(BaseModel):
    """A limit that runs or has passed."""

    step: str = Field(examples=["mediation", "performance:1"])
    due: AwareDatetime
    late: bool


class PlannedAnswer(BaseModel):
    """约定的调解会; where exactly is shown by ``reveal``."""

    number: int
    at: AwareDatetime
    setting: Setting


class AttendedAnswer(BaseModel):
    """Who came to a session, of the parties."""

    number: int
    parties: list[Id]


class RiskAnswer(BaseModel):
    """未解除的风险; its words are shown by ``reveal``."""

    report_id: Id
    kind: RiskKind
    office: str | None
    measure: Measure
    told_at: AwareDatetime | None


class CourtAnswer(BaseModel):
    """司法确认 as far as the court has come with the last request."""

    accepted: bool
    extended: bool
    supplement_due: AwareDatetime | None
    declined: Declined | None
    withdrawn_by: str | None = Field(description="撤回的当事人；court 表示法院按撤回处理")


class CaseAnswer(BaseModel):
    """调解案件, without any personal data."""

    id: Id
    version: int = Field(description="即 ETag")
    status: Status
    status_zh: str = Field(examples=["调解中"])
    case_code: str = Field(description="一案一码", examples=["AJ5ZKQ7C2MHT"])
    issue_id: Id
    order_id: Id | None = Field(description="转来的工单；窗口登记为 null")
    origin: CaseOrigin = Field(description="来源：工单、来访、网格、法院委派、公安移送等")
    referred_by: str | None = Field(description="委派、移送的单位")
    appeals: list[Id]
    parties: list[PartyAnswer]
    prestage: PrestageAnswer | None = Field(description="前置化解：铁三角或议事协商")
    representatives: list[RepresentativeAnswer] = Field(description="代理人")
    mediator: str | None
    committee: str | None
    panel: list[PanelMember] = Field(description="合议调解员及其所属单位")
    proposal: ProposalAnswer | None = Field(description="待各方确认的调解员人选")
    recused: list[str] = Field(description="已在本案回避的调解员")
    sessions: int = Field(description="已开调解会次数")
    planned_session: PlannedAnswer | None
    attended: list[AttendedAnswer] = Field(description="各次调解会到场的当事人")
    at_risk: bool = Field(description="有激化风险")
    risk: RiskAnswer | None
    form: Form | None
    agreement_id: Id | None
    confirmation_until: AwareDatetime | None = Field(description="最迟何时申请司法确认")
    confirmation: Confirmation
    court: str | None
    court_steps: CourtAnswer
    instalments: list[InstalmentAnswer]
    breached: int | None = Field(description="未履行的一期")
    failure: str | None
    guidance: str | None
    scope_reason: str | None = Field(description="不属于调解范围的理由")
    office: str | None = Field(description="去向的具体单位")
    outcome: Outcome | None = Field(description="案件回访的结果")
    steps: list[StepAnswer] = Field(description="当前环节的期限，最紧迫的在前")
    due: AwareDatetime | None = Field(description="最紧迫的期限")
    late: bool = Field(description="有环节逾期")

    @classmethod
    def of(cls, id_: str, version: int, case: Case) -> "CaseAnswer":
        """The answer for a case as stored."""
        steps = sorted([*_steps(case.late, True), *_steps(case.timers, False)], key=lambda step: step.due)
        return cls(
            id=id_,
            version=version,
            status=case.status,
            status_zh=STATUS_ZH[case.status],
            case_code=case.code,
            issue_id=case.issue_id,
            order_id=case.order_id,
            origin=origin_of(case),
            referred_by=case.referred_by,
            appeals=list(case.appeals),
            parties=[
                PartyAnswer(
                    party_id=party.party_id,
                    side=party.side,
                    appeal_id=party.appeal_id,
                    consented=party.party_id in case.consented,
                    capacity=Capacity(party.capacity or Capacity.FULL),
                )
                for party in case.parties
            ],
            prestage=PrestageAnswer.of(case.prestage) if case.prestage else None,
            representatives=[
                RepresentativeAnswer.model_validate(one, from_attributes=True) for one in case.representatives
            ],
            mediator=case.mediator,
            committee=case.committee,
            panel=list(case.panel),
            proposal=case.proposal and ProposalAnswer.model_validate(case.proposal, from_attributes=True),
            recused=list(case.recused),
            sessions=case.sessions,
            **_talks(case.talks),
            form=case.form,
            agreement_id=case.agreement_id,
            confirmation_until=case.confirmation_until,
            confirmation=case.confirmation,
            court=case.court,
            court_steps=CourtAnswer.model_validate(case.court_steps, from_attributes=True),
            instalments=[_instalment(case, one) for one in case.instalments],
            breached=case.breached,
            failure=case.failure,
            guidance=case.guidance,
            scope_reason=case.scope_reason,
            office=case.office,
            outcome=case.outcome,
            steps=steps,
            due=steps[0].due if steps else None,
            late=bool(case.late),
        )


def _steps(limits: Mapping[str, datetime], late: bool) -> list[StepAnswer]:
    return [StepAnswer(step=step, due=due, late=late) for step, due in limits.items()]


def _instalment(case: Case, one: Instalment) -> InstalmentAnswer:
    performed = one.number in case.performed
    percent = 100 if performed else case.oversight.partly.get(one.number, 0)
    return InstalmentAnswer(
        number=one.number, due=one.due, performed=performed, percent=percent, remind_at=one.remind_at
    )


def _talks(talks: Talks) -> dict[str, Any]:
    return {
        "planned_session": talks.planned and PlannedAnswer.model_validate(talks.planned, from_attributes=True),
        "attended": [AttendedAnswer(number=n, parties=list(who)) for n, who in sorted(talks.attended.items())],
        "at_risk": talks.risk is not None,
        "risk": talks.risk and RiskAnswer.model_validate(talks.risk, from_attributes=True),
    }


class MaskedParty(BaseModel):
    """当事人, masked."""

    party_id: Id
    side: str
    appeal_id: Id | None
    name: str = Field(examples=["赵**"])
    contact: str = Field(examples=["138****1001"])


class PartyContact(MaskedParty):
    """当事人的姓名和联系方式: personal data; an event says who looked and what for."""

    name: str = Field(examples=["赵示例"])
    contact: str = Field(examples=["13800001001"])


class PartyReach(BaseModel):
    """Where a party, or its guardian, is told something: personal data; that it was shown is an event."""

    party_id: Id
    contact: str


class MaskedRepresentative(RepresentativeAnswer):
    """代理人, masked; the authorisation is not shown."""

    name: str = Field(examples=["李**"])
    contact: str = Field(examples=["138****1003"])


class RepresentativeContact(MaskedRepresentative):
    """代理人的姓名、联系方式和授权: personal data; an event says who looked and what for."""

    name: str = Field(examples=["李演示"])
    contact: str = Field(examples=["13800001003"])
    authorisation: str | None = Field(description="授权委托书")


class NamedText(BaseModel):
    """One private text of a case; ``name`` says which: a session's number, a part of the agreement, a step."""

    name: str
    text: str


class CaseTexts(BaseModel):
    """案件内容: personal data; that it was shown is an event."""

    what: str
    texts: list[NamedText]
