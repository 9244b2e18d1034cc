"""The outbox relay: publishes committed events in the order of their commit, and marks what was acknowledged.

One relay per service, by an advisory lock. Its one connection holds the lock, listens, selects and marks: when it
is lost, so is the lock, and the producer stops. A zombie can only duplicate, which the inbox of a consumer knows.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from time import monotonic

import asyncpg
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.structs import RecordMetadata

from chassis import metrics, outbox
from chassis.backoff import Backoff
from chassis.database import DATABASE_ERRORS, POINT_ACCESS
from chassis.health import CheckResult
from chassis.outbox import RELAY_LOCK, NotAcknowledged

log = structlog.get_logger()

_BATCH = 1000
_POLL = 3.0  # seconds; whoever commits wakes it at once, this is the net below
_NOTIFY = "SELECT pg_notify('outbox', '')"
_STAND_BY = 1.0  # seconds between tries to become the leader
_PROBE_PATIENCE = 5.0  # seconds
_LONGEST_PAUSE = 5.0  # seconds
_MARK_WITHIN = 0.05  # seconds; whoever commits sooner has the mark made along with the question for what is next
_MARK = "UPDATE events SET published_at = now() WHERE position = ANY($1::bigint[])"
_MARK_AND_NEXT = f"""
WITH marked AS ({_MARK})
{outbox.ROWS} WHERE published_at IS NULL AND position <> ALL($1::bigint[]) ORDER BY position LIMIT $2
"""
"""Both at once: what is not marked for the one is not marked for the other yet."""
_BROKER = (KafkaError, NotAcknowledged)
_SESSION = POINT_ACCESS | {"synchronous_commit": "off"}
"""A mark that a crash of the server takes back is a duplicate; waiting for the disk would hold up what comes next."""


class Relay:
    """Publishes the events of one service. ``source`` is its name, ``prefix`` goes before topic names."""

    def __init__(self, dsn: str, bootstrap: str, source: str, prefix: str) -> None:
        self._dsn = dsn
        self._bootstrap = bootstrap
        self._source = f"/{source}"
        self._prefix = prefix
        self._woken = asyncio.Event()
        self._leads = False
        self._error: str | None = None
        self._backoff = Backoff(0.2, _LONGEST_PAUSE)

    def wake(self) -> None:
        """Tell that events were committed, whichever process it is that publishes them."""
        self._woken.set()

    async def run(self) -> None:
        """Publish, or stand by while another process does; cancel to stop."""
        while True:
            try:
                await self._serve()
            except (*DATABASE_ERRORS, *_BROKER) as error:
                self._error = type(error).__name__
            log.warning("relay.retried", error=self._error)
            await self._backoff.pause()

    async def _serve(self) -> None:
        conn = await asyncpg.connect(self._dsn, server_settings=_SESSION, timeout=5, command_timeout=30)
        try:
            while not await conn.fetchval("SELECT pg_try_advisory_lock($1)", RELAY_LOCK):
                self._error = None
                await self._stand_by(conn)
            await conn.add_listener("outbox", lambda *_: self._woken.set())
            conn.add_termination_listener(lambda _: self._woken.set())
            await self._lead(conn)
        finally:
            self._leads = False
            with suppress(*DATABASE_ERRORS):
                await conn.close(timeout=2)

    async def _lead(self, conn: "asyncpg.Connection[asyncpg.Record]") -> None:
        producer = outbox.new_producer(self._bootstrap)
        published: list[int] = []
        try:
            await producer.start()
            self._leads = True
            log.info("relay.leads")
            while True:
                self._woken.clear()
                rows = await conn.fetch(_MARK_AND_NEXT, published, _BATCH)
                published = []
                if rows:
                    published = await self._publish(conn, producer, rows)
                self._recover()
                # Whoever commits meanwhile wakes us again.
                if not await self._wait(_MARK_WITHIN if rows else _POLL) and not rows:
                    # With nothing to send, an absent broker would not be noticed.
                    async with asyncio.timeout(_PROBE_PATIENCE):
                        await producer.client.fetch_all_metadata()
        finally:
            await outbox.stop(producer)
            if published:  # else the next leader would publish it again
                with suppress(*DATABASE_ERRORS):
                    await conn.execute(_MARK, published)

    def _recover(self) -> None:
        self._error = None
        self._backoff.reset()

    async def _stand_by(self, conn: "asyncpg.Connection[asyncpg.Record]") -> None:
        """Tell the leader of what is committed here, until it is time to ask for its place again."""
        until = monotonic() + _STAND_BY
        while (left := until - monotonic()) > 0 and await self._wait(left):
            self._woken.clear()
            await conn.execute(_NOTIFY)  # not by those who commit: PostgreSQL lets them through one by one

    async def _wait(self, seconds: float) -> bool:
        """Wait until there may be something to publish; False if nobody woke us."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        return self._woken.is_set()

    async def _publish(
        self, conn: "asyncpg.Connection[asyncpg.Record]", producer: AIOKafkaProducer, rows: list[asyncpg.Record]
    ) -> list[int]:
        """Publish ``rows``; return the positions to be marked. Raises NotAcknowledged with those marked."""
        sent = await outbox.send_all(producer, rows, self._source, self._prefix)
        acknowledged = acknowledged_prefix(rows, sent)
        metrics.RELAY_PUBLISHED_TOTAL.inc(len(acknowledged))
        if len(acknowledged) < len(rows):
            await conn.execute(_MARK, acknowledged)
            raise NotAcknowledged(f"{len(rows) - len(acknowledged)} of {len(rows)}")
        if len(rows) == _BATCH:
            self._woken.set()  # there may be more
        return acknowledged

    async def check(self) -> CheckResult:
        """Ready when it leads, or stands by without an error."""
        return CheckResult(self._error is None, {"leads": self._leads, "error": self._error})


def acknowledged_prefix(rows: Sequence[asyncpg.Record], sent: "Sequence[asyncio.Future[RecordMetadata]]") -> list[int]:
    """Positions to mark: of each subject, what was acknowledged before its first failure."""
    broken: set[tuple[str, str]] = set()
    marked = []
    for row, future in zip(rows, sent, strict=True):
        subject = (row["aggregate"], row["id"])
        if future.exception() is not None:
            broken.add(subject)
        elif subject not in broken:
            marked.append(row["position"])
    return marked
