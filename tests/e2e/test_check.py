"""After every road was gone, every service's database is what the chassis promises."""

import pytest

from stack.fleet import SERVICES
from tests.e2e.api import ADMIN
from tests.e2e.world import World


@pytest.mark.parametrize("service", SERVICES)
async def test_nothing_is_found(world: World, service: str) -> None:
    found = await world.api.get(ADMIN, service, "/v1/check")
    assert (found["counts"], found["findings"]) == ({}, [])
    assert found["ok"]
    assert found["complete"]
    (events,) = await world.fetch(service, "SELECT count(*) FROM events")
    assert found["events"] == events["count"] > 0
