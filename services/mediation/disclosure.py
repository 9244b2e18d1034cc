"""Figures without people: which cells of a table may be shown. Pure.

A cell that counts few cases could tell something about those who are in it, so it is not shown (k-anonymity as in GB/T
37964). What is hidden in a column is its total less the rest: so it must be more than one cell, and not few cases
together, or the smallest of the rest is hidden with it, or else the total.
"""

from collections.abc import Mapping, Sequence

Row = Mapping[str, int]
Shown = dict[str, int | None]
"""Column -> count; None: not shown."""
TOTAL = "total"


def shown(rows: Mapping[str, Row], smallest: int) -> dict[str, Shown]:
    """The rows, and their ``TOTAL``, with every count from 1 to below ``smallest`` hidden and none derivable."""
    columns = list(dict.fromkeys(column for row in rows.values() for column in row))
    answer: dict[str, Shown] = {key: {} for key in (*rows, TOTAL)}
    for column in columns:
        counts = {key: row.get(column, 0) for key, row in rows.items()}
        hidden = _hidden(counts, smallest)
        for key, count in counts.items():
            answer[key][column] = None if key in hidden else count
        total = sum(counts.values())
        few = 0 < total < smallest or _tells([counts[key] for key in hidden], smallest)
        answer[TOTAL][column] = None if few else total
    return answer


def _hidden(counts: Row, smallest: int) -> set[str]:
    hidden = {key for key, count in counts.items() if 0 < count < smallest}
    rest = [key for key, count in counts.items() if count >= smallest]
    if rest and _tells([counts[key] for key in hidden], smallest):
        hidden.add(min(rest, key=lambda key: (counts[key], key)))
    return hidden


def _tells(hidden: Sequence[int], smallest: int) -> bool:
    """Whether the sum of what is hidden gives something away."""
    return len(hidden) == 1 or 0 < sum(hidden) < smallest
