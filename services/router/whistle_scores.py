"""吹哨报到评分: what the scores of a rating come to, by a formula whose version is kept with the result. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

REPORTED_IN, ACTED, SOLVED = "reported_in", "acted", "solved"
NEEDED, PRECISE = "needed", "precise"
OF_DEPARTMENT, OF_STREET = (REPORTED_IN, ACTED, SOLVED), (NEEDED, PRECISE)
"""What a street rates of a department, and a department of the street that blew."""


@dataclass(frozen=True, slots=True)
class Formula:
    """The city's formula: weights by criterion, and from which score on a matter counts as solved (0–100)."""

    version: str
    weights: Mapping[str, float]
    solved_from: int

    def of_department(self, reported_in: int, acted: int, solved: int) -> int:
        """部门得分, 0–100."""
        return self._mean({REPORTED_IN: reported_in, ACTED: acted, SOLVED: solved})

    def of_street(self, needed: int, precise: int) -> int:
        """吹哨街道得分, 0–100."""
        return self._mean({NEEDED: needed, PRECISE: precise})

    def _mean(self, scores: Mapping[str, int]) -> int:
        total = sum(self.weights[criterion] * score for criterion, score in scores.items())
        return int(total / sum(self.weights[criterion] for criterion in scores) + 0.5)
