"""HTTP routes of messages to citizens (消息发送). No route shows whom one went to: intake or mediation knows."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, Field, TypeAdapter

from chassis.database import Db
from chassis.errors import document, problems
from chassis.pages import Page, PageRequest, WantsCsv, csv_page
from chassis.requests import etag
from chassis.security import Actor, actor_with
from contracts.codes import Id
from contracts.rejected import Rejected
from services.notify import views
from services.notify.delivery_aggregates import Deliveries
from services.notify.delivery_model import Delivery, Status
from services.notify.views import Row

Reader = Annotated[Actor, actor_with("agent", "revisitor", "centre_clerk", "supervisor", "admin", "service")]

STATUS_ZH = {
    Status.CREATED: "待发送",
    Status.SCHEDULED: "定时发送",
    Status.SENDING: "发送中",
    Status.TEMPORARY_FAILURE: "暂时失败，等待重试",
    Status.SUBMITTED: "已提交，等待回执",
    Status.DELIVERED: "已送达",
    Status.FAILED: "发送失败",
    Status.HANDLED: "已人工处理",
}
PROBLEMS = {
    "delivery.not_found": "没有这条消息。",
    "delivery.wrong_attempt": "这次发送尚未开始，不能登记结果。",
    "delivery.not_waiting": "该消息已被认领或已有结果。",
    "delivery.too_early": "未到重试时间，不能再次发送。",
    "delivery.not_failed": "只有发送失败且尚未处理的消息可以人工处理或重新发送。",
    "delivery.contact_unusable": "更正后的联系方式应为手机号，或（本市发送邮件时）电子邮箱。",
}
COLUMNS = {
    "id": "消息编号",
    "issue_id": "诉求编号",
    "template": "模板",
    "template_version": "模板版本",
    "status_zh": "状态",
    "attempt": "发送次数",
    "is_overdue": "是否逾期未发",
    "wait_reason": "等待原因",
    "urgent": "是否突发",
    "retry_at": "不早于",
    "channel": "渠道",
    "failure_class": "失败类别",
    "failure": "失败原因",
    "handling_due": "人工处理期限",
    "handled": "处理方式",
    "handled_by": "处理人",
    "resent_by": "重发人",
    "updated_at": "最近变化",
}
Shown = Literal["created", "scheduled", "sending", "temporary_failure", "submitted", "delivered", "failed", "handled"]
_AFTER = TypeAdapter(tuple[AwareDatetime, Id])


class DeliveryView(BaseModel):
    """消息: what a caller is told, how often it was tried and what came of it."""

    id: Id
    version: int
    status: Shown
    status_zh: str = Field(examples=["已送达"])
    issue_id: Id = Field(description="诉求; of a message to a partner its subscription")
    appeal_id: Id | None = Field(description="诉求人的诉求; null: to a party or a partner")
    case_id: Id | None = Field(description="调解案件, of a message to a party")
    party_id: Id | None = Field(description="当事人")
    subscription_id: Id | None = Field(description="合作方订阅, of a message to a partner")
    cause: Id = Field(description="The event that caused it")
    template: str = Field(examples=["order_dispatched"])
    template_version: str = Field(examples=["1"])
    promised_at: AwareDatetime | None = Field(description="承诺时间, where the text tells it")
    attempt: int = Field(description="Attempts begun")
    is_overdue: bool = Field(description="It waits longer than its limit")
    wait_reason: Literal["quiet_hours", "daily_cap"] | None = Field(description="静默时段、每日上限")
    urgent: bool = Field(description="突发：neither quiet hours nor the daily cap hold it")
    retry_at: AwareDatetime | None = Field(description="Not before")
    channel: Literal["sms", "mail"] | None = Field(description="How it went out")
    failure_class: Literal["permanent", "technical"] | None = Field(description="Set when it failed for good")
    failure: str | None = Field(description="Of the last attempt that failed", examples=["timeout"])
    handling_due: AwareDatetime | None = Field(description="失败后应由人工处理完的时间")
    receipt_due: AwareDatetime | None = Field(description="回执应到的时间")
    handled: str | None = Field(description="人工处理方式", examples=["phone"])
    handled_by: str | None
    resent_by: str | None = Field(description="谁重新发送")
    corrected: bool = Field(description="是否发往更正后的联系方式")
    updated_at: AwareDatetime


def delivery_routes(deliveries: Deliveries) -> APIRouter:
    """The routes; see each one's summary."""
    document(PROBLEMS)
    router = APIRouter(prefix="/v1/deliveries", tags=["deliveries 消息"])

    @router.get("", summary="消息列表，最近变化的在前", response_model=Page[DeliveryView])
    async def list_deliveries(
        request: Request,
        _: Reader,
        db: Db,
        paging: PageRequest,
        wants_csv: WantsCsv,
        status: Shown | None = None,
        issue_id: Id | None = None,
        count: Annotated[bool, Query(description="是否返回总数")] = False,
    ) -> Page[DeliveryView] | Response:
        """List messages, as JSON or (``Accept: text/csv``) as CSV."""
        wanted = views.DeliveryFilter(status, issue_id)
        rows = await views.list_deliveries(db, deliveries, wanted, paging.after(_AFTER), paging.rows_needed)
        shown, next_cursor = paging.cut(rows, _AFTER, lambda row: (row.sort, row.id))
        page = Page[DeliveryView](
            items=[_view(row) for row in shown],
            next_cursor=next_cursor,
            count=await views.count_deliveries(db, wanted) if count else None,
        )
        return csv_page(request, page, COLUMNS) if wants_csv else page

    @router.get("/{delivery_id}", summary="一条消息", responses=problems(404))
    async def get_delivery(delivery_id: Id, _: Reader, db: Db, response: Response) -> DeliveryView:
        """Show one message."""
        row = await views.find_delivery(db, deliveries, delivery_id)
        if row is None:
            raise Rejected("delivery.not_found", "没有这条消息", status=404)
        response.headers["ETag"] = etag(row.version)
        return _view(row)

    return router


def _view(row: Row[Delivery]) -> DeliveryView:
    return DeliveryView.model_validate({**shown(row.id, row.version, row.state), "updated_at": row.sort})


def shown(id_: str, version: int, delivery: Delivery) -> dict[str, Any]:
    """What people see of a message."""
    return {
        **vars(delivery),
        "id": id_,
        "version": version,
        "status_zh": STATUS_ZH[delivery.status],
        "is_overdue": delivery.overdue,
    }
