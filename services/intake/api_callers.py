"""Routes about callers: who rings, what they brought up before, and the lists 黑名单, 白名单.

A caller is known by the pseudonym made of the telephone number; the number itself travels in bodies only, never in an
address or a log.
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import AwareDatetime, BaseModel, Field, StrictBool, TypeAdapter

from chassis.aggregate import To, Written
from chassis.database import Db, PrivateData
from chassis.errors import problems
from chassis.http_commands import Commands
from chassis.ids import new_id
from chassis.pages import Page, PageRequest
from chassis.pseudonyms import pseudonym
from chassis.requests import Body, Instant, LongText, etag
from chassis.security import Actor, actor_with
from contracts.codes import Id
from services.intake import caller_list as ask
from services.intake import caller_views, timeline
from services.intake.aggregates import Callers
from services.intake.api_answers import IssueAnswer, facts
from services.intake.api_bodies import Phone, example
from services.intake.issue_model import Desk

Agent = Annotated[Actor, actor_with("agent", "supervisor")]
Supervisor = Annotated[Actor, actor_with("supervisor")]
_KEY = TypeAdapter(tuple[Instant, Id])
_ID = TypeAdapter(Id)
_RULE = "01900000-0000-7000-8000-000000000003"
_RECENT = 20


class LookUpBody(Body):
    """来电号码."""

    model_config = example(phone="13800001001")

    phone: Phone


class PutOnListBody(Body):
    """列入名单."""

    model_config = example(desk="restricted", reason="harassment", days=30, text="三日内骚扰来电四十次。")

    desk: Desk = Field(description="priority 白名单专席、restricted 黑名单限制线路；都不影响突发事项")
    reason: ask.ListReason = Field(
        description="黑名单：辱骂 abuse、骚扰 harassment、虚假 false_reports；白名单：代表 deputy、监督员 monitor"
    )
    days: Annotated[int, Field(strict=True, ge=1, le=3650, description="期限，天")]
    text: LongText = Field(description="依据")


class RuleBody(Body):
    """名单规则."""

    model_config = example(rule_id=_RULE, text="本人已道歉。")

    rule_id: Id
    text: LongText = Field(description="理由")


class JudgeBody(RuleBody):
    """复核申诉."""

    model_config = example(rule_id=_RULE, upheld=False, text="录音属实。")

    upheld: StrictBool = Field(description="申诉是否成立")


class CallerAnswer(BaseModel):
    """诉求人在名单上的位置，不含个人信息."""

    appellant_id: Id
    version: int = Field(description="即 ETag；0 为从未列入名单")
    status: ask.Status
    desk: Desk = Field(description="现在来电由哪个席位接听")
    rule_id: Id | None
    rule_version: int
    reason: ask.ListReason | None
    until: AwareDatetime | None
    review_due: AwareDatetime | None = Field(description="申诉复核的期限")
    review_overdue: bool


class CallerLookUp(CallerAnswer):
    """来电人, as the agent sees them while it rings."""

    issues: list[IssueAnswer] = Field(description="最近的诉求，新的在前")


class CallerEntry(BaseModel):
    """One thing that happened to a caller's place on the lists."""

    time: AwareDatetime
    type: str
    title_zh: str
    sequence: int
    data: dict[str, Any] = Field(description="事件内容，不含个人信息")
    text: str | None = Field(description="当时写下的依据或理由")


class CallerHistory(BaseModel):
    """名单记录, for whoever has to account for it."""

    appellant_id: Id
    entries: list[CallerEntry]


