"""Records that the client library cannot read: header names may be any bytes. None stops the consumer, none is lost."""

from functools import partial

from aiokafka import TopicPartition
from asyncpg.pool import Pool

from chassis import dead_letters, raw_records
from chassis.consumer import Consumer
from chassis.reader import Reader
from chassis.work import Record
from tests.integration.chassis.broker import PARTITIONS, committed, ends
from tests.integration.chassis.process import Process, count, letters, state_of
from tests.integration.chassis.records import Subject
from tests.integration.chassis.sample import order_of, orders, reactions
from tests.polling import eventually
from tests.raw_producer import RawRecord, raw_producer

TOPIC = "intake.issues"
ALIEN = (b"x-\xff\xfe\x00\xc3", b"\x00\xff")


def raw(record: Record, *more: tuple[bytes, bytes | None]) -> RawRecord:
    """As it goes over the wire, with further headers."""
    return RawRecord(record.key, record.value, [*((name.encode(), value) for name, value in record.headers), *more])


async def _reminded(pool: Pool, issues: list[Subject], times: int) -> bool:
    found = [(await state_of(pool, orders, order_of(issue.id))).get("reminders") for issue in issues]
    return found == [times] * len(issues)


async def test_a_header_name_that_is_no_text_stops_nothing(
    process: Process, pool: Pool, kafka: str, topics: str
) -> None:
    issues = [Subject(topics) for _ in range(PARTITIONS)]
    rubbish = RawRecord(b"\xff", None, [(b"\x80", None), ALIEN, (b"", b"")])
    async with raw_producer(kafka) as producer:
        for partition, issue in enumerate(issues):
            first = [raw(issue.accepted(1)), raw(issue.reminded(2))]
            last = [raw(issue.reminded(3), ALIEN), rubbish, raw(issue.reminded(4))]
            for batch in (first, last):
                await producer.send(topics + TOPIC, partition, batch)
        consumer = Consumer(kafka, topics + "group", [topics + TOPIC], Reader(reactions, topics), process.pipeline)
        running = process.start(consumer.run())
        await eventually(partial(_reminded, pool, issues, 3), seconds=30)
        for partition, issue in enumerate(issues):  # and what follows, some of it unreadable again
            await producer.send(topics + TOPIC, partition, [raw(issue.reminded(5), *[ALIEN] * (partition == 1))])
        await eventually(partial(_reminded, pool, issues, 4), seconds=30)
    assert not running.done()
    rows = await letters(pool)
    assert [(row["reason"], row["record_offset"]) for row in rows] == [("malformed", 3)] * PARTITIONS
    for row in rows:
        kept = await dead_letters.fetch_record(pool, row["letter"])
        headers = [(name.encode(errors="surrogateescape"), value) for name, value in kept.headers]
        assert RawRecord(kept.key, kept.value, headers) == rubbish
    assert await count(pool, "events") == PARTITIONS * 5

    async def all_committed() -> bool:
        return await committed(kafka, topics + "group", topics + TOPIC) == await ends(kafka, topics + TOPIC)

    await eventually(all_committed)


async def test_what_was_taken_from_other_partitions_is_not_lost(
    process: Process, pool: Pool, kafka: str, topics: str
) -> None:
    """The client library forgets what it had taken out of others before it met the record that it cannot read."""
    issues = [Subject(topics) for _ in range(PARTITIONS)]
    consumer = Consumer(kafka, topics + "group", [topics + TOPIC], Reader(reactions, topics), process.pipeline)
    process.start(consumer.run())
    async with raw_producer(kafka) as producer:
        for partition, issue in enumerate(issues):
            await producer.send(topics + TOPIC, partition, [raw(issue.accepted(1))])
        for sequence in range(2, 12):
            for partition, issue in enumerate(issues):
                more = [ALIEN] * (sequence % PARTITIONS == partition)
                await producer.send(topics + TOPIC, partition, [raw(issue.reminded(sequence), *more)])
        await eventually(partial(_reminded, pool, issues, 10), seconds=30)
    assert await count(pool, "dead_letters") == 0
    assert await count(pool, "events") == PARTITIONS * 11


async def test_raw_reading_starts_in_the_middle_of_a_batch(kafka: str, topics: str) -> None:
    sent = [RawRecord(b"%d" % n, bytes(n), [(bytes([n]), None)]) for n in range(200)]
    place = TopicPartition(topics + TOPIC, 0)
    async with raw_producer(kafka) as producer:
        for start in range(0, 200, 50):
            await producer.send(place.topic, 0, sent[start : start + 50])
    records, following = (await raw_records.fetch(kafka, {place: 73}))[place]
    assert (following, [record.offset for record in records]) == (200, list(range(73, 200)))
    for record in records:
        headers = [(name.encode(errors="surrogateescape"), value) for name, value in record.headers]
        assert RawRecord(record.key, record.value, headers) == sent[record.offset]
    assert (await raw_records.fetch(kafka, {place: 200})).get(place, ([], 200)) == ([], 200)
