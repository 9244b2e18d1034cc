"""The database of a service that has not begun: its tables, and nobody who writes them but the test."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from asyncpg.pool import Pool

from chassis.database import open_pool
from chassis.migrate import migrate


@asynccontextmanager
async def migrated(database: str, migrations: Path) -> AsyncGenerator[Pool]:
    """A pool on ``database`` (its URL), to which all ``migrations`` of a service have been applied."""
    await asyncio.to_thread(migrate, database, migrations)
    pool = await open_pool(database)
    try:
        yield pool
    finally:
        await pool.close()
