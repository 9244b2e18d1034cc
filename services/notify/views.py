"""Read-only SQL behind the GETs and the sender's queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from asyncpg import Record
from asyncpg.pool import Pool

from chassis.aggregate import Aggregate
from chassis.pages import counting
from services.notify.aggregates import Revisits
from services.notify.delivery_aggregates import Deliveries
from services.notify.delivery_model import Delivery
from services.notify.revisit import Revisit

S = TypeVar("S")
Key = tuple[datetime, str]
"""Sort key of a page: the column sorted by, and the id."""


@dataclass(frozen=True, slots=True)
class Row(Generic[S]):
    """An aggregate as it stands; ``sort`` is the instant that its list is sorted by."""

    id: str
    version: int
    state: S
    sort: datetime


@dataclass(frozen=True, slots=True)
class RevisitFilter:
    """What to list; None = all. ``overdue_at``: only open ones that were due before that instant."""

    status: str | None = None
    order_id: str | None = None
    issue_id: str | None = None
    overdue_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """What to list; None = all."""

    status: str | None = None
    issue_id: str | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that may be sent now, and the trace that it belongs to."""

    id: str
    delivery: Delivery
    traceparent: str | None


_DUE = "notify_instant(state->>'due')"
_REVISITS = f"""
    FROM revisits
    WHERE ($1::text IS NULL OR state->>'status' = $1)
      AND ($2::text IS NULL OR state->>'order_id' = $2)
      AND ($3::text IS NULL OR state->>'issue_id' = $3)
      AND ($4::timestamptz IS NULL OR (state->>'status' = 'open' AND {_DUE} < $4))
"""
_DELIVERIES = """
    FROM deliveries
    WHERE ($1::text IS NULL OR state->>'status' = $1)
      AND ($2::text IS NULL OR state->>'issue_id' = $2)
"""

FORGET_ENDED = """
    DELETE FROM private_data WHERE aggregate = 'delivery' AND
        (SELECT state->>'status' FROM deliveries WHERE deliveries.id = private_data.id) IN ('delivered', 'handled')
"""
"""By a question for each row, which only an index can answer: a join might read all that was ever delivered."""


async def list_revisits(
    pool: Pool, revisits: Revisits, wanted: RevisitFilter, after: Key | None, limit: int
) -> list[Row[Revisit]]:
    """Call-backs, what is due first comes first."""
    at, id_ = after or (None, None)
    rows = await pool.fetch(
        f"SELECT id::text, version, state, {_DUE} AS sort {_REVISITS}"
        f" AND ($5::timestamptz IS NULL OR ({_DUE}, id) > ($5, $6::text::uuid)) ORDER BY sort, revisits.id LIMIT $7",
        *_revisit_arguments(wanted),
        at,
        id_,
        limit,
    )
    return [_row(revisits, row) for row in rows]


async def count_revisits(pool: Pool, wanted: RevisitFilter) -> int:
    """How many call-backs the filter lets through."""
    count: int = await pool.fetchval(counting(_REVISITS), *_revisit_arguments(wanted))
    return count


async def list_deliveries(
    pool: Pool, deliveries: Deliveries, wanted: DeliveryFilter, after: Key | None, limit: int
) -> list[Row[Delivery]]:
    """Messages, what changed last comes first."""
    at, id_ = after or (None, None)
    rows = await pool.fetch(
        f"SELECT id::text, version, state, updated_at AS sort {_DELIVERIES}"
        " AND ($3::timestamptz IS NULL OR (updated_at, id) < ($3, $4::text::uuid))"
        " ORDER BY updated_at DESC, deliveries.id DESC LIMIT $5",
        wanted.status,
        wanted.issue_id,
        at,
        id_,
        limit,
    )
    return [_row(deliveries, row) for row in rows]


async def count_deliveries(pool: Pool, wanted: DeliveryFilter) -> int:
    """How many messages the filter lets through."""
    count: int = await pool.fetchval(counting(_DELIVERIES), wanted.status, wanted.issue_id)
    return count


async def find_revisit(pool: Pool, revisits: Revisits, id_: str) -> Row[Revisit] | None:
    """One call-back, or None."""
    row = await pool.fetchrow(
        "SELECT id::text, version, state, notify_instant(state->>'due') AS sort FROM revisits"
        " WHERE id = $1::text::uuid",
        id_,
    )
    return None if row is None else _row(revisits, row)


async def find_delivery(pool: Pool, deliveries: Deliveries, id_: str) -> Row[Delivery] | None:
    """One message, or None."""
    row = await pool.fetchrow(
        "SELECT id::text, version, state, updated_at AS sort FROM deliveries WHERE id = $1::text::uuid", id_
    )
    return None if row is None else _row(deliveries, row)


async def waiting(
    pool: Pool, deliveries: Deliveries, now: datetime, left_alone: Sequence[str], limit: int
) -> list[Waiting]:
    """What may be sent at ``now``, except ``left_alone``: first what never had to wait, then what had, by age."""
    rows = await pool.fetch(
        """
        SELECT id::text, state, traceparent FROM deliveries
        WHERE state->>'status' IN ('created', 'scheduled', 'temporary_failure')
          AND COALESCE(notify_instant(state->>'retry_at'), '-infinity') <= $1
          AND id <> ALL ($2::text[]::uuid[])
        ORDER BY COALESCE(notify_instant(state->>'retry_at'), '-infinity'), notify_instant(state->>'send_due')
        LIMIT $3
        """,
        now,
        list(left_alone),
        limit,
    )
    return [Waiting(row["id"], deliveries.adapter.validate_json(row["state"]), row["traceparent"]) for row in rows]


async def forget_ended(pool: Pool) -> None:
    """Delete texts and corrected contacts of messages that have ended: none of them goes out any more."""
    await pool.execute(FORGET_ENDED)


def _revisit_arguments(wanted: RevisitFilter) -> tuple[Any, ...]:
    return wanted.status, wanted.order_id, wanted.issue_id, wanted.overdue_at


def _row(aggregate: Aggregate[S, Any, Any], row: Record) -> Row[S]:
    return Row(row["id"], row["version"], aggregate.adapter.validate_json(row["state"]), row["sort"])
