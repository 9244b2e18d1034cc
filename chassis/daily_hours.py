"""Hours of every day by the city's clock, in which something holds: ``[hours.…]`` of a limits file."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class DailyHours:
    """``windows``: from, until, by the clock of ``zone``; one that ends before it begins runs over midnight.

    Raises ``ValueError`` for a window that ends when it begins, and for windows that leave no time of the day free: an
    empty list says never, and nothing says always.
    """

    windows: tuple[tuple[time, time], ...]
    zone: ZoneInfo

    def __post_init__(self) -> None:
        if any(begin == end for begin, end in self.windows):
            raise ValueError("a window must not end at the time it begins; no windows at all mean: never")
        self.end(datetime(2026, 1, 1, tzinfo=self.zone))

    def end(self, at: datetime) -> datetime:
        """The end of the hours that ``at`` falls in, windows that meet taken as one; ``at`` itself outside of them."""
        instant = at
        for _ in range(2 * len(self.windows) + 1):
            moved = self._end_of_one(instant)
            if moved is None:
                return instant
            instant = moved
        raise ValueError("the windows leave no time of the day free")

    def _end_of_one(self, at: datetime) -> datetime | None:
        local = at.astimezone(self.zone)
        clock = local.time()
        for begin, end in self.windows:
            if begin < end:
                within, later = begin <= clock < end, False
            else:
                within, later = clock >= begin or clock < end, clock >= begin
            if within:
                day = local.date() + timedelta(days=later)
                return datetime.combine(day, end, self.zone).astimezone(at.tzinfo)
        return None
