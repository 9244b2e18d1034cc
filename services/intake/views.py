"""Read-only SQL behind intake's GETs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from asyncpg import Record
from asyncpg.pool import Pool
from pydantic import TypeAdapter

from chassis.pages import counting
from contracts.codes import Channel
from contracts.router import (
    OrderCompleted,
    OrderDispatched,
    OrderLimitsRecomputed,
    OrderReturnedForRework,
    OrderReworked,
)
from contracts.router_turns import OrderReopened
from services.intake.issue_model import Desk, Issue, OnlineClass, Status

_STATE = TypeAdapter(Issue)
_STEPS = (
    *(OrderDispatched, OrderLimitsRecomputed, OrderReopened),
    *(OrderCompleted, OrderReworked, OrderReturnedForRework),
)
"""What moves the promised date, or the day on which it was kept."""

# Parameters that are null vanish from the plan, because every plan is made for its values (chassis.database).
_WANTED = """
($1::text IS NULL OR state->>'status' = $1)
AND ($2::text IS NULL OR state->>'channel' = $2)
AND ($3::text IS NULL OR state->>'street_code' = $3)
AND ($4::boolean IS NULL OR (state->>'overdue')::boolean = $4)
AND ($5::boolean IS NULL OR (state->>'emergency' IS NOT NULL) = $5)
AND ($6::text IS NULL OR state->>'desk' = $6)
AND ($7::text IS NULL OR state->>'online_class' = $7)
AND ($8::boolean IS NULL OR (state->>'question_id' IS NOT NULL) = $8)
"""
_READ = "EXISTS (SELECT FROM issue_readers r WHERE r.reader = $9 AND r.issue_id = issues.id)"
_WHERE = f"FROM issues WHERE {_WANTED} AND ($9::text IS NULL OR {_READ})"
_OF_READER = """
r.reader = $9::text AND NOT EXISTS (
    SELECT FROM issue_readers o WHERE o.reader = r.reader AND o.issue_id = r.issue_id AND o.subject < r.subject
)
"""
# A reader's page is read in the order of the reader's rows. An issue of several orders is there once.
_READERS = f"FROM issue_readers r JOIN issues ON issues.id = r.issue_id WHERE {_WANTED} AND {_OF_READER}"
_RECEIVED = "issue_instant(state->>'received_at')"
_NEVER = "'2999-12-31Z'::timestamptz"
_DUE = "COALESCE(issue_instant(state->>'due'), '2999-12-31Z')"


class Sort(StrEnum):
    """Sort orders of the list; ``due`` puts what has no limit last."""

    RECEIVED = "received_at"
    RECEIVED_DESCENDING = "-received_at"
    DUE = "due"


_ROW = "id::text, version, state::text"


def _rows(what: str, from_: str, key: str, id_: str, way: str = "ASC", beyond: str | None = None) -> str:
    after = f"({key}, {id_}) {'>' if way == 'ASC' else '<'} ($10, $11::text::uuid)"
    return f"""
    SELECT {what}, {key} AS key {from_}
    AND ($10::timestamptz IS NULL OR {beyond or after}) ORDER BY {key} {way}, {id_} {way} LIMIT $12
    """


# Without OFFSET 0 each due time would be made out twice, and, for whoever has many, all issues be gone through.
_EACH = """
CROSS JOIN LATERAL (
    SELECT issues.id, <due> AS due FROM issues WHERE issues.id = r.issue_id AND <wanted> OFFSET 0
) looked_at
""".replace("<due>", _DUE).replace("<wanted>", _WANTED)
# By due, of what has a limit every one is looked at, few as they are; what has none comes in the reader's order.
_MAY_BE_LIMITED = "(SELECT DISTINCT issue_id FROM issue_readers WHERE reader = $9::text AND has_limit)"
_LIMITED = _rows("id", f"FROM {_MAY_BE_LIMITED} r {_EACH} WHERE due < {_NEVER}", "due", "id")


def _by_due_of_reader(without_limit: str) -> str:
    """A page by due; ``without_limit`` is where what has none is read. Only states of the page are unpacked."""
    beyond = f"$10 < {_NEVER} OR r.issue_id > $11::text::uuid"
    return """
    SELECT issues.id::text, version, state::text, key
    FROM ((<limited>) UNION ALL (<unlimited>) ORDER BY key, id LIMIT $12) page JOIN issues ON issues.id = page.id
    ORDER BY key, page.id
    """.replace("<limited>", _LIMITED).replace(
        "<unlimited>", _rows("r.issue_id AS id", without_limit, _NEVER, "r.issue_id", beyond=beyond)
    )


_PAGES = {
    Sort.RECEIVED: _rows(_ROW, _WHERE, _RECEIVED, "issues.id"),
    Sort.RECEIVED_DESCENDING: _rows(_ROW, _WHERE, _RECEIVED, "issues.id", "DESC"),
    Sort.DUE: _rows(_ROW, _WHERE, _DUE, "issues.id"),
}
_PAGES_OF_READER = {
    Sort.RECEIVED: _rows(_ROW, _READERS, "r.received_at", "r.issue_id"),
    Sort.RECEIVED_DESCENDING: _rows(_ROW, _READERS, "r.received_at", "r.issue_id", "DESC"),
    Sort.DUE: _by_due_of_reader(f"{_READERS} AND {_DUE} = {_NEVER}"),
}
# Of all that a reader has, the first ones are the page, and no other issue is looked at on the way to them. What a
# filter lets through may be few, and have an index that finds them.
_PAGES_OF_ALL_OF_READER = _PAGES_OF_READER | {
    Sort.DUE: _by_due_of_reader(f"FROM issue_readers r {_EACH} WHERE {_OF_READER} AND due = {_NEVER}"),
}


def desk_reader(county: str) -> str:
    """Whose list holds what happened in a county, came to its desk or is with it: its dispatcher's."""
    return f"desk:{county}"


