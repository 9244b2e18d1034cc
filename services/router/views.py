"""Read-only SQL behind the router's GETs. A ``unit`` in a filter is 承办单位 staff's scope or a filter of its own."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
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
from services.router.order_model import TERMINAL, Status, WorkOrder

S = TypeVar("S")
Key = tuple[datetime, str]
"""Sort key of a page: when the next step is due (the year 9999 when none is), and the id."""
KEY: TypeAdapter[Key] = TypeAdapter(tuple[AwareDatetime, Id])

_DUE = "router_due(state)"
_OPEN = "state->>'status' NOT IN ('closed', 'cancelled')"
# Parameters that are null vanish from the plan, because every plan is made for its values (chassis.database).
_WANTED = f"""
($2::text IS NULL OR EXISTS (SELECT FROM unit_orders b WHERE b.order_id = orders.id AND b.unit = $2))
AND ($3::text IS NULL OR state->>'status' = $3)
AND ($4::text IS NULL OR state->>'status' = $4)
AND ($5::boolean IS NULL OR (state->>'supervision' IS NOT NULL AND state->>'status' <> 'closed'
                             AND state->>'status' <> 'cancelled'))
AND ($6::boolean IS NULL OR (state->>'supervision' = 'escalated' AND {_OPEN}))
AND ($7::text IS NULL OR state->>'issue_id' = $7)
AND ($8::text IS NULL OR (state->'requests' @> $8::jsonb AND state->'requests' <> '[]'))
AND ($9::text IS NULL OR order_county(state) = $9)
"""
_ORDERS = f"""
FROM orders
WHERE ($1::text IS NULL OR EXISTS (SELECT FROM unit_orders a WHERE a.order_id = orders.id AND a.unit = $1))
AND {_WANTED}
"""
# Where nothing is asked of the orders themselves, a LEFT JOIN vanishes from the plan too.
_OF_UNIT = f"""
FROM unit_orders u LEFT JOIN orders ON orders.id = u.order_id
WHERE u.unit = $1 AND ($10::text IS NULL OR u.to_do = $10) AND {_WANTED}
"""

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
_TO_DO = {Queue.SIGN: "sign", Queue.HANDLE: "handle"}
"""What a unit has to sign or to handle is seen in its own duty, not in the order."""
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
    def is_of_unit(self) -> bool:
        """Whether to look through what a unit has: there are quicker ways to an issue's orders, and to requests."""
        is_quicker = self.queue in _QUEUE_REQUEST or (self.issue_id is not None and self.queue not in _TO_DO)
        return bool(self.unit or self.scope) and not is_quicker

    @property
    def sides(self) -> Sequence[str]:
        """Where its orders may be, in ``unit_orders``."""
        if self.queue in _TO_DO:
            return ("u.to_do IS NOT NULL",)
        if self.queue or (self.status and self.status not in TERMINAL):
            return ("u.is_open",)
        return ("NOT u.is_open",) if self.status else ("u.is_open", "NOT u.is_open")

    def values(self) -> list[Any]:
        """As the parameters $1 to $9, and $10 of a unit's own lists."""
        unit, queue = self.unit or self.scope, self.queue
        common = [
            unit,
            self.scope if self.scope != unit else None,
            self.status,
            None if queue is None or (unit and queue in _TO_DO) else _QUEUE_STATUS.get(queue),
            True if queue is Queue.SUPERVISED else None,
            True if queue is Queue.PROBLEM else None,
            self.issue_id,
            json.dumps([_QUEUE_REQUEST[queue]]) if queue in _QUEUE_REQUEST else None,
            self.county,
        ]
        return [*common, _TO_DO.get(queue) if queue else None] if self.is_of_unit else common


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
    """Orders after a sort key, the least time left first; what has ended has none left and comes last."""
    sql = _page_of_unit(wanted.sides) if wanted.is_of_unit else page_sql(_ORDERS, 9)
    rows = await db.fetch(sql, *wanted.values(), *from_key(after), limit)
    return [row_of(orders, row) for row in rows]


async def count_orders(db: Pool, wanted: OrderFilter) -> int:
    """How many orders there are, as far as `chassis.pages` counts."""
    parts = " UNION ALL ".join(f"SELECT 1 {_OF_UNIT} AND {side}" for side in wanted.sides)
    where = f"FROM ({parts}) parts" if wanted.is_of_unit else _ORDERS
    found: int = await db.fetchval(counting(where), *wanted.values())
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


_ROW = "SELECT id::text, version, state::text"
SELECT = f"{_ROW}, {_DUE} AS due"


def page_sql(where: str, used: int) -> str:
    """A page of rows after a key; ``used`` parameters come before those of ``from_key`` and the limit.

    By ``id`` alone the answer's text would be meant, which no index is sorted by: in all such statements.
    """
    at, id_, limit = (f"${used + n}" for n in (1, 2, 3))
    return f"""
    {SELECT} {where} AND ({at}::timestamptz IS NULL OR ({_DUE}, id) > ({at}, {id_}::text::uuid))
    ORDER BY {_DUE}, id::uuid LIMIT {limit}
    """


def _page_of_unit(sides: Sequence[str]) -> str:
    """A page of a unit's orders after a key: each side is read in its order, as far as the page goes."""
    parts = (
        f"(SELECT u.order_id, u.due {_OF_UNIT} AND {side}"
        " AND ($11::timestamptz IS NULL OR (u.due, u.order_id) > ($11, $12::text::uuid))"
        " ORDER BY u.due, u.order_id LIMIT $13)"
        for side in sides
    )
    return f"""
    {_ROW}, page.due FROM ({" UNION ALL ".join(parts)}) page JOIN orders ON orders.id = page.order_id
    ORDER BY page.due, page.order_id LIMIT $13
    """


def from_key(after: Key | None) -> Key | tuple[None, None]:
    """As parameters of ``page_sql``."""
    return after or (None, None)


def row_of(aggregate: Aggregate[S, Any, Any], row: Record) -> Row[S]:
    """A row of ``SELECT``."""
    return Row(row["id"], row["version"], aggregate.adapter.validate_json(row["state"]), row["due"])
