"""One trace leads from the first call through every service."""

import pytest

from stack.fleet import SERVICES
from tests.e2e.world import World
from tests.polling import eventually


@pytest.mark.parametrize("road", ["dual", "whistle", "agreed", "failed", "rework"])
async def test_the_calls_trace_is_found_in_every_services_spans(world: World, road: str) -> None:
    trace_id = world.issues[road].trace_id

    await eventually(lambda: world.collector.services(trace_id) == set(SERVICES), seconds=15)


async def test_every_event_of_an_issue_carries_the_trace_of_its_first_call(world: World) -> None:
    walk = world.issues["agreed"]
    for service in SERVICES:
        query = "SELECT meta->>'traceparent' AS trace FROM events WHERE issue_id = $1::text::uuid"
        rows = await world.fetch(service, query, walk.id)
        assert {row["trace"][3:35] for row in rows} == {walk.trace_id}
