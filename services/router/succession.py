"""撤并: open orders and whistles of units that have ended go to their successors, without anybody having to ask."""

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
from services.router import whistle_commands
from services.router.aggregates import Orders, Whistles
from services.router.at_once import at_once
from services.router.dispatch import Proposals
from services.router.order_model import WorkOrder
from services.router.reference_data import RouterReference, in_force, successors
from services.router.turn_commands import HandOver
from services.router.whistle_state import Whistle

log = structlog.get_logger()

PERIOD = 5.0  # seconds, as often as the reference data are looked at
BATCH = 200
BY = "directory"
"""Who did it, in the history: the directory of units."""

_HELD = """
SELECT id::text FROM orders
WHERE order_units(state) @> jsonb_build_array($1::text) AND state->>'status' NOT IN ('closed', 'cancelled')
AND id > $2::text::uuid ORDER BY id LIMIT $3
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
AND id > $2::text::uuid ORDER BY id LIMIT $3
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
        await self._each("order", _HELD, unit, successor, self._of_order)
        await self._each("whistle", _BLOWN, unit, successor, self._of_whistle, successor)

    async def _each(
        self, what: str, query: str, unit: str, successor: str | None, to: Callable[..., list[To]], *more: str | None
    ) -> None:
        """Everything that the query finds, a page at a time: what cannot go on must not keep the others back."""
        after = _BEFORE_ALL
        while ids := [row["id"] for row in await self._pool.fetch(query, unit, after, BATCH, *more)]:
            work = [Work(to(id_, unit, successor), BY, f"succession/{id_}/{unit}/{successor}") for id_ in ids]
            outcomes = await asyncio.gather(*map(self._pipeline.submit, work), return_exceptions=True)
            for id_, outcome in zip(ids, outcomes, strict=True):
                if isinstance(outcome, BaseException) and not isinstance(outcome, Rejected):
                    log.error("succession.failed", **{what: id_}, unit=unit, error=type(outcome).__name__)
            done = sum(
                not isinstance(outcome, BaseException) and unit not in _holders(outcome[0].state)
                for outcome in outcomes
            )
            if done:
                log.info("succession.handed_over", unit=unit, successor=successor, **{f"{what}s": done})
            after = ids[-1]

    def _of_order(self, id_: str, unit: str, successor: str | None) -> list[To]:
        to = [To(self._orders, id_, HandOver(unit, successor, BY))]
        if successor is None:
            to.append(at_once(self._orders, id_, self._proposed, today()))
        return to

    def _of_whistle(self, id_: str, unit: str, successor: str | None) -> list[To]:
        return [To(self._whistles, id_, whistle_commands.HandOver(unit, successor, BY))]


def _holders(state: WorkOrder | Whistle) -> list[str]:
    if isinstance(state, WorkOrder):
        return [*state.units, *state.co_handlers]
    return [state.street, *(line.unit for line in state.lines if not line.ended)]
