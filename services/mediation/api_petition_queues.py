"""Routes of 工作队列 of petitions 信访代办: which there are, what waits in each, and the next item of one."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AwareDatetime, Field

from chassis import queues
from chassis.api_queues import NextItem, QueueList, QueueSummary, counted, page_of, take_next, time_and_holder
from chassis.database import Conn, Db
from chassis.errors import problems
from chassis.limits import Limits
from chassis.once import Once
from chassis.pages import Page, PageRequest, WantsCsv, csv_page
from chassis.queues import QueueName, Waiting
from contracts.codes import Id, StaffId, UnitCode
from services.mediation.aggregates import Petitions
from services.mediation.api_petition_answers import PetitionAnswer
from services.mediation.petition_model import Status
from services.mediation.petition_queues import QUEUES
from services.mediation.petition_staff import PetitionReader

Filters = dict[str, str | None]


class PetitionItem(PetitionAnswer):
    """队列中的一件信访代办: the petition, its time, and who has taken it."""

    due_at: AwareDatetime | None
    is_overdue: bool
    minutes_left: int | None = Field(description="剩余分钟数，逾期为负")
    claimed_by: str | None = Field(description="已被谁领取")
    claimed_until: AwareDatetime | None
    claim_id: Id | None


COLUMNS = {
    "petition_code": "代办编码",
    "status_zh": "状态",
    "proxy": "代办员",
    "authority": "办理机关",
    "due_at": "到期时间",
    "is_overdue": "是否逾期",
    "minutes_left": "剩余分钟",
    "claimed_by": "领取人",
    "id": "编号",
}


async def _filters(
    proxy: Annotated[StaffId | None, Query(description="代办员工号")] = None,
    authority: Annotated[UnitCode | None, Query(description="办理机关")] = None,
    status: Annotated[Status | None, Query(description="状态")] = None,
) -> Filters:
    return {"proxy": proxy, "authority": authority, "status": status}


WantedFilters = Annotated[Filters, Depends(_filters)]


def petition_queue_routes(petitions: Petitions, limits: Limits) -> APIRouter:
    """A queue that is not the caller's is not there: 404 ``queue.not_found``."""
    router = APIRouter(prefix="/v1/petition-queues", tags=["petitions 信访代办"])

    def shown(row: Waiting, now: datetime) -> PetitionItem:
        petition = PetitionAnswer.of(row.id, row.version, petitions.adapter.validate_json(row.state))
        return PetitionItem(**dict(petition) | time_and_holder(row, now))

    @router.get("", summary="我的信访代办队列及件数")
    async def list_petition_queues(actor: PetitionReader, db: Db) -> QueueList:
        """Every queue that the caller may see; counts are of the very rows that its pages show."""
        return QueueList(items=[QueueSummary.of(queue) for queue in await counted(db, QUEUES, actor)])

    @router.get(
        "/{name}",
        summary="队列内容，逾期和剩余时间少的在前",
        response_model=Page[PetitionItem],
        responses=problems(404),
    )
    async def show_petition_queue(
        name: QueueName,
        request: Request,
        actor: PetitionReader,
        db: Db,
        paging: PageRequest,
        wants_csv: WantsCsv,
        filters: WantedFilters,
        overdue: Annotated[bool | None, Query(description="是否逾期")] = None,
        count: Annotated[bool, Query(description="是否返回总数")] = False,
    ) -> Page[PetitionItem] | Response:
        """What waits, with who has taken it, as JSON or (``Accept: text/csv``) as CSV."""
        now = datetime.now(UTC)
        wanted = queues.wanted(QUEUES, name, actor, now, filters, overdue)
        page = await page_of(db, wanted, paging, lambda row: shown(row, now), counted=count)
        return csv_page(request, page, COLUMNS) if wants_csv else page

    @router.post("/{name}/next", summary="领取下一件", responses=problems(404, 409))
    async def take_next_petition(
        name: QueueName, actor: PetitionReader, once: Once, filters: WantedFilters
    ) -> NextItem[PetitionItem]:
        """The first petition that nobody has is the caller's for the time of a lease; two never get the same."""

        async def act(conn: Conn) -> NextItem[PetitionItem]:
            now = datetime.now(UTC)
            wanted = queues.wanted(QUEUES, name, actor, now, filters)
            return await take_next(conn, wanted, limits, lambda row: shown(row, now))

        return await once.run(NextItem[PetitionItem], act)

    return router
