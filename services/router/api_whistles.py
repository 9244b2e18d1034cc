"""Routes of whistles (吹哨报到). They are blown at ``POST /v1/orders/{id}/whistles``."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from chassis.aggregate import To, Written
from chassis.database import Db, PrivateData
from chassis.errors import problems
from chassis.http_commands import Commands
from chassis.ids import new_id
from chassis.pages import Page, PageRequest, WantsCsv, csv_page
from chassis.requests import etag
from chassis.security import Actor
from contracts.codes import Id, UnitCode
from contracts.rejected import Rejected
from services.router import views
from services.router import whistle_commands as ask
from services.router.aggregates import Whistles
from services.router.api_answers import WhistleAnswer, WhistleResults, whistle_answer, whistle_results
from services.router.api_bodies import EvaluateBody, ResultBody
from services.router.api_context import (
    PROBLEMS,
    Handler,
    Reader,
    Reference,
    ResultReader,
    may_see_whistle,
    scope_of,
    unit_of,
)
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

    async def found(db: Db, whistle_id: str, actor: Actor) -> views.Row[Whistle]:
        row = await views.one_whistle(db, whistles, whistle_id)
        if row is None or not may_see_whistle(actor, row.state):
            raise Rejected("whistle.not_found", PROBLEMS["whistle.not_found"], status=404)
        return row

    @router.get("", summary="哨声列表，剩余时间少的在前", response_model=Page[WhistleAnswer])
    async def list_whistles(
        request: Request,
        actor: Reader,
        db: Db,
        paging: PageRequest,
        wants_csv: WantsCsv,
        unit: Annotated[UnitCode | None, Query(description="吹哨街道或被召集部门")] = None,
        status: Status | None = None,
        order_id: Id | None = None,
        count: Annotated[bool, Query(description="是否返回总数")] = False,
    ) -> Page[WhistleAnswer] | Response:
        wanted = views.WhistleFilter(scope_of(actor), unit, status, order_id)
        rows = await views.page_of_whistles(db, whistles, wanted, paging.after(views.KEY), paging.rows_needed)
        shown, next_cursor = paging.cut(rows, views.KEY, lambda row: (row.due, row.id))
        now, names = datetime.now(UTC), reference.snapshot
        page: Page[WhistleAnswer] = Page(
            items=[whistle_answer(row.id, row.version, row.state, names, now) for row in shown],
            next_cursor=next_cursor,
            count=await views.count_whistles(db, wanted) if count else None,
        )
        return csv_page(request, page, COLUMNS) if wants_csv else page

    @router.get("/{whistle_id}", summary="一个哨声", responses=problems(404))
    async def get_whistle(whistle_id: Id, actor: Reader, db: Db, response: Response) -> WhistleAnswer:
        row = await found(db, whistle_id, actor)
        response.headers["ETag"] = etag(row.version)
        return whistle_answer(row.id, row.version, row.state, reference.snapshot, datetime.now(UTC))

    @router.get("/{whistle_id}/results", summary="各部门反馈全文", responses=problems(404))
    async def get_whistle_results(whistle_id: Id, actor: ResultReader, db: Db, private: PrivateData) -> WhistleResults:
        """What the departments wrote, for the street that rates them, for themselves, and for supervisors."""
        row = await found(db, whistle_id, actor)
        texts = await private.read_all("whistle", whistle_id, "result/")
        return whistle_results(whistle_id, row.state, texts, reference.snapshot)

    return router


def whistle_commands(whistles: Whistles, reference: Reference) -> APIRouter:
    """应哨, 报到, 反馈, 评价. Only the called department acts on its line: 403 ``whistle.not_your_unit``."""
    router = APIRouter(prefix="/v1/whistles", tags=["whistles 吹哨报到"])
    refusals = problems(404, 409, 412)

    def shown(written: Written) -> WhistleAnswer:
        return whistle_answer(written.id, written.version, written.state, reference.snapshot, datetime.now(UTC))

    @router.post("/{whistle_id}/acknowledge", summary="应哨", responses=refusals)
    async def acknowledge_whistle(whistle_id: Id, actor: Handler, commands: Commands) -> WhistleAnswer:
        """The department has taken note."""
        return shown(await commands.execute(To(whistles, whistle_id, ask.Acknowledge(unit_of(actor), actor.id))))

    @router.post("/{whistle_id}/report-in", summary="报到", responses=refusals)
    async def report_in(whistle_id: Id, actor: Handler, commands: Commands) -> WhistleAnswer:
        """The department has come; it need not have acknowledged before."""
        return shown(await commands.execute(To(whistles, whistle_id, ask.ReportIn(unit_of(actor), actor.id))))

    @router.post("/{whistle_id}/result", summary="反馈办理结果", responses=refusals)
    async def record_result(whistle_id: Id, body: ResultBody, actor: Handler, commands: Commands) -> WhistleAnswer:
        """What the department did."""
        result_id = f"result/{new_id()}"
        command = ask.RecordResult(unit_of(actor), result_id, actor.id)
        return shown(await commands.execute(To(whistles, whistle_id, command, {result_id: body.text})))

    @router.post("/{whistle_id}/evaluate", summary="评价一个部门（吹哨街道）", responses=refusals)
    async def evaluate_department(
        whistle_id: Id, body: EvaluateBody, actor: Handler, commands: Commands
    ) -> WhistleAnswer:
        """Reported in on time, acted, solved; the last rating closes the whistle."""
        command = ask.Evaluate(
            unit_of(actor), body.unit, body.reported_in_score, body.acted_score, body.solved_score, actor.id
        )
        return shown(await commands.execute(To(whistles, whistle_id, command)))

    return router
