"""调解员名册: who may mediate, for which committee and sectors, in which languages, from when until when.

An entry is never changed: it ends, and another one begins. A committee that has entered its mediators takes no others;
one that has not yet goes on as before, so that a centre can enter its committees one after the other [I].
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from asyncpg import Record
from asyncpg.pool import Pool

from chassis.database import Conn
from chassis.operator_actions import note
from contracts.rejected import Rejected
from services.mediation.case_door import Office
from services.mediation.case_model import Status

MEDIATOR_PROBLEMS = {
    "mediator.not_found": "名册中没有这一条。",
    "mediator.overlaps": "该调解员在该调解委员会的名册上期间重叠，请先结束原条目。",
    "mediator.period": "起止日期先后不对，或结束日期早于今天。",
    "case.mediator_not_registered": "该调解委员会的名册上没有这名调解员，或不在有效期内。",
}
WORKING = (Status.MEDIATOR_ASSIGNED, Status.IN_MEDIATION, Status.FAILED, Status.NOT_CONFIRMED)
"""Statuses in which a case is work for its mediators."""


class Sector(StrEnum):
    """行业性、专业性调解 [人民调解法 34; 司法部关于加强行业性专业性人民调解工作的意见]."""

    GENERAL = "general"  # 综合
    PROPERTY = "property"  # 物业
    LABOUR = "labour"  # 劳动
    MEDICAL = "medical"  # 医疗
    TRAFFIC = "traffic"  # 道路交通
    FAMILY = "family"  # 婚姻家庭
    CONSUMER = "consumer"  # 消费
    LAND = "land"  # 土地、草场


class Language(StrEnum):
    """调解使用的语言 [民族区域自治法 47 by analogy: I]."""

    CHINESE = "zh"  # 国家通用语言
    MONGOLIAN = "mn"  # 蒙古语
    SIGN = "sgn"  # 手语


@dataclass(frozen=True, slots=True)
class Mediator:
    """One entry. ``valid_to`` is its last day; None: no end is known."""

    id: str
    staff_id: str
    name: str
    committee: str
    office: Office
    sectors: Sequence[Sector]
    languages: Sequence[Language]
    valid_from: date
    valid_to: date | None
    registered_by: str
    registered_at: datetime
    ended_by: str | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries; None: any. ``on``: in force that day. ``case_id``: without those who are recused there."""

    on: date
    committee: str | None = None
    sector: Sector | None = None
    office: Office | None = None
    language: Language | None = None
    case_id: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A mediator with what they have to do: cases in which they preside, and in whose panel they are."""

    mediator: Mediator
    open_cases: int


@dataclass(frozen=True, slots=True)
class Committee:
    """调解委员会, as its mediators in force make it."""

    code: str
    sectors: Sequence[Sector]
    mediators: int


_SELECT = """
SELECT id::text, staff_id, name, committee, office, sectors, languages, valid_from, valid_to, registered_by,
       registered_at, ended_by
