"""Versions of the reference data beside the one in force: what an order was routed by, what held on a day."""

from collections import OrderedDict
from datetime import date, datetime

from asyncpg.pool import Pool

from chassis.reference import tables_of, version_in_force
from services.router import reference_tables
from services.router.api_context import Reference
from services.router.reference_data import RouterReference

_KEPT = 8  # versions in memory; there are a few a year

_KNOWN_AT = """
SELECT version FROM reference WHERE valid_from <= $1 AND loaded_at <= $2
ORDER BY valid_from DESC, loaded_at DESC LIMIT 1
"""


class Library:
    """Old versions, built when they are asked for. Versions never change, so what is built stays right."""

    def __init__(self, reference: Reference) -> None:
        self._reference = reference
        self._kept: OrderedDict[str, RouterReference] = OrderedDict()

    async def version(self, db: Pool, name: str) -> RouterReference | None:
        """The version of that name; None for one that was never loaded."""
        if name == self._reference.snapshot.version:
            return self._reference.snapshot
        if name not in self._kept:
            async with db.acquire() as conn:
                tables = await tables_of(conn, name)
            if not tables:
                return None
            self._kept[name] = reference_tables.build(name, tables)
        self._kept.move_to_end(name)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return self._kept[name]

    async def as_of(self, db: Pool, day: date) -> RouterReference | None:
        """What holds on a day, as far as it is known today."""
        async with db.acquire() as conn:
            name = await version_in_force(conn, day)
        return None if name is None else await self.version(db, name)

    async def known_at(self, db: Pool, day: date, at: datetime) -> RouterReference | None:
        """What held on a day, as far as it was known at that time."""
        name = await db.fetchval(_KNOWN_AT, day, at)
        return None if name is None else await self.version(db, name)
