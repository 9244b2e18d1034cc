"""Looks at the tables every few seconds: figures for Prometheus and readiness, and old keys put away."""

import asyncio
from dataclasses import dataclass

import structlog
from asyncpg.pool import Pool

from chassis import dead_letters, deadlines, metrics
from chassis.health import CheckResult
from chassis.pipeline import TRANSIENT

log = structlog.get_logger()

_PERIOD = 5.0  # seconds
_REASONS = ("malformed", "rejected", "defect", "data", "gap", "parked", "epoch")


@dataclass(slots=True)
class Watch:
    """Figures of one service's database. ``max_age`` is how old an unpublished event may be in a ready process."""

    pool: Pool
    max_age: float
    key_days: int
    oldest: float = 0.0

    async def run(self) -> None:
        """Look for ever; cancel to stop."""
        while True:
            try:
                await self._look()
            except TRANSIENT as error:
                log.warning("watch.retried", error=type(error).__name__)
            await asyncio.sleep(_PERIOD)

    async def _look(self) -> None:
        await self._measure_outbox()
        letters = await dead_letters.counts(self.pool)
        for reason in _REASONS:
            metrics.DEAD_LETTERS.labels(reason).set(letters.get(reason, 0))
        metrics.DEADLINES_OVERDUE.set(await deadlines.overdue(self.pool, grace=_PERIOD))
        await self.pool.execute(
            "DELETE FROM idempotency_keys WHERE created_at < now() - make_interval(days => $1)", self.key_days
        )

    async def _measure_outbox(self) -> None:
        waiting, oldest = await self.pool.fetchrow(
            "SELECT count(*), coalesce(extract(epoch FROM now() - min(recorded_at)), 0)::float8 "
            "FROM events WHERE published_at IS NULL"
        ) or (0, 0.0)
        self.oldest = oldest
        metrics.UNPUBLISHED_EVENTS.set(waiting)
        metrics.OLDEST_UNPUBLISHED_EVENT_SECONDS.set(oldest)

    async def check_outbox(self) -> CheckResult:
        """Ready while events reach the broker soon after they are committed."""
        await self._measure_outbox()
        return CheckResult(self.oldest <= self.max_age, {"oldest_unpublished_seconds": round(self.oldest, 1)})

    async def check_database(self) -> CheckResult:
        """Ready while the database answers."""
        await self.pool.fetchval("SELECT 1")
        return CheckResult(True)
