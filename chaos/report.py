"""What came of it, for people and for programs."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from rich.console import Console
from rich.table import Table

from chaos.invariants import KINDS, Violation

MOST_SHOWN = 50


@dataclass(slots=True)
class Outcome:
    """A run of chaos. ``recoveries``: seconds after each fault until everything worked again."""

    minutes: float
    seed: int
    faults: Counter[str] = field(default_factory=Counter)
    recoveries: list[float] = field(default_factory=list)
    commands: int = 0
    events: int = 0
    violations: list[Violation] = field(default_factory=list)

    def report(self) -> dict[str, Any]:
        """The document for ``build/reports/chaos.json``."""
        counted = Counter(violation.kind for violation in self.violations)
        return {
            "minutes": self.minutes,
            "seed": self.seed,
            "faults": dict(sorted(self.faults.items())),
            "commands": self.commands,
            "events": self.events,
            **{kind: counted[kind] for kind in KINDS},
            "recovery_seconds": {"p50": _percentile(self.recoveries, 0.5), "max": _percentile(self.recoveries, 1.0)},
        }


def _percentile(values: Sequence[float], share: float) -> float | None:
    """The nearest-rank percentile; None if there are no values."""
    ordered = sorted(values)
    return round(ordered[max(0, ceil(share * len(ordered)) - 1)], 1) if ordered else None


def show(console: Console, outcome: Outcome, retries: Counter[str]) -> None:
    """A table of the figures, and what is wrong, if anything is."""
    table = Table(title=f"Chaos, {outcome.minutes:g} minutes, seed {outcome.seed}", show_header=False)
    report = outcome.report()
    for name in ("commands", "events", *KINDS):
        table.add_row(name, str(report[name]))
    table.add_row("recovery, s", f"p50 {report['recovery_seconds']['p50']}, max {report['recovery_seconds']['max']}")
    table.add_row("faults", ", ".join(f"{kind} {times}" for kind, times in report["faults"].items()))
    table.add_row("asked again after", ", ".join(f"{why} {times}" for why, times in retries.most_common()))
    console.print(table)
    for violation in outcome.violations[:MOST_SHOWN]:
        console.print(f"{violation.kind}: {violation.what}", markup=False, highlight=False, soft_wrap=True)
    if len(outcome.violations) > MOST_SHOWN:
        console.print(f"… and {len(outcome.violations) - MOST_SHOWN} more")
