"""Writing to topics and reading them back, without anything of the chassis."""

from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.structs import ConsumerRecord

from chassis.work import Record
from contracts.envelope import Envelope, decode

PARTITIONS = 3


async def publish(kafka: str, records: Sequence[Record], partition: int | None = None) -> None:
    """Produce records in order, each into its topic, and wait until all are acknowledged."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka, enable_idempotence=True, acks="all", linger_ms=5)
    await producer.start()
    try:
        sent = [
            await producer.send(
                record.topic,
                record.value,
                record.key,
                partition,
                headers=[(name, value or b"") for name, value in record.headers],
            )
            for record in records
        ]
        for acknowledgement in sent:
            await acknowledgement
    finally:
        await producer.stop()


async def read_all(kafka: str, *topics: str, partitions: int = PARTITIONS) -> list[ConsumerRecord]:
    """Every record that is in the topics now, by partition and offset."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, auto_offset_reset="earliest", enable_auto_commit=False)
    await consumer.start()
    try:
        places = [TopicPartition(topic, number) for topic in topics for number in range(partitions)]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        found: list[ConsumerRecord] = []
        while any([await consumer.position(place) < ends[place] for place in places]):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found.extend(records)
        return sorted(found, key=lambda record: (record.topic, record.partition, record.offset))
    finally:
        await consumer.stop()


async def committed(kafka: str, group: str, topic: str) -> dict[int, int]:
    """The group's committed offsets by partition; 0 where it has committed nothing."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, group_id=group, enable_auto_commit=False)
    await consumer.start()
    try:
        return {number: await consumer.committed(TopicPartition(topic, number)) or 0 for number in range(PARTITIONS)}
    finally:
        await consumer.stop()


async def ends(kafka: str, topic: str) -> dict[int, int]:
    """The topic's end offsets by partition."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka)
    await consumer.start()
    try:
        found = await consumer.end_offsets([TopicPartition(topic, number) for number in range(PARTITIONS)])
        return {place.partition: offset for place, offset in found.items()}
    finally:
        await consumer.stop()


def envelope(record: ConsumerRecord) -> Envelope:
    """What a record says."""
    return decode(record.key, record.value, record.headers)
