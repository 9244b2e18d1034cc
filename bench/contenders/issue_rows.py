"""What each of the six steps of an issue writes into intake's database, and how to write many at once."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import asyncpg

Json = dict[str, Any]
HASH = b"x" * 32

_LOCK = (
    "SELECT id, version, state::text, traceparent FROM issues WHERE id = ANY($1::text[]::uuid[]) ORDER BY id FOR UPDATE"
)
_UPDATE = """
UPDATE issues t SET version = u.version, state = u.state::jsonb, updated_at = $4
FROM unnest($1::text[]::uuid[], $2::int[], $3::text[]) u (id, version, state) WHERE t.id = u.id
"""
_INSERT = """
INSERT INTO issues (id, version, state, traceparent, updated_at)
SELECT id, 1, $2::jsonb, $3, $4 FROM unnest($1::text[]::uuid[]) id
"""
_EVENTS = """
INSERT INTO events (aggregate, id, version, event_id, type, issue_id, data, meta, recorded_at, epoch)
SELECT 'issue', u.id, u.version, u.event_id, u.type, u.id, u.data::jsonb, u.meta::jsonb, $7, 1
FROM unnest($1::text[]::uuid[], $2::int[], $3::uuid[], $4::text[], $5::text[], $6::text[])
    u (id, version, event_id, type, data, meta)
"""
_NO_DEADLINES = "DELETE FROM deadlines WHERE aggregate = 'issue' AND id = ANY($1::text[]::uuid[])"
_DEADLINES = """
INSERT INTO deadlines (aggregate, id, name, due_at)
SELECT 'issue', * FROM unnest($1::text[]::uuid[], $2::text[], $3::timestamptz[])
"""
_PRIVATE = """
INSERT INTO private_data (aggregate, id, name, key_id, ciphertext)
SELECT 'issue', u.id, u.name, 'bare', convert_to(repeat('x', u.size), 'UTF8')
FROM unnest($1::text[]::uuid[], $2::text[], $3::int[]) u (id, name, size)
"""
_ANSWERS = """
INSERT INTO idempotency_keys (principal, route, key, body_hash, response, created_at)
SELECT 'bare', 'bare', u.key, $3, u.response::jsonb, $4 FROM unnest($1::text[], $2::text[]) u (key, response)
"""


@dataclass(frozen=True, slots=True)
class Step:
    """One step as intake wrote it. ``private``: sizes of ciphertexts by name; ``response``: the stored answer."""

    state: str
    type: str
    data: str
    meta: str
    deadlines: dict[str, float]
    """Seconds until each timer that is new with this step."""
    private: dict[str, int]
    response: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A step of an issue that somebody asks for under a key; ``number`` counts from 0."""

    id: str
    number: int
    key: str


@dataclass(frozen=True, slots=True)
class IssueRows:
    """The six steps."""

    traceparent: str | None
    steps: list[Step]

    @classmethod
    def read(cls, file: str | Path) -> Self:
        """Those that `bench.http` has put into ``file``."""
        read: Json = json.loads(Path(file).read_text())
        return cls(read["traceparent"], [Step(**step) for step in read["steps"]])

    async def write(self, connection: "asyncpg.Connection[asyncpg.Record]", asked: Sequence[Asked]) -> None:
        """All of ``asked`` in one transaction; at most one step of each issue."""
        now = datetime.now(UTC)
        ids = [one.id for one in asked]
        steps = [self.steps[one.number] for one in asked]
        new = [one.id for one in asked if one.number == 0]
        old = [one for one in asked if one.number]
        timed = [(one.id, self.steps[one.number]) for one in asked if self.steps[one.number].deadlines]
        private = [(one.id, *text) for one in asked for text in self.steps[one.number].private.items()]
        async with connection.transaction():
            if old:
                await connection.fetch(_LOCK, [one.id for one in old])
                states = [self.steps[one.number].state for one in old]
                await connection.execute(_UPDATE, [one.id for one in old], [one.number + 1 for one in old], states, now)
            if new:
                await connection.execute(_INSERT, new, self.steps[0].state, self.traceparent, now)
            await connection.execute(
                _EVENTS,
                ids,
                [one.number + 1 for one in asked],
                [uuid.uuid4() for _ in asked],
                [step.type for step in steps],
                [step.data for step in steps],
                [step.meta for step in steps],
                now,
            )
            if timed:
                await connection.execute(_NO_DEADLINES, [id_ for id_, _ in timed])
                rows = [(id_, name, after) for id_, step in timed for name, after in step.deadlines.items()]
                due = [now + timedelta(seconds=after) for _, _, after in rows]
                await connection.execute(_DEADLINES, [row[0] for row in rows], [row[1] for row in rows], due)
            if private:
                await connection.execute(_PRIVATE, *map(list, zip(*private, strict=True)))
            await connection.execute(_ANSWERS, [one.key for one in asked], [step.response for step in steps], HASH, now)
