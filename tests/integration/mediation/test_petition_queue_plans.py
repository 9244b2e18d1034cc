"""Every queue of petitions goes by an index over what is open, whatever is archived beside it: pages, counts, next."""

import asyncio
import uuid
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from asyncpg.pool import Pool

from chassis import claims, queues
from chassis.database import open_pool
from chassis.migrate import migrate
from chassis.security import Actor
from services.mediation.petition_queues import QUEUES
from stack.databases import create_database, drop_database
from tests.explaining import rows_read

ROOT = Path(__file__).parents[3]
ARCHIVED, OPEN = 20_000, 400
# Archived petitions with all their weight, and some open ones in each state.
FILL = """
INSERT INTO petitions (id, version, state, updated_at)
SELECT gen_random_uuid(), 1, jsonb_build_object(
    'status', CASE WHEN n > $2 THEN 'archived'
                   ELSE (ARRAY['requested', 'assigned', 'routed', 'handling', 'feedback'])[1 + n % 5] END,
    'proxy', (ARRAY['P1', 'P2', 'P3'])[1 + n % 3],
    'late', CASE WHEN n % 7 = 0 THEN jsonb_build_object('local', '2026-01-01T00:00:00Z') ELSE '{}' END,
    'timers', jsonb_build_object('handling', to_char(now() + make_interval(mins => n), 'YYYY-MM-DD"T"HH24:MI:SS"Z"')),
    'filler', repeat('x', 1200)), now()
FROM generate_series(1, $1) n
"""
CLERK = Actor("C1", frozenset({"centre_clerk"}), None)
PROXY = Actor("P1", frozenset({"petition_proxy"}), None)
SUPERVISOR = Actor("S1", frozenset({"supervisor"}), None)


@pytest.fixture(scope="module")
async def full(postgres_url: str) -> AsyncGenerator[Pool]:
    """The table of petitions with mostly archived rows."""
    name = f"test_{uuid.uuid4().hex}"
    url = await create_database(postgres_url, name)
    await asyncio.to_thread(migrate, url, ROOT / "services/mediation/migrations")
    async with await open_pool(url, size=2) as pool:
        await pool.execute(FILL, ARCHIVED, OPEN, timeout=100)
        await pool.execute("VACUUM ANALYZE")
        yield pool
    await drop_database(postgres_url, name)


@pytest.mark.parametrize("who", [CLERK, PROXY, SUPERVISOR], ids=["clerk", "proxy", "supervisor"])
@pytest.mark.parametrize("name", QUEUES)
async def test_a_queue_reads_what_is_open_only(name: str, who: Actor, full: Pool) -> None:
    if QUEUES[name].desk(who) is None:
        assert (name, who) == ("petition_desk", PROXY)
        return
    wanted = queues.wanted(QUEUES, name, who, datetime.now(UTC))
    found = await queues.count(full, wanted)
    page = await queues.page(full, wanted, None, OPEN)
    assert found.total == len(page) > 0
    assert found.overdue == sum(item.due < wanted.now for item in page)
    first = queues.bind(*queues.page_statement(wanted, None, 51))
    assert await rows_read(full, *first, "petitions") <= OPEN
    following = queues.bind(*queues.page_statement(wanted, page[10].key, 51))
    assert await rows_read(full, *following, "petitions") <= OPEN
    assert await rows_read(full, *queues.bind(*queues.count_statement(wanted)), "petitions") <= OPEN
    if wanted.desk.works is not None:
        assert await rows_read(full, *claims.first_free(wanted, wanted.desk.works), "petitions") <= OPEN
