"""Routes that change an order: request -> command. Rules are in ``work_order.py``."""

from datetime import UTC, datetime

from fastapi import APIRouter, Response

from chassis.aggregate import To, Written
from chassis.database import Db
from chassis.errors import Invalid, problems
from chassis.http_commands import Commands
from chassis.ids import derived_beside, new_id
from contracts.codes import Id
from contracts.rejected import Rejected
from services.router import deputies, views
from services.router import order_commands as ask
from services.router.aggregates import Orders, Whistles
from services.router.api_answers import NewWhistle, OrderAnswer, order_answer
from services.router.api_bodies import BlowBody, ContactBody, DispatchBody, ResultBody, ReviewBody
from services.router.api_context import PROBLEMS, Dispatcher, Handler, Reference, Reviewer, unit_of
from services.router.dispatching import check_units, dispatch
from services.router.fingerprints import Fingerprints
from services.router.order_model import PETITION_PROXY
from services.router.order_state import WorkOrder
from services.router.queues import county_of
from services.router.reply_templates import ReplyTemplates
from services.router.whistle_commands import Blow


def order_commands(
    orders: Orders, whistles: Whistles, reference: Reference, fingerprints: Fingerprints, templates: ReplyTemplates
) -> APIRouter:
    """派单, 签收, 联系, 吹哨, 转调解或信访代办, 提交, 审核. Not a unit's own order: 403 ``order.not_your_unit``."""
    router = APIRouter(prefix="/v1/orders", tags=["orders 工单"])
    refusals = problems(404, 409, 412)

    def shown(written: Written) -> OrderAnswer:
        return order_answer(
            written.id, written.version, written.state, reference.snapshot, reference.calendar, datetime.now(UTC)
        )

    async def found(db: Db, order_id: str) -> WorkOrder:
        row = await views.one_order(db, orders, order_id)
        if row is None:
            raise Rejected("order.not_found", PROBLEMS["order.not_found"], status=404)
        return row.state

    @router.post("/{order_id}/dispatch", summary="派单（人工）", responses=refusals)
    async def dispatch_order(
        order_id: Id, body: DispatchBody, actor: Dispatcher, commands: Commands, db: Db
    ) -> OrderAnswer:
        """For orders in the dispatcher's queue; the clock starts here. A county's dispatcher: at their own desk."""
        check_units(body, reference)
        order = await found(db, order_id)
        command = dispatch(body, order, reference, actor.id, county_of(actor))
        return shown(await commands.execute(To(orders, order_id, command)))

    @router.post("/{order_id}/sign", summary="签收", responses=refusals)
    async def sign_order(order_id: Id, actor: Handler, commands: Commands) -> OrderAnswer:
        """The unit takes the order on; who does not is signed for at the end of the sign limit."""
        return shown(await commands.execute(To(orders, order_id, ask.Sign(unit_of(actor), actor.id))))

    @router.post("/{order_id}/contact", summary="登记已联系诉求人", responses=refusals)
    async def contact_caller(order_id: Id, body: ContactBody, actor: Handler, commands: Commands) -> OrderAnswer:
        """A call, or a visit 上门; its time is the time of this request, unless it says when it was."""
        if not body.visit and (body.nature or body.visited_at or body.place):
            problem = "order.not_a_visit"
            raise Invalid("visit", "not_a_visit", PROBLEMS[problem], code=problem)
        visit_id = new_id() if body.place else None
        command = ask.Contact(unit_of(actor), body.visit, actor.id, body.nature, body.visited_at, visit_id)
        private = {f"visit/{visit_id}": body.place} if body.place else {}
        return shown(await commands.execute(To(orders, order_id, command, private)))

    @router.post("/{order_id}/refer", summary="转调解", responses=refusals)
    async def refer_order(order_id: Id, actor: Handler, commands: Commands, db: Db) -> OrderAnswer:
        """The order's clock stops when the case is accepted, not before."""
        order = await found(db, order_id)
        pending = order.case_id if order.referred_to is None else None
        case_id = pending or derived_beside(order_id, "case", str(len(order.cases) + 1))
        return shown(await commands.execute(To(orders, order_id, ask.Refer(case_id, unit_of(actor), actor.id))))

    @router.post("/{order_id}/refer-petition", summary="转信访代办", responses=refusals)
    async def refer_order_to_petition(order_id: Id, actor: Handler, commands: Commands, db: Db) -> OrderAnswer:
        """A proxy carries it to the authority that is competent; the order's clock stops when that accepts it."""
        order = await found(db, order_id)
        pending = order.case_id if order.referred_to == PETITION_PROXY else None
        petition_id = pending or derived_beside(order_id, "petition", str(len(order.cases) + 1))
        command = ask.Refer(petition_id, unit_of(actor), actor.id, PETITION_PROXY)
        return shown(await commands.execute(To(orders, order_id, command)))

    @router.post("/{order_id}/submit", summary="提交办理结果", responses=refusals)
    async def submit_result(order_id: Id, body: ResultBody, actor: Handler, commands: Commands) -> OrderAnswer:
        """Each unit of a dual order submits its own; with the last one close review begins."""
        if gap := templates.unfilled(body.text):
            problem = "order.reply_unfilled"
            raise Invalid("text", "unfilled", f"{PROBLEMS[problem]}{gap}", code=problem)
        result_id = f"result/{new_id()}"
        found = fingerprints.of(body.text), fingerprints.doubts(body.text)
        command = ask.Submit(unit_of(actor), result_id, actor.id, *found)
        return shown(await commands.execute(To(orders, order_id, command, {result_id: body.text})))

    @router.post("/{order_id}/review", summary="办结审核", responses=refusals)
    async def review_order(order_id: Id, body: ReviewBody, actor: Reviewer, commands: Commands, db: Db) -> OrderAnswer:
        """By a reviewer, or the supervisor where it is late. Passed: everybody is called back; else it goes on."""
        if body.passed is (body.reason is not None):
            problem = "order.reason_required"
            raise Invalid("reason", "reason_required", PROBLEMS[problem], code=problem)
        if minded := await deputies.minded(db, actor, datetime.now(UTC)):
            deputies.must_not_be_minded((await found(db, order_id)).units, minded)
        command = ask.Review(body.reason, actor.unit, actor.id)
        return shown(await commands.execute(To(orders, order_id, command)))

    @router.post("/{order_id}/whistles", summary="吹哨", status_code=201, responses=refusals)
    async def blow_whistle(
        order_id: Id, body: BlowBody, actor: Handler, commands: Commands, db: Db, response: Response
    ) -> NewWhistle:
        """A street calls at least two departments; the order waits for them, and first for its leader's approval."""
        for index, unit in enumerate(body.departments):
            reference.check_unit(unit, f"departments.{index}")
        order, whistle_id, street = await found(db, order_id), new_id(), unit_of(actor)
        blow = Blow(order_id, order.issue_id, body.kind, street, tuple(body.departments), actor.id, body.requested_by)
        written = await commands.execute(
            To(orders, order_id, ask.BlowWhistle(whistle_id, street)), To(whistles, whistle_id, blow)
        )
        blown = written.state.whistles[-1]  # that of the first request, if this one was a repetition
        response.headers["Location"] = f"/v1/whistles/{blown}"
        return NewWhistle(whistle_id=blown, order=shown(written))

    return router
