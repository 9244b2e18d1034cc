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
            try:
                letters = await dead_letters.ready(self._pool, 100)
                for letter in letters:
                    await self.replay(letter, by=None)
            except TRANSIENT as error:
                log.warning("letter_sweeper.retried", error=type(error).__name__)
                letters = []
            except Rejected as rejected:  # somebody replayed or discarded it just before
                log.info("letter_sweeper.overtaken", code=rejected.code)
                continue
            if not letters:
                await asyncio.sleep(self._period)

    async def replay(self, letter: str, *, by: str | None) -> None:
        """Handle a dead letter anew. It stays one, with the new error, if that fails again.

        Raises Rejected ``dead_letter.not_found`` or ``dead_letter.not_next``.
        """
        record = await dead_letters.fetch_record(self._pool, letter)
        await self._pipeline.submit(self._reader.read(record, letter=letter, by=by))
