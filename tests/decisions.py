"""`python -m tests.decisions`: what a record costs the router between its bytes and its commit, without a broker.

Its reader and its pipeline, in turns with the bare rows of the same records, in one process and on one server: quick
to run again and again, and what a profiler is pointed at. It stands here because `bench` knows services only as
commands.
"""

import asyncio
import gc
import os
import tempfile
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Annotated

import asyncpg
import typer
import uvloop

from bench.consumer import sample
from bench.records import accepted
from chassis import telemetry
from chassis.database import POINT_ACCESS, open_pool
from chassis.in_hand import InHand
from chassis.limits import load_limits
from chassis.migrate import migrate
from chassis.pipeline import LANES, Pipeline
from chassis.private_data import Vault
from chassis.reader import Reader
from chassis.reference import ReferenceCache, load_directory
from chassis.service import COLLECT_AFTER
from chassis.work import Record
from services.router import reference_tables
from services.router.__main__ import HERE
from services.router.aggregates import orders
from services.router.reactions import reactions
from stack.children import Children
from stack.databases import create_database, drop_database
from stack.postgres_embedded import EmbeddedPostgres

BATCH = 500  # as the consumer's
NAME = "qc_decisions"


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one record, in microseconds: until it is committed, and of this process's processor."""

    wall: float
    cpu: float


class Meter:
    """Takes the time of a block that handles ``records``."""

    def __init__(self, records: int) -> None:
        self._records = records
        self.costs: list[Cost] = []

    @contextmanager
    def measured(self) -> Generator[None]:
        """The block's time becomes one more of ``costs``."""
        wall, cpu = perf_counter(), process_time()
        yield
        share = 1e6 / self._records
        self.costs.append(Cost((perf_counter() - wall) * share, (process_time() - cpu) * share))

    def median(self) -> Cost:
        """The middle of all but the first, which warms up."""
        counted = self.costs[1:]
        return Cost(median(cost.wall for cost in counted), median(cost.cpu for cost in counted))


def main(
    records: Annotated[int, typer.Option(help="In each turn.")] = 5_000,
    rounds: Annotated[int, typer.Option(help="That count.")] = 3,
) -> None:
    """Print the cost of a record, ours and bare."""
    url = os.environ.get("DATABASE_URL")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        if url:
            runner.run(_measure(url, records, rounds))
            return
        with tempfile.TemporaryDirectory() as folder, Children() as children:
            Path(folder).chmod(0o755)
            server = EmbeddedPostgres(children, Path(folder))
            try:
                runner.run(_measure(server.start(), records, rounds))
            finally:
                server.stop()


async def _measure(admin_url: str, records: int, rounds: int) -> None:
    await drop_database(admin_url, NAME)
    dsn = await create_database(admin_url, NAME)
    try:
        await asyncio.to_thread(migrate, dsn, HERE / "migrations")
        await load_directory(dsn, reference_tables.DIRECTORY, reference_tables.read, reference_tables.build, None, None)
        ours, bare = Meter(records), Meter(records)
        telemetry.configure("router", None)
        gc.freeze()
        gc.set_threshold(COLLECT_AFTER)
        async with _router(dsn) as (reader, pipeline):
            connection = await asyncpg.connect(dsn)
            for _ in range(rounds + 1):
                batches = _batches(records)
                with ours.measured():
                    await _consume(reader, pipeline, batches)
                rows = await sample(dsn)
                ids = [[_issue(record) for record in batch] for batch in _batches(records)]
                with bare.measured():
                    for some in ids:
                        await rows.write(connection, some)
                _say("", ours.costs[-1], bare.costs[-1])
            await connection.close()
        _say("median ", ours.median(), bare.median())
    finally:
        await drop_database(admin_url, NAME)


async def _consume(reader: Reader, pipeline: Pipeline, batches: Sequence[Sequence[Record]]) -> None:
    """As the consumer does: one batch is read while the one before it is written."""
    in_hand = InHand(reader, pipeline)
    for batch in batches:
        await in_hand.begin(batch)
        await in_hand.finish(1)
    await in_hand.finish(0)


@asynccontextmanager
async def _router(dsn: str) -> AsyncGenerator[tuple[Reader, Pipeline]]:
    pool, writing = await open_pool(dsn), await open_pool(dsn, POINT_ACCESS, size=LANES)
    work_orders = orders(load_limits(HERE / "limits.toml", None))
    cache = ReferenceCache(pool, reference_tables.build)
    await cache.refresh()
    pipeline = Pipeline(writing, Vault({"bench": bytes(32)}, "bench"))
    task = asyncio.create_task(pipeline.run())
    try:
        yield Reader(reactions(work_orders, lambda: cache.current), ""), pipeline
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await writing.close()
        await pool.close()


def _batches(count: int) -> list[list[Record]]:
    records = [
        Record("intake.issues", 0, offset, key, value, headers)
        for offset, (key, value, headers) in enumerate(accepted(count))
    ]
    return [records[start : start + BATCH] for start in range(0, count, BATCH)]


def _issue(record: Record) -> str:
    return (record.key or b"").decode()


def _say(what: str, ours: Cost, bare: Cost) -> None:
    typer.echo(
        f"{what}ours {ours.wall:.0f} µs ({ours.cpu:.0f} of processor), bare {bare.wall:.0f} µs ({bare.cpu:.0f}), "
        f"ratio {bare.wall / ours.wall:.2f}"
    )


if __name__ == "__main__":
    typer.run(main)
