"""Hours of every day by the city's clock."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from chassis.daily_hours import DailyHours

ZONE = ZoneInfo("Asia/Shanghai")
NIGHT = DailyHours(((time(21), time(8)),), ZONE)


def local(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=ZONE).astimezone(UTC)


@pytest.mark.parametrize(
    ("at", "end"),
    [
        (local(2, 20, 59), local(2, 20, 59)),
        (local(2, 21), local(3, 8)),
        (local(2, 23, 59), local(3, 8)),
        (local(3, 0), local(3, 8)),
        (local(3, 7, 59), local(3, 8)),
        (local(3, 8), local(3, 8)),
        (local(3, 12), local(3, 12)),
    ],
    ids=["before", "as they begin", "before midnight", "midnight", "before they end", "as they end", "noon"],
)
def test_hours_that_run_over_midnight_end_in_the_morning(at: datetime, end: datetime) -> None:
    assert NIGHT.end(at) == end
    assert NIGHT.end(at).tzinfo is UTC


def test_windows_that_meet_are_one() -> None:
    hours = DailyHours(((time(21), time(0)), (time(0), time(8)), (time(12), time(14))), ZONE)
    assert hours.end(local(2, 22)) == local(3, 8)
    assert hours.end(local(2, 12, 30)) == local(2, 14)


def test_no_windows_mean_never() -> None:
    assert DailyHours((), ZONE).end(local(2, 23)) == local(2, 23)


@pytest.mark.parametrize(
    ("windows", "complaint"),
    [
        (((time(8), time(8)),), "must not end at the time"),
        (((time(8), time(20)), (time(20), time(8))), "no time of the day free"),
    ],
    ids=["of no length", "the whole day"],
)
def test_hours_that_cannot_be_meant_are_refused(windows: tuple[tuple[time, time], ...], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        DailyHours(windows, ZONE)
