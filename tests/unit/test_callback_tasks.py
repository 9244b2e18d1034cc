"""What serves a partner's subscription ends when it is told to, whatever comes at that moment."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from asyncpg.pool import Pool

from services.notify import webhooks
from services.notify.callback_rules import Pace
from services.notify.subscription import Subscription
from services.notify.webhook_call import Receiver
from services.notify.webhook_worker import Worker
from services.notify.webhooks import Webhooks

PACE = Pace(timedelta(seconds=1), 2.0, timedelta(minutes=1), attempts=4, trouble=4)


class NothingWaits:
    """A pool whose queue is empty, and a receiver that is not called."""

    async def fetch(self, *_: object) -> list[Any]:
        return []

    async def fetchval(self, *_: object) -> None:
        return None

    async def aclose(self) -> None:
        """Nothing is open."""


async def _submit(_: object) -> None:
    raise AssertionError("nothing is submitted")


def worker() -> Worker:
    nothing = NothingWaits()
    pool, receiver = cast("Pool[Any]", nothing), cast(Receiver, nothing)
    subscription = Subscription(since=datetime.now(UTC))
    return Worker(pool, "1", subscription, receiver, {}, _submit, pace=PACE, concurrency=4)


@pytest.mark.parametrize("steps", range(8))
async def test_a_worker_that_is_woken_as_it_is_cancelled_ends(steps: int) -> None:
    """A deleted subscription whose worker went on kept every other one from being served."""
    one = worker()
    task = asyncio.create_task(one.run())
    for _ in range(20):  # of the loop; it waits then
        await asyncio.sleep(0)
    one.wake()
    for _ in range(steps):
        await asyncio.sleep(0)
    task.cancel()
    done, _pending = await asyncio.wait([task], timeout=5)
    assert done == {task}
    assert task.cancelled()


async def test_what_does_not_end_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "_LONGEST_STOP", 0.01)
    desk = object.__new__(Webhooks)
    let_go = asyncio.Event()

    async def stubborn() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await let_go.wait()

    task = asyncio.create_task(stubborn(), name="callbacks 1")
    await asyncio.sleep(0)
    desk._running = {"1": webhooks._Running(Subscription(), task)}
    with pytest.raises(RuntimeError, match="callbacks 1"):
        await desk._stop("1")
    let_go.set()
    await asyncio.wait([task])