@dataclass(frozen=True, slots=True)
class Filter:
    """Which issues; None: any. ``reader``: those of a unit, by its code, or of a ``desk_reader``."""

    status: Status | None = None
    channel: Channel | None = None
    street_code: str | None = None
    overdue: bool | None = None
    emergency: bool | None = None
    desk: Desk | None = None
    online_class: OnlineClass | None = None
    waits_for_specialist: bool | None = None
    reader: str | None = None

    def values(self) -> list[Any]:
        """As the parameters $1 to $9."""
        return [
            *(self.status, self.channel, self.street_code, self.overdue, self.emergency),
            *(self.desk, self.online_class, self.waits_for_specialist, self.reader),
        ]


@dataclass(frozen=True, slots=True)
class IssueRow:
    """An issue as stored; ``key`` is what the list was sorted by."""

    id: str
    version: int
    state: Issue
    key: datetime


@dataclass(frozen=True, slots=True)
class Progress:
    """承诺时间 that the router gave at the first dispatch; when the order was completed for good (None: not yet)."""

    promised_at: datetime | None = None
    completed_at: datetime | None = None

    def is_late(self, now: datetime) -> bool:
        """Whether the promised time had passed when it was completed, or has by now."""
        return self.promised_at is not None and (self.completed_at or now) > self.promised_at


@dataclass(frozen=True, slots=True)
class Happening:
    """An event of the issue, of whichever service."""

    time: datetime
    service: str
    type: str
    subject: str
    sequence: int
    data: dict[str, Any]


def _issue(row: Record) -> IssueRow:
    return IssueRow(row["id"], row["version"], _STATE.validate_json(row["state"]), row["key"])


def page_query(wanted: Filter, sort: Sort, after: tuple[datetime, str] | None, limit: int) -> tuple[str, list[Any]]:
    """The statement behind ``page``, and its parameters."""
    if wanted.reader is None:
        pages = _PAGES
    elif wanted == Filter(reader=wanted.reader):
        pages = _PAGES_OF_ALL_OF_READER
    else:
        pages = _PAGES_OF_READER
    return pages[sort], [*wanted.values(), *(after or (None, None)), limit]


def count_query(wanted: Filter) -> tuple[str, list[Any]]:
    """The statement behind ``count``, and its parameters."""
    return counting(_WHERE), wanted.values()


async def page(db: Pool, wanted: Filter, sort: Sort, after: tuple[datetime, str] | None, limit: int) -> list[IssueRow]:
    """The issues after a sort key, at most ``limit``."""
    query, parameters = page_query(wanted, sort, after, limit)
    return [_issue(row) for row in await db.fetch(query, *parameters)]


async def count(db: Pool, wanted: Filter) -> int:
    """How many issues there are."""
    query, parameters = count_query(wanted)
    found: int = await db.fetchval(query, *parameters)
    return found


async def one(db: Pool, issue_id: str) -> IssueRow | None:
    """One issue."""
    row = await db.fetchrow(
        "SELECT id::text, version, state::text, updated_at AS key FROM issues WHERE id = $1::text::uuid", issue_id
    )
    return _issue(row) if row else None


async def is_read_by(db: Pool, issue_id: str, reader: str) -> bool:
    """Whether the issue is in the list of a unit, by its code, or of a ``desk_reader``."""
    query = "SELECT FROM issue_readers WHERE reader = $1 AND issue_id = $2::text::uuid LIMIT 1"
    return await db.fetchrow(query, reader, issue_id) is not None


async def progress(db: Pool, issue_id: str) -> Progress:
    """What the journal knows of the order."""
    return (await progress_of(db, [issue_id]))[issue_id]


async def progress_of(db: Pool, issue_ids: Sequence[str]) -> dict[str, Progress]:
    """What the journal knows of the latest order of each issue; a reopened one is promised anew."""
    rows = await db.fetch(
        """
        SELECT issue_id::text, type, time, (data->>'promised_at')::timestamptz AS promised_at FROM journal
        WHERE issue_id = ANY($1::text[]::uuid[]) AND type = ANY($2::text[]) ORDER BY issue_id, time, sequence
        """,
        issue_ids,
        [event.type for event in _STEPS],
    )
    found = {issue_id: Progress() for issue_id in issue_ids}
    for issue_id, type_, time, promised_at in rows:
        if type_ == OrderReopened.type:
            found[issue_id] = Progress()
        else:
            completed_at = time if type_ == OrderCompleted.type else None
            found[issue_id] = Progress(promised_at or found[issue_id].promised_at, completed_at)
    return found


async def timeline(db: Pool, issue_id: str) -> list[Happening]:
    """Everything that happened to the issue, in order of time; events of one subject keep their sequence."""
    rows = await db.fetch(
        """
        SELECT recorded_at AS time, '/intake' AS source, type, 'issue/' || id AS subject,
               version AS sequence, data::text
        FROM events WHERE aggregate = 'issue' AND id = $1::text::uuid
        UNION ALL
        SELECT time, source, type, subject, sequence, data::text FROM journal WHERE issue_id = $1::text::uuid
        ORDER BY time, subject, sequence
        """,
        issue_id,
    )
    return [
        Happening(time, source.removeprefix("/"), type_, subject, sequence, json.loads(data))
        for time, source, type_, subject, sequence, data in rows
    ]
