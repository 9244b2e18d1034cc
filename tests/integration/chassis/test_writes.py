"""Writes that one statement does together, each as if it were alone."""

import uuid
from datetime import UTC, datetime

import pytest
from asyncpg.pool import Pool

from chassis.writes import Writes

_INSERT = """
INSERT INTO deadlines (aggregate, id, name, due_at)
SELECT $4, * FROM unnest($1::text[]::uuid[], $2::text[], $3::timestamptz[])
ON CONFLICT DO NOTHING
"""
_DELETE = "DELETE FROM deadlines WHERE aggregate = $1 AND name = ANY($2::text[])"
_RENAME = "UPDATE deadlines SET name = $2 WHERE aggregate = $1 AND name = $3"


class TooFew(Exception):
    """For a part that did not do what it had to."""


async def _names(pool: Pool, kind: str) -> list[str]:
    rows = await pool.fetch("SELECT name FROM deadlines WHERE aggregate = $1 ORDER BY name", kind)
    return [row["name"] for row in rows]


async def _do(pool: Pool, writes: Writes) -> None:
    async with pool.acquire() as conn, conn.transaction():
        await writes.run(conn)


def _some(kind: str, *names: str) -> tuple[list[str], list[str], list[datetime], str]:
    return [str(uuid.uuid4()) for _ in names], list(names), [datetime.now(UTC)] * len(names), kind


async def test_parts_have_their_own_parameters_and_counts(pool: Pool) -> None:
    kind = uuid.uuid4().hex
    await _do(pool, Writes())
    first = Writes()
    first.add(_INSERT, *_some(kind, "a", "b", "c", "d"), exactly=(4, TooFew()))
    await _do(pool, first)
    then = Writes()
    then.add(_DELETE, kind, ["a", "b", "nothing"], exactly=(2, TooFew()))
    then.add(_INSERT, *_some(kind, "e"))
    then.add(_RENAME, kind, "z", "d", exactly=(1, TooFew()))
    await _do(pool, then)
    assert await _names(pool, kind) == ["c", "e", "z"]


@pytest.mark.parametrize("place", [0, 1, 2])
async def test_where_one_part_does_less_than_it_has_to_nothing_is_done(pool: Pool, place: int) -> None:
    kind = uuid.uuid4().hex
    writes = Writes()
    for number in range(3):
        if number == place:
            writes.add(_RENAME, kind, "x", "nothing", exactly=(1, TooFew()))
        else:
            writes.add(_INSERT, *_some(kind, f"n{number}"), exactly=(1, AssertionError()))
    with pytest.raises(TooFew):
        await _do(pool, writes)
    assert await _names(pool, kind) == []
