"""工作队列: one SQL condition per queue, out of which its rows, its count and its next item come.

Conditions are over ``id`` and ``state`` of one aggregate's table. They may name ``:unit`` (the desk's unit, null for
every unit), ``:me`` and ``:own`` (who asks, and the unit they belong to), ``:now``, and ``:by_…`` for a filter's value.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

from asyncpg import Record
from asyncpg.pool import Pool
from pydantic import AwareDatetime, StringConstraints, TypeAdapter

from chassis.database import Conn
from chassis.errors import Invalid
from chassis.security import Actor
from contracts.codes import Id
from contracts.rejected import Rejected

QUEUE_PROBLEMS = {
    "queue.not_found": "没有这个工作队列，或当前角色看不到它。",
    "queue.looking_only": "当前角色只能查看这个队列，不能领取。",
    "queue.no_such_filter": "这个队列不能按该条件筛选。",
}
QueueName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,39}$")]
Key = tuple[int, datetime, str]
"""Sort key of a page: rank, when it is due, id."""
KEY: TypeAdapter[Key] = TypeAdapter(tuple[int, AwareDatetime, Id])
_NAME = re.compile(r"(?<![:\w]):([a-z_]+)")


@dataclass(frozen=True, slots=True)
class Desk:
    """Where somebody stands before a queue: whose rows they see, and for whom they take items.

    ``sees`` None: the rows of every unit. ``works`` None: they look but take nothing; empty: for no unit in particular.
    """

    sees: str | None
    works: str | None


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue. ``desk`` is None for whom there is no such queue; ``filters`` are conditions on a value of their name.

    Rows are sorted by ``rank``, if there is one, then by ``due``, what is overdue first, then by id.
    """

    name: str
    title: str
    table: str
    rows: str
    due: str
    desk: Callable[[Actor], Desk | None]
    filters: Mapping[str, str]
    rank: str | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A queue as somebody sees it, with the values of the filters they set."""

    queue: Queue
    desk: Desk
    actor: Actor
    now: datetime
    filters: Mapping[str, str]
    overdue: bool | None = None

    @property
    def me(self) -> str:
        """Who asks."""
        return self.actor.id

    @property
    def where(self) -> str:
        """The condition of every row."""
        parts = [self.queue.rows, *(self.queue.filters[name] for name in self.filters)]
        if self.overdue is not None:
            parts.append(f"({self.queue.due} < :now::timestamptz) = :overdue::boolean")
        return " AND ".join(f"({part})" for part in parts)

    def values(self, **more: Any) -> dict[str, Any]:
        """What the names in the SQL stand for."""
        own = {"unit": self.desk.sees, "me": self.me, "own": self.actor.unit, "now": self.now, "overdue": self.overdue}
        return own | {f"by_{name}": value for name, value in self.filters.items()} | more

    @property
    def order(self) -> str:
        """The sort columns."""
        return ", ".join((self.queue.rank, self.queue.due, "id") if self.queue.rank else (self.queue.due, "id"))


def wanted(
    queues: Mapping[str, Queue],
    name: str,
    actor: Actor,
    now: datetime,
    filters: Mapping[str, str | None] | None = None,
    overdue: bool | None = None,
) -> Wanted:
    """The queue as the actor may see it.

    Raises Rejected ``queue.not_found`` for a queue that is not theirs, ``Invalid`` for a filter that it does not have.
    """
    queue = queues.get(name)
    desk = queue.desk(actor) if queue else None
    if queue is None or desk is None:
        raise Rejected("queue.not_found", QUEUE_PROBLEMS["queue.not_found"], status=404)
    given = {key: value for key, value in (filters or {}).items() if value is not None}
    for key in given:
        if key not in queue.filters:
            code = "queue.no_such_filter"
            raise Invalid(key, "no_such_filter", QUEUE_PROBLEMS[code], code=code)
    if desk.sees is None and "unit" in given and ":unit" in queue.rows:
        desk = replace(desk, sees=given["unit"])
    return Wanted(queue, desk, actor, now, given, overdue)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has taken an item, and until when."""

    claim: str
    by: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """An item of a queue as stored; ``held`` while somebody has taken it."""

    id: str
    version: int
    state: str
    rank: int
    due: datetime
    held: Holder | None

    @property
    def key(self) -> Key:
        """Where it stands."""
        return self.rank, self.due, self.id


