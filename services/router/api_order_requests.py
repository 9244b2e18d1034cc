"""Routes of what units ask for in their orders and what is decided. Rules: ``order_requests``, ``order_decisions``."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter

from chassis.aggregate import To, Written
from chassis.database import Db
from chassis.errors import Invalid, problems
from chassis.http_commands import Commands
from chassis.ids import new_id
from chassis.security import Actor
from contracts.codes import Id
from services.router import deputies, views
from services.router import request_commands as ask
from services.router.aggregates import Orders
from services.router.api_answers import OrderAnswer, order_answer
from services.router.api_context import PROBLEMS, Decider, Handler, Reference, Resumer, Supervisor, unit_of
from services.router.api_request_bodies import (
    ExclusionBody,
    ExtensionBody,
    RenewBody,
    ResumeBody,
    RuleBody,
    SuspensionBody,
    WrongUnitBody,
)
from services.router.queues import county_of

REFUSALS = problems(404, 409, 412)


def order_requests(orders: Orders, reference: Reference) -> APIRouter:
    """退单, 裁定, 延期, 挂账, 剔除. A unit asks about its own duty only: 403 ``order.not_your_unit``."""
    router = APIRouter(prefix="/v1/orders", tags=["requests 申请与审批"])

    def shown(written: Written) -> OrderAnswer:
        return order_answer(
            written.id, written.version, written.state, reference.snapshot, reference.calendar, datetime.now(UTC)
        )

    async def asked(commands: Commands, order_id: str, command: Any, text: str) -> OrderAnswer:
        private = {f"request/{command.request_id}": text}
        return shown(await commands.execute(To(orders, order_id, command, private)))

    async def decided(commands: Commands, db: Db, actor: Actor, order_id: str, command: Any) -> OrderAnswer:
        """Nobody decides about their own unit's order, nor about that of a unit which they act for."""
        row = await views.one_order(db, orders, order_id)
        if row is not None:
            deputies.must_not_be_minded(row.state.units, await deputies.minded(db, actor, datetime.now(UTC)))
        return shown(await commands.execute(To(orders, order_id, command)))

    @router.post("/{order_id}/return", summary="申请退单", responses=REFUSALS)
    async def request_return(order_id: Id, body: WrongUnitBody, actor: Handler, commands: Commands) -> OrderAnswer:
        """Before signing, in the sign limit. The third request of an order is ruled on, and that binds."""
        reference.check_holder(body.unit, "unit")
        command = ask.RequestReturn(new_id(), unit_of(actor), body.reason, body.unit, actor.id)
        return await asked(commands, order_id, command, body.text)

    @router.post("/{order_id}/ruling", summary="申请裁定", responses=REFUSALS)
    async def request_ruling(order_id: Id, body: WrongUnitBody, actor: Handler, commands: Commands) -> OrderAnswer:
        """After signing; the unit stays responsible until the supervisor has ruled (首接负责)."""
        reference.check_holder(body.unit, "unit")
        command = ask.RequestRuling(new_id(), unit_of(actor), body.reason, body.unit, actor.id)
        return await asked(commands, order_id, command, body.text)

    @router.post("/{order_id}/extension", summary="申请延期", responses=REFUSALS)
    async def request_extension(order_id: Id, body: ExtensionBody, actor: Handler, commands: Commands) -> OrderAnswer:
        """Before the limit has run out; the clock runs on during the review."""
        command = ask.RequestExtension(new_id(), unit_of(actor), body.reason, body.working_days, actor.id)
        return await asked(commands, order_id, command, body.text)

    @router.post("/{order_id}/suspension", summary="申请挂账", responses=REFUSALS)
    async def request_suspension(order_id: Id, body: SuspensionBody, actor: Handler, commands: Commands) -> OrderAnswer:
        """A real difficulty, a plan, and a day on which it is looked at again; approved, the clock stands still."""
        command = ask.RequestSuspension(new_id(), unit_of(actor), body.reason, body.recheck_at, actor.id)
        return await asked(commands, order_id, command, body.text)

    @router.post("/{order_id}/exclusion", summary="申请剔除", responses=REFUSALS)
    async def request_exclusion(order_id: Id, body: ExclusionBody, actor: Handler, commands: Commands) -> OrderAnswer:
        """From signing until five working days after closing; the handling goes on."""
        if body.exclusion_code is not None:
            reference.check_exclusion(body.exclusion_code, "exclusion_code")
        command = ask.RequestExclusion(new_id(), unit_of(actor), body.reason, body.exclusion_code, actor.id)
        return await asked(commands, order_id, command, body.text)

    @router.post("/{order_id}/requests/{request_id}/approve", summary="同意申请", responses=REFUSALS)
    async def approve_request(order_id: Id, request_id: Id, actor: Decider, commands: Commands, db: Db) -> OrderAnswer:
        """退单 by a dispatcher, the rest by a reviewer; what is overdue, by the supervisor."""
        return await decided(commands, db, actor, order_id, _settle(request_id, True, actor))

    @router.post("/{order_id}/requests/{request_id}/reject", summary="驳回申请", responses=REFUSALS)
    async def reject_request(order_id: Id, request_id: Id, actor: Decider, commands: Commands, db: Db) -> OrderAnswer:
        """Whoever had a return refused may not ask again."""
        return await decided(commands, db, actor, order_id, _settle(request_id, False, actor))

    @router.post("/{order_id}/requests/{request_id}/rule", summary="裁定", responses=REFUSALS)
    async def rule(
        order_id: Id, request_id: Id, body: RuleBody, actor: Supervisor, commands: Commands, db: Db
    ) -> OrderAnswer:
        """Who handles it, without appeal; another unit gets clocks of its own."""
        reference.check_holder(body.unit, "unit")
        command = ask.Rule(request_id, body.unit, actor.id, actor.unit)
        return await decided(commands, db, actor, order_id, command)

    @router.post("/{order_id}/suspension/renew", summary="续挂", responses=REFUSALS)
    async def renew_suspension(
        order_id: Id, body: RenewBody, actor: Supervisor, commands: Commands, db: Db
    ) -> OrderAnswer:
        """Before the re-check, at most twice; else it goes on by itself."""
        command = ask.RenewSuspension(body.unit, body.recheck_at, actor.id, actor.unit)
        return await decided(commands, db, actor, order_id, command)

    @router.post("/{order_id}/resume", summary="恢复办理", responses=REFUSALS)
    async def resume_order(order_id: Id, body: ResumeBody, actor: Resumer, commands: Commands) -> OrderAnswer:
        """The working time that was left goes on."""
        by_supervisor = "supervisor" in actor.roles
        unit = body.unit if by_supervisor else unit_of(actor)
        if unit is None:
            problem = "order.unit_required"
            raise Invalid("unit", "unit_required", PROBLEMS[problem], code=problem)
        return shown(await commands.execute(To(orders, order_id, ask.Resume(unit, actor.id, by_supervisor))))

    return router


def _settle(request_id: str, approve: bool, actor: Actor) -> ask.Settle:
    return ask.Settle(request_id, approve, frozenset(actor.roles), actor.unit, actor.id, county_of(actor))
