"""Keeps a library from repeating itself: while the broker is away, aiokafka logs a hundred errors a second."""

import logging
from time import monotonic

_QUIET_FOR = 10.0  # seconds


class Repetitions(logging.Filter):
    """Lets the same message of ``library`` pass once per ten seconds, with the number that was held back since."""

    def __init__(self, library: str) -> None:
        super().__init__()
        self._library = library
        self._seen: dict[tuple[str, object], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether ``record`` passes."""
        if not record.name.startswith(self._library):
            return True
        key = (record.name, record.msg)
        passed_at, held = self._seen.get(key, (-_QUIET_FOR, 0))
        now = monotonic()
        if now - passed_at < _QUIET_FOR:
            self._seen[key] = (passed_at, held + 1)
            return False
        self._seen[key] = (now, 0)
        if held:
            record.msg = f"{record.msg} ({held} more of these held back)"
        return True
