"""Reading records off the wire where the client library cannot.

aiokafka decodes header names as UTF-8 and, if one is not, raises out of ``getmany`` for ever, though the broker takes
any bytes. What stands there is read here instead, with such a name in surrogate escapes, so that nothing is lost.
Source: Kafka's message format v2 (record batch) and its Fetch API.
"""

import random
import struct
from collections import defaultdict
from collections.abc import Iterator, Mapping

from aiokafka import TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.codec import gzip_decode, lz4_decode, snappy_decode, zstd_decode
from aiokafka.errors import CorruptRecordException, for_code
from aiokafka.protocol.fetch import FetchRequest

from chassis.closing import put_away
from chassis.work import Record

_BATCH = struct.Struct(">qiibIhiqqqhii")  # from base offset to number of records
_LENGTH_AT = 12  # what its length does not count: base offset and the length itself
_CODECS = {1: gzip_decode, 2: snappy_decode, 3: lz4_decode, 4: zstd_decode}
_CONTROL = 0x20
_PARTITION_BYTES = 1 << 20
_MOST_BYTES = 8 << 20
_NO_WAIT = 0  # milliseconds

Found = tuple[list[Record], int]
"""Records of a partition, and the offset behind them."""


async def fetch(bootstrap: str, positions: Mapping[TopicPartition, int]) -> dict[TopicPartition, Found]:
    """Read the next records of each partition, as many as one answer of its broker holds.

    Raises KafkaError or OSError when a broker is away; a partition that its broker does not give is left out.
    """
    client = AIOKafkaClient(bootstrap_servers=bootstrap)
    await client.bootstrap()
    try:
        await client.set_topics({place.topic for place in positions})
        by_node: dict[int, dict[str, list[tuple[int, int, int]]]] = defaultdict(lambda: defaultdict(list))
        for place, offset in random.sample(list(positions.items()), len(positions)):  # so that each is first one day
            node = client.cluster.leader_for_partition(place)
            if node is not None and node >= 0:
                by_node[node][place.topic].append((place.partition, offset, _PARTITION_BYTES))
        found: dict[TopicPartition, Found] = {}
        for node, topics in by_node.items():
            answer = await client.send(node, FetchRequest(_NO_WAIT, 1, _MOST_BYTES, 0, list(topics.items())))
            for topic, partitions in answer.topics:
                for partition, error_code, *_, data in partitions:
                    place = TopicPartition(topic, partition)
                    if data and for_code(error_code).errno == 0:
                        found[place] = read(place, data, positions[place])
        return found
    finally:
        await put_away(client.close)


def read(place: TopicPartition, data: bytes, start: int) -> Found:
    """Records from offset ``start`` on out of whole batches; a batch that is cut off at the end is left.

    Raises CorruptRecordException when a batch is not of format 2 or contradicts itself.
    """
    records: list[Record] = []
    following, at = start, 0
    while len(data) - at >= _BATCH.size:
        base, length, _, magic, _, attributes, last_delta, *_, count = _BATCH.unpack_from(data, at)
        end = at + _LENGTH_AT + length
        if magic != 2 or length < _BATCH.size - _LENGTH_AT:
            raise CorruptRecordException(f"{place}: batch at {base}")
        if end > len(data):
            break
        if not attributes & _CONTROL:
            body = data[at + _BATCH.size : end]
            codec = _CODECS.get(attributes & 7)
            batch = _batch(place, codec(body) if codec else body, base, count)
            records.extend(record for record in batch if record.offset >= start)
        following, at = max(following, base + last_delta + 1), end
    return records, following


def _batch(place: TopicPartition, data: bytes, base: int, count: int) -> Iterator[Record]:
    at = 0
    try:
        for _ in range(count):
            length, at = _varint(data, at)
            end = at + length
            _, at = _varint(data, at + 1)  # attributes, and the time since the batch's
            delta, at = _varint(data, at)
            key, at = _bytes(data, at)
            value, at = _bytes(data, at)
            headers: list[tuple[str, bytes | None]] = []
            names, at = _varint(data, at)
            for _ in range(names):
                name, at = _bytes(data, at)
                text, at = _bytes(data, at)
                headers.append(((name or b"").decode(errors="surrogateescape"), text))
            if at != end:
                raise CorruptRecordException(f"{place}: record at {base + delta}")
            yield Record(place.topic, place.partition, base + delta, key, value, tuple(headers))
    except IndexError:
        raise CorruptRecordException(f"{place}: batch at {base}") from None


def _bytes(data: bytes, at: int) -> tuple[bytes | None, int]:
    length, at = _varint(data, at)
    return (None, at) if length < 0 else (data[at : at + length], at + length)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    number, shift = 0, 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return (number >> 1) ^ -(number & 1), at
        shift += 7
