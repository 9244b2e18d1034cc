"""After a restore a producer's new events are told from those it forgot, and nothing of either is lost silently."""

import asyncio
from collections.abc import AsyncGenerator
from functools import partial

import asyncpg
import pytest
from asyncpg.pool import Pool

from chassis.epochs import StillServing, Subject, UnknownEpoch, accept_epoch, raise_epoch
from chassis.letter_sweeper import LetterSweeper
from chassis.outbox import RELAY_LOCK
from chassis.private_data import Vault
from chassis.reader import Reader
from contracts.rejected import Rejected
from tests.integration.chassis import records
from tests.integration.chassis.process import Process, count, events_of, letters, somebody_waits_for_a_lock
from tests.integration.chassis.sample import FollowUp, Register, an_id, issues, reactions
from tests.integration.chassis.test_inbox import cursor, drained, reminders, waiting
from tests.polling import eventually

READER = Reader(reactions, "")


@pytest.fixture
async def process(pool: Pool, vault: Vault) -> AsyncGenerator[Process]:
    """A process that keeps a journal."""
    async with Process(pool, vault, journal=True) as process:
        yield process


async def accept(pool: Pool, epoch: int = 2, *, diverged: bool = False) -> list[Subject]:
    async with pool.acquire() as conn:
        return await accept_epoch(conn, "/intake", epoch, diverged=diverged, actor="cli:tester")


async def journal(pool: Pool, issue: records.Subject) -> list[int]:
    rows = await pool.fetch("SELECT sequence FROM journal WHERE subject = $1 ORDER BY 1", f"issue/{issue.id}")
    return [row["sequence"] for row in rows]


async def test_an_event_keeps_the_epoch_it_was_recorded_in(process: Process, pool: Pool) -> None:
    issue = an_id()
    await process.execute(issues, issue, Register())
    async with pool.acquire() as conn:
        assert await raise_epoch(conn, "cli:tester") == 2
    await process.execute(issues, issue, FollowUp())
    assert [row["epoch"] for row in await events_of(pool, issue)] == [1, 2]
    action, actor = await pool.fetchrow("SELECT action, actor FROM operator_actions") or ("", "")
    assert (action, actor) == ("epoch.raise", "cli:tester")


async def test_the_epoch_is_not_raised_under_a_serving_process(pool: Pool, migrated: str) -> None:
    serving = await asyncpg.connect(migrated)
    await serving.execute("SELECT pg_advisory_lock($1)", RELAY_LOCK)
    async with pool.acquire() as conn:
        with pytest.raises(StillServing):
            await raise_epoch(conn, "cli:tester")
    await serving.close()
    assert await pool.fetchval("SELECT epoch FROM publisher") == 1
    assert await count(pool, "operator_actions") == 0


async def test_held_records_go_on_when_the_epoch_is_accepted(process: Process, pool: Pool) -> None:
    issue, later = records.Subject(), records.Subject()
    await process.deliver(READER, issue.accepted(1), later.accepted(1))
    await process.deliver(READER, issue.reminded(2, epoch=2), issue.reminded(3, epoch=2))
    assert await waiting(pool) == [("epoch", 2), ("epoch", 3)]
    with pytest.raises(Rejected, match=r"dead_letter\.epoch"):
        await LetterSweeper(pool, process.pipeline, READER, 1).replay((await letters(pool))[0]["letter"], by="admin-1")
    (subject,) = await accept(pool)
    assert (subject.handled, subject.first, subject.diverged, subject.accepted) == (1, 2, False, True)
    await drained(process, pool)
    assert (await cursor(pool, issue), await reminders(pool, issue)) == ((2, 3, False), 2)
    await process.deliver(READER, later.reminded(2, epoch=2))  # nobody has to be asked again
    assert (await cursor(pool, later), await waiting(pool)) == ((2, 2, False), [])


async def test_an_epoch_that_nobody_has_seen_is_not_accepted(process: Process, pool: Pool) -> None:
    with pytest.raises(UnknownEpoch, match="1"):
        await accept(pool, 3)
    await accept(pool, 2)  # the next one, before its first record has come
    issue, new = records.Subject(), records.Subject()
    await process.deliver(READER, issue.accepted(1), new.accepted(1, epoch=4), issue.reminded(2, epoch=6))
    assert await waiting(pool) == [("epoch", 2)]  # a new subject contradicts nothing
    with pytest.raises(UnknownEpoch, match="6"):
        await accept(pool, 8)
    assert [row["epoch"] for row in await pool.fetch("SELECT epoch FROM accepted_epochs")] == [2]
    (subject,) = await accept(pool, 6)  # a consumer that is new may find a producer that was restored often
    assert subject.accepted


async def test_a_contradiction_waits_until_somebody_takes_it(process: Process, pool: Pool) -> None:
    issue = records.Subject()
    await process.deliver(READER, issue.accepted(1), issue.reminded(2), issue.reminded(3))
    await accept(pool)
    # The producer forgot 2 and 3; its new 2 to 4 must not be taken for duplicates, nor 4 for the next.
    await process.deliver(READER, *(issue.reminded(n, epoch=2) for n in (2, 3, 4)))
    assert await waiting(pool) == [("epoch", 2), ("epoch", 3), ("epoch", 4)]
    (subject,) = await accept(pool)
    assert (subject.handled, subject.first, subject.diverged, subject.accepted) == (3, 2, True, False)
    assert len(await waiting(pool)) == 3
    (subject,) = await accept(pool, diverged=True)
    assert subject.accepted
    assert await journal(pool, issue) == [1]
    await drained(process, pool)
    assert (await cursor(pool, issue), await reminders(pool, issue)) == ((2, 4, False), 5)
    assert await journal(pool, issue) == [1, 2, 3, 4]


async def test_what_is_left_of_the_forgotten_history_is_skipped_or_held(process: Process, pool: Pool) -> None:
    issue = records.Subject()
    await process.deliver(READER, issue.accepted(1))
    await accept(pool)
    await process.deliver(READER, issue.reminded(2, epoch=2))
    await process.deliver(READER, issue.accepted(1), issue.reminded(2))
    assert (await waiting(pool), await reminders(pool, issue)) == ([], 1)
    await process.deliver(READER, issue.reminded(3))
    assert await waiting(pool) == [("epoch", 3)]


async def test_accepting_waits_for_a_consumer_that_is_at_it(process: Process, pool: Pool) -> None:
    issue = records.Subject()
    await process.deliver(READER, issue.accepted(1), issue.reminded(2, epoch=2))
    async with pool.acquire() as conn, conn.transaction():
        await conn.execute("SELECT FROM inbox WHERE subject = $1 FOR UPDATE", f"issue/{issue.id}")
        accepting = asyncio.create_task(accept(pool))
        await eventually(partial(somebody_waits_for_a_lock, pool))
        await conn.execute("UPDATE inbox SET sequence = 2 WHERE subject = $1", f"issue/{issue.id}")
    (subject,) = await accepting
    assert subject.diverged
