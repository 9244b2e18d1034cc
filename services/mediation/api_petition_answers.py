"""What mediation answers about petitions 信访代办. Personal data is only in ``PetitionTexts``."""

from pydantic import AwareDatetime, BaseModel, Field

from contracts.codes import Id
from services.mediation.api_answers import StepAnswer
from services.mediation.petition_model import GOES_TO, GOES_TO_ZH, STATUS_ZH, Away, Petition, Stage, Status
from services.mediation.petition_texts import KIND_ZH, PetitionText


class FirstsAnswer(BaseModel):
    """四首, by staff id."""

    asked: str | None = Field(description="首问")
    received: str | None = Field(description="首接")
    handled: str | None = Field(description="首办")
    responsible: str | None = Field(description="首责")


class PetitionAnswer(BaseModel):
    """信访代办, without any personal data."""

    id: Id
    version: int = Field(description="即 ETag")
    status: Status
    status_zh: str = Field(examples=["已转送，待受理告知"])
    petition_code: str = Field(description="代办编码", examples=["XF5ZKQ7C2MHT"])
    issue_id: Id
    order_id: Id | None = Field(description="转来的工单")
    case_id: Id | None = Field(description="调解不成转来的案件")
    origin: str = Field(description="order 工单，case 调解不成，walk_in 窗口")
    appeals: list[Id]
    firsts: FirstsAnswer
    proxy: str | None = Field(description="代办员")
    petitioners: int = Field(description="信访人数")
    representatives: int = Field(description="代表人数")
    office: str | None = Field(description="信访部门")
    authority: str | None = Field(description="有权处理的机关、单位")
    objection_pending: bool = Field(description="管辖异议待核实")
    objection_until: AwareDatetime | None = Field(description="该机关最迟何时提出管辖异议")
    accepted_at: AwareDatetime | None
    handling_due: AwareDatetime | None = Field(description="办理期限")
    extended: bool = Field(description="已延长办理期限")
    stage: Stage = Field(description="opinion 处理意见，review 复查意见，recheck 复核意见（终结）")
    outcome: str | None
    may_ask_until: AwareDatetime | None = Field(description="最迟何时请求复查或复核")
    accepts: bool | None = Field(description="回访：信访人是否接受")
    reason: str | None = Field(description="引导、不予受理或撤回的理由")
    where_to_zh: str | None = Field(description="应向哪里提出", examples=["人民法院"])
    steps: list[StepAnswer] = Field(description="当前环节的期限，最紧迫的在前")
    due: AwareDatetime | None = Field(description="最紧迫的期限")
    late: bool = Field(description="有环节逾期")

    @classmethod
    def of(cls, id_: str, version: int, petition: Petition) -> "PetitionAnswer":
        """The answer for a petition as stored."""
        steps = [StepAnswer(step=step, due=due, late=True) for step, due in petition.late.items()]
        steps += [StepAnswer(step=step, due=due, late=False) for step, due in petition.timers.items()]
        steps.sort(key=lambda step: step.due)
        firsts = petition.firsts
        return cls(
            id=id_,
            version=version,
            status=petition.status,
            status_zh=STATUS_ZH[petition.status],
            petition_code=petition.code,
            issue_id=petition.issue_id,
            order_id=petition.order_id,
            case_id=petition.case_id,
            origin=petition.origin,
            appeals=list(petition.appeals),
            firsts=FirstsAnswer.model_validate(firsts, from_attributes=True),
            proxy=petition.proxy,
            petitioners=petition.petitioners,
            representatives=petition.representatives,
            office=petition.office,
            authority=petition.authority,
            objection_pending=petition.objection_id is not None,
            objection_until=petition.objection_until,
            accepted_at=petition.accepted_at,
            handling_due=petition.handling_due,
            extended=petition.extension_id is not None,
            stage=petition.stage,
            outcome=petition.outcome,
            may_ask_until=petition.asked_until,
            accepts=petition.accepts,
            reason=petition.reason,
            where_to_zh=_where_to(petition),
            steps=steps,
            due=steps[0].due if steps else None,
            late=bool(petition.late),
        )


def _where_to(petition: Petition) -> str | None:
    if petition.reason is None or petition.reason not in set(Away):
        return None
    return GOES_TO_ZH[GOES_TO[Away(petition.reason)]]


class PetitionTextAnswer(BaseModel):
    """一份材料: personal data."""

    kind: str = Field(examples=["authorisation"])
    kind_zh: str = Field(examples=["代办委托书"])
    id: Id
    fields: dict[str, str]

    @classmethod
    def of(cls, text: PetitionText) -> "PetitionTextAnswer":
        """As it is shown."""
        return cls(kind=text.kind, kind_zh=KIND_ZH[text.kind], id=text.id, fields=dict(text.fields))


class PetitionTexts(BaseModel):
    """代办材料: personal data; an event says who looked and what for."""

    petition_id: Id
    texts: list[PetitionTextAnswer]
