"""Routes of 工作队列: which there are, what waits in each, and the next item of one."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, Field

from chassis import queues
from chassis.api_queues import NextItem, QueueList, QueueSummary, counted, page_of, take_next, time_and_holder
from chassis.database import Conn, Db
from chassis.errors import problems
from chassis.limits import Limits
from chassis.once import Once
from chassis.pages import Page, PageRequest, WantsCsv, csv_page
from chassis.queues import QueueName, Waiting
from chassis.security import Actor, actor_with
from contracts.codes import Agency, Channel, Id, ItemCode
from services.intake.aggregates import Issues
from services.intake.api_bodies import StreetCode
from services.intake.issue_model import STATUS_ZH, Status
from services.intake.queues import QUEUES, STAFF

Worker = Annotated[Actor, actor_with(*sorted(STAFF))]
Filters = dict[str, str | None]


class QueueItem(BaseModel):
    """队列中的一件诉求事项; what its callers said is shown by the issue itself."""

    id: Id
    version: int = Field(description="即 ETag")
    status: Status
    status_zh: str = Field(examples=["已登记"])
    channel: Channel | None
    received_at: AwareDatetime | None
    item_code: str | None
    street_code: str | None
    appeals: int = Field(description="诉求数")
    emergency: Agency | None = Field(description="突发：应转接的机构")
    due_at: AwareDatetime | None
    is_overdue: bool
    minutes_left: int | None = Field(description="剩余分钟数，逾期为负")
    claimed_by: str | None = Field(description="已被谁领取")
    claimed_until: AwareDatetime | None
    claim_id: Id | None


COLUMNS = {
    "id": "编号",
    "status_zh": "状态",
    "channel": "来源",
    "received_at": "来件时间",
    "item_code": "事项",
    "street_code": "街道",
    "appeals": "诉求数",
    "emergency": "突发",
    "due_at": "到期时间",
    "is_overdue": "是否逾期",
    "minutes_left": "剩余分钟",
    "claimed_by": "领取人",
    "claimed_until": "领取至",
}


async def _filters(
    item: Annotated[ItemCode | None, Query(description="事项代码")] = None,
    street: Annotated[StreetCode | None, Query(description="街道代码")] = None,
    channel: Annotated[Channel | None, Query(description="来源")] = None,
) -> Filters:
    return {"item": item, "street": street, "channel": channel}


WantedFilters = Annotated[Filters, Depends(_filters)]


def queue_routes(issues: Issues, limits: Limits) -> APIRouter:
    """A queue that is not the caller's is not there: 404 ``queue.not_found``."""
    router = APIRouter(prefix="/v1/queues", tags=["queues 队列"])

    def shown(row: Waiting, now: datetime) -> QueueItem:
        issue = issues.adapter.validate_json(row.state)
        return QueueItem(
            status=issue.status,
            status_zh=STATUS_ZH[issue.status],
            channel=issue.channel,
            received_at=issue.received_at,
            item_code=issue.item_code,
            street_code=issue.street_code,
            appeals=len(issue.present),
            emergency=issue.emergency,
            **time_and_holder(row, now),
        )

    @router.get("", summary="我的工作队列及件数")
    async def list_queues(actor: Worker, db: Db) -> QueueList:
        """Every queue that the caller may see; counts are of the very rows that its pages show."""
        return QueueList(items=[QueueSummary.of(queue) for queue in await counted(db, QUEUES, actor)])

    @router.get(
        "/{name}",
        summary="队列内容，突发在前，再按剩余时间",
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
    ) -> Page[QueueItem] | Response:
        """Items with who has taken them, as JSON or (``Accept: text/csv``) as CSV."""
        now = datetime.now(UTC)
        wanted = queues.wanted(QUEUES, name, actor, now, filters, overdue)
        page = await page_of(db, wanted, paging, lambda row: shown(row, now), counted=count)
        return csv_page(request, page, COLUMNS) if wants_csv else page

    @router.post("/{name}/next", summary="领取下一件", responses=problems(404, 409))
    async def take_next_item(name: QueueName, actor: Worker, once: Once, filters: WantedFilters) -> NextItem[QueueItem]:
        """The first item that nobody has is the caller's for the time of a lease; two people never get the same."""

        async def act(conn: Conn) -> NextItem[QueueItem]:
            now = datetime.now(UTC)
            wanted = queues.wanted(QUEUES, name, actor, now, filters)
            return await take_next(conn, wanted, limits, lambda row: shown(row, now))

        return await once.run(NextItem[QueueItem], act)

    return router