class CallerRoutes:
    """来电识别, 一人多诉, 黑名单, 白名单."""

    def __init__(self, callers: Callers, pseudonym_key: bytes) -> None:
        self._callers = callers
        self._pseudonym_key = pseudonym_key
        self.router = APIRouter(prefix="/v1/callers", tags=["callers"])
        self.router.add_api_route(
            "/look-up", self.look_up_caller, methods=["POST"], summary="来电识别", responses=problems(409)
        )
        for path, route, summary in (
            ("/{appellant_id}/list", self.put_on_list, "列入名单"),
            ("/{appellant_id}/unlist", self.take_off_list, "移出名单"),
            ("/{appellant_id}/appeal", self.appeal, "对列入名单申诉"),
            ("/{appellant_id}/judge-appeal", self.judge_appeal, "复核名单申诉（另一人）"),
        ):
            self.router.add_api_route(path, route, methods=["POST"], summary=summary, responses=problems(404, 409, 412))
        self.router.add_api_route(
            "", self.list_callers, methods=["GET"], summary="名单", response_model=Page[CallerAnswer]
        )
        self.router.add_api_route("/{appellant_id}", self.get_caller, methods=["GET"], summary="诉求人的名单状态")
        self.router.add_api_route("/{appellant_id}/history", self.get_history, methods=["GET"], summary="名单记录")
        self.router.add_api_route(
            "/{appellant_id}/issues",
            self.list_issues_of_caller,
            methods=["GET"],
            summary="同一诉求人的全部诉求",
            response_model=Page[IssueAnswer],
        )

    async def look_up_caller(self, body: LookUpBody, _: Agent, db: Db, response: Response) -> CallerLookUp:
        """Say who rings, by the number: the desk that takes the call, and what the caller brought up before."""
        response.headers["Cache-Control"] = "no-store"
        row = await caller_views.caller(db, pseudonym(self._pseudonym_key, body.phone))
        issues = await caller_views.issues(db, row.id, None, _RECENT)
        return CallerLookUp(
            **_facts(row.id, row.version, row.state),
            issues=[IssueAnswer(**facts(issue.id, issue.version, issue.state)) for issue in issues],
        )

    async def put_on_list(
        self, appellant_id: Id, body: PutOnListBody, actor: Supervisor, commands: Commands
    ) -> CallerAnswer:
        """Put a caller on a list for some days; a new rule takes the place of an earlier one."""
        rule_id = new_id()
        until = datetime.now(UTC) + timedelta(days=body.days)
        command = ask.PutOnList(rule_id, body.desk, body.reason, until, actor.id)
        return await self._do(commands, appellant_id, command, "listed", rule_id, body.text)

    async def take_off_list(
        self, appellant_id: Id, body: RuleBody, actor: Supervisor, commands: Commands
    ) -> CallerAnswer:
        """End a rule before its time."""
        command = ask.TakeOffList(body.rule_id, actor.id)
        return await self._do(commands, appellant_id, command, "unlisted", body.rule_id, body.text)

    async def appeal(self, appellant_id: Id, body: RuleBody, actor: Agent, commands: Commands) -> CallerAnswer:
        """Write down that a caller appeals against a rule, which may be done once."""
        command = ask.AppealAgainstList(body.rule_id, actor.id)
        return await self._do(commands, appellant_id, command, "appealed", body.rule_id, body.text)

    async def judge_appeal(
        self, appellant_id: Id, body: JudgeBody, actor: Supervisor, commands: Commands
    ) -> CallerAnswer:
        """Judge an appeal. Whoever made the rule may not."""
        command = ask.JudgeAppeal(body.rule_id, body.upheld, actor.id)
        name = "appeal_upheld" if body.upheld else "appeal_rejected"
        return await self._do(commands, appellant_id, command, name, body.rule_id, body.text)

    async def get_caller(self, appellant_id: Id, _: Agent, db: Db, response: Response) -> CallerAnswer:
        """Show where a caller stands; whoever was never on a list is taken like everybody."""
        row = await caller_views.caller(db, appellant_id)
        response.headers["ETag"] = etag(row.version)
        return CallerAnswer(**_facts(row.id, row.version, row.state))

    async def list_callers(
        self, _: Supervisor, db: Db, paging: PageRequest, status: ask.Status | None = None
    ) -> Page[CallerAnswer]:
        """List who is on a list; ``status=appealed`` is the queue of appeals to judge."""
        rows = await caller_views.listed(db, status, paging.after(_ID), paging.rows_needed)
        shown, next_cursor = paging.cut(rows, _ID, lambda row: row.id)
        return Page[CallerAnswer](
            items=[CallerAnswer(**_facts(row.id, row.version, row.state)) for row in shown], next_cursor=next_cursor
        )

    async def get_history(self, appellant_id: Id, _: Supervisor, db: Db, secrets: PrivateData) -> CallerHistory:
        """Show every rule about a caller, who made it and why."""
        texts = await secrets.read_all("caller", appellant_id, "")
        entries = [
            CallerEntry(
                time=event.time,
                type=event.type,
                title_zh=timeline.title(event.type, event.data),
                sequence=event.sequence,
                data=event.data,
                text=texts.get(_note(event.type.split(".")[-2], event.data["rule_id"])),
            )
            for event in await caller_views.history(db, appellant_id)
        ]
        return CallerHistory(appellant_id=appellant_id, entries=entries)

    async def list_issues_of_caller(self, appellant_id: Id, _: Agent, db: Db, paging: PageRequest) -> Page[IssueAnswer]:
        """List what one caller brought up or joined, the latest first."""
        rows = await caller_views.issues(db, appellant_id, paging.after(_KEY), paging.rows_needed)
        shown, next_cursor = paging.cut(rows, _KEY, lambda row: (row.key, row.id))
        items = [IssueAnswer(**facts(row.id, row.version, row.state)) for row in shown]
        return Page[IssueAnswer](items=items, next_cursor=next_cursor)

    async def _do(
        self, commands: Commands, appellant_id: str, command: ask.Command, name: str, rule_id: str, text: str
    ) -> CallerAnswer:
        private = {_note(name, rule_id): text}
        written: Written = await commands.execute(To(self._callers, appellant_id, command, private))
        return CallerAnswer(**_facts(written.id, written.version, written.state))


def _note(event: str, rule_id: str) -> str:
    return f"{event}/{rule_id}"


def _facts(appellant_id: str, version: int, caller: ask.Caller) -> dict[str, Any]:
    desk, _ = ask.desk_now(caller, datetime.now(UTC))
    return {
        "appellant_id": appellant_id,
        "version": version,
        "status": caller.status,
        "desk": desk,
        "rule_id": caller.rule_id,
        "rule_version": caller.version,
        "reason": caller.reason,
        "until": caller.until,
        "review_due": caller.review_due,
        "review_overdue": caller.review_overdue,
    }
