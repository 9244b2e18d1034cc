"""Every queue goes by an index over what is open, whatever is closed beside it: pages, counts and the next item."""

import asyncio
import uuid
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import pytest
from asyncpg.pool import Pool

from chassis import claims, queues
from chassis.database import open_pool
from chassis.migrate import migrate
from chassis.security import Actor
from services.router import views
from services.router.order_commands import Contact, Refer, StopClock
from services.router.queues import QUEUES
from services.router.turn_commands import Cancel, CancelReason
from stack.databases import create_database, drop_database
from tests.explaining import rows_read
from tests.integration.router.order_desk import STREET
from tests.unit.order_asides import wants_suspension, yes
from tests.unit.order_life import BOTH, CASE, MONDAY, ORDERS, opened, signed, work

READ = ("orders", "whistles")
"""The tables whose rows must not be gone through."""
ROOT = Path(__file__).parents[3]
CLOSED, OPEN = 20_000, 400
COUNTY = "G150102"
# Closed orders with all their weight, and some open ones in each state.
FILL = """
INSERT INTO orders (id, version, state, updated_at)
SELECT gen_random_uuid(), 1, jsonb_build_object(
    'status', CASE WHEN n > $2 THEN 'closed'
                   ELSE (ARRAY['pending_dispatch', 'pending_sign', 'close_review'])[1 + n % 3] END,
    'supervision', CASE WHEN n % 10 = 0 THEN 'red' END,
    'due_at', to_char(now() + make_interval(mins => n), 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    'desk', CASE WHEN n % 9 = 0 THEN 'G150102' END, 'requests', jsonb_build_array(),
    'item_code', '0403', 'street_code', '150102001', 'co_handlers', jsonb_build_array(),
    'duties', jsonb_build_array(jsonb_build_object(
        'unit', (ARRAY['S150102001', 'S150102002', 'G150102'])[1 + n % 3],
        'signed', true, 'due', '2027-01-01T00:00:00Z', 'sign_due', '2027-01-01T00:00:00Z',
        'result_id', CASE WHEN n > $2 THEN 'result/1' END)),
    'filler', repeat('x', 1200)), now()
FROM generate_series(1, $1) n
"""
FILL_WHISTLES = """
INSERT INTO whistles (id, version, state, updated_at)
SELECT gen_random_uuid(), 1, jsonb_build_object(
    'status', CASE WHEN n > $2 THEN 'closed' ELSE 'blown' END, 'street', 'S15010200' || (1 + n % 8),
    'due_at', to_char(now() + make_interval(mins => n), 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    'lines', jsonb_build_array(jsonb_build_object(
        'ruling_due', CASE WHEN n % 7 = 0 AND n <= $2 THEN '2027-01-01T00:00:00Z' END,
        'unit', 'D150100' || (10 + n % 30),
        'status', CASE WHEN n > $2 THEN 'evaluated' ELSE (ARRAY['notified', 'result', 'escalated'])[1 + n % 3] END)),
    'filler', repeat('x', 600)), now()
FROM generate_series(1, $1) n
"""
PEOPLE = {
    "dispatcher": Actor("D1", frozenset({"dispatcher"}), None),
    "county": Actor("D2", frozenset({"dispatcher"}), COUNTY),
    "unit": Actor("U1", frozenset({"unit_handler"}), STREET),
    "whistle": Actor("U2", frozenset({"unit_handler"}), "D15010012"),
    "escalated": Actor("G1", frozenset({"county_leader"}), COUNTY),
    "panel": Actor("P1", frozenset({"panel"}), None),
    "street": Actor("U1", frozenset({"unit_handler"}), STREET),
    "reviewer": Actor("R1", frozenset({"reviewer"}), None),
    "supervisor": Actor("V1", frozenset({"supervisor"}), None),
    "whistle_supervisor": Actor("V1", frozenset({"supervisor"}), None),
}


@pytest.fixture(scope="module")
async def full(postgres_url: str) -> AsyncGenerator[Pool]:
    """The router's tables with mostly closed rows."""
    name = f"test_{uuid.uuid4().hex}"
    url = await create_database(postgres_url, name)
    await asyncio.to_thread(migrate, url, ROOT / "services/router/migrations")
    async with await open_pool(url, size=2) as pool:
        for statement in (FILL, FILL_WHISTLES):
            await pool.execute(statement, CLOSED, OPEN, timeout=100)
        await pool.execute("VACUUM ANALYZE")
        yield pool
    await drop_database(postgres_url, name)


