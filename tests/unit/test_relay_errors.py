"""Whatever the database or the broker does to a relay, it begins anew: a relay that has ended publishes nothing."""

import asyncio
from contextlib import suppress
from typing import Any
from unittest.mock import AsyncMock

import asyncpg
import pytest
from aiokafka.errors import KafkaError

from chassis.backoff import Backoff
from chassis.outbox import NotAcknowledged, Row
from chassis.relay import Relay


class Unlucky(Relay):
    """Fails at first; ``begun_anew`` is set when it is tried again."""

    def __init__(self, error: Exception) -> None:
        super().__init__("", "", "intake", "")
        self._backoff = Backoff(0.001, 0.001)
        self._errors = [error]
        self.begun_anew = asyncio.Event()

    async def _serve(self) -> None:
        if self._errors:
            raise self._errors.pop()
        self.begun_anew.set()
        await asyncio.Event().wait()


@pytest.mark.parametrize(
    "error",
    [
        # What asyncpg makes of a line that is cut between two messages: it ended relays until chaos met it.
        asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress"),
        asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.CannotConnectNowError("the database system is starting up"),
        ConnectionResetError(),
        TimeoutError(),
        KafkaError(),
        NotAcknowledged(),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_it_begins_anew(error: Exception) -> None:
    relay = Unlucky(error)
    running = asyncio.create_task(relay.run())
    async with asyncio.timeout(5):
        await relay.begun_anew.wait()
    assert (await relay.check()).detail["error"] == type(error).__name__
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


class Endless(Relay):
    """Always has something to publish; ``published`` is set when it has gone on after the first."""

    def __init__(self) -> None:
        super().__init__("", "", "intake", "")
        self._error = "NotAcknowledged"
        self.seen: list[str | None] = []
        self.published = asyncio.Event()

    async def _ask(self, conn: Any) -> list[Row]:
        return []

    async def _publish(self, producer: Any, rows: list[Row]) -> None:
        self.seen.append(self._error)
        if len(self.seen) > 1:
            self.published.set()
            await asyncio.Event().wait()


async def test_what_is_published_ends_an_error_though_more_is_always_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    relay, producer = Endless(), AsyncMock()
    monkeypatch.setattr("chassis.outbox.new_producer", lambda _: producer)
    leading = asyncio.create_task(relay._lead(AsyncMock()))
    async with asyncio.timeout(5):
        await relay.published.wait()
    assert relay.seen == ["NotAcknowledged", None]
    leading.cancel()
    with suppress(asyncio.CancelledError):
        await leading
