"""What a process does between two pauses, as programs: command, handle, commit, sweep, replay, discard."""

import asyncio
from collections.abc import AsyncIterator, Hashable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError

from chassis import dead_letters
from chassis.aggregate import To
from chassis.consumer import Consumer
from chassis.letter_sweeper import LetterSweeper
from chassis.pipeline import Pipeline
from chassis.private_data import Vault
from chassis.reader import Reader
from chassis.work import Record, Request, Work
from contracts.rejected import Rejected
from model import history
from model.connection import Pool
from model.program import DESK, Failure, Program
from model.tally import Note, Tallies, reactions

COMMIT_OFFSETS = "commit offsets"
FENCED = Failure(CommitFailedError)
_PLACE = TopicPartition(history.TOPIC, 0)


class Group:
    """What stands where aiokafka's consumer stands when offsets are committed."""

    def assignment(self) -> set[TopicPartition]:
        """A process that is not told of a rebalance believes that the partition is its own."""
        return {_PLACE}

    async def commit(self, offsets: dict[TopicPartition, int]) -> None:
        """Tell the broker."""
        await DESK.get().ask(COMMIT_OFFSETS, offsets[_PLACE])


class Member(Consumer):
    """The consumer, without the loop around it: when it fetches and commits is the explorer's choice."""

    def __init__(self, reader: Reader, pipeline: Pipeline) -> None:
        super().__init__("", "", (), reader, pipeline)
        stand_in: Any = Group()
        self._consumer = stand_in

    async def handle(self, records: Sequence[Record]) -> int:
        """Handle one batch; the offset to commit."""
        await self._handle(records)
        return self._handled[_PLACE]

    async def commit(self, offset: int) -> None:
        """Commit what was handled."""
        self._handled = {_PLACE: offset}
        await self._commit()


def _pool() -> Any:
    return Pool()


def _pipeline() -> Pipeline:
    return Pipeline(_pool(), Vault({"model": bytes(32)}, "model"), clock=lambda: history.NOW)


@asynccontextmanager
async def _running(given: Pipeline | None = None) -> AsyncIterator[Pipeline]:
    pipeline = given or _pipeline()
    task = asyncio.create_task(pipeline.run())
    try:
        yield pipeline
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def command(aggregate: Tallies, aggregate_id: str, keys: Sequence[str]) -> Program:
    """Requests under these keys, in one batch; the versions that they made, or what refused them."""

    async def program() -> Hashable:
        async with _running() as pipeline:
            works = [_asked(aggregate, aggregate_id, key) for key in keys]
            results = await asyncio.gather(*map(pipeline.submit, works), return_exceptions=True)
        return tuple(
            type(result).__name__ if isinstance(result, BaseException) else result[0].version for result in results
        )

    return program


def _asked(aggregate: Tallies, aggregate_id: str, key: str) -> Work:
    request = Request("caller", "POST /notes", key, b"")
    return Work([To(aggregate, aggregate_id, Note(key))], "caller", "\x1f".join(request.identity), request)


def handle(aggregate: Tallies, records: Sequence[Record]) -> Program:
    """A batch that was fetched."""

    async def program() -> Hashable:
        async with _running() as pipeline:
            return await Member(Reader(reactions(aggregate), ""), pipeline).handle(records)

    return program


def handle_and_replay(aggregate: Tallies, records: Sequence[Record], letter: str, *, letter_first: bool) -> Program:
    """A batch that was fetched, and a letter, in one transaction."""

    async def program() -> Hashable:
        pipeline, reader = _pipeline(), Reader(reactions(aggregate), "")
        replayed: list[Work] = []
        with suppress(Rejected):  # it was resolved meanwhile
            record = await dead_letters.fetch_record(_pool(), letter)
            replayed = [reader.read(record, letter=letter, by="operator")]
        if letter_first:
            answers = [pipeline.submit(work) for work in replayed]
        handling = asyncio.create_task(Member(reader, pipeline).handle(records))
        await asyncio.sleep(0)  # now they are queued
        if not letter_first:
            answers = [pipeline.submit(work) for work in replayed]
        async with _running(pipeline):
            await asyncio.gather(*answers, return_exceptions=True)
            return await handling

    return program


def commit(offset: int) -> Program:
    """Offsets of what was handled."""

    async def program() -> Hashable:
        async with _running() as pipeline:
            await Member(Reader({}, ""), pipeline).commit(offset)
        return "committed"

    return program


def sweep(aggregate: Tallies) -> Program:
    """Look for letters that only waited, replay them, look again."""

    async def program() -> Hashable:
        async with _running() as pipeline:
            await LetterSweeper(_pool(), pipeline, Reader(reactions(aggregate), ""), 1.0).run()
        return "ended"

    return program


def replay(aggregate: Tallies, letter: str) -> Program:
    """An operator replays a letter; the answer is a code if it is refused."""

    async def program() -> Hashable:
        async with _running() as pipeline:
            reader = Reader(reactions(aggregate), "")
            try:
                await LetterSweeper(_pool(), pipeline, reader, 1.0).replay(letter, by="operator")
            except Rejected as rejected:
                return rejected.code
            return "replayed"

    return program


def discard(letter: str) -> Program:
    """An operator gives a letter up."""

    async def program() -> Hashable:
        try:
            await dead_letters.discard(_pool(), letter, by="operator", note="", now=history.NOW)
        except Rejected as rejected:
            return rejected.code
        return "discarded"

    return program
