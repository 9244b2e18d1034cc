"""SQL of one transaction: load and lock states, write everything that was decided, keep the answers.

One part of a statement per table and batch, with ``unnest`` (``chassis.writes``). Order of locks, the same in every
transaction: inbox, then aggregate tables by name, rows by id; new rows after existing ones; idempotency keys last.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from json.encoder import encode_basestring_ascii
from typing import Any

from chassis.aggregate import Aggregate
from chassis.database import Conn
from chassis.private_data import Vault
from chassis.session import Key, Recorded, Session, Snapshot
from chassis.work import Due, Request, RequestKey
from chassis.writes import Writes


class KeyTaken(Exception):
    """A request was answered before, perhaps by a transaction whose end we did not see: read its answer."""


_SELECT = """
SELECT id::text, version, state::text, traceparent FROM <table>
WHERE id = ANY($1::text[]::uuid[]) ORDER BY id FOR UPDATE
"""
_UPDATE = """
UPDATE <table> t SET version = u.version, state = u.state::jsonb, updated_at = $5
FROM unnest($1::text[]::uuid[], $2::int[], $3::int[], $4::text[]) u (id, expected, version, state)
WHERE t.id = u.id AND t.version = u.expected
"""
_INSERT = """
INSERT INTO <table> (id, version, state, traceparent, updated_at)
SELECT u.id, u.version, u.state::jsonb, u.traceparent, $5
FROM unnest($1::text[]::uuid[], $2::int[], $3::text[], $4::text[]) u (id, version, state, traceparent)
ON CONFLICT DO NOTHING
"""


class StaleRow(Exception):
    """A row was created or moved by somebody else since it was read: read again."""


async def known_answers(conn: Conn, requests: Iterable[Request]) -> dict[RequestKey, tuple[bytes, str]]:
    """Return body hash and stored answer of those requests that were answered before."""
    keys = sorted({request.identity for request in requests})
    if not keys:
        return {}
    rows = await conn.fetch(
        """
        SELECT i.principal, i.route, i.key, i.body_hash, i.response::text
        FROM idempotency_keys i
        JOIN unnest($1::text[], $2::text[], $3::text[]) u (principal, route, key) USING (principal, route, key)
        """,
        *_columns(keys),
    )
    return {(principal, route, key): (body_hash, answer) for principal, route, key, body_hash, answer in rows}


def store_answers(writes: Writes, answers: Sequence[tuple[Request, str]], now: datetime) -> None:
    """Store what was answered under each key, for whoever asks again; raises KeyTaken if one was answered before."""
    if not answers:
        return
    answers = sorted(answers, key=lambda answer: answer[0].identity)
    writes.add(
        """
        INSERT INTO idempotency_keys (principal, route, key, body_hash, response, created_at)
        SELECT u.principal, u.route, u.key, u.body_hash, u.response::jsonb, $6
        FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::text[])
            u (principal, route, key, body_hash, response)
        ON CONFLICT DO NOTHING
        """,
        *_columns([request.identity for request, _ in answers]),
        [request.body_hash for request, _ in answers],
        [answer for _, answer in answers],
        now,
        exactly=(len(answers), KeyTaken()),
    )


async def load(conn: Conn, targets: Iterable[tuple[Aggregate[Any, Any, Any], str]]) -> dict[Key, Snapshot]:
    """Lock and read the rows of all targets; an aggregate that is not there yet has version 0."""
    by_table: dict[str, tuple[Aggregate[Any, Any, Any], set[str]]] = {}
    for aggregate, id_ in targets:
        by_table.setdefault(aggregate.table, (aggregate, set()))[1].add(id_)
    found: dict[Key, Snapshot] = {}
    for table, (aggregate, ids) in sorted(by_table.items()):
        for id_ in ids:
            found[table, id_] = Snapshot(aggregate, 0, aggregate.initial, None)
        rows = await conn.fetch(
            _SELECT.replace("<table>", table),
            sorted(ids),
        )
        for id_, version, state, traceparent in rows:
            found[table, id_] = Snapshot(aggregate, version, aggregate.adapter.validate_json(state), traceparent)
    return found


def save(writes: Writes, session: Session, vault: Vault) -> None:
    """Write states, events, deadlines and private data; raises StaleRow if a row is not as it was read."""
    changed = list(session.changed())
    by_table: dict[str, list[tuple[str, Snapshot, Snapshot]]] = defaultdict(list)
    for (table, id_), before, after in changed:
        by_table[table].append((id_, before, after))
    for table, rows in by_table.items():
        _update(writes, table, [row for row in rows if row[1].version], session)
    for table, rows in by_table.items():
        _insert(writes, table, [row for row in rows if not row[1].version], session)
    _record(writes, session)
    _deadlines(writes, session, changed)
    _private(writes, session, vault)


def _update(writes: Writes, table: str, rows: Sequence[tuple[str, Snapshot, Snapshot]], session: Session) -> None:
    if not rows:
        return
    writes.add(
        _UPDATE.replace("<table>", table),
        [id_ for id_, _, _ in rows],
        [before.version for _, before, _ in rows],
        [after.version for _, _, after in rows],
        [session.text(after.aggregate, after.state) for _, _, after in rows],
        session.now,
        exactly=(len(rows), StaleRow(table)),
    )


def _insert(writes: Writes, table: str, rows: Sequence[tuple[str, Snapshot, Snapshot]], session: Session) -> None:
    if not rows:
        return
    writes.add(
        _INSERT.replace("<table>", table),
        [id_ for id_, _, _ in rows],
        [after.version for _, _, after in rows],
        [session.text(after.aggregate, after.state) for _, _, after in rows],
        [after.traceparent for _, _, after in rows],
        session.now,
        exactly=(len(rows), StaleRow(table)),
    )


def _record(writes: Writes, session: Session) -> None:
    events = session.events
    if not events:
        return
    writes.add(
        """
        INSERT INTO events (aggregate, id, version, event_id, type, issue_id, data, meta, recorded_at, epoch)
        SELECT u.aggregate, u.id, u.version, u.event_id, u.type, u.issue_id, u.data::jsonb, u.meta::jsonb, $9,
               (SELECT p.epoch FROM publisher p)
        FROM unnest($1::text[], $2::text[]::uuid[], $3::int[], $4::text[]::uuid[], $5::text[], $6::text[]::uuid[],
                    $7::text[], $8::text[])
            WITH ORDINALITY u (aggregate, id, version, event_id, type, issue_id, data, meta, place)
        ORDER BY u.place
        ON CONFLICT (aggregate, id, version) DO NOTHING
        """,
        [e.aggregate for e in events],
        [e.id for e in events],
        [e.version for e in events],
        [e.event_id for e in events],
        [e.event.type for e in events],
        [e.issue_id for e in events],
        [e.data for e in events],
        [_meta(e) for e in events],
        session.now,
        exactly=(len(events), StaleRow("events")),
        keep=("position, epoch", session.places),
    )


def _deadlines(writes: Writes, session: Session, changed: Sequence[tuple[Key, Snapshot, Snapshot]]) -> None:
    gone: list[tuple[str, str, str]] = []
    wanted: list[tuple[str, str, str, datetime]] = []
    for (_, id_), before, after in changed:
        aggregate = after.aggregate
        old = aggregate.deadlines(before.state) if before.version else {}
        new = aggregate.deadlines(after.state)
        gone.extend((aggregate.name, id_, name) for name in old if name not in new)
        wanted.extend((aggregate.name, id_, name, at) for name, at in new.items() if old.get(name) != at)
    for due in session.stale:
        after = next(s for (_, i), s in session.current.items() if i == due.id and s.aggregate.name == due.aggregate)
        at = after.aggregate.deadlines(after.state).get(due.name)
        if not after.version:
            _forget_orphan(writes, due, after.aggregate.table)
        elif at is None:
            gone.append((due.aggregate, due.id, due.name))
        else:
            wanted.append((due.aggregate, due.id, due.name, at))
    if session.stale:  # they may be among the changed ones, and are in no order
        gone, wanted = sorted(set(gone)), sorted(set(wanted))
    if gone:
        writes.add(
            """
            DELETE FROM deadlines d USING unnest($1::text[], $2::text[]::uuid[], $3::text[]) u (aggregate, id, name)
            WHERE d.aggregate = u.aggregate AND d.id = u.id AND d.name = u.name
            """,
            *zip(*gone, strict=True),
        )
    if wanted:
        writes.add(
            """
            INSERT INTO deadlines (aggregate, id, name, due_at)
            SELECT * FROM unnest($1::text[], $2::text[]::uuid[], $3::text[], $4::timestamptz[])
            ON CONFLICT (aggregate, id, name) DO UPDATE SET due_at = excluded.due_at
            """,
            *zip(*wanted, strict=True),
        )


def _forget_orphan(writes: Writes, due: Due, table: str) -> None:
    """Delete a timer whose aggregate is not there. No row was locked: somebody may just be making both."""
    writes.add(
        """
        DELETE FROM deadlines WHERE aggregate = $1 AND id = $2::text::uuid AND name = $3
        AND NOT EXISTS (SELECT FROM <table> WHERE id = $2::text::uuid)
        """.replace("<table>", table),
        due.aggregate,
        due.id,
        due.name,
    )


def _private(writes: Writes, session: Session, vault: Vault) -> None:
    if not session.private:
        return
    rows = sorted(session.private.items())
    sealed = [vault.encrypt(*key, text.encode()) for key, text in rows]
    writes.add(
        """
        INSERT INTO private_data (aggregate, id, name, key_id, ciphertext)
        SELECT * FROM unnest($1::text[], $2::text[]::uuid[], $3::text[], $4::text[], $5::bytea[])
        ON CONFLICT (aggregate, id, name) DO UPDATE SET key_id = excluded.key_id, ciphertext = excluded.ciphertext
        """,
        [key[0] for key, _ in rows],
        [key[1] for key, _ in rows],
        [key[2] for key, _ in rows],
        [key_id for key_id, _ in sealed],
        [ciphertext for _, ciphertext in sealed],
    )


def _meta(event: Recorded) -> str:
    """Who, and in which trace; written by hand because it is the same for every event."""
    traceparent, hop = _text(event.traceparent), _text(event.hop)
    return f'{{"actor": {_text(event.actor)}, "traceparent": {traceparent}, "hop": {hop}}}'


def _text(value: str | None) -> str:
    return "null" if value is None else encode_basestring_ascii(value)


def _columns(keys: Sequence[RequestKey]) -> tuple[list[str], list[str], list[str]]:
    return [key[0] for key in keys], [key[1] for key in keys], [key[2] for key in keys]
