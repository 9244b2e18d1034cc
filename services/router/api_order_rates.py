"""``GET /v1/orders/{order_id}/rates``: 四率 inputs of an order, down to the events that they come from."""

from datetime import UTC, datetime

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from chassis.database import Db
from chassis.errors import problems
from chassis.limits import Limits
from contracts.codes import Id, ObligationRole, ReasonClass, Resolution, Satisfaction
from contracts.rejected import Rejected
from services.router import rates, views
from services.router.aggregates import Orders
from services.router.api_answers import unit_zh
from services.router.api_context import PROBLEMS, Reader, Reference, may_see_order
from services.router.history import told
from services.router.rates import Beside, Line, Rate, RatesFormula

_EXAMPLE: dict[str, JsonValue] = {
    "order_id": "01900000-0000-7000-8000-000000000001",
    "issue_id": "01900000-0000-7000-8000-000000000002",
    "formula": {"version": "rates-v1", "partly": 0.5, "neutral": 0.5},
    "as_of": "2026-03-10T09:00:00+08:00",
    "response": {"numerator": 1, "denominator": 1, "value": 1},
    "completion": {"numerator": 1, "denominator": 1, "value": 1},
    "resolution": {"numerator": 0.5, "denominator": 1, "value": 0.5},
    "satisfaction": {"numerator": 0.5, "denominator": 1, "value": 0.5},
    "counted": [],
    "excluded": [],
    "suspended": [],
}


class FormulaView(BaseModel):
    """四率公式."""

    version: str = Field(examples=["rates-v1"])
    partly: float = Field(description="解决率中，部分解决计为")
    neutral: float = Field(description="满意率中，一般计为")


class RateView(BaseModel):
    """一个率的分子和分母."""

    numerator: float
    denominator: int
    value: float | None = Field(description="分母为 0 时为空")


class RevisitInput(BaseModel):
    """该诉求最近一次回访."""

    revisit_id: Id | None
    round: int
    reached: bool = Field(description="否：未联系上，另计")
    contacted: bool | None
    in_time: bool | None
    resolution: Resolution | None
    satisfaction: Satisfaction | None
    reason_class: ReasonClass | None
    sequence: int = Field(description="依据的事件：工单历史中的序号（ce_sequence）")


class RateInput(BaseModel):
    """诉求 × 承办责任. ``…_sequence`` is the event of the order (ce_sequence) that the input comes from."""

    appeal_id: Id
    unit: str
    unit_zh: str
    role: ObligationRole
    dispatched_sequence: int | None
    responded: bool = Field(description="及时联系：以诉求人所说为准，未问到的以承办单位登记为准")
    responded_sequence: int | None
    due: AwareDatetime
    completed_in_time: bool | None = Field(description="按时办结；未到期且未办结为空，不计入")
    completed_sequence: int | None
    revisit: RevisitInput | None
    exclusion_pending: bool = Field(description="剔除申请待审批")


class OrderRates(BaseModel):
    """一件工单的四率数据."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    order_id: Id
    issue_id: Id
    formula: FormulaView
    as_of: AwareDatetime
    response: RateView = Field(description="响应率")
    completion: RateView = Field(description="办结率")
    resolution: RateView = Field(description="解决率")
    satisfaction: RateView = Field(description="满意率")
    counted: list[RateInput]
    excluded: list[RateInput] = Field(description="剔除，不计入分母")
    suspended: list[RateInput] = Field(description="挂账，不计入分母")


def rates_formula(limits: Limits) -> RatesFormula:
    """The formula that is configured."""
    version = f"rates-v{limits.count('rates_formula')}"
    return RatesFormula(version, limits.ratio("rates_partly"), limits.ratio("rates_neutral"))


def order_rates(orders: Orders, reference: Reference, formula: RatesFormula) -> APIRouter:
    """四率 inputs, for whoever may see the order."""
    router = APIRouter(prefix="/v1/orders", tags=["orders 工单"])

    @router.get("/{order_id}/rates", summary="四率数据（诉求 × 承办责任）", responses=problems(404))
    async def show_order_rates(order_id: Id, actor: Reader, db: Db) -> OrderRates:
        """Every appeal × obligation with its latest call-back; excluded and suspended ones beside the counted ones."""
        row = await views.one_order(db, orders, order_id)
        if row is None or not may_see_order(actor, row.state):
            raise Rejected("order.not_found", PROBLEMS["order.not_found"], status=404)
        now = datetime.now(UTC)
        async with db.acquire() as conn:
            found = rates.lines(row.state, await told(conn, order_id), now)

        def of(beside: Beside | None) -> list[RateInput]:
            return [_input(line, unit_zh(reference.snapshot, line.unit)) for line in found if line.beside is beside]

        return OrderRates(
            order_id=order_id,
            issue_id=row.state.issue_id,
            formula=FormulaView(version=formula.version, partly=formula.partly, neutral=formula.neutral),
            as_of=now,
            response=_rate(rates.response(found)),
            completion=_rate(rates.completion(found)),
            resolution=_rate(rates.resolution(found, formula)),
            satisfaction=_rate(rates.satisfaction(found, formula)),
            counted=of(None),
            excluded=of(Beside.EXCLUDED),
            suspended=of(Beside.SUSPENDED),
        )

    return router


def _rate(rate: Rate) -> RateView:
    return RateView(numerator=rate.numerator, denominator=rate.denominator, value=rate.value)


def _input(line: Line, name: str) -> RateInput:
    said = line.revisit
    revisit = None
    if said is not None and line.revisit_by is not None:
        revisit = RevisitInput(
            revisit_id=said.revisit_id,
            round=said.round,
            reached=line.is_reached,
            contacted=said.contacted,
            in_time=said.in_time,
            resolution=said.resolution,
            satisfaction=said.satisfaction,
            reason_class=said.reason_class,
            sequence=line.revisit_by,
        )
    return RateInput(
        appeal_id=line.appeal_id,
        unit=line.unit,
        unit_zh=name,
        role=line.role,
        dispatched_sequence=line.dispatched_by,
        responded=line.responded,
        responded_sequence=line.responded_by,
        due=line.due,
        completed_in_time=line.completed_in_time,
        completed_sequence=line.completed_by,
        revisit=revisit,
        exclusion_pending=line.exclusion_pending,
    )
