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
from contracts.codes import CaseOrigin, Id, StaffId
from services.mediation.aggregates import Cases
from services.mediation.api_answers import origin_of
from services.mediation.api_staff import Reader
from services.mediation.case_model import STATUS_ZH, Status
from services.mediation.queues import QUEUES

Filters = dict[str, str | None]


class QueueItem(BaseModel):
    """队列中的一个调解案件, without personal data."""

    id: Id
    version: int = Field(description="即 ETag")
    case_code: str = Field(description="一案一码")
    issue_id: Id
    status: Status
    status_zh: str = Field(examples=["已登记，待审查"])
    origin: CaseOrigin
    mediator: str | None
    due_at: AwareDatetime | None
    is_overdue: bool
    minutes_left: int | None = Field(description="剩余分钟数，逾期为负")
    claimed_by: str | None = Field(description="已被谁领取")
    claimed_until: AwareDatetime | None
    claim_id: Id | None


COLUMNS = {
    "case_code": "案件编码",
    "status_zh": "状态",
    "origin": "来源",
    "mediator": "调解员",
    "due_at": "到期时间",
    "is_overdue": "是否逾期",
    "minutes_left": "剩余分钟",
    "claimed_by": "领取人",
    "id": "编号",
}


async def _filters(
    status: Annotated[Status | None, Query(description="状态")] = None,
    origin: Annotated[CaseOrigin | None, Query(description="来源")] = None,
    mediator: Annotated[StaffId | None, Query(description="调解员工号")] = None,
) -> Filters:
    return {"status": status, "origin": origin, "mediator": mediator}


WantedFilters = Annotated[Filters, Depends(_filters)]


def queue_routes(cases: Cases, limits: Limits) -> APIRouter:
    """A queue that is not the caller's is not there: 404 ``queue.not_found``."""
    router = APIRouter(prefix="/v1/queues", tags=["queues 队列"])

    def shown(row: Waiting, now: datetime) -> QueueItem:
        case = cases.adapter.validate_json(row.state)
        return QueueItem(
            case_code=case.code,
            issue_id=case.issue_id,
            status=case.status,
            status_zh=STATUS_ZH[case.status],
            origin=origin_of(case),
            mediator=case.mediator,
            **time_and_holder(row, now),
        )

    @router.get("", summary="我的工作队列及件数")
    async def list_queues(actor: Reader, db: Db) -> QueueList:
        """Every queue that the caller may see; counts are of the very rows that its pages show."""
        return QueueList(items=[QueueSummary.of(queue) for queue in await counted(db, QUEUES, actor)])

    @router.get(
        "/{name}", summary="队列内容，剩余时间少的在前", response_model=Page[QueueItem], responses=problems(404)
    )
    async def show_queue(
        name: QueueName,
        request: Request,
        actor: Reader,
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
    async def take_next_item(name: QueueName, actor: Reader, once: Once, filters: WantedFilters) -> NextItem[QueueItem]:
        """The first item that nobody has is the caller's for the time of a lease; two people never get the same."""

        async def act(conn: Conn) -> NextItem[QueueItem]:
            now = datetime.now(UTC)
            wanted = queues.wanted(QUEUES, name, actor, now, filters)
            return await take_next(conn, wanted, limits, lambda row: shown(row, now))

        return await once.run(NextItem[QueueItem], act)

    return router
