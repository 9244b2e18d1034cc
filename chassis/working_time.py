"""Working time: when a limit ends, counted in office hours, working days or plain time.

Pure arithmetic. Instants are aware datetimes, results are in UTC. A duration of *working time* is a
``timedelta`` of open office time: seven hours of it are one working day of a calendar that is open for seven.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator

from chassis.holidays import OFFICIAL, HolidayTable

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
_MOST_REMEMBERED = 256  # ends of limits; a batch needs a dozen or two


class Unit(StrEnum):
    """What a limit is counted in."""

    MINUTES = "minutes"
    HOURS = "hours"
    WORKING_HOURS = "working_hours"
    WORKING_DAYS = "working_days"
    DAYS = "days"
    MONTHS = "months"


Span = tuple[datetime, datetime]
WORKING_UNITS = frozenset({Unit.WORKING_HOURS, Unit.WORKING_DAYS})


@dataclass(frozen=True, slots=True)
class Limit:
    """时限 — how long something may take, and which rule says so.

    Raises ``ValueError`` for a negative amount, for a part of a month and for a missing source.
    """

    amount: float
    unit: Unit
    source: str

    def __post_init__(self) -> None:
        if not 0 <= self.amount < float("inf"):
            raise ValueError(f"amount must be a number from 0 up, not {self.amount}")
        if self.unit is Unit.MONTHS and self.amount != int(self.amount):
            raise ValueError(f"months must be whole, not {self.amount}")
        if not self.source.strip():
            raise ValueError("source must name the rule the limit comes from")


@dataclass(frozen=True)
class WorkCalendar:
    """When the offices are open.

    ``windows`` are the open hours of a working day in local time, ``holidays`` says which days are worked (调休).
    ``hour`` is how long an hour of any limit lasts: shorter than an hour, it makes every limit shorter in proportion.
    ``always_open`` knows neither windows nor holidays. ``hours_per_day`` is what a working day counts; unless always
    open it must be what the windows add up to, since otherwise "five working days" would end at another time of day.
    """

    windows: tuple[tuple[time, time], ...]
    hours_per_day: float
    zone: ZoneInfo
    holidays: HolidayTable = OFFICIAL
    hour: timedelta = HOUR
    always_open: bool = False
    _days: dict[date, tuple[Span, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _ends: dict[tuple[datetime, Limit, float], datetime] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        bounds = [edge for window in self.windows for edge in window]
        if any(earlier >= later for earlier, later in pairwise(bounds)):
            raise ValueError("windows must each end after they start, in order and apart")
        if self.hour <= timedelta(0):
            raise ValueError("hour must be longer than nothing")
        if not 0 < self.hours_per_day <= 24:
            raise ValueError("hours_per_day must be more than 0 and at most 24: give windows or hours_per_day")
        if not self.always_open and abs(self.hours_per_day - open_hours(self.windows)) > 1e-9:
            raise ValueError(
                f"hours_per_day is {self.hours_per_day:g} but windows add up to {open_hours(self.windows):g}"
            )

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "WorkCalendar":
        """Read a ``[calendar]`` table, see ``CalendarConfig``. Raises ``ValueError`` naming the key."""
        read = CalendarConfig.model_validate(config)
        return cls(
            windows=read.windows,
            hours_per_day=open_hours(read.windows) if read.hours_per_day is None else read.hours_per_day,
            zone=ZoneInfo(read.zone),
            holidays=OFFICIAL.with_changes(read.changes),
            hour=timedelta(seconds=read.hour_seconds),
            always_open=read.always_open,
        )

    def is_provisional(self, day: date) -> bool:
        """Whether the holidays of that day's year are not known yet, so that Monday to Friday is assumed."""
        return not self.always_open and not self.holidays.knows(day.year)

    def ends_provisionally(self, end: datetime) -> bool:
        """Whether a limit that ends then may end at another time once its year's notice is known."""
        return self.is_provisional(end.astimezone(self.zone).date())

    def is_working_day(self, day: date) -> bool:
        """Whether offices open on that local day."""
        return self.holidays.is_working_day(day)

    def add(self, start: datetime, limit: Limit) -> datetime:
        """The instant at which a limit that starts at ``start`` ends."""
        return self.fraction(start, limit, 1.0)

    def fraction(self, start: datetime, limit: Limit, part: float) -> datetime:
        """The instant at which ``part`` (0…1) of the limit has gone, of its working time where it is in such."""
        asked = (start, limit, part)
        end = self._ends.get(asked)  # what is decided together starts at the same instant, and few limits there are
        if end is None:
            if len(self._ends) >= _MOST_REMEMBERED:
                self._ends.clear()
            end = self._ends[asked] = self._fraction(start, limit, part)
        return end

    def _fraction(self, start: datetime, limit: Limit, part: float) -> datetime:
        if limit.unit in WORKING_UNITS:
            hours = limit.amount * (self.hours_per_day if limit.unit is Unit.WORKING_DAYS else 1)
            return self.add_working(start, self.hour * hours * part)
        return _utc(start) + self._plain(start, limit) * part

    def add_working(self, at: datetime, duration: timedelta) -> datetime:
        """The first instant from ``at`` on by which that much working time has passed; ``at`` itself for none."""
        instant = _utc(at)
        if duration < timedelta(0):
            raise ValueError("working time to add must not be negative")
        if duration == timedelta(0) or self.always_open:
            return instant + duration
        left = duration
        for opens, closes in self._spans(instant):
            begin = max(opens, instant)
            if left <= closes - begin:
                return begin + left
            left -= closes - begin
        raise OverflowError("the limit ends after the last day a calendar has")

    def working_elapsed(self, start: datetime, end: datetime) -> timedelta:
        """Working time between two instants; nothing when ``end`` is not after ``start``."""
        first, last = _utc(start), _utc(end)
        if last <= first:
            return timedelta(0)
        if self.always_open:
            return last - first
        total = timedelta(0)
        for opens, closes in self._spans(first):
            if opens >= last:
                break
            total += min(closes, last) - max(opens, first)
        return total

    def remaining(self, due: datetime, at: datetime) -> timedelta:
        """Working time left at ``at``; nothing when it is over."""
        return self.working_elapsed(at, due)

    def resume(self, due: datetime, stopped_at: datetime, resumed_at: datetime) -> datetime:
        """The new end of a clock that stood still: the working time left goes on. One that had run out stays so."""
        if _utc(due) <= _utc(stopped_at):
            return _utc(due)
        return self.add_working(resumed_at, self.remaining(due, stopped_at))

    def _plain(self, start: datetime, limit: Limit) -> timedelta:
        match limit.unit:
            case Unit.MINUTES:
                return self.hour * (limit.amount / 60)
            case Unit.HOURS:
                return self.hour * limit.amount
            case Unit.DAYS:
                return self.hour * (limit.amount * 24)
            case _:
                local = start.astimezone(self.zone)
                return (_after_months(local, int(limit.amount)) - local) * (self.hour / HOUR)

    def _spans(self, instant: datetime) -> Iterator[Span]:
        """Open spans in UTC, in order, from the first that ends after ``instant``."""
        day = instant.astimezone(self.zone).date()
        while True:
            yield from (span for span in self._spans_of(day) if span[1] > instant)
            if day == date.max:
                return
            day += DAY

    def _spans_of(self, day: date) -> tuple[Span, ...]:
        known = self._days.get(day)
        if known is None:
            windows = self.windows if self.is_working_day(day) else ()
            known = self._days[day] = tuple(
                (self._instant(day, opens), self._instant(day, ends)) for opens, ends in windows
            )
        return known

    def _instant(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, self.zone).astimezone(UTC)


