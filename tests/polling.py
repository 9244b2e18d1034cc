"""Waiting for what will be: no test sleeps for a guessed time."""

import asyncio
import time
from collections.abc import Awaitable, Callable

_SHORTEST, _LONGEST = 0.01, 0.25
_SHARE = 8


async def eventually(holds: Callable[[], bool | Awaitable[bool]], *, seconds: float = 10.0) -> None:
    """Return soon after it ``holds``; fail if it does not within ``seconds``.

    It looks less often the longer it has waited: a service that is asked a hundred times a second works for the asker.
    """
    began = time.monotonic()
    while (waited := time.monotonic() - began) < seconds:
        found = holds()
        if found if isinstance(found, bool) else await found:
            return
        await asyncio.sleep(min(max(waited / _SHARE, _SHORTEST), _LONGEST))
    raise AssertionError(f"not within {seconds} s: {getattr(holds, '__qualname__', holds)}")
