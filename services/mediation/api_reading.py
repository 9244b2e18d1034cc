"""Routes that show cases: the list and one case, without personal data. People: ``api_people.py``."""

from typing import Annotated

from asyncpg.pool import Pool
from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime, TypeAdapter

from chassis.database import Db
from chassis.errors import problems
from chassis.pages import Page, PageRequest, WantsCsv, csv_page
from chassis.requests import etag
from chassis.security import Actor
from contracts.codes import CaseOrigin, Id, StaffId
from contracts.rejected import Rejected
from services.mediation import views
from services.mediation.api_answers import CaseAnswer
from services.mediation.api_staff import Finder, Reader, scope
from services.mediation.case_mediators import sits
from services.mediation.case_model import Status

CaseCode = Annotated[str, Query(pattern=r"^[A-Z0-9]{12}$", description="一案一码")]
_KEY = TypeAdapter(tuple[AwareDatetime, Id])
_COLUMNS = {
    "case_code": "案件编码",
    "origin": "来源",
    "status_zh": "状态",
    "mediator": "调解员",
    "committee": "调解委员会",
    "sessions": "调解次数",
    "due": "期限",
    "late": "已逾期",
    "at_risk": "有激化风险",
    "id": "编号",
    "issue_id": "诉求编号",
}

router = APIRouter(prefix="/v1/cases", tags=["cases 调解案件"])


@router.get("", summary="调解案件列表，最紧迫的在前", response_model=Page[CaseAnswer])
async def list_cases(
    request: Request,
    actor: Finder,
    db: Db,
    paging: PageRequest,
    wants_csv: WantsCsv,
    queue: Annotated[views.Queue | None, Query(description="待办队列")] = None,
    status: Status | None = None,
    mediator: Annotated[StaffId | None, Query(description="调解员工号")] = None,
    code: CaseCode | None = None,
    issue_id: Id | None = None,
    origin: Annotated[CaseOrigin | None, Query(description="来源")] = None,
    risk: Annotated[bool | None, Query(description="是否有激化风险")] = None,
    late: Annotated[bool | None, Query(description="是否有环节逾期")] = None,
    count: Annotated[bool, Query(description="是否返回总数")] = False,
) -> Page[CaseAnswer] | Response:
    """What is late comes first. A mediator sees his own cases; with its code everybody finds a case (一案一码)."""
    wanted = views.Filter(scope(actor, code), mediator, queue, status, code, issue_id, origin, risk, late)
    rows = await views.page(db, wanted, paging.after(_KEY), paging.rows_needed)
    shown, next_cursor = paging.cut(rows, _KEY, lambda row: (row.due, row.id))
    page = Page[CaseAnswer](
        items=[CaseAnswer.of(row.id, row.version, row.state) for row in shown],
        next_cursor=next_cursor,
        count=await views.count(db, wanted) if count else None,
    )
    return csv_page(request, page, _COLUMNS) if wants_csv else page


@router.get("/{case_id}", summary="一个调解案件", responses=problems(404))
async def get_case(case_id: Id, actor: Reader, db: Db, response: Response) -> CaseAnswer:
    """One case, without personal data."""
    row = await find_case(db, case_id, actor)
    response.headers["ETag"] = etag(row.version)
    return CaseAnswer.of(row.id, row.version, row.state)


async def find_case(db: Pool, case_id: str, actor: Actor) -> views.CaseRow:
    """The case, if the actor may see it: whether another mediator has one is not told."""
    row = await views.one(db, case_id)
    if row is None or (scope(actor) is not None and not sits(row.state, actor.id)):
        raise Rejected("case.not_found", "没有这个调解案件", status=404)
    return row
