"""回调队列 SQL of ``callbacks``: what waits for a partner, in order, and afterwards the log of what became of it.

A row is written in one transaction with the place in Kafka up to which a subscription has been read
(``callback_positions``), so that nothing is left out and nothing is queued twice. The body is kept while it waits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiokafka import TopicPartition
from asyncpg.pool import Pool

from chassis.database import Conn
from services.notify.callback_rules import Health, Next, Outcome

_PRUNED = 5_000  # rows at a time, so that nobody waits for a long transaction


@dataclass(frozen=True, slots=True)
class Event:
    """An event on its way into the queue; ``body`` is the CloudEvent in structured JSON."""

    id: str
    type: str
    subject: str
    issue_id: str
    time: datetime
    body: str


@dataclass(frozen=True, slots=True)
class Callback:
    """A callback that may be made now."""

    position: int
    event_id: str
    type: str
    issue_id: str
    body: str
    attempts: int
    first_attempt_at: datetime | None


async def positions(pool: Pool, subscription: str, round_: int) -> dict[TopicPartition, int]:
    """How far the topics have been read in this round: partition -> next offset."""
    rows = await pool.fetch(
        "SELECT topic, partition, next_offset FROM callback_positions"
        " WHERE subscription_id = $1::text::uuid AND round = $2",
        subscription,
        round_,
    )
    return {TopicPartition(topic, partition): offset for topic, partition, offset in rows}


async def begin_round(pool: Pool, subscription: str, round_: int, since: datetime) -> None:
    """Forget earlier rounds: their places, and what still waits of them and will be read again from ``since`` on."""
    async with pool.acquire() as conn, conn.transaction():
        await conn.execute(
            "DELETE FROM callbacks WHERE subscription_id = $1::text::uuid AND status = 'waiting' AND round < $2"
            " AND event_time >= $3",
            subscription,
            round_,
            since,
        )
        await conn.execute(
            "DELETE FROM callback_positions WHERE subscription_id = $1::text::uuid AND round < $2",
            subscription,
            round_,
        )


async def queue(
    pool: Pool, subscription: str, round_: int, events: Sequence[Event], reached: Mapping[TopicPartition, int]
) -> None:
    """Add ``events`` in their order, and note how far the topics have been read, in one transaction."""
    async with pool.acquire() as conn, conn.transaction():
        if events:
            await _insert(conn, subscription, round_, events)
        places = sorted(reached)
        await conn.execute(
            """
            INSERT INTO callback_positions (subscription_id, round, topic, partition, next_offset)
            SELECT $1::text::uuid, $2, * FROM unnest($3::text[], $4::int[], $5::bigint[])
            ON CONFLICT (subscription_id, round, topic, partition) DO UPDATE SET next_offset = excluded.next_offset
            """,
            subscription,
            round_,
            [place.topic for place in places],
            [place.partition for place in places],
            [reached[place] for place in places],
        )


async def _insert(conn: Conn, subscription: str, round_: int, events: Sequence[Event]) -> None:
    await conn.execute(
        """
        INSERT INTO callbacks (subscription_id, round, event_id, type, subject, issue_id, event_time, body)
        SELECT $1::text::uuid, $2, u.event_id, u.type, u.subject, u.issue_id, u.event_time, u.body
        FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::text[])
            WITH ORDINALITY u (event_id, type, subject, issue_id, event_time, body, place)
        ORDER BY u.place
        ON CONFLICT (subscription_id, round, event_id) DO NOTHING
        """,
        subscription,
        round_,
        [event.id for event in events],
        [event.type for event in events],
        [event.subject for event in events],
        [event.issue_id for event in events],
        [event.time for event in events],
        [event.body for event in events],
    )


async def waiting(pool: Pool, subscription: str, most: int) -> int:
    """How many callbacks wait, counted as far as ``most``."""
    count: int = await pool.fetchval(
        "SELECT count(*) FROM (SELECT FROM callbacks WHERE subscription_id = $1::text::uuid AND status = 'waiting'"
        " LIMIT $2) counted",
        subscription,
        most,
    )
    return count


HEADS = """
SELECT position, event_id, type, issue_id, body, attempts, first_attempt_at FROM callbacks c
WHERE subscription_id = $1::text::uuid AND status = 'waiting' AND retry_at <= $2
  AND issue_id <> ALL ($3::text[])
  AND NOT EXISTS (
      SELECT FROM callbacks e
      WHERE e.subscription_id = c.subscription_id AND e.issue_id = c.issue_id AND e.status = 'waiting'
        AND e.position < c.position)
