"""HTTP routes of call-backs (回访)."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime, TypeAdapter

from chassis.aggregate import To
from chassis.database import Db, PrivateData
from chassis.errors import document, problems
from chassis.http_commands import Commands
from chassis.pages import Page, PageRequest, WantsCsv, csv_page
from chassis.requests import etag
from chassis.security import Actor, actor_with
from contracts.codes import Id
from contracts.rejected import Rejected
from services.notify import views
from services.notify.aggregates import Revisits
from services.notify.api_revisit_answers import (
    COLUMNS,
    PROBLEMS,
    Answered,
    AppAnswer,
    Comment,
    NewAttempt,
    NewRecord,
    Reasons,
    ReasonView,
    RevisitView,
    Shown,
    revisit_view,
)
from services.notify.reasons import CLASS_OF, OF_CALLER, REASON_ZH, Reason
from services.notify.revisit_commands import Answers, Attempt, Channel, Record

Reader = Annotated[Actor, actor_with("revisitor", "supervisor", "reviewer", "admin", "service")]
Revisitor = Annotated[Actor, actor_with("revisitor")]
CommentReader = Annotated[Actor, actor_with("revisitor", "supervisor", "reviewer")]
Partner = Annotated[Actor, actor_with("partner")]
Anybody = Annotated[Actor, actor_with()]
_AFTER = TypeAdapter(tuple[AwareDatetime, Id])


class Queue(StrEnum):
    """回访队列: ``open`` 待回访, ``overdue`` 待回访且已逾期."""

    OPEN = "open"
    OVERDUE = "overdue"


def revisit_routes(revisits: Revisits) -> APIRouter:
    """The routes; see each one's summary."""
    document(PROBLEMS)
    router = APIRouter(prefix="/v1", tags=["revisits 回访"])

    @router.get("/revisits", summary="回访任务列表，先到期的在前", response_model=Page[RevisitView])
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
            items=[revisit_view(row.id, row.version, row.state, now) for row in shown],
            next_cursor=next_cursor,
            count=await views.count_revisits(db, wanted) if count else None,
        )
        return csv_page(request, page, COLUMNS) if wants_csv else page

    @router.get("/revisits/{revisit_id}", summary="一项回访任务", responses=problems(404))
    async def get_revisit(revisit_id: Id, _: Reader, db: Db, response: Response) -> RevisitView:
        """Show one call-back."""
        row = await views.find_revisit(db, revisits, revisit_id)
        if row is None:
            raise Rejected("revisit.not_found", "没有这项回访任务", status=404)
        response.headers["ETag"] = etag(row.version)
        return revisit_view(row.id, row.version, row.state, datetime.now(UTC))

    @router.get("/revisit-reasons", summary="未解决的原因及其类别")
    async def list_revisit_reasons(_: Anybody) -> Reasons:
        """Only those of the class ``unit_work`` blame the unit; ``beyond_policy`` goes to exclusion review."""
        return Reasons(
            items=[
                ReasonView(
                    reason=reason,
                    title_zh=REASON_ZH[reason],
                    reason_class=CLASS_OF[reason],
                    of_caller=reason in OF_CALLER,
                )
                for reason in Reason
            ]
        )

    @router.post("/revisits/{revisit_id}/attempts", summary="登记未接通", responses=problems(404, 409, 412))
    async def add_attempt(revisit_id: Id, body: NewAttempt, actor: Revisitor, commands: Commands) -> RevisitView:
        """Note a call that brought no answers; after the last one the call-back ends as unreached.

        Calls fall at different hours: not before ``next_attempt_from``, nor twice in a part of the day while others
        were not tried. A time that the caller wished goes before both, and does not use an attempt up.
        """
        attempt = Attempt(body.number, actor.id, body.outcome, body.wished_at)
        written = await commands.execute(To(revisits, revisit_id, attempt))
        return revisit_view(revisit_id, written.version, written.state, datetime.now(UTC))

    @router.post("/revisits/{revisit_id}/record", summary="登记回访结果", responses=problems(404, 409, 412))
    async def record_revisit(revisit_id: Id, body: NewRecord, actor: Revisitor, commands: Commands) -> RevisitView:
        """Record what the caller answered; the call-back is over."""
        written = await commands.execute(recording(revisits, revisit_id, body, actor.id, Channel.PHONE))
        return revisit_view(revisit_id, written.version, written.state, datetime.now(UTC))

    @router.post("/revisits/{revisit_id}/app-answer", summary="移动端回访结果", responses=problems(404, 409))
    async def answer_by_app(revisit_id: Id, body: AppAnswer, actor: Partner, commands: Commands) -> Answered:
        """What a caller answered who is signed in to a partner's app; the partner answers for who it is."""
        recorded = recording(revisits, revisit_id, NewRecord(**body.model_dump()), actor.id, Channel.APP)
        await commands.execute(recorded)
        return Answered(id=revisit_id)

    @router.get("/revisits/{revisit_id}/comment", summary="诉求人留言", responses=problems(404))
    async def get_revisit_comment(revisit_id: Id, _: CommentReader, db: Db, private: PrivateData) -> Comment:
        """The caller's own words, which no event, list or log has."""
        row = await views.find_revisit(db, revisits, revisit_id)
        if row is None:
            raise Rejected("revisit.not_found", "没有这项回访任务", status=404)
        comment = await private.read("revisit", revisit_id, "comment") if row.state.commented else None
        if comment is None:
            raise Rejected("revisit.no_comment", "这项回访没有留言", status=404)
        return Comment(comment=comment)

    return router


def recording(revisits: Revisits, revisit_id: str, body: NewRecord, by: str, channel: Channel) -> To:
    """The command that records what somebody answered; their words are private data of it."""
    answers = Answers(
        contacted=body.contacted,
        in_time=body.in_time,
        resolution=body.resolution,
        satisfaction=body.satisfaction,
        reason_class=body.reason_class,
        reason=body.reason,
    )
    private = {} if body.comment is None else {"comment": body.comment}
    record = Record(answers, by, channel, commented=body.comment is not None)
    return To(revisits, revisit_id, record, private)
