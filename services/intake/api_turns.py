"""Routes of an issue's turns: request -> command. Rules are in ``issue.py`` and its neighbours."""

from typing import Annotated, Any

from fastapi import APIRouter

from chassis.database import Db, PrivateData
from chassis.errors import problems
from chassis.http_commands import Commands
from chassis.ids import new_id
from chassis.security import Actor, actor_with
from contracts.codes import Id
from contracts.rejected import Rejected
from services.intake import issue_commands as ask
from services.intake import notes, survivors, views
from services.intake.aggregates import Issues
from services.intake.api_answers import IssueAnswer, Notes, facts
from services.intake.api_turn_bodies import (
    ContentBody,
    EmergencyBody,
    ObjectionBody,
    OnlineClassBody,
    QuestionBody,
    ReopenBody,
    SpecialistAnswerBody,
    WithdrawBody,
)
from services.intake.issue_model import Content
from services.intake.notes import Note, NoteKind
from services.intake.reference_checks import Reference

Agent = Annotated[Actor, actor_with("agent")]
Specialist = Annotated[Actor, actor_with("specialist")]
Supervisor = Annotated[Actor, actor_with("supervisor")]
NoteReader = Annotated[Actor, actor_with("agent", "specialist", "supervisor")]


def content_of(reference: Reference, body: ContentBody | None) -> Content | None:
    """What acceptance is to say, checked against the reference data; urgency of the catalogue if none is given."""
    if body is None:
        return None
    item = reference.item(body.item_code)
    reference.check_street(body.street_code)
    return Content(body.kind, item.code, body.street_code, body.urgency or item.urgency)


class IssueTurns:
    """突发研判, 退回转接, 政策专员, 网上分类, 异议, 撤回, 重新打开."""

    def __init__(self, issues: Issues, reference: Reference) -> None:
        self._issues = issues
        self._reference = reference
        self.router = APIRouter(prefix="/v1/issues", tags=["issues"])
        self._route("/{issue_id}/emergency", self.assess_emergency, "研判突发")
        self._route("/{issue_id}/refuse-transfer", self.refuse_transfer, "退回转接")
        self._route("/{issue_id}/questions", self.ask_specialist, "请政策专员", 201)
        self._route("/{issue_id}/questions/{question_id}/answer", self.answer_as_specialist, "政策专员答复")
        self._route("/{issue_id}/online-class", self.file_online, "网上分类")
        self._route("/{issue_id}/object", self.object_to_decline, "对不予受理提出异议")
        self._route("/{issue_id}/uphold-objection", self.uphold_objection, "异议成立（另一人）")
        self._route("/{issue_id}/reject-objection", self.reject_objection, "异议不成立（另一人）")
        self._route("/{issue_id}/appeals/{appeal_id}/withdraw", self.withdraw_appeal, "撤回诉求")
        self._route("/{issue_id}/reopen", self.reopen_issue, "重新打开")
        self.router.add_api_route(
            "/{issue_id}/notes", self.list_notes, methods=["GET"], summary="经办文字", responses=problems(404)
        )

    def _route(self, path: str, route: Any, summary: str, status: int = 200) -> None:
        self.router.add_api_route(
            path, route, methods=["POST"], summary=summary, status_code=status, responses=problems(404, 409, 412)
        )

    async def assess_emergency(
        self, issue_id: Id, body: EmergencyBody, actor: Agent, commands: Commands
    ) -> IssueAnswer:
        """Say that it is an emergency, which ends every review, or that it is none."""
        return await self._do(commands, issue_id, ask.AssessEmergency(body.emergency, actor.id))

    async def refuse_transfer(self, issue_id: Id, actor: Agent, commands: Commands) -> IssueAnswer:
        """Take it back because the agency does not take it: into the agents' queue."""
        return await self._do(commands, issue_id, ask.RefuseTransfer(actor.id))

    async def ask_specialist(self, issue_id: Id, body: QuestionBody, actor: Agent, commands: Commands) -> IssueAnswer:
        """Ask a specialist what the agent cannot answer; both clocks run."""
        question_id, item = new_id(), self._reference.item(body.item_code)
        note = Note(NoteKind.QUESTION, question_id, body.text)
        return await self._do(commands, issue_id, ask.AskSpecialist(question_id, item.code, actor.id), note)

    async def answer_as_specialist(
        self, issue_id: Id, question_id: Id, body: SpecialistAnswerBody, actor: Specialist, commands: Commands
    ) -> IssueAnswer:
        """Answer the agent, who goes on with it."""
        note = Note(NoteKind.SPECIALIST_ANSWER, question_id, body.text)
        return await self._do(commands, issue_id, ask.AnswerAsSpecialist(question_id, actor.id), note)

    async def file_online(self, issue_id: Id, body: OnlineClassBody, actor: Agent, commands: Commands) -> IssueAnswer:
        """Sort what came by the web: only 民生 is dispatched."""
        content = content_of(self._reference, body.content)
        return await self._do(commands, issue_id, ask.FileOnline(body.online_class, content, actor.id))

    async def object_to_decline(
        self, issue_id: Id, body: ObjectionBody, actor: Agent, commands: Commands
    ) -> IssueAnswer:
        """Write down that a caller objects to the decline, which may be done once."""
        note = Note(NoteKind.OBJECTION, body.appeal_id, body.text)
        return await self._do(commands, issue_id, ask.Object(body.appeal_id, actor.id), note)

    async def uphold_objection(
        self, issue_id: Id, body: ContentBody, actor: Supervisor, commands: Commands
    ) -> IssueAnswer:
        """Take it on after all. Whoever proposed or confirmed the decline may not decide."""
        content = content_of(self._reference, body)
        if content is None:
            raise TypeError("a body has content")
        return await self._do(commands, issue_id, ask.UpholdObjection(content, actor.id))

    async def reject_objection(self, issue_id: Id, actor: Supervisor, commands: Commands) -> IssueAnswer:
        """Decline for good."""
        return await self._do(commands, issue_id, ask.RejectObjection(actor.id))

    async def withdraw_appeal(
        self, issue_id: Id, appeal_id: Id, body: WithdrawBody, actor: Agent, commands: Commands
    ) -> IssueAnswer:
        """Let a caller leave; with the last one the order is cancelled, unless public safety keeps it."""
        return await self._do(commands, issue_id, ask.WithdrawAppeal(appeal_id, body.keep_for_safety, actor.id))

    async def reopen_issue(self, issue_id: Id, body: ReopenBody, actor: Agent, commands: Commands) -> IssueAnswer:
        """Open what was closed or answered, as a caller wishes: a new order to the same unit."""
        content = content_of(self._reference, body.content)
        note = Note(NoteKind.REOPENING, body.appeal_id, body.text)
        return await self._do(commands, issue_id, ask.Reopen(body.appeal_id, body.reason, content, actor.id), note)

    async def list_notes(self, issue_id: Id, _: NoteReader, db: Db, secrets: PrivateData) -> Notes:
        """Questions, answers, objections, evidence and wishes, in the words of those who wrote them down."""
        if await views.one(db, issue_id) is None:
            raise Rejected("issue.not_found", "没有这个诉求事项", status=404)
        written = notes.from_private(await secrets.read_all("issue", issue_id, notes.PREFIX))
        return Notes(issue_id=issue_id, notes=written)

    async def _do(
        self, commands: Commands, issue_id: str, command: ask.Command, note: Note | None = None
    ) -> IssueAnswer:
        private = notes.to_private(note) if note else {}
        written = await survivors.execute(commands, self._issues, issue_id, command, private)
        return IssueAnswer(**facts(written.id, written.version, written.state))