@pytest.mark.parametrize("name", PEOPLE)
async def test_a_queue_reads_what_is_open_only(name: str, full: Pool) -> None:
    wanted = queues.wanted(QUEUES, name, PEOPLE[name], datetime.now(UTC))
    found = await queues.count(full, wanted)
    assert found.total > 0
    page = queues.bind(*queues.page_statement(wanted, None, 51))
    assert await rows_read(full, *page, *READ) <= OPEN
    last = (await queues.page(full, wanted, None, 20))[-1]
    following = queues.bind(*queues.page_statement(wanted, last.key, 51))
    assert await rows_read(full, *following, *READ) <= OPEN
    assert await rows_read(full, *queues.bind(*queues.count_statement(wanted)), *READ) <= OPEN
    assert await rows_read(full, *claims.first_free(wanted, wanted.desk.works or ""), *READ) <= OPEN


async def test_a_caller_whom_nobody_contacted_in_time_is_the_supervisors_until_somebody_calls(full: Pool) -> None:
    wanted = queues.wanted(QUEUES, "supervisor", PEOPLE["supervisor"], datetime.now(UTC))
    others = (await queues.count(full, wanted)).total
    missed = signed().due(f"contact:{STREET}")
    id_ = await full.fetchval(
        "INSERT INTO orders (id, version, state, updated_at) VALUES (gen_random_uuid(), 1, $1::text::jsonb, now()) "
        "RETURNING id::text",
        ORDERS.adapter.dump_json(missed.order).decode(),
    )
    try:
        assert (await queues.count(full, wanted)).total == others + 1
        called = ORDERS.adapter.dump_json(missed.do(Contact(STREET, False, "U1")).order).decode()
        await full.execute("UPDATE orders SET state = $2::text::jsonb WHERE id = $1::text::uuid", id_, called)
        assert (await queues.count(full, wanted)).total == others
    finally:
        await full.execute("DELETE FROM orders WHERE id = $1::text::uuid", id_)


async def test_orders_of_before_get_their_contact_timers(full: Pool) -> None:
    migration = import_module("services.router.migrations.0010_contact_overdue")
    lives = [opened(BOTH), signed(), work(signed()), signed().do(Contact(STREET, False, "U1"))]
    lives += [signed().do(wants_suspension(), yes("reviewer")), signed().do(Refer(CASE, STREET, "U1"))]
    lives += [signed().do(Refer(CASE, STREET, "U1"), StopClock(CASE, MONDAY)), signed().do(Cancel(CancelReason.MERGED))]
    wanted = set()
    async with full.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        for life in lives:
            id_ = await connection.fetchval(
                "INSERT INTO orders (id, version, state, updated_at) "
                "VALUES (gen_random_uuid(), 1, $1::text::jsonb, now()) RETURNING id::text",
                ORDERS.adapter.dump_json(life.order).decode(),
            )
            timers = ORDERS.deadlines(life.order).items()
            wanted |= {(id_, name, at) for name, at in timers if name.startswith("contact:")}
        await connection.execute(migration.TIMERS)
        rows = await connection.fetch("SELECT id::text, name, due_at FROM deadlines")
        await transaction.rollback()
    assert len(wanted) == 4
    assert {tuple(row) for row in rows} == wanted


async def test_the_centre_looks_at_every_countys_desk_without_the_closed(full: Pool) -> None:
    wanted = queues.wanted(QUEUES, "county", PEOPLE["dispatcher"], datetime.now(UTC))
    assert await rows_read(full, *queues.bind(*queues.page_statement(wanted, None, 51)), *READ) <= OPEN
    assert await rows_read(full, *queues.bind(*queues.count_statement(wanted)), *READ) <= OPEN


async def test_a_countys_dispatcher_lists_a_page_without_the_other_counties(full: Pool) -> None:
    wanted = views.OrderFilter(county="150102")
    sql = views.page_sql(views._ORDERS, 9)
    assert await rows_read(full, sql, [*wanted.values(), None, None, 51], *READ) <= 60, "no more than a page"


async def test_a_supervisor_looks_at_every_units_open_orders_without_the_closed(full: Pool) -> None:
    wanted = queues.wanted(QUEUES, "unit", PEOPLE["supervisor"], datetime.now(UTC))
    assert await rows_read(full, *queues.bind(*queues.page_statement(wanted, None, 51)), *READ) <= 60, (
        "no more than a page"
    )
    assert await rows_read(full, *queues.bind(*queues.count_statement(wanted)), *READ) <= OPEN
