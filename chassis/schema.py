"""Is the database's schema the one that this code was written for?

Read from the revision files themselves: importing Alembic would cost every serving process 38 MB.
"""

import re
from collections.abc import Iterable
from pathlib import Path

import asyncpg
from asyncpg.pool import Pool

from chassis.health import CheckResult

CHASSIS_REVISIONS = Path(__file__).parent / "migrations" / "versions"
_REVISION = re.compile(r'^revision = "(\w+)"', re.MULTILINE)
_BUILDS_UPON = re.compile(r'^(?:down_revision|depends_on) = "(\w+)"', re.MULTILINE)


def heads(directories: Iterable[Path]) -> set[str]:
    """The revisions that no other revision builds upon or depends on: only those does Alembic's table name."""
    texts = [path.read_text() for directory in directories for path in sorted(directory.glob("*.py"))]
    built_upon = {name for text in texts for name in _BUILDS_UPON.findall(text)}
    return {name for text in texts for name in _REVISION.findall(text)} - built_upon


async def check(pool: Pool, expected: set[str]) -> CheckResult:
    """Ready when the database is at every head."""
    try:
        rows = await pool.fetch("SELECT version_num FROM alembic_version")
    except asyncpg.UndefinedTableError:
        rows = []
    found = {row["version_num"] for row in rows}
    return CheckResult(expected <= found, {"missing": sorted(expected - found)})
