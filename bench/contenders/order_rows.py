"""What one `issue.accepted` becomes in the router's database, and how to write that: for many at once, or for one."""

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from asyncpg import Connection
from asyncpg.pool import PoolConnectionProxy

Conn = Connection | PoolConnectionProxy
Json = dict[str, Any]

_ORDER = """
INSERT INTO orders (id, version, state, traceparent, updated_at)
SELECT id, $2, $3::jsonb, $4, $5 FROM unnest($1::text[]::uuid[]) id
"""
_EVENTS = """
INSERT INTO events (aggregate, id, version, event_id, type, issue_id, data, meta, recorded_at, epoch)
SELECT 'order', u.id, u.version, u.event_id, u.type, u.id, u.data::jsonb, u.meta::jsonb, $7, 1
FROM unnest($1::text[]::uuid[], $2::int[], $3::uuid[], $4::text[], $5::text[], $6::text[])
    u (id, version, event_id, type, data, meta)
"""
_DEADLINES = """
INSERT INTO deadlines (aggregate, id, name, due_at)
SELECT 'order', * FROM unnest($1::text[]::uuid[], $2::text[], $3::timestamptz[])
"""
_CURSORS = """
INSERT INTO inbox (source, subject, epoch, sequence, parked) SELECT '/intake', subject, 1, 1, false
FROM unnest($1::text[]) subject ON CONFLICT DO NOTHING RETURNING subject
"""


@dataclass(frozen=True, slots=True)
class OrderRows:
    """One order as the router wrote it; contenders write it again and again under other ids."""

    version: int
    state: str
    traceparent: str | None
    events: list[Json]
    """``version``, ``type``, ``data`` and ``meta`` of each, the last two as JSON texts."""
    deadlines: list[Json]
    """``name`` of each, and ``seconds`` until it is due."""

    @classmethod
    def read(cls, file: str | Path) -> Self:
        """Those that `bench.consumer` has put into ``file``."""
        return cls(**json.loads(Path(file).read_text()))

    async def write(self, connection: Conn, ids: list[str]) -> None:
        """Orders, events, timers and cursors of ``ids``, in one transaction."""
        now, events, deadlines = datetime.now(UTC), self.events * len(ids), self.deadlines * len(ids)
        async with connection.transaction():
            subjects = [f"issue/{id_}" for id_ in ids]
            new = [subject[6:] for (subject,) in await connection.fetch(_CURSORS, subjects)]
            if len(new) < len(ids):
                raise ValueError("The bench's records are new to each contender.")
            await connection.execute(_ORDER, ids, self.version, self.state, self.traceparent, now)
            await connection.execute(
                _EVENTS,
                [id_ for id_ in ids for _ in self.events],
                [event["version"] for event in events],
                [uuid.uuid4() for _ in events],
                [event["type"] for event in events],
                [event["data"] for event in events],
                [event["meta"] for event in events],
                now,
            )
            await connection.execute(
                _DEADLINES,
                [id_ for id_ in ids for _ in self.deadlines],
                [deadline["name"] for deadline in deadlines],
                [now + timedelta(seconds=deadline["seconds"]) for deadline in deadlines],
            )
