"""Routes of 领取 claims and 交接班 handovers, the same in every service whose people work from queues."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter

from chassis import claims
from chassis.claims import Claim, TakeOverReason
from chassis.database import Conn, Db, PrivateData
from chassis.errors import problems
from chassis.limits import Limits
from chassis.once import Once
from chassis.pages import Page, PageRequest
from chassis.requests import Body, LongText
from chassis.security import Actor, actor_with
from contracts.codes import Id, StaffId

_AFTER = TypeAdapter(Id)
_KEY = TypeAdapter(tuple[AwareDatetime, Id])


class ClaimAnswer(BaseModel):
    """领取: whose an item is for now; it is free again at ``expires_at``."""

    id: Id
    queue: str
    desk: str = ""
    subject: Id
    holder: str
    taken_at: AwareDatetime
    expires_at: AwareDatetime

    @classmethod
    def of(cls, claim: Claim) -> "ClaimAnswer":
        """As it is shown."""
        return cls.model_validate(claim, from_attributes=True)


class TakeOverBody(Body):
    """接管; ``to`` is who gets it, none: the supervisor."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "absent", "to": "D2"}]})

    reason: TakeOverReason
    to: StaffId | None = None


class HandoverBody(Body):
    """交接班; the note is stored encrypted and shown to both persons only."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"to": "D2", "note": "第二件已与街道通话，等回话。"}]})

    to: StaffId
    note: LongText | None = None


class HandoverAnswer(BaseModel):
    """交接班, with its note."""

    id: Id
    from_id: str
    to_id: str
    at: AwareDatetime
    claims: int
    note: str | None


def lease(limits: Limits, now: datetime) -> datetime:
    """When a claim expires that is made now."""
    return limits.due("claim_lease", now)


def claim_routes(limits: Limits, workers: frozenset[str], supervisors: frozenset[str]) -> APIRouter:
    """``workers`` have one of the roles that work from queues, ``supervisors`` may take items out of others' hands."""
    router = APIRouter(prefix="/v1", tags=["queues 队列"])
    Worker = Annotated[Actor, actor_with(*sorted(workers | supervisors))]
    Supervisor = Annotated[Actor, actor_with(*sorted(supervisors))]
    refusals = problems(404, 409)

    @router.get("/claims", summary="我领取的；督办员可看所有人的")
    async def list_claims(
        actor: Worker,
        db: Db,
        paging: PageRequest,
        everybody: Annotated[bool, Query(description="所有人的，督办员可用")] = False,
    ) -> Page[ClaimAnswer]:
        """Claims that have not expired, first to expire first: one's own, or everybody's if a supervisor asks."""
        holder = None if everybody and not actor.roles.isdisjoint(supervisors) else actor.id
        rows = await claims.live(db, datetime.now(UTC), holder, paging.after(_KEY), paging.rows_needed)
        shown, next_cursor = paging.cut(rows, _KEY, lambda claim: (claim.expires_at, claim.id))
        return Page(items=[ClaimAnswer.of(claim) for claim in shown], next_cursor=next_cursor)

    @router.post("/claims/{claim_id}/renew", summary="续期", responses=refusals)
    async def renew_claim(claim_id: Id, actor: Worker, once: Once) -> ClaimAnswer:
        """The lease begins anew."""

        async def act(conn: Conn) -> ClaimAnswer:
            now = datetime.now(UTC)
            return ClaimAnswer.of(await claims.renew(conn, claim_id, actor.id, now, lease(limits, now)))

        return await once.run(ClaimAnswer, act)

    @router.post("/claims/{claim_id}/release", summary="释放", responses=refusals)
    async def release_claim(claim_id: Id, actor: Worker, once: Once) -> ClaimAnswer:
        """The item goes back to the queue; the answer is the claim as it was."""

        async def act(conn: Conn) -> ClaimAnswer:
            return ClaimAnswer.of(await claims.release(conn, claim_id, actor.id, datetime.now(UTC)))

        return await once.run(ClaimAnswer, act)

    @router.post("/claims/{claim_id}/take-over", summary="接管或转给别人（留痕）", responses=refusals)
    async def take_over_claim(claim_id: Id, body: TakeOverBody, actor: Supervisor, once: Once) -> ClaimAnswer:
        """Out of whose hands, into whose and why is written down among the operators' actions."""

        async def act(conn: Conn) -> ClaimAnswer:
            now, to = datetime.now(UTC), body.to or actor.id
            until = lease(limits, now)
            return ClaimAnswer.of(await claims.take_over(conn, claim_id, actor.id, to, body.reason, now, until))

        return await once.run(ClaimAnswer, act)

    @router.post("/claims/handover", summary="交接班：全部移交给同事", responses=refusals)
    async def hand_over_claims(body: HandoverBody, actor: Worker, once: Once, request: Request) -> HandoverAnswer:
        """Everything that one holds goes to a colleague. It gives them no right that their own roles do not."""

        async def act(conn: Conn) -> HandoverAnswer:
            now = datetime.now(UTC)
            vault, until = request.app.state.runtime.vault, lease(limits, now)
            given = await claims.hand_over(conn, vault, actor.id, body.to, body.note, now, until)
            # The answer is kept under the key, where private text must not be: the sender knows the note.
            return HandoverAnswer(
                id=given.id, from_id=given.from_id, to_id=given.to_id, at=given.at, claims=given.claims, note=None
            )

        return await once.run(HandoverAnswer, act)

    @router.get("/handovers", summary="我的交接班记录")
    async def list_handovers(actor: Worker, db: Db, paging: PageRequest, private: PrivateData) -> Page[HandoverAnswer]:
        """What one handed over or was handed, the newest first; the notes are shown to nobody else."""
        rows = await claims.handovers(db, actor.id, paging.after(_AFTER), paging.rows_needed)
        shown, next_cursor = paging.cut(rows, _AFTER, lambda row: row.id)
        items = [
            HandoverAnswer(
                id=row.id,
                from_id=row.from_id,
                to_id=row.to_id,
                at=row.at,
                claims=row.claims,
                note=await private.read("handover", row.id, "note") if row.noted else None,
            )
            for row in shown
        ]
        return Page(items=items, next_cursor=next_cursor)

    return router
