"""Read-only SQL behind the GETs of petitions 信访代办."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asyncpg.pool import Pool
from pydantic import TypeAdapter

from chassis.pages import counting
from services.mediation.petition_model import Petition, Status

_STATE = TypeAdapter(Petition)

# Parameters that are null vanish from the plan, because every plan is made for its values (chassis.database).
_WHERE = """
FROM petitions WHERE ($1::text IS NULL OR state->>'proxy' = $1)
AND ($2::text IS NULL OR state->>'proxy' = $2)
AND ($3::text IS NULL OR state->>'status' = $3)
AND ($4::text IS NULL OR state->>'code' = $4)
AND ($5::text IS NULL OR state->>'issue_id' = $5)
"""
_ROW = "SELECT id::text, version, state::text, petition_due(state) AS due"
_PAGE = (
    _ROW
    + _WHERE
    + """
AND ($6::timestamptz IS NULL OR (petition_due(state), id) > ($6, $7::text::uuid))
ORDER BY petition_due(state), petitions.id LIMIT $8
"""
)
_ONE = _ROW + " FROM petitions WHERE id = $1::text::uuid"
_OTHERS = """
SELECT id::text FROM petitions WHERE state->>'issue_id' = $1 AND id <> $2::text::uuid ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which petitions; None: any. ``scope`` is the proxy who may see no others than their own."""

    scope: str | None = None
    proxy: str | None = None
    status: Status | None = None
    code: str | None = None
    issue_id: str | None = None

    def values(self) -> list[Any]:
        """As the parameters $1 to $5."""
        return [self.scope, self.proxy, self.status, self.code, self.issue_id]


@dataclass(frozen=True, slots=True)
class PetitionRow:
    """A petition as stored; ``due`` is the end of its most pressing step, which may have passed."""

    id: str
    version: int
    state: Petition
    due: datetime


async def page(db: Pool, wanted: Filter, after: tuple[datetime, str] | None, limit: int) -> list[PetitionRow]:
    """The most pressing petitions after a sort key, at most ``limit``; those that wait for nobody come last."""
    return [_row(row) for row in await db.fetch(_PAGE, *wanted.values(), *(after or (None, None)), limit)]


async def count(db: Pool, wanted: Filter) -> int:
    """How many petitions there are."""
    found: int = await db.fetchval(counting(_WHERE), *wanted.values())
    return found


async def one(db: Pool, petition_id: str) -> PetitionRow | None:
    """One petition."""
    row = await db.fetchrow(_ONE, petition_id)
    return None if row is None else _row(row)


async def others_of_issue(db: Pool, issue_id: str, petition_id: str) -> list[str]:
    """Ids of all other petitions of an issue."""
    return [row["id"] for row in await db.fetch(_OTHERS, issue_id, petition_id)]


def _row(row: Any) -> PetitionRow:
    return PetitionRow(row["id"], row["version"], _STATE.validate_json(row["state"]), row["due"])
