"""No coordinated omission: what is late counts, whoever's fault it is."""

import pytest

from load.pace import Pace


def test_in_time() -> None:
    pace = Pace(due=100.0)
    assert pace.wait(99.5) == 0.5
    assert pace.late(100.0) == 0
    assert pace.took(100.2) == pytest.approx(200)


def test_a_late_start_counts_into_the_response_time() -> None:
    pace = Pace(due=100.0)
    assert pace.wait(103.0) == 0
    assert pace.late(103.0) == pytest.approx(3000)
    assert pace.took(103.05) == pytest.approx(3050)


def test_the_clock_before_the_due_time_is_no_time_at_all() -> None:
    assert Pace(due=100.0).late(99.9) == 0
    assert Pace(due=100.0).took(99.9) == 0


def test_the_next_step_is_due_after_thinking() -> None:
    pace = Pace(due=100.0)
    pace.think(103.0, 2.0)
    assert pace.due == 105.0
    assert pace.took(105.1) == pytest.approx(100)
