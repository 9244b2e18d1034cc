"""A limit that ends in a year without a notice says so, to whoever sees the order and to operators."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from prometheus_client import REGISTRY

from chassis.calendar_check import AHEAD, check_calendar
from chassis.holidays import OFFICIAL, HolidayTable
from chassis.working_time import WorkCalendar
from contracts.codes import Resolution
from services.router.api_answers import order_answer
from services.router.reference_data import RouterReference
from tests.unit.order_life import A1, ISSUE, MONDAY, Life, completed, opening, revisit

NAMES = RouterReference("v1", {}, {}, {})
THIS_YEAR = MONDAY.year


def calendar(*years: int) -> WorkCalendar:
    windows = WorkCalendar.from_config({"source": "test", "windows": [["08:30", "12:00"], ["14:30", "18:00"]]}).windows
    return WorkCalendar(windows, 7, ZoneInfo("Asia/Shanghai"), HolidayTable(frozenset(years), OFFICIAL.exceptions))


def is_provisional(life: Life, *known: int) -> bool:
    return order_answer(ISSUE, 1, life.order, NAMES, calendar(*known), life.now).provisional


def test_an_order_whose_limit_ends_in_an_unknown_year_says_so() -> None:
    assert is_provisional(Life().do(opening()), THIS_YEAR - 1)
    assert not is_provisional(Life().do(opening()), THIS_YEAR)


def test_a_limit_that_begins_in_a_known_year_and_ends_in_an_unknown_one_is_provisional() -> None:
    new_years_eve = datetime(THIS_YEAR, 12, 31, 15, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    late = Life(new_years_eve).do(opening())
    assert late.order.due_at is not None
    assert late.order.due_at.year == THIS_YEAR, "its unit has to sign this year"
    assert is_provisional(late, THIS_YEAR)


def test_what_is_closed_waits_for_no_limit() -> None:
    assert not is_provisional(revisit(completed(), A1, Resolution.YES), THIS_YEAR - 1)


@pytest.mark.parametrize("years_ahead", [0, 1])
async def test_operators_see_how_far_the_calendar_reaches_and_readiness_does_not_fail(years_ahead: int) -> None:
    soon = (datetime.now(UTC) + AHEAD).year
    known = soon - 1 + years_ahead
    found = await check_calendar(calendar(known))
    assert found.ok
    assert found.detail == {"known_until": known, "provisional": years_ahead == 0}
    assert REGISTRY.get_sample_value("qingcheng_calendar_known_until_year") == known
    assert timedelta(days=20) < AHEAD < timedelta(days=60)
