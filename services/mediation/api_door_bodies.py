"""Request bodies of a case before its sessions."""

from pydantic import ConfigDict, Field, StrictBool
from pydantic.config import JsonValue

from chassis.requests import Body
from contracts.codes import Id, StaffId
from services.mediation.api_bodies import CommitteeCode
from services.mediation.case_door import RecusalReason

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


class RecusalBody(Body):
    """回避."""

    model_config = _example(mediator_id="M-0017", party_id=_PARTY, reason="relative")

    mediator_id: StaffId
    party_id: Id | None = Field(default=None, description="与哪一方当事人；与案件本身有关的省略")
    reason: RecusalReason
