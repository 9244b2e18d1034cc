"""One intake for all tests of its API."""

import base64
import secrets
from collections.abc import AsyncGenerator

import httpx
import pytest

from tests.running import Infrastructure, Running, running


@pytest.fixture(scope="session")
async def intake(infrastructure: Infrastructure, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Running]:
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    logs = tmp_path_factory.mktemp("intake")
    async with running(
        "intake", infrastructure, logs, {"PSEUDONYM_KEY": key}, prepare=("migrate", "load-reference")
    ) as service:
        yield service


@pytest.fixture(scope="session")
async def agent(intake: Running) -> AsyncGenerator[httpx.AsyncClient]:
    async with await intake.client("agent", sub="A001") as client:
        yield client
