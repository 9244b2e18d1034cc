"""Request bodies of mediation."""

from typing import Annotated, Self

from pydantic import (
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
    model_validator,
)
from pydantic.config import JsonValue
from pydantic_core import PydanticCustomError

from chassis.requests import Body, Instant, LongText, ShortText
from contracts.codes import CaseOrigin, Id, StaffId, UnitCode
from contracts.mediation import Signature
from services.mediation.case_door import Capacity, Office, ScopeReason
from services.mediation.case_model import Form, Side
from services.mediation.case_parts import Guidance, Paper, Refusal, SignatureWay

_PARTY, _OTHER_PARTY, _ISSUE = (f"01900000-0000-7000-8000-00000000000{number}" for number in (1, 2, 3))


CommitteeCode = Annotated[str, Field(pattern=r"^M[0-9]{6,15}$")]
"""人民调解委员会."""
CourtCode = Annotated[str, Field(pattern=r"^F[0-9]{6,15}$")]
"""人民法院."""


def _example(**values: JsonValue) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [values]})


class RegisterBody(Body):
    """窗口登记."""

    model_config = _example(issue_id=_ISSUE, origin="court", referred_by="F150105")

    issue_id: Id = Field(description="已登记的诉求事项；没有则先在受理系统登记")
    origin: CaseOrigin = Field(default=CaseOrigin.WALK_IN, description="来访、网格、法院委派、公安移送等，不含工单")
    referred_by: UnitCode | None = Field(default=None, description="委派、移送的单位；来访不填")

    @model_validator(mode="after")
    def _says_who_sent_it(self) -> Self:
        sent = self.origin not in (CaseOrigin.WALK_IN, CaseOrigin.GRID)
        named = self.referred_by is not None
        if self.origin is CaseOrigin.ORDER or (sent and not named) or (named and self.origin is CaseOrigin.WALK_IN):
            raise PydanticCustomError("referral", "委派、移送的须写明单位，来访的不写；工单由承办单位转来")
        return self


class PartyBody(Body):
    """当事人. Name and contact are personal data."""

    side: Side
    appeal_id: Id | None = Field(default=None, description="来电的申请人填其诉求编号")
    name: ShortText = Field(description="姓名或名称")
    contact: ShortText = Field(description="联系方式")
    capacity: Capacity = Field(default=Capacity.FULL, description="民事行为能力；未成年人等由监护人代理")


class ScreenBody(Body):
    """属于调解范围，登记各方当事人."""

    model_config = _example(
        parties=[
            {"side": "applicant", "name": "赵示例", "contact": "13800001001"},
            {"side": "respondent", "name": "示例物业公司", "contact": "0471-2000001"},
        ]
    )

    parties: list[PartyBody] = Field(min_length=2, max_length=50)


class ReferOutBody(Body):
    """不属于调解范围：理由和去向."""

    model_config = _example(guidance="arbitration", reason="exclusive_authority")

    guidance: Guidance
    reason: ScopeReason | None = Field(default=None, description="不属于调解范围的理由")
    office: UnitCode | None = Field(default=None, description="去向的具体单位")


class GuidanceBody(Body):
    """引导途径."""

    model_config = _example(guidance="court")

    guidance: Guidance


class ConsentBody(Body):
    """一方当事人是否同意调解."""

    model_config = _example(party_id=_PARTY, agreed=True)

    party_id: Id
    agreed: StrictBool
    through: Id | None = Field(default=None, description="代为同意的代理人")


class PanelBody(Body):
    """合议调解员."""

    mediator_id: StaffId = Field(description="工号")
    office: Office = Field(description="所属单位：派出所、司法所、律师事务所、市场监管所、法庭等")


class AssignBody(Body):
    """指定调解员."""

    model_config = _example(mediator_id="M-0017", committee="M150105001", conflicts=[])

    mediator_id: StaffId = Field(description="调解员工号")
    committee: CommitteeCode = Field(description="调解委员会代码")
    conflicts: list[Id] = Field(default=[], max_length=50, description="调解员申报有利害关系的当事人；有则应另行指定")
    panel: list[PanelBody] = Field(default=[], max_length=20, description="合议调解员（四所一庭）；本条的调解员主持")


