"""The model's database answers as PostgreSQL does: what it said while exploring is asked again of the real one."""

import itertools
import json
import re
import uuid
from collections import defaultdict
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import asyncpg
import pytest
from asyncpg.pool import Pool

import model.database
from model.commanding import Commanding
from model.consuming import Consuming
from model.explore import Explorer
from model.history import NOW
from model.program import Failure
from model.statements import all_beginnings, content_of, execute, letter_id
from model.store import View
from model.swap import silence, swapped

EACH = 25
"""How many different cases of one statement are asked again."""
LETTER = re.compile(r"[a-z.]+/\d+/\d+")


@dataclass(frozen=True)
class Said:
    """A statement, what was there before and after, and the answer."""

    text: str
    args: tuple[Any, ...]
    before: Mapping[Any, Any]
    after: Mapping[Any, Any]
    answer: Any


@pytest.fixture(scope="module")
def said() -> dict[str, list[Said]]:
    """Cases of every statement, as they come while small systems are explored."""
    found: defaultdict[str, dict[int, Said]] = defaultdict(dict)
    beginnings = all_beginnings()
    count = itertools.count()

    def listen(view: View, text: str, args: Any) -> Any:
        before = view.contents()
        answer = execute(view, text, args)
        kind = next((beginning for beginning in beginnings if text.startswith(beginning)), None)
        if kind:
            cases = found[kind]
            cases[crc32(b"%d" % next(count))] = Said(text, args, before, view.contents(), answer)
            if len(cases) > EACH:  # those that stay are spread over the whole exploration
                del cases[max(cases)]
        return answer

    with ExitStack() as stack:
        stack.enter_context(silence())
        stack.enter_context(swapped(model.database, "execute", listen))
        systems: list[Any] = [
            Consuming(((1, 2),), poison=1, faults=0, discards=True),
            Consuming(((3, 2, 1), (2, 1, 2)), poison=None, faults=0),
            Commanding(callers=2, faults=1),
        ]
        for system in systems:
            with system:
                Explorer[Any](system, 20_000).run()
    return {kind: list(cases.values()) for kind, cases in found.items()}


def test_every_statement_was_heard(said: dict[str, list[Said]]) -> None:
    assert set(said) == set(all_beginnings())


async def test_postgresql_agrees(said: dict[str, list[Said]], pool: Pool) -> None:
    async with pool.acquire() as conn:
        await conn.execute(
            "CREATE TABLE tallies (id uuid PRIMARY KEY, version integer NOT NULL, state jsonb NOT NULL, "
            "traceparent text, updated_at timestamptz NOT NULL)"
        )
        for case in (case for cases in said.values() for case in cases):
            answer, after = await asked_again(conn, case)
            assert (answer, after) == (plain(case.answer), kept(case.after)), case.text


async def asked_again(conn: Any, case: Said) -> tuple[Any, Any]:
    """What PostgreSQL answers, and what it holds afterwards."""
    transaction = conn.transaction()
    await transaction.start()
    try:
        await fill(conn, case.before)
        args = [real(arg) for arg in case.args]
        answer: Any
        if isinstance(case.answer, tuple):
            answer = plain(tuple(tuple(row) for row in await conn.fetch(case.text, *args)))
        else:
            try:
                answer = await conn.execute(case.text, *args)
            except asyncpg.UniqueViolationError:
                return "unique violation", kept(case.before)
        return answer, await held(conn)
    finally:
        await transaction.rollback()


def plain(answer: Any) -> Any:
    """An answer in a form that both have: letters by their real ids, JSON by its meaning, rows in any order."""
    if isinstance(answer, Failure):
        return "unique violation"
    if isinstance(answer, str):
        return answer
    return sorted((tuple(column(value) for value in row) for row in answer), key=repr)


def column(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(("{", "[")):
        return json.dumps(json.loads(value), sort_keys=True)
    return real(value)


def real(value: Any) -> Any:
    """The same with letters by their real ids."""
    if isinstance(value, list):
        return [real(one) for one in value]
    return letter_uuid(value) if isinstance(value, str) and LETTER.fullmatch(value) else value


def letter_uuid(id_: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, id_))


async def fill(conn: Any, rows: Mapping[Any, Any]) -> None:
    """Put the model's rows into the real tables."""
    for (table, *key), row in rows.items():
        match table:
            case "inbox":
                await conn.execute("INSERT INTO inbox VALUES ($1, $2, $3, $4, $5)", *key, *row)
            case "tallies":
                await conn.execute("INSERT INTO tallies VALUES ($1::text::uuid, $2, $3, NULL, $4)", *key, *row, NOW)
            case "idempotency_keys":
                await conn.execute("INSERT INTO idempotency_keys VALUES ($1, $2, $3, $4, $5, $6)", *key, *row, NOW)
            case "events":
                await conn.execute(
                    "INSERT INTO events (aggregate, id, version, event_id, type, issue_id, data, meta, recorded_at, "
                    "epoch) VALUES ($1, $2::text::uuid, $3, $4::text::uuid, '', $2::text::uuid, '{}', '{}', $5, 1)",
                    *key,
                    *row,
                    NOW,
                )
            case "dead_letters":
                await conn.execute(
                    "INSERT INTO dead_letters (id, topic, partition, record_offset, source, subject, sequence, reason, "
                    "resolution, key, value, headers, error, created_at) "
                    "VALUES ($1::text::uuid, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, '', $13)",
                    letter_uuid(letter_id((table, *key))),
                    *key,
                    *row[:5],
                    *content_of(row),
                    NOW,
                )


def kept(rows: Mapping[Any, Any]) -> Any:
    """The model's rows, in the form of ``held``."""
    found = (
        (table, *key, *(content_of(row) if table == "dead_letters" else ()), *map(column, row[:5]))
        for (table, *key), row in rows.items()
    )
    return sorted(found, key=repr)


async def held(conn: Any) -> Any:
    """The real rows."""
    found: list[Any] = []
    for query in (
        "SELECT 'inbox', source, subject, epoch, sequence, parked FROM inbox",
        "SELECT 'tallies', id::text, version, state::text FROM tallies",
        "SELECT 'idempotency_keys', principal, route, key, body_hash, response::text FROM idempotency_keys",
        "SELECT 'events', aggregate, id::text, version, event_id::text FROM events",
        "SELECT 'dead_letters', topic, partition, record_offset, key, value, headers::text, source, subject, sequence, "
        "reason, resolution FROM dead_letters",
    ):
        for row in await conn.fetch(query):
            letter = row[0] == "dead_letters"
            head, tail = (row[:7], row[7:]) if letter else (row[:1], row[1:])
            found.append((*head, *map(column, tail)))
    return sorted(found, key=repr)
