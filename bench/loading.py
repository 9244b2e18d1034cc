"""Fill a service's database with history: ``python -m bench.loading SAMPLES DSN ORDERS STREETS``.

By COPY, into tables whose indexes are built afterwards, and frozen at once: autovacuum has nothing to do when services
start. The samples themselves make way.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import uvloop

from bench.samples import CLOSED, Rows, Samples
from bench.templates import MANY, OPEN_SHARE, Copy, Template, closed_copies, open_copies, thinned

CHUNK = 500  # copies in one piece of COPY
OPEN = {
    "in time: signed": 50,
    "in time: revisit opened": 20,
    "in time: dispatched": 10,
    "in time: submitted": 8,
    "late: dispatched": 6,
    "in time: registered": 4,
    "late: registered": 2,
}
"""How many of a hundred open issues have come so far."""
THINNED = ("events", "journal")
KEYS = "idempotency_keys"
_INDEXES = """
SELECT CASE WHEN c.oid IS NULL THEN format('DROP INDEX %s', i.indexrelid::regclass)
            ELSE format('ALTER TABLE %s DROP CONSTRAINT %I', c.conrelid::regclass, c.conname) END,
       CASE WHEN c.oid IS NULL THEN pg_get_indexdef(i.indexrelid)
            ELSE format('ALTER TABLE %s ADD CONSTRAINT %I %s', c.conrelid::regclass, c.conname,
                        pg_get_constraintdef(c.oid)) END
FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid WHERE i.indrelid = $1::text::regclass
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """How many issues of which sample, and where."""

    samples: Samples
    orders: int
    streets: Sequence[str]
    now: datetime

    def copies(self) -> Iterator[tuple[str, Copy]]:
        """Every issue, with the sample that it is a copy of."""
        open_ = round(self.orders * OPEN_SHARE)
        first = self.orders - open_
        for copy in closed_copies(first, self.samples.begun[CLOSED], self.now, self.streets):
            yield CLOSED, copy
        for sample, share in OPEN.items():
            count = round(open_ * share / sum(OPEN.values()))
            for copy in open_copies(count, first, self.streets):
                yield sample, copy
            first += count

    def pieces(self, table: str) -> Iterator[bytes]:
        """A table's rows as COPY reads them."""
        rows = self.samples.tables[table]
        full = {sample: Template.of(lines) for sample, lines in rows.lines.items()}
        is_thinned = self.orders >= MANY and table in THINNED and CLOSED in rows.lines
        old = full | ({CLOSED: _thin(rows)} if is_thinned else {})
        wanted = ((sample, copy) for sample, copy in self.copies() if sample in full)
        if table == KEYS:
            wanted = ((sample, copy) for sample, copy in wanted if copy.is_recent)
        piece: list[str] = []
        for sample, copy in wanted:
            piece.append((old if copy.is_old else full)[sample].fill(copy))
            if len(piece) == CHUNK:
                yield "".join(piece).encode()
                piece.clear()
        yield "".join(piece).encode()


def _thin(rows: Rows) -> Template:
    return Template.of(thinned(line, rows.columns) for line in rows.lines[CLOSED])


async def load(connection: "asyncpg.Connection[asyncpg.Record]", plan: Plan) -> None:
    """Fill every table that the samples have left rows in."""
    await connection.execute("SET maintenance_work_mem = '1GB'")
    for table, rows in plan.samples.tables.items():
        async with connection.transaction():
            indexes = await connection.fetch(_INDEXES, table)
            await connection.execute(f"TRUNCATE {table}")
            # What they would write is among the tables.
            await connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            for drop, _ in indexes:
                await connection.execute(drop)
            await connection.copy_to_table(
                table, source=_async(plan.pieces(table)), columns=rows.columns, freeze=True, timeout=None
            )
            for _, create in indexes:
                await connection.execute(create, timeout=None)
            await connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    await connection.execute("ANALYZE", timeout=None)


async def _async(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def main(file: str, dsn: str, orders: str, streets: str) -> None:
    """Load ``orders`` issues at ``streets`` (codes, separated by commas)."""
    plan = Plan(Samples.read(Path(file)), int(orders), streets.split(","), datetime.now(UTC))
    connection = await asyncpg.connect(dsn)
    try:
        await load(connection, plan)
    finally:
        await connection.close()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(*sys.argv[1:]))
