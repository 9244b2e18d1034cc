"""What services need around them, once for the whole test run."""

import secrets
from collections.abc import AsyncGenerator

import pytest

from stack.children import Children
from stack.doubles import start_issuer, start_sms_gateway
from tests.integration.order_desk import PREPARE, Desk, desk_of
from tests.running import Infrastructure, Issuer, running


@pytest.fixture(scope="session")
async def infrastructure(
    kafka: str, postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Infrastructure]:
    """Broker, server and issuer."""
    client_secret = secrets.token_urlsafe(16)
    with Children() as children:
        url = start_issuer(children, tmp_path_factory.mktemp("issuer"), client_secret)
        around = Infrastructure(kafka, postgres_url, Issuer(url, client_secret), children)
        yield around
        await around.drop_templates()


@pytest.fixture(scope="session")
def sms_gateway(infrastructure: Infrastructure, tmp_path_factory: pytest.TempPathFactory) -> str:
    """URL of the local SMS gateway."""
    return start_sms_gateway(infrastructure.children, tmp_path_factory.mktemp("sms"))


@pytest.fixture(scope="package")
async def desk(infrastructure: Infrastructure, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Desk]:
    """One router for all tests of its API."""
    logs = tmp_path_factory.mktemp("router")
    async with running("router", infrastructure, logs, prepare=PREPARE) as service, desk_of(service) as desk:
        yield desk
