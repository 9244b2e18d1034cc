"""Routes of 工作队列: which there are, what waits in each, and the next item of one."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from chassis import queues
from chassis.api_queues import NextItem, counted, page_of, take_next
from chassis.database import Conn, Db
from chassis.errors import problems
from chassis.limits import Limits
from chassis.once import Once
from chassis.pages import Page, PageRequest, WantsCsv, csv_page
from chassis.queues import QueueName
from contracts.codes import ItemCode, SupervisionLevel, UnitCode
from services.router.aggregates import Orders, Whistles
from services.router.api_context import Reference, Worker
from services.router.api_queue_answers import COLUMNS, Lines, QueueItem, QueueLine, QueueList, summary
from services.router.queues import QUEUES
from services.router.reference_data import StreetCode

Filters = dict[str, str | None]


async def _filters(
    item: Annotated[ItemCode | None, Query(description="事项代码")] = None,
    street: Annotated[StreetCode | None, Query(description="街道代码")] = None,
    unit: Annotated[UnitCode | None, Query(description="承办单位")] = None,
    level: Annotated[SupervisionLevel | None, Query(description="督办级别")] = None,
) -> Filters:
    return {"item": item, "street": street, "unit": unit, "level": level}


WantedFilters = Annotated[Filters, Depends(_filters)]


def queue_routes(orders: Orders, whistles: Whistles, reference: Reference, limits: Limits) -> APIRouter:
    """A queue that is not the caller's is not there: 404 ``queue.not_found``."""
    router = APIRouter(prefix="/v1/queues", tags=["queues 队列"])
    lines = Lines(orders, whistles)

    @router.get("", summary="我的工作队列及件数")
    async def list_queues(actor: Worker, db: Db) -> QueueList:
        """Every queue that the caller may see; counts are of the very rows that its pages show."""
        return QueueList(items=[summary(queue) for queue in await counted(db, QUEUES, actor)])

    @router.get(
        "/{name}",
        summary="队列内容，逾期和剩余时间少的在前",
        response_model=Page[QueueItem],
        responses=problems(404),
    )
    async def show_queue(
        name: QueueName,
        request: Request,
        actor: Worker,
        db: Db,
        paging: PageRequest,
        wants_csv: WantsCsv,
        filters: WantedFilters,
        overdue: Annotated[bool | None, Query(description="是否逾期")] = None,
        count: Annotated[bool, Query(description="是否返回总数")] = False,
    ) -> Page[QueueLine] | Response:
        """Items with who has taken them, as JSON or (``Accept: text/csv``) as CSV."""
        now, snapshot = datetime.now(UTC), reference.snapshot
        wanted = queues.wanted(QUEUES, name, actor, now, filters, overdue)
        page = await page_of(
            db, wanted, paging, lambda row: lines.line(wanted.queue, row, snapshot, now), counted=count
        )
        return csv_page(request, page, COLUMNS) if wants_csv else page

    @router.post("/{name}/next", summary="领取下一件", responses=problems(404, 409))
    async def take_next_item(name: QueueName, actor: Worker, once: Once, filters: WantedFilters) -> NextItem[QueueItem]:
        """The first item that nobody has is the caller's for the time of a lease; two people never get the same."""

        async def act(conn: Conn) -> NextItem[QueueItem]:
            now, snapshot = datetime.now(UTC), reference.snapshot
            wanted = queues.wanted(QUEUES, name, actor, now, filters)
            return await take_next(conn, wanted, limits, lambda row: lines.line(wanted.queue, row, snapshot, now))

        return await once.run(NextItem[QueueItem], act)

    return router
