"""One broker and one server for the whole test run; topics and databases of its own for each test."""

import gc
import tempfile
import uuid
from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest

from stack.backend import Backend, choose
from stack.children import Children
from stack.databases import create_database, drop_database

# A run makes millions of objects and hardly any cycles: looking for them at Python's own pace took an eighth of it.
gc.set_threshold(100_000, 50, 50)


@pytest.fixture(scope="session")
def server_folder() -> Generator[Path]:
    """Where an embedded broker and server keep their data and logs."""
    # Not under pytest's own folder: another run closes that one to the server's user.
    with tempfile.TemporaryDirectory(prefix="qingcheng-") as directory:
        yield Path(directory)


@pytest.fixture(scope="session")
def backend(server_folder: Path) -> Generator[Backend]:
    """Where Kafka and PostgreSQL come from, as `STACK` says; nothing is started before a test asks for it."""
    with Children() as children:
        chosen = choose(children, server_folder)
        yield chosen
        chosen.stop()


@pytest.fixture(scope="session")
def kafka(backend: Backend) -> str:
    """Bootstrap servers of the run's broker. It creates no topics by itself: see `stack.topics.create_topics`."""
    return backend.start_kafka()


@pytest.fixture(scope="session")
def postgres_url(backend: Backend) -> str:
    """URL of the maintenance database, as a user who may create databases."""
    return backend.start_postgres()


@pytest.fixture
async def database(postgres_url: str) -> AsyncGenerator[str]:
    """URL of an empty database that is dropped after the test."""
    name = f"test_{uuid.uuid4().hex}"
    yield await create_database(postgres_url, name)
    await drop_database(postgres_url, name)


@pytest.fixture
def topic_prefix() -> str:
    """A prefix that makes this test's topics its own."""
    return f"t{uuid.uuid4().hex[:12]}."
