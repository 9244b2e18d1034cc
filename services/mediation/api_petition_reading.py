"""Routes that show petitions 信访代办: the list, one, and its private texts on the record."""

from typing import Annotated

from asyncpg.pool import Pool
from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime, TypeAdapter

from chassis.aggregate import To
from chassis.database import Db, PrivateData
from chassis.errors import problems
from chassis.http_commands import Commands
from chassis.ids import new_id
from chassis.pages import Page, PageRequest, WantsCsv, csv_page
from chassis.requests import etag
from chassis.security import Actor
from contracts.codes import Id, StaffId
from contracts.rejected import Rejected
from services.mediation import petition_texts as texts
from services.mediation import petition_views as views
from services.mediation.aggregates import Petitions
from services.mediation.api_petition_answers import PetitionAnswer, PetitionTextAnswer, PetitionTexts
from services.mediation.api_petition_bodies import RevealTextsBody
from services.mediation.petition_commands import ShowTexts
from services.mediation.petition_model import Status
from services.mediation.petition_staff import PetitionReader, petition_scope

PetitionCode = Annotated[str, Query(pattern=r"^[A-Z0-9]{12}$", description="代办编码")]
_KEY = TypeAdapter(tuple[AwareDatetime, Id])
_COLUMNS = {
    "petition_code": "代办编码",
    "status_zh": "状态",
    "proxy": "代办员",
    "authority": "办理机关",
    "due": "期限",
    "late": "已逾期",
    "id": "编号",
    "issue_id": "诉求编号",
}


def petition_reading(petitions: Petitions) -> APIRouter:
    """A proxy sees their own petitions only: 404 ``petition.not_found``."""
    router = APIRouter(prefix="/v1", tags=["petitions 信访代办"])

    @router.get("/petitions", summary="信访代办列表，最紧迫的在前", response_model=Page[PetitionAnswer])
    async def list_petitions(
        request: Request,
        actor: PetitionReader,
        db: Db,
        paging: PageRequest,
        wants_csv: WantsCsv,
        status: Status | None = None,
        proxy: Annotated[StaffId | None, Query(description="代办员工号")] = None,
        code: PetitionCode | None = None,
        issue_id: Id | None = None,
        count: Annotated[bool, Query(description="是否返回总数")] = False,
    ) -> Page[PetitionAnswer] | Response:
        """What is late comes first."""
        wanted = views.Filter(petition_scope(actor), proxy, status, code, issue_id)
        rows = await views.page(db, wanted, paging.after(_KEY), paging.rows_needed)
        shown, next_cursor = paging.cut(rows, _KEY, lambda row: (row.due, row.id))
        page = Page[PetitionAnswer](
            items=[PetitionAnswer.of(row.id, row.version, row.state) for row in shown],
            next_cursor=next_cursor,
            count=await views.count(db, wanted) if count else None,
        )
        return csv_page(request, page, _COLUMNS) if wants_csv else page

    @router.get("/petitions/{petition_id}", summary="一件信访代办", responses=problems(404))
    async def get_petition(petition_id: Id, actor: PetitionReader, db: Db, response: Response) -> PetitionAnswer:
        """One petition, without personal data."""
        row = await _find(db, petition_id, actor)
        response.headers["ETag"] = etag(row.version)
        return PetitionAnswer.of(row.id, row.version, row.state)

    @router.post("/petitions/{petition_id}/reveal", summary="查看代办材料，须说明理由", responses=problems(404, 409))
    async def reveal_petition_texts(
        petition_id: Id,
        body: RevealTextsBody,
        actor: PetitionReader,
        db: Db,
        commands: Commands,
        secrets: PrivateData,
        response: Response,
    ) -> PetitionTexts:
        """Names, authorisation and texts, after it was recorded who looked and what for."""
        await _find(db, petition_id, actor)
        await commands.execute(To(petitions, petition_id, ShowTexts(new_id(), body.purpose, actor.id)))
        found = texts.read(await secrets.read_all("petition", petition_id, ""))
        response.headers["Cache-Control"] = "no-store"
        return PetitionTexts(petition_id=petition_id, texts=[PetitionTextAnswer.of(text) for text in found])

    return router


async def _find(db: Pool, petition_id: str, actor: Actor) -> views.PetitionRow:
    """The petition, if the actor may see it: whether another proxy has one is not told."""
    row = await views.one(db, petition_id)
    if row is None or petition_scope(actor) not in {None, row.state.proxy}:
        raise Rejected("petition.not_found", "没有这件代办", status=404)
    return row
