"""The version in a row guards it, too: where a lock is missing, nobody overwrites what somebody else wrote."""

import asyncio

from chassis.aggregate import To
from chassis.private_data import Vault
from tests.integration.chassis.faults import Faults, faulty_pool
from tests.integration.chassis.process import Process, events_of, state_of
from tests.integration.chassis.requests import a_request
from tests.integration.chassis.sample import FollowUp, Register, an_id, issues


async def test_nothing_is_overwritten_even_without_row_locks(migrated: str, vault: Vault) -> None:
    issue, faults = an_id(), Faults()
    faults.lockless = True
    one, two = [await faulty_pool(migrated, faults) for _ in range(2)]
    async with one, two, Process(one, vault) as first, Process(two, vault) as second:
        await first.execute(issues, issue, Register())
        for _ in range(20):
            answers = await asyncio.gather(
                *(each.submit(To(issues, issue, FollowUp()), request=a_request()) for each in (first, second))
            )
            versions = [written.version for (written,) in answers]
            assert abs(versions[0] - versions[1]) == 1
        assert (await state_of(one, issues, issue))["follow_ups"] == 40
        assert [event["version"] for event in await events_of(one, issue)] == list(range(1, 42))


async def test_nothing_is_overwritten_that_somebody_else_began(migrated: str, vault: Vault) -> None:
    """A row that is not there yet cannot be locked."""
    faults = Faults()
    one, two = [await faulty_pool(migrated, faults) for _ in range(2)]
    async with one, two, Process(one, vault) as first, Process(two, vault) as second:
        for _ in range(20):
            issue = an_id()
            answers = await asyncio.gather(
                *(each.submit(To(issues, issue, Register()), request=a_request()) for each in (first, second))
            )
            assert [written.version for (written,) in answers] == [1, 1]
            assert len(await events_of(one, issue)) == 1
