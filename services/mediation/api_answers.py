"""What mediation answers. Personal data is only in the last three."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import AwareDatetime, BaseModel, Field

from contracts.codes import CaseOrigin, Id
from services.mediation.case_model import STATUS_ZH, Case, Confirmation, Form, Status


class PartyAnswer(BaseModel):
    """当事人, by id and side only."""

    party_id: Id
    side: str
    appeal_id: Id | None
    consented: bool = Field(description="已同意调解")


class InstalmentAnswer(BaseModel):
    """一期履行内容."""

    number: int
    due: AwareDatetime
    performed: bool


class StepAnswer(BaseModel):
    """A limit that runs or has passed."""

    step: str = Field(examples=["mediation", "performance:1"])
    due: AwareDatetime
    late: bool


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
    mediator: str | None
    committee: str | None
    sessions: int = Field(description="已开调解会次数")
    form: Form | None
    agreement_id: Id | None
    confirmation_until: AwareDatetime | None = Field(description="最迟何时申请司法确认")
    confirmation: Confirmation
    court: str | None
    instalments: list[InstalmentAnswer]
    breached: int | None = Field(description="未履行的一期")
    failure: str | None
    guidance: str | None
    scope_reason: str | None = Field(description="不属于调解范围的理由")
    office: str | None = Field(description="去向的具体单位")
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
            origin=case.origin or (CaseOrigin.ORDER if case.order_id else CaseOrigin.WALK_IN),
            referred_by=case.referred_by,
            appeals=list(case.appeals),
            parties=[
                PartyAnswer(
                    party_id=party.party_id,
                    side=party.side,
                    appeal_id=party.appeal_id,
                    consented=party.party_id in case.consented,
                )
                for party in case.parties
            ],
            mediator=case.mediator,
            committee=case.committee,
            sessions=case.sessions,
            form=case.form,
            agreement_id=case.agreement_id,
            confirmation_until=case.confirmation_until,
            confirmation=case.confirmation,
            court=case.court,
            instalments=[
                InstalmentAnswer(number=one.number, due=one.due, performed=one.number in case.performed)
                for one in case.instalments
            ],
            breached=case.breached,
            failure=case.failure,
            guidance=case.guidance,
            scope_reason=case.scope_reason,
            office=case.office,
            steps=steps,
            due=steps[0].due if steps else None,
            late=bool(case.late),
        )


def _steps(limits: Mapping[str, datetime], late: bool) -> list[StepAnswer]:
    return [StepAnswer(step=step, due=due, late=late) for step, due in limits.items()]


class PartyContact(BaseModel):
    """当事人的姓名和联系方式: personal data; that it was shown is logged."""

    party_id: Id
    side: str
    appeal_id: Id | None
    name: str
    contact: str


class AgreementText(BaseModel):
    """调解协议 in full: personal data; that it was shown is logged."""

    agreement_id: Id
    form: Form
    parties: str = Field(description="当事人的基本情况")
    facts: str = Field(description="纠纷的主要事实、争议事项以及各方的责任")
    contents: str = Field(description="达成调解协议的内容")
    performance: str = Field(description="履行的方式、期限")


class SessionNotes(BaseModel):
    """调解笔录: personal data; that it was shown is logged."""

    number: int
    notes: str
