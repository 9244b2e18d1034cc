"""Two processes on one database, and what became of what they were asked, as SQL shows it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import asyncpg
from asyncpg.pool import Pool

from chassis import dead_letters
from chassis.aggregate import To, Written
from chassis.errors import PreconditionFailed
from chassis.letter_sweeper import LetterSweeper
from chassis.pipeline import TRANSIENT, Pipeline
from chassis.private_data import Vault
from chassis.reader import Reader
from chassis.work import Due, Record, Work
from contracts.rejected import Rejected
from tests.integration.chassis.faults import Faults
from tests.integration.chassis.model import DATA, DEFECT, Answer, Ask, Subjects
from tests.integration.chassis.requests import a_request
from tests.integration.chassis.sample import issues, order_of, reactions

READER = Reader(reactions, "")
_ROUNDS = 100  # no more letters than that, and failures, come together


@dataclass(frozen=True)
class Happened:
    """An event in the history. ``position`` is its place among all."""

    position: int
    issue: str
    version: int
    type: str
    actor: str


class Desk:
    """One process: its pipeline, over connections that fail on request."""

    def __init__(self, pool: Pool, faults: Faults, vault: Vault, max_batch: int, beside: int) -> None:
        self.faults = faults
        self._pool = pool
        self._pipeline = Pipeline(pool, vault, max_batch=max_batch, beside=beside)
        self._sweeper = LetterSweeper(pool, self._pipeline, READER, 1.0)
        self._task = asyncio.get_running_loop().create_task(self._pipeline.run())

    async def stop(self) -> None:
        """End it; it must not have ended by itself."""
        assert not self._task.done(), self._task
        self._task.cancel()
        await asyncio.wait([self._task])

    async def ask(self, actor: str, ask: Ask, key: str) -> Answer:
        """Ask for something as the HTTP door does (a deadline has no key) and say what was answered."""
        to = [
            To(issues, issue, command, expected_version=None if place else ask.expected)
            for place, (issue, command) in enumerate(ask.commands)
        ]
        due = Due("issue", ask.commands[0][0], "triage", ask.due_at) if ask.due_at else None
        request = None if due else a_request(key, ask.body)
        try:
            written = await self._pipeline.submit(Work(to, actor, key, request, due=due))
        except Rejected as rejected:
            return "rejected", rejected.code
        except PreconditionFailed as failed:
            return "stale", failed.current_version
        except RuntimeError:
            return DEFECT
        except asyncpg.DataError:
            return DATA
        return "written", *map(_shown, written)

    async def deliver(self, record: Record) -> None:
        """Take a record from a topic."""
        await self._pipeline.submit(READER.read(record))

    async def drain(self) -> bool:
        """Replay once what waited and may go on now; say whether there was anything."""
        try:
            ready = await dead_letters.ready(self._pool, 100)
            for letter in ready:
                await self._sweeper.replay(letter, by=None)
        except Rejected as overtaken:  # by the other process
            return overtaken.code.startswith("dead_letter.")
        except TRANSIENT:  # look again
            return True
        return bool(ready)


def _shown(written: Written) -> tuple[int, int, int, bool]:
    state = written.state
    return written.version, state.follow_ups, state.overdue, state.closed


async def drain(desks: Sequence[Desk]) -> None:
    """Let both processes replay until nothing is left that may go on."""
    for _ in range(_ROUNDS):
        if not any(await asyncio.gather(*(desk.drain() for desk in desks))):
            return
    raise AssertionError("what may go on is not resolved by replaying it")


async def history(pool: Pool, ids: Sequence[str], after: int = 0) -> list[Happened]:
    """Everything that happened to these issues, in order."""
    rows = await pool.fetch(
        "SELECT position, id::text, version, type, meta->>'actor' AS actor FROM events "
        "WHERE aggregate = 'issue' AND id = ANY($1::text[]::uuid[]) AND position > $2 ORDER BY position",
        ids,
        after,
    )
    return [replace(Happened(*row), type=row["type"].split(".")[3]) for row in rows]


async def rows_of(pool: Pool, ids: Sequence[str]) -> dict[str, tuple[int, int, int, bool]]:
    """The issues' rows, as an answer would show them."""
    rows = await pool.fetch(
        "SELECT id::text, version, (state->>'follow_ups')::int, (state->>'overdue')::int, (state->>'closed')::bool "
        "FROM issues WHERE id = ANY($1::text[]::uuid[])",
        ids,
    )
    return {row[0]: (row[1], row[2], row[3], row[4]) for row in rows}


async def timers_of(pool: Pool, ids: Sequence[str]) -> dict[str, datetime]:
    """The issues' timers."""
    query = "SELECT id::text, due_at FROM deadlines WHERE aggregate = 'issue' AND id = ANY($1::text[]::uuid[])"
    return {row["id"]: row["due_at"] for row in await pool.fetch(query, ids)}


async def check_subjects(pool: Pool, subjects: Subjects, event_ids: Mapping[tuple[str, int], str]) -> None:
    """Inbox, dead letters, and the orders' histories are what the events that came make them."""
    for subject in subjects.delivered:
        handled, waiting = subjects.handled(subject), subjects.waiting(subject)
        cursor = await pool.fetchrow("SELECT sequence, parked FROM inbox WHERE subject = $1", f"issue/{subject}")
        assert (tuple(cursor) if cursor else None) == (handled, bool(waiting)), (subject, cursor)
        letters = await pool.fetch(
            "SELECT DISTINCT sequence FROM dead_letters WHERE subject = $1 AND resolution IS NULL", f"issue/{subject}"
        )
        assert {row["sequence"] for row in letters} == waiting, subject
        rows = await pool.fetch(
            "SELECT type, data->>'reminder_id' AS event FROM events WHERE aggregate = 'order' "
            "AND id = $1::text::uuid ORDER BY version",
            order_of(subject),
        )
        opened = [("opened", None)] * (handled > 0)
        counted = [("reminded", event_ids[subject, sequence]) for sequence in subjects.counted(subject)]
        assert [(row["type"].split(".")[3], row["event"]) for row in rows] == opened + counted, subject
        query = "SELECT version FROM orders WHERE id = $1::text::uuid"
        version = await pool.fetchval(query, order_of(subject))
        assert version == (len(rows) or None), subject


async def discard(pool: Pool, subject: str, sequence: int) -> None:
    """Give up what is set aside of one event."""
    query = "SELECT id::text FROM dead_letters WHERE subject = $1 AND sequence = $2 AND resolution IS NULL"
    found: list[Any] = await pool.fetch(query, f"issue/{subject}", sequence)
    for row in found:
        await dead_letters.discard(pool, row["id"], by="admin", note="poison", now=datetime.now(UTC))
