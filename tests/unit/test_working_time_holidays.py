"""Limits across 国庆 and 春节 with shifted working days (调休), to the minute, each with the notice that says so.

Notices are those of the General Office of the State Council (国务院办公厅) on a year's holidays, by number. Offices
are open 08:30-12:00 and 14:30-18:00: a working day is seven hours.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from chassis.holidays import HolidayTable
from chassis.working_time import Limit, Unit, WorkCalendar

CALENDAR = WorkCalendar.from_config({"source": "test", "windows": [["08:30", "12:00"], ["14:30", "18:00"]]})
SHANGHAI = ZoneInfo("Asia/Shanghai")
HOURS, DAYS = Unit.WORKING_HOURS, Unit.WORKING_DAYS


def _notice(year: int, number: int) -> str:
    return f"国办发明电\N{LEFT TORTOISE SHELL BRACKET}{year}\N{RIGHT TORTOISE SHELL BRACKET}{number}号"


N2018 = _notice(2017, 12)  # 春节 2-15…21, worked 2-11, 2-24; 国庆 10-1…7, worked 9-29, 9-30
N2019 = _notice(2018, 15)  # 春节 2-4…10, worked 2-2, 2-3; 国庆 10-1…7, worked 9-29, 10-12
N2020 = _notice(2019, 16)  # 春节 worked 1-19; 国庆、中秋 10-1…8, worked 9-27, 10-10
N2020_LONGER = _notice(2020, 1)  # 春节 1-24…2-2, 2-3 worked: 2-1 is not worked any more
N2021 = _notice(2020, 27)  # 春节 2-11…17, worked 2-7, 2-20; 国庆 10-1…7, worked 9-26, 10-9
N2022 = _notice(2021, 11)  # 春节 1-31…2-6, worked 1-29, 1-30; 国庆 10-1…7, worked 10-8, 10-9
N2023 = _notice(2022, 16)  # 春节 1-21…27, worked 1-28, 1-29; 中秋、国庆 9-29…10-6, worked 10-7, 10-8
N2024 = _notice(2023, 7)  # 春节 2-10…17, worked 2-4, 2-18; 国庆 10-1…7, worked 9-29, 10-12
N2025 = _notice(2024, 12)  # 春节 1-28…2-4, worked 1-26, 2-8; 国庆、中秋 10-1…8, worked 9-28, 10-11
N2026 = _notice(2025, 7)  # 春节 2-15…23, worked 2-14, 2-28; 国庆 10-1…7, worked 9-20, 10-10

CASES = [
    ("2018-02-09 10:00", 1, DAYS, "2018-02-11 10:00", N2018),
    ("2018-02-14 17:00", 2, HOURS, "2018-02-22 09:30", N2018),
    ("2018-02-23 10:15", 1, DAYS, "2018-02-24 10:15", N2018),
    ("2018-09-28 10:00", 3, DAYS, "2018-10-08 10:00", N2018),
    ("2018-09-30 17:30", 1, HOURS, "2018-10-08 09:00", N2018),
    ("2019-02-01 16:00", 2, DAYS, "2019-02-03 16:00", N2019),
    ("2019-02-03 16:00", 1, DAYS, "2019-02-11 16:00", N2019),
    ("2019-02-03 17:45", 1, HOURS, "2019-02-11 09:15", N2019),
    ("2019-09-27 09:00", 1, DAYS, "2019-09-29 09:00", N2019),
    ("2019-09-30 11:30", 2, HOURS, "2019-09-30 16:00", N2019),
    ("2019-09-30 17:00", 5, DAYS, "2019-10-12 17:00", N2019),
    ("2020-01-17 10:00", 1, DAYS, "2020-01-19 10:00", N2020),
    ("2020-01-23 17:00", 2, HOURS, "2020-02-03 09:30", N2020_LONGER),
    ("2020-01-23 10:00", 1, DAYS, "2020-02-03 10:00", N2020_LONGER),
    ("2020-02-01 09:00", 2, HOURS, "2020-02-03 10:30", N2020_LONGER),
    ("2020-09-25 10:00", 1, DAYS, "2020-09-27 10:00", N2020),
    ("2020-09-30 10:00", 2, DAYS, "2020-10-10 10:00", N2020),
    ("2020-10-08 23:59", 1, HOURS, "2020-10-09 09:30", N2020),
    ("2021-02-05 15:00", 1, DAYS, "2021-02-07 15:00", N2021),
    ("2021-02-10 15:00", 3, DAYS, "2021-02-20 15:00", N2021),
    ("2021-09-24 18:00", 1, HOURS, "2021-09-26 09:30", N2021),
    ("2021-09-30 10:00", 2, DAYS, "2021-10-09 10:00", N2021),
    ("2022-01-28 10:00", 3, DAYS, "2022-02-07 10:00", N2022),
    ("2022-01-30 17:59", 2, HOURS, "2022-02-07 10:29", N2022),
    ("2022-09-30 10:00", 2, DAYS, "2022-10-09 10:00", N2022),
    ("2022-10-08 10:00", 5, DAYS, "2022-10-13 10:00", N2022),
    ("2023-01-20 10:00", 1, DAYS, "2023-01-28 10:00", N2023),
    ("2023-01-20 17:00", 2, HOURS, "2023-01-28 09:30", N2023),
    ("2023-01-28 17:00", 2, HOURS, "2023-01-29 09:30", N2023),
    ("2023-09-28 15:30", 2, DAYS, "2023-10-08 15:30", N2023),
    ("2023-10-06 12:00", 7, HOURS, "2023-10-07 18:00", N2023),
    ("2024-02-02 10:00", 1, DAYS, "2024-02-04 10:00", N2024),
    ("2024-02-08 10:00", 1, DAYS, "2024-02-09 10:00", N2024),  # 除夕: rest is encouraged, not a holiday
    ("2024-02-09 10:00", 1, DAYS, "2024-02-18 10:00", N2024),
    ("2024-09-27 17:00", 2, HOURS, "2024-09-29 09:30", N2024),
    ("2024-09-30 17:00", 5, DAYS, "2024-10-12 17:00", N2024),
    ("2025-01-24 10:00", 1, DAYS, "2025-01-26 10:00", N2025),
    ("2025-01-27 17:00", 2, HOURS, "2025-02-05 09:30", N2025),
    ("2025-02-07 10:00", 1, DAYS, "2025-02-08 10:00", N2025),
    ("2025-09-28 08:30", 2, DAYS, "2025-09-29 18:00", N2025),
    ("2025-09-30 10:00", 3, DAYS, "2025-10-11 10:00", N2025),
    ("2026-02-14 10:00", 1, DAYS, "2026-02-24 10:00", N2026),
    ("2026-02-27 16:30", 3, DAYS, "2026-03-03 16:30", N2026),
    ("2026-09-18 10:00", 1, DAYS, "2026-09-20 10:00", N2026),
    ("2026-09-30 17:30", 1, HOURS, "2026-10-08 09:00", N2026),
    ("2026-10-07 20:00", 3, DAYS, "2026-10-10 18:00", N2026),
]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(("start", "amount", "unit", "due", "notice"), CASES)
def test_a_limit_across_the_holidays_ends_to_the_minute(
    start: str, amount: int, unit: Unit, due: str, notice: str
) -> None:
    assert CALENDAR.add(at(start), Limit(amount, unit, notice)) == at(due), notice


def test_the_cases_reach_over_both_festivals_of_every_year_and_most_would_end_elsewhere_without_the_notices() -> None:
    seasons = {(start[:4], "春节" if start[5:7] < "03" else "国庆") for start, *_ in CASES}
    assert seasons == {(str(year), season) for year in range(2018, 2027) for season in ("春节", "国庆")}
    plain = WorkCalendar(CALENDAR.windows, CALENDAR.hours_per_day, SHANGHAI, HolidayTable(frozenset()))
    same = [
        due
        for start, amount, unit, due, notice in CASES
        if plain.add(at(start), Limit(amount, unit, notice)) == at(due)
    ]
    assert len(same) <= 4


def test_a_year_without_a_notice_is_counted_from_monday_to_friday_and_a_limit_that_ends_in_it_says_so() -> None:
    last = max(CALENDAR.holidays.years)
    unknown = WorkCalendar(
        CALENDAR.windows, CALENDAR.hours_per_day, SHANGHAI, HolidayTable(CALENDAR.holidays.years - {last})
    )
    for day in (date(last, 1, 1) + timedelta(offset) for offset in range(365)):
        assert unknown.is_working_day(day) is (day.weekday() < 5)
        assert unknown.is_provisional(day)
    new_year = datetime(last, 1, 1, tzinfo=SHANGHAI)
    assert unknown.ends_provisionally(new_year)
    assert not unknown.ends_provisionally(new_year - timedelta(seconds=1))
    assert not CALENDAR.ends_provisionally(new_year)
