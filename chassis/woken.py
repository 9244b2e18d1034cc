"""Waiting for something to do that somebody else tells of."""

import asyncio
from contextlib import suppress


async def woken(event: asyncio.Event, seconds: float | None) -> bool:
    """Wait until ``event`` is set, for ``seconds`` at most (None: for ever); False if it is not set then."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()
