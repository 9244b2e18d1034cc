"""Reads every topic from its beginning, as a partner's program would: without a group, committing nothing."""

from collections import Counter
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaConsumer

from contracts.envelope import decode
from contracts.topics import TOPICS
from demo.facts import Facts, Record
from demo.switchboard import Switchboard

POLL_MILLISECONDS = 200
BATCH_MILLISECONDS = 100
"""How long records may gather before they are read: people are no faster, and a fetch costs more than a record."""


class Observer:
    """Tells ``facts`` and ``switchboard`` what happens. ``prefix`` is what the stack puts before topic names."""

    def __init__(self, bootstrap: str, prefix: str, facts: Facts, switchboard: Switchboard) -> None:
        self._prefix = prefix
        self._facts = facts
        self._switchboard = switchboard
        self._consumer = AIOKafkaConsumer(
            *(prefix + topic for topic in TOPICS),
            bootstrap_servers=bootstrap,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            fetch_min_bytes=1024 * 1024,
            fetch_max_wait_ms=BATCH_MILLISECONDS,
        )

    async def __aenter__(self) -> Self:
        await self._consumer.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self._consumer.stop()

    async def run(self) -> None:
        """Read until cancelled. Raises ``contracts.envelope.Malformed`` for what no service should have published."""
        while True:
            for batch in (await self._consumer.getmany(timeout_ms=POLL_MILLISECONDS)).values():
                for read in batch:
                    envelope = decode(read.key, read.value, read.headers)
                    record = Record(envelope, datetime.fromtimestamp(read.timestamp / 1000, UTC))
                    event = self._facts.add(record)
                    if event is not None:
                        self._switchboard.hear(record, event)

    async def events_per_topic(self) -> dict[str, int]:
        """How many records each topic holds: end offsets less beginnings."""
        partitions = self._consumer.assignment()
        beginnings = await self._consumer.beginning_offsets(partitions)
        ends = await self._consumer.end_offsets(partitions)
        counts = Counter(dict.fromkeys(TOPICS, 0))
        for partition in partitions:
            counts[partition.topic.removeprefix(self._prefix)] += ends[partition] - beginnings[partition]
        return dict(counts)
