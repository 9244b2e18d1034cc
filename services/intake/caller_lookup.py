"""名单 before a call is taken down: all who are asked for at the same time are looked up in one question."""

import asyncio

from asyncpg.pool import Pool

from services.intake import caller_views
from services.intake.caller_list import Caller


class CallerLookup:
    """Says where callers stand on the lists; whoever asks while a question is under way is in the next one."""

    def __init__(self) -> None:
        self._asked: set[str] = set()
        self._next: asyncio.Task[dict[str, Caller]] | None = None
        self._under_way = asyncio.Lock()

    async def state(self, db: Pool, appellant_id: str) -> Caller:
        """One caller as stored now; whoever was never on a list is an ordinary one."""
        self._asked.add(appellant_id)
        if self._next is None:
            self._next = asyncio.create_task(self._ask(db))
        found = await asyncio.shield(self._next)  # others wait for it, too
        return found.get(appellant_id, Caller())

    async def _ask(self, db: Pool) -> dict[str, Caller]:
        async with self._under_way:
            asked, self._asked, self._next = self._asked, set(), None
            return await caller_views.states(db, asked)
