"""Routes of 调解员: the register, who could take a case, what the parties wish, and recusals."""

from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from chassis.database import Conn, Db
from chassis.errors import document, problems
from chassis.http_commands import Commands
from chassis.ids import new_id
from chassis.once import Once
from chassis.pages import Page, PageRequest
from chassis.reference import today
from chassis.requests import Body, ShortText
from chassis.security import Actor, actor_with
from contracts.codes import Id, StaffId
from contracts.rejected import Rejected
from services.mediation import case_door as ask
from services.mediation import mediators
from services.mediation.aggregates import Cases
from services.mediation.api_answers import CaseAnswer
from services.mediation.api_bodies import CommitteeCode
from services.mediation.api_door_bodies import ProposalAnswerBody, ProposalBody, RecusalBody
from services.mediation.api_staff import SUPERVISOR, CaseRoutes, Centre, Clerk, Reader, staff
from services.mediation.case_door import Office
from services.mediation.mediators import MEDIATOR_PROBLEMS, Language, Mediator, Sector, Wanted

_KEY = TypeAdapter(tuple[int, Id])
Registrar = Annotated[Actor, actor_with(SUPERVISOR)]
"""Who keeps the register does not assign."""


class MediatorBody(Body):
    """登记入册."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "staff_id": "M-0017",
                    "name": "孙示例",
                    "committee": "M150105009",
                    "office": "committee",
                    "sectors": ["property"],
                    "languages": ["zh", "mn"],
                    "valid_from": "2026-01-01",
                }
            ]
        }
    )

    staff_id: StaffId = Field(description="工号")
    name: ShortText = Field(description="对外公示的姓名")
    committee: CommitteeCode = Field(description="调解委员会代码")
    office: Office = Field(default=Office.COMMITTEE, description="所属单位")
    sectors: list[Sector] = Field(min_length=1, max_length=len(Sector), description="调解领域")
    languages: list[Language] = Field(
        default=[Language.CHINESE], min_length=1, max_length=len(Language), description="调解语言"
    )
    valid_from: date = Field(description="自哪一天起")
    valid_to: date | None = Field(default=None, description="至哪一天止；未定则省略")


class EndBody(Body):
    """离册."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"valid_to": "2999-12-30"}]})

    valid_to: date = Field(description="最后一天，不早于今天")


class MediatorAnswer(BaseModel):
    """名册上的一条."""

    id: Id
    staff_id: str
    name: str
    committee: str
    office: Office
    sectors: list[Sector]
    languages: list[Language]
    valid_from: date
    valid_to: date | None
    registered_by: str
    registered_at: AwareDatetime
    ended_by: str | None


class CandidateAnswer(MediatorAnswer):
    """可以承办的调解员, with what they have to do."""

    open_cases: int = Field(description="正在调解的案件数，含作为合议调解员的")


class CommitteeAnswer(BaseModel):
    """调解委员会."""

    code: str = Field(examples=["M150105009"])
    sectors: list[Sector] = Field(description="调解领域；按领域查询时只含该领域")
    mediators: int = Field(description="在册调解员人数")


class Committees(BaseModel):
    """By code."""

    items: list[CommitteeAnswer]


