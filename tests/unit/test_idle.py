"""A process that nobody wants anything of hardly wakes up, and is there at once when somebody does."""

import asyncio
import signal
from unittest.mock import AsyncMock, Mock

import pytest
import uvicorn
from fastapi import FastAPI

from chassis import http_server
from chassis.http_server import Server
from chassis.pipeline import Pipeline
from chassis.session import Session
from services.notify import sender
from services.notify.sender import Sender
from tests.polling import eventually


async def test_a_server_that_waits_for_its_next_second_ends_when_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "_TICK", 3600.0)
    server = Server(uvicorn.Config(FastAPI(), port=0, lifespan="off", log_config=None))

    async def has_started() -> bool:
        return server.started

    serving = asyncio.create_task(server._serve())
    await eventually(has_started, seconds=5)
    server.handle_exit(signal.SIGTERM, None)
    async with asyncio.timeout(5):
        await serving


class IdleSender:
    """A sender that finds nothing, and its ``looks``, of which the first ones meet no database."""

    def __init__(self, fails: int = 0) -> None:
        self._fails = fails
        self.looks: asyncio.Queue[str] = asyncio.Queue()
        self.pipeline = Pipeline(Mock(), Mock())
        pool = Mock(execute=AsyncMock(), fetch=self._fetch)
        part = Mock()
        self._sender = Sender(
            pool, self.pipeline, part, part, part, part, {}, part, None, pseudonym_key=b"", concurrency=8, idle=0.001
        )
        self._running = asyncio.create_task(self._sender.run())

    async def _fetch(self, query: str, *_: object) -> list[object]:
        self.looks.put_nowait(query)
        if self._fails:
            self._fails -= 1
            raise ConnectionError
        return []

    async def looked(self) -> None:
        """Wait for the next look."""
        async with asyncio.timeout(5):
            await self.looks.get()

    async def stop(self) -> None:
        self._running.cancel()
        await asyncio.wait([self._running])


async def test_a_sender_looks_when_its_process_has_committed_something(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "_LOOK_ANYHOW", 3600.0)
    idle = IdleSender()
    await idle.looked()
    (tell,) = idle.pipeline.when_recorded
    tell(Mock(spec=Session))
    await idle.looked()
    await idle.stop()


async def test_a_sender_looks_now_and_then_for_what_others_have_committed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "_LOOK_ANYHOW", 0.01)
    idle = IdleSender()
    for _ in range(3):
        await idle.looked()
    await idle.stop()


async def test_a_sender_whose_look_failed_does_not_wait_to_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "_LOOK_ANYHOW", 3600.0)
    idle = IdleSender(fails=1)
    await idle.looked()
    await idle.looked()
    await idle.stop()


async def test_a_sender_of_whom_nobody_wants_anything_does_not_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "_LOOK_ANYHOW", 3600.0)
    idle = IdleSender()
    await idle.looked()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await idle.looks.get()
    await idle.stop()
