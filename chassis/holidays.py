"""Which days offices are open: the yearly notices of the State Council, and years for which there is none yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import chinese_calendar

SATURDAY = 5


@dataclass(frozen=True)
class HolidayTable:
    """节假日与调休: for ``years`` it is known which days are not what their weekday says.

    ``exceptions`` are those days: True = a Saturday or Sunday that is worked (调休上班), False = a holiday from Monday
    to Friday.
    """

    years: frozenset[int]
    exceptions: Mapping[date, bool] = field(default_factory=dict)

    def with_changes(self, changes: Mapping[date, bool]) -> "HolidayTable":
        """The same table with days that were announced later; their years are known by that."""
        if not changes:
            return self
        return HolidayTable(self.years | {day.year for day in changes}, {**self.exceptions, **changes})

    def knows(self, year: int) -> bool:
        """Whether the year's notice is known; else Monday to Friday is assumed (provisional)."""
        return year in self.years

    def is_working_day(self, day: date) -> bool:
        """Whether offices open on that day."""
        return self.exceptions.get(day, day.weekday() < SATURDAY)


def _official() -> HolidayTable:
    shifted = {day: True for day in chinese_calendar.workdays if day.weekday() >= SATURDAY}
    free = {day: False for day in chinese_calendar.holidays if day.weekday() < SATURDAY}
    return HolidayTable(frozenset(day.year for day in chinese_calendar.holidays), free | shifted)


OFFICIAL = _official()
"""What ``chinesecalendar`` has of the notices of the State Council."""
