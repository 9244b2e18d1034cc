"""Publishing again what was published: the same ids, sequences, epochs, times and keys, in the same order."""

from dataclasses import dataclass
from datetime import datetime

from aiokafka import AIOKafkaProducer
from asyncpg.pool import Pool

from chassis import outbox
from chassis.outbox import NotAcknowledged, Row

Bound = int | datetime
"""A position in the history, or a time; both inclusive."""
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of the history: of one kind of aggregate, from a bound on, perhaps to one, perhaps of one ``id``."""

    aggregate: str
    since: Bound
    until: Bound | None = None
    id: str | None = None

    async def rows(self, pool: Pool, after: int, last: int) -> list[Row]:
        """The next events behind position ``after``, up to ``last``."""
        records = await pool.fetch(
            outbox.ROWS
            + """
            WHERE published_at IS NOT NULL AND aggregate = $1 AND position > $2 AND position <= $3
              AND position >= coalesce($4, position) AND recorded_at >= coalesce($5, recorded_at)
              AND position <= coalesce($6, position) AND recorded_at <= coalesce($7, recorded_at)
              AND id = coalesce($8::text::uuid, id)
            ORDER BY position LIMIT $9
            """,
            self.aggregate,
            after,
            last,
            *_bound(self.since),
            *_bound(self.until),
            self.id,
            _BATCH,
        )
        return [Row(*record) for record in records]


def _bound(bound: Bound | None) -> tuple[int | None, datetime | None]:
    return (bound, None) if isinstance(bound, int) else (None, bound)


@dataclass(slots=True)
class Published:
    """How far it came: how many events were acknowledged, and the position of the last of them."""

    events: int = 0
    position: int = 0


async def republish(pool: Pool, bootstrap: str, source: str, prefix: str, part: Part, done: Published) -> None:
    """Send ``part`` of the history again, batch by batch; ``done`` tells how far it came, also when it fails.

    What is not published yet is left to the relay. Raises NotAcknowledged, KafkaError or TimeoutError; what was sent
    twice is known to consumers as a duplicate.
    """
    last: int = await pool.fetchval("SELECT coalesce(max(position), 0) FROM events WHERE published_at IS NOT NULL")
    producer = outbox.new_producer(bootstrap)
    try:
        await producer.start()
        while rows := await part.rows(pool, done.position, last):
            await _send(producer, rows, f"/{source}", prefix)
            done.events += len(rows)
            done.position = rows[-1].position
    finally:
        await outbox.stop(producer)


async def _send(producer: AIOKafkaProducer, rows: list[Row], source: str, prefix: str) -> None:
    sent = await outbox.send_all(producer, rows, source, prefix)
    failed = sum(future.exception() is not None for future in sent)
    if failed:
        raise NotAcknowledged(f"{failed} of {len(rows)}")
