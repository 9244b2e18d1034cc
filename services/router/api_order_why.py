"""``GET /v1/orders/{order_id}/why``: 为什么派到这里, by the data of the time."""

from collections.abc import Sequence
from datetime import datetime

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, Field

from chassis.database import Db
from chassis.errors import problems
from chassis.reference import CITY
from contracts import router as happened
from contracts.codes import Id, ObligationRole, StaffId, Urgency
from contracts.frozen import replace
from contracts.rejected import Rejected
from contracts.router_turns import OrderUrgencyRaised
from services.router import views
from services.router.aggregates import Orders
from services.router.api_answers import unit_zh
from services.router.api_context import PROBLEMS, Reader, Reference, may_see_order
from services.router.dispatch import NeedsDispatcher, Proposal
from services.router.history import History, histories
from services.router.order_state import WorkOrder
from services.router.reference_data import Lead, RouterReference
from services.router.reference_library import Library
from services.router.why import BY_RULE, KIND_ZH, LEAD_ZH, RULE_ZH, Considered, Explained, Kind, explain


class Way(BaseModel):
    """一种可能的去向."""

    kind: Kind
    kind_zh: str = Field(examples=["行业部门"])
    unit: str | None
    unit_zh: str | None
    chosen: bool
    reason: str = Field(examples=["派单目录规定事项 0403 由属地主办"])


class ItemRow(BaseModel):
    """派单目录中该事项的一行，按当时的版本."""

    code: str
    category_zh: str
    item_zh: str
    lead: Lead
    lead_zh: str = Field(examples=["属地"])
    sector_unit: str
    urgency: Urgency
    contact_hours: int
    limit_working_days: int


class PlaceRead(BaseModel):
    """对地点的理解."""

    code: str | None = Field(description="受理时给出的区划代码")
    street_code: str | None
    street_zh: str | None
    county_code: str | None
    county_zh: str | None
    merged_zh: list[str] = Field(description="已撤并入该街道的原街道")


class UnitGiven(BaseModel):
    """得到工单的单位."""

    unit: str
    unit_zh: str
    role: ObligationRole


class DispatchWhy(BaseModel):
    """一次派单（或等待派单）的缘由."""

    at: AwareDatetime
    reference_version: str | None = Field(description="依据的参考数据版本；无法确定时为空")
    rule: str | None = Field(description="派单规则；等待派单时为空", examples=["locality"])
    rule_zh: str | None = Field(examples=["属地主办"])
    by: StaffId | None = Field(description="派单员；按规则派单时为空")
    units: list[UnitGiven]
    by_the_rules: bool = Field(description="按当时的规则和数据，也会派给这些单位")
    reasons: list[str]
    item: ItemRow | None
    place: PlaceRead
    alternatives: list[Way]


class OrderWhy(BaseModel):
    """为什么派到这里."""

    order_id: Id
    item_code: str
    urgency: Urgency
    steps: list[DispatchWhy] = Field(description="生成工单及之后每次派单，从先到后")


def order_why(orders: Orders, reference: Reference) -> APIRouter:
    """为什么派到这里, for whoever may see the order."""
    router = APIRouter(prefix="/v1/orders", tags=["orders 工单"])
    library = Library(reference)

    @router.get("/{order_id}/why", summary="为什么派到这里", responses=problems(404))
    async def explain_order(order_id: Id, actor: Reader, db: Db) -> OrderWhy:
        """The rule, the data's version, the item's row and the place as understood, and what else was considered."""
        row = await views.one_order(db, orders, order_id)
        if row is None or not may_see_order(actor, row.state):
            raise Rejected("order.not_found", PROBLEMS["order.not_found"], status=404)
        async with db.acquire() as conn:
            history = (await histories(conn, [order_id]))[order_id]
        steps = []
        for at, event, urgency in _steps(history):
            day = at.astimezone(CITY).date()
            if isinstance(event, happened.OrderDispatched):
                version = await library.version(db, event.reference_version)
            else:
                version = await library.known_at(db, day, at)
            then = replace(row.state, urgency=urgency)
            steps.append(_step(at, event, then, version, reference.snapshot))
        return OrderWhy(order_id=order_id, item_code=row.state.item_code, urgency=row.state.urgency, steps=steps)

    return router


