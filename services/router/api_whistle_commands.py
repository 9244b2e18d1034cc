"""Routes that change a whistle (吹哨报到): request -> command. Rules are in ``whistle.py``.

Whistles of an order are blown at ``POST /v1/orders/{id}/whistles``.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from fastapi import APIRouter, Response

from chassis.aggregate import To, Written
from chassis.database import Db
from chassis.errors import problems
from chassis.http_commands import Commands
from chassis.ids import new_id
from chassis.security import Actor
from contracts.codes import Id
from contracts.rejected import Rejected
from services.router import deputies, views, whistle_views
from services.router import whistle_commands as ask
from services.router.aggregates import Orders, Whistles
from services.router.api_bodies import (
    EvaluateBody,
    ObjectBody,
    RateWhistlerBody,
    ReasonBody,
    ResultBody,
    ReviseBody,
    RuleBody,
    SuperviseWhistleBody,
    WalkInBlowBody,
)
from services.router.api_context import PROBLEMS, CountyLeader, Handler, Leader, Panel, Rater, Reference, unit_of
from services.router.api_whistle_answers import WhistleAnswer, whistle_answer
from services.router.reactions import order_id_of

TAGS = ["whistles 吹哨报到"]


def draft_commands(orders: Orders, whistles: Whistles, reference: Reference) -> APIRouter:
    """吹哨, 审批, 修改, 放弃: by the street and its leader."""
    router = APIRouter(prefix="/v1/whistles", tags=list(TAGS))
    refusals = problems(404, 409, 412)
    shown = _shown(reference)

    @router.post("", summary="无工单吹哨", status_code=201, responses=problems(409))
    async def blow_without_order(
        body: WalkInBlowBody, actor: Handler, commands: Commands, db: Db, response: Response
    ) -> WhistleAnswer:
        """Joint enforcement, villages and communities through their street, about an issue that intake has registered.

        An issue with an order has its own way.
        """
        if not unit_of(actor).startswith("S"):
            raise Rejected("whistle.street_only", PROBLEMS["whistle.street_only"], status=403)
        for index, unit in enumerate(body.departments):
            reference.check_unit(unit, f"departments.{index}")
        if not await views.knows_issue(db, body.issue_id):
            raise Rejected("whistle.unknown_issue", PROBLEMS["whistle.unknown_issue"], status=404)
        if await views.one_order(db, orders, order_id_of(body.issue_id)) is not None:
            raise Rejected("whistle.has_order", PROBLEMS["whistle.has_order"])
        blow = ask.Blow(
            None, body.issue_id, body.kind, unit_of(actor), tuple(body.departments), actor.id, body.requested_by
        )
        written = await commands.execute(To(whistles, new_id(), blow))
        response.headers["Location"] = f"/v1/whistles/{written.id}"
        return shown(written)

    @router.post("/{whistle_id}/approve", summary="同意吹哨（街道领导）", responses=refusals)
    async def approve_whistle(whistle_id: Id, actor: Leader, commands: Commands) -> WhistleAnswer:
        """The departments' clocks start; a supervisor may once the leader is late."""
        return shown(await commands.execute(To(whistles, whistle_id, ask.Approve(_street(actor), actor.id))))

    @router.post("/{whistle_id}/refuse", summary="不同意吹哨（街道领导）", responses=refusals)
    async def refuse_whistle(whistle_id: Id, body: ReasonBody, actor: Leader, commands: Commands) -> WhistleAnswer:
        """Back to the street, which changes the draft or drops it."""
        refusal_id = f"reason/{new_id()}"
        command = ask.Refuse(_street(actor), refusal_id, actor.id)
        return shown(await commands.execute(To(whistles, whistle_id, command, {refusal_id: body.text})))

    @router.post("/{whistle_id}/revise", summary="修改后重报", responses=refusals)
    async def revise_whistle(whistle_id: Id, body: ReviseBody, actor: Handler, commands: Commands) -> WhistleAnswer:
        """A refused draft once more to the leader."""
        for index, unit in enumerate(body.departments):
            reference.check_unit(unit, f"departments.{index}")
        command = ask.Revise(unit_of(actor), tuple(body.departments), actor.id)
        return shown(await commands.execute(To(whistles, whistle_id, command)))

    @router.post("/{whistle_id}/discard", summary="放弃吹哨", responses=refusals)
    async def discard_whistle(whistle_id: Id, actor: Handler, commands: Commands) -> WhistleAnswer:
        """The street drops its draft; its order waits no longer."""
        return shown(await commands.execute(To(whistles, whistle_id, ask.Discard(unit_of(actor), actor.id))))

    return router


