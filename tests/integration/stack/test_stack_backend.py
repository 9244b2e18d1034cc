"""The stack's backend as tests and services use it."""

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from stack.topics import create_topics


async def test_a_record_goes_through_the_broker(kafka: str, topic_prefix: str) -> None:
    topic = f"{topic_prefix}greetings"
    await create_topics(kafka, [topic], partitions=3)
    await create_topics(kafka, [topic], partitions=3)  # a second time changes nothing
    producer = AIOKafkaProducer(bootstrap_servers=kafka, enable_idempotence=True, acks="all", compression_type="lz4")
    await producer.start()
    try:
        await producer.send_and_wait(topic, b"hello", key=b"k")
    finally:
        await producer.stop()
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=kafka, group_id=topic, auto_offset_reset="earliest")
    await consumer.start()
    try:
        record = await consumer.getone()
        assert (record.key, record.value) == (b"k", b"hello")
        assert consumer.partitions_for_topic(topic) == {0, 1, 2}
    finally:
        await consumer.stop()


async def test_the_server_is_durable_and_roomy(database: str) -> None:
    connection = await asyncpg.connect(database)
    try:
        assert await connection.fetchval("SHOW fsync") == "on"
        assert await connection.fetchval("SHOW max_connections") == "200"
        assert await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
    finally:
        await connection.close()
