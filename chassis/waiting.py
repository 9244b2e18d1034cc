"""Work that waits, and what of it may begin while other work is under way.

Whatever touches the same subject, aggregate or request is handed out in the order it came, and never while some of
it is under way; all else may overtake.
"""

import asyncio
from collections import deque
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from time import monotonic

from chassis.woken import woken
from chassis.work import Work

_REST = 3  # times as long as the transaction before (docs/performance.md)
_LONGEST_REST = 0.04  # seconds; nobody is to notice it


@dataclass(frozen=True, slots=True)
class Batch:
    """Work that goes into one transaction, all that it touches, and when it was handed out (monotonic seconds)."""

    works: list[Work]
    touched: set[Hashable]
    taken_at: float


class Waiting:
    """A queue with several takers. While one is busy, another gets work only once ``beside`` of it waits.

    Fewer are better off in the next transaction: each costs several round trips. For the same reason what nobody has
    asked for over HTTP begins no sooner than ``gather`` seconds after what began last, unless so many of it wait.
    Requests that wait alone, after several went together, begin when the last transaction has ended three times as
    long ago as it took: the busier the machine, the more of them go together.
    """

    def __init__(self, beside: int, gather: float = 0.0) -> None:
        self._beside = beside
        self._gather = gather
        self._queue: deque[Work] = deque()
        self._taken_at = -gather
        """When work was last handed out (monotonic seconds)."""
        self._rested_at = 0.0
        """When requests may begin (monotonic seconds)."""
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
        while True:
            patience = self._patience()
            if patience <= 0 and (batch := self._next(most)).works:
                self._taken_at = batch.taken_at
                return batch
            self._changed.clear()
            await woken(self._changed, patience if patience > 0 else None)

    def _patience(self) -> float:
        """Seconds that the queue may still wait for company."""
        if not self._queue or len(self._queue) >= self._beside:
            return 0.0
        gathered_at = self._taken_at + self._gather
        may_begin = min(self._rested_at if work.request else gathered_at for work in self._queue)
        return may_begin - monotonic()

    def release(self, batch: Batch) -> None:
        """The batch has ended: what waited for it may begin."""
        now = monotonic()
        if len(batch.works) > 1:  # somebody alone, who waits for each answer, would only wait longer
            self._rested_at = now + min(_REST * (now - batch.taken_at), _LONGEST_REST)
        self._under_way -= batch.touched
        self._passed_over = 0
        self._changed.set()

    def drain(self) -> Iterator[Work]:
        """Take everything out that has not begun."""
        while self._queue:
            yield self._queue.popleft()

    def _next(self, most: int) -> Batch:
        batch = Batch([], set(), monotonic())
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
