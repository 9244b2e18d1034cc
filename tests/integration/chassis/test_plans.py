"""The write path goes by index, on nearly empty tables, too (docs/adr/0008)."""

from typing import cast

from asyncpg.pool import Pool

from chassis import dead_letters, deadlines
from chassis.aggregate import To
from chassis.database import POINT_ACCESS, open_pool
from chassis.private_data import Vault
from chassis.watch import Watch
from tests.explaining import Explaining
from tests.integration.chassis.process import Process
from tests.integration.chassis.requests import a_request
from tests.integration.chassis.sample import FollowUp, Register, an_id, issues

SCANNED = """
SELECT relname FROM pg_stat_user_tables WHERE seq_scan > 0 AND relname = ANY($1)
"""


async def test_the_write_path_never_scans_a_table(migrated: str, vault: Vault) -> None:
    pool = await open_pool(migrated, POINT_ACCESS, size=1)
    try:
        async with Process(pool, vault) as process:
            issue = an_id()
            await process.submit(To(issues, issue, Register()), request=a_request())
            await pool.execute(
                "ANALYZE"
            )  # now the planner knows that each table is one page, which it would rather scan
            for _ in range(3):
                await process.submit(To(issues, issue, FollowUp()), request=a_request())
        async with pool.acquire() as conn, conn.transaction():
            await conn.execute("SELECT pg_stat_force_next_flush()")
        written = ["issues", "events", "deadlines", "idempotency_keys"]
        assert [row["relname"] for row in await pool.fetch(SCANNED, written)] == []
    finally:
        await pool.close()


DONE = (
    """
    INSERT INTO events (aggregate, id, version, event_id, type, issue_id, data, meta, recorded_at, published_at)
    SELECT 'issue', gen_random_uuid(), 1, gen_random_uuid(), 'done', gen_random_uuid(), '{}', '{}', now(), now()
    FROM generate_series(1, 20000)
    """,
    """
    INSERT INTO deadlines (aggregate, id, name, due_at)
    SELECT 'issue', gen_random_uuid(), 'later', now() + interval '1 day' FROM generate_series(1, 20000)
    """,
    """
    INSERT INTO dead_letters (id, topic, partition, record_offset, headers, reason, error, created_at, resolution)
    SELECT gen_random_uuid(), 'topic', 1, number, '{}', 'gap', 'was', now(), 'replayed'
    FROM generate_series(1, 20000) number
    """,
)


async def test_who_looks_for_work_reads_nothing_of_what_is_done_or_not_due(pool: Pool) -> None:
    for statement in DONE:
        await pool.execute(statement)
    await pool.execute("VACUUM ANALYZE")
    explaining = Explaining(pool)
    looking = cast(Pool, explaining)
    assert await looking.fetch(deadlines.DUE, 500) == []
    assert await deadlines.overdue(looking, grace=5.0) == 0
    assert await dead_letters.counts(looking) == {}
    assert (await Watch(looking, max_age=60.0, key_days=7).check_outbox()).ok
    assert explaining.blocks <= 12
