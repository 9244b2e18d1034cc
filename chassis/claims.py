"""领取: who works on which item of a queue for now, so that two people do not take the same one.

A claim is a lease. It helps to share work out and forbids nothing: whoever may act on an item may do so without one.
Nothing of the domain follows from it, therefore it is a row and no event (docs/adr/0013).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from asyncpg import Record
from asyncpg.pool import Pool

from chassis import operator_actions
from chassis.database import Conn
from chassis.ids import new_id
from chassis.private_data import Vault
from chassis.queues import QUEUE_PROBLEMS, Wanted, bind
from contracts.rejected import Rejected

CLAIM_PROBLEMS = {
    "claim.not_found": "没有这个领取记录，或已到期、已释放。",
    "claim.not_yours": "这是别人领取的，只有本人可以续期或释放；督办员可以接管。",
    "claim.too_many": "领取后未处理的已达上限，请先处理或释放。",
    "claim.same_person": "不能移交或转给原领取人。",
}


class TakeOverReason(StrEnum):
    """Why a supervisor takes an item out of somebody's hands."""

    ABSENT = "absent"  # 不在岗
    OVERDUE = "overdue"  # 即将或已经逾期
    URGENT = "urgent"  # 情况紧急
    OTHER = "other"  # 其他


@dataclass(frozen=True, slots=True)
class Claim:
    """A lease of one item. ``desk`` is the unit for which it was taken, empty for none."""

    id: str
    queue: str
    desk: str
    subject: str
    holder: str
    taken_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Handover:
    """交接班: so many claims went from one person to another; the note is private data of it."""

    id: str
    from_id: str
    to_id: str
    at: datetime
    claims: int
    noted: bool


_SELECT = "SELECT id::text, queue, desk, subject::text, holder, taken_at, expires_at FROM claims "
_GIVE = """
UPDATE claims SET holder = $2, taken_at = $3, expires_at = $4 WHERE id = $1::text::uuid
RETURNING id::text, queue, desk, subject::text, holder, taken_at, expires_at
"""
# What was taken before and has expired, or has left the queue by being worked on, is no longer held. What was taken
# for another unit is not this desk's to judge: none of it is among this unit's rows.
_CLEAN = """
DELETE FROM claims WHERE holder = :me::text AND (
    expires_at <= :now::timestamptz
    OR (queue = :queue::text AND desk = :desk::text
        AND NOT EXISTS (SELECT FROM <table> WHERE <table>.id = claims.subject AND (<rows>)))
)
"""
# Whoever is being decided about, or being taken by somebody else, is passed over.
_FIRST_FREE = """
SELECT id::text AS item FROM <table> WHERE <where> AND NOT EXISTS (
    SELECT FROM claims c WHERE c.queue = :queue::text AND c.desk = :desk::text AND c.subject = <table>.id
    AND c.expires_at > :now::timestamptz
)
ORDER BY <order> LIMIT 1 FOR UPDATE SKIP LOCKED
"""
# A claim that was committed after the statement above had begun is met here.
_TAKE = """
INSERT INTO claims (id, queue, desk, subject, holder, taken_at, expires_at)
VALUES ($1::text::uuid, $2, $3, $4::text::uuid, $5, $6, $7)
ON CONFLICT (queue, subject, desk) DO UPDATE
SET id = excluded.id, holder = excluded.holder, taken_at = excluded.taken_at, expires_at = excluded.expires_at
WHERE claims.expires_at <= excluded.taken_at
"""


async def take_next(conn: Conn, wanted: Wanted, until: datetime, most: int) -> Claim | None:
    """Take the first item that nobody has; None if there is none. ``conn`` is in a transaction of its own.

    Raises Rejected ``claim.too_many`` when the person holds ``most`` already, ``queue.looking_only`` for who does not
    work at this queue.
    """
    queue, desk = wanted.queue, wanted.desk.works
    if desk is None:
        raise Rejected("queue.looking_only", QUEUE_PROBLEMS["queue.looking_only"], status=403)
    # One person's requests come one after the other, so that the limit holds.
    await conn.execute("SELECT pg_advisory_xact_lock(hashtextextended('claims ' || $1, 0))", wanted.me)
    values = wanted.values(queue=queue.name, desk=desk, unit=desk or wanted.desk.sees)
    clean, cleaned = bind(_CLEAN.replace("<table>", queue.table).replace("<rows>", queue.rows), values)
    await conn.execute(clean, *cleaned)
    held = await conn.fetchval(
        "SELECT count(*) FROM claims WHERE holder = $1 AND expires_at > $2", wanted.me, wanted.now
    )
    if held >= most:
        raise Rejected("claim.too_many", CLAIM_PROBLEMS["claim.too_many"])
    text, bound = first_free(wanted, desk)
    while (subject := await conn.fetchval(text, *bound)) is not None:
        claim = Claim(new_id(), queue.name, desk, subject, wanted.me, wanted.now, until)
        taken = (claim.id, claim.queue, claim.desk, claim.subject, claim.holder, claim.taken_at, claim.expires_at)
        if await conn.execute(_TAKE, *taken) == "INSERT 0 1":
            return claim
    return None


