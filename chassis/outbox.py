"""Rows of ``events`` as records of Kafka: the relay and the commands that publish again say them in the same way."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import murmur2
from aiokafka.structs import RecordMetadata

from chassis.closing import put_away
from contracts.envelope import Envelope, encode
from contracts.topics import topic_of

_ACK_PATIENCE = 15.0  # seconds; aiokafka's idempotent batches never expire by themselves

RELAY_LOCK = 7_113_001
"""The advisory lock of whoever publishes: one per database. Any constant would do."""
ROWS = """
SELECT position, aggregate, id::text, version, event_id::text, type, issue_id::text, data::text, recorded_at, epoch,
       meta->>'traceparent' AS traceparent, meta->>'hop' AS hop
FROM events
"""
"""The columns of ``Row``, in order; a condition follows."""


class Row(NamedTuple):
    """What ``send_all`` needs of a row of ``events``."""

    position: int
    aggregate: str
    id: str
    version: int
    event_id: str
    type: str
    issue_id: str
    data: str
    recorded_at: datetime
    epoch: int
    traceparent: str | None
    hop: str | None


class NotAcknowledged(Exception):
    """The broker did not acknowledge in time, or refused."""


def _envelope_of(row: Row, source: str) -> Envelope:
    _, aggregate, id_, version, event_id, type_, issue_id, data, recorded_at, epoch, traceparent, _ = row
    return Envelope(
        id=event_id,
        source=source,
        type=type_,
        subject=f"{aggregate}/{id_}",
        time=recorded_at,
        sequence=version,
        issue_id=issue_id,
        data=data.encode(),
        traceparent=traceparent,
        epoch=epoch,
    )


async def send_all(
    producer: AIOKafkaProducer, rows: Sequence[Row], source: str, prefix: str
) -> "list[asyncio.Future[RecordMetadata]]":
    """Send rows in order and wait for the broker's word on each, which is in the futures, in the same order.

    ``source`` is ``/<service>``, ``prefix`` goes before topic names. Raises TimeoutError when the broker stays silent.
    """
    async with asyncio.timeout(_ACK_PATIENCE):
        sent = [await _send(producer, row, source, prefix) for row in rows]
        await asyncio.wait(sent)
    return sent


async def _send(producer: AIOKafkaProducer, row: Row, source: str, prefix: str) -> "asyncio.Future[RecordMetadata]":
    key, value, headers = encode(_envelope_of(row, source))
    if row.hop:
        headers.append(("traceparent", row.hop.encode()))
    return await producer.send(prefix + topic_of(row.aggregate).name, value, key, headers=headers)


@lru_cache(maxsize=16_384)  # an issue's events come one after the other, and hashing costs as much as encoding
def _hashed(key: bytes) -> int:
    return murmur2(key) & 0x7FFFFFFF


def _partition(key: bytes, partitions: Sequence[int], available: Sequence[int]) -> int:
    """The partition that every Kafka client gives this key; ours always have one."""
    return partitions[_hashed(key) % len(partitions)]


def new_producer(bootstrap: str) -> AIOKafkaProducer:
    """A producer that repeats nothing by itself and loses nothing that was acknowledged."""
    return AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        enable_idempotence=True,
        acks="all",
        compression_type="lz4",
        max_batch_size=256 * 1024,
        partitioner=_partition,
        metadata_max_age_ms=30_000,
    )


async def stop(producer: AIOKafkaProducer) -> None:
    """Stop, also when the broker is away: then what is unsent is sent again by the next producer."""
    # The last two are what stop() would do after its flush, which an absent broker keeps from ending.
    await put_away(producer.stop, producer._sender.close, producer.client.close)
