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
# The ids of a unit's issues are looked up first (ARRAY): to the planner, which knows nothing of what is in an array, it
# looks better to walk through all issues and to ask of each whose it is.
# Who has lost an order (returned, recalled, ruled, taken over) finds its callers no more, unless it came back later.
_UNIT_ORDERS = """
SELECT came.issue_id FROM (
    SELECT subject, issue_id, max(sequence) AS sequence FROM (
        SELECT subject, issue_id, sequence FROM journal WHERE type = 'qingcheng.router.order.dispatched.v1'
        AND dispatched_units(data) @> jsonb_build_array(<unit>::text)
        UNION ALL
        SELECT subject, issue_id, sequence FROM journal
        WHERE type IN ('qingcheng.router.order.ruled.v1', 'qingcheng.router.order.reassigned.v1',
                       'qingcheng.router.order.handed_over.v1', 'qingcheng.router.order.co_handler_added.v1')
        AND later_units(data) @> jsonb_build_array(<unit>::text)
    ) AS coming GROUP BY subject, issue_id
) AS came
WHERE NOT EXISTS (
    SELECT FROM journal AS went WHERE lost_units(went.type, went.data) <> '[]'
    AND lost_units(went.type, went.data) @> jsonb_build_array(<unit>::text)
    AND went.subject = came.subject AND went.sequence >= came.sequence
)
"""
# 二级派单: what waits or waited at a county's desk, unless it was sent on to another's; and what the county has itself.
_COUNTY_ORDERS = (
    """
SELECT came.issue_id FROM journal AS came
WHERE came.type IN ('qingcheng.router.order.opened.v1', 'qingcheng.router.order.desk_changed.v1')
AND came.data->>'desk' IS NOT NULL AND came.data->>'desk' = <unit>::text
AND NOT EXISTS (
    SELECT FROM journal AS went WHERE went.type = 'qingcheng.router.order.desk_changed.v1'
    AND went.source = came.source AND went.subject = came.subject AND went.sequence > came.sequence
)
UNION ALL
"""
    + _UNIT_ORDERS
)
_WHERE = """
FROM issues WHERE ($1::text IS NULL OR id = ANY(ARRAY(<unit orders>)))
AND ($2::text IS NULL OR state->>'status' = $2)
AND ($3::text IS NULL OR state->>'channel' = $3)
AND ($4::text IS NULL OR state->>'street_code' = $4)
AND ($5::boolean IS NULL OR (state->>'overdue')::boolean = $5)
AND ($6::boolean IS NULL OR (state->>'emergency' IS NOT NULL) = $6)
AND ($7::text IS NULL OR state->>'desk' = $7)
AND ($8::text IS NULL OR state->>'online_class' = $8)
AND ($9::boolean IS NULL OR (state->>'question_id' IS NOT NULL) = $9)
AND ($10::text IS NULL OR id = ANY(ARRAY(<county orders>))
     OR state->>'street_code' BETWEEN substr($10, 2) AND substr($10, 2) || '999999')
""".replace("<unit orders>", _UNIT_ORDERS.replace("<unit>", "$1")).replace(
    "<county orders>", _COUNTY_ORDERS.replace("<unit>", "$10")
)
_PAGE = (
    "SELECT id::text, version, state::text, <key> AS key"
    + _WHERE
    + """
AND ($11::timestamptz IS NULL OR (<key>, id) <beyond> ($11, $12::text::uuid))
ORDER BY <key> <direction>, id <direction> LIMIT $13
"""
)
_RECEIVED = "issue_instant(state->>'received_at')"
_DUE = "COALESCE(issue_instant(state->>'due'), '2999-12-31Z')"


class Sort(StrEnum):
    """Sort orders of the list; ``due`` puts what has no limit last."""

    RECEIVED = "received_at"
    RECEIVED_DESCENDING = "-received_at"
    DUE = "due"


def _sorted(key: str, direction: str, beyond: str) -> str:
    return _PAGE.replace("<key>", key).replace("<direction>", direction).replace("<beyond>", beyond)


_PAGES = {
    Sort.RECEIVED: _sorted(_RECEIVED, "ASC", ">"),
    Sort.RECEIVED_DESCENDING: _sorted(_RECEIVED, "DESC", "<"),
    Sort.DUE: _sorted(_DUE, "ASC", ">"),
}


@dataclass(frozen=True, slots=True)
class Filter:
    """Which issues; None: any. ``unit`` is the scope of a handling unit's staff, ``county`` that of its dispatcher."""

    unit: str | None = None
    status: Status | None = None
    channel: Channel | None = None
    street_code: str | None = None
    overdue: bool | None = None
    emergency: bool | None = None
    desk: Desk | None = None
    online_class: OnlineClass | None = None
    waits_for_specialist: bool | None = None
    county: str | None = None

    def values(self) -> list[Any]:
        """As the parameters $1 to $10."""
        return [
            *(self.unit, self.status, self.channel, self.street_code, self.overdue),
            *(self.emergency, self.desk, self.online_class, self.waits_for_specialist, self.county),
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
    return _PAGES[sort], [*wanted.values(), *(after or (None, None)), limit]


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


async def is_with_unit(db: Pool, issue_id: str, unit: str) -> bool:
    """Whether an order of the issue is with the unit: by dispatch, ruling, reassignment or hand-over, or to help."""
    return await _has_order(db, _UNIT_ORDERS, issue_id, unit)


async def is_of_county(db: Pool, row: IssueRow, county: str) -> bool:
    """Whether the issue is of the county (its government's code): it happened there, or an order is at its desk."""
    street = row.state.street_code
    return (street is not None and street.startswith(county[1:])) or await _has_order(
        db, _COUNTY_ORDERS, row.id, county
    )


async def _has_order(db: Pool, orders: str, issue_id: str, unit: str) -> bool:
    query = f"SELECT FROM ({orders}) AS theirs WHERE issue_id = $2::text::uuid LIMIT 1"
    return await db.fetchrow(query.replace("<unit>", "$1"), unit, issue_id) is not None


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
