"""Work that waits, and what of it may begin while other work is under way.

Whatever touches the same subject, aggregate or request is handed out in the order it came, and never while some of
it is under way; all else may overtake.
"""

import asyncio
from collections import deque
from collections.abc import Hashable, Iterator
from dataclasses import dataclass

from chassis.work import Work


@dataclass(frozen=True, slots=True)
class Batch:
    """Work that goes into one transaction, and all that it touches."""

    works: list[Work]
    touched: set[Hashable]


class Waiting:
    """A queue with several takers. While one is busy, another gets work only once ``beside`` of it waits.

    Fewer are better off in the next transaction: each costs several round trips.
    """

    def __init__(self, beside: int) -> None:
        self._beside = beside
        self._queue: deque[Work] = deque()
        self._under_way: set[Hashable] = set()
        self._passed_over = 0
        """How many waited for something under way when the queue was last looked through."""
        self._changed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._queue)

    def put(self, work: Work) -> None:
        """Add ``work`` behind all that waits."""
        self._queue.append(work)
        self._changed.set()

    async def take(self, most: int) -> Batch:
        """Wait for work; return up to ``most``. Give the batch back with ``release``."""
        while not (batch := self._next(most)).works:
            self._changed.clear()
            await self._changed.wait()
        return batch

    def release(self, batch: Batch) -> None:
        """The batch has ended: what waited for it may begin."""
        self._under_way -= batch.touched
        self._passed_over = 0
        self._changed.set()

    def drain(self) -> Iterator[Work]:
        """Take everything out that has not begun."""
        while self._queue:
            yield self._queue.popleft()

    def _next(self, most: int) -> Batch:
        batch = Batch([], set())
        if self._under_way and len(self._queue) < self._passed_over + self._beside:
            return batch
        blocked = set(self._under_way)
        passed_over: list[Work] = []
        while self._queue and len(batch.works) < most:
            work = self._queue.popleft()
            touches = work.touches()
            if blocked.isdisjoint(touches):
                batch.works.append(work)
                batch.touched.update(touches)
            else:
                blocked.update(touches)
                passed_over.append(work)
        self._queue.extendleft(reversed(passed_over))
        self._passed_over = len(passed_over)
        self._under_way |= batch.touched
        return batch
