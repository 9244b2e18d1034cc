"""Routes that show the reference data."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, Field, TypeAdapter

from chassis.database import Db
from chassis.pages import Page, PageRequest
from contracts.codes import UnitCode
from services.router import views
from services.router.api_context import Anybody, Reference
from services.router.reference_data import Level, UnitKind

_KEY: TypeAdapter[str] = TypeAdapter(UnitCode)


class UnitAnswer(BaseModel):
    """承办单位名录中的一个单位."""

    code: str
    name_zh: str
    name_en: str
    level: Level
    kind: UnitKind
    division_code: str
    parent_code: str | None
    categories: list[str] = Field(description="可主办的事项类别")
    can_hold_orders: bool = Field(description="能否承办热线工单（社区不承接）")


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
    """单位名录 and versions, for everybody with a token."""
    router = APIRouter(prefix="/v1", tags=["reference 参考数据"])

    @router.get("/units", summary="单位名录")
    async def list_units(
        _: Anybody,
        paging: PageRequest,
        kind: UnitKind | None = None,
        division_code: Annotated[str | None, Query(max_length=12, description="区划代码前缀")] = None,
        count: Annotated[bool, Query(description="是否返回总数")] = False,
    ) -> Page[UnitAnswer]:
        after = paging.after(_KEY) or ""
        found = [
            unit
            for _, unit in sorted(reference.snapshot.units.items())
            if (kind is None or unit.kind is kind) and unit.division_code.startswith(division_code or "")
        ]
        rest = [unit for unit in found if unit.code > after]
        shown, next_cursor = paging.cut(rest, _KEY, lambda unit: unit.code)
        return Page(
            items=[UnitAnswer.model_validate(unit, from_attributes=True) for unit in shown],
            next_cursor=next_cursor,
            count=len(found) if count else None,
        )

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
