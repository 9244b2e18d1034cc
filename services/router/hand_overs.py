"""移交: units that ended hand their open orders over. A unit ends on a day of the directory, which no event says.

Like every sweeper it assumes loss: it looks at what should not be any more, whatever came in between.
"""

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import date

import structlog
from asyncpg.pool import Pool

from chassis.aggregate import To
from chassis.pipeline import TRANSIENT, Pipeline
from chassis.work import Work
from contracts.rejected import Rejected
from services.router.aggregates import Orders
from services.router.reference_data import RouterReference, in_force, successors
from services.router.turn_commands import HandOver

log = structlog.get_logger()

BY = "directory"
"""Who hands over, in the history: no person, the unit directory."""
BATCH = 200
# What mediation has comes back by itself before a dispatcher can look at it; what has a result waits for nobody.
_LEFT = """
SELECT id::text FROM orders
WHERE state->>'status' NOT IN ('closed', 'cancelled') AND state->'duties' @> jsonb_build_array($1::jsonb)
AND ($2 OR state->>'status' <> 'in_mediation') LIMIT $3
"""


class HandOvers:
    """Looks every ``period`` seconds. ``today`` is the day in the city."""

    def __init__(
        self,
        pool: Pool,
        pipeline: Pipeline,
        orders: Orders,
        reference: Callable[[], RouterReference],
        today: Callable[[], date],
        period: float,
    ) -> None:
        self._pool = pool
        self._pipeline = pipeline
        self._orders = orders
        self._reference = reference
        self._today = today
        self._period = period

    async def run(self) -> None:
        """Look for ever; cancel to stop."""
        while True:
            try:
                await self.look()
            except TRANSIENT as error:
                log.warning("hand_overs.retried", error=type(error).__name__)
            await asyncio.sleep(self._period)

    async def look(self) -> None:
        """Do what is to be done now."""
        for unit, successor in ended(self._reference(), self._today()):
            duty = {"unit": unit} if successor else {"unit": unit, "result_id": None}
            for (order_id,) in await self._pool.fetch(_LEFT, json.dumps(duty), successor is not None, BATCH):
                await self._do(To(self._orders, order_id, HandOver(unit, successor, BY)))

    async def _do(self, to: To) -> None:
        work = Work(to=[to], actor=BY, identity=f"{to.aggregate.name}/{to.id}/{to.command!r}")
        try:
            await self._pipeline.submit(work)
        except Rejected as refusal:  # it moved on since it was looked at; what is still due is found again
            log.info("hand_over.refused", code=refusal.code)


def ended(reference: RouterReference, today: date) -> Iterator[tuple[str, str | None]]:
    """Units that are no more, each with who goes on in its place; None: nobody does."""
    for unit in reference.units.values():
        if unit.valid_to is not None and unit.valid_to < today:
            last = successors(reference.units, unit, today)[-1]
            yield unit.code, last.code if in_force(last, today) and last.can_hold_orders else None
