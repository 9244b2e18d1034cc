"""Writes that one statement does together: each by itself would cost a round trip, and hold rows for so much longer.

Parts of a data-modifying WITH do not see what the others do: no two of them may touch the same row.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from chassis.database import Conn

_PARAMETER = re.compile(r"\$(\d+)")
_COUNT = "(SELECT count(*) FROM p<number>)"
_KEPT = "ARRAY(SELECT (<columns>) FROM p<number> ORDER BY <columns>)"


class Part(NamedTuple):
    """An INSERT, UPDATE or DELETE; ``exactly``: how many rows it has to touch, and what is raised otherwise.

    ``keep``: columns of the rows it touches, and the list to which they are added as tuples, in ascending order.
    """

    sql: str
    values: Sequence[Any]
    exactly: tuple[int, Exception] | None
    keep: tuple[str, list[Any]] | None

    def check(self, touched: int) -> None:
        """Raise if these were too few, or too many."""
        if self.exactly is not None and touched != self.exactly[0]:
            raise self.exactly[1]


class Writes:
    """What a transaction is going to write, in that order."""

    def __init__(self) -> None:
        self.parts: list[Part] = []

    def add(
        self,
        sql: str,
        *values: Any,
        exactly: tuple[int, Exception] | None = None,
        keep: tuple[str, list[Any]] | None = None,
    ) -> None:
        """Add a part with parameters from $1 on."""
        self.parts.append(Part(sql, values, exactly, keep))

    async def run(self, conn: Conn) -> None:
        """Do all of it; raises what a part has for a wrong number of rows."""
        if not self.parts:
            return
        values = [value for part in self.parts for value in part.values]
        statement = _together(tuple((part.sql, part.keep[0] if part.keep else "") for part in self.parts))
        for part, touched in zip(self.parts, await conn.fetchrow(statement, *values) or (), strict=True):
            if part.keep:
                part.check(len(touched))
                part.keep[1].extend(touched)
            else:
                part.check(touched)


@lru_cache(maxsize=256)
def _together(parts: tuple[tuple[str, str], ...]) -> str:
    """One statement that returns of each part how many rows it touched, or what is kept of them.

    The parameters are those of the parts, in turn.
    """
    used, texts, results = 0, [], []
    for number, (part, columns) in enumerate(parts):
        texts.append(f"p{number} AS ({_renumbered(part, used)} RETURNING {columns or 1})")
        result = _KEPT.replace("<columns>", columns) if columns else _COUNT
        results.append(result.replace("<number>", str(number)))
        used += max(int(found) for found in _PARAMETER.findall(part))
    return f"WITH {', '.join(texts)} SELECT {', '.join(results)}"


def _renumbered(part: str, used: int) -> str:
    return _PARAMETER.sub(lambda found: f"${int(found[1]) + used}", part)
