"""What waits for a sender and what waits for a person is found by index, whatever has been delivered beside it."""

import asyncio
import uuid
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from asyncpg.pool import Pool

from chassis import claims, queues
from chassis.database import open_pool
from chassis.limits import load_limits
from chassis.migrate import migrate
from chassis.security import Actor
from services.notify import views
from services.notify.api_undelivered import QUEUES
from services.notify.delivery_aggregates import deliveries
from stack.databases import create_database, drop_database
from tests.explaining import rows_read

ROOT = Path(__file__).parents[3]
SERVICE = ROOT / "services/notify"
DELIVERED, OPEN = 20_000, 400
FILL = """
INSERT INTO deliveries (id, version, state, updated_at)
SELECT gen_random_uuid(), 1, jsonb_build_object(
    'status', CASE WHEN n > $2 THEN 'delivered'
                   ELSE (ARRAY['created', 'scheduled', 'temporary_failure', 'failed'])[1 + n % 4] END,
    'urgent', n % 5 = 0,
    'send_due', to_char(now() + make_interval(mins => n), 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    'retry_at', CASE WHEN n % 4 = 1 THEN '2999-01-01T00:00:00Z' END,
    'handling_due', to_char(now() + make_interval(mins => n - 200), 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    'filler', repeat('x', 1200)), now()
FROM generate_series(1, $1) n
"""
AGENT = Actor("A1", frozenset({"agent"}), None)


@pytest.fixture(scope="module")
async def full(postgres_url: str) -> AsyncGenerator[Pool]:
    """The table of messages with mostly delivered rows."""
    name = f"test_{uuid.uuid4().hex}"
    url = await create_database(postgres_url, name)
    await asyncio.to_thread(migrate, url, SERVICE / "migrations")
    async with await open_pool(url, size=2) as pool:
        await pool.execute(FILL, DELIVERED, OPEN, timeout=100)
        await pool.execute("VACUUM ANALYZE")
        yield pool
    await drop_database(postgres_url, name)


async def test_the_queue_of_people_reads_what_has_failed_only(full: Pool) -> None:
    wanted = queues.wanted(QUEUES, "undelivered", AGENT, datetime.now(UTC))
    found = await queues.count(full, wanted)
    page = await queues.page(full, wanted, None, OPEN)
    assert found.total == len(page) == OPEN // 4
    assert 0 < found.overdue < found.total
    assert [row.rank for row in page] == sorted(row.rank for row in page)  # emergencies first
    for statement in (
        queues.bind(*queues.page_statement(wanted, None, 51)),
        queues.bind(*queues.page_statement(wanted, page[10].key, 51)),
        queues.bind(*queues.count_statement(wanted)),
        claims.first_free(wanted, ""),
    ):
        assert await rows_read(full, *statement, "deliveries") <= OPEN


async def test_a_sender_finds_what_may_leave_now(full: Pool) -> None:
    messages = deliveries(load_limits(SERVICE / "limits.toml"))
    now = datetime.now(UTC)
    found = await views.waiting(full, messages, now, [], OPEN)
    statuses = {one.delivery.status.value for one in found}
    assert statuses == {"created", "temporary_failure"}  # what is scheduled waits for its time
    assert len(found) == OPEN // 2


async def test_what_has_ended_is_forgotten_without_a_look_at_all_that_was_delivered(full: Pool) -> None:
    await full.execute(
        """
        INSERT INTO private_data (aggregate, id, name, key_id, ciphertext)
        SELECT 'delivery', id, 'text/1', 'k', '\\x00' FROM (
            SELECT id FROM deliveries WHERE state->>'status' <> 'delivered' UNION ALL
            (SELECT id FROM deliveries WHERE state->>'status' = 'delivered' LIMIT 100)
        ) AS chosen
        """
    )
    await full.execute("ANALYZE private_data")
    assert await rows_read(full, views.FORGET_ENDED, [], "deliveries") <= OPEN + 100
    assert await full.fetchval("SELECT count(*) FROM private_data") == OPEN
