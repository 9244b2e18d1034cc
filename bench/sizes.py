"""Databases with so many orders in them, side by side on one server; made once, and kept with the server's data."""

import asyncio
import csv
import os
import sys
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import asyncpg

from bench import databases, samples
from contracts.topics import TOPICS
from stack import paths
from stack.children import run_to_end
from stack.databases import database_url
from stack.errors import StackError
from stack.fleet import SERVICES, Fleet
from stack.local import Ground, local_ground
from stack.progress import say
from stack.topics import create_topics

STREETS = paths.ROOT / "services" / "router" / "reference" / "streets.csv"
HEAVY = 100_000
"""Orders from which loading is a matter of the disk: the server then writes no second copy of them into its log."""
LESS_LOGGED = {"wal_level": "minimal", "max_wal_senders": "0", "max_wal_size": "4GB"}


_SIZES = """
SELECT relname::text, reltuples::float8, pg_total_relation_size(oid)::float8 FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """``rows`` of one table that belong to one issue, and what each takes, indexes included."""

    rows: int
    bytes_per_row: float


def prefix(size: int) -> str:
    """Of the topics and databases of a size."""
    return f"g{size}."


@contextmanager
def ground_with(state: Path, sizes: Sequence[int]) -> Generator[Ground]:
    """A ground on which databases of all ``sizes`` stand; those that ``state`` has already are taken as they are.

    Blocks; raises `StackError`. The embedded server is started anew around the loading of many.
    """
    missing = [size for size in sizes if not _mark(state, size).exists()]
    anew = max(missing, default=0) >= HEAVY and os.environ.get("STACK", "embedded") == "embedded"
    with local_ground(state) as ground:
        if missing:
            _copy_samples(ground, state, missing)
        if not anew:
            _load(ground, state, missing)
            yield ground
            return
        asyncio.run(_configure(ground, [f"ALTER SYSTEM SET {name} = '{to}'" for name, to in LESS_LOGGED.items()]))
    with local_ground(state) as ground:
        _load(ground, state, missing)
        asyncio.run(_configure(ground, ["ALTER SYSTEM RESET ALL", "CHECKPOINT"]))
    with local_ground(state) as ground:
        yield ground


def fleet_of(ground: Ground, size: int) -> Fleet:
    """The services on the databases of a size."""
    patient = {"intake": {"MAX_UNPUBLISHED_SECONDS": "3600"}}  # its relay is kept away for a while
    return Fleet(ground.children, ground.surroundings, ground.logs, topic_prefix=prefix(size), extra_env=patient)


async def stored(ground: Ground, state: Path, size: int) -> dict[str, dict[str, Stored]]:
    """By service and table, what a closed issue leaves there; seen at a size whose events are whole."""
    found: dict[str, dict[str, Stored]] = {}
    for name in SERVICES:
        dsn = database_url(ground.surroundings.database_url, f"qc_{prefix(size)}{name}")
        made = samples.Samples.read(_file(state, name))
        for table, rows, bytes_ in await databases.rows(dsn, _SIZES):
            lines = made.tables[table].lines.get(samples.CLOSED, []) if table in made.tables else []
            if lines and rows > 0:
                found.setdefault(name, {})[table] = Stored(len(lines), bytes_ / rows)
    return found


def _copy_samples(ground: Ground, state: Path, sizes: Sequence[int]) -> None:
    if not _file(state, SERVICES[-1]).exists():
        for name, made in samples.make(ground, state).items():
            made.write(_file(state, name))
    asyncio.run(_databases(ground, sizes))


async def _databases(ground: Ground, sizes: Sequence[int]) -> None:
    around = ground.surroundings
    await create_topics(around.kafka, [f"{prefix(size)}{topic}" for size in sizes for topic in TOPICS])
    for size in sizes:
        for name in SERVICES:
            copy, original = f"qc_{prefix(size)}{name}", f"qc_{samples.PREFIX}{name}"
            await _configure(
                ground,
                [
                    f'DROP DATABASE IF EXISTS "{copy}" WITH (FORCE)',
                    f'CREATE DATABASE "{copy}" TEMPLATE "{original}" STRATEGY FILE_COPY',
                ],
            )


def _load(ground: Ground, state: Path, sizes: Sequence[int]) -> None:
    with STREETS.open() as file:
        streets = ",".join(row[0] for row in csv.reader(file))
    for size in sizes:
        begun = perf_counter()
        if size:
            with ThreadPoolExecutor(len(SERVICES)) as pool:
                for done in [pool.submit(_load_one, ground, state, name, size, streets) for name in SERVICES]:
                    done.result()
        _mark(state, size).touch()
        say(f"{size:,} orders were loaded in {perf_counter() - begun:.0f} s.")


def _load_one(ground: Ground, state: Path, name: str, size: int, streets: str) -> None:
    dsn = database_url(ground.surroundings.database_url, f"qc_{prefix(size)}{name}")
    command = [sys.executable, "-m", "bench.loading", str(_file(state, name)), dsn, str(size), streets]
    code, output = run_to_end(command)
    if code:
        raise StackError(f"Loading {size} orders for {name} ended with code {code}: {output}")


async def _configure(ground: Ground, statements: Sequence[str]) -> None:
    connection = await asyncpg.connect(ground.surroundings.database_url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


def _file(state: Path, name: str) -> Path:
    return state / f"samples-{name}.json"


def _mark(state: Path, size: int) -> Path:
    return state / f"loaded-{size}"
