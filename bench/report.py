"""What came of it: `build/reports/bench.json` for programs, tables for people."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import flow, idle, singles
from bench.contest import Figures
from bench.machine import particulars
from bench.play import Results

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
    """The report; rates are per second."""
    contests = results.contests
    bare = {what: contests[what][BARE].median for what in ("consumer", "relay")}
    return {
        "machine": particulars(),
        "ratios": ratios(contests) | {"flow_vs_bare": round(results.full.share_of_bare(**bare), 3)},
        "figures": {what: {name: figures.report() for name, figures in by.items()} for what, by in contests.items()},
        "flow": flow.report(results.full, results.paces),
        "idle": idle.report(results.idle),
        "singles": singles.report(results.singles),
    }


def halved(found: Mapping[str, float], expected: Mapping[str, float]) -> list[str]:
    """What has become slow: every expected ratio of which less than half was found, or nothing at all."""
    return [
        f"{name} is {found.get(name, 0.0):g}, less than half of {ratio:g}"
        for name, ratio in expected.items()
        if found.get(name, 0.0) < ratio / 2
    ]


def show(console: Console, results: Results, found: Mapping[str, Any]) -> None:
    """Everything as tables; ``found`` is the document."""
    sides = Table("measured", "contender", "per second", "range", "ours is", title="Side by side")
    for what, by in results.contests.items():
        for name, figures in by.items():
            low, high = min(figures.rounds), max(figures.rounds)
            ratio = found["ratios"].get(f"{what}_vs_{name}")
            times = "" if ratio is None else f"{ratio:.2f} ×"
            sides.add_row(what, name, f"{figures.median:,.0f}", f"{low:,.0f} … {high:,.0f}", times)
    console.print(sides)
    full = found["flow"]
    waits = Table("load", "per second", "accept → dispatched, ms", "complete → revisit, ms", title="Lifecycles")
    waits.add_row("full", f"{full['lifecycles_per_second']:g}", f"{full['cpu_ms_per_lifecycle']:g} of processor", "")
    for share, at in full["at"].items():
        said = [_said(at[waited]) for waited in ("accept_to_dispatched_ms", "complete_to_revisit_ms")]
        waits.add_row(share, f"{at['rate']:g}", *said)
    console.print(waits)
    usage = Table("process", "% of a core", "MB", title="Idle")
    for name, one in found["idle"]["processes"].items():
        usage.add_row(name, f"{one['cpu_percent']:g}", f"{one['memory_mb']:g}")
    console.print(usage)
    alone = Table("one at a time", "ms", title="Single commands at idle")
    for what, by in found["singles"].items():
        alone.add_row(what.removesuffix("_ms"), _said(by))
    console.print(alone)
    ratio = found["ratios"]["flow_vs_bare"]
    console.print(
        f"flow is {ratio:.2f} × what bare loops allow; services idle at "
        f"{found['idle']['services_cpu_percent']:g} % of a core"
    )


def _said(figures: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in figures.items())
