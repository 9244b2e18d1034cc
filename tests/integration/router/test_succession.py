"""撤并: open orders of a unit that has ended are handed over, also beside one that cannot be."""

import asyncio
import json
import uuid
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from asyncpg.pool import Pool

from chassis.database import POINT_ACCESS, open_pool
from chassis.ids import new_id
from chassis.migrate import migrate
from chassis.pipeline import LANES, Pipeline
from chassis.private_data import Vault
from services.router.reference_data import RouterReference
from services.router.succession import Succession
from services.router.turn_commands import AddCoHandler, HandOver, SendToDesk
from services.router.whistle_commands import Blow, Kind
from stack.databases import create_database, drop_database
from tests.integration.router.order_desk import OTHER
from tests.integration.router.queue_walk import COUNTY, OTHER_COUNTY
from tests.unit.order_life import ORDERS, STREET, opened, signed
from tests.unit.whistle_life import ROADS, WATER, WHISTLES
from tests.unit.whistle_life import Life as WhistleLife

ROOT = Path(__file__).parents[3]
AFTER = "D15010003"


@pytest.fixture
async def router(postgres_url: str) -> AsyncGenerator[Pool]:
    """The router's tables."""
    name = f"test_{uuid.uuid4().hex}"
    url = await create_database(postgres_url, name)
    await asyncio.to_thread(migrate, url, ROOT / "services/router/migrations")
    async with await open_pool(url, POINT_ACCESS, size=LANES + 1) as pool:
        yield pool
    await drop_database(postgres_url, name)


def _reference() -> RouterReference:
    raise AssertionError("which units have ended is given")


async def test_one_order_s_defect_keeps_no_other_from_being_handed_over(router: Pool) -> None:
    held = sorted(new_id() for _ in range(2))
    state = opened().order
    for id_ in held:
        await router.execute(
            "INSERT INTO orders (id, version, state, updated_at) VALUES ($1::text::uuid, 1, $2::text::jsonb, now())",
            id_,
            ORDERS.adapter.dump_json(replace(state, issue_id=id_)).decode(),
        )

    def decide(order: Any, command: Any, context: Any) -> Any:
        if order.issue_id == held[0] and isinstance(command, HandOver):
            raise RuntimeError("a defect of this order")
        return ORDERS.decide(order, command, context)

    orders = replace(ORDERS, decide=decide)
    pipeline = Pipeline(router, Vault({"k": bytes(32)}, "k"))
    running = asyncio.create_task(pipeline.run())
    try:
        await Succession(router, pipeline, orders, WHISTLES, _reference)._hand_over(STREET, OTHER)
    finally:
        running.cancel()
        await asyncio.wait([running])
    rows = await router.fetch("SELECT id::text, state->'duties'->0->>'unit' AS unit FROM orders ORDER BY id")
    assert [tuple(row) for row in rows] == [(held[0], STREET), (held[1], OTHER)]


async def test_what_waits_at_the_desk_of_a_county_that_has_ended_waits_at_its_successors(router: Pool) -> None:
    waiting = replace(opened(None).do(SendToDesk(COUNTY, "D1")).order, issue_id=new_id())
    insert = "INSERT INTO orders (id, version, state, updated_at) VALUES ($1::text::uuid, 1, $2::text::jsonb, now())"
    await router.execute(insert, new_id(), ORDERS.adapter.dump_json(waiting).decode())
    pipeline = Pipeline(router, Vault({"k": bytes(32)}, "k"))
    running = asyncio.create_task(pipeline.run())
    try:
        succession = Succession(router, pipeline, ORDERS, WHISTLES, _reference)
        for successor in (OTHER_COUNTY, None):
            await succession._hand_over(COUNTY if successor else OTHER_COUNTY, successor)
            desk, due = await router.fetchrow("SELECT state->>'desk', state->>'due_at' FROM orders") or ("", "")
            assert (desk, datetime.fromisoformat(due)) == (successor, waiting.due_at)
    finally:
        running.cancel()
        await asyncio.wait([running])


async def test_whistles_and_helpers_of_a_unit_that_has_ended_are_its_successors(router: Pool) -> None:
    helped = replace(signed().do(AddCoHandler(ROADS, "D1")).order, issue_id=new_id())
    blown = WhistleLife().do(Blow(None, new_id(), Kind.EMERGENCY, STREET, (WATER, ROADS), "U1")).whistle
    insert = "INSERT INTO orders (id, version, state, updated_at) VALUES ($1::text::uuid, 1, $2::text::jsonb, now())"
    await router.execute(insert, new_id(), ORDERS.adapter.dump_json(helped).decode())
    await router.execute(insert.replace("orders", "whistles"), new_id(), WHISTLES.adapter.dump_json(blown).decode())
    pipeline = Pipeline(router, Vault({"k": bytes(32)}, "k"))
    running = asyncio.create_task(pipeline.run())
    try:
        succession = Succession(router, pipeline, ORDERS, WHISTLES, _reference)
        await succession._hand_over(ROADS, AFTER)
        await succession._hand_over(STREET, OTHER)
    finally:
        running.cancel()
        await asyncio.wait([running])
    assert await router.fetchval("SELECT state->'co_handlers' FROM orders") == json.dumps([AFTER])
    street, lines = (await router.fetch("SELECT state->>'street', state->'lines' FROM whistles"))[0]
    assert (street, [line["unit"] for line in json.loads(lines)]) == (OTHER, [WATER, AFTER])
