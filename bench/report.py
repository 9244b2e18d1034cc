"""What came of it: `build/reports/bench.json` for programs, tables for people."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.contest import Figures
from bench.machine import particulars

Measured = Mapping[str, Mapping[str, Figures]]
"""What was measured -> contender -> figures."""
OURS = "ours"


def ratios(measured: Measured) -> dict[str, float]:
    """``<what>_vs_<contender>``: how many times as much ours does."""
    return {
        f"{what}_vs_{name}": round(by[OURS].median / figures.median, 3)
        for what, by in measured.items()
        for name, figures in by.items()
        if name != OURS
    }


def document(measured: Measured) -> dict[str, Any]:
    """The report; figures are per second."""
    return {
        "machine": particulars(),
        "ratios": ratios(measured),
        "figures": {what: {name: figures.report() for name, figures in by.items()} for what, by in measured.items()},
    }


def show(console: Console, measured: Measured) -> None:
    """Everything as tables."""
    found = ratios(measured)
    table = Table("measured", "contender", "per second", "range", "ours is", title="Side by side")
    for what, by in measured.items():
        for name, figures in by.items():
            low, high = min(figures.rounds), max(figures.rounds)
            ratio = found.get(f"{what}_vs_{name}")
            times = "" if ratio is None else f"{ratio:.2f} ×"
            table.add_row(what, name, f"{figures.median:,.0f}", f"{low:,.0f} … {high:,.0f}", times)
    console.print(table)
