"""The outbox relay: publishes committed events in the order of their commit, and marks what was acknowledged.

One relay per service, by an advisory lock. Its one connection holds the lock, listens, selects and marks: when it
is lost, so is the lock, and the producer stops. A zombie can only duplicate, which the inbox of a consumer knows.
What its own process has just committed it gets by hand (``chassis/handover.py``) and need not select.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import asyncpg
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.structs import RecordMetadata

from chassis import metrics, outbox
from chassis.backoff import Backoff
from chassis.database import DATABASE_ERRORS, POINT_ACCESS
from chassis.handover import Handover, rows_of
from chassis.health import CheckResult
from chassis.outbox import RELAY_LOCK, NotAcknowledged, Row
from chassis.session import Session
from chassis.woken import woken

log = structlog.get_logger()

_BATCH = 1000
_POLL = 3.0  # seconds between questions to the database; whoever commits wakes it at once, this is the net below
_NOTIFY = "SELECT pg_notify('outbox', '')"
_STAND_BY = 1.0  # seconds between tries to become the leader
_PROBE_PATIENCE = 5.0  # seconds
_LONGEST_PAUSE = 5.0  # seconds
_MARK_WITHIN = 0.1  # seconds; what a crash leaves unmarked is published again
_MARK = "UPDATE events SET published_at = now() WHERE position = ANY($1::bigint[])"
_MARK_AND_NEXT = f"""
WITH marked AS ({_MARK})
{outbox.ROWS} WHERE published_at IS NULL AND position <> ALL($1::bigint[]) AND position <> ALL($2::bigint[])
ORDER BY position LIMIT $3
"""
"""Both at once: what is not marked for the one is not marked for the other yet. $2 is about to be published."""
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
        self._handover = Handover()
        self._acknowledged: list[int] = []
        """Positions that are not marked yet."""
        self._ask_at = self._mark_at = 0.0
        """By the loop's clock."""
        self._leads = False
        self._error: str | None = None
        self._backoff = Backoff(0.2, _LONGEST_PAUSE)

    def recorded(self, session: Session) -> None:
        """Tell what a transaction has committed, whichever process it is that publishes it."""
        self._handover.offer(rows_of(session))
        self._woken.set()

    def _look(self, *_: object) -> None:
        """The database has something to say."""
        self._handover.close()
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
            await conn.add_listener("outbox", self._look)
            conn.add_termination_listener(self._look)
            await self._lead(conn)
        finally:
            self._leads = False
            with suppress(*DATABASE_ERRORS):
                await conn.close(timeout=2)

    async def _lead(self, conn: "asyncpg.Connection[asyncpg.Record]") -> None:
        producer = outbox.new_producer(self._bootstrap)
        try:
            await producer.start()
            self._leads = True
            log.info("relay.leads")
            while True:
                self._woken.clear()
                if self._has_to_ask():
                    await self._publish(producer, await self._ask(conn))
                else:
                    marking = asyncio.create_task(self._mark_in_time(conn))
                    try:
                        await self._publish(producer, self._handover.take())
                    finally:
                        await marking
                self._recover()
                # Whoever commits meanwhile wakes us again.
                if not await self._wait(self._patience()) and self._has_to_ask():
                    # With nothing to send, an absent broker would not be noticed.
                    async with asyncio.timeout(_PROBE_PATIENCE):
                        await producer.client.fetch_all_metadata()
        finally:
            self._handover.forget()
            await outbox.stop(producer)
            with suppress(*DATABASE_ERRORS):
                await self._mark(conn)  # else the next leader would publish it again
            self._acknowledged.clear()

    def _has_to_ask(self) -> bool:
        return not self._handover.is_open or _now() >= self._ask_at

    def _patience(self) -> float:
        """Seconds until something is to be done even if nobody commits anything."""
        if not self._handover.is_open:
            return 0.0
        return (min(self._ask_at, self._mark_at) if self._acknowledged else self._ask_at) - _now()

    async def _ask(self, conn: "asyncpg.Connection[asyncpg.Record]") -> list[Row]:
        """What is to be published: what was handed over, and behind it what else the database has."""
        closing = self._handover.close()  # what is committed from now on may be in the answer
        handed = self._handover.take()
        marked = self._acknowledged.copy()
        records = await conn.fetch(_MARK_AND_NEXT, marked, [row.position for row in handed], _BATCH)
        self._has_marked(marked)
        self._ask_at = _now() + _POLL
        found = [Row(*record) for record in records]
        if len(found) < _BATCH:
            self._handover.open(found, closing)
        else:  # there may be more
            self._handover.note(found)
        return handed + found

    async def _mark_in_time(self, conn: "asyncpg.Connection[asyncpg.Record]") -> None:
        if _now() >= self._mark_at:
            await self._mark(conn)

    async def _mark(self, conn: "asyncpg.Connection[asyncpg.Record]") -> None:
        if marked := self._acknowledged.copy():
            await conn.execute(_MARK, marked)
            self._has_marked(marked)

    def _has_marked(self, marked: Sequence[int]) -> None:
        del self._acknowledged[: len(marked)]
        self._mark_at = _now() + _MARK_WITHIN

    def _recover(self) -> None:
        self._error = None
        self._backoff.reset()

    async def _stand_by(self, conn: "asyncpg.Connection[asyncpg.Record]") -> None:
        """Tell the leader of what is committed here, until it is time to ask for its place again."""
        until = _now() + _STAND_BY
        while (left := until - _now()) > 0 and await self._wait(left):
            self._woken.clear()
            await conn.execute(_NOTIFY)  # not by those who commit: PostgreSQL lets them through one by one

    async def _wait(self, seconds: float) -> bool:
        """Wait until there may be something to publish; False if nobody woke us."""
        return await woken(self._woken, seconds)

    async def _publish(self, producer: AIOKafkaProducer, rows: list[Row]) -> None:
        """Publish ``rows``. Raises NotAcknowledged; what was acknowledged is to be marked all the same."""
        if not rows:
            return
        sent = await outbox.send_all(producer, rows, self._source, self._prefix)
        acknowledged = acknowledged_prefix(rows, sent)
        metrics.RELAY_PUBLISHED_TOTAL.inc(len(acknowledged))
        self._acknowledged += acknowledged
        if len(acknowledged) < len(rows):
            raise NotAcknowledged(f"{len(rows) - len(acknowledged)} of {len(rows)}")

    async def check(self) -> CheckResult:
        """Ready when it leads, or stands by without an error."""
        return CheckResult(self._error is None, {"leads": self._leads, "error": self._error})


def acknowledged_prefix(rows: Sequence[Row], sent: "Sequence[asyncio.Future[RecordMetadata]]") -> list[int]:
    """Positions to mark: of each subject, what was acknowledged before its first failure."""
    broken: set[tuple[str, str]] = set()
    marked = []
    for row, future in zip(rows, sent, strict=True):
        subject = (row.aggregate, row.id)
        if future.exception() is not None:
            broken.add(subject)
        elif subject not in broken:
            marked.append(row.position)
    return marked


def _now() -> float:
    return asyncio.get_running_loop().time()
