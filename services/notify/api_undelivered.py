"""未送达: what failed for good and waits for a person, its counts, and the next one; claims are those of every queue.

``GET /v1/deliveries?status=failed`` lists the same rows for whoever only looks.
"""

from datetime import UTC, datetime
from math import floor
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, Field

from chassis import claims, queues
from chassis.api_claims import ClaimAnswer, lease
from chassis.database import Db
from chassis.errors import problems
from chassis.inbox import Conn
from chassis.limits import Limits
from chassis.once import Once
from chassis.pages import Page, PageRequest, WantsCsv, csv_page
from chassis.queues import Desk, Queue, Waiting
from chassis.security import Actor, actor_with
from contracts.codes import Id
from services.notify.delivery_aggregates import Deliveries

Worker = Annotated[Actor, actor_with("agent", "revisitor", "supervisor")]
NEVER = 2999
"""The year of a due time that is none: the message failed before there was a limit for people."""


def _desk(actor: Actor) -> Desk | None:
    return Desk(None, "")


UNDELIVERED = Queue(
    "undelivered",
    "消息未送达，待人工告知",
    "deliveries",
    "state->>'status' = 'failed'",
    "COALESCE(notify_instant(state->>'handling_due'), '2999-12-31Z')",
    _desk,
    {},
    "CASE WHEN state->>'urgent' = 'true' THEN 0 ELSE 1 END",
)
"""Emergencies first, then what is due first; ``migrations/0006_undelivered.py`` has the index."""
QUEUES = {UNDELIVERED.name: UNDELIVERED}


class UndeliveredItem(BaseModel):
    """一条未送达的消息; whom to call is shown by intake's reveal of the appeal, for the purpose ``message``."""

    id: Id
    version: int = Field(description="即 ETag")
    issue_id: Id
    appeal_id: Id
    template: str = Field(examples=["order_dispatched"])
    urgent: bool
    attempt: int
    failure_class: str | None = Field(examples=["permanent"])
    failure: str | None = Field(examples=["refused_404"])
    due_at: AwareDatetime | None
    is_overdue: bool
    minutes_left: int | None = Field(description="剩余分钟数，逾期为负")
    claimed_by: str | None = Field(description="已被谁领取")
    claimed_until: AwareDatetime | None
    claim_id: Id | None


class NextUndelivered(BaseModel):
    """下一条: what was taken, and until when it is the caller's; both null when nothing waits."""

    claim: ClaimAnswer | None
    item: UndeliveredItem | None


COLUMNS = {
    "id": "消息编号",
    "issue_id": "诉求编号",
    "template": "模板",
    "urgent": "是否突发",
    "attempt": "发送次数",
    "failure_class": "失败类别",
    "failure": "失败原因",
    "due_at": "处理期限",
    "is_overdue": "是否逾期",
    "minutes_left": "剩余分钟",
    "claimed_by": "领取人",
    "claimed_until": "领取至",
}


def undelivered_routes(deliveries: Deliveries, limits: Limits) -> APIRouter:
    """The routes; see each one's summary."""
    router = APIRouter(prefix="/v1/undelivered", tags=["deliveries 消息"])
    most = limits.count("claims_per_person")

    def shown(row: Waiting, now: datetime) -> UndeliveredItem:
        delivery, held = deliveries.adapter.validate_json(row.state), row.held
        due = None if row.due.year == NEVER else row.due
        return UndeliveredItem(
            id=row.id,
            version=row.version,
            issue_id=delivery.issue_id,
            appeal_id=delivery.appeal_id,
            template=delivery.template,
            urgent=delivery.urgent,
            attempt=delivery.attempt,
            failure_class=delivery.failure_class,
            failure=delivery.failure,
            due_at=due,
            is_overdue=row.due < now,
            minutes_left=None if due is None else floor((due - now).total_seconds() / 60),
            claimed_by=held.by if held else None,
            claimed_until=held.until if held else None,
            claim_id=held.claim if held else None,
        )

    @router.get("", summary="未送达的消息，突发在前，再按剩余时间", response_model=Page[UndeliveredItem])
    async def list_undelivered(
        request: Request,
        actor: Worker,
        db: Db,
        paging: PageRequest,
        wants_csv: WantsCsv,
        overdue: Annotated[bool | None, Query(description="是否逾期")] = None,
        count: Annotated[bool, Query(description="是否返回总数")] = False,
    ) -> Page[UndeliveredItem] | Response:
        """What waits, with who has taken it, as JSON or (``Accept: text/csv``) as CSV."""
        now, after = datetime.now(UTC), paging.after(queues.KEY)
        wanted = queues.wanted(QUEUES, UNDELIVERED.name, actor, now, {}, overdue)
        rows = await queues.page(db, wanted, after, paging.rows_needed)
        cut, next_cursor = paging.cut(rows, queues.KEY, lambda row: row.key)
        page: Page[UndeliveredItem] = Page(
            items=[shown(row, now) for row in cut],
            next_cursor=next_cursor,
            count=(await queues.count(db, wanted)).total if count else None,
        )
        return csv_page(request, page, COLUMNS) if wants_csv else page

    @router.post("/next", summary="领取下一条未送达的消息", responses=problems(409))
    async def take_next(actor: Worker, once: Once) -> NextUndelivered:
        """The first one that nobody has is the caller's for the time of a lease; two people never get the same."""

        async def act(conn: Conn) -> NextUndelivered:
            now = datetime.now(UTC)
            wanted = queues.wanted(QUEUES, UNDELIVERED.name, actor, now)
            claim = await claims.take_next(conn, wanted, lease(limits, now), most)
            if claim is None:
                return NextUndelivered(claim=None, item=None)
            row = await queues.one(conn, wanted, claim.subject)
            return NextUndelivered(claim=ClaimAnswer.of(claim), item=shown(row, now))

        return await once.run(NextUndelivered, act)

    return router