FROM mediators
"""
# Who is in force, with what they have to do.
_CANDIDATES = """
SELECT * FROM (
    SELECT id::text, staff_id, name, committee, office, sectors, languages, valid_from, valid_to, registered_by,
           registered_at, ended_by,
           (SELECT count(*) FROM cases WHERE state->>'status' = ANY($7) AND (state->>'mediator' = m.staff_id
            OR state->'panel' @> jsonb_build_array(jsonb_build_object('mediator_id', m.staff_id))))::int AS open_cases
    FROM mediators m
    WHERE valid_from <= $1 AND (valid_to IS NULL OR valid_to >= $1)
    AND ($2::text IS NULL OR committee = $2) AND ($3::text IS NULL OR $3 = ANY(sectors))
    AND ($4::text IS NULL OR office = $4) AND ($5::text IS NULL OR $5 = ANY(languages))
    AND ($6::text IS NULL OR NOT EXISTS (
        SELECT FROM cases WHERE cases.id = $6::text::uuid AND state->'recused' ? m.staff_id))
) AS candidates
WHERE $8::bigint IS NULL OR (open_cases, id) > ($8, $9::text)
ORDER BY open_cases, id LIMIT $10
"""
_OVERLAPS = """
WHERE staff_id = $1 AND committee = $2
AND valid_from <= COALESCE($4, 'infinity'::date) AND COALESCE(valid_to, 'infinity') >= $3
"""


async def register(conn: Conn, new: Mediator) -> Mediator:
    """登记入册, written down; the same entry again is the one that is there. Raises Rejected ``mediator.overlaps``."""
    # One after the other: two at once could overlap without either seeing it.
    await conn.execute("SELECT pg_advisory_xact_lock(hashtextextended('mediators', 0))")
    for row in await conn.fetch(_SELECT + _OVERLAPS, new.staff_id, new.committee, new.valid_from, new.valid_to):
        found = _mediator(row)
        if _content(found) == _content(new):
            return found
        raise Rejected("mediator.overlaps", MEDIATOR_PROBLEMS["mediator.overlaps"])
    await conn.execute(
        """
        INSERT INTO mediators (id, staff_id, name, committee, office, sectors, languages, valid_from, valid_to,
                               registered_by, registered_at)
        VALUES ($1::text::uuid, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        """,
        *(new.id, new.staff_id, new.name, new.committee, new.office, list(new.sectors), list(new.languages)),
        *(new.valid_from, new.valid_to, new.registered_by, new.registered_at),
    )
    await note(conn, new.registered_by, "mediator.registered", id=new.id, staff_id=new.staff_id)
    return new


async def end(conn: Conn, id_: str, last_day: date, by: str) -> Mediator:
    """离册 after ``last_day``, written down. Raises Rejected ``mediator.not_found`` or ``mediator.period``."""
    row = await conn.fetchrow(_SELECT + "WHERE id = $1::text::uuid FOR UPDATE", id_)
    if row is None:
        raise Rejected("mediator.not_found", MEDIATOR_PROBLEMS["mediator.not_found"], status=404)
    found = _mediator(row)
    if found.valid_to == last_day:
        return found
    if last_day < found.valid_from or (found.valid_to is not None and last_day > found.valid_to):
        raise Rejected("mediator.period", MEDIATOR_PROBLEMS["mediator.period"], field="valid_to", status=422)
    await conn.execute("UPDATE mediators SET valid_to = $2, ended_by = $3 WHERE id = $1::text::uuid", id_, last_day, by)
    await note(conn, by, "mediator.ended", id=id_, staff_id=found.staff_id, valid_to=last_day.isoformat())
    return replace(found, valid_to=last_day, ended_by=by)


async def candidates(db: Pool, wanted: Wanted, after: tuple[int, str] | None, limit: int) -> list[Candidate]:
    """Who could take a case, those with the fewest open cases first."""
    rows = await db.fetch(
        _CANDIDATES,
        *(wanted.on, wanted.committee, wanted.sector, wanted.office, wanted.language, wanted.case_id),
        *(list(WORKING), *(after or (None, None)), limit),
    )
    return [Candidate(_mediator(row), row["open_cases"]) for row in rows]


async def committees(db: Pool, on: date, sector: Sector | None) -> list[Committee]:
    """Every committee with mediators in force that day, by code: what it mediates, and with how many."""
    rows = await db.fetch(
        """
        SELECT committee, array_agg(DISTINCT one ORDER BY one) AS sectors, count(DISTINCT staff_id)::int AS mediators
        FROM mediators, unnest(sectors) AS one
        WHERE valid_from <= $1 AND (valid_to IS NULL OR valid_to >= $1) AND ($2::text IS NULL OR one = $2)
        GROUP BY committee ORDER BY committee
        """,
        *(on, sector),
    )
    return [Committee(row["committee"], [Sector(one) for one in row["sectors"]], row["mediators"]) for row in rows]


async def must_be_registered(db: Pool, staff_id: str, committee: str, on: date) -> None:
    """Raises Rejected ``case.mediator_not_registered`` if the committee has entered mediators, and not this one."""
    unknown: bool = await db.fetchval(
        """
        SELECT EXISTS (SELECT FROM mediators WHERE committee = $2) AND NOT EXISTS (
            SELECT FROM mediators WHERE committee = $2 AND staff_id = $1
            AND valid_from <= $3 AND (valid_to IS NULL OR valid_to >= $3))
        """,
        *(staff_id, committee, on),
    )
    if unknown:
        message = MEDIATOR_PROBLEMS["case.mediator_not_registered"]
        raise Rejected("case.mediator_not_registered", message, field="mediator_id", status=422)


def _mediator(row: Record) -> Mediator:
    return Mediator(
        *(row["id"], row["staff_id"], row["name"], row["committee"], Office(row["office"])),
        *([Sector(one) for one in row["sectors"]], [Language(one) for one in row["languages"]]),
        *(row["valid_from"], row["valid_to"], row["registered_by"], row["registered_at"], row["ended_by"]),
    )


def _content(entry: Mediator) -> tuple[object, ...]:
    """Without who entered it and when."""
    return (
        *(entry.staff_id, entry.name, entry.committee, entry.office, *entry.sectors, "", *entry.languages),
        *(entry.valid_from, entry.valid_to),
    )
