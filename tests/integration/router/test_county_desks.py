"""二级派单 over HTTP: each order that waits for a dispatcher is at one desk; a county's sees its own county only."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from typing import Any

import asyncpg
import httpx
import pytest

from contracts.codes import Agency
from contracts.intake_turns import IssueEmergencyAssessed
from services.router.order_model import WorkOrder
from tests.integration.router.order_desk import (
    LOCALITY_ITEM,
    LONG_AGO,
    OTHER,
    PREPARE,
    SECTOR,
    STREET,
    Desk,
    desk_of,
    done,
)
from tests.integration.router.queue_walk import COUNTY, OTHER_COUNTY, items_of, queue
from tests.running import Infrastructure, running
from tests.unit.order_life import ORDERS

UNKNOWN_STREET, FAR_STREET = "150102999", "150103001"
DUTY_DESK = "D15010025"
TO_STREET = {"obligations": [{"unit": STREET}]}


@pytest.fixture(scope="module")
async def room(infrastructure: Infrastructure, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Desk]:
    """A router of its own, so that counts are of this module's orders."""
    folder = tmp_path_factory.mktemp("desks")
    async with running("router", infrastructure, folder, prepare=PREPARE) as service, desk_of(service) as desk:
        yield desk


@pytest.fixture
async def counties(room: Desk) -> AsyncGenerator[tuple[httpx.AsyncClient, httpx.AsyncClient]]:
    """The dispatchers of two counties."""
    async with AsyncExitStack() as stack:
        yield (
            await stack.enter_async_context(await room.service.client("dispatcher", sub="D2", unit=COUNTY)),
            await stack.enter_async_context(await room.service.client("dispatcher", sub="D3", unit=OTHER_COUNTY)),
        )


async def refused(request: Any, status: int, code: str) -> None:
    answer = await request
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


async def test_county_known_street_not_is_seen_and_dispatched_by_that_county_only(
    room: Desk, counties: tuple[httpx.AsyncClient, httpx.AsyncClient]
) -> None:
    own, other = counties
    order = await room.accept(street=UNKNOWN_STREET)
    assert (order["desk"], order["status"]) == (COUNTY, "pending_dispatch")
    path = f"/v1/orders/{order['id']}"
    assert order["id"] in [row["id"] for row in await queue(own, "county")]
    assert order["id"] not in [row["id"] for row in await queue(room.dispatcher, "dispatcher")]
    assert order["id"] in [row["id"] for row in await queue(room.dispatcher, "county")]
    assert order["id"] not in [row["id"] for row in await queue(other, "county")]
    assert (await own.get(path)).status_code == 200
    await refused(other.get(path), 404, "order.not_found")
    await refused(other.get(f"{path}/why"), 404, "order.not_found")
    await refused(other.post(f"{path}/dispatch", json=TO_STREET), 403, "order.not_your_desk")
    bulk = {"dispatches": [{"order_id": order["id"], **TO_STREET}]}
    (outcome,) = (await done(other.post("/v1/orders/bulk-dispatch", json=bulk)))["outcomes"]
    assert (outcome["dispatched"], outcome["code"]) == (False, "order.not_your_desk")
    far = {"obligations": [{"unit": f"S{FAR_STREET}"}]}
    await refused(own.post(f"{path}/dispatch", json=far), 422, "order.outside_county")
    with_sector = {"obligations": [{"unit": STREET}, {"unit": "D15010026", "role": "dual"}]}
    await refused(own.post(f"{path}/dispatch", json=with_sector), 422, "order.outside_county")
    sent = await done(own.post(f"{path}/dispatch", json=TO_STREET))
    assert (sent["status"], sent["desk"]) == ("pending_sign", COUNTY)
    queued, chosen = (await done(own.get(f"{path}/why")))["steps"]
    ways = [{way["kind"]: way["chosen"] for way in step["alternatives"]} for step in (queued, chosen)]
    assert [(way["county_centre"], way["dispatcher"]) for way in ways] == [(True, False), (True, False)]
    assert [shown["id"] async for shown in items_of(other, "/v1/orders")] == []
    assert order["id"] in [shown["id"] async for shown in items_of(own, "/v1/orders")]


async def test_the_sector_that_the_catalogue_names_may_be_given_its_part(
    room: Desk, counties: tuple[httpx.AsyncClient, httpx.AsyncClient]
) -> None:
    order = await room.accept(item="0406", street=UNKNOWN_STREET)
    both = {"obligations": [{"unit": STREET}, {"unit": SECTOR, "role": "dual"}]}
    sent = await done(counties[0].post(f"/v1/orders/{order['id']}/dispatch", json=both))
    assert [duty["unit"] for duty in sent["obligations"]] == [STREET, SECTOR]


