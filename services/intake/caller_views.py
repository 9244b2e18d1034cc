"""Read-only SQL about callers: their place on the lists, what became of it, and their appeals."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asyncpg.pool import Pool
from pydantic import TypeAdapter

from services.intake.caller_list import Caller, Status
from services.intake.issue_model import Issue
from services.intake.views import IssueRow

_CALLER = TypeAdapter(Caller)
_ISSUE = TypeAdapter(Issue)
_OF_APPELLANT = """
SELECT i.id::text, i.version, i.state::text, issue_instant(i.state->>'received_at') AS key
FROM (SELECT DISTINCT id FROM events WHERE aggregate = 'issue' AND data->>'appellant_id' = $1) appealed
JOIN issues i USING (id)
WHERE ($2::timestamptz IS NULL OR (issue_instant(i.state->>'received_at'), i.id) < ($2, $3::text::uuid))
ORDER BY key DESC, i.id DESC LIMIT $4
"""


@dataclass(frozen=True, slots=True)
class CallerRow:
    """A caller as stored; version 0: never on a list."""

    id: str
    version: int
    state: Caller


@dataclass(frozen=True, slots=True)
class CallerHappening:
    """One thing that happened to a caller's place on the lists, and who did it."""

    time: datetime
    type: str
    sequence: int
    data: dict[str, Any]


async def caller(db: Pool, appellant_id: str) -> CallerRow:
    """One caller; whoever was never on a list is an ordinary one."""
    row = await db.fetchrow("SELECT version, state::text FROM callers WHERE id = $1::text::uuid", appellant_id)
    return CallerRow(appellant_id, *((row[0], _CALLER.validate_json(row[1])) if row else (0, Caller())))


async def states(db: Pool, appellant_ids: Iterable[str]) -> dict[str, Caller]:
    """Those of the callers who were ever on a list."""
    rows = await db.fetch(
        "SELECT id::text, state::text FROM callers WHERE id = ANY($1::text[]::uuid[])", list(appellant_ids)
    )
    return {row[0]: _CALLER.validate_json(row[1]) for row in rows}


async def listed(db: Pool, status: Status | None, after: str | None, limit: int) -> list[CallerRow]:
    """Who is on a list."""
    rows = await db.fetch(
        """
        SELECT id::text, version, state::text FROM callers
        WHERE state->>'status' <> 'plain' AND ($1::text IS NULL OR state->>'status' = $1)
        AND ($2::text IS NULL OR id > $2::text::uuid) ORDER BY callers.id LIMIT $3
        """,
        status,
        after,
        limit,
    )
    return [CallerRow(row[0], row[1], _CALLER.validate_json(row[2])) for row in rows]


async def history(db: Pool, appellant_id: str) -> list[CallerHappening]:
    """Every rule about a caller that there ever was."""
    rows = await db.fetch(
        "SELECT recorded_at, type, version, data::text FROM events "
        "WHERE aggregate = 'caller' AND id = $1::text::uuid ORDER BY version",
        appellant_id,
    )
    return [CallerHappening(time, type_, sequence, json.loads(data)) for time, type_, sequence, data in rows]


def issues_query(appellant_id: str, after: tuple[datetime, str] | None, limit: int) -> tuple[str, list[Any]]:
    """The statement behind ``issues``, and its parameters."""
    return _OF_APPELLANT, [appellant_id, *(after or (None, None)), limit]


async def issues(db: Pool, appellant_id: str, after: tuple[datetime, str] | None, limit: int) -> list[IssueRow]:
    """The issues that a caller brought up or joined, the latest first, however long ago."""
    query, parameters = issues_query(appellant_id, after, limit)
    rows = await db.fetch(query, *parameters)
    return [IssueRow(row["id"], row["version"], _ISSUE.validate_json(row["state"]), row["key"]) for row in rows]
