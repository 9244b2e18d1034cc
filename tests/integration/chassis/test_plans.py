"""The write path goes by index, on nearly empty tables, too (docs/adr/0008)."""

from chassis.aggregate import To
from chassis.database import POINT_ACCESS, open_pool
from chassis.private_data import Vault
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