async def test_a_return_comes_back_to_the_county_that_dispatched(
    room: Desk, counties: tuple[httpx.AsyncClient, httpx.AsyncClient]
) -> None:
    own, other = counties
    order = await room.accept(street=UNKNOWN_STREET)
    path = f"/v1/orders/{order['id']}"
    await done(own.post(f"{path}/dispatch", json=TO_STREET))
    wrong = {"reason": "not_our_area", "unit": OTHER, "text": "地点在邻街，联系人王示例。"}
    asked = await done(room.street.post(f"{path}/return", json=wrong))
    assert order["id"] in [row["id"] for row in await queue(own, "county")]
    assert order["id"] not in [row["id"] for row in await queue(room.dispatcher, "dispatcher")]
    approve = f"{path}/requests/{asked['requests'][0]['id']}/approve"
    await refused(other.post(approve), 403, "order.not_your_desk")
    await refused(other.get(f"{path}/notes"), 404, "order.not_found")
    assert (await done(own.post(approve)))["status"] == "pending_dispatch"
    assert (await done(own.post(f"{path}/desk", json={"desk": None})))["desk"] is None
    assert order["id"] in [row["id"] for row in await queue(room.dispatcher, "dispatcher")]
    await refused(own.post(f"{path}/dispatch", json=TO_STREET), 403, "order.not_your_desk")
    await refused(room.dispatcher.post(f"{path}/desk", json={"desk": STREET}), 422, "order.not_a_desk")
    assert (await done(room.dispatcher.post(f"{path}/desk", json={"desk": OTHER_COUNTY})))["desk"] == OTHER_COUNTY
    assert order["id"] in [row["id"] for row in await queue(other, "county")]


async def test_every_order_that_waits_for_a_dispatcher_is_at_exactly_one_desk(
    room: Desk, counties: tuple[httpx.AsyncClient, httpx.AsyncClient]
) -> None:
    for street in (None, UNKNOWN_STREET, "150103", "150103999", STREET[1:]):
        await room.accept(street=street)
    waiting = {row["id"] async for row in items_of(room.supervisor, "/v1/orders", queue="dispatch")}
    desks = [await queue(room.dispatcher, "dispatcher"), *[await queue(client, "county") for client in counties]]
    found = [row["id"] for rows in desks for row in rows if row["status"] == "pending_dispatch"]
    assert len(waiting) >= 4
    assert (len(found), set(found)) == (len(waiting), waiting)
    everywhere = [row["id"] for name in ("dispatcher", "county") for row in await queue(room.dispatcher, name)]
    assert len(everywhere) == len(set(everywhere)) == len([row for rows in desks for row in rows])


async def test_why_here_tells_each_step_by_the_urgency_of_its_time(room: Desk) -> None:
    order = await room.accept(item="9999", street=UNKNOWN_STREET)
    seen = IssueEmergencyAssessed(emergency=Agency.FIRE, triage_due=LONG_AGO, by="A001")
    await room.hear(order["issue_id"], order["issue_id"], seen, first=2)
    await room.until(order["id"], lambda now: now["status"] == "pending_sign")
    waited, sent = (await done(room.supervisor.get(f"/v1/orders/{order['id']}/why")))["steps"]
    assert (waited["rule"], waited["by_the_rules"]) == (None, True)
    assert {way["kind"]: way["chosen"] for way in waited["alternatives"]}["county_centre"] is True
    assert (sent["rule"], sent["by"], sent["by_the_rules"]) == ("emergency_duty", None, True)
    assert [unit["unit"] for unit in sent["units"]] == [COUNTY, DUTY_DESK]
    ways = [way for way in sent["alternatives"] if way["kind"] == "emergency_duty"]
    assert [(way["unit"], way["chosen"]) for way in ways] == [(COUNTY, True), (DUTY_DESK, True)]


async def test_an_orders_county_is_the_same_to_the_database(room: Desk) -> None:
    await room.accept(item="0101", street=STREET[1:])
    await room.accept(item=LOCALITY_ITEM, street=FAR_STREET)
    connection = await asyncpg.connect(room.service.database_url)
    try:
        rows = await connection.fetch("SELECT state::text, order_county(state) AS county FROM orders")
    finally:
        await connection.close()
    orders: list[tuple[WorkOrder, str | None]] = [
        (ORDERS.adapter.validate_json(row["state"]), row["county"]) for row in rows
    ]
    assert {county for _, county in orders} >= {None, "150102", "150103"}
    assert [order.county for order, _ in orders] == [county for _, county in orders]
