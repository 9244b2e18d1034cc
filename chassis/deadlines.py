"""The sweeper: turns deadlines that have come into commands. The rule decides; the sweeper only rings."""

import asyncio
from collections.abc import Sequence
from time import monotonic
from typing import Any

import structlog
from asyncpg.pool import Pool

from chassis.aggregate import Aggregate, To
from chassis.pipeline import TRANSIENT, Pipeline
from chassis.work import Due, Work

log = structlog.get_logger()

DUE = "SELECT aggregate, id::text, name, due_at FROM deadlines WHERE due_at <= now() ORDER BY due_at LIMIT $1"
"""What the sweeper looks at."""
_BATCH = 500
_LONGEST_PAUSE = 300.0  # seconds between tries of a deadline whose rule fails


class Sweeper:
    """Looks every ``period`` seconds; reads without locks, since the pipeline checks again with the row in hand."""

    def __init__(
        self, pool: Pool, pipeline: Pipeline, aggregates: Sequence[Aggregate[Any, Any, Any]], period: float
    ) -> None:
        self._pool = pool
        self._pipeline = pipeline
        self._aggregates = {aggregate.name: aggregate for aggregate in aggregates}
        self._period = period
        self._failed: dict[Due, tuple[float, float]] = {}
        """Deadlines whose rule failed: when to try again, and the pause before that."""

    async def run(self) -> None:
        """Sweep for ever; cancel to stop."""
        while True:
            try:
                due = await self._look()
            except TRANSIENT as error:
                log.warning("sweeper.retried", error=type(error).__name__)
                due = []
            await asyncio.gather(*(self._ring(one) for one in due))
            if len(due) < _BATCH:
                await asyncio.sleep(self._period)

    async def _look(self) -> list[Due]:
        # What fails and waits must not stand in the way of the rest.
        rows = await self._pool.fetch(
            DUE,
            _BATCH + len(self._failed),
        )
        now = monotonic()
        found = [Due(*row) for row in rows]
        self._failed = {due: tries for due in found if (tries := self._failed.get(due))}
        return [due for due in found if self._failed.get(due, (0.0, 0.0))[0] <= now][:_BATCH]

    async def _ring(self, due: Due) -> None:
        try:
            await self._pipeline.submit(self._work(due))
        except Exception as error:  # one rule's defect must not keep the other deadlines from ringing
            pause = min(2 * self._failed.get(due, (0.0, 0.5))[1], _LONGEST_PAUSE)
            self._failed[due] = (monotonic() + pause, pause)
            log.error("deadline.failed", aggregate=due.aggregate, deadline=due.name, error=type(error).__name__)

    def _work(self, due: Due) -> Work:
        aggregate = self._aggregates[due.aggregate]
        return Work(
            to=[To(aggregate, due.id, aggregate.on_deadline(due.name))],
            actor=f"deadline:{due.name}",
            identity=f"{due.aggregate}/{due.id}/{due.name}/{due.due_at.isoformat()}",
            due=due,
        )


async def overdue(pool: Pool, grace: float) -> int:
    """How many deadlines came more than ``grace`` seconds ago and were not handled."""
    count: int = await pool.fetchval(
        "SELECT count(*) FROM deadlines WHERE due_at < now() - make_interval(secs => $1)", grace
    )
    return count
