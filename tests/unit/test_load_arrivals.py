"""Calls come in by the seeds' hours, at the city's rate times the factor."""

import json
from collections import Counter
from itertools import pairwise
from pathlib import Path
from statistics import mean, stdev

import pytest

from load.arrivals import FILE, HOURS, Pattern, arrivals, read
from load.errors import SettingsError
from stack.dice import Dice

ROOT = Path(__file__).parents[2]
A_DAY, AN_HOUR = 86400.0, 3600.0
MORNING = range(8, 12)
FACTOR = 10.0


def test_the_hours_are_those_of_the_sample_appeals() -> None:
    rows = [json.loads(line) for line in (ROOT / "demo" / "appeals.jsonl").read_text("utf-8").splitlines()]
    counted = Counter(int(row["received_at"][11:13]) for row in rows)
    assert f"hours = {[counted[hour] for hour in range(HOURS)]}" in FILE.read_text("utf-8")


def test_the_day_has_all_calls_and_no_hour_is_below_nothing() -> None:
    pattern = read()
    assert pattern.calls_per_day == 4260
    assert sum(pattern.shares) == pytest.approx(1)
    assert sum(pattern.per_hour(hour) for hour in range(HOURS)) == pytest.approx(4260)
    assert min(pattern.shares) > 0


def test_most_call_in_the_morning() -> None:
    pattern = read()
    peak = max(range(HOURS), key=pattern.per_hour)
    assert peak in MORNING
    assert pattern.per_hour(peak) > 2 * pattern.calls_per_day / HOURS


def test_midnight_follows_the_last_hour() -> None:
    pattern = read()
    assert pattern.per_hour(HOURS + 3) == pattern.per_hour(3)


def test_a_day_of_calls() -> None:
    pattern = read()
    came = list(arrivals(pattern, FACTOR, 0, A_DAY, Dice(1)))
    expected = FACTOR * pattern.calls_per_day
    assert len(came) == pytest.approx(expected, abs=5 * expected**0.5)  # five sigma of a Poisson count
    assert came == sorted(came)
    assert min(came) >= 0
    assert max(came) < A_DAY
    by_hour = Counter(int(at // AN_HOUR) for at in came)
    for hour in range(HOURS):
        in_hour = FACTOR * pattern.per_hour(hour)
        assert by_hour[hour] == pytest.approx(in_hour, abs=5 * in_hour**0.5)


def test_nobody_who_calls_knows_of_the_others() -> None:
    """Gaps of a Poisson process are as different as they are long."""
    even = Pattern(4260, (1 / HOURS,) * HOURS)
    came = list(arrivals(even, FACTOR, 0, A_DAY, Dice(2)))
    gaps = [later - earlier for earlier, later in pairwise(came)]
    assert stdev(gaps) == pytest.approx(mean(gaps), rel=0.05)


def test_it_starts_at_its_hour_and_goes_past_midnight() -> None:
    shares = [0.0] * HOURS
    shares[0] = 1.0
    came = list(arrivals(Pattern(4260, tuple(shares)), 1, 23, 2 * AN_HOUR, Dice(3)))
    assert came
    assert all(AN_HOUR <= at < 2 * AN_HOUR for at in came)


def test_the_same_seed_is_the_same_run() -> None:
    first, again, another = (list(arrivals(read(), FACTOR, 9, 600, Dice(seed))) for seed in (7, 7, 8))
    assert first == again != another


@pytest.mark.parametrize(
    "content",
    [
        "hours = [1, 2]\ncalls_per_day = 10",
        f"hours = {[0] * HOURS}\ncalls_per_day = 10",
        f"hours = {[-1] + [1] * 23}\ncalls_per_day = 10",
        f"hours = {[1] * HOURS}\ncalls_per_day = 0",
        f"hours = {[1] * HOURS}",
        "hours = 5\ncalls_per_day = 10",
        "hours =",
    ],
)
def test_a_wrong_pattern_names_its_variable(tmp_path: Path, content: str) -> None:
    file = tmp_path / "pattern.toml"
    file.write_text(content)
    with pytest.raises(SettingsError, match=r"^LOAD_PATTERN .*\.$"):
        read(file)
    with pytest.raises(SettingsError, match=r"^LOAD_PATTERN "):
        read(tmp_path / "none.toml")
