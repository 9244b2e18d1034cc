"""未送达: what failed for good and waits for a person, its counts, and the next one; claims are those of every queue.

``GET /v1/deliveries?status=failed`` lists the same rows for whoever only looks.
"""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, Field

from chassis import api_queues, queues
from chassis.api_queues import NextItem, page_of, time_and_holder
from chassis.database import Conn, Db
from chassis.errors import problems
from chassis.limits import Limits
from chassis.once import Once
from chassis.pages import Page, PageRequest, WantsCsv, csv_page
from chassis.queues import Desk, Queue, Waiting
from chassis.security import Actor, actor_with
from contracts.codes import Id
from services.notify.delivery_aggregates import Deliveries
from services.notify.delivery_model import Audience, Delivery

Worker = Annotated[Actor, actor_with("agent", "revisitor", "centre_clerk", "supervisor", "admin")]
_AUDIENCE = f"""CASE WHEN state->>'case_id' IS NOT NULL THEN '{Audience.PARTY}'
    WHEN state->>'subscription_id' IS NOT NULL THEN '{Audience.PARTNER}' ELSE '{Audience.CALLER}' END"""


def _desk(actor: Actor) -> Desk | None:
    """Whoever may learn from intake, or from mediation, whom to call, or knows the partners; a supervisor sees all."""
    if "supervisor" in actor.roles:
        return Desk(None, "")
    if "centre_clerk" in actor.roles:
        return Desk(Audience.PARTY, "")
    callers = actor.roles & {"agent", "revisitor"}
    return Desk(Audience.CALLER if callers else Audience.PARTNER, "")


def is_at_desk(actor: Actor, delivery: Delivery) -> bool:
    """Whether it is for the actor to look after this message."""
    desk = _desk(actor)
    return desk is not None and desk.sees in (None, delivery.audience)


UNDELIVERED = Queue(
    "undelivered",
    "消息未送达，待人工告知",
    "deliveries",
    f"state->>'status' = 'failed' AND (:unit::text IS NULL OR {_AUDIENCE} = :unit)",
    "COALESCE(notify_instant(state->>'handling_due'), '2999-12-31Z')",
    _desk,
    {},
    "CASE WHEN state->>'urgent' = 'true' THEN 0 ELSE 1 END",
)
"""Emergencies first, then what is due first; ``migrations/0006_undelivered.py`` has the index.

The year 2999 is of those that failed before there was a limit for people.
"""
QUEUES = {UNDELIVERED.name: UNDELIVERED}


class UndeliveredItem(BaseModel):
    """一条未送达的消息; whom to call is shown by intake's reveal of the appeal, for the purpose ``message``.

    A party's contact is among those of its case at mediation.
    """

    id: Id
    version: int = Field(description="即 ETag")
    issue_id: Id
    appeal_id: Id | None
    case_id: Id | None
    party_id: Id | None
    subscription_id: Id | None
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


COLUMNS = {
    "id": "消息编号",
    "issue_id": "诉求编号",
    "case_id": "案件编号",
    "subscription_id": "订阅编号",
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

    def shown(row: Waiting, now: datetime) -> UndeliveredItem:
        delivery = deliveries.adapter.validate_json(row.state)
        return UndeliveredItem(
            issue_id=delivery.issue_id,
            appeal_id=delivery.appeal_id,
            case_id=delivery.case_id,
            party_id=delivery.party_id,
            subscription_id=delivery.subscription_id,
            template=delivery.template,
            urgent=delivery.urgent,
            attempt=delivery.attempt,
            failure_class=delivery.failure_class,
            failure=delivery.failure,
            **time_and_holder(row, now),
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
        now = datetime.now(UTC)
        wanted = queues.wanted(QUEUES, UNDELIVERED.name, actor, now, {}, overdue)
        page = await page_of(db, wanted, paging, lambda row: shown(row, now), counted=count)
        return csv_page(request, page, COLUMNS) if wants_csv else page

    @router.post("/next", summary="领取下一条未送达的消息", responses=problems(409))
    async def take_next(actor: Worker, once: Once) -> NextItem[UndeliveredItem]:
        """The first one that nobody has is the caller's for the time of a lease; two people never get the same."""

        async def act(conn: Conn) -> NextItem[UndeliveredItem]:
            now = datetime.now(UTC)
            wanted = queues.wanted(QUEUES, UNDELIVERED.name, actor, now)
            return await api_queues.take_next(conn, wanted, limits, lambda row: shown(row, now))

        return await once.run(NextItem[UndeliveredItem], act)

    return router
