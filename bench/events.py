"""Waits for events as a partner would: it reads the topics, and knows nothing that they do not say."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from time import perf_counter

from aiokafka import AIOKafkaConsumer

PATIENCE = 60.0  # seconds


@dataclass(frozen=True, slots=True)
class Seen:
    """An event that has come: the id of its aggregate, and when (``perf_counter``)."""

    aggregate_id: str
    at: float


@dataclass(slots=True)
class Events:
    """Those that somebody waits for, by issue and type."""

    _awaited: "dict[tuple[str, str], asyncio.Future[Seen]]" = field(default_factory=dict)

    def expect(self, issue_id: str, type_: str) -> "asyncio.Future[Seen]":
        """Ask for an event before what causes it is done."""
        future = asyncio.get_running_loop().create_future()
        self._awaited[issue_id, type_] = future
        return future

    async def read(self, consumer: AIOKafkaConsumer) -> None:
        """Read for ever."""
        while True:
            batches = await consumer.getmany(timeout_ms=1000)
            at = perf_counter()
            for records in batches.values():
                for record in records:
                    attributes = dict(record.headers)
                    key = ((attributes["ce_issueid"] or b"").decode(), (attributes["ce_type"] or b"").decode())
                    future = self._awaited.pop(key, None)
                    if future is not None and not future.done():
                        subject = (attributes["ce_subject"] or b"").decode()
                        future.set_result(Seen(subject.partition("/")[2], at))


async def seen(future: "asyncio.Future[Seen]") -> Seen:
    """Wait for what was expected; raises TimeoutError if it does not come."""
    async with asyncio.timeout(PATIENCE):
        return await future


@asynccontextmanager
async def reading(bootstrap: str, topics: list[str]) -> AsyncGenerator[Events]:
    """Read ``topics`` from now on, for as long as the block lasts."""
    consumer = AIOKafkaConsumer(*topics, bootstrap_servers=bootstrap, auto_offset_reset="latest")
    await consumer.start()
    await consumer.seek_to_end()
    events = Events()
    task = asyncio.create_task(events.read(consumer))
    try:
        yield events
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await consumer.stop()