def department_commands(whistles: Whistles, reference: Reference) -> APIRouter:
    """应哨, 联系, 报到, 反馈, 异议, 反评: only the called department on its line, 403 ``whistle.not_your_unit``."""
    router = APIRouter(prefix="/v1/whistles", tags=list(TAGS))
    refusals = problems(404, 409, 412)
    shown = _shown(reference)

    @router.post("/{whistle_id}/acknowledge", summary="应哨", responses=refusals)
    async def acknowledge_whistle(whistle_id: Id, actor: Handler, commands: Commands) -> WhistleAnswer:
        """The department has taken note."""
        return shown(await commands.execute(To(whistles, whistle_id, ask.Acknowledge(unit_of(actor), actor.id))))

    @router.post("/{whistle_id}/contact", summary="联系街道", responses=refusals)
    async def contact_street(whistle_id: Id, actor: Handler, commands: Commands) -> WhistleAnswer:
        """The department has spoken to the street."""
        return shown(await commands.execute(To(whistles, whistle_id, ask.Contact(unit_of(actor), actor.id))))

    @router.post("/{whistle_id}/report-in", summary="报到", responses=refusals)
    async def report_in(whistle_id: Id, actor: Handler, commands: Commands) -> WhistleAnswer:
        """The department has come; it need not have acknowledged or called before."""
        return shown(await commands.execute(To(whistles, whistle_id, ask.ReportIn(unit_of(actor), actor.id))))

    @router.post("/{whistle_id}/result", summary="反馈办理结果", responses=refusals)
    async def record_result(whistle_id: Id, body: ResultBody, actor: Handler, commands: Commands) -> WhistleAnswer:
        """What the department did."""
        result_id = f"result/{new_id()}"
        command = ask.RecordResult(unit_of(actor), result_id, actor.id)
        return shown(await commands.execute(To(whistles, whistle_id, command, {result_id: body.text})))

    @router.post("/{whistle_id}/object", summary="提出异议", responses=refusals)
    async def object_to_whistle(whistle_id: Id, body: ObjectBody, actor: Handler, commands: Commands) -> WhistleAnswer:
        """Once, before reporting in; the clocks run on until the panel has ruled."""
        objection_id = f"reason/{new_id()}"
        command = ask.Object(unit_of(actor), body.reason, objection_id, actor.id)
        return shown(await commands.execute(To(whistles, whistle_id, command, {objection_id: body.text})))

    @router.post("/{whistle_id}/rate-street", summary="评价吹哨街道（部门）", responses=refusals)
    async def rate_street(whistle_id: Id, body: RateWhistlerBody, actor: Handler, commands: Commands) -> WhistleAnswer:
        """Was it needed, were the right departments called; after the own result or release, also after the end."""
        command = ask.RateWhistler(unit_of(actor), body.needed_score, body.precise_score, actor.id)
        return shown(await commands.execute(To(whistles, whistle_id, command)))

    return router


def judging_commands(whistles: Whistles, reference: Reference) -> APIRouter:
    """裁定 by the panel, 评价 by the street; a supervisor does what is late."""
    router = APIRouter(prefix="/v1/whistles", tags=list(TAGS))
    refusals = problems(404, 409, 412)
    shown = _shown(reference)

    @router.post("/{whistle_id}/rule", summary="裁定异议", responses=refusals)
    async def rule_on_objection(
        whistle_id: Id, body: RuleBody, actor: Panel, commands: Commands, db: Db
    ) -> WhistleAnswer:
        """Upheld releases the department; rejected lets it go on. Not by the parties, nor by who acts for one."""
        row = await whistle_views.one_whistle(db, whistles, whistle_id)
        for party in (row.state.street, body.unit) if row else ():
            if await deputies.may_act(db, actor, party, datetime.now(UTC)):
                raise Rejected("whistle.panel_is_party", PROBLEMS["whistle.panel_is_party"], status=403)
        ruling_id = f"reason/{new_id()}"
        command = ask.Rule(body.unit, body.upheld, ruling_id, actor.unit, actor.id)
        return shown(await commands.execute(To(whistles, whistle_id, command, {ruling_id: body.text})))

    @router.post("/{whistle_id}/supervise", summary="督办一个部门（旗县区领导）", responses=refusals)
    async def supervise_department(
        whistle_id: Id, body: SuperviseWhistleBody, actor: CountyLeader, commands: Commands
    ) -> WhistleAnswer:
        """In one of five forms, while the department is escalated; it reads what is demanded among the reasons."""
        county = unit_of(actor) if "county_leader" in actor.roles else None
        supervision_id = f"reason/{new_id()}"
        command = ask.Supervise(county, body.unit, body.form, supervision_id, actor.id)
        return shown(await commands.execute(To(whistles, whistle_id, command, {supervision_id: body.text})))

    @router.post("/{whistle_id}/evaluate", summary="评价一个部门（吹哨街道）", responses=refusals)
    async def evaluate_department(
        whistle_id: Id, body: EvaluateBody, actor: Rater, commands: Commands
    ) -> WhistleAnswer:
        """Reported in on time, acted, solved. Unsolved: a result once more; the last rating closes the whistle."""
        street = unit_of(actor) if "unit_handler" in actor.roles else None
        command = ask.Evaluate(street, body.unit, body.reported_in_score, body.acted_score, body.solved_score, actor.id)
        return shown(await commands.execute(To(whistles, whistle_id, command)))

    return router


def _street(actor: Actor) -> str | None:
    """The street that a leader acts for; None for a supervisor, who acts for one that is late."""
    return unit_of(actor) if "street_leader" in actor.roles else None


def _shown(reference: Reference) -> Callable[[Written], WhistleAnswer]:
    def shown(written: Written) -> WhistleAnswer:
        return whistle_answer(written.id, written.version, written.state, reference.snapshot, datetime.now(UTC))

    return shown
