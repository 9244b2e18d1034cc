"""From Kafka into the pipeline. It never stops: an outage is waited out, a bad record becomes a dead letter."""

import asyncio
from collections.abc import Sequence
from time import monotonic

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from chassis import metrics, raw_records
from chassis.backoff import Backoff
from chassis.closing import put_away
from chassis.health import CheckResult
from chassis.in_hand import InHand
from chassis.pipeline import Pipeline
from chassis.reader import Reader
from chassis.work import Record

log = structlog.get_logger()

_FEW = 100  # records; behind that many others wait already
_COMPANY = 0.2  # seconds that a few records which ask for nothing here wait for others; alone, each is a transaction
_AHEAD = 1  # batches whose end is not waited for before the next is read, while there are more than a few records
_FEW_AHEAD = 4  # batches of a few records, likewise: the pipeline takes them together when its transaction has ended
_FETCH_WAIT = 2_000  # milliseconds; a record is there at once, but asking for sixty partitions costs 3 ms
_LONGEST_READING = 60.0  # seconds
_POLL = 1000  # milliseconds
_GLANCE = 50  # milliseconds; behind it, a batch in hand waits to be counted as handled
_MEASURE_EVERY = 5.0  # seconds; going through sixty partitions costs more than handling an event
_COMMIT_EVERY = 0.5  # seconds; what is delivered again after a crash is skipped by the inbox
_REVOKE_PATIENCE = 10.0  # seconds; a rebalance must not wait for a database that is away
_LONGEST_PAUSE = 5.0  # seconds


