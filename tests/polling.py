"""Waiting for what will be: no test sleeps for a guessed time."""

import asyncio
import time
from collections.abc import Awaitable, Callable

_STEP_SECONDS = 0.01


async def eventually(holds: Callable[[], bool | Awaitable[bool]], *, seconds: float = 10.0) -> None:
    """Return as soon as ``holds``; fail if it does not within ``seconds``."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = holds()
        if found if isinstance(found, bool) else await found:
            return
        await asyncio.sleep(_STEP_SECONDS)
    raise AssertionError(f"not within {seconds} s: {getattr(holds, '__qualname__', holds)}")
