"""The clock that orders run by, over the router's own limits."""

from datetime import datetime
from pathlib import Path

from chassis.limits import load_limits
from services.router.clock import LimitsClock
from services.router.obligations import Clock

CLOCK: Clock = LimitsClock(load_limits(Path(__file__).parents[2] / "services" / "router" / "limits.toml"))


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}:00+08:00")


def test_limits_of_the_file_and_of_the_catalogue_follow_the_calendar() -> None:
    evening = at("2025-09-30T17:00")
    assert CLOCK.limit("sign", evening) == at("2025-10-09T09:30")
    assert CLOCK.limit("sign_urgent", evening) == at("2025-09-30T17:30")
    assert CLOCK.hours(4, evening) == at("2025-09-30T21:00")
    assert CLOCK.working_days(5, evening) == at("2025-10-14T17:00")


def test_yellow_comes_at_its_part_of_the_limit() -> None:
    assert CLOCK.yellow(5, at("2025-09-08T09:00")) == at("2025-09-12T09:00")


def test_a_stopped_clock_keeps_the_working_time_left() -> None:
    due, stopped, resumed = at("2025-09-12T10:00"), at("2025-09-11T15:30"), at("2025-10-08T22:00")
    assert CLOCK.resume(due, stopped, resumed) == at("2025-10-09T15:00")
