"""Reference data in a service's database: versioned, effective-dated, loaded whole or not at all.

A version is a set of tables (kind -> rows) that belong together. The one in force on a day is the latest whose
``valid_from`` has come; among those of one day, the last loaded. Versions are never changed and never removed, since
orders keep the version that they were routed by.
"""

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

import asyncpg
import structlog

from chassis.database import DATABASE_AWAY
from chassis.tables import BadTable, Table

if TYPE_CHECKING:
    Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
    Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"

T = TypeVar("T")
Rows: TypeAlias = Mapping[str, Sequence[Mapping[str, str]]]
Tables: TypeAlias = Mapping[str, Table]
Build: TypeAlias = Callable[[str, Tables], T]
"""``(version, tables) -> typed snapshot``; raises ``chassis.tables.BadTable`` for rows that break a rule."""

CITY = ZoneInfo("Asia/Shanghai")
log = structlog.get_logger(__name__)

REFERENCE_DDL = """
CREATE TABLE reference (
    kind text NOT NULL,
    version text NOT NULL,
    valid_from date NOT NULL,
    rows jsonb NOT NULL,
    sha256 text NOT NULL,
    loaded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (kind, version)
);
CREATE INDEX reference_in_force ON reference (valid_from DESC, loaded_at DESC) INCLUDE (version);
"""


class ReferenceMissing(RuntimeError):
    """No version is in force: ``load-reference`` has not been run, or its day has not come."""


class VersionTaken(ValueError):
    """The version to load exists already with other content."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load came to; ``changed`` is false when the version in force had this very content."""

    version: str
    changed: bool


def today() -> date:
    """The city's date."""
    return datetime.now(CITY).date()


async def load_reference(conn: "Connection", rows: Rows, version: str | None, valid_from: date) -> Loaded:
    """Store the tables as one version, in one transaction; nothing is written when they are in force already.

    Without ``version`` it is named after its day and content. Raises ``VersionTaken``.
    """
    texts = {kind: json.dumps(list(table), ensure_ascii=False, sort_keys=True) for kind, table in rows.items()}
    digests = {kind: hashlib.sha256(text.encode()).hexdigest() for kind, text in texts.items()}
    async with conn.transaction():
        await conn.execute("SELECT pg_advisory_xact_lock(hashtext('reference'))")
        in_force = await version_in_force(conn, valid_from)
        if in_force is not None and await _digests(conn, in_force) == digests:
            return Loaded(in_force, changed=False)
        content = hashlib.sha256("".join(sorted(digests.values())).encode()).hexdigest()
        name = version or f"{valid_from:%Y%m%d}-{content[:8]}"
        if await _digests(conn, name):
            raise VersionTaken(f"version {name} exists already with other content or another day: choose another name")
        await conn.executemany(
            "INSERT INTO reference (kind, version, valid_from, rows, sha256) VALUES ($1, $2, $3, $4::text::jsonb, $5)",
            [(kind, name, valid_from, text, digests[kind]) for kind, text in texts.items()],
        )
    return Loaded(name, changed=True)


async def load_directory(
    database_url: str,
    directory: Path,
    read: Callable[[Path], Tables],
    build: Build[object],
    version: str | None = None,
    valid_from: date | None = None,
) -> Loaded:
    """Read, check and load the files of a directory; what ``load-reference`` does.

    Raises ``chassis.tables.BadTable`` with every fault, ``VersionTaken``, or what the database raises; then nothing
    is loaded.
    """
    tables = read(directory)
    build(version or "unnamed", tables)
    conn = await asyncpg.connect(database_url)
    try:
        rows = {kind: table.values() for kind, table in tables.items()}
        return await load_reference(conn, rows, version, valid_from or today())
    finally:
        await conn.close()


async def version_in_force(conn: "Connection", on: date) -> str | None:
    """The version that holds on a day."""
    found: str | None = await conn.fetchval(
        "SELECT version FROM reference WHERE valid_from <= $1 ORDER BY valid_from DESC, loaded_at DESC LIMIT 1", on
    )
    return found


async def tables_of(conn: "Connection", version: str) -> Tables:
    """The tables of a version, by kind; none for an unknown one."""
    found = await conn.fetch("SELECT kind, rows::text AS rows FROM reference WHERE version = $1", version)
    return {row["kind"]: Table.of(f"{row['kind']} of version {version}", json.loads(row["rows"])) for row in found}


async def _digests(conn: "Connection", version: str) -> dict[str, str]:
    found = await conn.fetch("SELECT kind, sha256 FROM reference WHERE version = $1", version)
    return {row["kind"]: row["sha256"] for row in found}


class ReferenceCache(Generic[T]):
    """The version in force, in memory, as the typed snapshot that ``build`` makes of it.

    ``run`` keeps it fresh and belongs under the service's supervisor; call ``refresh`` once before serving. A version
    that cannot be built is logged and not taken: the one before it stays.
    """

    def __init__(self, pool: "Pool", build: Build[T], every_seconds: float = 5.0) -> None:
        self._pool = pool
        self._build = build
        self._every_seconds = every_seconds
        self._version: str | None = None
        self._snapshot: T | None = None

    @property
    def current(self) -> T:
        """The snapshot in force. Raises ``ReferenceMissing`` before there is one."""
        if self._snapshot is None:
            raise ReferenceMissing("no reference data is loaded: run load-reference")
        return self._snapshot

    @property
    def version(self) -> str | None:
        """Which version ``current`` is of; ``None`` before there is one."""
        return self._version if self._snapshot is not None else None

    async def refresh(self) -> bool:
        """Take the version in force, if it is another one. Raises what ``build`` and the database raise."""
        async with self._pool.acquire() as conn:
            version = await version_in_force(conn, today())
            if version is None or version == self._version:
                return False
            tables = await tables_of(conn, version)
        self._snapshot = self._build(version, tables)
        self._version = version
        log.info("reference.taken", version=version)
        return True

    async def run(self) -> None:
        """Refresh for ever. While the database is away the last snapshot serves on."""
        while True:
            await asyncio.sleep(self._every_seconds)
            try:
                await self.refresh()
            except DATABASE_AWAY as error:
                log.warning("reference.database_away", error=type(error).__name__)
            except BadTable as error:
                log.error("reference.not_taken", faults=[str(fault) for fault in error.faults])
