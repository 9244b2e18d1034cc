"""One question for all who ask at the same time: each alone would cost a round trip of its own."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from collections.abc import Set as AbstractSet
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class AskingTogether(Generic[K, V]):
    """``ask`` is never asked twice at a time; whoever comes while it is under way is in the next question."""

    def __init__(self, ask: Callable[[AbstractSet[K]], Awaitable[Mapping[K, V]]]) -> None:
        self._ask = ask
        self._asked: set[K] = set()
        self._next: asyncio.Task[Mapping[K, V]] | None = None
        self._under_way = asyncio.Lock()

    async def about(self, key: K) -> V | None:
        """The answer to ``key``; None if there was none. Raises what the question raised for all who were in it."""
        self._asked.add(key)
        if self._next is None:
            self._next = asyncio.create_task(self._together())
            # Who waits is told; where nobody does any more, a failure is nobody's.
            self._next.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
        return (await asyncio.shield(self._next)).get(key)  # others wait for it, too

    async def _together(self) -> Mapping[K, V]:
        async with self._under_way:
            asked, self._asked, self._next = self._asked, set(), None
            return await self._ask(asked)
