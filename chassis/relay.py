"""The outbox relay: publishes committed events in the order of their commit, and marks what was acknowledged.

One relay per service, by an advisory lock. Its one connection holds the lock, listens, selects and marks: when it
is lost, so is the lock, and the producer stops. A zombie can only duplicate, which the inbox of a consumer knows.
"""

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress

import asyncpg
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.structs import RecordMetadata

from chassis import metrics
from chassis.backoff import Backoff
from chassis.database import POINT_ACCESS
from chassis.health import CheckResult
from contracts.envelope import Envelope, encode
from contracts.topics import topic_of

log = structlog.get_logger()

_LOCK = 7_113_001  # any constant: one lock per database
_BATCH = 1000
_POLL = 3.0  # seconds; NOTIFY wakes it at once, this is the net below
_STAND_BY = 1.0  # seconds between tries to become the leader
_PROBE_PATIENCE = 5.0  # seconds
_ACK_PATIENCE = 15.0  # seconds; aiokafka's idempotent batches never expire by themselves
_LONGEST_PAUSE = 5.0  # seconds


class NotAcknowledged(Exception):
    """The broker did not acknowledge in time, or refused."""


_BROKER = (KafkaError, NotAcknowledged)


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
        self._epoch = 1
        self._backoff = Backoff(0.2, _LONGEST_PAUSE)

    async def run(self) -> None:
        """Publish, or stand by while another process does; cancel to stop."""
        while True:
            try:
                await self._serve()
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, *_BROKER) as error:
                self._error = type(error).__name__
            log.warning("relay.retried", error=self._error)
            await self._backoff.pause()

    async def _serve(self) -> None:
        conn = await asyncpg.connect(self._dsn, server_settings=POINT_ACCESS, timeout=5, command_timeout=30)
        try:
            while not await conn.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):
                self._error = None
                await asyncio.sleep(_STAND_BY)
            self._epoch = await conn.fetchval("SELECT epoch FROM publisher")
            await conn.add_listener("outbox", lambda *_: self._woken.set())
            conn.add_termination_listener(lambda _: self._woken.set())
            await self._lead(conn)
        finally:
            self._leads = False
            with suppress(OSError, TimeoutError, asyncpg.InterfaceError, asyncpg.PostgresError):
                await conn.close(timeout=2)

    async def _lead(self, conn: "asyncpg.Connection[asyncpg.Record]") -> None:
        producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap,
            enable_idempotence=True,
            acks="all",
            compression_type="lz4",
            max_batch_size=256 * 1024,
            metadata_max_age_ms=30_000,
        )
        try:
            await producer.start()
            self._leads = True
            log.info("relay.leads", epoch=self._epoch)
            while True:
                self._woken.clear()
                published = await self._publish(conn, producer)
                self._error = None
                self._backoff.reset()
                # Whoever commits while this batch is under way wakes us again.
                if published < _BATCH and not await self._wait():
                    # With nothing to send, an absent broker would not be noticed.
                    async with asyncio.timeout(_PROBE_PATIENCE):
                        await producer.client.fetch_all_metadata()
        finally:
            await _stop(producer)

    async def _wait(self) -> bool:
        """Wait until there may be something to publish; False if nobody woke us."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), _POLL)
        return self._woken.is_set()

    async def _publish(self, conn: "asyncpg.Connection[asyncpg.Record]", producer: AIOKafkaProducer) -> int:
        rows = await conn.fetch(
            """
            SELECT position, aggregate, id::text, version, event_id::text, type, issue_id::text, data::text, meta::text,
                   recorded_at
            FROM events WHERE published_at IS NULL ORDER BY position LIMIT $1
            """,
            _BATCH,
        )
        if not rows:
            return 0
        async with asyncio.timeout(_ACK_PATIENCE):
            sent = [await self._send(producer, row) for row in rows]
            await asyncio.wait(sent)
        acknowledged = acknowledged_prefix(rows, sent)
        await conn.execute("UPDATE events SET published_at = now() WHERE position = ANY($1::bigint[])", acknowledged)
        metrics.RELAY_PUBLISHED_TOTAL.inc(len(acknowledged))
        if len(acknowledged) < len(rows):
            raise NotAcknowledged(f"{len(rows) - len(acknowledged)} of {len(rows)}")
        return len(rows)

    async def _send(self, producer: AIOKafkaProducer, row: asyncpg.Record) -> "asyncio.Future[RecordMetadata]":
        _, aggregate, id_, version, event_id, type_, issue_id, data, meta, recorded_at = row
        trace = json.loads(meta)
        key, value, headers = encode(
            Envelope(
                id=event_id,
                source=self._source,
                type=type_,
                subject=f"{aggregate}/{id_}",
                time=recorded_at,
                sequence=version,
                issue_id=issue_id,
                data=data.encode(),
                traceparent=trace["traceparent"],
                epoch=self._epoch,
            )
        )
        if trace["hop"]:
            headers.append(("traceparent", trace["hop"].encode()))
        return await producer.send(self._prefix + topic_of(aggregate).name, value, key, headers=headers)

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


async def _stop(producer: AIOKafkaProducer) -> None:
    """Stop, also when the broker is away: then what is unsent is sent again by the next producer."""
    try:
        await asyncio.wait_for(producer.stop(), 5)
    except (TimeoutError, KafkaError, OSError) as error:
        log.warning("relay.producer_cut_off", error=type(error).__name__)
        # What stop() would do after its flush, which an absent broker keeps from ending.
        await producer._sender.close()
        await producer.client.close()
