"""The embedded backend's life: it comes back with its data, and it never outlives who started it."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from pathlib import Path

import asyncpg
import psutil
import pytest
from aiokafka.admin import AIOKafkaAdminClient

from stack.backend import start
from stack.children import Children, is_gone
from stack.databases import create_database, database_url
from stack.embedded import EmbeddedBackend
from stack.net import wait_until
from stack.topics import create_topics

pytestmark = pytest.mark.skipif(os.environ.get("STACK", "embedded") != "embedded", reason="about the embedded backend")

SECOND_START_SECONDS = 18
"""Three times what it may take on a machine of its own: tests share theirs."""

OWNER = """
import json, sys
from pathlib import Path
from stack.backend import start
from stack.children import Children
from stack.embedded import EmbeddedBackend
children = Children()
start(EmbeddedBackend(children, Path(sys.argv[1])))
print(json.dumps(children.pids), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder() -> Generator[Path]:
    """Not pytest's own: another run at the same time closes that one to the server's user."""
    with tempfile.TemporaryDirectory(prefix="qingcheng-") as directory:
        yield Path(directory)


async def list_topics(bootstrap: str) -> list[str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        await admin.start()
        return await admin.list_topics()
    finally:
        await admin.close()


async def list_databases(url: str) -> list[str]:
    connection = await asyncpg.connect(url)
    try:
        return [row["datname"] for row in await connection.fetch("SELECT datname FROM pg_database")]
    finally:
        await connection.close()


def test_a_second_start_is_quick_and_finds_the_data(folder: Path) -> None:
    with Children() as children:
        first = start(EmbeddedBackend(children, folder))
        asyncio.run(create_topics(first.kafka, ["kept"]))
        asyncio.run(create_database(first.database_url, "kept"))
        pids = children.pids
    assert pids.keys() == {"kafka", "postgres"}
    assert all(map(is_gone, pids.values()))

    began = time.monotonic()
    with Children() as children:
        second = start(EmbeddedBackend(children, folder))
        took = time.monotonic() - began
        assert "kept" in asyncio.run(list_topics(second.kafka))
        assert "kept" in asyncio.run(list_databases(database_url(second.database_url, "kept")))
    assert took < SECOND_START_SECONDS


def test_broker_and_server_die_with_a_killed_owner(folder: Path) -> None:
    with psutil.Popen(
        [sys.executable, "-c", OWNER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        pids: dict[str, int] = json.loads(owner.stdout.readline())
        assert not any(map(is_gone, pids.values()))
        owner.send_signal(signal.SIGKILL)
    wait_until(lambda: all(map(is_gone, pids.values())), 20, "the end of broker and server")
    assert pids.keys() == {"kafka", "postgres"}
