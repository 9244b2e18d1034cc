"""Puts records on the broker byte for byte, those too that no client library would write.

Source: Kafka's message format v2 and its Produce API, version 3.
"""

import asyncio
import struct
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka.record.util import calc_crc32c

from tests.polling import eventually

_PRODUCE = struct.Struct(">hhih5s")  # api, version, correlation, client id
_MILLISECONDS = 30_000
_UNKNOWN_PARTITION, _NOT_LEADER = 3, 6


@dataclass(frozen=True, slots=True)
class RawRecord:
    """What a record consists of. A header's name may be any bytes."""

    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[bytes, bytes | None]]


class RawProducer:
    """A connection to a broker that leads every partition."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, topic: str, partition: int, records: Sequence[RawRecord]) -> int:
        """Append records as one batch; return the offset of the first. The broker has to take them."""
        batch, code, offset = _batch(records), _NOT_LEADER, -1

        async def taken() -> bool:
            nonlocal code, offset
            code, offset = await self._ask(topic, partition, batch)
            return code not in (_UNKNOWN_PARTITION, _NOT_LEADER)  # a topic that was made just now

        await eventually(taken)
        assert code == 0, f"{topic}: error {code}"
        return offset

    async def _ask(self, topic: str, partition: int, batch: bytes) -> tuple[int, int]:
        name = topic.encode()
        body = b"".join(
            [
                _PRODUCE.pack(0, 3, 1, 5, b"tests"),
                struct.pack(">hhi", -1, -1, _MILLISECONDS),  # no transaction, acks=all
                struct.pack(f">ih{len(name)}s", 1, len(name), name),
                struct.pack(">iii", 1, partition, len(batch)),
                batch,
            ]
        )
        self._writer.write(struct.pack(">i", len(body)) + body)
        await self._writer.drain()
        (length,) = struct.unpack(">i", await self._reader.readexactly(4))
        answer = await self._reader.readexactly(length)
        _, code, offset = struct.unpack_from(">ihq", answer, 4 + 4 + 2 + len(name) + 4)
        return code, offset


@asynccontextmanager
async def raw_producer(bootstrap: str) -> AsyncIterator[RawProducer]:
    """A producer until the end of the block."""
    host, _, port = bootstrap.partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield RawProducer(reader, writer)
    finally:
        writer.close()
        await writer.wait_closed()


def _batch(records: Sequence[RawRecord]) -> bytes:
    body = b"".join(_record(delta, record) for delta, record in enumerate(records))
    checked = struct.pack(">hiqqqhii", 0, len(records) - 1, 0, 0, -1, -1, -1, len(records)) + body
    counted = struct.pack(">ibI", -1, 2, calc_crc32c(checked)) + checked
    return struct.pack(">qi", 0, len(counted)) + counted


def _record(delta: int, record: RawRecord) -> bytes:
    parts = [b"\0", _varint(0), _varint(delta), _bytes(record.key), _bytes(record.value), _varint(len(record.headers))]
    for name, value in record.headers:
        parts += [_bytes(name), _bytes(value)]
    body = b"".join(parts)
    return _varint(len(body)) + body


def _bytes(data: bytes | None) -> bytes:
    return _varint(-1) if data is None else _varint(len(data)) + data


def _varint(number: int) -> bytes:
    left = (number << 1) ^ (number >> 63)
    found = bytearray()
    while left > 0x7F:
        found.append(left & 0x7F | 0x80)
        left >>= 7
    found.append(left)
    return bytes(found)
