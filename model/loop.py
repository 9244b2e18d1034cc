"""An event loop without input or output: whatever it cannot do at once is for the explorer to decide."""

import asyncio
import selectors


class _Nothing(selectors.SelectSelector):
    """Never waits; notes how long the loop would have slept, and stops it."""

    loop: "VirtualLoop"

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout != 0:
            self.loop.sleeps = timeout
            self.loop.stop()
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """Runs what can run. ``sleeps`` is how long it would have slept then, None if for ever."""

    def __init__(self) -> None:
        self.sleeps: float | None = None
        self._now = 0.0
        selector = _Nothing()
        selector.loop = self
        super().__init__(selector)
        self.set_exception_handler(lambda *_: None)  # a crashed process leaves its tasks pending

    def time(self) -> float:
        """Seconds since the loop was made, by its own clock."""
        return self._now

    def settle(self) -> None:
        """Run until every task waits."""
        self.sleeps = None
        self.run_forever()

    def pass_time(self) -> None:
        """Go to the instant of the next timer."""
        self._now += self.sleeps or 0.0
