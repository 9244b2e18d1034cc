"""回访时段 — at which times of the day somebody may be tried again. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum


class Part(StrEnum):
    """时段 of a day. Nobody is expected to be called at night; a call that was made then is kept as what it is."""

    MORNING = "morning"  # 上午
    AFTERNOON = "afternoon"  # 下午
    EVENING = "evening"  # 晚间
    NIGHT = "night"  # 夜间


DAYTIME = (Part.MORNING, Part.AFTERNOON, Part.EVENING)


@dataclass(frozen=True, slots=True)
class CallHours:
    """The parts of a day in a city, and in how many of them a caller has to be tried before one may be used again.

    ``starts`` are times since local midnight, in order; before the first it is night. ``required`` counts parts of
    the day other than the night; with 1 a caller may be tried at any time. Raises ``ValueError`` for starts that are
    not in order within one day.
    """

    zone: tzinfo
    starts: tuple[tuple[timedelta, Part], ...]
    required: int

    def __post_init__(self) -> None:
        edges = [timedelta(0), *(start for start, _ in self.starts), timedelta(days=1)]
        if edges != sorted(edges):
            raise ValueError("the parts of a day must begin one after the other, between 0 and 24 hours")

    def part(self, at: datetime) -> Part:
        """In which part of the day ``at`` is."""
        local = at.astimezone(self.zone)
        passed = timedelta(hours=local.hour, minutes=local.minute, seconds=local.second)
        begun = [part for start, part in self.starts if start <= passed]
        return begun[-1] if begun else Part.NIGHT

    @property
    def needed(self) -> int:
        """How many parts of the day have to be tried; 0: it does not matter."""
        return 0 if self.required == 1 else min(self.required, len(DAYTIME))

    def is_free(self, tried: Collection[str]) -> bool:
        """Whether enough different parts of the day were tried, so that the next call may be at any time."""
        return len({part for part in DAYTIME if part in tried}) >= self.needed

    def next_from(self, earliest: datetime, tried: Collection[str]) -> datetime:
        """The first instant from ``earliest`` on at which a caller who was tried in these parts may be tried again."""
        at = earliest
        if self.is_free(tried):
            return at
        for _ in range(2 * len(self.starts)):
            part = self.part(at)
            if part is not Part.NIGHT and part not in tried:
                return at
            at = self._next_start(at)
        return earliest

    def _next_start(self, at: datetime) -> datetime:
        local = at.astimezone(self.zone)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        later = (midnight + timedelta(days=day) + start for day in (0, 1) for start, _ in self.starts)
        return next(edge for edge in later if edge > local).astimezone(at.tzinfo)