class Consumer(ConsumerRebalanceListener):
    """One member of the service's consumer group, for all of its topics."""

    def __init__(
        self,
        bootstrap: str,
        group: str,
        topics: Sequence[str],
        reader: Reader,
        pipeline: Pipeline,
        *,
        gather: float = 0.0,
    ) -> None:
        """``gather``: seconds in which records may come together after a few have been handled."""
        self._bootstrap = bootstrap
        self._gather = gather
        self._group = group
        self._topics = topics
        self._concerns = reader.concerns
        self._in_hand = InHand(reader, pipeline)
        self._held: list[Record] = []
        self._held_since = 0.0
        self._consumer: AIOKafkaConsumer | None = None
        self._handled: dict[TopicPartition, int] = {}
        self._reached: dict[TopicPartition, int] = {}
        self._committed_at = 0.0
        self._measured_at = 0.0
        self._is_assigned = False
        self._busy = asyncio.Lock()
        self._backoff = Backoff(0.5, _LONGEST_PAUSE)
        self._error: str | None = None

    async def run(self) -> None:
        """Consume for ever; cancel to stop."""
        while True:
            try:
                await self._consume()
            except (KafkaError, OSError, TimeoutError) as error:
                self._error = type(error).__name__
                log.warning("consumer.retried", error=self._error)
                await self._backoff.pause()

    async def _consume(self) -> None:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap,
            group_id=self._group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_poll_records=500,
            session_timeout_ms=10_000,
            heartbeat_interval_ms=2_000,
            metadata_max_age_ms=30_000,
            fetch_max_wait_ms=_FETCH_WAIT,
            consumer_timeout_ms=_POLL,
        )
        consumer.subscribe(self._topics, listener=self)
        self._handled, self._reached, self._held = {}, {}, []
        try:
            await consumer.start()
            # Else, once a record has lain unread for 100 ms, the other partitions are fetched without its own, and what
            # comes there next waits until there is something in one of them, or for _FETCH_WAIT.
            consumer._fetcher._prefetch_backoff = _LONGEST_READING
            self._consumer = consumer
            self._error = None
            self._backoff.reset()
            while True:
                try:
                    patience = _GLANCE if self._in_hand or self._held else _POLL
                    batches = await consumer.getmany(timeout_ms=patience, max_records=500)
                except UnicodeDecodeError:  # a header's name; what it had taken out of other partitions is gone too
                    batches = {}
                    async with self._busy:
                        await self._read_past(consumer)
                if consumer._fetcher.error_future.done():  # of this alone getmany says nothing
                    raise KafkaError("the client library has stopped to fetch")
                records = [_copy(record) for batch in batches.values() for record in batch]
                async with self._busy:
                    due = self._due(records)
                    await self._handle(due, self._ahead(due))
                    if not batches or monotonic() - self._committed_at > _COMMIT_EVERY:
                        await self._commit()
                    if monotonic() - self._measured_at > _MEASURE_EVERY:
                        await self._measure(consumer)
                if self._gather and len(records) < _FEW:
                    await asyncio.sleep(self._gather)
        finally:
            self._in_hand.drop()
            await put_away(self._commit)
            self._consumer = None
            await put_away(consumer.stop, consumer._client.close)

    async def _handle(self, records: Sequence[Record], left: int = 0) -> None:
        """Begin ``records``, if there are any, and wait until no more than ``left`` batches are in hand."""
        if records:
            await self._in_hand.begin(records)
        for record in await self._in_hand.finish(left):
            self._reach(TopicPartition(record.topic, record.partition), record.offset + 1)

    def _due(self, records: Sequence[Record]) -> list[Record]:
        """What is to be handled now: nothing, while all that has come are a few records that ask for nothing here."""
        if not self._held:
            self._held_since = monotonic()
        self._held.extend(records)
        is_young = monotonic() - self._held_since < _COMPANY
        if is_young and len(self._held) < _FEW and not any(map(self._concerns, records)):
            return []
        return self._release()

    def _ahead(self, due: Sequence[Record]) -> int:
        if len(due) >= _FEW:
            return _AHEAD
        return 0 if self._gather else _FEW_AHEAD

    def _release(self) -> list[Record]:
        held, self._held = self._held, []
        return held

    def _reach(self, place: TopicPartition, offset: int) -> None:
        self._handled[place] = self._reached[place] = offset

    async def _read_past(self, consumer: AIOKafkaConsumer) -> None:
        """Handle what comes next in every partition, read without the client library, and go on behind it."""
        await self._handle(self._release())
        positions = await self._positions(consumer)
        log.warning("consumer.unreadable", partitions=len(positions))
        for place, (records, following) in (await raw_records.fetch(self._bootstrap, positions)).items():
            await self._handle(records)
            self._reach(place, following)
            positions[place] = following
        for place, offset in positions.items():
            consumer.seek(place, offset)

    async def _positions(self, consumer: AIOKafkaConsumer) -> dict[TopicPartition, int]:
        """Where each partition stands: behind what was handled, else where the group had stopped, else at its start."""
        found = {place: self._reached.get(place) or await consumer.committed(place) for place in consumer.assignment()}
        starts = await consumer.beginning_offsets([place for place, offset in found.items() if offset is None])
        return {place: starts[place] if offset is None else offset for place, offset in found.items()}

    async def _commit(self) -> None:
        """Commit exactly what was handled: a call without offsets would cover records that are only queued."""
        self._committed_at = monotonic()
        consumer, handled = self._consumer, self._handled
        self._handled = {}
        if consumer is None:
            return
        assigned = consumer.assignment()
        offsets = {place: offset for place, offset in handled.items() if place in assigned}
        if not offsets:
            return
        try:
            await consumer.commit(offsets)
        except KafkaError as error:  # a rebalance came first; the next owner skips what is done
            log.info("consumer.commit_failed", error=type(error).__name__)

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Finish what is in hand, so that the next owner starts behind it."""
        self._is_assigned = False
        try:
            async with asyncio.timeout(_REVOKE_PATIENCE), self._busy:
                await self._handle(self._release())
                await self._commit()
        except TimeoutError:
            log.warning("consumer.revoked_while_busy", partitions=len(revoked))
        self._handled, self._reached, self._held = {}, {}, []
        metrics.CONSUMER_LAG_RECORDS.clear()

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Say what is ours now."""
        self._is_assigned = True
        log.info("consumer.assigned", partitions=len(assigned))

    async def _measure(self, consumer: AIOKafkaConsumer) -> None:
        self._measured_at = monotonic()
        for place in consumer.assignment():
            if (end := consumer.highwater(place)) is not None:
                lag = end - await consumer.position(place)
                metrics.CONSUMER_LAG_RECORDS.labels(place.topic, place.partition).set(lag)

    async def check(self) -> CheckResult:
        """Ready when the group has given out its partitions (perhaps none to this process)."""
        consumer = self._consumer
        partitions = len(consumer.assignment()) if consumer else 0
        ok = consumer is not None and self._is_assigned and self._error is None
        return CheckResult(ok, {"partitions": partitions, "error": self._error})


def _copy(record: ConsumerRecord) -> Record:
    return Record(record.topic, record.partition, record.offset, record.key, record.value, record.headers)
