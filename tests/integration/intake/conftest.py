"""One intake for all tests of its API."""

import base64
import secrets
from collections.abc import AsyncGenerator

import httpx
import pytest

from tests.integration.intake.partners import JURISDICTION, open311_keys
from tests.running import Infrastructure, Running, running


@pytest.fixture(scope="session")
async def intake(infrastructure: Infrastructure, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Running]:
    env = {
        "PSEUDONYM_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "OPEN311_KEYS": open311_keys(),
        "OPEN311_JURISDICTION": JURISDICTION,
    }
    logs = tmp_path_factory.mktemp("intake")
    async with running("intake", infrastructure, logs, env, prepare=("migrate", "load-reference")) as service:
        yield service


@pytest.fixture(scope="session")
async def agent(intake: Running) -> AsyncGenerator[httpx.AsyncClient]:
    async with await intake.client("agent", sub="A001") as client:
        yield client
