"""What the router answers about orders. Nothing here is personal data but the texts of ``OrderResults``."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, Field

from chassis.working_time import WorkCalendar
from contracts.codes import (
    Channel,
    ClosingOutcome,
    Id,
    IssueKind,
    ObligationRole,
    SupervisionLevel,
    Urgency,
)
from services.router.api_aside_answers import AsideAnswer, aside_values
from services.router.obligations import Duty, Step
from services.router.order_state import STATUS_ZH, Status, WorkOrder, state_of
from services.router.reference_data import RouterReference

STEP_ZH = {Step.TO_SIGN: "待签收", Step.TO_HANDLE: "办理中", Step.SUBMITTED: "已提交结果"}


class ObligationAnswer(BaseModel):
    """承办责任: one unit's duty and its clocks."""

    unit: str = Field(examples=["S150105004"])
    unit_zh: str
    role: ObligationRole
    step: Step
    step_zh: str = Field(examples=["办理中"])
    status: Status = Field(description="本单位这一份的状态；工单状态取其中进度最慢的")
    status_zh: str = Field(examples=["延期审核"])
    sign_due: AwareDatetime
    contact_due: AwareDatetime
    due: AwareDatetime
    contacted: bool
    contact_overdue: bool = Field(description="联系时限已过而尚未联系诉求人，督办员可见")
    visited: bool
    result_id: str | None
    supervision: SupervisionLevel | None


class OrderAnswer(AsideAnswer):
    """工单."""

    id: Id
    version: int = Field(description="即 ETag")
    status: Status
    status_zh: str = Field(examples=["待签收"])
    issue_id: Id
    kind: IssueKind
    item_code: str
    item_zh: str | None
    street_code: str | None
    street_zh: str | None
    urgency: Urgency
    channel: Channel
    appeals: list[Id]
    queue_reason: str | None = Field(description="转人工派单的原因")
    desk: str | None = Field(description="二级派单：由哪个旗县区分中心派单；空为市派单员", examples=["G150105"])
    obligations: list[ObligationAnswer]
    co_handlers: list[str]
    rule: str | None = Field(description="派单规则；dispatcher 为人工")
    reference_version: str | None
    contact_hours: int | None = Field(description="联系时限（小时）")
    limit_working_days: int | None = Field(description="办理时限（工作日）")
    promised_at: AwareDatetime | None = Field(description="承诺时间，首次派单时确定")
    due_at: AwareDatetime | None = Field(description="当前环节到期时间")
    is_overdue: bool
    provisional: bool = Field(
        description="有时限落在放假安排尚未公布的年份，暂按周一至周五计算，公布后重算（recompute-limits）"
    )
    open_whistles: list[Id]
    case_id: Id | None = Field(description="正在调解的案件，或正在进行的信访代办")
    referred_to: str | None = Field(description="petition_proxy：case_id 为信访代办；空：调解")
    cases: list[Id]
    round: int = Field(description="回访轮次")
    reworks: int
    reminders: int
    supervision: SupervisionLevel | None
    outcome: ClosingOutcome | None


class NewWhistle(BaseModel):
    """What blowing a whistle answers."""

    whistle_id: Id
    order: OrderAnswer


class ResultText(BaseModel):
    """办理结果 of one unit; no text where mediation settled it."""

    unit: str
    unit_zh: str
    result_id: str
    text: str | None
    same_as_order_id: Id | None = Field(default=None, description="照抄答复：本单位在此工单中已写过同样的结果")


class OrderResults(BaseModel):
    """办理结果, as last submitted."""

    order_id: Id
    results: list[ResultText]


def order_answer(
    id_: str, version: int, order: WorkOrder, reference: RouterReference, calendar: WorkCalendar, now: datetime
) -> OrderAnswer:
    """An order as it is shown; names are those in force."""
    item = reference.items.get(order.item_code)
    dispatched = order.rule is not None
    return OrderAnswer.model_validate(
        {
            **vars(order),
            **aside_values(order),
            "id": id_,
            "version": version,
            "status_zh": order.status_zh,
            "item_zh": item and item.item_zh,
            "street_zh": order.street_code and _street(reference, order.street_code),
            "obligations": [_obligation(order, duty, reference) for duty in order.duties],
            "contact_hours": order.terms.contact_hours if dispatched else None,
            "limit_working_days": order.terms.limit_working_days if dispatched else None,
            "is_overdue": order.due_at is not None and order.due_at < now,
            "provisional": any(calendar.ends_provisionally(end) for end in running_limits(order)),
        }
    )


def running_limits(order: WorkOrder) -> list[datetime]:
    """The ends of limits that somebody still waits for: none once nothing is due any more."""
    ends = (order.due_at, order.promised_at, *(duty.due for duty in order.unsubmitted))
    return [] if order.due_at is None else [end for end in ends if end is not None]


def order_results(
    id_: str, order: WorkOrder, texts: Mapping[str, str], copied: Mapping[str, str], reference: RouterReference
) -> OrderResults:
    """The last result of each unit that has submitted one; ``copied``: where the unit had written the same before."""
    results = [
        result_text(duty.unit, duty.result_id, texts, reference, copied.get(duty.result_id))
        for duty in order.duties
        if duty.result_id is not None
    ]
    return OrderResults(order_id=id_, results=results)


def unit_zh(reference: RouterReference, code: str) -> str:
    """A unit's name; the code itself for one that is in force no more."""
    unit = reference.units.get(code)
    return unit.name_zh if unit else code


def result_text(
    unit: str, result_id: str, texts: Mapping[str, str], reference: RouterReference, same_as: str | None = None
) -> ResultText:
    """A unit's result with its text; ``same_as``: the order where it wrote the same."""
    return ResultText(
        unit=unit,
        unit_zh=unit_zh(reference, unit),
        result_id=result_id,
        text=texts.get(result_id),
        same_as_order_id=same_as,
    )


def _street(reference: RouterReference, code: str) -> str:
    street = reference.streets.get(code)
    return street.name if street else code


def _obligation(order: WorkOrder, duty: Duty, reference: RouterReference) -> dict[str, Any]:
    status, step = state_of(order, duty), duty.step
    supervision = SupervisionLevel.YELLOW if duty.yellow else None
    return {
        **vars(duty),
        "unit_zh": unit_zh(reference, duty.unit),
        "step": step,
        "step_zh": STEP_ZH[step],
        "status": status,
        "status_zh": STATUS_ZH[status],
        "contact_overdue": duty.contact_overdue and not duty.contacted and step is not Step.SUBMITTED,
        "supervision": SupervisionLevel.RED if duty.red else supervision,
    }
