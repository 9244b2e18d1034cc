"""Request bodies of a case before its sessions."""

from pydantic import ConfigDict, Field, StrictBool
from pydantic.config import JsonValue

from chassis.requests import Body, ShortText
from contracts.codes import Id, StaffId
from services.mediation.api_bodies import CommitteeCode, PartyBody
from services.mediation.case_door import Acting, RecusalReason

_PARTY = "01900000-0000-7000-8000-000000000001"


def _example(**values: JsonValue) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [values]})


class ProposalBody(Body):
    """提名调解员."""

    model_config = _example(mediator_id="M-0017", committee="M150105001", party_id=_PARTY)

    mediator_id: StaffId = Field(description="调解员工号")
    committee: CommitteeCode = Field(description="调解委员会代码")
    party_id: Id = Field(description="提名的当事人")


class ProposalAnswerBody(Body):
    """一方是否同意人选."""

    model_config = _example(mediator_id="M-0017", party_id=_PARTY, agreed=True)

    mediator_id: StaffId
    party_id: Id
    agreed: StrictBool


class JoinBody(PartyBody):
    """追加当事人."""

    model_config = _example(side="respondent", name="钱样本", contact="13800001002")


class RepresentativeBody(Body):
    """代理人. Name, contact and authorisation are personal data."""

    model_config = _example(
        party_id=_PARTY,
        kind="agent",
        name="李演示",
        contact="13800001003",
        authorisation="授权委托书第1号",
        special=True,
    )

    party_id: Id
    kind: Acting = Field(description="guardian 监护人，agent 委托代理人")
    name: ShortText = Field(description="姓名")
    contact: ShortText = Field(description="联系方式")
    authorisation: ShortText | None = Field(default=None, description="书面授权委托书的编号或日期；委托代理必填")
    special: StrictBool = Field(default=False, description="特别授权：可以代为同意调解、达成协议")


class RecusalBody(Body):
    """回避."""

    model_config = _example(mediator_id="M1", party_id=_PARTY, reason="relative")

    mediator_id: StaffId
    party_id: Id | None = Field(default=None, description="与哪一方当事人；与案件本身有关的省略")
    reason: RecusalReason
