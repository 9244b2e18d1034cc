"""撤并: open orders of units that have ended go to their successors, without anybody having to ask for it."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import date

import structlog
from asyncpg.pool import Pool

from chassis.aggregate import To
from chassis.pipeline import TRANSIENT, Pipeline
from chassis.reference import today
from chassis.work import Work
from contracts.rejected import Rejected
from services.router.aggregates import Orders
from services.router.at_once import at_once
from services.router.dispatch import Proposals
from services.router.reference_data import RouterReference, in_force, successors
from services.router.turn_commands import HandOver

log = structlog.get_logger()

PERIOD = 5.0  # seconds, as often as the reference data are looked at
BATCH = 200
BY = "directory"
"""Who did it, in the history: the directory of units."""

_HELD = """
SELECT id::text FROM orders
WHERE order_units(state) @> jsonb_build_array($1::text) AND state->>'status' NOT IN ('closed', 'cancelled')
AND state->'duties' @> jsonb_build_array(jsonb_build_object('unit', $1::text))
AND id > $2::text::uuid ORDER BY id LIMIT $3
"""
_BEFORE_ALL = "00000000-0000-0000-0000-000000000000"


def ended(reference: RouterReference, on: date) -> Iterator[tuple[str, str | None]]:
    """Units that can have held orders and have ended by that day, with who has their duties then, if anybody."""
    for code, unit in reference.units.items():
        if unit.can_hold_orders and unit.valid_to is not None and unit.valid_to < on:
            last = successors(reference.units, unit, on)[-1]
            yield code, last.code if in_force(last, on) else None


class Succession:
    """Looks every ``PERIOD`` seconds. What cannot be handed over now, as during mediation, is tried again."""

    def __init__(
        self, pool: Pool, pipeline: Pipeline, orders: Orders, reference: Callable[[], RouterReference]
    ) -> None:
        self._pool = pool
        self._pipeline = pipeline
        self._orders = orders
        self._reference = reference
        self._proposed = Proposals(reference)

    async def run(self) -> None:
        """Look for ever; cancel to stop."""
        while True:
            try:
                for unit, successor in ended(self._reference(), today()):
                    await self._hand_over(unit, successor)
            except TRANSIENT as error:
                log.warning("succession.retried", error=type(error).__name__)
            await asyncio.sleep(PERIOD)

    async def _hand_over(self, unit: str, successor: str | None) -> None:
        after = _BEFORE_ALL
        while ids := [row["id"] for row in await self._pool.fetch(_HELD, unit, after, BATCH)]:
            work = [self._work(id_, HandOver(unit, successor, BY)) for id_ in ids]
            outcomes = await asyncio.gather(*map(self._pipeline.submit, work), return_exceptions=True)
            for id_, outcome in zip(ids, outcomes, strict=True):  # one order's defect must not keep the others back
                if isinstance(outcome, BaseException) and not isinstance(outcome, Rejected):
                    log.error("succession.failed", order=id_, unit=unit, error=type(outcome).__name__)
            done = sum(
                not isinstance(outcome, BaseException) and unit not in outcome[0].state.units for outcome in outcomes
            )
            if done:
                log.info("succession.handed_over", unit=unit, successor=successor, orders=done)
            after = ids[-1]

    def _work(self, id_: str, command: HandOver) -> Work:
        to = [To(self._orders, id_, command)]
        if command.successor is None:
            to.append(at_once(self._orders, id_, self._proposed, today()))
        return Work(to, BY, f"succession/{id_}/{command.unit}/{command.successor}")
