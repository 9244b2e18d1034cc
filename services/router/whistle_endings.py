"""哨声随工单取消: the whistles of a cancelled order are cancelled too, emergencies excepted (docs/adr/0018).

Looked for in the history instead of heard from the topic, which would cost every event of every order an inbox row.
"""

import asyncio
from datetime import UTC, datetime, timedelta

import structlog
from asyncpg.pool import Pool

from chassis.aggregate import To
from chassis.pipeline import TRANSIENT, Pipeline
from chassis.work import Work
from services.router.aggregates import Whistles
from services.router.whistle_commands import CancelWithOrder

log = structlog.get_logger()

# An order may have been cancelled by a transaction that began before another look and was committed after it.
_OVERLAP = timedelta(hours=1)
_BATCH = 500
_CANCELLED = """
SELECT whistles.id::text AS whistle, events.event_id::text AS event, events.data->>'reason' AS reason
FROM events, jsonb_array_elements_text(events.data->'whistles') AS called, whistles
WHERE events.type = 'qingcheng.router.order.cancelled.v1' AND events.data->'whistles' <> '[]'
AND events.recorded_at >= $1 AND whistles.id = called::uuid
AND whistles.state->>'status' IN ('draft', 'blown') AND whistles.state->>'kind' <> 'emergency'
ORDER BY events.recorded_at LIMIT $2
"""


class WhistleEndings:
    """Looks every ``period`` seconds, at first at all of the history; the rule decides, so that twice does no harm."""

    def __init__(self, pool: Pool, pipeline: Pipeline, whistles: Whistles, period: float) -> None:
        self._pool = pool
        self._pipeline = pipeline
        self._whistles = whistles
        self._period = period
        self._since = datetime.min.replace(tzinfo=UTC)

    async def run(self) -> None:
        """Look for ever; cancel to stop."""
        while True:
            try:
                more = await self._look()
            except TRANSIENT as error:
                log.warning("whistle_endings.retried", error=type(error).__name__)
                more = False
            if not more:
                await asyncio.sleep(self._period)

    async def _look(self) -> bool:
        """Whether there may be more at once. What fails is looked for again, and keeps nothing else from its end."""
        began = datetime.now(UTC)
        rows = await self._pool.fetch(_CANCELLED, self._since, _BATCH)
        done = await asyncio.gather(*(self._cancel(row["whistle"], row["event"], row["reason"]) for row in rows))
        if all(done) and len(rows) < _BATCH:
            self._since = began - _OVERLAP
        return all(done) and len(rows) == _BATCH

    async def _cancel(self, whistle: str, event: str, reason: str) -> bool:
        command = To(self._whistles, whistle, CancelWithOrder(reason))
        try:
            await self._pipeline.submit(Work([command], f"event:{event}", f"{event}/whistle/{whistle}"))
        except Exception as error:  # one whistle's defect must not keep the others open
            log.error("whistle_ending.failed", whistle=whistle, error=type(error).__name__)
            return False
        return True
