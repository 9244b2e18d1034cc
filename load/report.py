"""What came of a run, for people and for programs. Pure."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from load.figures import GROUPS, LATENESS, Figures
from load.settings import Settings
from load.thresholds import Verdict

MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Outcome:
    """A run. ``seconds`` until the last issue had ended; ``finished`` is False if somebody cut it short."""

    settings: Settings
    figures: Figures
    verdicts: Sequence[Verdict]
    seconds: float
    finished: bool

    @property
    def passed(self) -> bool:
        """Whether it ran to its end and kept every threshold."""
        return self.finished and all(verdict.kept for verdict in self.verdicts)

    def report(self) -> dict[str, Any]:
        """The document for ``build/reports/load.json``."""
        figures = self.figures
        names = sorted(figures.times)
        return {
            "passed": self.passed,
            "finished": self.finished,
            "settings": self.settings.shown(),
            "machine": {"generator_cores": os.cpu_count(), "python": platform.python_version()},
            "seconds": round(self.seconds, 1),
            "issues": {
                "begun": figures.begun,
                "completed": dict(figures.completed.most_common()),
                "failed": dict(figures.failed.most_common()),
                "under_way": figures.under_way,
            },
            "requests": figures.requests,
            "requests_per_second": round(figures.requests / self.seconds, 1) if self.seconds else 0.0,
            "errors": dict(figures.errors.most_common()),
            "milliseconds": {
                **{of: self._milliseconds(of, None) for of in (*GROUPS, LATENESS)},
                **{name: self._milliseconds(name, kind) for kind, name in names},
            },
            "thresholds": [verdict.report() for verdict in self.verdicts],
        }

    def _milliseconds(self, of: str, kind: str | None) -> dict[str, Any]:
        found = {name: round(value, 1) for name, value in self.figures.milliseconds(of).items()}
        return found if kind is None else {"kind": kind, "count": len(self.figures.times[kind, of]), **found}

    def lines(self) -> list[str]:
        """For people: the issues, what went wrong most, and every threshold, the verdict last."""
        figures = self.figures
        roads = ", ".join(f"{road} {times}" for road, times in figures.completed.most_common())
        said = [
            f"{figures.begun} calls in {self.seconds:.0f} s, {figures.completed.total()} came to their end ({roads}), "
            f"{figures.requests} requests, {figures.errors.total()} errors"
        ]
        for title, counted in (("error", figures.errors), ("not completed", figures.failed)):
            said += [f"  {title}, {times} times: {what}" for what, times in counted.most_common(MOST_SHOWN)]
        said += [f"  {'kept  ' if verdict.kept else 'BROKEN'}  {verdict.sentence()}" for verdict in self.verdicts]
        if not self.finished:
            said.append("It was cut short, which is no pass.")
        broken = sum(not verdict.kept for verdict in self.verdicts)
        said.append("Passed." if self.passed else f"Failed: {broken} of {len(self.verdicts)} thresholds broken.")
        return said
