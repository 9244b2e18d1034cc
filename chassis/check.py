"""``check``: is a service's database what the chassis promises? It reads one snapshot and changes nothing."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any

from asyncpg.pool import Pool

from chassis import schema
from chassis.aggregate import Aggregate
from chassis.database import Conn
from chassis.findings import Findings
from chassis.history_check import check_histories

_UNKNOWN = """
SELECT DISTINCT aggregate FROM events WHERE aggregate <> ALL($1)
UNION SELECT DISTINCT aggregate FROM deadlines WHERE aggregate <> ALL($1)
"""
_LATE = """
SELECT count(*) AS n, min(position) AS first, extract(epoch FROM now() - min(recorded_at))::bigint AS age
FROM events WHERE published_at IS NULL AND recorded_at < now() - make_interval(secs => $1)
"""
_OVERTAKEN = """
SELECT e.aggregate, e.id::text, e.version FROM events e WHERE e.published_at IS NULL AND EXISTS (
    SELECT FROM events l
    WHERE l.aggregate = e.aggregate AND l.id = e.id AND l.version > e.version AND l.published_at IS NOT NULL)
ORDER BY e.position
"""
_PARKED = """
SELECT source, subject, p.parked IS TRUE AS parked, coalesce(w.n, 0) AS letters
FROM (SELECT source, subject, parked FROM inbox WHERE parked) p
FULL JOIN (SELECT source, subject, count(*) AS n FROM dead_letters
           WHERE resolution IS NULL AND sequence IS NOT NULL GROUP BY source, subject) w USING (source, subject)
WHERE p.parked IS NULL OR w.n IS NULL ORDER BY source, subject
"""
_OLD_ANSWERS = """
SELECT count(*) AS n, min(created_at) AS oldest
FROM idempotency_keys WHERE created_at < now() - make_interval(days => $1 + 1)
"""


@dataclass(slots=True)
class Checker:
    """Checks one service's database. ``expected`` are its schema's heads, ``max_age`` is in seconds."""

    pool: Pool
    aggregates: Sequence[Aggregate[Any, Any, Any]]
    expected: set[str]
    max_age: float
    key_days: int
    _busy: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def run(self, *, shown: int, patience: float | None = None) -> Findings:
        """Check everything, or what can be checked in ``patience`` seconds; one at a time in a process.

        Of each kind of finding the first ``shown`` are kept, all are counted.
        """
        findings = Findings(shown)
        missing = (await schema.check(self.pool, self.expected)).detail["missing"]
        if missing:
            findings.add("schema.behind", "alembic_version", f"缺少 {missing}")
            return findings
        async with (
            self._busy,
            self.pool.acquire() as conn,
            conn.transaction(isolation="repeatable_read", readonly=True),
        ):
            await self._check_tables(conn, findings)
            await self._check_histories(conn, findings, None if patience is None else monotonic() + patience)
        return findings

    async def _check_histories(self, conn: Conn, findings: Findings, until: float | None) -> None:
        now: datetime = await conn.fetchval("SELECT now()")
        for aggregate in self.aggregates:
            async with aclosing(check_histories(conn, aggregate, findings, now)) as histories:
                async for _ in histories:
                    if until is not None and monotonic() > until:
                        findings.complete = False
                        return

    async def _check_tables(self, conn: Conn, findings: Findings) -> None:
        names = [aggregate.name for aggregate in self.aggregates]
        for (name,) in await conn.fetch(_UNKNOWN, names):
            findings.add("history.unknown_aggregate", name, "events 或 deadlines 中有本服务没有的对象")
        if (rows := await conn.fetchval("SELECT count(*) FROM publisher")) != 1:
            findings.add("publisher.rows", "publisher", f"有 {rows} 行")
        count, first, age = await conn.fetchrow(_LATE, self.max_age) or (0, 0, 0)
        if count:
            findings.add("outbox.late", "events", f"{count} 个事件没有发出，最早的第 {first} 号已 {age} 秒")
        for aggregate, id_, version in await conn.fetch(_OVERTAKEN):
            findings.add("outbox.overtaken", f"{aggregate}/{id_}", f"第 {version} 个事件没有发出而后面的已发出")
        for source, subject, parked, letters in await conn.fetch(_PARKED):
            code = "inbox.parked_without_letters" if parked else "inbox.letters_without_park"
            findings.add(code, f"{source} {subject}", f"未处理的死信 {letters} 条")
        count, oldest = await conn.fetchrow(_OLD_ANSWERS, self.key_days) or (0, None)
        if count:
            findings.add("answers.old", "idempotency_keys", f"{count} 条，最早的是 {oldest}")
