"""From Kafka into the queue of one subscription: what it wants to be told of, from its ``since`` on.

Each subscription reads for itself, and only topics that can have something for it: a partner that is away, replays or
is slow holds up nobody else, and where nobody has subscribed nothing is read. Its place in the topics is committed with
what it queues. History is read from Kafka, whose topics keep everything (docs/adr/0022).
"""

import asyncio
import json
from collections.abc import Callable, Sequence
from datetime import UTC, timedelta
from time import monotonic

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError
from asyncpg.pool import Pool
from prometheus_client import Counter

from chassis import raw_records
from chassis.backoff import Backoff
from chassis.closing import put_away
from chassis.database import DATABASE_ERRORS
from chassis.work import Record
from contracts.envelope import Envelope, Malformed, decode, schema_uri
from contracts.topics import TOPICS
from services.notify import callbacks
from services.notify.callbacks import Event
from services.notify.event_filter import matches, topics_of
from services.notify.merge import Entry, Merge
from services.notify.subscription import Subscription

log = structlog.get_logger()
UNREADABLE = Counter("qingcheng_callback_unreadable_total", "Records that no partner can be told of", ["topic"])

_CLOCKS = timedelta(minutes=1)  # by which the clock that stamped a record may be behind the one that recorded its event
_FETCH_WAIT = 2_000  # milliseconds; a record is there at once, but asking costs more the more often it is done
_LONGEST_READING = 60.0  # seconds
_POLL = 1_000  # milliseconds
_GATHER = 0.05  # seconds in which a few records may come together; nobody notices so much later
_FEW = 100  # records
_MOST = 500  # records, or rows of one transaction
_MOST_HELD = 2_000  # records of one partition that wait for those of others
_MOST_TYPES = 1_000  # remembered; there are fewer, but anybody who may write into a topic can invent some
_NOTE_EVERY = 5.0  # seconds; what is read again after a crash and was no match is no match again
_LOOK_FOR_ROOM = 1.0  # seconds
_LONGEST_PAUSE = 5.0  # seconds


