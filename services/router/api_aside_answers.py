"""What the router answers about an order beside its straight way: requests, suspension, change of hands."""

from collections.abc import Mapping
from typing import Any

from pydantic import AwareDatetime, BaseModel, Field

from contracts.codes import Id, ObligationRole
from services.router.order_model import RequestKind, WorkOrder

KIND_ZH = {
    RequestKind.RETURN: "退单",
    RequestKind.RULING: "裁定",
    RequestKind.EXTENSION: "延期",
    RequestKind.SUSPENSION: "挂账",
    RequestKind.EXCLUSION: "剔除",
}


class RequestAnswer(BaseModel):
    """待审批的申请."""

    id: Id
    kind: RequestKind
    kind_zh: str = Field(examples=["延期"])
    unit: str
    reason: str
    review_due: AwareDatetime
    suggested_unit: str | None
    working_days: int | None
    recheck_due: AwareDatetime | None
    exclusion_code: str | None
    binding: bool = Field(description="由督办员裁定")
    is_overdue: bool = Field(description="审批逾期，转督办员")


class SuspensionAnswer(BaseModel):
    """挂账."""

    unit: str
    reason: str
    since: AwareDatetime
    recheck_due: AwareDatetime
    renewals: int


class ReassignmentAnswer(BaseModel):
    """转派中: the unit before is responsible until the other has signed."""

    unit: str
    to: str
    sign_due: AwareDatetime


class AsideAnswer(BaseModel):
    """What a work order's answer says of all that."""

    requests: list[RequestAnswer] = Field(description="待审批的申请")
    returns: int = Field(description="退单申请次数")
    reassignments: int = Field(description="签收后转派次数")
    reassigning: list[ReassignmentAnswer]
    suspensions: list[SuspensionAnswer] = Field(description="挂账")
    extensions: dict[str, int] = Field(description="各单位已延期次数")
    excluded_units: list[str] = Field(description="已剔除考核的单位")
    exclusion_until: AwareDatetime | None = Field(description="归档后申请剔除的期限")
    vacant: list[ObligationRole] = Field(description="退单或移交后待重新派单的承办责任")
    doubts: dict[str, list[str]] = Field(description="各单位办理结果的疑点")
    earlier_order_id: Id | None = Field(description="由哪个工单重新打开")
    next_order_id: Id | None = Field(description="重新打开后的工单")
    cancelled: str | None = Field(description="作废原因")
    merged_into: Id | None = Field(description="并入的事项")


def aside_values(order: WorkOrder) -> Mapping[str, Any]:
    """The fields of ``AsideAnswer``."""
    side = order.side
    return {
        "requests": [
            RequestAnswer(
                id=request.id,
                kind=request.kind,
                kind_zh=KIND_ZH[request.kind],
                unit=request.unit,
                reason=request.reason,
                review_due=request.review_due,
                suggested_unit=request.to,
                working_days=request.working_days,
                recheck_due=request.recheck_due,
                exclusion_code=request.exclusion_code,
                binding=request.binding,
                is_overdue=request.overdue,
            )
            for request in order.requests
        ],
        "returns": side.returns,
        "reassignments": side.moves,
        "reassigning": [
            ReassignmentAnswer(unit=unit, to=heir.unit, sign_due=heir.sign_due) for unit, heir in side.heirs.items()
        ],
        "suspensions": [
            SuspensionAnswer(
                unit=unit,
                reason=suspension.reason,
                since=suspension.since,
                recheck_due=suspension.recheck_due,
                renewals=suspension.renewals,
            )
            for unit, suspension in side.suspended.items()
        ],
        "extensions": side.extensions,
        "excluded_units": list(side.excluded),
        "exclusion_until": order.exclusion_until,
        "vacant": list(side.vacant),
        "doubts": {unit: list(doubts) for unit, doubts in side.doubts.items()},
        "earlier_order_id": side.earlier_order_id,
        "next_order_id": side.next_order_id,
        "cancelled": side.cancelled,
        "merged_into": side.merged_into,
    }