class CalendarConfig(BaseModel):
    """The ``[calendar]`` table of a limits file.

    ``hours_per_day`` is needed only where ``windows`` is empty; ``hour_seconds`` is how long an hour lasts;
    ``changes`` are official changes that the holiday tables do not know yet: ``"2027-02-06" = true`` is a working
    Saturday.
    """

    model_config = ConfigDict(extra="forbid")

    source: str = Field(min_length=1)
    windows: tuple[tuple[time, time], ...] = ()
    zone: str = "Asia/Shanghai"
    hours_per_day: float | None = None
    hour_seconds: float = Field(default=3600.0, gt=0, le=3600)
    always_open: bool = False
    changes: dict[date, bool] = Field(default_factory=dict)

    @field_validator("zone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"no time zone is called {name!r}") from error
        return name


def open_hours(windows: tuple[tuple[time, time], ...]) -> float:
    """How many hours the windows of one day add up to."""
    midnight = date(2000, 1, 1)
    spans = (datetime.combine(midnight, end) - datetime.combine(midnight, begin) for begin, end in windows)
    return sum(spans, timedelta(0)) / HOUR


def _utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("instants must carry a time zone")
    return instant.astimezone(UTC)


def _after_months(start: datetime, months: int) -> datetime:
    """The same day of a later month, or that month's last day where it is shorter (民法典 202)."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    for day in range(start.day, 27, -1):
        try:
            return start.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    return start.replace(year=year, month=month + 1)
