"""Databases for tries: copies of one that is prepared once, and what is read out of them."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any

import asyncpg

from stack.databases import database_url, drop_database

PAUSE = 0.25  # seconds between looks, seldom enough not to be felt
RELAY_LOCK = 7_113_001
"""The lock of whoever publishes a service's events (docs/architecture.md)."""


@asynccontextmanager
async def copy_of(admin_url: str, original: str, name: str) -> AsyncGenerator[str]:
    """The URL of a copy of a database to which nobody is connected; dropped at the end of the block."""
    connection = await asyncpg.connect(admin_url)
    try:
        await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{original}" STRATEGY FILE_COPY')
    finally:
        await connection.close()
    try:
        yield database_url(admin_url, name)
    finally:
        await drop_database(admin_url, name)


@asynccontextmanager
async def without_relay(dsn: str) -> AsyncGenerator[None]:
    """Hold the relay's lock before the service starts: its relay stands by, as if another process published."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", RELAY_LOCK)
        yield
    finally:
        await connection.close()


async def value(dsn: str, query: str) -> Any:
    """The one value that ``query`` gives."""
    return (await rows(dsn, query))[0][0]


async def rows(dsn: str, query: str) -> Sequence[asyncpg.Record]:
    """What ``query`` gives."""
    connection = await asyncpg.connect(dsn)
    try:
        found: Sequence[asyncpg.Record] = await connection.fetch(query)
        return found
    finally:
        await connection.close()


async def execute(dsn: str, statement: str) -> None:
    """Run ``statement``."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def until(dsn: str, query: str, wanted: int, seconds: float, check: Callable[[], None]) -> None:
    """Wait until ``query`` gives ``wanted``. Raises TimeoutError after ``seconds``, or whatever ``check`` does."""
    connection = await asyncpg.connect(dsn)
    deadline = monotonic() + seconds
    try:
        while (found := await connection.fetchval(query)) < wanted:
            check()
            if monotonic() > deadline:
                raise TimeoutError(f"{found} of {wanted} after {seconds:.0f} s: {query}")
            await asyncio.sleep(PAUSE)
    finally:
        await connection.close()