ORDER BY position LIMIT $4
"""


async def heads(pool: Pool, subscription: str, now: datetime, busy: Sequence[str], limit: int) -> list[Callback]:
    """The first callback of each issue, if its time has come and none of the issue (``busy``) is on its way."""
    rows = await pool.fetch(HEADS, subscription, now, list(busy), limit)
    return [Callback(*row) for row in rows]


async def next_due(pool: Pool, subscription: str, now: datetime) -> datetime | None:
    """When a retry comes due next, None if none waits for its time."""
    due: datetime | None = await pool.fetchval(
        "SELECT min(retry_at) FROM callbacks"
        " WHERE subscription_id = $1::text::uuid AND status = 'waiting' AND retry_at > $2",
        subscription,
        now,
    )
    return due


async def record(
    pool: Pool, callback: Callback, began: datetime, failure: str | None, then: Next, now: datetime
) -> None:
    """Note an attempt and what becomes of the callback."""
    ended = then.outcome is not Outcome.WAITING
    await pool.execute(
        """
        UPDATE callbacks SET status = $2, attempts = attempts + 1, first_attempt_at = coalesce(first_attempt_at, $3),
            retry_at = coalesce($4, retry_at), failure = $5, ended_at = $6, body = CASE WHEN $7 THEN NULL ELSE body END
        WHERE position = $1 AND status = 'waiting'
        """,
        callback.position,
        then.outcome.value,
        began,
        then.retry_at,
        failure,
        now if ended else None,
        ended,
    )


async def retry_now(pool: Pool, subscription: str) -> None:
    """The receiver is back: nothing waits for its time any more."""
    await pool.execute(
        "UPDATE callbacks SET retry_at = '-infinity' WHERE subscription_id = $1::text::uuid AND status = 'waiting'"
        " AND retry_at > now()",
        subscription,
    )


async def last_health(pool: Pool, subscription: str, failing_since: datetime | None, trouble: int) -> Health:
    """How the receiver was doing when somebody last looked: in trouble, if that was noted in the subscription."""
    last: datetime | None = await pool.fetchval(
        "SELECT ended_at FROM callbacks WHERE subscription_id = $1::text::uuid AND status = 'delivered'"
        " ORDER BY position DESC LIMIT 1",
        subscription,
    )
    return Health(trouble if failing_since else 0, failing_since, None, last)


async def prune(pool: Pool, older_than: timedelta) -> int:
    """Delete what ended longer ago, and the queue of deleted subscriptions. Returns how many rows went."""
    return await _delete(pool, _OLD, older_than) + await _delete(pool, _OF_DELETED)


_OLD = """
DELETE FROM callbacks WHERE position IN
    (SELECT position FROM callbacks WHERE ended_at < now() - $2::interval LIMIT $1)
"""
_OF_DELETED = """
DELETE FROM callbacks WHERE position IN
    (SELECT c.position FROM subscriptions s JOIN callbacks c ON c.subscription_id = s.id AND c.status = 'waiting'
     WHERE s.state->>'status' = 'deleted' LIMIT $1)
"""


async def _delete(pool: Pool, statement: str, *more: timedelta) -> int:
    gone, deleted = 0, _PRUNED
    while deleted == _PRUNED:
        status = await pool.execute(statement, _PRUNED, *more)
        deleted = int(status.removeprefix("DELETE "))
        gone += deleted
    return gone
