"""What a careless neighbour does to the topics: records published again, byte for byte, and poison."""

import asyncio
import json
import uuid
from random import Random

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord

from chaos.history import POISON, SUBSCRIBED

MOST_COPIED = 3000
PATIENCE = 60  # seconds to read or publish them all
MARK = (POISON, b"chaos")
SOME = "018f0000-0000-7000-8000-000000000000"


async def copy_some(bootstrap: str, random: Random) -> int:
    """Publish existing records again, as they are: of every partition some from a random place on; returns how many."""
    consumer = AIOKafkaConsumer(*SUBSCRIBED, bootstrap_servers=bootstrap, enable_auto_commit=False)
    await consumer.start()
    originals: list[ConsumerRecord] = []
    try:
        ends = await consumer.end_offsets(consumer.assignment())
        filled = sorted(place for place, end in ends.items() if end)
        for place in filled:
            consumer.seek(place, random.randrange(ends[place]))
        async with asyncio.timeout(PATIENCE):
            while any([await consumer.position(place) < ends[place] for place in filled]):
                for batch in (await consumer.getmany(timeout_ms=500)).values():
                    originals += [record for record in batch if MARK not in record.headers]
    finally:
        await consumer.stop()
    await _publish(bootstrap, originals[:MOST_COPIED])
    return len(originals)


async def _publish(bootstrap: str, records: list[ConsumerRecord]) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True)
    await producer.start()
    try:
        async with asyncio.timeout(PATIENCE):
            sent = [
                await producer.send(
                    record.topic, record.value, record.key, record.partition, headers=list(record.headers)
                )
                for record in records
            ]
            await asyncio.gather(*sent)
    finally:
        await producer.stop()


async def poison(bootstrap: str, random: Random) -> int:
    """Publish one record of each bad kind to a random topic; they are marked, and of subjects that nobody has."""
    topic = random.choice(sorted(SUBSCRIBED))
    owner, aggregate = topic.split(".")[0], topic.split(".")[1].removesuffix("s")
    aggregate = {"deliverie": "delivery"}.get(aggregate, aggregate)

    def headers(**changes: str) -> list[tuple[str, bytes]]:
        issue = str(uuid.UUID(int=random.getrandbits(128), version=4))
        attributes = {
            "ce_specversion": "1.0",
            "ce_id": str(uuid.UUID(int=random.getrandbits(128), version=4)),
            "ce_source": f"/{owner}",
            "ce_type": f"qingcheng.{owner}.{aggregate}.unheard_of.v99",
            "ce_subject": f"{aggregate}/{issue}",
            "ce_time": "2026-01-01T00:00:00Z",
            "ce_sequence": "1",
            "ce_issueid": SOME,
            "ce_epoch": "1",
            "content-type": "application/json",
            **changes,
        }
        return [(name, value.encode()) for name, value in attributes.items()] + [MARK]

    bad = [
        (random.randbytes(64), [MARK]),
        (b'{"not": "ended"', headers(ce_type="qingcheng.router.order.opened.v1")),
        (json.dumps({}).encode(), headers()),
        (json.dumps({}).encode(), headers(ce_sequence="7")),
        (b"", headers(ce_specversion="0.3")),
    ]
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")
    await producer.start()
    try:
        async with asyncio.timeout(PATIENCE):
            for value, marked in bad:
                await producer.send_and_wait(topic, value, SOME.encode(), headers=marked)
    finally:
        await producer.stop()
    return len(bad)
