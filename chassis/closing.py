"""Ending a client of Kafka, whose own end can come to grief half-way."""

import asyncio
from collections.abc import Callable, Coroutine

import structlog
from aiokafka.errors import KafkaError

log = structlog.get_logger()
_PATIENCE = 5.0  # seconds, for each step


async def put_away(*steps: Callable[[], Coroutine[object, object, object]]) -> None:
    """Take each step to its end, also where one before it has failed or did not end, which is logged.

    Each is a task of its own: aiokafka's ``stop`` may raise the CancelledError of a request that it has cancelled
    itself, and here that would look as if whoever closes had been cancelled; and whoever is cancelled while it waits
    for a task of its own would not hear of it, but go on.
    """
    for step in steps:
        task = asyncio.create_task(step())
        await asyncio.wait([task], timeout=_PATIENCE)
        if not task.done():
            task.cancel()
            await asyncio.wait([task])
        try:
            task.result()
        except (KafkaError, OSError, TimeoutError, asyncio.CancelledError) as error:
            log.warning("kafka.cut_off", step=step.__qualname__, error=type(error).__name__)