@dataclass(frozen=True, slots=True)
class Counts:
    """How many items a queue has, and how many of them are overdue."""

    total: int
    overdue: int


def bind(sql: str, values: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """The SQL with ``:name`` numbered as the server wants it, and the values in that order."""
    names: list[str] = []

    def number(match: re.Match[str]) -> str:
        if match[1] not in names:
            names.append(match[1])
        return f"${names.index(match[1]) + 1}"

    text = _NAME.sub(number, sql)
    return text, [values[name] for name in names]


async def page(db: Pool, wanted: Wanted, after: Key | None, limit: int) -> list[Waiting]:
    """Items after a sort key, at most ``limit``, each with who has taken it."""
    text, values = bind(*page_statement(wanted, after, limit))
    return [_waiting(row) for row in await db.fetch(text, *values)]


def page_statement(wanted: Wanted, after: Key | None, limit: int) -> tuple[str, dict[str, Any]]:
    """The SQL of a page, to be bound."""
    queue = wanted.queue
    more: dict[str, Any] = {"limit": limit, "queue": queue.name, "desk": wanted.desk.works}
    if wanted.desk.works is None:
        more["desk"] = wanted.desk.sees
    where = wanted.where
    if after is not None:
        rank, more["after_due"], more["after_id"] = after
        place = ":after_due::timestamptz, :after_id::text::uuid"
        if queue.rank:
            more["after_rank"] = rank
            place = f":after_rank::int, {place}"
        where += f" AND ({wanted.order}) > ({place})"
    sql = _PAGE.replace("<table>", queue.table).replace("<due>", queue.due).replace("<rank>", queue.rank or "0")
    return sql.replace("<where>", where).replace("<order>", wanted.order), wanted.values(**more)


# The page is cut before claims are looked up, so that it comes out of the index in order.
_PAGE = """
SELECT q.id::text, q.version, q.state::text, q.rank, q.due, c.id::text AS claim, c.holder, c.expires_at
FROM (
    SELECT id, version, state, <rank> AS rank, <due> AS due FROM <table>
    WHERE <where> ORDER BY <order> LIMIT :limit::int
) q
LEFT JOIN LATERAL (
    SELECT id, holder, expires_at FROM claims
    WHERE queue = :queue::text AND subject = q.id AND (:desk::text IS NULL OR desk = :desk)
    AND expires_at > :now::timestamptz
    ORDER BY taken_at LIMIT 1
) c ON true
ORDER BY q.rank, q.due, q.id
"""
_COUNT = """
SELECT count(*) AS total, count(*) FILTER (WHERE <due> < :now::timestamptz) AS overdue FROM <table> WHERE <where>
"""


async def one(conn: Conn, wanted: Wanted, id_: str) -> Waiting:
    """One item that is in the queue."""
    limited = replace(wanted, queue=replace(wanted.queue, rows=f"({wanted.queue.rows}) AND id = :id::text::uuid"))
    sql, values = page_statement(limited, None, 1)
    text, bound = bind(sql, values | {"id": id_})
    return _waiting((await conn.fetch(text, *bound))[0])


async def count(db: Pool, wanted: Wanted) -> Counts:
    """How many items there are: of the same rows as ``page``."""
    text, values = bind(*count_statement(wanted))
    total, overdue = (await db.fetch(text, *values))[0]
    return Counts(total, overdue)


def count_statement(wanted: Wanted) -> tuple[str, dict[str, Any]]:
    """The SQL of the counts, to be bound."""
    sql = _COUNT.replace("<table>", wanted.queue.table).replace("<due>", wanted.queue.due)
    return sql.replace("<where>", wanted.where), wanted.values()


def _waiting(row: Record) -> Waiting:
    held = Holder(row["claim"], row["holder"], row["expires_at"]) if row["claim"] else None
    return Waiting(row["id"], row["version"], row["state"], row["rank"], row["due"], held)
