"""Routes that show the reference data."""

from dataclasses import fields
from datetime import date
from typing import Annotated, Any

from asyncpg.pool import Pool
from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, Field, TypeAdapter

from chassis.database import Db
from chassis.errors import problems
from chassis.pages import Page, PageRequest
from chassis.reference import today
from contracts.codes import IssueKind, ItemCode, UnitCode, Urgency
from contracts.rejected import Rejected
from services.router import views
from services.router.api_context import PROBLEMS, Anybody, Reference
from services.router.reference_data import (
    Hint,
    Item,
    Lead,
    Level,
    RouterReference,
    Unit,
    UnitKind,
    in_force,
    successors,
)
from services.router.reference_library import Library

_KEY: TypeAdapter[str] = TypeAdapter(UnitCode)
_ITEM_KEY: TypeAdapter[str] = TypeAdapter(ItemCode)
OnDay = Annotated[
    date | None, Query(description="截至哪一天（北京时间）；省略为今天，并列出已失效的", examples=["2026-03-01"])
]


class UnitAnswer(BaseModel):
    """承办单位名录中的一个单位."""

    code: str = Field(examples=["S150102001"])
    name_zh: str
    name_en: str
    level: Level
    kind: UnitKind
    division_code: str
    parent_code: str | None
    categories: list[str] = Field(description="可主办的事项类别")
    can_hold_orders: bool = Field(description="能否承办热线工单（社区不承接）")
    duty_post: str | None = Field(description="值班岗位", examples=["党政办值班室"])
    duty_phone: str | None = Field(description="值班电话（办公电话）", examples=["0471-0000133"])
    valid_from: date | None
    valid_to: date | None = Field(description="最后一个有效日；为空则长期有效")
    successor: str | None = Field(description="撤并后的承接单位")
    in_force: bool = Field(description="在所问的日期是否有效")


class UnitDetail(UnitAnswer):
    """一个单位，及其上下级和主办事项."""

    reference_version: str
    on: date
    parent_zh: str | None
    children: list[str] = Field(description="由它协调的单位")
    items: list[str] = Field(description="由它作为行业部门主办的事项")
    taken_over_by: str | None = Field(description="在所问的日期实际承接其职责的单位；没有则为空")


class ItemAnswer(BaseModel):
    """派单目录中的一个事项."""

    code: str = Field(examples=["0403"])
    category_zh: str
    item_zh: str
    item_en: str
    default_kind: IssueKind
    lead: Lead
    sector_unit: str
    urgency: Urgency
    contact_hours: int = Field(description="联系时限（小时）")
    limit_working_days: int = Field(description="办理时限（工作日）")
    mediation_hint: Hint
    whistle_hint: Hint
    valid_from: date | None
    valid_to: date | None
    in_force: bool = Field(description="在所问的日期是否适用")


class VersionAnswer(BaseModel):
    """参考数据的一个版本."""

    version: str
    valid_from: str = Field(examples=["2026-03-01"])
    loaded_at: AwareDatetime
    in_force: bool


class ReferenceAnswer(BaseModel):
    """派单目录, 单位名录, 街道名录: what is in force, and every version that was loaded."""

    version: str
    items: int
    units: int
    streets: int
    versions: list[VersionAnswer]


