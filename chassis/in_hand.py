"""The batches of records that a consumer has begun and that have not ended yet, in order."""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any

from chassis.pipeline import Pipeline
from chassis.reader import Reader
from chassis.work import Record

_STRETCH = 50  # records; meanwhile transactions wait for their next statement


class InHand:
    """Batches that the pipeline has. Another may begin before those ahead of it have ended."""

    def __init__(self, reader: Reader, pipeline: Pipeline) -> None:
        self._reader = reader
        self._pipeline = pipeline
        self._batches: deque[tuple[Sequence[Record], asyncio.Future[Any]]] = deque()

    def __len__(self) -> int:
        return len(self._batches)

    async def begin(self, records: Sequence[Record]) -> None:
        """Read ``records`` and queue what they ask for, all at once."""
        works = []
        for number, record in enumerate(records, 1):
            works.append(self._reader.read(record))
            if number % _STRETCH == 0:
                await asyncio.sleep(0)
        self._batches.append((records, asyncio.gather(*(self._pipeline.submit(work) for work in works))))

    async def finish(self, left: int) -> list[Record]:
        """Wait until no more than ``left`` batches have not ended; return the records of those that have, in order."""
        handled: list[Record] = []
        while self._batches and (len(self._batches) > left or self._batches[0][1].done()):
            records, end = self._batches[0]
            await asyncio.wait([end])  # not the end itself, which whoever gives up waiting would cancel
            end.result()
            self._batches.popleft()
            handled.extend(records)
        return handled

    def drop(self) -> None:
        """Wait for nothing any more: what is not counted as handled is delivered again."""
        while self._batches:
            end = self._batches.popleft()[1]
            end.add_done_callback(lambda end: end.cancelled() or end.exception())  # else its end is told as an error
            end.cancel()
