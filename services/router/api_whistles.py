"""GETs of whistles (吹哨报到): lists, one whistle, what was written in it, scores."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from chassis.database import Db, PrivateData
from chassis.errors import problems
from chassis.pages import Page, PageRequest, WantsCsv, csv_page
from chassis.requests import etag
from chassis.security import Actor
from contracts.codes import Id, UnitCode
from contracts.rejected import Rejected
from services.router import whistle_views as views
from services.router.aggregates import Whistles
from services.router.api_context import (
    PROBLEMS,
    Reader,
    Reference,
    WhistleReader,
    WhistleTextReader,
    may_see_whistle,
    scope_of,
    whistle_scope_of,
)
from services.router.api_whistle_answers import (
    WhistleAnswer,
    WhistleReasons,
    WhistleResults,
    WhistleScores,
    score_answer,
    whistle_answer,
    whistle_reasons,
    whistle_results,
)
from services.router.views import KEY, Row
from services.router.whistle import Status, Whistle

COLUMNS = {
    "id": "哨声编号",
    "order_id": "工单编号",
    "issue_id": "诉求编号",
    "kind": "类型",
    "street_zh": "吹哨街道",
    "status_zh": "状态",
    "due_at": "当前环节到期",
    "is_overdue": "是否逾期",
}


def whistle_reading(whistles: Whistles, reference: Reference) -> APIRouter:
    """哨声 GETs; a unit's staff finds what their unit blew or is called by."""
    router = APIRouter(prefix="/v1/whistles", tags=["whistles 吹哨报到"])

    async def found(db: Db, whistle_id: str, actor: Actor) -> Row[Whistle]:
        row = await views.one_whistle(db, whistles, whistle_id)
        if row is None or not may_see_whistle(actor, row.state):
            raise Rejected("whistle.not_found", PROBLEMS["whistle.not_found"], status=404)
        return row

    @router.get("", summary="哨声列表，剩余时间少的在前", response_model=Page[WhistleAnswer])
    async def list_whistles(
        request: Request,
        actor: WhistleReader,
        db: Db,
        paging: PageRequest,
        wants_csv: WantsCsv,
        unit: Annotated[UnitCode | None, Query(description="吹哨街道、所属旗县区或被召集部门")] = None,
        status: Status | None = None,
        order_id: Id | None = None,
        issue_id: Id | None = None,
        queue: Annotated[views.WhistleQueue | None, Query(description="工作队列")] = None,
        count: Annotated[bool, Query(description="是否返回总数")] = False,
    ) -> Page[WhistleAnswer] | Response:
        wanted = views.WhistleFilter(whistle_scope_of(actor), unit, status, order_id, issue_id, queue)
        rows = await views.page_of_whistles(db, whistles, wanted, paging.after(KEY), paging.rows_needed)
        shown, next_cursor = paging.cut(rows, KEY, lambda row: (row.due, row.id))
        now, names = datetime.now(UTC), reference.snapshot
        page: Page[WhistleAnswer] = Page(
            items=[whistle_answer(row.id, row.version, row.state, names, now) for row in shown],
            next_cursor=next_cursor,
            count=await views.count_whistles(db, wanted) if count else None,
        )
        return csv_page(request, page, COLUMNS) if wants_csv else page

    @router.get("/scores", summary="双向评价得分")
    async def list_scores(
        actor: Reader,
        db: Db,
        unit: Annotated[UnitCode | None, Query(description="某个单位")] = None,
    ) -> WhistleScores:
        """Means per unit, side and version of the formula; a unit's staff sees their own unit's."""
        scope = scope_of(actor)
        if scope is not None and unit not in (None, scope):
            return WhistleScores(scores=[])
        found = await views.scores(db, unit or scope)
        return WhistleScores(scores=[score_answer(score, reference.snapshot) for score in found])

    @router.get("/{whistle_id}", summary="一个哨声", responses=problems(404))
    async def get_whistle(whistle_id: Id, actor: WhistleReader, db: Db, response: Response) -> WhistleAnswer:
        row = await found(db, whistle_id, actor)
        response.headers["ETag"] = etag(row.version)
        return whistle_answer(row.id, row.version, row.state, reference.snapshot, datetime.now(UTC))

    @router.get("/{whistle_id}/results", summary="各部门反馈全文", responses=problems(404))
    async def get_whistle_results(
        whistle_id: Id, actor: WhistleTextReader, db: Db, private: PrivateData
    ) -> WhistleResults:
        """What the departments wrote, for the street that rates them, for themselves, and for supervisors."""
        row = await found(db, whistle_id, actor)
        texts = await private.read_all("whistle", whistle_id, "result/")
        return whistle_results(whistle_id, row.state, texts, reference.snapshot)

    @router.get("/{whistle_id}/reasons", summary="不同意、异议和裁定的理由", responses=problems(404))
    async def get_whistle_reasons(
        whistle_id: Id, actor: WhistleTextReader, db: Db, private: PrivateData
    ) -> WhistleReasons:
        """Why the leader refused, departments objected, and the panel ruled as it did."""
        row = await found(db, whistle_id, actor)
        texts = await private.read_all("whistle", whistle_id, "reason/")
        return whistle_reasons(whistle_id, row.state, texts)

    return router
