"""One router for all tests of its API."""

from collections.abc import AsyncGenerator

import pytest

from tests.integration.router.order_desk import PREPARE, Desk, desk_of
from tests.running import Infrastructure, running


@pytest.fixture(scope="package")
async def desk(infrastructure: Infrastructure, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Desk]:
    logs = tmp_path_factory.mktemp("router")
    async with running("router", infrastructure, logs, prepare=PREPARE) as service, desk_of(service) as desk:
        yield desk