class SessionBody(Body):
    """调解会记录."""

    model_config = _example(number=1, notes="双方陈述了事实，约定三日后再次调解。", attended=[_PARTY, _OTHER_PARTY])

    number: Annotated[StrictInt, Field(ge=1, le=1000, description="第几次，从 1 起连续")]
    notes: LongText = Field(description="调解笔录，只在本系统保存")
    attended: list[Id] | None = Field(default=None, max_length=50, description="到场的当事人；省略为未记录")


class InstalmentBody(Body):
    """一期履行内容."""

    due: Instant | None = Field(default=None, description="履行期限；协议未写明则按默认期限")


Contents = Annotated[str, StringConstraints(max_length=4000)]
"""A part of an agreement: that it is not blank is a rule of the case, which names the article."""


class SignatureBody(Body):
    """一方的签名、盖章或者指印."""

    party_id: Id
    way: SignatureWay
    representative_id: Id | None = Field(default=None, description="由监护人或者有特别授权的代理人签署的，填其编号")


class AgreementBody(Body):
    """调解协议：第二十九条所列内容缺一不可，口头协议也由调解员记录；书面协议还须各方签名."""

    model_config = _example(
        form="written",
        parties="申请人赵示例，被申请人示例物业公司。",
        facts="楼上漏水，致申请人天花板损坏，被申请人未及时维修。",
        contents="被申请人负责修复并赔偿一千元。",
        performance="修复于三月十日前完成，赔偿款于三月二十日前转账。",
        instalments=[{"due": "2026-03-10T18:00:00+08:00"}, {"due": "2026-03-20T18:00:00+08:00"}],
        signatures=[{"party_id": _PARTY, "way": "signature"}, {"party_id": _OTHER_PARTY, "way": "seal"}],
        mediator_signed=True,
        committee_sealed=True,
    )

    form: Form = Field(description="written 书面，oral 口头")
    effective_at: Instant | None = Field(default=None, description="各方签名（口头：达成协议）的时间；省略为现在")
    parties: Contents = Field(default="", description="当事人的基本情况；必有")
    facts: Contents = Field(default="", description="纠纷的主要事实、争议事项以及各方的责任；必有")
    contents: Contents = Field(default="", description="达成调解协议的内容；必有")
    performance: Contents = Field(default="", description="履行的方式、期限；必有")
    instalments: list[InstalmentBody] = Field(min_length=1, max_length=100, description="逐期履行的期限")
    signatures: list[SignatureBody] = Field(default=[], max_length=50, description="书面协议：每方一次")
    mediator_signed: StrictBool = Field(default=False, description="书面协议：人民调解员已签名")
    committee_sealed: StrictBool = Field(default=False, description="书面协议：已加盖人民调解委员会印章")

    def paper(self) -> Paper:
        """What it has of what article 29 asks for."""
        terms = {"parties": self.parties, "facts": self.facts}
        terms |= {"contents": self.contents, "performance": self.performance}
        return Paper(
            missing=tuple(name for name, text in terms.items() if not text),
            signatures=tuple(Signature(**one.model_dump()) for one in self.signatures),
            mediator_signed=self.mediator_signed,
            committee_sealed=self.committee_sealed,
        )


class ConfirmationBody(Body):
    """共同申请司法确认."""

    model_config = _example(parties=[_PARTY, _OTHER_PARTY], court="F150105", matter_excluded=False)

    parties: list[Id] = Field(min_length=2, max_length=50, description="共同申请的各方当事人")
    court: CourtCode = Field(description="受理法院代码")
    matter_excluded: StrictBool = Field(description="是否涉及身份、收养、婚姻关系")


class RulingBody(Body):
    """法院裁定."""

    model_config = _example(confirmed=True)

    confirmed: StrictBool
    reason: Refusal | None = Field(default=None, description="不予确认的理由；不予确认时必填，确认时不填")

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if self.confirmed is (self.reason is not None):
            raise PydanticCustomError("ruling_reason", "不予确认时必须说明理由，确认时不填理由")
        return self


class WithdrawBody(Body):
    """退出调解的当事人."""

    model_config = _example(party_id=_PARTY)

    party_id: Id
