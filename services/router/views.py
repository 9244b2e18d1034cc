"""Read-only SQL behind the router's GETs. A ``unit`` in a filter is 承办单位 staff's scope or a filter of its own."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

from asyncpg import Record
from asyncpg.pool import Pool
from pydantic import AwareDatetime, TypeAdapter

from chassis.aggregate import Aggregate
from chassis.pages import counting
from contracts.codes import Id
from contracts.router import OrderResultSubmitted
from services.router.aggregates import Orders
from services.router.order_state import Status, WorkOrder

S = TypeVar("S")
Key = tuple[datetime, str]
"""Sort key of a page: when the next step is due (the year 9999 when none is), and the id."""
KEY: TypeAdapter[Key] = TypeAdapter(tuple[AwareDatetime, Id])

_DUE = "router_due(state)"
_NEVER = datetime(9999, 12, 31, tzinfo=UTC)
"""What `_DUE` gives where nothing is due."""
_OPEN = "state->>'status' NOT IN ('closed', 'cancelled')"
# Parameters that are null vanish from the plan, because every plan is made for its values (chassis.database).
_ORDERS = """
FROM orders
WHERE ($1::text IS NULL OR order_units(state) @> jsonb_build_array($1))
AND ($2::text IS NULL OR order_units(state) @> jsonb_build_array($2))
AND ($3::text IS NULL OR state->>'status' = $3)
AND ($4::text IS NULL OR state->>'status' = $4)
AND ($5::text IS NULL OR (state->'duties' @> $5::jsonb AND state->>'status' <> 'in_mediation' AND <open>))
AND ($6::boolean IS NULL OR (state->>'supervision' IS NOT NULL AND state->>'status' <> 'closed'
                             AND state->>'status' <> 'cancelled'))
AND ($7::boolean IS NULL OR (state->>'supervision' = 'escalated' AND <open>))
AND ($8::text IS NULL OR state->>'issue_id' = $8)
AND ($9::text IS NULL OR (state->'requests' @> $9::jsonb AND state->'requests' <> '[]'))
AND ($10::text IS NULL OR order_county(state) = $10)
""".replace("<open>", _OPEN)
_OPEN_ORDERS = f"{_ORDERS} AND {_OPEN}"

_COPIED = """
SELECT e.data->>'result_id', (
    SELECT o.id::text FROM events o
    WHERE o.type = <submitted> AND o.data->>'unit' = e.data->>'unit'
    AND o.data->>'fingerprint' = e.data->>'fingerprint' AND o.position < e.position
    ORDER BY o.position LIMIT 1
)
FROM events e WHERE e.aggregate = 'order' AND e.id = $1::text::uuid AND e.type = <submitted>
""".replace("<submitted>", f"'{OrderResultSubmitted.type}'")


class Queue(StrEnum):
    """工作队列."""

    DISPATCH = "dispatch"  # 待派单
    SIGN = "sign"  # 待签收
    HANDLE = "handle"  # 办理中
    MEDIATION = "mediation"  # 调解中
    REVIEW = "review"  # 办结审核
    REVISIT = "revisit"  # 待回访
    RETURNS = "returns"  # 退单审核
    RULINGS = "rulings"  # 待裁定
    EXTENSIONS = "extensions"  # 延期审核
    SUSPENSIONS = "suspensions"  # 挂账审核
    EXCLUSIONS = "exclusions"  # 剔除审核
    UNDECIDED = "undecided"  # 审批逾期，督办员决定
    SUSPENDED = "suspended"  # 挂账台账
    SUPERVISED = "supervised"  # 督办
    PROBLEM = "problem"  # 疑难工单


_QUEUE_STATUS = {
    Queue.DISPATCH: Status.PENDING_DISPATCH,
    Queue.SIGN: Status.PENDING_SIGN,
    Queue.HANDLE: Status.IN_PROGRESS,
    Queue.MEDIATION: Status.IN_MEDIATION,
    Queue.REVIEW: Status.CLOSE_REVIEW,
    Queue.REVISIT: Status.PENDING_REVISIT,
    Queue.SUSPENDED: Status.SUSPENDED,
}
_QUEUE_REQUEST: dict[Queue, dict[str, Any]] = {
    Queue.RETURNS: {"kind": "return"},
    Queue.RULINGS: {"binding": True},
    Queue.EXTENSIONS: {"kind": "extension"},
    Queue.SUSPENSIONS: {"kind": "suspension"},
    Queue.EXCLUSIONS: {"kind": "exclusion"},
    Queue.UNDECIDED: {"overdue": True},
}


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """Which orders; None: any. ``scope`` is the unit whose staff asks, ``county`` (6 digits) that whose dispatcher."""

    scope: str | None = None
    unit: str | None = None
    status: Status | None = None
    queue: Queue | None = None
    issue_id: str | None = None
    county: str | None = None

    @property
    def is_all_of_a_unit(self) -> bool:
        """Whether a unit's orders are wanted, and any of them."""
        return bool(self.unit or self.scope) and not (self.status or self.queue or self.issue_id)

    def values(self) -> list[Any]:
        """As the parameters $1 to $10. What a unit has to sign or handle is seen in its own duty, not in the order."""
        unit, queue = self.unit or self.scope, self.queue
        duty: str | None = None
        if unit is not None and queue in (Queue.SIGN, Queue.HANDLE):
            duty = json.dumps([{"unit": unit, "signed": queue is Queue.HANDLE, "result_id": None}])
            queue = None
        request = _QUEUE_REQUEST.get(queue) if queue else None
        return [
            self.scope,
            self.unit,
            self.status,
            _QUEUE_STATUS.get(queue) if queue else None,
            duty,
            True if queue is Queue.SUPERVISED else None,
            True if queue is Queue.PROBLEM else None,
            self.issue_id,
            json.dumps([request]) if request else None,
            self.county,
        ]


