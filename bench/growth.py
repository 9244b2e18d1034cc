"""`growth`: whether it is as fast with a million orders as with none.

Services are started on the databases of one size after the other (`bench.sizes`), A B C C B A, and the same is measured
with each: how long they take to be ready, queue pages, the sweep of deadlines, `http`, `flow` at full and at a fixed
load.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import asyncpg

from bench import databases, flow, http, pages
from bench.flow import Paced
from bench.percentiles import percentiles
from bench.sizes import Stored, fleet_of, ground_with, stored
from bench.templates import MANY
from chassis.deadlines import DUE
from stack.dice import Dice
from stack.fleet import SERVICES, Fleet
from stack.local import Ground
from stack.tokens import OAuthClient

SEED = 1
SHARE = 0.5
"""The fixed load, as a part of what the first visit found at full."""
SWEPT = 500  # as the sweeper


@dataclass(frozen=True, slots=True)
class Length:
    """``sizes`` in orders, smallest first; ``rounds`` through them; ``looks`` at each page; the rest in seconds.

    ``settled``: how long after a start pages are looked at. Until then groups are joined and what is new is compiled.
    """

    sizes: tuple[int, ...]
    rounds: int
    looks: int
    http: float
    flow: float
    paced: float
    settled: float


@dataclass(frozen=True, slots=True)
class Visit:
    """What was seen with one size; rates are in lifecycles per second, the rest in seconds."""

    size: int
    start: float
    pages: dict[str, list[float]]
    sweep: list[float]
    http: float
    steps: list[float]
    flow: float
    paced: Paced


@dataclass(frozen=True, slots=True)
class Grown:
    """All visits, and what an issue leaves in the tables, by service and table."""

    visits: list[Visit]
    stored: dict[str, dict[str, Stored]]


def play(state: Path, length: Length, told: Callable[[Visit], None], runner: asyncio.Runner) -> Grown:
    """Visit every size in turns; ``told`` hears of each visit. Blocks; raises `StackError`."""
    visits: list[Visit] = []
    with ground_with(state, length.sizes) as ground:
        whole = max((size for size in length.sizes if size < MANY), default=0)
        kept = runner.run(stored(ground, state, whole)) if whole else {}
        for number in range(length.rounds):
            for size in length.sizes[:: -1 if number % 2 else 1]:
                rate = visits[0].paced.rate if visits else None
                fleet = fleet_of(ground, size)
                try:
                    visits.append(runner.run(_visit(ground, fleet, size, length, rate)))
                finally:
                    fleet.stop_all()
                told(visits[-1])
    return Grown(visits, kept)


async def _visit(ground: Ground, fleet: Fleet, size: int, length: Length, rate: float | None) -> Visit:
    around, intake = ground.surroundings, fleet.database_url("intake")
    async with databases.without_relay(intake):
        start = await asyncio.to_thread(_start, fleet)
        issuer = OAuthClient(around.issuer, "bench", around.client_secret)
        await asyncio.sleep(length.settled)
        looked = await pages.measure(fleet, issuer, length.looks)
        swept = await _sweep(fleet.database_url("router"), length.looks)
        token = await asyncio.to_thread(issuer.fetch, http.AGENT)
        steps = await http.steps(fleet.base_urls["intake"], lambda on: http.walk_ours(on, token), length.http)
        # Nobody is to hear of these issues: dispatching them all would go on while the flow is measured.
        await databases.execute(intake, "UPDATE events SET published_at = now() WHERE published_at IS NULL")
    async with flow.city(ground, fleet) as people:
        full, _ = await flow.full_rate(people, length.flow)
        await flow.settled(fleet)
        paced = await flow.paced(people, SHARE, rate or full * SHARE, length.paced, Dice(SEED))
    return Visit(size, start, looked, swept, len(steps) / http.STEPS / length.http, steps, full, paced)


def _start(fleet: Fleet) -> float:
    begun = perf_counter()
    for name in SERVICES:
        fleet.start(name)
    fleet.wait_ready()
    return perf_counter() - begun


async def _sweep(dsn: str, count: int) -> list[float]:
    """Seconds that each look at the deadlines took."""
    connection = await asyncpg.connect(dsn)
    took: list[float] = []
    try:
        for _ in range(count):
            begun = perf_counter()
            await connection.fetch(DUE, SWEPT)
            took.append(perf_counter() - begun)
    finally:
        await connection.close()
    return took


def by_size(visits: Sequence[Visit]) -> dict[str, dict[str, Any]]:
    """By the number of orders: medians of rates and starts, percentiles of all that was timed, in milliseconds."""
    return {str(size): _one_size([visit for visit in visits if visit.size == size]) for size in _sizes(visits)}


def _sizes(visits: Sequence[Visit]) -> list[int]:
    return sorted({visit.size for visit in visits})


def _one_size(visits: Sequence[Visit]) -> dict[str, Any]:
    lists = {name: percentiles([took for visit in visits for took in visit.pages[name]]) for name in visits[0].pages}
    waits = [wait.dispatched for visit in visits for wait in visit.paced.waits]
    return {
        "start_seconds": round(median(visit.start for visit in visits), 2),
        "http_per_second": round(median(visit.http for visit in visits), 1),
        "http_ms": percentiles([took for visit in visits for took in visit.steps]),
        "flow_per_second": round(median(visit.flow for visit in visits), 1),
        "accept_to_dispatched_ms": percentiles(waits),
        "sweep_ms": percentiles([took for visit in visits for took in visit.sweep]),
        "pages_ms": lists,
        "slowest_page_p99_ms": max(one["p99"] for one in lists.values()),
    }


def ratios(visits: Sequence[Visit]) -> dict[str, float]:
    """``growth_<what>``: what is left of the rates with no orders when there are most."""
    found, sizes = by_size(visits), _sizes(visits)
    least, most = found[str(sizes[0])], found[str(sizes[-1])]
    return {
        f"growth_{what}": round(most[f"{what}_per_second"] / least[f"{what}_per_second"], 3)
        for what in ("http", "flow")
    }


def report(grown: Grown) -> dict[str, Any]:
    """Every size, and how many times as much each figure is with most orders as with least; bytes of tables."""
    visits = grown.visits
    found, sizes = by_size(visits), _sizes(visits)
    least, most = found[str(sizes[0])], found[str(sizes[-1])]
    compared = {
        "start": most["start_seconds"] / least["start_seconds"],
        "http": most["http_per_second"] / least["http_per_second"],
        "http_p99": most["http_ms"]["p99"] / least["http_ms"]["p99"],
        "flow": most["flow_per_second"] / least["flow_per_second"],
    }
    waited = [one["accept_to_dispatched_ms"] for one in (most, least)]
    if all(waited):  # a short load may have had nobody to wait
        compared["accept_to_dispatched_p99"] = waited[0]["p99"] / waited[1]["p99"]
    return {
        "orders": found,
        "fixed_load_per_second": round(visits[0].paced.rate, 1),
        "most_vs_least": {name: round(ratio, 3) for name, ratio in compared.items()},
        "tables": {
            service: {
                table: {"rows": one.rows, "bytes_per_row": round(one.bytes_per_row)} for table, one in tables.items()
            }
            for service, tables in grown.stored.items()
        },
    }
