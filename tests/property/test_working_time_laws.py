"""Laws of working time that hold for any start and any duration."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from chassis.working_time import Limit, Unit, WorkCalendar

CALENDAR = WorkCalendar.from_config({"source": "test", "windows": [["08:30", "12:00"], ["14:30", "18:00"]]})
START = datetime(2024, 1, 1, tzinfo=UTC)
instants = st.timedeltas(timedelta(0), timedelta(days=4 * 365)).map(lambda later: START + later)
durations = st.timedeltas(timedelta(0), timedelta(hours=150))


@given(instants, durations)
def test_what_was_added_is_what_remains(at: datetime, duration: timedelta) -> None:
    due = CALENDAR.add_working(at, duration)
    assert due >= at
    assert CALENDAR.remaining(due, at) == duration


@given(instants, durations, durations)
def test_adding_in_two_steps_is_adding_once(at: datetime, first: timedelta, second: timedelta) -> None:
    assert CALENDAR.add_working(CALENDAR.add_working(at, first), second) == CALENDAR.add_working(at, first + second)


@given(instants, durations, durations)
def test_more_time_never_ends_earlier(at: datetime, one: timedelta, other: timedelta) -> None:
    shorter, longer = sorted([one, other])
    assert CALENDAR.add_working(at, shorter) <= CALENDAR.add_working(at, longer)


@given(instants, instants, instants)
def test_elapsed_time_adds_up(one: datetime, two: datetime, three: datetime) -> None:
    first, middle, last = sorted([one, two, three])
    parts = CALENDAR.working_elapsed(first, middle) + CALENDAR.working_elapsed(middle, last)
    assert parts == CALENDAR.working_elapsed(first, last)


@given(instants, durations, st.timedeltas(timedelta(0), timedelta(days=60)))
def test_a_clock_that_stood_still_loses_nothing(at: datetime, duration: timedelta, pause: timedelta) -> None:
    due = CALENDAR.add_working(at, duration)
    resumed = at + pause
    if duration:
        assert CALENDAR.remaining(CALENDAR.resume(due, at, resumed), resumed) == duration


@given(instants, st.sampled_from(Unit), st.integers(0, 20), st.floats(0, 1))
def test_a_part_lies_between_start_and_end(start: datetime, unit: Unit, amount: int, part: float) -> None:
    limit = Limit(amount, unit, "test")
    assert start <= CALENDAR.fraction(start, limit, part) <= CALENDAR.add(start, limit)
