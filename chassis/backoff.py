"""Pauses between tries: doubling, bounded, with jitter, so that processes do not come back all at once."""

import asyncio
from random import SystemRandom

_random = SystemRandom()


class Backoff:
    """Grows from ``first`` to ``longest`` seconds; ``reset`` after a success."""

    def __init__(self, first: float, longest: float) -> None:
        self._first = first
        self._longest = longest
        self._next = first

    async def pause(self) -> None:
        """Wait for between half of the present pause and the whole of it."""
        seconds, self._next = self._next, min(2 * self._next, self._longest)
        await asyncio.sleep(seconds * _random.uniform(0.5, 1.0))

    def reset(self) -> None:
        """Start small again."""
        self._next = self._first