def reference_routes(reference: Reference) -> APIRouter:
    """单位名录, 派单目录 and versions, for everybody with a token."""
    router = APIRouter(prefix="/v1", tags=["reference 参考数据"])
    library = Library(reference)

    async def as_of(db: Pool, day: date | None) -> tuple[RouterReference, date]:
        if day is None:
            return reference.snapshot, today()
        version = await library.as_of(db, day)
        if version is None:
            raise Rejected("reference.no_version", PROBLEMS["reference.no_version"], status=404)
        return version, day

    @router.get("/units", summary="单位名录", responses=problems(404))
    async def list_units(
        _: Anybody,
        db: Db,
        paging: PageRequest,
        kind: UnitKind | None = None,
        level: Level | None = None,
        parent_code: UnitCode | None = None,
        division_code: Annotated[str | None, Query(max_length=12, description="区划代码前缀")] = None,
        on: OnDay = None,
        count: Annotated[bool, Query(description="是否返回总数")] = False,
    ) -> Page[UnitAnswer]:
        after = paging.after(_KEY) or ""
        version, day = await as_of(db, on)
        found = [
            unit
            for _, unit in sorted(version.units.items())
            if (kind is None or unit.kind is kind)
            and (level is None or unit.level is level)
            and (parent_code is None or unit.parent_code == parent_code)
            and unit.division_code.startswith(division_code or "")
            and (on is None or in_force(unit, day))
        ]
        rest = [unit for unit in found if unit.code > after]
        shown, next_cursor = paging.cut(rest, _KEY, lambda unit: unit.code)
        items = [UnitAnswer.model_validate(_dated(unit, day)) for unit in shown]
        return Page(items=items, next_cursor=next_cursor, count=len(found) if count else None)

    @router.get("/units/{code}", summary="一个单位", responses=problems(404))
    async def show_unit(code: UnitCode, _: Anybody, db: Db, on: OnDay = None) -> UnitDetail:
        """The unit as of a day (today if none is given), with who has its duties then."""
        version, day = await as_of(db, on)
        unit = version.units.get(code)
        if unit is None:
            raise Rejected("unit.not_found", PROBLEMS["unit.not_found"], status=404)
        last = successors(version.units, unit, day)[-1]
        parent = version.units.get(unit.parent_code or "")
        return UnitDetail.model_validate(
            _dated(unit, day)
            | {
                "reference_version": version.version,
                "on": day,
                "parent_zh": parent and parent.name_zh,
                "children": sorted(other.code for other in version.units.values() if other.parent_code == code),
                "items": sorted(item.code for item in version.items.values() if item.sector_unit == code),
                "taken_over_by": last.code if last is not unit and in_force(last, day) else None,
            }
        )

    @router.get("/catalogue", summary="派单目录", responses=problems(404))
    async def list_dispatch_catalogue(
        _: Anybody,
        db: Db,
        paging: PageRequest,
        lead: Lead | None = None,
        category: Annotated[str | None, Query(max_length=100, description="类别名称，或事项代码的前缀")] = None,
        sector_unit: UnitCode | None = None,
        on: OnDay = None,
        count: Annotated[bool, Query(description="是否返回总数")] = False,
    ) -> Page[ItemAnswer]:
        after = paging.after(_ITEM_KEY) or ""
        version, day = await as_of(db, on)
        found = [
            item
            for _, item in sorted(version.items.items())
            if (lead is None or item.lead is lead)
            and (category is None or item.category_zh == category or item.code.startswith(category))
            and (sector_unit is None or item.sector_unit == sector_unit)
            and (on is None or in_force(item, day))
        ]
        rest = [item for item in found if item.code > after]
        shown, next_cursor = paging.cut(rest, _ITEM_KEY, lambda item: item.code)
        items = [ItemAnswer.model_validate(_dated(item, day)) for item in shown]
        return Page(items=items, next_cursor=next_cursor, count=len(found) if count else None)

    @router.get("/reference", summary="参考数据版本")
    async def show_reference(_: Anybody, db: Db) -> ReferenceAnswer:
        snapshot = reference.snapshot
        versions = await views.reference_versions(db)
        return ReferenceAnswer(
            version=snapshot.version,
            items=len(snapshot.items),
            units=len(snapshot.units),
            streets=len(snapshot.streets),
            versions=[
                VersionAnswer(
                    version=loaded.version,
                    valid_from=loaded.valid_from,
                    loaded_at=loaded.loaded_at,
                    in_force=loaded.version == snapshot.version,
                )
                for loaded in versions
            ],
        )

    return router


def _dated(row: Unit | Item, day: date) -> dict[str, Any]:
    """The row's columns, and whether it holds on the day."""
    shown = {column.name: getattr(row, column.name) for column in fields(row)} | {"in_force": in_force(row, day)}
    return shown | ({"can_hold_orders": row.can_hold_orders} if isinstance(row, Unit) else {})
