"""Timers are what the states ask for, ring once, and do not stop for one that is broken."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial

from asyncpg.pool import Pool

from chassis import deadlines
from chassis.aggregate import To
from chassis.deadlines import Sweeper
from chassis.private_data import Vault
from chassis.work import Due, Work
from tests.integration.chassis.process import Process, count, events_of, somebody_waits_for_a_lock, state_of
from tests.integration.chassis.sample import FAR, Close, FollowUp, Open, Register, Ring, an_id, issues, orders
from tests.polling import eventually

PAST = datetime(2020, 1, 1, tzinfo=UTC)


async def timers(pool: Pool) -> dict[tuple[str, str], datetime]:
    rows = await pool.fetch("SELECT aggregate || '/' || id AS of, name, due_at FROM deadlines")
    return {(row["of"], row["name"]): row["due_at"] for row in rows}


async def test_timers_are_always_what_the_states_ask_for(process: Process, pool: Pool) -> None:
    issue, other = an_id(), an_id()
    soon = datetime.now(UTC) + timedelta(hours=1)
    await process.execute(issues, issue, Register(soon))
    await process.execute(issues, other, Register())
    assert await timers(pool) == {(f"issue/{issue}", "triage"): soon, (f"issue/{other}", "triage"): FAR}
    await process.execute(issues, issue, Close())
    assert await timers(pool) == {(f"issue/{other}", "triage"): FAR}


async def test_a_deadline_rings_once_by_effect_with_two_processes(process: Process, pool: Pool, vault: Vault) -> None:
    ids = [an_id() for _ in range(40)]
    async with Process(pool, vault) as other:
        for each in (process, other):
            each.start(Sweeper(pool, each.pipeline, [issues, orders], 0.01).run())
        for id_ in ids:
            await process.execute(issues, id_, Register(PAST))

        async def all_rung() -> bool:
            return await count(pool, "deadlines") == 0

        await eventually(all_rung)
    assert await count(pool, "issues", "state->>'overdue' = '1'") == 40
    assert {row["meta"].count("deadline:triage") for id_ in ids for row in (await events_of(pool, id_))[1:]} == {1}


async def test_a_deadline_that_moved_meanwhile_does_not_ring(process: Process, pool: Pool) -> None:
    issue = an_id()
    await process.execute(issues, issue, Register())
    due = Due("issue", issue, "triage", PAST)
    await process.pipeline.submit(Work(to=[To(issues, issue, Ring("triage"))], actor="x", identity="x", due=due))
    assert (await state_of(pool, issues, issue))["overdue"] == 0
    assert await timers(pool) == {(f"issue/{issue}", "triage"): FAR}


async def test_stale_timers_are_mended(process: Process, pool: Pool) -> None:
    moved, ended, unknown = an_id(), an_id(), an_id()
    await process.execute(issues, moved, Register())
    await process.execute(issues, ended, Register())
    await process.execute(issues, ended, Close())
    await pool.execute("UPDATE deadlines SET due_at = $1", PAST)
    await pool.executemany(
        "INSERT INTO deadlines VALUES ('issue', $1::text::uuid, $2, $3)",
        [(ended, "triage", PAST), (unknown, "triage", PAST), (moved, "of_old", PAST)],
    )
    process.start(Sweeper(pool, process.pipeline, [issues], 0.01).run())

    async def is_mended() -> bool:
        return await timers(pool) == {(f"issue/{moved}", "triage"): FAR}

    await eventually(is_mended)
    assert await count(pool, "events") == 3


async def test_a_broken_rule_backs_off_and_keeps_nobody_waiting(process: Process, pool: Pool, vault: Vault) -> None:
    broken = [an_id() for _ in range(600)]  # more than one sweep takes
    async with Process(pool, vault) as quiet:
        await asyncio.gather(*(quiet.submit(To(orders, id_, Open(id_, PAST))) for id_ in broken))
        await quiet.execute(issues, an_id(), Register())
    await pool.execute("INSERT INTO deadlines VALUES ('gone', gen_random_uuid(), 'x', $1)", PAST)
    sweeper = process.start(Sweeper(pool, process.pipeline, [issues, orders], 0.01).run())
    last = an_id()
    await process.execute(issues, last, Register(PAST + timedelta(days=1)))

    async def rung() -> bool:
        return await count(pool, "issues", f"id = '{last}' AND state->>'overdue' = '1'") == 1

    await eventually(rung)
    assert not sweeper.done()
    assert await deadlines.overdue(pool, grace=5) == 601
    await process.execute(issues, an_id(), Register(PAST))


async def test_a_timer_that_is_just_being_set_is_not_taken_for_an_orphan(
    process: Process, pool: Pool, vault: Vault
) -> None:
    issue, held = an_id(), an_id()
    await process.execute(issues, held, Register())
    orphan = Due("issue", issue, "triage", PAST)
    async with Process(pool, vault) as other:
        async with pool.acquire() as holder, holder.transaction():
            await holder.execute("SELECT FROM issues WHERE id = $1::text::uuid FOR UPDATE", held)
            rung = [
                other.pipeline.submit(Work([To(issues, issue, Ring("triage"))], actor="x", identity="x", due=orphan)),
                other.submit(To(issues, held, FollowUp())),
            ]
            await eventually(partial(somebody_waits_for_a_lock, pool))  # it has not found the issue
            await process.execute(issues, issue, Register())
        await asyncio.gather(*rung)
    assert (f"issue/{issue}", "triage") in await timers(pool)
