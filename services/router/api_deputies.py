"""Routes of 代理 deputies: who minds whose desk, from when until when."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from chassis.database import Conn, Db
from chassis.errors import Invalid, document, problems
from chassis.ids import new_id
from chassis.limits import Limits
from chassis.once import Once
from chassis.pages import Page, PageRequest
from chassis.requests import Body, Instant
from chassis.security import Actor, actor_with
from contracts.codes import Id, StaffId, UnitCode
from contracts.rejected import Rejected
from services.router import deputies
from services.router.api_context import PROBLEMS, Reference
from services.router.deputies import DEPUTY_PROBLEMS, Appointment

_AFTER = TypeAdapter(Id)
Supervisor = Annotated[Actor, actor_with("supervisor")]
Reader = Annotated[Actor, actor_with("supervisor", "unit_handler", "street_leader")]


class DeputyBody(Body):
    """指定代理: a person, or the staff of a unit."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "deputy_unit": "S150105005",
                    "starts_at": "2026-12-01T08:30:00+08:00",
                    "ends_at": "2026-12-08T18:00:00+08:00",
                }
            ]
        }
    )

    deputy_id: StaffId | None = Field(default=None, description="代理人工号")
    deputy_unit: UnitCode | None = Field(default=None, description="代理单位")
    starts_at: Instant
    ends_at: Instant


class DeputyAnswer(BaseModel):
    """代理."""

    id: Id
    unit: str
    deputy_id: str | None
    deputy_unit: str | None
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    appointed_by: str
    appointed_at: AwareDatetime
    revoked_by: str | None
    revoked_at: AwareDatetime | None
    in_force: bool


def deputy_routes(reference: Reference, limits: Limits) -> APIRouter:
    """Only supervisors appoint: a unit cannot open its own rows to others."""
    router = APIRouter(prefix="/v1", tags=["deputies 代理"])
    document(DEPUTY_PROBLEMS)

    @router.get("/deputies", summary="代理列表；承办单位只看与自己有关的")
    async def list_deputies(actor: Reader, db: Db, paging: PageRequest) -> Page[DeputyAnswer]:
        """The newest first."""
        only = None if "supervisor" in actor.roles else actor
        rows = await deputies.listing(db, only, paging.after(_AFTER), paging.rows_needed)
        shown, next_cursor = paging.cut(rows, _AFTER, lambda row: row.id)
        now = datetime.now(UTC)
        return Page(items=[_answer(row, now) for row in shown], next_cursor=next_cursor)

    @router.post("/units/{unit}/deputies", summary="指定代理", status_code=201, responses=problems(404, 409))
    async def appoint_deputy(unit: UnitCode, body: DeputyBody, actor: Supervisor, once: Once) -> DeputyAnswer:
        """Who and when is written down; every request of the deputy that says it acts for the unit is logged."""
        _check_unit(unit, reference)
        now = datetime.now(UTC)
        _check(unit, body, actor, reference, limits, now)

        async def act(conn: Conn) -> DeputyAnswer:
            period = (body.starts_at, body.ends_at)
            new = Appointment(new_id(), unit, body.deputy_id, body.deputy_unit, *period, actor.id, now)
            return _answer(await deputies.appoint(conn, new), now)

        return await once.run(DeputyAnswer, act)

    @router.post("/deputies/{deputy_id}/revoke", summary="撤销代理", responses=problems(404, 409))
    async def revoke_deputy(deputy_id: Id, actor: Supervisor, once: Once) -> DeputyAnswer:
        """At once: the deputy's next request is refused."""

        async def act(conn: Conn) -> DeputyAnswer:
            now = datetime.now(UTC)
            return _answer(await deputies.revoke(conn, deputy_id, actor.id, now), now)

        return await once.run(DeputyAnswer, act)

    return router


def _check_unit(unit: str, reference: Reference) -> None:
    known = reference.snapshot.units.get(unit)
    if known is None or not known.can_hold_orders:
        raise Rejected("unit.not_found", PROBLEMS["unit.not_found"], status=404)


def _check(unit: str, body: DeputyBody, actor: Actor, reference: Reference, limits: Limits, now: datetime) -> None:
    if (body.deputy_id is None) is (body.deputy_unit is None):
        raise _invalid("deputy_id", "one_of_two")
    if body.deputy_unit is not None:
        reference.check_holder(body.deputy_unit, "deputy_unit")
    if body.deputy_unit == unit or body.deputy_id == actor.id:
        raise _invalid("deputy_unit" if body.deputy_unit else "deputy_id", "itself")
    longest = limits.due("deputy_longest", body.starts_at)
    if not now < body.ends_at <= longest or body.starts_at >= body.ends_at:
        raise _invalid("ends_at", "period")


def _invalid(field: str, rule: str) -> Invalid:
    code = f"deputy.{rule}"
    return Invalid(field, rule, DEPUTY_PROBLEMS[code], code=code)


def _answer(one: Appointment, now: datetime) -> DeputyAnswer:
    in_force = one.revoked_at is None and one.starts_at <= now < one.ends_at
    return DeputyAnswer(**asdict(one), in_force=in_force)
