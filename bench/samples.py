"""Genuine issues at every step of their way, as all services together have left them in their tables."""

import asyncio
import io
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any

import asyncpg

from bench import databases, flow
from stack.errors import StackError
from stack.fleet import SERVICES, Fleet
from stack.local import Ground

PREFIX = "sample."
RUN_OUT = '[calendar]\nsource = "bench: every limit has run out"\nalways_open = true\nhour_seconds = 0.01\n'
LATE, INTIME = "late", "in time"
HURRIED = ("intake", "router")
"""Those whose limits run out for the late ones; no others run then."""
STEPS = ("registered", "dispatched", "signed", "submitted", "revisit opened", "closed")
CLOSED = f"{INTIME}: closed"
UTC = {"timezone": "UTC"}
PATIENCE = 60.0  # seconds
STILL = 3.0  # seconds without a new event, after which an issue rests
_IDS = "SELECT DISTINCT id::text FROM events WHERE issue_id = $1::text::uuid"
_DONE = "SELECT (SELECT count(*) FROM events WHERE published_at IS NULL), (SELECT count(*) FROM events)"
_HANDLED = "SELECT coalesce(sum(sequence), 0)::bigint FROM inbox"
_TABLES = """
SELECT c.table_name::text, array_agg(c.column_name::text ORDER BY c.ordinal_position)
FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.is_identity = 'NO'
AND c.table_name <> 'survey_links' GROUP BY 1 ORDER BY 1
"""
"""All but the links of surveys: they are known by digests, which cannot be made anew for a copy, and expire in days."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A table's rows that belong to samples, as COPY writes them, by sample."""

    columns: list[str]
    lines: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Samples:
    """Of one service: when each sample began, and what it has left in each table."""

    begun: dict[str, datetime]
    tables: dict[str, Rows]

    def write(self, file: Path) -> None:
        """For `bench.loading`."""
        tables = {name: {"columns": rows.columns, "lines": rows.lines} for name, rows in self.tables.items()}
        begun = {name: at.isoformat() for name, at in self.begun.items()}
        file.write_text(json.dumps({"begun": begun, "tables": tables}))

    @classmethod
    def read(cls, file: Path) -> "Samples":
        """What `write` has written."""
        read: dict[str, Any] = json.loads(file.read_text())
        begun = {name: datetime.fromisoformat(at) for name, at in read["begun"].items()}
        return cls(begun, {name: Rows(**rows) for name, rows in read["tables"].items()})


def make(ground: Ground, folder: Path) -> dict[str, Samples]:
    """Let services live through the samples in databases of their own, and stop them. Blocks; raises `StackError`."""
    limits = folder / "limits.toml"
    limits.write_text(RUN_OUT)
    hurried = {name: {"LIMITS_FILE": str(limits), "SWEEP_SECONDS": "0.2"} for name in HURRIED}
    fleet = Fleet(ground.children, ground.surroundings, ground.logs, topic_prefix=PREFIX)
    late = Fleet(ground.children, ground.surroundings, ground.logs, topic_prefix=PREFIX, extra_env=hurried)
    fleet.start_all()
    try:
        issues = _live(ground, fleet, INTIME, STEPS)
    finally:
        fleet.stop_all()
    try:
        for name in HURRIED:
            late.start(name)
        late.wait_ready(HURRIED)
        issues |= _live(ground, late, LATE, STEPS[:2])
    finally:
        late.stop_all()
    return asyncio.run(_collect(fleet, issues))


def _live(ground: Ground, fleet: Fleet, manner: str, steps: Sequence[str]) -> dict[str, str]:
    lived = asyncio.run(_as_far_as(ground, fleet, steps))
    return {f"{manner}: {step}": issue_id for step, issue_id in lived.items()}


async def _as_far_as(ground: Ground, fleet: Fleet, steps: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    async with flow.city(ground, fleet) as people:
        for wanted in steps:
            async for step in people.walk():
                if step.name == wanted:
                    found[wanted] = step.issue_id
                    break
        await _rest(fleet)
    return found


async def _rest(fleet: Fleet) -> None:
    """Wait until everything is published, handled and sent."""
    deadline = monotonic() + PATIENCE
    before, since = None, monotonic()
    while True:
        found = [tuple((await databases.rows(fleet.database_url(name), _DONE))[0]) for name in SERVICES]
        handled = [await databases.value(fleet.database_url(name), _HANDLED) for name in SERVICES]
        if (found, handled) != before:
            before, since = (found, handled), monotonic()
        if monotonic() - since > STILL and not any(unpublished for unpublished, _ in found):
            return
        if monotonic() > deadline:
            raise StackError(f"The samples do not come to rest within {PATIENCE:g} s.")
        await asyncio.sleep(databases.PAUSE)


async def _collect(fleet: Fleet, issues: Mapping[str, str]) -> dict[str, Samples]:
    connections = {name: await asyncpg.connect(fleet.database_url(name), server_settings=UTC) for name in SERVICES}
    try:
        owners: dict[str, str] = {}
        for sample, issue_id in issues.items():
            owners[issue_id] = sample
            for connection in connections.values():
                owners |= {id_: sample for (id_,) in await connection.fetch(_IDS, issue_id)}
        begun = {
            sample: await connections["intake"].fetchval(
                "SELECT min(recorded_at) FROM events WHERE issue_id = $1::text::uuid", issue_id
            )
            for sample, issue_id in issues.items()
        }
        return {name: Samples(begun, await _tables(connection, owners)) for name, connection in connections.items()}
    finally:
        for connection in connections.values():
            await connection.close()


async def _tables(connection: "asyncpg.Connection[asyncpg.Record]", owners: Mapping[str, str]) -> dict[str, Rows]:
    found: dict[str, Rows] = {}
    for table, columns in await connection.fetch(_TABLES):
        written = io.BytesIO()
        await connection.copy_from_table(table, output=written, columns=columns)
        lines: dict[str, list[str]] = defaultdict(list)
        for line in written.getvalue().decode().splitlines():
            sample = next((sample for id_, sample in owners.items() if id_ in line), None)
            if sample is not None:
                lines[sample].append(line)
        if lines:
            found[table] = Rows(columns, dict(lines))
    return found
