"""Read-only SQL behind the GETs of subscriptions and of their logs."""

from dataclasses import dataclass
from datetime import datetime

from asyncpg.pool import Pool

from chassis.pages import counting
from services.notify.aggregates import Subscriptions
from services.notify.subscription import Subscription


@dataclass(frozen=True, slots=True)
class Row:
    """A subscription as it stands."""

    id: str
    version: int
    state: Subscription


@dataclass(frozen=True, slots=True)
class Counts:
    """How many callbacks wait and have failed, counted as far as a page's ``count`` goes."""

    waiting: int
    failed: int


@dataclass(frozen=True, slots=True)
class Logged:
    """A line of the log: a callback that waits, or what became of it."""

    position: int
    round: int
    event_id: str
    type: str
    subject: str
    issue_id: str
    event_time: datetime
    status: str
    attempts: int
    failure: str | None
    retry_at: datetime | None
    ended_at: datetime | None


async def find(pool: Pool, subscriptions: Subscriptions, id_: str) -> Row | None:
    """One subscription, or None."""
    row = await pool.fetchrow("SELECT id::text, version, state FROM subscriptions WHERE id = $1::text::uuid", id_)
    return None if row is None else Row(row[0], row[1], subscriptions.adapter.validate_json(row[2]))


async def of_owner(
    pool: Pool, subscriptions: Subscriptions, owner: str | None, after: str | None, limit: int
) -> list[Row]:
    """Subscriptions of a partner, or of all, by age; those that were deleted are gone."""
    rows = await pool.fetch(
        """
        SELECT id::text, version, state FROM subscriptions
        WHERE ($1::text IS NULL OR state->>'owner' = $1) AND state->>'status' <> 'deleted'
          AND ($2::text IS NULL OR id > $2::text::uuid)
        ORDER BY subscriptions.id LIMIT $3
        """,
        owner,
        after,
        limit,
    )
    return [Row(id_, version, subscriptions.adapter.validate_json(state)) for id_, version, state in rows]


async def counts(pool: Pool, id_: str) -> Counts:
    """How much waits, and how much has failed."""
    where = "FROM callbacks WHERE subscription_id = $1::text::uuid AND status = $2"
    return Counts(
        await pool.fetchval(counting(where), id_, "waiting"), await pool.fetchval(counting(where), id_, "failed")
    )


async def log(pool: Pool, id_: str, status: str | None, before: int | None, limit: int) -> list[Logged]:
    """The log of a subscription, the latest first."""
    rows = await pool.fetch(
        """
        SELECT position, round, event_id, type, subject, issue_id, event_time, status, attempts, failure,
               CASE WHEN status = 'waiting' THEN nullif(retry_at, '-infinity') END, ended_at
        FROM callbacks
        WHERE subscription_id = $1::text::uuid AND ($2::text IS NULL OR status = $2)
          AND ($3::bigint IS NULL OR position < $3)
        ORDER BY position DESC LIMIT $4
        """,
        id_,
        status,
        before,
        limit,
    )
    return [Logged(*row) for row in rows]
