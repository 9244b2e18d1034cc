"""Working time against the official calendars of 2025 and 2026."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from chassis.working_time import Limit, Unit, WorkCalendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE = {"source": "test", "windows": [["08:30", "12:00"], ["14:30", "18:00"]]}
CALENDAR = WorkCalendar.from_config(OFFICE)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def limit(amount: float, unit: Unit) -> Limit:
    return Limit(amount, unit, "test")


@pytest.mark.parametrize(
    ("start", "amount", "unit", "due"),
    [
        # within a window, over the noon break, over the night, over a weekend
        ("2025-09-10 09:00", 2, Unit.WORKING_HOURS, "2025-09-10 11:00"),
        ("2025-09-10 11:00", 2, Unit.WORKING_HOURS, "2025-09-10 15:30"),
        ("2025-09-10 17:00", 2, Unit.WORKING_HOURS, "2025-09-11 09:30"),
        ("2025-09-12 17:00", 2, Unit.WORKING_HOURS, "2025-09-15 09:30"),
        # starts outside the windows: at night, before opening, at noon, on a Sunday
        ("2025-09-10 23:20", 2, Unit.WORKING_HOURS, "2025-09-11 10:30"),
        ("2025-09-10 03:00", 2, Unit.WORKING_HOURS, "2025-09-10 10:30"),
        ("2025-09-10 12:30", 2, Unit.WORKING_HOURS, "2025-09-10 16:30"),
        ("2025-09-14 10:00", 2, Unit.WORKING_HOURS, "2025-09-15 10:30"),
        # ends exactly when the office closes, not when it opens again
        ("2025-09-10 10:00", 2, Unit.WORKING_HOURS, "2025-09-10 12:00"),
        # a working day ends at the same time of day
        ("2025-09-10 10:15", 1, Unit.WORKING_DAYS, "2025-09-11 10:15"),
        ("2025-09-10 10:15", 5, Unit.WORKING_DAYS, "2025-09-17 10:15"),
        # 国庆 2025: 1-8 October free, Sunday 28 September and Saturday 11 October worked
        ("2025-09-26 10:00", 1, Unit.WORKING_DAYS, "2025-09-28 10:00"),
        ("2025-09-30 10:00", 1, Unit.WORKING_DAYS, "2025-10-09 10:00"),
        ("2025-10-10 10:00", 1, Unit.WORKING_DAYS, "2025-10-11 10:00"),
        ("2025-10-04 09:00", 2, Unit.WORKING_HOURS, "2025-10-09 10:30"),
        # 春节 2026: 15-23 February free, Saturdays 14 and 28 February worked
        ("2026-02-13 10:00", 1, Unit.WORKING_DAYS, "2026-02-14 10:00"),
        ("2026-02-14 17:00", 2, Unit.WORKING_HOURS, "2026-02-24 09:30"),
        ("2026-02-27 10:00", 1, Unit.WORKING_DAYS, "2026-02-28 10:00"),
        # 国庆 2026: 1-7 October free, Sunday 20 September and Saturday 10 October worked
        ("2026-09-30 10:00", 2, Unit.WORKING_DAYS, "2026-10-09 10:00"),
        ("2026-10-09 10:00", 1, Unit.WORKING_DAYS, "2026-10-10 10:00"),
        # plain time does not stop for anybody
        ("2025-10-01 23:40", 30, Unit.MINUTES, "2025-10-02 00:10"),
        ("2025-10-01 23:40", 24, Unit.HOURS, "2025-10-02 23:40"),
        ("2025-10-01 23:40", 3, Unit.DAYS, "2025-10-04 23:40"),
        ("2026-01-31 09:00", 1, Unit.MONTHS, "2026-02-28 09:00"),
        ("2025-11-30 09:00", 3, Unit.MONTHS, "2026-02-28 09:00"),
        ("2026-03-15 09:00", 1, Unit.MONTHS, "2026-04-15 09:00"),
    ],
)
def test_limit_ends_when_the_calendar_says(start: str, amount: float, unit: Unit, due: str) -> None:
    result = CALENDAR.add(at(start), limit(amount, unit))
    assert result == at(due)
    assert result.tzinfo is UTC


@pytest.mark.parametrize("unit", list(Unit))
def test_a_limit_of_nothing_ends_where_it_starts(unit: Unit) -> None:
    assert CALENDAR.add(at("2025-10-04 03:00"), limit(0, unit)) == at("2025-10-04 03:00")


def test_fraction_counts_working_time_and_not_the_night() -> None:
    five_days = limit(5, Unit.WORKING_DAYS)
    assert CALENDAR.fraction(at("2025-09-08 08:30"), five_days, 0.8) == at("2025-09-11 18:00")
    assert CALENDAR.fraction(at("2025-09-08 08:30"), limit(10, Unit.HOURS), 0.8) == at("2025-09-08 16:30")
    assert CALENDAR.fraction(at("2025-09-08 08:30"), five_days, 1) == CALENDAR.add(at("2025-09-08 08:30"), five_days)


def test_elapsed_leaves_out_what_is_closed() -> None:
    assert CALENDAR.working_elapsed(at("2025-09-30 17:00"), at("2025-10-09 09:30")) == timedelta(hours=2)
    assert CALENDAR.working_elapsed(at("2025-10-01 00:00"), at("2025-10-08 23:59")) == timedelta(0)
    assert CALENDAR.working_elapsed(at("2025-09-11 10:00"), at("2025-09-10 10:00")) == timedelta(0)


def test_a_clock_that_stood_still_goes_on_with_what_was_left() -> None:
    due, stopped = at("2025-09-12 10:00"), at("2025-09-11 15:30")
    assert CALENDAR.remaining(due, stopped) == timedelta(hours=4)
    assert CALENDAR.resume(due, stopped, at("2025-10-08 22:00")) == at("2025-10-09 15:00")
    assert CALENDAR.resume(due, at("2025-09-13 09:00"), at("2025-10-08 22:00")) == due


def test_a_year_nobody_has_announced_is_provisional_until_its_notice_is_loaded() -> None:
    assert not CALENDAR.is_provisional(date(2026, 12, 31))
    assert CALENDAR.is_provisional(date(2027, 2, 8))
    assert CALENDAR.is_working_day(date(2027, 2, 8))
    assert not CALENDAR.is_working_day(date(2027, 2, 6))
    announced = WorkCalendar.from_config(OFFICE | {"changes": {"2027-02-08": False, "2027-02-06": True}})
    assert not announced.is_provisional(date(2027, 2, 8))
    assert announced.add(at("2027-02-05 10:00"), limit(2, Unit.WORKING_DAYS)) == at("2027-02-09 10:00")


def test_an_official_change_goes_over_the_holiday_table() -> None:
    changed = WorkCalendar.from_config(OFFICE | {"changes": {"2025-09-11": False}})
    assert changed.add(at("2025-09-10 10:00"), limit(1, Unit.WORKING_DAYS)) == at("2025-09-12 10:00")
    assert not CALENDAR.is_provisional(date(2025, 9, 11))


def test_a_shorter_hour_shortens_every_limit_in_proportion() -> None:
    quick = WorkCalendar.from_config(OFFICE | {"always_open": True, "hour_seconds": 2})
    night = at("2025-10-04 03:00")
    seconds = {
        Unit.MINUTES: 2 / 60,
        Unit.HOURS: 2,
        Unit.WORKING_HOURS: 2,
        Unit.WORKING_DAYS: 14,
        Unit.DAYS: 48,
        Unit.MONTHS: 31 * 48,
    }
    for unit, expected in seconds.items():
        assert quick.add(night, limit(1, unit)) - night == timedelta(seconds=expected)
    assert quick.working_elapsed(night, night + timedelta(seconds=5)) == timedelta(seconds=5)
    assert not quick.is_provisional(date(2030, 1, 1))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"windows": [["12:00", "08:30"]]}, "windows"),
        ({"windows": [["08:30", "12:00"], ["11:00", "18:00"]]}, "windows"),
        ({"windows": [["8 o'clock", "12:00"]]}, "windows"),
        ({"windows": []}, "hours_per_day"),
        ({"hours_per_day": 8}, "hours_per_day is 8 but windows add up to 7"),
        ({"zone": "Asia/Atlantis"}, "Asia/Atlantis"),
        ({"hour_seconds": 0}, "hour_seconds"),
        ({"always_open": "perhaps"}, "always_open"),
        ({"changes": {"soon": True}}, "changes"),
        ({"holidays": []}, "holidays"),
    ],
)
def test_a_bad_calendar_names_what_is_wrong(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        WorkCalendar.from_config(OFFICE | change)


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        CALENDAR.add(at("2025-09-10 09:00").replace(tzinfo=None), limit(1, Unit.HOURS))


@pytest.mark.parametrize(
    ("amount", "unit", "source"),
    [(-1, Unit.DAYS, "x"), (1.5, Unit.MONTHS, "x"), (1, Unit.DAYS, " "), (float("nan"), Unit.DAYS, "x")],
)
def test_a_bad_limit_is_refused(amount: float, unit: Unit, source: str) -> None:
    with pytest.raises(ValueError, match=r"amount|months|source"):
        Limit(amount, unit, source)