def first_free(wanted: Wanted, desk: str) -> tuple[str, list[Any]]:
    """The SQL that finds and locks the first item that nobody at the desk has, and its values."""
    sql = _FIRST_FREE.replace("<table>", wanted.queue.table).replace("<where>", wanted.where)
    values = wanted.values(queue=wanted.queue.name, desk=desk, unit=desk or wanted.desk.sees)
    return bind(sql.replace("<order>", wanted.order), values)


async def live(
    db: Pool | Conn, now: datetime, holder: str | None, after: tuple[datetime, str] | None, limit: int
) -> list[Claim]:
    """Claims that have not expired, of one person or (None) of everybody, those that expire first first.

    ``after`` is when a claim expires and its id: those that come after it.
    """
    rows = await db.fetch(
        _SELECT + "WHERE ($1::text IS NULL OR holder = $1) AND expires_at > $2 "
        "AND ($3::timestamptz IS NULL OR (expires_at, id) > ($3, $4::text::uuid)) "
        "ORDER BY expires_at, claims.id LIMIT $5",
        *(holder, now, *(after or (None, None)), limit),
    )
    return [Claim(*row) for row in rows]


async def renew(conn: Conn, claim_id: str, me: str, now: datetime, until: datetime) -> Claim:
    """续期. Raises Rejected ``claim.not_found`` or ``claim.not_yours``."""
    claim = await _own(conn, claim_id, me, now)
    rows = await conn.fetch(_GIVE, claim_id, me, claim.taken_at, until)
    return Claim(*rows[0])


async def release(conn: Conn, claim_id: str, me: str, now: datetime) -> Claim:
    """释放: the item is free for the next. Raises Rejected ``claim.not_found`` or ``claim.not_yours``."""
    claim = await _own(conn, claim_id, me, now)
    await conn.execute("DELETE FROM claims WHERE id = $1::text::uuid", claim_id)
    return claim


async def take_over(
    conn: Conn, claim_id: str, by: str, to: str, reason: TakeOverReason, now: datetime, until: datetime
) -> Claim:
    """接管: a supervisor takes an item out of somebody's hands, or gives it to another; written down.

    Raises Rejected ``claim.not_found`` or ``claim.same_person``.
    """
    claim = await _locked(conn, claim_id, now)
    if claim.holder == to:
        raise Rejected("claim.same_person", CLAIM_PROBLEMS["claim.same_person"], field="to")
    rows = await conn.fetch(_GIVE, claim_id, to, now, until)
    told = {"queue": claim.queue, "subject": claim.subject, "from": claim.holder, "to": to, "reason": reason}
    await operator_actions.note(conn, by, "claim.taken_over", **told)
    return Claim(*rows[0])


async def hand_over(
    conn: Conn, vault: Vault, me: str, to: str, note: str | None, now: datetime, until: datetime
) -> Handover:
    """交接班: everything that somebody holds goes to a colleague, with a fresh lease and a private note.

    Raises Rejected ``claim.same_person``.
    """
    if me == to:
        raise Rejected("claim.same_person", CLAIM_PROBLEMS["claim.same_person"], field="to")
    status = await conn.execute(
        "UPDATE claims SET holder = $2, expires_at = $4 WHERE holder = $1 AND expires_at > $3", me, to, now, until
    )
    given = Handover(new_id(), me, to, now, int(status.removeprefix("UPDATE ")), note is not None)
    await conn.execute(
        "INSERT INTO handovers (id, from_id, to_id, at, claims, noted) VALUES ($1::text::uuid, $2, $3, $4, $5, $6)",
        *(given.id, given.from_id, given.to_id, given.at, given.claims, given.noted),
    )
    if note is not None:
        key_id, sealed = vault.encrypt("handover", given.id, "note", note.encode())
        await conn.execute(
            "INSERT INTO private_data (aggregate, id, name, key_id, ciphertext) "
            "VALUES ('handover', $1::text::uuid, 'note', $2, $3)",
            *(given.id, key_id, sealed),
        )
    return given


async def handovers(db: Pool, me: str, before: str | None, limit: int) -> list[Handover]:
    """What somebody handed over or was handed, the newest first; ``before`` is an id of an earlier page."""
    rows = await db.fetch(
        "SELECT id::text, from_id, to_id, at, claims, noted FROM handovers "
        "WHERE $1 IN (from_id, to_id) AND ($2::text IS NULL OR id < $2::text::uuid) "
        "ORDER BY handovers.id DESC LIMIT $3",
        *(me, before, limit),
    )
    return [Handover(*row) for row in rows]


async def _own(conn: Conn, claim_id: str, me: str, now: datetime) -> Claim:
    claim = await _locked(conn, claim_id, now)
    if claim.holder != me:
        raise Rejected("claim.not_yours", CLAIM_PROBLEMS["claim.not_yours"], status=403)
    return claim


async def _locked(conn: Conn, claim_id: str, now: datetime) -> Claim:
    row: Record | None = await conn.fetchrow(
        _SELECT + "WHERE id = $1::text::uuid AND expires_at > $2 FOR UPDATE", claim_id, now
    )
    if row is None:
        raise Rejected("claim.not_found", CLAIM_PROBLEMS["claim.not_found"], status=404)
    return Claim(*row)
