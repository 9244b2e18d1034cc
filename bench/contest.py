"""Contenders take turns, A B A B, so that what the machine does meanwhile meets all of them alike."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

Try = Callable[[int], Awaitable[Mapping[str, float]]]
"""One try, numbered from 0; returns units per second by what was measured."""
Told = Callable[[str, int, Mapping[str, float]], None]
"""Hears of each try as it ends."""
EDGE = 0.1
"""The share at either end of a try that does not count: processes start there, and batches are not full."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured, in each round that counts."""

    rounds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The one that stands for all."""
        return median(self.rounds)

    def report(self) -> dict[str, Any]:
        """Median, range, and every round."""
        return {
            "median": round(self.median, 2),
            "range": [round(min(self.rounds), 2), round(max(self.rounds), 2)],
            "rounds": [round(one, 2) for one in self.rounds],
        }


async def interleave(tries: Mapping[str, Try], rounds: int, told: Told) -> dict[str, dict[str, Figures]]:
    """Let every contender have its tries in turns; returns what was measured -> contender -> figures.

    A first round warms caches up and does not count. The order is turned round in every other round.
    """
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for number in range(rounds + 1):
        for name in list(tries)[:: -1 if number % 2 else 1]:
            rates = await tries[name](number)
            told(name, number, rates)
            for what, rate in rates.items():
                if number:
                    found[what][name].append(rate)
    return {what: {name: Figures(tuple(rates)) for name, rates in by.items()} for what, by in found.items()}


def steady_rate(times: Sequence[tuple[float, int]]) -> float:
    """Units per second without the edges; ``times`` has seconds, and how many units were done just then.

    Raises ValueError when everything was done at once, or nothing at all: then there is no rate.
    """
    ordered = sorted(times)
    total = sum(count for _, count in ordered)
    done = 0
    marks: list[tuple[float, int]] = []
    for at, count in ordered:
        done += count
        if total * EDGE <= done <= total * (1 - EDGE):
            marks.append((at, done))
    if len(marks) < 2:
        raise ValueError(f"{total} units in {len(ordered)} steps are too few to tell a rate.")
    (begin, before), (end, after) = marks[0], marks[-1]
    return (after - before) / (end - begin)
