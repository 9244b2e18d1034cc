"""代理: a unit's desk that is not staffed is minded by somebody else for a time.

A deputy's roles come from their own token and do not grow; what an appointment widens is the unit whose rows they may
see and act on, in this service, between two instants, and only in requests that say so (header ``Acting-For``). It
cannot be passed on: only a direct appointment counts, and one that would make a chain is refused.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from asyncpg.pool import Pool

from chassis import operator_actions
from chassis.database import Conn
from chassis.security import Actor
from contracts.rejected import Rejected

DEPUTY_PROBLEMS = {
    "deputy.not_found": "没有这个代理，或与本单位无关。",
    "deputy.not_appointed": "现在没有代理该单位：未指定、未到期间、已到期或已撤销。",
    "deputy.one_of_two": "代理人和代理单位须且只能给出一个。",
    "deputy.itself": "单位不能代理自己，督办员不能指定自己代理。",
    "deputy.period": "代理应在今后结束，起止先后正确，且不超过一次最长期限。",
    "deputy.chain": "代理不能转代理：期间内该代理单位已由他人代理，或该单位正在代理他人。",
    "deputy.overlaps": "期间内已指定同一代理。",
}


@dataclass(frozen=True, slots=True)
class Appointment:
    """``unit`` is minded by a person or by the staff of another unit, from ``starts_at`` until before ``ends_at``."""

    id: str
    unit: str
    deputy_id: str | None
    deputy_unit: str | None
    starts_at: datetime
    ends_at: datetime
    appointed_by: str
    appointed_at: datetime
    revoked_by: str | None = None
    revoked_at: datetime | None = None


_SELECT = """
SELECT id::text, unit, deputy_id, deputy_unit, starts_at, ends_at, appointed_by, appointed_at, revoked_by, revoked_at
FROM deputies
"""
# Either unit of a new appointment stands on the other side of one that is there.
_CHAINED = """
SELECT EXISTS (SELECT FROM deputies WHERE revoked_at IS NULL AND starts_at < $4 AND ends_at > $3
               AND (unit = $2 OR deputy_unit = $1))
"""
_SAME = """
SELECT EXISTS (SELECT FROM deputies WHERE revoked_at IS NULL AND starts_at < $5 AND ends_at > $4
               AND unit = $1 AND (deputy_id = $2 OR deputy_unit = $3))
"""


async def appoint(conn: Conn, new: Appointment) -> Appointment:
    """指定代理, written down. Raises Rejected ``deputy.chain`` or ``deputy.overlaps``."""
    # One appointment after the other: two at once could make a chain that neither of them sees.
    await conn.execute("SELECT pg_advisory_xact_lock(hashtextextended('deputies', 0))")
    if await conn.fetchval(_CHAINED, new.unit, new.deputy_unit, new.starts_at, new.ends_at):
        raise Rejected("deputy.chain", DEPUTY_PROBLEMS["deputy.chain"])
    if await conn.fetchval(_SAME, new.unit, new.deputy_id, new.deputy_unit, new.starts_at, new.ends_at):
        raise Rejected("deputy.overlaps", DEPUTY_PROBLEMS["deputy.overlaps"])
    await conn.execute(
        """
        INSERT INTO deputies (id, unit, deputy_id, deputy_unit, starts_at, ends_at, appointed_by, appointed_at)
        VALUES ($1::text::uuid, $2, $3, $4, $5, $6, $7, $8)
        """,
        *(new.id, new.unit, new.deputy_id, new.deputy_unit, new.starts_at, new.ends_at),
        *(new.appointed_by, new.appointed_at),
    )
    await operator_actions.note(conn, new.appointed_by, "deputy.appointed", **_told(new))
    return new


async def revoke(conn: Conn, id_: str, by: str, now: datetime) -> Appointment:
    """撤销代理 at once, written down; one that is revoked stays as it is. Raises Rejected ``deputy.not_found``."""
    row = await conn.fetchrow(_SELECT + "WHERE id = $1::text::uuid FOR UPDATE", id_)
    if row is None:
        raise Rejected("deputy.not_found", DEPUTY_PROBLEMS["deputy.not_found"], status=404)
    found = Appointment(*row)
    if found.revoked_at is not None:
        return found
    await conn.execute("UPDATE deputies SET revoked_by = $2, revoked_at = $3 WHERE id = $1::text::uuid", id_, by, now)
    await operator_actions.note(conn, by, "deputy.revoked", **_told(found))
    return replace(found, revoked_by=by, revoked_at=now)


async def may_act(db: Pool, actor: Actor, unit: str, now: datetime) -> bool:
    """Whether the actor minds the unit's desk now, in person or as staff of the unit that does."""
    return unit in await minded(db, actor, now)


async def minded(db: Pool, actor: Actor, now: datetime) -> frozenset[str]:
    """The units whose desks the actor minds now, in person or as staff of another unit; hardly anybody minds any."""
    rows = await db.fetch(
        """
        SELECT DISTINCT unit FROM deputies WHERE revoked_at IS NULL AND starts_at <= $3 AND ends_at > $3
        AND (deputy_id = $1 OR deputy_unit = $2)
        """,
        *(actor.id, actor.unit, now),
    )
    return frozenset(row[0] for row in rows)


def must_not_be_minded(units: Iterable[str], minded_units: frozenset[str]) -> None:
    """Raises Rejected ``order.reviewer_is_handler`` if whoever reviews minds the desk of one of the order's units.

    Nobody reviews their own unit's work, nor that of a unit which they act for.
    """
    if not minded_units.isdisjoint(units):
        raise Rejected("order.reviewer_is_handler", "承办单位及其代理人不能审核自己的工单", status=403)


async def listing(db: Pool, actor: Actor | None, before: str | None, limit: int) -> list[Appointment]:
    """The newest first: all of them, or those about the actor's own unit or about themselves."""
    rows = await db.fetch(
        _SELECT
        + """
        WHERE ($1::text IS NULL OR unit = $2 OR deputy_id = $1 OR deputy_unit = $2)
        AND ($3::text IS NULL OR id < $3::text::uuid) ORDER BY deputies.id DESC LIMIT $4
        """,
        *(actor and actor.id, actor and actor.unit, before, limit),
    )
    return [Appointment(*row) for row in rows]


def _told(one: Appointment) -> dict[str, str | None]:
    return {
        "id": one.id,
        "unit": one.unit,
        "deputy_id": one.deputy_id,
        "deputy_unit": one.deputy_unit,
        "starts_at": one.starts_at.isoformat(),
        "ends_at": one.ends_at.isoformat(),
    }
