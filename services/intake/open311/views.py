"""Read-only SQL behind the GETs of Open311. They see what came in by Open311 and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asyncpg.pool import Pool
from pydantic import TypeAdapter

from contracts.event import Event
from contracts.intake import IssueAnswered, IssueClosed, IssueDeclined, IssueTransferred
from contracts.intake_centre import IssueClosedAtCentre
from contracts.intake_turns import IssueFiledOnline, IssueMerged, IssueObjectionRejected, IssueWithdrawn
from services.intake.issue_model import OPEN, Issue
from services.intake.open311.answers import RequestStatus
from services.intake.open311.responsible import TOLD, units_after

_STATE = TypeAdapter(Issue)
_TOLD = {event.type: event for event in TOLD}
_ENDS = (
    *(IssueClosed, IssueAnswered, IssueDeclined, IssueTransferred),
    *(IssueFiledOnline, IssueMerged, IssueObjectionRejected, IssueWithdrawn, IssueClosedAtCentre),
)
"""Events with which an issue may end."""
_ROWS = """
SELECT i.id::text, i.state::text, i.updated_at,
       l.id::text AS living_id, l.state::text AS living, l.updated_at AS living_updated_at
FROM issues i LEFT JOIN issues l ON l.id = (i.state->>'merged_into')::uuid
WHERE i.state->>'partner' IS NOT NULL
"""
_BY_ID = _ROWS + "AND i.id = ANY($1::text[]::uuid[]) ORDER BY i.id"
_LIST = (
    _ROWS
    + """
AND issue_instant(i.state->>'received_at') BETWEEN $1 AND $2
AND ($3::text[] IS NULL OR COALESCE(i.state->>'item_code', i.state->>'wanted_item') = ANY($3))
AND ($4::boolean IS NULL OR (COALESCE(l.state->>'status', i.state->>'status') = ANY($5::text[])) = $4)
ORDER BY issue_instant(i.state->>'received_at') DESC, i.id DESC LIMIT $6 OFFSET $7
"""
)


@dataclass(frozen=True, slots=True)
class Row:
    """An issue, and what is to be told of it: of the one that goes on, if it was merged."""

    id: str
    issue: Issue
    living_id: str
    living: Issue
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which requests of a span of time; no code or status: any."""

    start: datetime
    end: datetime
    codes: Sequence[str]
    status: frozenset[RequestStatus]
    page: int
    page_size: int


def list_query(wanted: Wanted) -> tuple[str, list[Any]]:
    """The statement behind ``listed``, and its parameters. One more than the page shows whether another follows."""
    is_open = RequestStatus.OPEN in wanted.status if len(wanted.status) == 1 else None
    return _LIST, [
        *(wanted.start, wanted.end, list(wanted.codes) or None, is_open, [status.value for status in OPEN]),
        *(wanted.page_size + 1, (wanted.page - 1) * wanted.page_size),
    ]


async def listed(db: Pool, wanted: Wanted) -> list[Row]:
    """The latest first."""
    query, parameters = list_query(wanted)
    return [_row(*row) for row in await db.fetch(query, *parameters)]


async def by_id(db: Pool, ids: Sequence[str]) -> list[Row]:
    """Those of them that there are."""
    return [_row(*row) for row in await db.fetch(_BY_ID, ids)]


def _row(
    id_: str, state: str, updated_at: datetime, living_id: str | None, living: str | None, then: datetime | None
) -> Row:
    issue = _STATE.validate_json(state)
    if living_id is None or living is None or then is None:
        return Row(id_, issue, id_, issue, updated_at)
    return Row(id_, issue, living_id, _STATE.validate_json(living), then)


async def ended_at(db: Pool, issue_ids: Sequence[str]) -> dict[str, datetime]:
    """When each of them ended last, if it ever did."""
    rows = await db.fetch(
        "SELECT id::text, max(recorded_at) FROM events "
        "WHERE aggregate = 'issue' AND id = ANY($1::text[]::uuid[]) AND type = ANY($2::text[]) GROUP BY id",
        issue_ids,
        [event.type for event in _ENDS],
    )
    return {row[0]: row[1] for row in rows}


async def responsible_units(db: Pool, issue_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Who has the orders of each issue, as far as the journal has heard; none before they were dispatched.

    An issue has one order that goes on or has ended well: an earlier one was cancelled or reopened, and is nobody's.
    """
    rows = await db.fetch(
        """
        SELECT issue_id::text, subject, type, data::text FROM journal
        WHERE issue_id = ANY($1::text[]::uuid[]) AND type = ANY($2::text[]) ORDER BY issue_id, subject, sequence
        """,
        issue_ids,
        list(_TOLD),
    )
    heard: dict[tuple[str, str], list[Event]] = {}
    for issue_id, order, type_, data in rows:
        heard.setdefault((issue_id, order), []).append(_TOLD[type_].model_validate_json(data))
    units: dict[str, tuple[str, ...]] = dict.fromkeys(issue_ids, ())
    for (issue_id, _), events in heard.items():
        units[issue_id] += units_after(events)
    return units


async def catalogue_changed_at(db: Pool, version: str) -> datetime | None:
    """When the version of the reference data was loaded."""
    loaded: datetime | None = await db.fetchval("SELECT max(loaded_at) FROM reference WHERE version = $1", version)
    return loaded
