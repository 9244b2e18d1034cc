"""One world for all end-to-end tests: starting it costs more than all of them."""

import uuid
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.e2e.api import AGENT, CLERK, PARTNER, STREET, SUPERVISOR
from tests.e2e.roads import LOCALITY, begin
from tests.e2e.world import World, living


@pytest.fixture(scope="session")
async def world(
    kafka: str, postgres_url: str, server_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[World]:
    """All services, after one issue has gone down each road."""
    async with living(kafka, postgres_url, server_folder, tmp_path_factory.mktemp("world")) as world:
        yield world


@pytest.fixture(scope="session")
async def rows(world: World) -> dict[str, str]:
    """A row of each kind that belongs to somebody, by the name of its id in the paths."""
    walk = await begin(world.api, world.secrets, uuid.uuid4().hex)
    order = await walk.accepted(LOCALITY)
    api, issues = world.api, world.issues
    whistles = await api.get(SUPERVISOR, "router", "/v1/whistles", status="closed")
    cases = await api.get(CLERK, "mediation", "/v1/cases", issue_id=issues["agreed"].id)
    petitions = await api.get(CLERK, "mediation", "/v1/petitions", issue_id=issues["petition"].id)
    await api.until(STREET, "intake", walk.path, lambda issue: bool(issue["id"]))  # it heard whose the order is
    nobody_listens = {"url": "http://127.0.0.1:9/hook", "types": ["qingcheng.router.order.dispatched.v1"]}
    subscription = await api.post(PARTNER, "notify", "/v1/subscriptions", nobody_listens)
    return {
        "subscription_id": subscription["id"],
        "issue_id": walk.id,
        "appeal_id": (await api.get(AGENT, "intake", walk.path))["appeals"][0],
        "order_id": order["id"],
        "whistle_id": whistles["items"][0]["id"],
        "case_id": cases["items"][0]["id"],
        "petition_id": petitions["items"][0]["id"],
        "number": "1",
    }