def mediator_routes() -> APIRouter:
    """调解员名册."""
    router = APIRouter(prefix="/v1", tags=["mediators 调解员"])
    document(MEDIATOR_PROBLEMS)

    @router.get("/committees", summary="有在册调解员的调解委员会")
    async def list_committees(
        _: Reader,
        db: Db,
        sector: Annotated[Sector | None, Query(description="调解领域：物业、劳动、医疗、道路交通等")] = None,
    ) -> Committees:
        """Which committee is there for a sector."""
        found = await mediators.committees(db, today(), sector)
        return Committees(items=[CommitteeAnswer(**asdict(one)) for one in found])

    @router.get("/mediators", summary="可以承办的调解员，在办案件少的在前")
    async def list_mediators(
        _: Reader,
        db: Db,
        paging: PageRequest,
        committee: Annotated[CommitteeCode | None, Query(description="调解委员会代码")] = None,
        sector: Annotated[Sector | None, Query(description="调解领域")] = None,
        office: Annotated[Office | None, Query(description="所属单位")] = None,
        language: Annotated[Language | None, Query(description="调解语言")] = None,
        case_id: Annotated[Id | None, Query(description="为哪个案件；已在该案回避的不列")] = None,
        on: Annotated[date | None, Query(description="哪一天在册；省略为今天")] = None,
    ) -> Page[CandidateAnswer]:
        """Proposed by how much they have to do; a person decides."""
        wanted = Wanted(on or today(), committee, sector, office, language, case_id)
        rows = await mediators.candidates(db, wanted, paging.after(_KEY), paging.rows_needed)
        shown, next_cursor = paging.cut(rows, _KEY, lambda row: (row.open_cases, row.mediator.id))
        items = [CandidateAnswer(**asdict(row.mediator), open_cases=row.open_cases) for row in shown]
        return Page(items=items, next_cursor=next_cursor)

    @router.post("/mediators", summary="登记入册", status_code=201, responses=problems(409))
    async def register_mediator(body: MediatorBody, actor: Registrar, once: Once) -> MediatorAnswer:
        """From a day on, until a day or until further notice; who entered it is written down."""
        if body.valid_to is not None and body.valid_to < body.valid_from:
            raise _period()

        async def act(conn: Conn) -> MediatorAnswer:
            new = Mediator(new_id(), **body.model_dump(), registered_by=actor.id, registered_at=datetime.now(UTC))
            return MediatorAnswer(**asdict(await mediators.register(conn, new)))

        return await once.run(MediatorAnswer, act)

    @router.post("/mediators/{mediator_id}/end", summary="离册", responses=problems(404, 409))
    async def end_mediator(mediator_id: Id, body: EndBody, actor: Registrar, once: Once) -> MediatorAnswer:
        """The last day is today or later: what was done until now stays right."""
        if body.valid_to < today():
            raise _period()

        async def act(conn: Conn) -> MediatorAnswer:
            return MediatorAnswer(**asdict(await mediators.end(conn, mediator_id, body.valid_to, actor.id)))

        return await once.run(MediatorAnswer, act)

    return router


def _period() -> Rejected:
    return Rejected("mediator.period", MEDIATOR_PROBLEMS["mediator.period"], field="valid_to", status=422)


class ChoiceRoutes(CaseRoutes):
    """当事人选择调解员 [人民调解法 19], 回避."""

    def __init__(self, cases: Cases) -> None:
        super().__init__(cases)
        self._route("/{case_id}/mediator-proposals", self.propose_mediator, "当事人提名调解员")
        self._route("/{case_id}/mediator-proposals/answers", self.answer_proposal, "登记一方是否同意人选")
        self._route("/{case_id}/recusals", self.recuse_mediator, "调解员回避")

    async def propose_mediator(
        self, case_id: Id, body: ProposalBody, actor: Clerk, db: Db, commands: Commands
    ) -> CaseAnswer:
        """A party names whom it wants (人民调解法 19); the others are asked, and all together need no assignment."""
        await mediators.must_be_registered(db, body.mediator_id, body.committee, today())
        command = ask.ProposeMediator(body.mediator_id, body.committee, body.party_id, staff(actor))
        return await self._do(commands, case_id, command)

    async def answer_proposal(
        self, case_id: Id, body: ProposalAnswerBody, actor: Clerk, commands: Commands
    ) -> CaseAnswer:
        """What another party says; with the last consent the mediator is assigned."""
        command = ask.AnswerProposal(body.mediator_id, body.party_id, body.agreed, staff(actor))
        return await self._do(commands, case_id, command)

    async def recuse_mediator(self, case_id: Id, body: RecusalBody, actor: Centre, commands: Commands) -> CaseAnswer:
        """A mediator declares a conflict of interest, or the clerk does; whoever presided is replaced."""
        command = ask.Recuse(body.mediator_id, body.party_id, body.reason, staff(actor))
        return await self._do(commands, case_id, command)