class Feed:
    """Reads for one subscription as it is now; whoever changes what it reads makes another one.

    ``most``: count ``callback_waiting``, beyond which nothing more is read. ``queued`` is called when something was.
    """

    def __init__(
        self,
        pool: Pool,
        bootstrap: str,
        prefix: str,
        id_: str,
        subscription: Subscription,
        *,
        most: int,
        queued: Callable[[], None],
    ) -> None:
        if subscription.since is None:
            raise ValueError("a subscription that was never made reads nothing")
        self._pool = pool
        self._bootstrap = bootstrap
        self._prefix = prefix
        self._id = id_
        self._round = subscription.round
        self._since = subscription.since
        self._types = subscription.types
        self._topics = [prefix + topic.name for topic in topics_of(subscription.types)]
        self._most = most
        self._queued = queued
        self._wanted: dict[bytes | None, bool] = {}
        self._next: dict[TopicPartition, int] = {}
        self._noted: dict[TopicPartition, int] = {}
        self._noted_at = 0.0
        self._room = 0

    async def run(self) -> None:
        """Read for ever; cancel to stop."""
        backoff = Backoff(0.5, _LONGEST_PAUSE)
        while True:
            try:
                await callbacks.begin_round(self._pool, self._id, self._round, self._since)
                await self._wait_for_room()
                await self._read(backoff)
            except (KafkaError, *DATABASE_ERRORS) as error:
                log.warning("callback_feed.retried", subscription=self._id, error=type(error).__name__)
                await backoff.pause()

    async def _wait_for_room(self) -> None:
        while True:
            waiting = await callbacks.waiting(self._pool, self._id, self._most)
            if waiting <= self._most // 2:
                break
            await asyncio.sleep(_LOOK_FOR_ROOM)
        self._room = self._most - waiting

    async def _read(self, backoff: Backoff) -> None:
        """Read until the queue is full."""
        consumer = AIOKafkaConsumer(
            *self._topics,
            bootstrap_servers=self._bootstrap,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=_FETCH_WAIT,
            metadata_max_age_ms=30_000,
        )
        try:
            await consumer.start()
            # All partitions in each request: else what lies unread in one lets others go ahead (chassis.consumer).
            consumer._fetcher._prefetch_backoff = _LONGEST_READING
            merge = await self._begin(consumer)
            backoff.reset()
            while self._room > 0:
                fetched = await self._fetch(consumer, merge)
                while await self._queue(merge) == _MOST and self._room > 0:
                    pass
                if fetched < _FEW and not merge.behind:
                    await asyncio.sleep(_GATHER)
        finally:
            await put_away(consumer.stop, consumer._client.close)

    async def _begin(self, consumer: AIOKafkaConsumer) -> Merge[Event]:
        """Go to where this round has come, or begins."""
        places = consumer.assignment()
        ends = await consumer.end_offsets(places)
        self._next = await callbacks.positions(self._pool, self._id, self._round)
        new = [place for place in places if place not in self._next]
        if new:
            instant = int((self._since - _CLOCKS).timestamp() * 1000)
            found = await consumer.offsets_for_times(dict.fromkeys(new, instant))
            starts = {place: at.offset if (at := found.get(place)) else ends[place] for place in new}
            await callbacks.queue(self._pool, self._id, self._round, [], starts)
            self._next |= starts
        self._next = {place: self._next[place] for place in places}
        self._noted = dict(self._next)
        for place, offset in self._next.items():
            consumer.seek(place, offset)
        return Merge({place: end for place, end in ends.items() if end > self._next[place]})

    async def _fetch(self, consumer: AIOKafkaConsumer, merge: Merge[Event]) -> int:
        """Take in what comes next; returns how many records that were."""
        full = {place for place in self._next if merge.held(place) >= _MOST_HELD}
        consumer.pause(*full)
        consumer.resume(*consumer.paused() - full)
        try:
            batches = await consumer.getmany(timeout_ms=_POLL, max_records=_MOST)
        except UnicodeDecodeError:  # a header's name; what it had taken out of other partitions is gone too
            return await self._read_past(consumer, merge)
        if consumer._fetcher.error_future.done():  # of this alone getmany says nothing
            raise KafkaError("the client library has stopped to fetch")
        for place, records in batches.items():
            self._take(merge, place, [_copy(record) for record in records], records[-1].offset + 1)
        for place in list(merge.behind):
            merge.reached(place, await consumer.position(place))
        return sum(map(len, batches.values()))

    async def _read_past(self, consumer: AIOKafkaConsumer, merge: Merge[Event]) -> int:
        found = await raw_records.fetch(self._bootstrap, self._next)
        for place, (records, following) in found.items():
            self._take(merge, place, records, following)
            merge.reached(place, following)
        for place, offset in self._next.items():
            consumer.seek(place, offset)
        return sum(len(records) for records, _ in found.values())

    def _take(self, merge: Merge[Event], place: TopicPartition, records: Sequence[Record], following: int) -> None:
        entries = [entry for record in records if self._is_wanted(record) and (entry := self._entry(record))]
        merge.add(place, entries)
        self._next[place] = following

    def _is_wanted(self, record: Record) -> bool:
        """By the type alone, and by each type once: most records are no match."""
        type_ = next((value for name, value in record.headers if name == "ce_type"), None)
        wanted = self._wanted.get(type_)
        if wanted is None:
            if len(self._wanted) >= _MOST_TYPES:
                self._wanted.clear()
            wanted = self._wanted[type_] = type_ is not None and matches(self._types, type_.decode(errors="replace"))
        return wanted

    def _entry(self, record: Record) -> Entry[Event] | None:
        try:
            envelope = decode(record.key, record.value, record.headers)
            event = Event(
                envelope.id,
                envelope.type,
                envelope.subject,
                envelope.issue_id,
                envelope.time,
                structured(envelope),
            )
            _check_owner(envelope, record.topic.removeprefix(self._prefix))
        except Malformed as error:
            UNREADABLE.labels(record.topic.removeprefix(self._prefix)).inc()
            place = f"{record.topic}/{record.partition}/{record.offset}"
            log.warning("callback_feed.unreadable", record=place, error=str(error))
            return None
        return Entry(record.offset, envelope.time, event) if envelope.time >= self._since else None

    async def _queue(self, merge: Merge[Event]) -> int:
        """Queue what can be told now, one transaction full at most; returns how much that was."""
        taken = merge.take(_MOST)
        reached = {
            place: following if (first := merge.first(place)) is None else first
            for place, following in self._next.items()
        }
        moved = {place: offset for place, offset in reached.items() if offset != self._noted.get(place)}
        if not taken and (not moved or monotonic() - self._noted_at < _NOTE_EVERY):
            return 0
        await callbacks.queue(self._pool, self._id, self._round, [entry.what for entry in taken], moved)
        self._noted |= moved
        self._noted_at = monotonic()
        if taken:
            self._queued()
            self._room -= len(taken)
            if self._room <= 0:
                self._room = self._most - await callbacks.waiting(self._pool, self._id, self._most)
        return len(taken)


def structured(envelope: Envelope) -> str:
    """The CloudEvent in structured JSON. Raises ``Malformed`` if its data are no JSON."""
    try:
        data = json.loads(envelope.data)
    except ValueError:
        raise Malformed("is no JSON", "data") from None
    event = {
        "specversion": "1.0",
        "id": envelope.id,
        "source": envelope.source,
        "type": envelope.type,
        "subject": envelope.subject,
        "time": envelope.time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "dataschema": schema_uri(envelope.type),
        "sequence": str(envelope.sequence),
        "issueid": envelope.issue_id,
        "epoch": str(envelope.epoch),
        **({"traceparent": envelope.traceparent} if envelope.traceparent else {}),
        "data": data,
    }
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))


def _check_owner(envelope: Envelope, topic: str) -> None:
    """What somebody else has written into a topic is told to nobody as ours."""
    owner = TOPICS[topic]
    if envelope.source != f"/{owner.owner}":
        raise Malformed("does not publish here", "ce_source")
    if not envelope.subject.startswith(f"{owner.aggregate}/"):
        raise Malformed("is not an aggregate of this topic", "ce_subject")


def _copy(record: ConsumerRecord) -> Record:
    return Record(record.topic, record.partition, record.offset, record.key, record.value, record.headers)
