"""What came of it: `build/reports/bench.json` for programs, tables for people."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import flow, growth, idle, singles
from bench.contest import Figures
from bench.machine import particulars
from bench.play import Part, Results

OURS, BARE = "ours", "bare"


def ratios(contests: Mapping[str, Mapping[str, Figures]]) -> dict[str, float]:
    """``<what>_vs_<contender>``: how many times as much ours does."""
    return {
        f"{what}_vs_{name}": round(by[OURS].median / figures.median, 3)
        for what, by in contests.items()
        for name, figures in by.items()
        if name != OURS
    }


def document(results: Results) -> dict[str, Any]:
    """What was measured; rates are per second."""
    contests = results.contests
    found: dict[str, Any] = {
        "machine": particulars(),
        "ratios": ratios(contests),
        "figures": {what: {name: figures.report() for name, figures in by.items()} for what, by in contests.items()},
    }
    if results.full is not None:
        found["flow"] = flow.report(results.full, results.paces)
        if "consumer" in contests:
            bare = {what: contests[what][BARE].median for what in ("consumer", "relay")}
            found["ratios"]["flow_vs_bare"] = round(results.full.share_of_bare(**bare), 3)
    if results.idle:
        found["idle"] = idle.report(results.idle)
    if results.singles is not None:
        found["singles"] = singles.report(results.singles)
    if results.grown is not None:
        found["growth"] = growth.report(results.grown)
        found["ratios"] |= growth.ratios(results.grown.visits)
    return found


def merged(earlier: Mapping[str, Any], found: Mapping[str, Any], parts: set[Part], *, quick: bool) -> dict[str, Any]:
    """``found`` with what an ``earlier`` document has of other parts; ``measured`` says of each part when and how."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    whole = dict(earlier) | dict(found)
    for shared in ("ratios", "figures"):
        whole[shared] = {**earlier.get(shared, {}), **found[shared]}
    whole["measured"] = earlier.get("measured", {}) | {part: {"at": now, "quick": quick} for part in sorted(parts)}
    return whole


NEEDED = {
    "consumer": {Part.CONSUMER},
    "relay": {Part.CONSUMER},
    "http": {Part.HTTP},
    "flow": {Part.CONSUMER, Part.FLOW},
    "growth": {Part.GROWTH},
}
"""Which parts a ratio comes from, by its first word."""


def demanded(expected: Mapping[str, float], parts: set[Part]) -> dict[str, float]:
    """What is expected of ``parts``."""
    return {name: ratio for name, ratio in expected.items() if NEEDED[name.partition("_")[0]] <= parts}


def halved(found: Mapping[str, float], expected: Mapping[str, float]) -> list[str]:
    """What has become slow: every expected ratio of which less than half was found, or nothing at all."""
    return [
        f"{name} is {found.get(name, 0.0):g}, less than half of {ratio:g}"
        for name, ratio in expected.items()
        if found.get(name, 0.0) < ratio / 2
    ]


def show(console: Console, found: Mapping[str, Any]) -> None:
    """The document as tables."""
    if found["figures"]:
        console.print(_sides(found))
    if "flow" in found:
        console.print(_waits(found["flow"]))
    if "idle" in found:
        usage = Table("process", "% of a core", "MB", title="Idle")
        for name, one in found["idle"]["processes"].items():
            usage.add_row(name, f"{one['cpu_percent']:g}", f"{one['memory_mb']:g}")
        usage.add_row("services together", f"{found['idle']['services_cpu_percent']:g}", "")
        console.print(usage)
    if "singles" in found:
        alone = Table("one at a time", "ms", title="Single commands at idle")
        for what, by in found["singles"].items():
            alone.add_row(what.removesuffix("_ms"), _said(by))
        console.print(alone)
    if "growth" in found:
        for table in _growth(found["growth"]):
            console.print(table)
    for name, ratio in found["ratios"].items():
        console.print(f"{name} {ratio:g}", highlight=False)
    machine = found["machine"]
    console.print(f"Python {machine['python']}, yardstick {machine['yardstick_ms']:g} ms", highlight=False)


def _sides(found: Mapping[str, Any]) -> Table:
    table = Table("measured", "contender", "per second", "range", "ours is", title="Side by side")
    for what, by in found["figures"].items():
        for name, figures in by.items():
            low, high = figures["range"]
            ratio = found["ratios"].get(f"{what}_vs_{name}")
            times = "" if ratio is None else f"{ratio:.2f} ×"
            table.add_row(what, name, f"{figures['median']:,.0f}", f"{low:,.0f} … {high:,.0f}", times)
    return table


def _waits(full: Mapping[str, Any]) -> Table:
    table = Table("load", "per second", "accept → dispatched, ms", "complete → revisit, ms", title="Lifecycles")
    table.add_row("full", f"{full['lifecycles_per_second']:g}", f"{full['cpu_ms_per_lifecycle']:g} of processor", "")
    for share, at in full["at"].items():
        said = [_said(at[waited]) for waited in ("accept_to_dispatched_ms", "complete_to_revisit_ms")]
        table.add_row(share, f"{at['rate']:g}", *said)
    return table


def _growth(found: Mapping[str, Any]) -> Iterator[Table]:
    orders = found["orders"]
    table = Table("orders", "ready, s", "http/s", "p99, ms", "flow/s", "accept → dispatched, ms", title="Growth")
    for size, one in orders.items():
        waited = _said(one["accept_to_dispatched_ms"])
        rates = [f"{one['http_per_second']:g}", f"{one['http_ms']['p99']:g}", f"{one['flow_per_second']:g}"]
        table.add_row(f"{int(size):,}", f"{one['start_seconds']:g}", *rates, waited)
    yield table
    lists = Table("p50, p99 in ms", *(f"{int(size):,}" for size in orders), title="Queue pages and the sweep")
    for name in next(iter(orders.values()))["pages_ms"]:
        lists.add_row(name, *(_middle_and_most(one["pages_ms"][name]) for one in orders.values()))
    lists.add_row("sweep", *(_middle_and_most(one["sweep_ms"]) for one in orders.values()))
    yield lists


def _middle_and_most(figures: Mapping[str, float]) -> str:
    return f"{figures['p50']:g}, {figures['p99']:g}"


def _said(figures: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in figures.items())
