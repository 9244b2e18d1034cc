"""Routes that change an issue: request -> command. Rules are in ``issue.py``."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Response

from chassis.aggregate import Written
from chassis.errors import Invalid, problems
from chassis.http_commands import Commands
from chassis.ids import new_id
from chassis.pseudonyms import pseudonym
from chassis.security import Actor, actor_with
from contracts.codes import Id
from services.intake import api_centre as centre_api
from services.intake import channel_evidence, survivors
from services.intake import issue_commands as ask
from services.intake.aggregates import Issues
from services.intake.api_answers import FollowedUp, IssueAnswer, Registered, facts
from services.intake.api_bodies import (
    AcceptBody,
    AnswerBody,
    AppealBody,
    FollowUpBody,
    JoinBody,
    ProposeDeclineBody,
    RegisterBody,
    TransferBody,
)
from services.intake.callers import Contact, supplements_prefix
from services.intake.reference_checks import Reference
from services.intake.registering import Arrival, Registering
from services.intake.suggesting import Suggesting

Reporter = Annotated[Actor, actor_with("agent", "partner", "service", "centre_clerk")]
Agent = Annotated[Actor, actor_with("agent")]
Reviewer = Annotated[Actor, actor_with("supervisor", "agent")]


class IssueCommands:
    """登记, 转接, 直接答复, 不予受理, 受理, 并入, 催办."""

    def __init__(
        self,
        issues: Issues,
        reference: Reference,
        suggesting: Suggesting,
        registering: Registering,
        pseudonym_key: bytes,
    ) -> None:
        self._issues = issues
        self._reference = reference
        self._suggesting = suggesting
        self._pseudonym_key = pseudonym_key
        self._registering = registering
        self.router = APIRouter(prefix="/v1/issues", tags=["issues"])
        self._route("", self.register_issue, "登记诉求", 201)
        self._route("/{issue_id}/transfer", self.transfer_issue, "转接 110、119、120、122")
        self._route("/{issue_id}/answer", self.answer_issue, "直接答复")
        self._route("/{issue_id}/propose-decline", self.propose_decline, "拟不予受理")
        self._route("/{issue_id}/confirm-decline", self.confirm_decline, "同意不予受理（另一人）")
        self._route("/{issue_id}/refuse-decline", self.refuse_decline, "不同意不予受理（另一人）")
        self._route("/{issue_id}/accept", self.accept_issue, "受理")
        self._route("/{issue_id}/appeals", self.add_appeal, "并入诉求", 201)
        self._route("/{issue_id}/follow-ups", self.follow_up, "催办、补充", 201)

    def _route(self, path: str, route: Any, summary: str, status: int = 200) -> None:
        refusals = problems(404, 409, 412) if path else problems(409)
        self.router.add_api_route(
            path, route, methods=["POST"], summary=summary, status_code=status, responses=refusals
        )

    async def register_issue(
        self, body: RegisterBody, actor: Reporter, commands: Commands, response: Response
    ) -> Registered:
        """Take an appeal down. Name, number, words and place are stored encrypted and shown only by ``reveal``.

        Its words are searched for signs of danger before anything else. Where the city has switched it on, what is
        classified with confidence is accepted at once. What came to the 综治中心 goes there, unless it is dangerous.
        """
        street = self._reference.street_of(body.street_code, body.division_code)
        centre_api.check(body, actor)
        issue_id = new_id()
        contact = replace(_contact(body), office_reference=body.centre.office_reference if body.centre else None)
        arrival = Arrival(
            *(body.channel, body.received_at, street, body.division_code, body.emergency),
            centre=centre_api.centre_of(issue_id, body),
            by=actor.id,
            answer_seconds=channel_evidence.answer_seconds(body.channel, body.answer_seconds),
        )
        written = await self._registering.register(commands, issue_id, contact, arrival)
        response.headers["Location"] = f"/v1/issues/{written.id}"
        return Registered(**_facts(written), appeal_id=written.state.appeals[0].id)

    async def transfer_issue(self, issue_id: Id, body: TransferBody, actor: Agent, commands: Commands) -> IssueAnswer:
        """Hand a danger to life, a crime, a fire or an illness over at once."""
        return await self._do(commands, issue_id, ask.Transfer(body.agency, actor.id, body.reference))

    async def answer_issue(self, issue_id: Id, body: AnswerBody, actor: Agent, commands: Commands) -> IssueAnswer:
        """Answer from the knowledge base; entry and version are recorded."""
        item, entry = self._reference.item(body.item_code), self._reference.knowledge(body.knowledge_id)
        version = self._reference.snapshot.version
        return await self._do(commands, issue_id, ask.Answer(body.kind, item.code, entry.id, version, actor.id))

    async def propose_decline(
        self, issue_id: Id, body: ProposeDeclineBody, actor: Agent, commands: Commands
    ) -> IssueAnswer:
        """Propose not to take it on, by an item of the exclusion list; another person decides."""
        exclusion = self._reference.exclusion(body.exclusion_code)
        if exclusion.agencies:
            code = "issue.transfer_instead"
            raise Invalid(
                "exclusion_code", code, f"应立即转接 {'、'.join(exclusion.agencies)}，不是不予受理", code=code
            )
        version = self._reference.snapshot.version
        return await self._do(commands, issue_id, ask.ProposeDecline(exclusion.code, version, actor.id))

    async def confirm_decline(self, issue_id: Id, actor: Reviewer, commands: Commands) -> IssueAnswer:
        """Decline for good; the citizen is told where to go instead."""
        return await self._do(commands, issue_id, ask.ConfirmDecline(actor.id))

    async def refuse_decline(self, issue_id: Id, actor: Reviewer, commands: Commands) -> IssueAnswer:
        """Put it back into the agents' queue."""
        return await self._do(commands, issue_id, ask.RefuseDecline(actor.id))

    async def accept_issue(self, issue_id: Id, body: AcceptBody, actor: Agent, commands: Commands) -> IssueAnswer:
        """Accept it: the work order follows. Without ``urgency`` the catalogue item's holds."""
        item = self._reference.item(body.item_code)
        street, urgency = self._reference.street_of(body.street_code, body.division_code), body.urgency or item.urgency
        accept = ask.Accept(body.kind, item.code, street, urgency, actor.id, body.division_code)
        return await self._do(commands, issue_id, accept)

    async def add_appeal(self, issue_id: Id, body: JoinBody, _: Agent, commands: Commands) -> Registered:
        """Let another caller join who has the same matter; each is called back. Danger is looked for as ever."""
        appeal_id = new_id()
        danger = self._suggesting.danger(body.text)
        command = ask.AddAppeal(body.channel, appeal_id, self._caller(body), danger.agency)
        private = _contact(body).to_private(appeal_id)
        written = await survivors.execute(commands, self._issues, issue_id, command, private)
        return Registered(**_facts(written), appeal_id=written.state.appeals[-1].id)

    async def follow_up(self, issue_id: Id, body: FollowUpBody, _: Agent, commands: Commands) -> FollowedUp:
        """Note that a caller asks where it stays, or has something to add, which is searched for danger."""
        follow_up_id = new_id()
        private = {f"{supplements_prefix(body.appeal_id)}{follow_up_id}": body.text} if body.text is not None else {}
        danger = self._suggesting.danger(body.text or "")
        command = ask.FollowUp(follow_up_id, body.appeal_id, body.follow_up, danger.agency)
        written = await survivors.execute(commands, self._issues, issue_id, command, private)
        return FollowedUp(**_facts(written), follow_up_id=written.state.follow_ups[-1])

    async def _do(self, commands: Commands, issue_id: str, command: ask.Command) -> IssueAnswer:
        return IssueAnswer(**_facts(await survivors.execute(commands, self._issues, issue_id, command)))

    def _caller(self, body: AppealBody) -> str:
        return pseudonym(self._pseudonym_key, body.appellant.phone)


def _contact(body: AppealBody) -> Contact:
    """Raises ``issue.evidence_of_other_channel``."""
    channel_evidence.check(body.channel, body.evidence)
    evidence = body.evidence.model_dump() if body.evidence else None
    return Contact(body.appellant.name, body.appellant.phone, body.text, body.place, body.lat, body.lon, evidence)


def _facts(written: Written) -> dict[str, Any]:
    return facts(written.id, written.version, written.state)
