"""Whatever the database or the broker does to a relay, it begins anew: a relay that has ended publishes nothing."""

import asyncio
from contextlib import suppress

import asyncpg
import pytest
from aiokafka.errors import KafkaError

from chassis.backoff import Backoff
from chassis.outbox import NotAcknowledged
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
