"""`bench.capacity`: what so many calls need follows from what one issue costs, and docs/capacity.md says just that."""

import json
from pathlib import Path

import pytest

from bench import capacity
from bench.capacity import BUSY, CONNECTIONS, KEYS, PARTITIONS, SCALES, Costs, costs_of, needs, tables
from load import arrivals
from stack.fleet import SERVICES

PAGE = Path(__file__).parents[2] / "docs" / "capacity.md"
ORDERS = {"rows": 1, "bytes_per_row": 2000.0}
ANSWERS = {"rows": 4, "bytes_per_row": 1000.0}
A_COST = Costs(
    cpu_ms=dict.fromkeys((*SERVICES, "postgres", "kafka"), 10.0),
    events=25.0,
    kafka_bytes=10_000.0,
    tables={"router": {"orders": ORDERS, KEYS: ANSWERS}},
)
PEAK = max(arrivals.read().shares) / arrivals.SECONDS_PER_HOUR
"""Calls a second in the busiest hour, of one call a day."""


def test_the_page_has_what_the_formula_gives_for_the_costs_that_are_kept() -> None:
    assert tables(Costs.read()) in PAGE.read_text()


def test_costs_that_are_kept_say_when_and_where_they_were_measured() -> None:
    kept = json.loads(capacity.COSTS.read_text())
    assert all(kept["measured"][part]["at"] for part in ("flow", "growth"))
    assert kept["machine"]["processors"] > 0


def test_processors_are_those_of_the_busiest_hour_and_half_idle() -> None:
    found = needs(A_COST, 3_000_000)
    assert found["issues per second in the busiest hour"] == pytest.approx(3_000_000 * PEAK)
    assert found["cores, all services"] == pytest.approx(3_000_000 * PEAK * 0.01 * len(SERVICES) / BUSY)
    assert found["processes, router"] * BUSY >= 3_000_000 * PEAK * 0.01 > (found["processes, router"] - 1) * BUSY


def test_a_small_town_has_two_processes_of_each_service_and_their_connections() -> None:
    found = needs(A_COST, 100)
    assert {found[f"processes, {name}"] for name in SERVICES} == {2}
    assert found["connections to PostgreSQL"] == 2 * len(SERVICES) * CONNECTIONS
    assert found["partitions of each topic"] == PARTITIONS


def test_no_process_is_without_a_partition() -> None:
    for calls in (*SCALES.values(), 30_000_000):
        found = needs(A_COST, calls)
        assert found["partitions of each topic"] >= max(found[f"processes, {name}"] for name in SERVICES)


def test_what_stays_grows_by_the_day_and_keys_do_not() -> None:
    found = needs(A_COST, 1_000_000)
    assert (found["rows per day"], found["GB per day, PostgreSQL"]) == (1_000_000, 2.0)
    assert found["GB per year, PostgreSQL"] == pytest.approx(365 * 2.0 + 7 * 4.0)
    assert found["GB per year, Kafka, three copies"] == pytest.approx(365 * 30.0)


def test_costs_come_out_of_a_report_of_the_bench() -> None:
    report = {
        "machine": {"processors": 2},
        "measured": {part: {"at": "then", "quick": False} for part in ("flow", "growth", "http")},
        "flow": {"cpu_ms_by_process": A_COST.cpu_ms, "events_per_lifecycle": 25.0, "kafka_bytes_per_lifecycle": 1e4},
        "growth": {"tables": A_COST.tables},
    }
    kept = costs_of(report)
    assert Costs(kept["cpu_ms"], kept["events"], kept["kafka_bytes"], kept["tables"]) == A_COST
    assert set(kept["measured"]) == {"flow", "growth"}
