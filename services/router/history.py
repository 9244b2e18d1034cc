"""Histories of orders out of the events table, a page at a time: memory stays bounded however many there are."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from asyncpg import Record

from chassis.database import Conn
from contracts.event import Event
from contracts.topics import event_class
from services.router.rates import Told

PAGE = 500  # orders; some ten events each
History = Sequence[tuple[datetime, Event]]
"""What happened to one order, and when, the first first."""

_OPEN = """
SELECT id::text, version FROM orders WHERE id > $1::text::uuid AND state->>'due_at' IS NOT NULL
ORDER BY orders.id LIMIT $2
"""
_OPENED = """
SELECT position, id::text FROM events
WHERE position > $1 AND aggregate = 'order' AND version = 1 AND recorded_at >= $2 AND recorded_at < $3
ORDER BY position LIMIT $4
"""
_EVENTS = """
SELECT id::text, type, data::text, recorded_at FROM events
WHERE aggregate = 'order' AND id = ANY($1::text[]::uuid[]) ORDER BY events.id, version
"""


async def open_orders(conn: Conn) -> AsyncIterator[dict[str, int]]:
    """Pages of the orders that somebody has to do something about in time: id -> version."""
    after = "00000000-0000-0000-0000-000000000000"
    while rows := await conn.fetch(_OPEN, after, PAGE):
        yield {row["id"]: row["version"] for row in rows}
        after = rows[-1]["id"]


async def opened_between(conn: Conn, since: datetime, until: datetime) -> AsyncIterator[list[str]]:
    """Pages of the orders that were opened from ``since`` on and before ``until``, the first first."""
    after = 0
    while rows := await conn.fetch(_OPENED, after, since, until, PAGE):
        yield [row["id"] for row in rows]
        after = rows[-1]["position"]


async def histories(conn: Conn, ids: Sequence[str]) -> dict[str, History]:
    """The whole history of each order. Raises ``ValueError`` for an event that is not understood here."""
    found: dict[str, list[tuple[datetime, Event]]] = {id_: [] for id_ in ids}
    for row in await conn.fetch(_EVENTS, ids):
        found[row["id"]].append((row["recorded_at"], _event(row)))
    return dict(found)


async def told(conn: Conn, order_id: str) -> list[Told]:
    """The history of one order with each event's place in it. Raises ``ValueError`` like ``histories``."""
    rows = await conn.fetch(
        "SELECT id::text, version, type, data::text, recorded_at FROM events"
        " WHERE aggregate = 'order' AND id = $1::text::uuid ORDER BY version",
        order_id,
    )
    return [Told(row["version"], row["recorded_at"], _event(row)) for row in rows]


def _event(row: Record) -> Event:
    model = event_class(row["type"])
    if model is None:
        raise ValueError(f"order {row['id']} has an event of the unknown type {row['type']}")
    return model.model_validate_json(row["data"])
