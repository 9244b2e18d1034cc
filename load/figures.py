"""What was measured in a run: response times by name, errors, lateness, and what became of the issues. Pure."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import ceil

COMMAND, READ, WAIT = "POST", "GET", "wait"
"""Kinds of measurements: something was done, or looked at, or waited for until it had come through by events."""
GROUPS: Mapping[str, str] = {"commands": COMMAND, "reads": READ, "waits": WAIT}
LATENESS = "lateness"
SHARES: Mapping[str, float] = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}


def _numbers() -> "array[float]":
    return array("d")  # a tenth of what a list of floats needs: an hour at the thousandfold rate is millions of them


@dataclass
class Figures:
    """A run's measurements, in milliseconds. ``begun``, ``completed`` and ``failed`` count issues."""

    times: defaultdict[tuple[str, str], "array[float]"] = field(default_factory=lambda: defaultdict(_numbers))
    """By kind and name."""
    lateness: "array[float]" = field(default_factory=_numbers)
    """Of the generator, per request."""
    errors: Counter[str] = field(default_factory=Counter)
    """Requests that were not answered as they had to be, by what went wrong."""
    begun: int = 0
    completed: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)

    @property
    def requests(self) -> int:
        """Requests made; what was waited for is not one, the looks at it are."""
        answered = sum(len(times) for (kind, _), times in self.times.items() if kind != WAIT)
        return answered + self.errors.total()

    @property
    def under_way(self) -> int:
        """Issues that have neither ended nor been given up."""
        return self.begun - self.completed.total() - self.failed.total()

    def milliseconds(self, of: str) -> Mapping[str, float]:
        """p50, p95, p99 and max of a group (``commands``, ``reads``, ``waits``), of ``lateness`` or of one name.

        Empty if nothing was measured under it.
        """
        if of == LATENESS:
            return percentiles(self.lateness)
        kind = GROUPS.get(of)
        chosen = [times for (its, name), times in self.times.items() if of == name or kind == its]
        return percentiles(value for times in chosen for value in times)

    def ratio(self, of: str) -> float | None:
        """``errors`` per request, or ``completed`` per issue begun; None if there was nothing to divide by."""
        part, whole = {
            "errors": (self.errors.total(), self.requests),
            "completed": (self.completed.total(), self.begun),
        }[of]
        return part / whole if whole else None


def percentiles(values: Iterable[float]) -> Mapping[str, float]:
    """Nearest-rank p50, p95, p99 and max of ``values``; empty if there are none."""
    ordered = sorted(values)
    if not ordered:
        return {}
    return {name: ordered[max(0, ceil(share * len(ordered)) - 1)] for name, share in SHARES.items()}
