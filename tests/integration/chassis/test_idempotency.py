"""The same request gives the same answer, however often, wherever and whenever it comes."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from asyncpg.pool import Pool

from chassis.aggregate import To
from chassis.errors import PreconditionFailed
from chassis.private_data import Vault
from chassis.watch import Watch
from contracts.rejected import Rejected
from tests.integration.chassis.process import Process, count, state_of
from tests.integration.chassis.requests import a_request
from tests.integration.chassis.sample import Break, FollowUp, Register, an_id, issues
from tests.polling import eventually


async def test_a_repeated_request_gets_the_first_answer(process: Process, pool: Pool) -> None:
    issue, request = an_id(), a_request("k1")
    await process.execute(issues, issue, Register())
    (first,) = await process.submit(To(issues, issue, FollowUp()), request=request)
    await process.execute(issues, issue, FollowUp())
    (again,) = await process.submit(To(issues, issue, FollowUp()), request=request)
    assert again.replayed
    assert not first.replayed
    assert (again.id, again.version, again.state) == (issue, 2, first.state)
    assert (await state_of(pool, issues, issue))["follow_ups"] == 2


async def test_the_same_key_with_another_body_is_refused(process: Process, pool: Pool) -> None:
    issue = an_id()
    await process.submit(To(issues, issue, Register()), request=a_request("k1", "one"))
    with pytest.raises(Rejected) as refused:
        await process.submit(To(issues, issue, FollowUp()), request=a_request("k1", "two"))
    assert (refused.value.code, refused.value.status) == ("idempotency.key_reused", 422)
    assert (await state_of(pool, issues, issue))["version"] == 1


async def test_keys_belong_to_one_caller(process: Process, pool: Pool) -> None:
    issue = an_id()
    await process.execute(issues, issue, Register())
    for principal in ("agent-1", "agent-2"):
        await process.submit(To(issues, issue, FollowUp()), request=a_request("k1", principal=principal))
    assert (await state_of(pool, issues, issue))["follow_ups"] == 2


async def test_a_refusal_is_an_answer_and_is_repeated(process: Process) -> None:
    issue, refused, stale = an_id(), a_request(), a_request()
    with pytest.raises(Rejected) as first:
        await process.submit(To(issues, issue, FollowUp()), request=refused)
    with pytest.raises(PreconditionFailed):
        await process.submit(To(issues, issue, Register(), expected_version=7), request=stale)
    await process.execute(issues, issue, Register())  # now both would be possible
    with pytest.raises(Rejected) as again:
        await process.submit(To(issues, issue, FollowUp()), request=refused)
    assert vars(again.value) == vars(first.value)
    with pytest.raises(PreconditionFailed) as still:
        await process.submit(To(issues, issue, Register(), expected_version=7), request=stale)
    assert still.value.current_version == 0


async def test_a_defect_is_no_answer_and_its_key_is_free_again(process: Process, pool: Pool) -> None:
    issue, request = an_id(), a_request()
    with pytest.raises(RuntimeError):
        await process.submit(To(issues, issue, Break()), request=request)
    assert await count(pool, "idempotency_keys") == 0
    (written,) = await process.submit(To(issues, issue, Register()), request=request)
    assert written.version == 1


async def test_a_repeated_request_whose_rule_has_broken_since_gets_the_first_answer(
    process: Process, pool: Pool
) -> None:
    issue, request = an_id(), a_request()
    (first,) = await process.submit(To(issues, issue, Register()), request=request)
    beside = process.submit(To(issues, an_id(), Register()), request=a_request())
    answers = await asyncio.gather(process.submit(To(issues, issue, Break()), request=request), beside)
    (again,) = answers[0]
    assert (again.replayed, again.version, again.state) == (True, 1, first.state)
    assert await count(pool, "events") == 2
    with pytest.raises(RuntimeError):
        await process.submit(To(issues, issue, Break()), request=a_request())


async def test_repetitions_in_one_batch_are_decided_once(process: Process, pool: Pool) -> None:
    issue, request = an_id(), a_request()
    await process.execute(issues, issue, Register())
    answers = await asyncio.gather(
        *(process.submit(To(issues, issue, FollowUp()), request=request) for _ in range(10)),
        process.submit(To(issues, issue, FollowUp()), request=a_request(request.key, "another body")),
        return_exceptions=True,
    )
    written = [answer[0] for answer in answers if not isinstance(answer, BaseException)]
    assert [one.version for one in written] == [2] * 10
    assert [one.replayed for one in written] == [False] + [True] * 9
    assert isinstance(answers[-1], Rejected)
    assert (await state_of(pool, issues, issue))["follow_ups"] == 1


@pytest.mark.parametrize("exists", [True, False], ids=["done", "rejected"])
async def test_repetitions_at_two_processes_at_once_are_decided_once(
    process: Process, pool: Pool, vault: Vault, exists: bool
) -> None:
    issue = an_id()
    if exists:
        await process.execute(issues, issue, Register())
    requests = [a_request() for _ in range(20)]
    async with Process(pool, vault) as other:
        answers = await asyncio.gather(
            *(each.submit(To(issues, issue, FollowUp()), request=r) for r in requests for each in (process, other)),
            return_exceptions=True,
        )
    told = [str(a) if isinstance(a, BaseException) else str((a[0].id, a[0].version)) for a in answers]
    assert told[::2] == told[1::2]
    assert (await state_of(pool, issues, issue)).get("follow_ups") == (20 if exists else None)
    assert await count(pool, "idempotency_keys", "response IS NOT NULL") == 20


async def test_keys_are_put_away_when_they_are_old(process: Process, pool: Pool) -> None:
    for key in ("old", "young"):
        await process.submit(To(issues, an_id(), Register()), request=a_request(key))
    await pool.execute(
        "UPDATE idempotency_keys SET created_at = $1 WHERE key = 'old'", datetime.now(UTC) - timedelta(days=7, hours=1)
    )
    process.start(Watch(pool, 60, 7).run())

    async def gone() -> bool:
        return await count(pool, "idempotency_keys") == 1

    await eventually(gone)
    assert await pool.fetchval("SELECT key FROM idempotency_keys") == "young"
