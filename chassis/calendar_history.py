"""Which working calendar was in force when: needed to know how a limit was counted whose end has to move.

A service notes its calendar when it begins to serve. What was counted before the first note was counted by that one.
"""

import asyncio
import hashlib
import json
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from asyncpg.pool import Pool

from chassis.database import DATABASE_ERRORS, Conn
from chassis.holidays import HolidayTable
from chassis.working_time import WorkCalendar

log = structlog.get_logger()

CALENDARS_DDL = """
CREATE TABLE calendars (
    since timestamptz PRIMARY KEY,
    name text NOT NULL,
    content jsonb NOT NULL
)
"""


@dataclass(frozen=True, slots=True)
class CalendarHistory:
    """Calendars by the time since which they are in force, the oldest first; at least one."""

    since: Sequence[datetime]
    calendars: Sequence[WorkCalendar]

    def at(self, instant: datetime) -> WorkCalendar:
        """The calendar by which limits were counted then."""
        return self.calendars[max(bisect_right(self.since, instant) - 1, 0)]

    @property
    def latest(self) -> WorkCalendar:
        """The one in force."""
        return self.calendars[-1]

    @property
    def latest_name(self) -> str:
        """What it is called."""
        return name_of(self.latest)


async def note(pool: Pool, calendar: WorkCalendar, since: datetime) -> None:
    """Note that limits are counted by ``calendar`` from ``since`` on, if that is another one than before."""
    name = name_of(calendar)
    async with pool.acquire() as conn, conn.transaction():
        await conn.execute("SELECT pg_advisory_xact_lock(hashtext('calendars'))")
        if await conn.fetchval("SELECT name FROM calendars ORDER BY since DESC LIMIT 1") != name:
            await conn.execute(
                "INSERT INTO calendars (since, name, content) VALUES ($1, $2, $3::text::jsonb)",
                since,
                name,
                json.dumps(_content(calendar)),
            )


async def keep(pool: Pool, calendar: WorkCalendar, since: datetime) -> None:
    """``note`` it as soon as the database is there; a task of the serving process, so it does not end."""
    while True:
        try:
            await note(pool, calendar, since)
            break
        except DATABASE_ERRORS as error:
            log.warning("calendar.retried", error=type(error).__name__)
            await asyncio.sleep(1)
    await asyncio.Event().wait()


async def read(conn: Conn) -> CalendarHistory | None:
    """Every calendar that was noted; None when no process of the service has served yet."""
    rows = await conn.fetch("SELECT since, content::text FROM calendars ORDER BY since")
    if not rows:
        return None
    return CalendarHistory([row["since"] for row in rows], [_calendar(json.loads(row["content"])) for row in rows])


def name_of(calendar: WorkCalendar) -> str:
    """A short name: the last year it knows, and what tells it from others of that year."""
    content = json.dumps(_content(calendar), sort_keys=True)
    return f"{max(calendar.holidays.years, default=0)}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"


def _content(calendar: WorkCalendar) -> dict[str, Any]:
    return {
        "windows": [[opens.isoformat(), closes.isoformat()] for opens, closes in calendar.windows],
        "hours_per_day": calendar.hours_per_day,
        "zone": calendar.zone.key,
        "hour_seconds": calendar.hour.total_seconds(),
        "always_open": calendar.always_open,
        "years": sorted(calendar.holidays.years),
        "exceptions": {day.isoformat(): worked for day, worked in sorted(calendar.holidays.exceptions.items())},
    }


def _calendar(content: dict[str, Any]) -> WorkCalendar:
    exceptions = {date.fromisoformat(day): worked for day, worked in content["exceptions"].items()}
    return WorkCalendar(
        windows=tuple((time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in content["windows"]),
        hours_per_day=content["hours_per_day"],
        zone=ZoneInfo(content["zone"]),
        holidays=HolidayTable(frozenset(content["years"]), exceptions),
        hour=timedelta(seconds=content["hour_seconds"]),
        always_open=content["always_open"],
    )
