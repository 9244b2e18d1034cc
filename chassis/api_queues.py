"""What the routes of 工作队列 have in common in every service: a page of a queue, and the next item of one."""

from collections.abc import Callable
from typing import Generic, TypeVar

from asyncpg.pool import Pool
from pydantic import BaseModel

from chassis import claims, queues
from chassis.api_claims import ClaimAnswer, lease
from chassis.inbox import Conn
from chassis.limits import Limits
from chassis.pages import Page, Paging
from chassis.queues import Waiting, Wanted

L = TypeVar("L", bound=BaseModel)


class NextItem(BaseModel, Generic[L]):
    """下一件: what was taken, and until when it is the caller's; both null when nothing waits."""

    claim: ClaimAnswer | None
    item: L | None


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
