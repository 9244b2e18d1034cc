"""One mediation service for all tests of this folder."""

from collections.abc import AsyncGenerator

import pytest

from tests.integration.mediation.centre import Centre, centre_of
from tests.running import Infrastructure, running


@pytest.fixture(scope="package")
async def centre(infrastructure: Infrastructure, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Centre]:
    logs = tmp_path_factory.mktemp("mediation")
    async with running("mediation", infrastructure, logs) as service, centre_of(service) as centre:
        yield centre
