"""`bench.contest`: turns, medians and steady rates."""

import io
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import replace

import psutil
import pytest
from rich.console import Console

from bench import growth
from bench.__main__ import EXPECTED
from bench.contest import Figures, Try, interleave, steady_rate
from bench.flow import Events, Full, Paced
from bench.growth import Visit
from bench.idle import Usage, cpu_seconds
from bench.lifecycle import Waits
from bench.machine import particulars
from bench.percentiles import percentiles
from bench.play import Part, Results
from bench.report import demanded, document, halved, merged, ratios, show
from bench.singles import Singles
from bench.sizes import Stored


def test_a_rate_leaves_out_what_is_slow_at_either_end() -> None:
    ramp = [(0.0, 5), (10.0, 5)]
    steady = [(20.0 + number, 10) for number in range(9)]
    end = [(60.0, 10)]
    assert steady_rate([*ramp, *steady, *end]) == pytest.approx(10.0)


def test_a_rate_does_not_depend_on_the_order_of_rows() -> None:
    times = [(float(number), 3) for number in range(50)]
    assert steady_rate(times[::-1]) == steady_rate(times) == pytest.approx(3.0)


@pytest.mark.parametrize("times", [[], [(1.0, 100)], [(1.0, 50), (2.0, 50)]])
def test_too_few_steps_give_no_rate(times: list[tuple[float, int]]) -> None:
    with pytest.raises(ValueError, match="too few"):
        steady_rate(times)


def test_figures_are_a_median_with_its_range() -> None:
    assert Figures((3.0, 1.0, 2.0)).report() == {"median": 2.0, "range": [1.0, 3.0], "rounds": [3.0, 1.0, 2.0]}


async def test_contenders_take_turns_and_the_first_round_does_not_count() -> None:
    seen: list[str] = []

    def contender(name: str) -> Try:
        async def attempt(number: int) -> Mapping[str, float]:
            seen.append(f"{name}{number}")
            return {"rate": float(number)}

        return attempt

    found = await interleave({"ours": contender("o"), "bare": contender("b")}, 2, lambda *_: None)
    assert seen == ["o0", "b0", "b1", "o1", "o2", "b2"]
    assert found["rate"]["ours"].rounds == (1.0, 2.0)


def test_ratios_say_how_many_times_as_much_ours_does() -> None:
    measured = {
        "consumer": {"ours": Figures((6.0,)), "bare": Figures((10.0,)), "faust": Figures((2.0,))},
        "relay": {"ours": Figures((7.0, 9.0)), "bare": Figures((10.0,))},
    }
    assert ratios(measured) == {"consumer_vs_bare": 0.6, "consumer_vs_faust": 3.0, "relay_vs_bare": 0.8}


def test_a_flow_is_compared_with_what_its_events_cost_bare_loops() -> None:
    # 20 events at 10,000/s take 2 ms, 40 handled at 5,000/s take 8 ms: bare loops allow 100 lifecycles a second.
    full = Full(rate=50.0, cpu_seconds=0.0, events=Events(25.0, 50.0), by_then=Events(20.0, 40.0))
    assert full.share_of_bare(5_000, 10_000) == pytest.approx(0.5)  # what comes later was not done at that rate


def test_percentiles_are_by_nearest_rank_in_milliseconds() -> None:
    assert percentiles([number / 1000 for number in range(1, 101)]) == {"p50": 50, "p95": 95, "p99": 99, "max": 100}
    assert percentiles([]) == {}


def test_a_ratio_that_has_halved_is_named_and_one_that_is_missing_too() -> None:
    expected = {"http_vs_bare": 0.6, "relay_vs_bare": 0.8, "consumer_vs_bare": 0.6}
    found = {"http_vs_bare": 0.3, "relay_vs_bare": 0.39}
    assert halved(found, expected) == [
        "relay_vs_bare is 0.39, less than half of 0.8",
        "consumer_vs_bare is 0, less than half of 0.6",
    ]


