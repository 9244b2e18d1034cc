"""Routes by which dispatchers and supervisors turn an order, and what was written about it. Rules: ``order_turns``."""

from datetime import UTC, datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from chassis.aggregate import To, Written
from chassis.database import Db, PrivateData
from chassis.errors import Invalid, problems
from chassis.http_commands import Commands
from chassis.ids import new_id
from contracts.codes import Id
from contracts.rejected import Rejected
from services.router import turn_commands as ask
from services.router import views
from services.router.aggregates import Orders
from services.router.api_answers import OrderAnswer, order_answer
from services.router.api_context import PROBLEMS, Dispatcher, NoteReader, Reference, Supervisor, may_see_order
from services.router.api_request_bodies import (
    CoHandlerBody,
    DeskBody,
    HandOverBody,
    ReassignBody,
    RecallBody,
    SuperviseBody,
)
from services.router.queues import county_of

_COUNTY_DIGITS = 6
_NOTES = ("request/", "supervision/", "visit/")
"""Whose private texts of an order are shown together: requests, supervision, and where visits were."""


class Note(BaseModel):
    """文字材料 of one step."""

    kind: str = Field(description="request 申请 | supervision 督办 | visit 上门地点")
    id: Id
    text: str


class OrderNotes(BaseModel):
    """文字材料."""

    order_id: Id
    notes: list[Note]


def order_turns(orders: Orders, reference: Reference) -> APIRouter:
    """撤回派单, 转派, 加派, 移交, 转派单台, 督办."""
    router = APIRouter(prefix="/v1/orders", tags=["turns 调整与督办"])
    refusals = problems(404, 409, 412)

    def shown(written: Written) -> OrderAnswer:
        return order_answer(
            written.id, written.version, written.state, reference.snapshot, reference.calendar, datetime.now(UTC)
        )

    @router.post("/{order_id}/recall", summary="撤回派单", responses=refusals)
    async def recall_order(order_id: Id, body: RecallBody, actor: Dispatcher, commands: Commands) -> OrderAnswer:
        """What nobody has signed for comes back to the dispatcher's queue."""
        return shown(await commands.execute(To(orders, order_id, ask.Recall(body.reason, actor.id, county_of(actor)))))

    @router.post("/{order_id}/reassign", summary="转派", responses=refusals)
    async def reassign_order(order_id: Id, body: ReassignBody, actor: Dispatcher, commands: Commands) -> OrderAnswer:
        """Within the county, with the same limit; who has it stays responsible until the other has signed."""
        reference.check_known(body.unit, "unit")
        reference.check_holder(body.to, "to")
        counties = {reference.snapshot.units[code].division_code[:_COUNTY_DIGITS] for code in (body.unit, body.to)}
        if len(counties) > 1:
            problem = "order.other_county"
            raise Invalid("to", "other_county", PROBLEMS[problem], code=problem)
        command = ask.Reassign(body.unit, body.to, actor.id, county_of(actor))
        return shown(await commands.execute(To(orders, order_id, command)))

    @router.post("/{order_id}/co-handlers", summary="加派协办", responses=refusals)
    async def add_co_handler(order_id: Id, body: CoHandlerBody, actor: Dispatcher, commands: Commands) -> OrderAnswer:
        """It sees the order and helps; the duty stays the lead's."""
        reference.check_unit(body.unit, "unit")
        command = ask.AddCoHandler(body.unit, actor.id, county_of(actor))
        return shown(await commands.execute(To(orders, order_id, command)))

    @router.post("/{order_id}/hand-over", summary="移交撤并单位的工单", responses=refusals)
    async def hand_over(order_id: Id, body: HandOverBody, actor: Dispatcher, commands: Commands, db: Db) -> OrderAnswer:
        """Only of a unit that has ended. The successor goes on with the same clocks; it is no bounce."""
        if await views.one_order(db, orders, order_id) is None:
            raise Rejected("order.not_found", PROBLEMS["order.not_found"], status=404)
        reference.check_ended(body.unit, "unit")
        if body.successor is not None:
            reference.check_holder(body.successor, "successor")
        command = ask.HandOver(body.unit, body.successor, actor.id, county_of(actor))
        return shown(await commands.execute(To(orders, order_id, command)))

    @router.post("/{order_id}/desk", summary="转派单台", responses=refusals)
    async def send_to_desk(order_id: Id, body: DeskBody, actor: Dispatcher, commands: Commands) -> OrderAnswer:
        """To a county's sub-centre (二级派单), or back to the city's dispatcher; the clock goes on."""
        if body.desk is not None:
            reference.check_desk(body.desk, "desk")
        command = ask.SendToDesk(body.desk, actor.id, county_of(actor))
        return shown(await commands.execute(To(orders, order_id, command)))

    @router.post("/{order_id}/supervise", summary="人工督办", responses=refusals)
    async def supervise_order(order_id: Id, body: SuperviseBody, actor: Supervisor, commands: Commands) -> OrderAnswer:
        """In one of five forms, yellow or red; the units read what was written."""
        id_ = new_id()
        command = ask.Supervise(id_, body.form, body.level, actor.id)
        return shown(await commands.execute(To(orders, order_id, command, {f"supervision/{id_}": body.text})))

    @router.get("/{order_id}/notes", summary="申请、督办与上门的文字材料", responses=problems(404))
    async def get_order_notes(order_id: Id, actor: NoteReader, db: Db, private: PrivateData) -> OrderNotes:
        """For who decides, supervises or handles it."""
        row = await views.one_order(db, orders, order_id)
        if row is None or not may_see_order(actor, row.state):
            raise Rejected("order.not_found", PROBLEMS["order.not_found"], status=404)
        notes = [
            Note(kind=prefix.rstrip("/"), id=name.removeprefix(prefix), text=text)
            for prefix in _NOTES
            for name, text in (await private.read_all("order", order_id, prefix)).items()
        ]
        return OrderNotes(order_id=order_id, notes=notes)

    return router
