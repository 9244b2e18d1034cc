"""Routes that show orders and their results."""

from asyncio import gather
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from chassis.database import Db, PrivateData
from chassis.errors import problems
from chassis.pages import Page, PageRequest, WantsCsv, csv_page
from chassis.requests import etag
from contracts.codes import Id, UnitCode
from contracts.rejected import Rejected
from services.router import views
from services.router.aggregates import Orders
from services.router.api_answers import OrderAnswer, OrderResults, order_answer, order_results
from services.router.api_context import (
    PROBLEMS,
    Reader,
    Reference,
    ResultReader,
    county_scope_of,
    may_see_order,
    scope_of,
)
from services.router.order_state import Status

COLUMNS = {
    "id": "工单编号",
    "issue_id": "诉求编号",
    "status_zh": "状态",
    "item_code": "事项代码",
    "item_zh": "事项",
    "street_zh": "街道",
    "urgency": "紧急程度",
    "promised_at": "承诺时间",
    "due_at": "当前环节到期",
    "is_overdue": "是否逾期",
    "supervision": "督办",
    "reworks": "重办次数",
    "reminders": "催办次数",
}


def order_reading(orders: Orders, reference: Reference) -> APIRouter:
    """工单 GETs; a unit's staff finds their own unit's orders only."""
    router = APIRouter(prefix="/v1/orders", tags=["orders 工单"])

    @router.get("", summary="工单列表，剩余时间少的在前", response_model=Page[OrderAnswer])
    async def list_orders(
        request: Request,
        actor: Reader,
        db: Db,
        paging: PageRequest,
        wants_csv: WantsCsv,
        queue: Annotated[views.Queue | None, Query(description="工作队列")] = None,
        unit: Annotated[UnitCode | None, Query(description="承办单位")] = None,
        status: Status | None = None,
        issue_id: Id | None = None,
        count: Annotated[bool, Query(description="是否返回总数")] = False,
    ) -> Page[OrderAnswer] | Response:
        wanted = views.OrderFilter(scope_of(actor), unit, status, queue, issue_id, county_scope_of(actor))
        reading = views.page_of_orders(db, orders, wanted, paging.after(views.KEY), paging.rows_needed)
        # Beside each other, as neither waits for what the other has found.
        rows, total = await gather(reading, views.count_orders(db, wanted)) if count else (await reading, None)
        shown, next_cursor = paging.cut(rows, views.KEY, lambda row: (row.due, row.id))
        now, names = datetime.now(UTC), reference.snapshot
        page: Page[OrderAnswer] = Page(
            items=[order_answer(row.id, row.version, row.state, names, reference.calendar, now) for row in shown],
            next_cursor=next_cursor,
            count=total,
        )
        return csv_page(request, page, COLUMNS) if wants_csv else page

    @router.get("/{order_id}", summary="一个工单", responses=problems(404))
    async def get_order(order_id: Id, actor: Reader, db: Db, response: Response) -> OrderAnswer:
        row = await views.one_order(db, orders, order_id)
        if row is None or not may_see_order(actor, row.state):
            raise Rejected("order.not_found", PROBLEMS["order.not_found"], status=404)
        response.headers["ETag"] = etag(row.version)
        return order_answer(row.id, row.version, row.state, reference.snapshot, reference.calendar, datetime.now(UTC))

    @router.get("/{order_id}/result", summary="办理结果全文", responses=problems(404))
    async def get_order_result(order_id: Id, actor: ResultReader, db: Db, private: PrivateData) -> OrderResults:
        """What the units wrote, for themselves, reviewers, supervisors and sister services; copies are pointed out."""
        row = await views.one_order(db, orders, order_id)
        if row is None or not may_see_order(actor, row.state):
            raise Rejected("order.not_found", PROBLEMS["order.not_found"], status=404)
        texts = await private.read_all("order", order_id, "result/")
        copied = await views.copied_results(db, order_id)
        return order_results(order_id, row.state, texts, copied, reference.snapshot)

    return router
