"""撤并: open orders, desks and whistles of units that have ended go to their successors, without anybody asking."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

import structlog
from asyncpg.pool import Pool

from chassis.aggregate import To
from chassis.pipeline import TRANSIENT, Pipeline
from chassis.reference import today
from chassis.work import Work
from contracts.rejected import Rejected
from services.router import whistle_commands
from services.router.aggregates import Orders, Whistles
from services.router.at_once import at_once
from services.router.dispatch import Proposals
from services.router.order_model import WorkOrder
from services.router.reference_data import RouterReference, in_force, successors
from services.router.turn_commands import HandOver, SendToDesk
from services.router.whistle_state import Whistle

log = structlog.get_logger()

PERIOD = 5.0  # seconds, as often as the reference data are looked at
BATCH = 200
BY = "directory"
"""Who did it, in the history: the directory of units."""

_HELD = """
SELECT order_id::text AS id FROM unit_orders
WHERE unit = $1 AND is_open AND order_id > $2::text::uuid ORDER BY unit_orders.order_id LIMIT $3
"""
_AT_DESK = """
SELECT id::text FROM orders WHERE state->>'desk' = $1 AND state->>'status' = 'pending_dispatch'
AND id > $2::text::uuid ORDER BY orders.id LIMIT $3
"""
_BLOWN = """
SELECT id::text FROM whistles
WHERE state->>'status' IN ('draft', 'blown') AND (
    (state->>'street' = $1 AND ($4::text IS NOT NULL OR state->>'status' = 'draft'))
    OR (state->>'status' = 'draft' AND state->'called' ? $1)
    OR (state->'lines' @> jsonb_build_array(jsonb_build_object('unit', $1::text)) AND jsonb_path_exists(
        state->'lines', '$[*] ? (@.unit == $unit && @.status != "evaluated" && @.status != "released")',
        jsonb_build_object('unit', $1::text)))
)
AND id > $2::text::uuid ORDER BY whistles.id LIMIT $3
"""
_BEFORE_ALL = "00000000-0000-0000-0000-000000000000"


def ended(reference: RouterReference, on: date) -> Iterator[tuple[str, str | None]]:
    """Units that have ended by that day, with who has their duties then, if anybody."""
    for code, unit in reference.units.items():
        if unit.valid_to is not None and unit.valid_to < on:
            last = successors(reference.units, unit, on)[-1]
            yield code, last.code if in_force(last, on) else None


class Succession:
    """Looks every ``PERIOD`` seconds. What cannot be handed over now, as during mediation, is tried again."""

    def __init__(
        self,
        pool: Pool,
        pipeline: Pipeline,
        orders: Orders,
        whistles: Whistles,
        reference: Callable[[], RouterReference],
    ) -> None:
        self._pool = pool
        self._pipeline = pipeline
        self._orders = orders
        self._whistles = whistles
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
        def duty(id_: str) -> list[To]:
            to = [To(self._orders, id_, HandOver(unit, successor, BY))]
            return to if successor else [*to, at_once(self._orders, id_, self._proposed, today())]

        def desk(id_: str) -> list[To]:
            return [To(self._orders, id_, SendToDesk(successor, BY))]

        def whistle(id_: str) -> list[To]:
            return [To(self._whistles, id_, whistle_commands.HandOver(unit, successor, BY))]

        await self._each(unit, "order", _HELD, duty, _units)
        await self._each(unit, "desk", _AT_DESK, desk, _desk)
        await self._each(unit, "whistle", _BLOWN, whistle, _called, successor)

    async def _each(
        self,
        unit: str,
        what: str,
        query: str,
        to: Callable[[str], list[To]],
        holders: Callable[[Any], Sequence[str | None]],
        *more: str | None,
    ) -> None:
        """Everything that the query finds, a page at a time: what cannot go on must not keep the others back."""
        after = _BEFORE_ALL
        while ids := [row["id"] for row in await self._pool.fetch(query, unit, after, BATCH, *more)]:
            work = [Work(to(id_), BY, f"succession/{what}/{id_}/{unit}") for id_ in ids]
            outcomes = await asyncio.gather(*map(self._pipeline.submit, work), return_exceptions=True)
            for id_, outcome in zip(ids, outcomes, strict=True):
                if isinstance(outcome, BaseException) and not isinstance(outcome, Rejected):
                    log.error("succession.failed", what=what, id=id_, unit=unit, error=type(outcome).__name__)
            written = [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]
            if done := sum(unit not in holders(one[0].state) for one in written):
                log.info("succession.handed_over", what=what, unit=unit, number=done)
            after = ids[-1]


def _units(order: WorkOrder) -> Sequence[str]:
    return [*order.units, *order.co_handlers]


def _desk(order: WorkOrder) -> Sequence[str | None]:
    return [order.desk]


def _called(whistle: Whistle) -> Sequence[str]:
    return [whistle.street, *(line.unit for line in whistle.lines if not line.ended)]
