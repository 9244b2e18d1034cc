"""All writes of a transaction as one statement: a round trip to the server costs more than most of what it asks for.

Each write is a data-modifying CTE. They see the same snapshot and not each other, so no two of them may touch the
same row; a write that finds its row taken says so by its count, not by an error that would hide the reason.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from chassis.database import Conn

_PLACEHOLDER = re.compile(r"\$(\d+)")
_COUNT = "(SELECT count(*) FROM w<number>)"


@dataclass(frozen=True, slots=True)
class Write:
    """An INSERT, UPDATE or DELETE with its own ``$1…`` and a RETURNING clause.

    ``stale`` is what is raised when it does not touch exactly ``rows`` rows; None: any number is right.
    """

    sql: str
    values: Sequence[object]
    rows: int = 0
    stale: type[Exception] | None = None


async def execute(conn: Conn, writes: Sequence[Write]) -> None:
    """Run all of them. Raises the ``stale`` of the first one that did not find what it should."""
    if not writes:
        return
    statement = _combine(tuple(write.sql for write in writes))
    counts = await conn.fetchrow(statement, *(value for write in writes for value in write.values))
    for write, count in zip(writes, counts or (), strict=True):
        if write.stale is not None and count != write.rows:
            raise write.stale


@lru_cache(maxsize=1024)  # a service has a few dozen combinations of tables
def _combine(statements: tuple[str, ...]) -> str:
    parts: list[str] = []
    counts: list[str] = []
    used = 0
    for number, sql in enumerate(statements):
        parts.append(f"w{number} AS ({_shifted(sql, used)})")
        used += max(int(digits) for digits in _PLACEHOLDER.findall(sql))
        counts.append(_COUNT.replace("<number>", str(number)))
    return f"WITH {', '.join(parts)} SELECT {', '.join(counts)}"


def _shifted(sql: str, used: int) -> str:
    return _PLACEHOLDER.sub(lambda found: f"${int(found[1]) + used}", sql)
