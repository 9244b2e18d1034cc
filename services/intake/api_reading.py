"""Routes that show issues: the list, one issue, its timeline, and a caller's contact on the record."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import TypeAdapter

from chassis.aggregate import To
from chassis.database import Db, PrivateData, Secrets
from chassis.errors import problems
from chassis.http_commands import Commands
from chassis.ids import new_id
from chassis.pages import Page, PageRequest, WantsCsv, csv_page
from chassis.private_data import mask_name, mask_phone
from chassis.requests import Instant, etag
from chassis.security import Actor
from contracts.codes import Channel, Id
from contracts.rejected import Rejected
from services.intake import survivors, timeline, views
from services.intake.acting import reader_or_deputy
from services.intake.aggregates import Issues
from services.intake.api_answers import (
    Direction,
    IssueAnswer,
    IssueDetail,
    MaskedAppeal,
    RevealedContact,
    Timeline,
    TimelineEntry,
    facts,
)
from services.intake.api_bodies import RevealBody, StreetCode
from services.intake.issue_commands import RevealContact
from services.intake.issue_model import Desk, Issue, OnlineClass, Status, appeal_of
from services.intake.reference_checks import Reference

CENTRAL = (
    *("agent", "specialist", "dispatcher", "supervisor", "reviewer"),
    *("centre_clerk", "mediator", "revisitor", "admin", "service"),
)
_CITYWIDE = frozenset(CENTRAL) - {"dispatcher"}
_COUNTY = "G"
"""First letter of the codes of 旗县区 county governments."""
Reader = Annotated[Actor, reader_or_deputy(*CENTRAL, "unit_handler")]
Revealer = Annotated[
    Actor, reader_or_deputy("agent", "service", "unit_handler", "mediator", "centre_clerk", "revisitor", "supervisor")
]
_KEY = TypeAdapter(tuple[Instant, Id])
_COLUMNS = {
    "id": "编号",
    "status_zh": "状态",
    "channel": "来源",
    "received_at": "来件时间",
    "due": "环节期限",
    "overdue": "已逾期",
    "kind": "类型",
    "item_code": "事项",
    "street_code": "街道",
    "urgency": "紧急程度",
    "outcome": "结果",
    "emergency": "突发",
    "desk": "席位",
}


class IssueReading:
    """A handling unit's staff, and its deputies, see the issues whose order was dispatched to the unit, and no others.

    A county's dispatcher (二级派单) sees those of the county: what happened there, and what is at its desk.
    """

    def __init__(self, issues: Issues, reference: Reference) -> None:
        self._issues = issues
        self._reference = reference
        self.router = APIRouter(prefix="/v1/issues", tags=["issues"])
        for path, route, summary in (
            ("/{issue_id}", self.get_issue, "诉求事项"),
            ("/{issue_id}/timeline", self.get_timeline, "办理过程"),
        ):
            self.router.add_api_route(path, route, methods=["GET"], summary=summary, responses=problems(404))
        self.router.add_api_route(
            "", self.list_issues, methods=["GET"], summary="诉求事项列表", response_model=Page[IssueAnswer]
        )
        self.router.add_api_route(
            "/{issue_id}/appeals/{appeal_id}/reveal",
            self.reveal_contact,
            methods=["POST"],
            summary="查看联系方式（留痕）",
            responses=problems(404, 409, 412),
        )

    async def list_issues(
        self,
        request: Request,
        actor: Reader,
        db: Db,
        paging: PageRequest,
        wants_csv: WantsCsv,
        status: Status | None = None,
        channel: Channel | None = None,
        street_code: StreetCode | None = None,
        overdue: Annotated[bool | None, Query(description="当前环节是否逾期")] = None,
        emergency: Annotated[bool | None, Query(description="是否突发")] = None,
        desk: Annotated[Desk | None, Query(description="接听席位")] = None,
        online_class: Annotated[OnlineClass | None, Query(description="网上分类；泄愤的须持续关注")] = None,
        waits_for_specialist: Annotated[bool | None, Query(description="待政策专员答复")] = None,
        sort: Annotated[views.Sort, Query(description="来件时间先后，或环节期限")] = views.Sort.RECEIVED,
        count: Annotated[bool, Query(description="是否统计总数")] = False,
    ) -> Any:
        """List issues, as JSON or (``Accept: text/csv``) as CSV."""
        wanted = views.Filter(
            *(status, channel, street_code, overdue, emergency),
            *(desk, online_class, waits_for_specialist, _reader(actor)),
        )
        rows = await views.page(db, wanted, sort, paging.after(_KEY), paging.rows_needed)
        shown, next_cursor = paging.cut(rows, _KEY, lambda row: (row.key, row.id))
        page = Page[IssueAnswer](
            items=[IssueAnswer(**facts(row.id, row.version, row.state)) for row in shown],
            next_cursor=next_cursor,
            count=await views.count(db, wanted) if count else None,
        )
        return csv_page(request, page, _COLUMNS) if wants_csv else page

    async def get_issue(
        self, issue_id: Id, actor: Reader, db: Db, secrets: PrivateData, response: Response
    ) -> IssueDetail:
        """Show one issue: contacts masked, with the promised time and whether it is late."""
        row = await _visible(db, issue_id, actor)
        progress = await views.progress(db, issue_id)
        reference = self._reference.snapshot
        item = reference.items.get(row.state.item_code or "")
        street = reference.streets.get(row.state.street_code or "")
        response.headers["ETag"] = etag(row.version)
        return IssueDetail(
            **facts(row.id, row.version, row.state),
            item_zh=item.item_zh if item else None,
            street_zh=street.name if street else None,
            contacts=await _masked(secrets, row.id, row.state),
            promised_at=progress.promised_at,
            late=progress.is_late(datetime.now(UTC)),
            direction=self._direction(row.state),
        )

    async def get_timeline(self, issue_id: Id, actor: Reader, db: Db) -> Timeline:
        """Show what happened to the issue in every service, in order of time."""
        await _visible(db, issue_id, actor)
        happened = await views.timeline(db, issue_id)
        entries = [
            TimelineEntry(**asdict(event), title_zh=timeline.title(event.type, event.data)) for event in happened
        ]
        return Timeline(issue_id=issue_id, entries=entries)

    async def reveal_contact(
        self,
        issue_id: Id,
        appeal_id: Id,
        body: RevealBody,
        actor: Revealer,
        db: Db,
        commands: Commands,
        secrets: PrivateData,
        response: Response,
    ) -> RevealedContact:
        """Show a caller's name, number, words and place, after it was recorded who looked and what for."""
        unit = _unit(actor) if _county(actor) is None else actor.unit
        if unit is not None and not await views.is_read_by(db, issue_id, unit):
            raise Rejected("issue.not_your_unit", "该事项没有派给本单位", status=403)
        look = RevealContact(new_id(), appeal_id, body.purpose, actor.id)
        written = await commands.execute(To(self._issues, issue_id, look))
        appeal = appeal_of(written.state, appeal_id)
        contact, supplements = await survivors.whole(secrets, issue_id, written.state, appeal)
        response.headers["Cache-Control"] = "no-store"
        return RevealedContact(appeal_id=appeal_id, **asdict(contact), supplements=supplements)

    def _direction(self, issue: Issue) -> Direction | None:
        if issue.status is not Status.DECLINED or issue.exclusion is None:
            return None
        code, version = issue.exclusion
        exclusion = self._reference.exclusion(code)
        return Direction(
            exclusion_code=code,
            version=version,
            item_zh=exclusion.item_zh,
            basis=exclusion.basis,
            redirect=exclusion.redirect,
        )


