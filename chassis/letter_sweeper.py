"""Replays what only waited: a held record goes on as soon as the one before it has been handled."""

import asyncio

import structlog
from asyncpg.pool import Pool

from chassis import dead_letters
from chassis.pipeline import TRANSIENT, Pipeline
from chassis.reader import Reader
from contracts.rejected import Rejected

log = structlog.get_logger()


class LetterSweeper:
    """Looks every ``period`` seconds, and goes on at once as long as there is something to replay."""

    def __init__(self, pool: Pool, pipeline: Pipeline, reader: Reader, period: float) -> None:
        self._pool = pool
        self._pipeline = pipeline
        self._reader = reader
        self._period = period

    async def run(self) -> None:
        """Sweep for ever; cancel to stop."""
        while True:
            progress = False
            try:
                for letter in await dead_letters.ready(self._pool, 100):
                    progress |= await self._go_on(letter)
            except TRANSIENT as error:
                log.warning("letter_sweeper.retried", error=type(error).__name__)
            if not progress:
                await asyncio.sleep(self._period)

    async def _go_on(self, letter: str) -> bool:
        try:
            await self.replay(letter, by=None)
        except Rejected as rejected:  # somebody replayed or discarded it, or the one before it, meanwhile
            log.info("letter_sweeper.overtaken", code=rejected.code)
            return False
        return True

    async def replay(self, letter: str, *, by: str | None) -> None:
        """Handle a dead letter anew. It stays one, with the new error, if that fails again.

        Raises Rejected ``dead_letter.not_found`` or ``dead_letter.not_next``.
        """
        record = await dead_letters.fetch_record(self._pool, letter)
        await self._pipeline.submit(self._reader.read(record, letter=letter, by=by))
