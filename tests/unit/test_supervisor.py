"""A background task that has ended is told, however it ended; one that was stopped is not."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from chassis.supervisor import Supervisor


async def _for_ever() -> None:
    await asyncio.Event().wait()


async def _returns() -> None:
    return


async def _fails() -> None:
    raise RuntimeError


async def _waits_for_what_is_cancelled() -> None:
    awaited = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(awaited.cancel)
    await awaited


@pytest.mark.parametrize(
    ("work", "reason"),
    [(_returns, "returned"), (_fails, "RuntimeError"), (_waits_for_what_is_cancelled, "cancelled")],
)
def test_a_task_that_ended_is_told(work: Callable[[], Awaitable[None]], reason: str) -> None:
    async def look() -> None:
        supervisor = Supervisor()

        async def body() -> None:
            await work()

        supervisor.spawn("letters", body())
        await asyncio.wait(supervisor._tasks.values())
        await asyncio.sleep(0)
        found = await supervisor.check()
        assert not found.ok
        assert found.detail["died"] == {"letters": reason}

    asyncio.run(look())


def test_a_task_that_was_stopped_has_not_died() -> None:
    async def look() -> None:
        supervisor = Supervisor()
        supervisor.spawn("letters", _for_ever())
        await asyncio.sleep(0)
        await supervisor.stop("letters")
        assert (await supervisor.check()).ok

    asyncio.run(look())