def _unit(actor: Actor) -> str | None:
    """The unit whose issues are all that the actor may see; None: he may see all, or those of a county."""
    return None if not actor.roles.isdisjoint(CENTRAL) else actor.unit or ""


def _county(actor: Actor) -> str | None:
    """The county whose issues are all that its dispatcher may see; issues of no known county are the city's."""
    of_county = actor.unit is not None and actor.unit.startswith(_COUNTY) and "dispatcher" in actor.roles
    return actor.unit if of_county and actor.roles.isdisjoint(_CITYWIDE) else None


def _reader(actor: Actor) -> str | None:
    """Whose list is all that the actor may see; None: he may see all."""
    county = _county(actor)
    return _unit(actor) if county is None else views.desk_reader(county)


async def _visible(db: Db, issue_id: str, actor: Actor) -> views.IssueRow:
    row = await views.one(db, issue_id)
    reader = _reader(actor)
    if row is None or (reader is not None and not await views.is_read_by(db, issue_id, reader)):
        raise Rejected("issue.not_found", "没有这个诉求事项", status=404)
    return row


async def _masked(secrets: Secrets, issue_id: str, issue: Issue) -> list[MaskedAppeal]:
    contacts = await survivors.contacts(secrets, issue_id, issue)
    return [
        MaskedAppeal(
            appeal_id=appeal.id,
            channel=appeal.channel,
            name=mask_name(contacts[appeal.id].name),
            phone=mask_phone(contacts[appeal.id].phone),
        )
        for appeal in issue.present
    ]
