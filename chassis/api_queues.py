"""What the routes of 工作队列 have in common in every service: which there are, a page of one, and its next item."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from math import floor
from typing import Any, Generic, NamedTuple, Self, TypeVar

from asyncpg.pool import Pool
from pydantic import BaseModel, Field

from chassis import claims, queues
from chassis.api_claims import ClaimAnswer, lease
from chassis.database import Conn
from chassis.limits import Limits
from chassis.pages import Page, Paging
from chassis.queues import Counts, Desk, Queue, Waiting, Wanted
from chassis.security import Actor

L = TypeVar("L", bound=BaseModel)


class Counted(NamedTuple):
    """A queue, what of it is the caller's, and how much that is."""

    queue: Queue
    desk: Desk
    counts: Counts


class QueueSummary(BaseModel):
    """一个工作队列, as the caller may see it."""

    name: str = Field(examples=["agent"])
    title_zh: str = Field(examples=["待受理"])
    can_take: bool = Field(description="能否领取")
    total: int
    overdue: int

    @classmethod
    def of(cls, counted: Counted) -> Self:
        """A queue with its counts."""
        queue, desk, counts = counted
        return cls(
            name=queue.name,
            title_zh=queue.title,
            can_take=desk.works is not None,
            total=counts.total,
            overdue=counts.overdue,
        )


class QueueList(BaseModel):
    """Every queue of the caller."""

    items: list[QueueSummary]


class NextItem(BaseModel, Generic[L]):
    """下一件: what was taken, and until when it is the caller's; both null when nothing waits."""

    claim: ClaimAnswer | None
    item: L | None


async def counted(db: Pool, ours: Mapping[str, Queue], actor: Actor) -> list[Counted]:
    """Every queue that the caller may see; counts are of the very rows that its pages show."""
    now, found = datetime.now(UTC), []
    for queue in ours.values():
        if queue.desk(actor) is not None:
            wanted = queues.wanted(ours, queue.name, actor, now)
            found.append(Counted(queue, wanted.desk, await queues.count(db, wanted)))
    return found


def time_and_holder(row: Waiting, now: datetime, never: int = 2999) -> dict[str, Any]:
    """What every queue's items say of a row: which it is, its time, and who has taken it.

    ``never`` is the year of a due time that is none.
    """
    due, held = (None if row.due.year == never else row.due), row.held
    return {
        "id": row.id,
        "version": row.version,
        "due_at": due,
        "is_overdue": row.due < now,
        "minutes_left": None if due is None else floor((due - now).total_seconds() / 60),
        "claimed_by": held and held.by,
        "claimed_until": held and held.until,
        "claim_id": held and held.claim,
    }


async def page_of(db: Pool, wanted: Wanted, paging: Paging, line: Callable[[Waiting], L], *, counted: bool) -> Page[L]:
    """A page of the queue, each row as ``line`` shows it. Page and count are of the same rows."""
    rows = await queues.page(db, wanted, paging.after(queues.KEY), paging.rows_needed)
    shown, next_cursor = paging.cut(rows, queues.KEY, lambda row: row.key)
    count = (await queues.count(db, wanted)).total if counted else None
    return Page(items=[line(row) for row in shown], next_cursor=next_cursor, count=count)


async def take_next(conn: Conn, wanted: Wanted, limits: Limits, line: Callable[[Waiting], L]) -> NextItem[L]:
    """Take the first item that nobody has, for the time of a lease. Raises what ``claims.take_next`` raises."""
    most = limits.count("claims_per_person")
    claim = await claims.take_next(conn, wanted, lease(limits, wanted.now), most)
    if claim is None:
        return NextItem(claim=None, item=None)
    row = await queues.one(conn, wanted, claim.subject)
    return NextItem(claim=ClaimAnswer.of(claim), item=line(row))
