"""A migrated database per test, copied from a template that is migrated once."""

import asyncio
import uuid
from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest
import structlog
from asyncpg.pool import Pool

from chassis.database import open_pool
from chassis.migrate import migrate
from chassis.private_data import Vault
from contracts.topics import TOPICS
from stack.databases import copy_database, create_database, drop_database
from stack.topics import create_topics
from tests.integration.chassis.broker import PARTITIONS
from tests.integration.chassis.process import Process

REVISIONS = Path(__file__).parent / "migrations"


@pytest.fixture(scope="session", autouse=True)
def plain_logs() -> Generator[None]:
    """Tracebacks without colours and local variables, which take longer than the tests."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
        ]
    )
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
async def template(postgres_url: str) -> AsyncGenerator[str]:
    """Name of a database that has the chassis's tables and the sample's."""
    name = f"template_{uuid.uuid4().hex}"
    url = await create_database(postgres_url, name)
    await asyncio.to_thread(migrate, url, REVISIONS)
    yield name
    await drop_database(postgres_url, name)


@pytest.fixture
async def migrated(postgres_url: str, template: str) -> AsyncGenerator[str]:
    """URL of a migrated database that is dropped after the test."""
    name = f"test_{uuid.uuid4().hex}"
    yield await copy_database(postgres_url, template, name)
    await drop_database(postgres_url, name)


@pytest.fixture
async def pool(migrated: str) -> AsyncGenerator[Pool]:
    """A pool as the services open it."""
    pool = await open_pool(migrated)
    yield pool
    await pool.close()


@pytest.fixture(scope="session")
def vault() -> Vault:
    """Two keys; the second one encrypts."""
    return Vault({"old": bytes(32), "new": bytes(range(32))}, "new")


@pytest.fixture
async def process(pool: Pool, vault: Vault) -> AsyncGenerator[Process]:
    """A process whose pipeline runs."""
    async with Process(pool, vault) as process:
        yield process


@pytest.fixture
async def topics(kafka: str, topic_prefix: str) -> str:
    """This test's topics; returns their prefix."""
    await create_topics(kafka, [topic_prefix + name for name in TOPICS], partitions=PARTITIONS)
    return topic_prefix
