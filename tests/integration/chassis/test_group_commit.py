"""Whoever waits is taken along: one transaction for many commands, and each caller hears only of its own."""

import asyncio
from functools import partial

import pytest
from asyncpg.pool import Pool

from chassis.aggregate import To
from chassis.errors import PreconditionFailed
from chassis.private_data import Vault
from contracts.rejected import Rejected
from tests.integration.chassis.process import Process, count, events_of, somebody_waits_for_a_lock, state_of
from tests.integration.chassis.requests import a_request
from tests.integration.chassis.sample import Break, Close, FollowUp, Register, an_id, issues
from tests.polling import eventually


async def test_many_commands_share_few_transactions(process: Process, pool: Pool) -> None:
    await asyncio.gather(*(process.execute(issues, an_id(), Register()) for _ in range(200)))
    assert await count(pool, "events") == 200
    assert await pool.fetchval("SELECT count(DISTINCT xmin::text) FROM events") <= 3


async def test_commands_for_one_aggregate_are_decided_in_the_order_they_came(process: Process, pool: Pool) -> None:
    issue = an_id()
    sent = [process.submit(To(issues, issue, command)) for command in (Register(), *[FollowUp()] * 20, Close())]
    answers = [(await future)[0] for future in sent]
    assert [answer.version for answer in answers] == list(range(1, 23))
    assert [answer.state.follow_ups for answer in answers] == [0, *range(1, 21), 20]
    assert [row["version"] for row in await events_of(pool, issue)] == list(range(1, 23))
    assert (await state_of(pool, issues, issue))["closed"] is True


async def test_a_rejected_command_fails_only_its_caller(process: Process, pool: Pool) -> None:
    good, unknown, broken = an_id(), an_id(), an_id()
    answers = await asyncio.gather(
        process.submit(To(issues, good, Register())),
        process.submit(To(issues, unknown, FollowUp())),
        process.submit(To(issues, broken, Break())),
        process.submit(To(issues, good, FollowUp())),
        return_exceptions=True,
    )
    assert isinstance(answers[1], Rejected)
    assert answers[1].code == "issue.unknown"
    assert isinstance(answers[2], RuntimeError)
    assert (await state_of(pool, issues, good))["follow_ups"] == 1
    assert await count(pool, "events") == 2
    assert await pool.fetchval("SELECT count(DISTINCT xmin::text) FROM events") == 1


async def test_commands_of_one_work_stand_or_fall_together(process: Process, pool: Pool) -> None:
    first, second = an_id(), an_id()
    with pytest.raises(Rejected):
        await process.submit(To(issues, first, Register()), To(issues, second, FollowUp()))
    assert await count(pool, "issues") == 0
    written = await process.submit(To(issues, first, Register()), To(issues, first, FollowUp()))
    assert [one.version for one in written] == [1, 2]


async def test_who_is_rejected_because_of_another_hears_it_after_the_commit(
    process: Process, pool: Pool, migrated: str
) -> None:
    issue = an_id()
    await process.execute(issues, issue, Register())
    async with pool.acquire() as other, other.transaction():
        await other.execute("LOCK TABLE events IN EXCLUSIVE MODE")  # the transaction can decide, but not write
        closing = process.submit(To(issues, issue, Close()))
        refused = process.submit(To(issues, issue, FollowUp()))
        await eventually(partial(somebody_waits_for_a_lock, pool))
        assert not closing.done()
        assert not refused.done()
    await closing
    with pytest.raises(Rejected, match=r"issue\.closed"):
        await refused


async def test_another_version_than_the_one_that_was_read_is_refused(process: Process, pool: Pool) -> None:
    issue = an_id()
    await process.execute(issues, issue, Register(), expected_version=0)
    await process.execute(issues, issue, FollowUp(), expected_version=1)
    with pytest.raises(PreconditionFailed) as refused:
        await process.execute(issues, issue, FollowUp(), expected_version=1)
    assert refused.value.current_version == 2
    assert refused.value.status == 412
    assert (await state_of(pool, issues, issue))["follow_ups"] == 1


async def test_what_is_already_true_writes_nothing(process: Process, pool: Pool) -> None:
    issue = an_id()
    await process.execute(issues, issue, Register())
    row = await pool.fetchval("SELECT xmin::text FROM issues")
    again = await process.execute(issues, issue, Register(), private={"name": "不该存"})
    assert again.version == 1
    assert await pool.fetchval("SELECT xmin::text FROM issues") == row
    assert await count(pool, "private_data") == 0


async def test_two_processes_lose_no_update_of_one_aggregate(process: Process, pool: Pool, vault: Vault) -> None:
    issue = an_id()
    await process.execute(issues, issue, Register())
    async with Process(pool, vault) as other:
        sent = [each.submit(To(issues, issue, FollowUp())) for _ in range(50) for each in (process, other)]
        await asyncio.gather(*sent)
    assert (await state_of(pool, issues, issue))["follow_ups"] == 100
    assert [row["version"] for row in await events_of(pool, issue)] == list(range(1, 102))


async def test_two_processes_create_one_aggregate_once(process: Process, pool: Pool, vault: Vault) -> None:
    ids = [an_id() for _ in range(30)]
    async with Process(pool, vault) as other:
        await asyncio.gather(*(each.execute(issues, id_, Register()) for id_ in ids for each in (process, other)))
    assert await count(pool, "events") == 30
    assert await count(pool, "issues", "version = 1") == 30


async def test_who_no_longer_waits_is_dropped_before_it_is_decided(process: Process, pool: Pool) -> None:
    async with pool.acquire() as other, other.transaction():
        await other.execute("LOCK TABLE events IN EXCLUSIVE MODE")
        first = process.submit(To(issues, an_id(), Register()))
        await eventually(partial(somebody_waits_for_a_lock, pool))
        given_up = process.submit(To(issues, an_id(), Register()), request=a_request())
        given_up.cancel()
    await first
    await process.execute(issues, an_id(), Register())
    assert await count(pool, "events") == 2
