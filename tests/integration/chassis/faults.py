"""A pool whose connections fail at the statement that a test names."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from enum import Enum, auto
from typing import Any

import asyncpg
from asyncpg.pool import Pool

from chassis.database import POINT_ACCESS


class Failure(Enum):
    """What happens to a statement."""

    REFUSED = auto()
    """The server has none of it: a deadlock."""
    CUT = auto()
    """The line is cut before it gets there."""
    UNHEARD = auto()
    """It is carried out, a COMMIT too, and the line is cut before the answer gets back."""


class Faults:
    """Which statement of this pool fails next. ``lockless`` takes the row locks out of what reads aggregates."""

    def __init__(self) -> None:
        self.planned: deque[tuple[int, Failure]] = deque()
        self.happened: list[tuple[Failure, str]] = []
        self.lockless = False

    def plan(self, after: int, failure: Failure) -> None:
        """Let a statement fail when ``after`` others have passed since the failure before it."""
        self.planned.append((after, failure))

    def next(self, query: str) -> Failure | None:
        """What happens to ``query``."""
        if not self.planned:
            return None
        left, failure = self.planned.popleft()
        if left:
            self.planned.appendleft((left - 1, failure))
            return None
        self.happened.append((failure, query.strip().partition("\n")[0]))
        return failure


async def faulty_pool(url: str, faults: Faults) -> Pool:
    """A pool as the pipeline has it, on top of ``faults``."""

    class Connection(asyncpg.Connection):
        """Counts what goes over it."""

        async def _pass(self, run: Callable[..., Awaitable[Any]], query: str, *args: Any, **more: Any) -> Any:
            if faults.lockless and "state::text" in query:
                query = query.replace("FOR UPDATE", "")
            failure = faults.next(query)
            if failure is Failure.REFUSED:
                raise asyncpg.DeadlockDetectedError("on request")
            if failure is None:
                return await run(query, *args, **more)
            if failure is Failure.UNHEARD:
                with suppress(asyncpg.PostgresError):
                    await run(query, *args, **more)
            self.terminate()
            raise ConnectionResetError("on request")

        async def execute(self, query: str, *args: Any, **more: Any) -> Any:
            return await self._pass(super().execute, query, *args, **more)

        async def fetch(self, query: str, *args: Any, **more: Any) -> Any:
            return await self._pass(super().fetch, query, *args, **more)

        async def fetchrow(self, query: str, *args: Any, **more: Any) -> Any:
            return await self._pass(super().fetchrow, query, *args, **more)

        async def fetchval(self, query: str, *args: Any, **more: Any) -> Any:
            return await self._pass(super().fetchval, query, *args, **more)

    async def keep(_: object) -> None:
        await asyncio.sleep(0)

    return await asyncpg.create_pool(
        url, min_size=1, max_size=2, connection_class=Connection, server_settings=dict(POINT_ACCESS), reset=keep
    )