@dataclass(frozen=True, slots=True)
class Row(Generic[S]):
    """An aggregate as stored; ``due`` is what its list is sorted by."""

    id: str
    version: int
    state: S
    due: datetime


@dataclass(frozen=True, slots=True)
class ReferenceVersion:
    """A version of the reference data."""

    version: str
    valid_from: str
    loaded_at: datetime


async def page_of_orders(
    db: Pool, orders: Orders, wanted: OrderFilter, after: Key | None, limit: int
) -> list[Row[WorkOrder]]:
    """Orders after a sort key, the least time left first.

    What is closed has no time to be left and comes last, so that a unit's open orders are looked for by themselves
    first: what it has ever had need be gone through only behind them.
    """
    arguments = (*wanted.values(), *from_key(after), limit)
    rows = await db.fetch(page_sql(_OPEN_ORDERS, 10), *arguments) if wanted.is_all_of_a_unit else []
    if not rows or len(rows) < limit or rows[-1]["due"] >= _NEVER:
        rows = await db.fetch(page_sql(_ORDERS, 10), *arguments)
    return [row_of(orders, row) for row in rows]


async def count_orders(db: Pool, wanted: OrderFilter) -> int:
    """How many orders there are, as far as `chassis.pages` counts."""
    found: int = await db.fetchval(counting(_ORDERS), *wanted.values())
    return found


async def one_order(db: Pool, orders: Orders, id_: str) -> Row[WorkOrder] | None:
    """One order."""
    row = await db.fetchrow(f"{SELECT} FROM orders WHERE id = $1::text::uuid", id_)
    return row_of(orders, row) if row else None


async def copied_results(db: Pool, order_id: str) -> dict[str, str]:
    """Results of an order whose words its unit had written before: result id -> the order where it first had."""
    rows = await db.fetch(_COPIED, order_id)
    return {result_id: earlier for result_id, earlier in rows if earlier is not None}


async def some_orders(db: Pool, orders: Orders, ids: list[str]) -> dict[str, WorkOrder]:
    """Those of the orders that exist, by id."""
    rows = await db.fetch(f"{SELECT} FROM orders WHERE id = ANY($1::text[]::uuid[])", ids)
    return {row["id"]: row_of(orders, row).state for row in rows}


async def knows_issue(db: Pool, issue_id: str) -> bool:
    """Whether intake has told us of the issue by an event: then its subject stands in the inbox."""
    query = "SELECT EXISTS (SELECT FROM inbox WHERE source = '/intake' AND subject = 'issue/' || $1::text)"
    found: bool = await db.fetchval(query, issue_id)
    return found


async def reference_versions(db: Pool) -> list[ReferenceVersion]:
    """Every version that was loaded, the newest first."""
    rows = await db.fetch(
        """
        SELECT version, valid_from::text, max(loaded_at) AS loaded_at FROM reference
        GROUP BY version, valid_from ORDER BY valid_from DESC, loaded_at DESC LIMIT 200
        """
    )
    return [ReferenceVersion(*row) for row in rows]


SELECT = f"SELECT id::text, version, state::text, {_DUE} AS due"


def page_sql(where: str, used: int) -> str:
    """A page of rows after a key; ``used`` parameters come before those of ``from_key`` and the limit.

    By ``id`` alone the answer's text would be meant, which no index is sorted by: in all such statements.
    """
    at, id_, limit = (f"${used + n}" for n in (1, 2, 3))
    return f"""
    {SELECT} {where} AND ({at}::timestamptz IS NULL OR ({_DUE}, id) > ({at}, {id_}::text::uuid))
    ORDER BY {_DUE}, id::uuid LIMIT {limit}
    """


def from_key(after: Key | None) -> Key | tuple[None, None]:
    """As parameters of ``page_sql``."""
    return after or (None, None)


def row_of(aggregate: Aggregate[S, Any, Any], row: Record) -> Row[S]:
    """A row of ``SELECT``."""
    return Row(row["id"], row["version"], aggregate.adapter.validate_json(row["state"]), row["due"])
