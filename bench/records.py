"""The records that contenders consume: `issue.accepted` as intake says it."""

import asyncio
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice, product

from aiokafka import AIOKafkaProducer

from contracts.codes import Channel, IssueKind, Urgency
from contracts.envelope import Envelope, encode
from contracts.intake import IssueAccepted

Encoded = tuple[bytes, bytes, list[tuple[str, bytes]]]
"""Key, value and headers of a record."""
ITEMS = ("0403", "0501", "0601")
STREETS = ("150102001", "150102002", "150105004")
TERM = timedelta(days=15)


def accepted(count: int) -> list[Encoded]:
    """``issue.accepted`` of so many issues; all can be dispatched without a dispatcher."""
    return [_accepted(item, street) for item, street in islice(cycle(product(ITEMS, STREETS)), count)]


def _accepted(item: str, street: str) -> Encoded:
    issue, now = str(uuid.uuid4()), datetime.now(UTC)
    event = IssueAccepted(
        kind=IssueKind.COMPLAINT,
        item_code=item,
        street_code=street,
        urgency=Urgency.NORMAL,
        channel=Channel.HOTLINE,
        appeals=[str(uuid.uuid4())],
        handling_due=now + TERM,
        by="12345-001",
    )
    return encode(
        Envelope(
            id=str(uuid.uuid4()),
            source="/intake",
            type=event.type,
            subject=f"issue/{issue}",
            time=now,
            sequence=1,
            issue_id=issue,
            data=event.model_dump_json().encode(),
            traceparent=f"00-{uuid.uuid4().hex}-{uuid.uuid4().hex[:16]}-01",
            epoch=1,
        )
    )


async def publish(bootstrap: str, topic: str, records: Sequence[Encoded]) -> None:
    """Put records into a topic; returns when the broker has them all."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        acks="all",
        enable_idempotence=True,
        compression_type="lz4",
        linger_ms=20,
        max_batch_size=256 * 1024,
    )
    await producer.start()
    try:
        sent = [await producer.send(topic, value, key, headers=headers) for key, value, headers in records]
        await asyncio.gather(*sent)
    finally:
        await producer.stop()
