"""What stands where aiokafka's producer stands: one record after the other, each a question."""

import asyncio
from collections.abc import Sequence
from typing import Any

from aiokafka.errors import KafkaError

from model.program import DESK, Failure

APPEND = "append"
REFUSED = Failure(lambda: KafkaError("not appended"))
UNACKNOWLEDGED = Failure(lambda: KafkaError("appended, but the answer was lost"))


class Producer:
    """An idempotent producer: of one partition, nothing is appended after something that was not."""

    def __init__(self, **_options: Any) -> None:
        self._desk = DESK.get()
        self._queue: asyncio.Queue[tuple[str, Sequence[tuple[str, bytes]], asyncio.Future[None]]] = asyncio.Queue()
        self._broken: set[tuple[str, bytes | None]] = set()
        self._task: asyncio.Task[None] | None = None
        self.client = self
        self._sender = self

    async def start(self) -> None:
        """Begin to send."""
        self._task = asyncio.create_task(self._run())

    async def send(
        self, topic: str, value: bytes, key: bytes | None, *, headers: Sequence[tuple[str, bytes]]
    ) -> "asyncio.Future[None]":
        """Queue a record; the future is its acknowledgement."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.put_nowait((topic, headers, future))
        return future

    async def _run(self) -> None:
        while True:
            topic, headers, future = await self._queue.get()
            names = dict(headers)
            place = (topic, names["ce_issueid"])
            try:
                if place in self._broken:
                    raise KafkaError("out of order")
                await self._desk.ask(APPEND, names["ce_id"].decode())
            except KafkaError as error:
                if str(error).endswith(("not appended", "out of order")):
                    self._broken.add(place)
                _settle(future, error)
            else:
                _settle(future, None)
            self._queue.task_done()

    async def stop(self) -> None:
        """Send what is queued, then stop."""
        await self._queue.join()
        await self.close()

    async def close(self) -> None:
        """Stop at once."""
        if self._task:
            self._task.cancel()

    async def fetch_all_metadata(self) -> None:
        """The broker is there."""


def _settle(future: "asyncio.Future[None]", error: Exception | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(None)
    else:
        future.set_exception(error)
