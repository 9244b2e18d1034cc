"""A pool that says what it costs."""

import json
from typing import Any

from asyncpg.pool import Pool


class Explaining:
    """Stands in for a pool: does what a view asks for, and counts the blocks that were touched for it."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self.blocks = 0

    async def fetch(self, query: str, *arguments: Any) -> Any:
        """The rows."""
        await self._explain(query, *arguments)
        return await self._pool.fetch(query, *arguments)

    async def fetchrow(self, query: str, *arguments: Any) -> Any:
        """The first row."""
        await self._explain(query, *arguments)
        return await self._pool.fetchrow(query, *arguments)

    async def fetchval(self, query: str, *arguments: Any) -> Any:
        """The one value."""
        await self._explain(query, *arguments)
        return await self._pool.fetchval(query, *arguments)

    async def _explain(self, query: str, *arguments: Any) -> None:
        said = await self._pool.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {query}", *arguments)
        plan = json.loads(said)[0]["Plan"]
        self.blocks += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]


async def rows_read(pool: Pool, sql: str, values: list[object], *tables: str) -> int:
    """How many rows of ``tables`` a statement looks at; it must find them by index."""
    plan = json.loads(await pool.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", *values))
    pending, read = [plan[0]["Plan"]], 0
    while pending:
        node = pending.pop()
        if node.get("Relation Name") in tables:
            assert "Seq Scan" not in node["Node Type"], (node, sql)
            removed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
            read += (node["Actual Rows"] + removed) * node["Actual Loops"]
        pending += node.get("Plans", [])
    return int(read)
