"""What tests of the edges share: an issuer, settings, and a client of a small application."""

import base64
import json
from collections.abc import AsyncGenerator, Generator

import httpx
import pytest
from fastapi import FastAPI

from chassis.security import TokenVerifier
from chassis.settings import load
from stack.net import PLAIN_HTTP
from tests.unit.edge_app import EdgeSettings, build, client_of
from tests.unit.local_issuer import LocalIssuer


@pytest.fixture
def issuer() -> Generator[LocalIssuer]:
    running = LocalIssuer()
    yield running
    running.close()


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A complete and valid environment, set for the process."""
    variables = {
        "DATABASE_URL": "postgresql://postgres@/edges?host=/run/db",
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9092",
        "HTTP_PORT": "0",
        "OIDC_ISSUER": "http://127.0.0.1:1",
        "CLIENT_ID": "edges",
        "CLIENT_SECRET": "hush",
        "PRIVATE_DATA_KEYS": json.dumps({"k1": base64.b64encode(b"1" * 32).decode()}),
        "PRIVATE_DATA_KEY_ID": "k1",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables


@pytest.fixture
async def issuer_client() -> AsyncGenerator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=2, verify=PLAIN_HTTP) as client:
        yield client


@pytest.fixture
async def verifier(issuer: LocalIssuer, issuer_client: httpx.AsyncClient) -> AsyncGenerator[TokenVerifier]:
    made = TokenVerifier(issuer.url, "qingcheng", issuer_client)
    yield made
    await made.aclose()


@pytest.fixture
def app(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, verifier: TokenVerifier) -> FastAPI:
    monkeypatch.setenv("MAX_BODY_BYTES", "20000")
    return build(load(EdgeSettings), verifier)


@pytest.fixture
async def client(app: FastAPI, issuer: LocalIssuer) -> AsyncGenerator[httpx.AsyncClient]:
    """A client with an agent's token."""
    async with client_of(app) as opened:
        opened.headers["Authorization"] = f"Bearer {issuer.token()}"
        yield opened
