"""One world for all end-to-end tests: starting it costs more than all of them."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.e2e.world import World, living


@pytest.fixture(scope="session")
async def world(
    kafka: str, postgres_url: str, server_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[World]:
    """All services, after one issue has gone down each road."""
    async with living(kafka, postgres_url, server_folder, tmp_path_factory.mktemp("world")) as world:
        yield world
