"""Routes of 工作队列: which there are, what waits in each, and the next item of one."""

from collections.abc import Mapping
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
from chassis.queues import Queue, QueueName, Waiting
from chassis.security import Actor, actor_with
from contracts.codes import Id, ItemCode
from services.notify.aggregates import Revisits
from services.notify.api_revisit_answers import STATUS_ZH
from services.notify.queues import STAFF
from services.notify.revisit import Status
from services.notify.revisit_commands import Basis, Outcome

Worker = Annotated[Actor, actor_with(*sorted(STAFF))]
Filters = dict[str, str | None]


class QueueItem(BaseModel):
    """队列中的一项回访; whom to call is shown by intake's reveal of the appeal, for the purpose ``revisit``."""

    id: Id
    version: int = Field(description="即 ETag")
    status: Status
    status_zh: str = Field(examples=["待回访"])
    basis: Basis
    issue_id: Id
    order_id: Id | None
    appeal_id: Id
    item_code: str | None
    round: int
    attempts: int = Field(description="未接通次数")
    last_outcome: Outcome | None
    wished_at: AwareDatetime | None = Field(description="约定时间")
    due_at: AwareDatetime
    is_overdue: bool
    minutes_left: int = Field(description="剩余分钟数，逾期为负")
    claimed_by: str | None = Field(description="已被谁领取")
    claimed_until: AwareDatetime | None
    claim_id: Id | None


COLUMNS = {
    "id": "回访编号",
    "issue_id": "诉求编号",
    "order_id": "工单编号",
    "basis": "回访依据",
    "item_code": "事项",
    "round": "轮次",
    "attempts": "未接通次数",
    "last_outcome": "最近一次结果",
    "wished_at": "约定时间",
    "due_at": "到期时间",
    "is_overdue": "是否逾期",
    "minutes_left": "剩余分钟",
    "claimed_by": "领取人",
    "claimed_until": "领取至",
}


async def _filters(
    item: Annotated[ItemCode | None, Query(description="事项代码")] = None,
    basis: Annotated[Basis | None, Query(description="回访依据")] = None,
) -> Filters:
    return {"item": item, "basis": basis}


WantedFilters = Annotated[Filters, Depends(_filters)]


def queue_routes(revisits: Revisits, ours: Mapping[str, Queue], limits: Limits) -> APIRouter:
    """A queue that is not the caller's is not there: 404 ``queue.not_found``."""
    router = APIRouter(prefix="/v1/queues", tags=["queues 队列"])

    def shown(row: Waiting, now: datetime) -> QueueItem:
        revisit = revisits.adapter.validate_json(row.state)
        return QueueItem(
            status=revisit.status,
            status_zh=STATUS_ZH[revisit.status],
            basis=revisit.basis,
            issue_id=revisit.issue_id,
            order_id=revisit.order_id or None,
            appeal_id=revisit.appeal_id,
            item_code=revisit.item_code,
            round=revisit.round,
            attempts=revisit.attempts,
            last_outcome=None if revisit.last_outcome is None else Outcome(revisit.last_outcome),
            wished_at=revisit.wished_at,
            **time_and_holder(row, now),
        )

    @router.get("", summary="我的工作队列及件数")
    async def list_queues(actor: Worker, db: Db) -> QueueList:
        """Every queue that the caller may see; counts are of the very rows that its pages show."""
        return QueueList(items=[QueueSummary.of(queue) for queue in await counted(db, ours, actor)])

    @router.get(
        "/{name}", summary="队列内容，约定的在前，再按剩余时间", response_model=Page[QueueItem], responses=problems(404)
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
        """Whoever may be called now, with who has taken it, as JSON or (``Accept: text/csv``) as CSV."""
        now = datetime.now(UTC)
        wanted = queues.wanted(ours, name, actor, now, filters, overdue)
        page = await page_of(db, wanted, paging, lambda row: shown(row, now), counted=count)
        return csv_page(request, page, COLUMNS) if wants_csv else page

    @router.post("/{name}/next", summary="领取下一件", responses=problems(404, 409))
    async def take_next_item(name: QueueName, actor: Worker, once: Once, filters: WantedFilters) -> NextItem[QueueItem]:
        """The first item that nobody has is the caller's for the time of a lease; two people never get the same."""

        async def act(conn: Conn) -> NextItem[QueueItem]:
            now = datetime.now(UTC)
            wanted = queues.wanted(ours, name, actor, now, filters)
            return await take_next(conn, wanted, limits, lambda row: shown(row, now))

        return await once.run(NextItem[QueueItem], act)

    return router