def _steps(history: History) -> Sequence[tuple[datetime, happened.OrderOpened | happened.OrderDispatched, Urgency]]:
    """The dispatches, each by the urgency of its time; the opening too, where a dispatcher had to look."""
    found: list[tuple[datetime, happened.OrderOpened | happened.OrderDispatched, Urgency]] = []
    urgency = Urgency.NORMAL
    for at, event in history:
        if isinstance(event, happened.OrderOpened | OrderUrgencyRaised):
            urgency = event.urgency
        if isinstance(event, happened.OrderDispatched) or (
            isinstance(event, happened.OrderOpened) and event.queue_reason is not None
        ):
            found.append((at, event, urgency))
    return found


def _step(
    at: datetime,
    event: happened.OrderOpened | happened.OrderDispatched,
    order: WorkOrder,
    version: RouterReference | None,
    names: RouterReference,
) -> DispatchWhy:
    told = None if version is None else _explained(version, order, at)
    shown = version or names
    if isinstance(event, happened.OrderOpened):
        reasons = list(told.found.reasons) if told else [f"需人工派单：{event.queue_reason}"]
        agrees = told is None or isinstance(told.found, NeedsDispatcher)
        rule, by, units = None, None, []
    else:
        rule, by, units = event.rule, event.by, event.obligations
        agrees = told is not None and _same(told, event)
        chosen = [f"{RULE_ZH.get(rule, rule)}：{'、'.join(unit_zh(shown, unit.unit) for unit in units)}"]
        reasons = list(told.found.reasons) if told and rule in BY_RULE else chosen
    given = {unit.unit for unit in units} if rule and rule not in BY_RULE else None
    return DispatchWhy(
        at=at,
        reference_version=None if version is None else version.version,
        rule=rule,
        rule_zh=rule and RULE_ZH.get(rule, rule),
        by=by,
        units=[UnitGiven(unit=unit.unit, unit_zh=unit_zh(shown, unit.unit), role=unit.role) for unit in units],
        by_the_rules=agrees,
        reasons=reasons if version else [*reasons, "当时的参考数据已不在库中，无法逐项说明"],
        item=_item(told),
        place=_place(told, order.street_code, shown),
        alternatives=_ways(told, shown, given, by, event.desk),
    )


def _explained(version: RouterReference, order: WorkOrder, at: datetime) -> Explained:
    return explain(version, order.item_code, order.street_code, order.urgency, at.astimezone(CITY).date())


def _same(told: Explained, event: happened.OrderDispatched) -> bool:
    given = [(unit.unit, unit.role) for unit in event.obligations]
    found = told.found
    return isinstance(found, Proposal) and [(unit.unit, unit.role) for unit in found.routing.units] == given


def _item(told: Explained | None) -> ItemRow | None:
    if told is None or told.item is None:
        return None
    item = told.item
    return ItemRow(
        code=item.code,
        category_zh=item.category_zh,
        item_zh=item.item_zh,
        lead=item.lead,
        lead_zh=LEAD_ZH[item.lead],
        sector_unit=item.sector_unit,
        urgency=item.urgency,
        contact_hours=item.contact_hours,
        limit_working_days=item.limit_working_days,
    )


def _place(told: Explained | None, code: str | None, names: RouterReference) -> PlaceRead:
    street = told.place.street if told else None
    county = told.place.county_code if told else None
    return PlaceRead(
        code=code,
        street_code=street and street.code,
        street_zh=street and street.name,
        county_code=county,
        county_zh=county and unit_zh(names, f"G{county}"),
        merged_zh=[gone.name for gone in told.place.merged] if told else [],
    )


def _ways(
    told: Explained | None, names: RouterReference, given: set[str] | None, by: StaffId | None, desk: str | None
) -> list[Way]:
    """The ways that were considered; where not the rules chose, those that were ``given`` are the chosen ones."""
    person = None if by is None else Kind.DISPATCHER if desk is None else Kind.COUNTY_CENTRE

    def chosen(way: Considered) -> bool:
        if given is None:
            return way.chosen
        return way.kind is person or way.unit in given

    return [
        Way(
            kind=way.kind,
            kind_zh=KIND_ZH[way.kind],
            unit=way.unit,
            unit_zh=None if way.unit is None else unit_zh(names, way.unit),
            chosen=chosen(way),
            reason=way.reason,
        )
        for way in (told.considered if told else ())
    ]
