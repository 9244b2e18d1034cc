"""The database goes away, comes back, or does not say how a commit ended: nothing is lost and nothing done twice."""

import asyncio
import tempfile
from collections.abc import AsyncGenerator
from pathlib import Path

import asyncpg
import pytest
from asyncpg.pool import Pool

from chaos.proxy import Harm, Proxy, proxy_to
from chassis.aggregate import To
from chassis.database import open_pool
from chassis.private_data import Vault
from tests.integration.chassis.process import KILL_OTHERS, Process, count, events_of, state_of
from tests.integration.chassis.requests import a_request
from tests.integration.chassis.sample import FollowUp, Register, an_id, issues
from tests.polling import eventually


@pytest.fixture
async def proxied(migrated: str, vault: Vault) -> AsyncGenerator[tuple[Process, Proxy]]:
    """A process whose line to the database can be cut."""
    with tempfile.TemporaryDirectory(prefix="qc") as folder:  # not under tmp_path: a socket's path must be short
        async with (
            proxy_to(lambda: migrated, Path(folder)) as (proxy, url),
            await open_pool(url) as pool,
            Process(pool, vault) as process,
        ):
            yield process, proxy


async def test_a_commit_whose_answer_is_lost_takes_effect_once(proxied: tuple[Process, Proxy], pool: Pool) -> None:
    issue, (process, proxy) = an_id(), proxied
    await process.execute(issues, issue, Register())
    proxy.pending[Harm.LOSE_ANSWER] = 2
    (written,) = await process.submit(To(issues, issue, FollowUp()), request=a_request())
    assert proxy.done[Harm.LOSE_ANSWER] == 2  # the second one is of the transaction that finds the answer
    assert written.version == 2
    assert written.replayed
    assert (await state_of(pool, issues, issue))["follow_ups"] == 1
    assert len(await events_of(pool, issue)) == 2


async def test_a_whole_batch_whose_answer_is_lost_takes_effect_once(proxied: tuple[Process, Proxy], pool: Pool) -> None:
    issue, (process, proxy) = an_id(), proxied
    await process.execute(issues, issue, Register())
    proxy.pending[Harm.LOSE_ANSWER] = 1
    sent = [process.submit(To(issues, issue, FollowUp()), request=a_request()) for _ in range(30)]
    assert [(await future)[0].version for future in sent] == list(range(2, 32))
    assert proxy.done[Harm.LOSE_ANSWER] == 1
    assert (await state_of(pool, issues, issue))["follow_ups"] == 30


async def test_commands_wait_for_a_database_that_is_away(process: Process, pool: Pool, migrated: str) -> None:
    issue = an_id()
    await process.execute(issues, issue, Register())
    for _ in range(5):
        sent = [process.submit(To(issues, issue, FollowUp()), request=a_request()) for _ in range(20)]
        killer = await asyncpg.connect(migrated)
        await killer.execute(KILL_OTHERS)
        await killer.close()
        await asyncio.gather(*sent)
    await pool.expire_connections()  # some lines may be cut and nobody has noticed
    assert (await state_of(pool, issues, issue))["follow_ups"] == 100


async def test_a_read_only_database_is_an_outage(process: Process, pool: Pool, migrated: str) -> None:
    connection = await asyncpg.connect(migrated)
    name = await connection.fetchval("SELECT current_database()")
    await connection.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    await connection.execute(KILL_OTHERS)
    waiting = process.submit(To(issues, an_id(), Register()))

    async def is_retried() -> bool:
        return not (await process.pipeline.check()).ok

    await eventually(is_retried)
    assert not waiting.done()
    await connection.execute("SET default_transaction_read_only = off")
    await connection.execute(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')
    await connection.execute(KILL_OTHERS)
    await connection.close()
    await waiting
    assert (await process.pipeline.check()).ok
    await pool.expire_connections()
    assert await count(pool, "events") == 1


async def test_what_one_transaction_waits_out_is_told_while_others_succeed_beside_it(
    process: Process, pool: Pool
) -> None:
    stuck = an_id()
    await process.execute(issues, stuck, Register())
    await pool.execute(
        f"""
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
            AS $$ BEGIN RAISE EXCEPTION 'not now' USING ERRCODE = 'lock_not_available'; END $$;
        CREATE TRIGGER refuse BEFORE UPDATE ON issues FOR EACH ROW WHEN (OLD.id = '{stuck}') EXECUTE FUNCTION refuse();
        """
    )
    waiting = process.submit(To(issues, stuck, FollowUp()))

    async def is_retried() -> bool:
        return not (await process.pipeline.check()).ok

    await eventually(is_retried)
    await asyncio.gather(*(process.execute(issues, an_id(), Register()) for _ in range(100)))
    assert await is_retried()
    await pool.execute("DROP TRIGGER refuse ON issues")
    await waiting
    assert not await is_retried()


async def test_a_deadlock_victim_is_decided_again(process: Process, pool: Pool) -> None:
    first, second = sorted([an_id(), an_id()])
    for issue in (first, second):
        await process.execute(issues, issue, Register())
    async with pool.acquire() as other, other.transaction():
        await other.execute("SET LOCAL deadlock_timeout = '10s'")  # so that the pipeline is the victim
        await other.execute("SELECT FROM issues WHERE id = $1::text::uuid FOR UPDATE", second)
        sent = process.submit(To(issues, first, FollowUp()), To(issues, second, FollowUp()))

        async def holds_first() -> bool:
            return not await pool.fetch("SELECT FROM issues WHERE id = $1::text::uuid FOR UPDATE SKIP LOCKED", first)

        await eventually(holds_first)
        await other.execute("SELECT FROM issues WHERE id = $1::text::uuid FOR UPDATE", first)
        assert not sent.done()
    await sent
    assert await count(pool, "issues", "(state->>'follow_ups')::int = 1") == 2


async def test_what_the_database_cannot_store_fails_alone(process: Process, pool: Pool) -> None:
    issue = an_id()
    await process.execute(issues, issue, Register())
    commands = [FollowUp()] * 10
    commands[3] = FollowUp("nul \0")  # refused by PostgreSQL
    commands[7] = FollowUp("half a character \ud83d")  # refused by the driver
    answers = await asyncio.gather(
        *(process.submit(To(issues, issue, command), request=a_request()) for command in commands),
        process.submit(To(issues, "no-uuid", Register()), request=a_request()),
        return_exceptions=True,
    )
    failed = [number for number, answer in enumerate(answers) if isinstance(answer, BaseException)]
    assert failed == [3, 7, 10]
    assert (await state_of(pool, issues, issue))["follow_ups"] == 8
    assert await count(pool, "idempotency_keys") == 8  # what failed may be tried again


@pytest.mark.parametrize("text", ["nul \0", "half a character \ud83d"], ids=["nul", "surrogate"])
async def test_private_text_that_cannot_be_stored_fails_alone(process: Process, pool: Pool, text: str) -> None:
    good, bad = an_id(), an_id()
    answers = await asyncio.gather(
        process.execute(issues, good, Register(), private={"name": "王芳"}),
        process.execute(issues, bad, Register(), private={text: "x"}),
        return_exceptions=True,
    )
    assert isinstance(answers[1], Exception)
    assert await count(pool, "private_data") == 1