def test_the_report_has_every_part_and_the_tables_too() -> None:
    contests = {
        "consumer": {"ours": Figures((3_000.0,)), "bare": Figures((5_000.0,))},
        "relay": {"ours": Figures((7_000.0,)), "bare": Figures((10_000.0,))},
    }
    full = Full(rate=50.0, cpu_seconds=0.02, events=Events(25.0, 50.0), by_then=Events(20.0, 40.0))
    paces = [Paced(0.5, 25.0, [Waits(0.02, 0.03)]), Paced(0.1, 5.0, [])]
    one_by_one = Singles([0.004, 0.005], [0.003], [0.001], [])
    idle = {"intake": Usage(0.5, 95.0), "kafka": Usage(3.0, 300.0)}
    grown_to = growth.Grown([a_visit(0, 1.0), a_visit(20_000, 0.9)], {"router": {"orders": Stored(1, 1500.4)}})
    found = document(Results(contests, idle, one_by_one, full, paces, grown_to))
    assert found["growth"]["tables"] == {"router": {"orders": {"rows": 1, "bytes_per_row": 1500}}}
    assert set(found) == {"machine", "ratios", "figures", "flow", "idle", "singles", "growth"}
    grown = {"growth_http": 0.9, "growth_flow": 0.9}
    assert found["ratios"] == {"consumer_vs_bare": 0.6, "relay_vs_bare": 0.7, "flow_vs_bare": 0.5} | grown
    assert found["flow"]["at"]["50%"]["accept_to_dispatched_ms"]["p99"] == 20.0
    assert (found["idle"]["services_cpu_percent"], found["idle"]["services_memory_mb_max"]) == (0.5, 95.0)
    assert found["singles"]["register_ms"]["p99"] == 5.0
    shown = io.StringIO()
    show(Console(file=shown, width=160), found)
    words = ("0.60 ×", "p99 20", "intake", "follow_up", "flow_vs_bare 0.5", "20,000", "router unit", "yardstick")
    assert all(word in shown.getvalue() for word in words)


def test_a_child_that_ends_while_it_is_looked_at_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    process = psutil.Process()
    gone = subprocess.Popen([sys.executable, "-c", ""])
    child = psutil.Process(gone.pid)
    gone.wait()
    monkeypatch.setattr(process, "children", lambda *, recursive: [child])
    assert cpu_seconds([process]) > 0


def test_figures_come_with_how_fast_this_python_is_in_this_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    took = iter([0.0300, 0.0214, 0.0251, 0.0400, 0.0222])
    monkeypatch.setattr("bench.machine._measured", lambda: next(took))
    assert particulars()["yardstick_ms"] == 21.4


def test_a_part_by_itself_is_reported_and_shown_by_itself() -> None:
    found = document(Results(grown=growth.Grown([a_visit(0, 1.0), a_visit(20_000, 0.5)], {})))
    assert found["ratios"] == {"growth_http": 0.5, "growth_flow": 0.5}
    shown = io.StringIO()
    show(Console(file=shown, width=160), found)
    assert "Growth" in shown.getvalue()
    assert "Idle" not in shown.getvalue()


def test_growth_pools_the_visits_of_a_size_and_compares_most_with_least() -> None:
    visits = [a_visit(0, 1.0), a_visit(1000, 0.5), a_visit(1000, 0.7), a_visit(0, 3.0)]
    found = growth.report(growth.Grown(visits, {}))
    assert {size: one["http_per_second"] for size, one in found["orders"].items()} == {"0": 200.0, "1000": 60.0}
    assert found["most_vs_least"]["http"] == 0.3
    assert found["orders"]["1000"]["slowest_page_p99_ms"] == 9.0


def test_growth_does_without_waits_when_nobody_waited() -> None:
    nobody = replace(a_visit(1000, 1.0), paced=Paced(0.5, 5.0, []))
    assert "accept_to_dispatched_p99" not in growth.report(growth.Grown([a_visit(0, 1.0), nobody], {}))["most_vs_least"]


def test_a_report_keeps_what_it_has_of_other_parts() -> None:
    earlier = {
        "machine": {"processors": 4},
        "ratios": {"http_vs_bare": 0.5, "growth_http": 0.1},
        "figures": {"http": {}},
        "idle": {"processes": {}},
        "measured": {"http": {"at": "then", "quick": False}},
    }
    found = {"machine": {"processors": 2}, "ratios": {"growth_http": 1.0}, "figures": {}, "growth": {}}
    whole = merged(earlier, found, {Part.GROWTH}, quick=True)
    assert whole["ratios"] == {"http_vs_bare": 0.5, "growth_http": 1.0}
    assert (whole["machine"], whole["figures"], whole["idle"]) == ({"processors": 2}, {"http": {}}, {"processes": {}})
    assert whole["measured"]["http"] == {"at": "then", "quick": False}
    assert whole["measured"]["growth"]["quick"] is True


def test_only_what_was_measured_is_demanded() -> None:
    expected = tomllib.loads(EXPECTED.read_text())["ratios"]
    assert demanded(expected, set(Part)) == expected
    assert set(demanded(expected, {Part.FLOW})) == set()
    assert set(demanded(expected, {Part.CONSUMER, Part.FLOW})) == {
        "consumer_vs_bare",
        "consumer_vs_faststream",
        "consumer_vs_faust",
        "relay_vs_bare",
        "flow_vs_bare",
    }
    assert set(demanded(expected, {Part.GROWTH})) == {"growth_http", "growth_flow"}


def a_visit(size: int, speed: float) -> Visit:
    return Visit(
        size=size,
        start=2.0,
        pages={"router all": [0.003], "router unit": [0.009]},
        sweep=[0.001],
        http=100.0 * speed,
        steps=[0.01 / speed],
        flow=10.0 * speed,
        paced=Paced(0.5, 5.0, [Waits(0.02 / speed, 0.03)]),
    )
