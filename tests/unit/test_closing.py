"""A client is put away to its last step, whatever the steps before it came to."""

import asyncio
from contextlib import suppress
from unittest.mock import AsyncMock, Mock

import pytest
from aiokafka.errors import KafkaConnectionError

from chassis import closing, raw_records
from chassis.closing import put_away


async def cancelled() -> None:
    raise asyncio.CancelledError


async def broken() -> None:
    raise KafkaConnectionError


async def endless() -> None:
    await asyncio.Event().wait()


async def test_every_step_is_taken_and_none_cancels_whoever_closes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closing, "_PATIENCE", 0.01)
    taken: list[str] = []

    async def last() -> None:
        taken.append("last")

    await put_away(cancelled, broken, endless, last)
    assert taken == ["last"]


async def test_what_is_no_fault_of_the_broker_is_raised() -> None:
    async def wrong() -> None:
        raise ValueError("wrong")

    with pytest.raises(ValueError, match="wrong"):
        await put_away(wrong)


async def test_whoever_is_cancelled_while_a_client_closes_does_not_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    closes = asyncio.Event()

    async def close() -> None:
        closes.set()
        with suppress(asyncio.CancelledError):  # as aiokafka does around a task of its own
            await asyncio.Event().wait()

    client = Mock(bootstrap=AsyncMock(), set_topics=AsyncMock(), close=close)
    monkeypatch.setattr(raw_records, "AIOKafkaClient", lambda **_: client)
    reading = asyncio.create_task(raw_records.fetch("", {}))
    await closes.wait()
    reading.cancel()
    await asyncio.wait([reading])
    assert reading.cancelled()
