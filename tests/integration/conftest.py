"""What services need around them, once for the whole test run."""

import secrets
from collections.abc import AsyncGenerator

import pytest

from stack.children import Children
from stack.doubles import start_issuer, start_sms_gateway
from tests.running import Infrastructure, Issuer


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
