"""Serves HTTP until the process is told to stop."""

import asyncio
import signal
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType

import uvicorn
from fastapi import FastAPI

from chassis.settings import Settings
from chassis.woken import woken

_TICK = 1.0  # seconds; answers carry the date


class Server(uvicorn.Server):
    """Ends on SIGINT or SIGTERM and leaves it at that.

    uvicorn would raise the signal again, and the process would be gone before it has put its things away. It would
    also look ten times a second whether it is to end.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._told = asyncio.Event()

    async def main_loop(self) -> None:
        """Keep the date until told to end."""
        while not await self.on_tick(0):
            await woken(self._told, _TICK)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take note of a signal."""
        super().handle_exit(sig, frame)
        self._told.set()

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Take signals from now on until the process ends, so that a second one does not cut the ending short."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


async def serve_http(app: FastAPI, settings: Settings) -> None:
    """Serve ``app`` until a signal comes, then finish the requests in hand."""
    config = uvicorn.Config(
        app,
        host=settings.http_host,
        port=settings.http_port,
        loop="none",
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # no answer depends on who is nearer to the caller
        timeout_keep_alive=75,  # longer than load balancers keep a connection: who closes it last never loses a request
        timeout_graceful_shutdown=5,
    )
    await Server(config).serve()
