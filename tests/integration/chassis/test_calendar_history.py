"""Which calendar is in force is noted as soon as the database can take it."""

import asyncio
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import asyncpg
from asyncpg.pool import Pool
from structlog.testing import capture_logs

from chassis import calendar_history
from chassis.calendar_history import CALENDARS_DDL
from chassis.working_time import WorkCalendar
from tests.integration.chassis.process import KILL_OTHERS, count
from tests.polling import eventually

CALENDAR = WorkCalendar(((time(9), time(17)),), 8.0, ZoneInfo("Asia/Shanghai"))


async def test_a_read_only_database_is_waited_out(pool: Pool, migrated: str) -> None:
    await pool.execute(CALENDARS_DDL)
    connection = await asyncpg.connect(migrated)
    name = await connection.fetchval("SELECT current_database()")
    await connection.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    await connection.execute(KILL_OTHERS)
    await pool.expire_connections()
    with capture_logs() as said:
        keeping = asyncio.create_task(calendar_history.keep(pool, CALENDAR, datetime.now(UTC)))
        await eventually(lambda: keeping.done() or any("ReadOnly" in str(line) for line in said))
    assert not keeping.done()
    await connection.execute("SET default_transaction_read_only = off")
    await connection.execute(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')
    await connection.execute(KILL_OTHERS)
    await connection.close()
    await pool.expire_connections()

    async def is_noted() -> bool:
        return await count(pool, "calendars") == 1

    await eventually(is_noted)
    assert not keeping.done()
    keeping.cancel()
    await asyncio.wait([keeping])
