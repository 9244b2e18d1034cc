"""One service process in miniature: a pool, a pipeline, and whatever background work a test asks for."""

import asyncio
import json
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self

import asyncpg
from asyncpg.pool import Pool

from chassis.aggregate import Aggregate, To, Written
from chassis.pipeline import Pipeline
from chassis.private_data import Vault
from chassis.reader import Reader
from chassis.work import Record, Request, Work

KILL_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
"""Ends every other connection to this test's database."""


class Process:
    """Runs a pipeline and other background work until it is left; a task that died fails the test."""

    def __init__(self, pool: Pool, vault: Vault, *, journal: bool = False) -> None:
        self.pool = pool
        self.pipeline = Pipeline(pool, vault, journal=journal)
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self.start(self.pipeline.run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, _: BaseException | None, at: TracebackType | None
    ) -> None:
        died = [task for task in self._tasks if task.done() and not task.cancelled()]
        for task in reversed(self._tasks):
            await stop(task)
        if kind is None:
            for task in died:
                task.result()

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run ``work`` in the background."""
        task = asyncio.create_task(work)
        self._tasks.append(task)
        return task

    async def stop(self, task: asyncio.Task[None]) -> None:
        """End one background task in good order."""
        self._tasks.remove(task)
        await stop(task)

    def submit(self, *to: To, request: Request | None = None) -> "asyncio.Future[list[Written]]":
        """Send commands as one unit of work."""
        identity = "/".join(request.identity) if request else f"test-{id(to)}"
        return self.pipeline.submit(Work(to=to, actor="tester", identity=identity, request=request))

    async def deliver(self, reader: Reader, *records: Record) -> None:
        """Hand records over as the consumer does, and wait until they are handled."""
        await asyncio.gather(*(self.pipeline.submit(reader.read(record)) for record in records))

    async def execute(self, aggregate: Aggregate[Any, Any, Any], id_: str, command: object, **more: Any) -> Written:
        """Send one command and wait for what it wrote."""
        (written,) = await self.submit(To(aggregate, id_, command, **more))
        return written


async def stop(task: asyncio.Task[None]) -> None:
    """Cancel a task and wait for its end."""
    task.cancel()
    await asyncio.wait([task])


async def events_of(pool: Pool, id_: str) -> list[asyncpg.Record]:
    """The history of one aggregate, in order."""
    return await pool.fetch("SELECT * FROM events WHERE id = $1::text::uuid ORDER BY version", id_)


async def state_of(pool: Pool, aggregate: Aggregate[Any, Any, Any], id_: str) -> dict[str, Any]:
    """An aggregate's stored state, with its version."""
    query = "SELECT state::text, version FROM <table> WHERE id = $1::text::uuid".replace("<table>", aggregate.table)
    row = await pool.fetchrow(query, id_)
    return {} if row is None else {**json.loads(row["state"]), "version": row["version"]}


async def count(pool: Pool, table: str, where: str = "true") -> int:
    """How many rows there are."""
    query = "SELECT count(*) FROM <table> WHERE <condition>"
    found: int = await pool.fetchval(query.replace("<table>", table).replace("<condition>", where))
    return found


async def somebody_waits_for_a_lock(pool: Pool) -> bool:
    """Whether a transaction in this test's database waits for another one."""
    found: bool = await pool.fetchval(
        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')"
    )
    return found


async def letters(pool: Pool) -> list[asyncpg.Record]:
    """Dead letters as they were put aside."""
    return await pool.fetch("SELECT *, id::text AS letter, headers::text AS packed FROM dead_letters ORDER BY id")
