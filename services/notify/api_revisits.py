"""HTTP routes of call-backs (回访)."""

from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StrictBool, StrictInt, TypeAdapter

from chassis.aggregate import To
from chassis.database import Db
from chassis.errors import document, problems
from chassis.http_commands import Commands
from chassis.pages import Page, PageRequest, WantsCsv, csv_page
from chassis.requests import Body, etag
from chassis.security import Actor, actor_with
from contracts.codes import Id, ReasonClass, Resolution, Satisfaction
from contracts.rejected import Rejected
from services.notify import revisit, views
from services.notify.aggregates import Revisits
from services.notify.revisit import Revisit, Status

Reader = Annotated[Actor, actor_with("revisitor", "supervisor", "reviewer", "admin", "service")]
Revisitor = Annotated[Actor, actor_with("revisitor")]

STATUS_ZH = {
    Status.OPEN: "待回访",
    Status.RECORDED: "已回访",
    Status.UNREACHED: "未联系上",
    Status.CANCELLED: "已取消",
}
PROBLEMS = {
    "revisit.not_found": "没有这项回访任务。",
    "revisit.wrong_status": "回访任务已结束，不能再登记。",
    "revisit.wrong_attempt": "回访次数不连续，请刷新后按下一次登记。",
    "revisit.too_early": "距上一次未接通的间隔不够，请换一个时段再联系。",
    "revisit.reason_required": "诉求人表示未解决或部分解决的，应登记原因类别 reason_class。",
}
COLUMNS = {
    "id": "回访编号",
    "issue_id": "诉求编号",
    "order_id": "工单编号",
    "round": "轮次",
    "status_zh": "状态",
    "due": "应回访时间",
    "is_overdue": "是否逾期",
    "attempts": "未接通次数",
    "next_attempt_from": "下次可联系时间",
    "resolution": "是否解决",
    "satisfaction": "满意度",
    "reason_class": "原因类别",
}
Shown = Literal["open", "recorded", "unreached", "cancelled"]
_AFTER = TypeAdapter(tuple[AwareDatetime, Id])


class Queue(StrEnum):
    """回访队列: ``open`` 待回访, ``overdue`` 待回访且已逾期."""

    OPEN = "open"
    OVERDUE = "overdue"


class RevisitView(BaseModel):
    """回访任务: one caller of a completed order, and what was learnt. The answers are null until recorded."""

    id: Id
    version: int
    status: Shown
    status_zh: str = Field(examples=["待回访"])
    issue_id: Id
    order_id: Id
    appeal_id: Id
    round: int = Field(description="1 at first, one more after each rework")
    due: AwareDatetime
    is_overdue: bool = Field(description="Open and past its due time")
    attempts: int = Field(description="Calls that did not reach the caller")
    next_attempt_from: AwareDatetime | None = Field(description="No attempt before that")
    contacted: bool | None = None
    in_time: bool | None = None
    resolution: Resolution | None = None
    satisfaction: Satisfaction | None = None
    reason_class: ReasonClass | None = None
    recorded_by: str | None = None


class NewAttempt(Body):
    """未接通登记."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"number": 1}]})

    number: StrictInt = Field(ge=1, le=99, description="Which call this was, counted from 1")


class NewRecord(Body):
    """回访结果登记. ``reason_class`` may only be left out when it is solved."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"contacted": True, "in_time": True, "resolution": "yes", "satisfaction": "satisfied"},
                {
                    "contacted": True,
                    "in_time": False,
                    "resolution": "no",
                    "satisfaction": "dissatisfied",
                    "reason_class": "unit_work",
                },
            ]
        }
    )

    contacted: StrictBool = Field(description="Did the unit speak to the caller?")
    in_time: StrictBool = Field(description="Did it do so in time?")
    resolution: Resolution
    satisfaction: Satisfaction
    reason_class: ReasonClass | None = None


def revisit_routes(revisits: Revisits) -> APIRouter:
    """The routes; see each one's summary."""
    document(PROBLEMS)
    router = APIRouter(prefix="/v1/revisits", tags=["revisits 回访"])

    @router.get("", summary="回访任务列表，先到期的在前", response_model=Page[RevisitView])
    async def list_revisits(
        request: Request,
        _: Reader,
        db: Db,
        paging: PageRequest,
        wants_csv: WantsCsv,
        queue: Queue | None = None,
        status: Shown | None = None,
        order_id: Id | None = None,
        issue_id: Id | None = None,
        count: Annotated[bool, Query(description="是否返回总数")] = False,
    ) -> Page[RevisitView] | Response:
        """List call-backs, as JSON or (``Accept: text/csv``) as CSV."""
        now = datetime.now(UTC)
        wanted = views.RevisitFilter(
            status="open" if queue is Queue.OPEN and status is None else status,
            order_id=order_id,
            issue_id=issue_id,
            overdue_at=now if queue is Queue.OVERDUE else None,
        )
        rows = await views.list_revisits(db, revisits, wanted, paging.after(_AFTER), paging.rows_needed)
        shown, next_cursor = paging.cut(rows, _AFTER, lambda row: (row.sort, row.id))
        page = Page[RevisitView](
            items=[_view(row.id, row.version, row.state, now) for row in shown],
            next_cursor=next_cursor,
            count=await views.count_revisits(db, wanted) if count else None,
        )
        return csv_page(request, page, COLUMNS) if wants_csv else page

    @router.get("/{revisit_id}", summary="一项回访任务", responses=problems(404))
    async def get_revisit(revisit_id: Id, _: Reader, db: Db, response: Response) -> RevisitView:
        """Show one call-back."""
        row = await views.find_revisit(db, revisits, revisit_id)
        if row is None:
            raise Rejected("revisit.not_found", "没有这项回访任务", status=404)
        response.headers["ETag"] = etag(row.version)
        return _view(row.id, row.version, row.state, datetime.now(UTC))

    @router.post("/{revisit_id}/attempts", summary="登记未接通", responses=problems(404, 409, 412))
    async def add_attempt(revisit_id: Id, body: NewAttempt, actor: Revisitor, commands: Commands) -> RevisitView:
        """Note a call that did not reach the caller; after the last one the call-back ends as unreached."""
        written = await commands.execute(To(revisits, revisit_id, revisit.Attempt(body.number, actor.id)))
        return _view(revisit_id, written.version, written.state, datetime.now(UTC))

    @router.post("/{revisit_id}/record", summary="登记回访结果", responses=problems(404, 409, 412))
    async def record_revisit(revisit_id: Id, body: NewRecord, actor: Revisitor, commands: Commands) -> RevisitView:
        """Record what the caller answered; the call-back is over."""
        answers = revisit.Answers(
            contacted=body.contacted,
            in_time=body.in_time,
            resolution=body.resolution,
            satisfaction=body.satisfaction,
            reason_class=body.reason_class,
        )
        written = await commands.execute(To(revisits, revisit_id, revisit.Record(answers, actor.id)))
        return _view(revisit_id, written.version, written.state, datetime.now(UTC))

    return router


def _view(id_: str, version: int, state: Revisit, now: datetime) -> RevisitView:
    fields = asdict(state)
    answers = fields.pop("answers") or {}
    return RevisitView.model_validate(
        {
            **fields,
            **answers,
            "id": id_,
            "version": version,
            "status_zh": STATUS_ZH[state.status],
            "is_overdue": state.status is Status.OPEN and state.due is not None and state.due < now,
            "recorded_by": state.by,
        }
    )
