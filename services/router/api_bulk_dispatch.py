"""批量派单: many orders in one request, each with an outcome of its own."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StrictInt

from chassis.aggregate import To, Written
from chassis.database import Conn, Db
from chassis.errors import Invalid, PreconditionFailed, document, problems
from chassis.http_commands import Commands
from chassis.limits import Limits
from chassis.once import Once
from chassis.requests import Body, IfMatch
from chassis.security import Actor
from contracts.codes import Id
from contracts.rejected import Rejected
from services.router import views
from services.router.aggregates import Orders
from services.router.api_bodies import DispatchBody
from services.router.api_context import PROBLEMS, Dispatcher, Reference
from services.router.dispatching import check_units, dispatch
from services.router.order_state import STATUS_ZH, Status, WorkOrder
from services.router.queues import county_of

BULK_PROBLEMS = {
    "order.too_many_at_once": "一次批量派单的件数超过上限。",
    "order.twice_in_one_request": "同一工单在一次批量派单中只能出现一次。",
    "order.version_per_line": "批量派单不用 If-Match：请在各件中给出 version。",
}
Reply = Written | Rejected | Invalid | PreconditionFailed


class BulkLine(DispatchBody):
    """派单 of one of the orders."""

    order_id: Id
    version: StrictInt | None = Field(default=None, ge=0, description="派单员所见的版本（ETag）；已变动则这一件不派")


class BulkDispatchBody(Body):
    """批量派单."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "dispatches": [
                        {
                            "order_id": "01900000-0000-7000-8000-000000000001",
                            "obligations": [{"unit": "S150105004", "role": "lead"}],
                        }
                    ]
                }
            ]
        }
    )

    dispatches: Annotated[list[BulkLine], Field(min_length=1, max_length=1000)]


class BulkOutcome(BaseModel):
    """What became of one order; ``code`` and ``detail`` as a problem has them."""

    order_id: Id
    dispatched: bool
    version: int | None = None
    status: Status | None = None
    status_zh: str | None = Field(default=None, examples=["待签收"])
    code: str | None = None
    detail: str | None = None
    field: str | None = None


class BulkOutcomes(BaseModel):
    """In the order of the request."""

    dispatched: int
    outcomes: list[BulkOutcome]


def bulk_dispatch(orders: Orders, reference: Reference, limits: Limits) -> APIRouter:
    """An order that is refused does not hold up the others; the same ``Idempotency-Key`` gives the same outcomes."""
    router = APIRouter(prefix="/v1/orders", tags=["orders 工单"])
    most = limits.count("bulk_dispatch")
    document(BULK_PROBLEMS)

    @router.post("/bulk-dispatch", summary="批量派单，逐件给出结果", responses=problems(409))
    async def dispatch_orders(
        body: BulkDispatchBody, actor: Dispatcher, commands: Commands, db: Db, once: Once, if_match: IfMatch
    ) -> BulkOutcomes:
        """Each order is dispatched, or not, by itself; a faulty unit or order costs its own line only."""
        if if_match is not None:
            code = "order.version_per_line"
            raise Invalid("If-Match", "version_per_line", BULK_PROBLEMS[code], code=code)
        lines = _checked(body, most)

        async def act(_: Conn) -> BulkOutcomes:
            found = await views.some_orders(db, orders, list(lines))
            to, replies = _split(lines, found, actor)
            replies.update(await commands.execute_each(to))
            outcomes = [_outcome(order_id, replies[order_id]) for order_id in lines]
            return BulkOutcomes(dispatched=sum(one.dispatched for one in outcomes), outcomes=outcomes)

        # The orders are written by the pipeline, each under the key and its id: what a crash leaves half done, the
        # repeated request finishes. The whole answer is kept too, so that the key serves no other body.
        return await once.run(BulkOutcomes, act)

    def _split(
        lines: Mapping[str, BulkLine], found: Mapping[str, WorkOrder], actor: Actor
    ) -> tuple[dict[str, To], dict[str, Reply]]:
        """The commands, and the refusals of lines that cannot become one."""
        to: dict[str, To] = {}
        refused: dict[str, Reply] = {}
        for index, (order_id, line) in enumerate(lines.items()):
            where = f"dispatches.{index}."
            try:
                if order_id not in found:
                    raise Rejected("order.not_found", PROBLEMS["order.not_found"], status=404)
                check_units(line, reference, where)
                command = dispatch(line, found[order_id], reference, actor.id, county_of(actor), where)
                to[order_id] = To(orders, order_id, command, expected_version=line.version)
            except (Rejected, Invalid) as error:
                refused[order_id] = error
        return to, refused

    return router


def _checked(body: BulkDispatchBody, most: int) -> dict[str, BulkLine]:
    if len(body.dispatches) > most:
        code = "order.too_many_at_once"
        raise Invalid("dispatches", "too_many", f"{BULK_PROBLEMS[code]}最多 {most} 件。", code=code)
    lines = {line.order_id: line for line in body.dispatches}
    if len(lines) != len(body.dispatches):
        code = "order.twice_in_one_request"
        raise Invalid("dispatches", "unique", BULK_PROBLEMS[code], code=code)
    return lines


def _outcome(order_id: str, reply: Reply) -> BulkOutcome:
    match reply:
        case Written(version=version, state=state):
            status = state.status
            return BulkOutcome(
                order_id=order_id, dispatched=True, version=version, status=status, status_zh=STATUS_ZH[status]
            )
        case PreconditionFailed(code=code, detail=detail, current_version=version):
            return BulkOutcome(order_id=order_id, dispatched=False, version=version, code=code, detail=detail)
        case Rejected(code=code, message=detail, field=field):
            return BulkOutcome(order_id=order_id, dispatched=False, code=code, detail=detail, field=field)
        case Invalid(code=code, detail=detail, errors=errors):
            return BulkOutcome(order_id=order_id, dispatched=False, code=code, detail=detail, field=errors[0].field)
