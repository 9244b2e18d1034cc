"""Dead letters: records that could not be handled, or wait behind one that could not.

Kept with the original bytes, headers and place until an operator replays or discards them, in order; what only
waited is replayed by the sweeper as soon as what it waited for is there.
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg
from asyncpg.pool import Pool

from chassis.database import Conn
from chassis.ids import new_id
from chassis.inbox import key_of
from chassis.work import Arrival, Record
from contracts.rejected import Rejected

DEAD_LETTER_PROBLEMS = {
    "dead_letter.not_found": "没有这条死信，或者它已经处理过。",
    "dead_letter.not_next": "同一对象更早的死信还没有处理，请按顺序重放或丢弃。",
    "dead_letter.epoch": "来源的数据库恢复到过去：先接受它的新纪元（epoch --accept），或者丢弃。",
}

_SHOWN = """
SELECT id::text, topic, partition, record_offset, source, subject, sequence, reason, error, attempts,
       created_at, resolution, resolved_at, resolved_by, note
FROM dead_letters
"""


@dataclass(frozen=True, slots=True)
class Letter:
    """A record to be put aside. ``reason``: malformed, rejected, defect, data, gap, parked or epoch."""

    arrival: Arrival
    reason: str
    error: str


async def insert(conn: Conn, letters: Sequence[Letter], now: datetime) -> None:
    """Put records aside; one that is there already (delivered again) is left as it is."""
    if not letters:
        return
    records = [letter.arrival.record for letter in letters]
    placed = [key_of(letter.arrival) is not None for letter in letters]
    identities = [letter.arrival.identity for letter in letters]
    await conn.execute(
        """
        INSERT INTO dead_letters (id, topic, partition, record_offset, key, value, headers, source, subject, sequence,
                                  reason, error, created_at)
        SELECT u.id, u.topic, u.partition, u.record_offset, u.key, u.value, u.headers::jsonb, u.source, u.subject,
               u.sequence, u.reason, u.error, $13
        FROM unnest($1::text[]::uuid[], $2::text[], $3::int[], $4::bigint[], $5::bytea[], $6::bytea[], $7::text[],
                    $8::text[], $9::text[], $10::bigint[], $11::text[], $12::text[])
            u (id, topic, partition, record_offset, key, value, headers, source, subject, sequence, reason, error)
        ON CONFLICT (topic, partition, record_offset) DO NOTHING
        """,
        [new_id() for _ in letters],
        [r.topic for r in records],
        [r.partition for r in records],
        [r.offset for r in records],
        [r.key for r in records],
        [r.value for r in records],
        [_pack(r.headers) for r in records],
        [i.source if i and ok else None for i, ok in zip(identities, placed, strict=True)],
        [i.subject if i and ok else None for i, ok in zip(identities, placed, strict=True)],
        [i.sequence if i and ok else None for i, ok in zip(identities, placed, strict=True)],
        [letter.reason for letter in letters],
        [letter.error for letter in letters],
        now,
    )


async def resolve(conn: Conn, letters: Sequence[Arrival], now: datetime) -> None:
    """Note that replayed letters were handled."""
    if letters:
        await conn.execute(
            """
            UPDATE dead_letters d SET resolution = 'replayed', resolved_at = $3, resolved_by = u.by
            FROM unnest($1::text[]::uuid[], $2::text[]) u (id, by)
            WHERE d.id = u.id AND d.resolution IS NULL
            """,
            [a.letter for a in letters],
            [a.by or "sweeper" for a in letters],
            now,
        )


async def fail_again(conn: Conn, letters: Sequence[Letter]) -> None:
    """Note that replaying did not help; from now on only an operator replays it."""
    if letters:
        await conn.execute(
            """
            UPDATE dead_letters d SET attempts = d.attempts + 1, reason = u.reason, error = u.error
            FROM unnest($1::text[]::uuid[], $2::text[], $3::text[]) u (id, reason, error)
            WHERE d.id = u.id AND d.resolution IS NULL
            """,
            [letter.arrival.letter for letter in letters],
            [letter.reason for letter in letters],
            [letter.error for letter in letters],
        )


async def fetch_record(conn: Conn | Pool, letter: str, *, resolved: bool = False) -> Record:
    """Return the original record of a letter that waits, or, if ``resolved``, of any.

    Raises Rejected ``dead_letter.not_found`` if there is none.
    """
    row = await conn.fetchrow(
        "SELECT topic, partition, record_offset, key, value, headers::text FROM dead_letters "
        "WHERE id = $1::text::uuid AND (resolution IS NULL OR $2)",
        letter,
        resolved,
    )
    if row is None:
        raise _not_found()
    topic, partition, offset, key, value, headers = row
    return Record(topic, partition, offset, key, value, unpack(headers))


async def ready(conn: Conn | Pool, limit: int) -> list[str]:
    """Return the letters that only waited and whose turn has come, in order."""
    rows = await conn.fetch(
        """
        SELECT d.id::text FROM inbox i JOIN dead_letters d USING (source, subject)
        WHERE i.parked AND d.resolution IS NULL AND d.reason IN ('gap', 'parked') AND d.sequence <= i.sequence + 1
        ORDER BY d.created_at LIMIT $1
        """,
        limit,
    )
    return [row["id"] for row in rows]


async def discard(pool: Pool, letter: str, *, by: str, note: str, now: datetime) -> None:
    """Give a letter up, with a reason; what waited behind it goes on.

    Raises Rejected ``dead_letter.not_found``, or ``dead_letter.not_next`` when an earlier one has to be decided first.
    """
    async with pool.acquire() as conn, conn.transaction():
        # The inbox row first, as consumer and replay do.
        place = await conn.fetchrow(
            "SELECT source, subject, sequence FROM dead_letters WHERE id = $1::text::uuid AND resolution IS NULL",
            letter,
        )
        if place is None:
            raise _not_found()
        source, subject, sequence = place
        handled = await conn.fetchval(
            "SELECT sequence FROM inbox WHERE source = $1 AND subject = $2 FOR UPDATE", source, subject
        )
        if handled is not None and sequence > handled + 1:
            raise Rejected("dead_letter.not_next", DEAD_LETTER_PROBLEMS["dead_letter.not_next"])
        status = await conn.execute(
            "UPDATE dead_letters SET resolution = 'discarded', resolved_at = $2, resolved_by = $3, note = $4 "
            "WHERE id = $1::text::uuid AND resolution IS NULL",
            letter,
            now,
            by,
            note,
        )
        if status != "UPDATE 1":
            raise _not_found()
        if handled is not None:
            await _skip(conn, source, subject, sequence)


async def _skip(conn: Conn, source: str, subject: str, sequence: int) -> None:
    """Move the cursor past a discarded letter, unless another record of the same sequence waits in its stead."""
    waiting = [
        row["sequence"]
        for row in await conn.fetch(
            "SELECT sequence FROM dead_letters WHERE source = $1 AND subject = $2 AND resolution IS NULL",
            source,
            subject,
        )
    ]
    await conn.execute(
        "UPDATE inbox SET sequence = CASE WHEN $3 THEN sequence ELSE greatest(sequence, $4) END, parked = $5 "
        "WHERE source = $1 AND subject = $2",
        source,
        subject,
        sequence in waiting,
        sequence,
        bool(waiting),
    )


async def counts(conn: Conn | Pool) -> dict[str, int]:
    """Unresolved letters by reason."""
    rows = await conn.fetch("SELECT reason, count(*) AS n FROM dead_letters WHERE resolution IS NULL GROUP BY reason")
    return {row["reason"]: row["n"] for row in rows}


async def listing(conn: Conn | Pool, *, unresolved: bool, after: str | None, limit: int) -> list[asyncpg.Record]:
    """One page of letters by id (which is by age), without their bytes."""
    return await conn.fetch(
        _SHOWN + "WHERE ($1::bool IS FALSE OR resolution IS NULL) AND ($2::text IS NULL OR id > $2::text::uuid) "
        "ORDER BY dead_letters.id LIMIT $3",
        unresolved,
        after,
        limit,
    )


async def fetch(conn: Conn | Pool, letter: str) -> asyncpg.Record:
    """Return one letter as in ``listing``, resolved or not. Raises Rejected ``dead_letter.not_found``."""
    row = await conn.fetchrow(_SHOWN + "WHERE id = $1::text::uuid", letter)
    if row is None:
        raise _not_found()
    return row


def _pack(headers: Sequence[tuple[str, bytes | None]]) -> str:
    # A header's name is text to the client library, but may hold what jsonb cannot.
    return json.dumps(
        [
            [
                base64.b64encode(name.encode(errors="surrogateescape")).decode(),
                None if value is None else base64.b64encode(value).decode(),
            ]
            for name, value in headers
        ]
    )


def unpack(headers: str) -> list[tuple[str, bytes | None]]:
    """The original headers out of their stored form."""
    return [
        (
            base64.b64decode(name).decode(errors="surrogateescape"),
            None if value is None else base64.b64decode(value),
        )
        for name, value in json.loads(headers)
    ]


def _not_found() -> Rejected:
    return Rejected("dead_letter.not_found", DEAD_LETTER_PROBLEMS["dead_letter.not_found"], status=404)
