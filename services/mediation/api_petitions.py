"""Routes of what the centre does with petitions 信访代办: request -> command. Rules are in ``petition.py``."""

from fastapi import Response

from chassis.aggregate import To
from chassis.database import Db
from chassis.http_commands import Commands
from chassis.ids import new_id
from contracts.codes import Id
from services.mediation import petition_commands as ask
from services.mediation import petition_texts as texts
from services.mediation import petition_views as views
from services.mediation.aggregates import Petitions
from services.mediation.api_petition_answers import PetitionAnswer
from services.mediation.api_petition_bodies import (
    AuthorisationBody,
    GuideAwayBody,
    ProxyBody,
    RegisterPetitionBody,
    RequestBody,
    RevisitBody,
    SubmitBody,
    TextBody,
    WithdrawPetitionBody,
)
from services.mediation.api_staff import Clerk, staff
from services.mediation.petition_staff import Carrier, PetitionRoutes


class CentreRoutes(PetitionRoutes):
    """申请, 委托, 登记, 引导, 代办员, 就地化解, 提交, 反馈, 回访, 归档, 撤回."""

    def __init__(self, petitions: Petitions) -> None:
        super().__init__(petitions)
        self._route("", self.request_petition, "窗口申请代办", 201)
        self._route("/{petition_id}/authorisation", self.authorise_petition, "签署委托")
        self._route("/{petition_id}/register", self.register_petition, "登记")
        self._route("/{petition_id}/guide-away", self.guide_petition_away, "不属于代办范围，引导其他途径")
        self._route("/{petition_id}/proxy", self.assign_proxy, "指定或更换代办员")
        self._route("/{petition_id}/local-result", self.resolve_locally, "就地化解")
        self._route("/{petition_id}/submit", self.submit_petition, "代为提交信访部门")
        self._route("/{petition_id}/feedback", self.give_feedback, "向信访人反馈")
        self._route("/{petition_id}/revisit", self.revisit_petition, "回访信访人")
        self._route("/{petition_id}/archive", self.archive_petition, "归档")
        self._route("/{petition_id}/withdraw", self.withdraw_petition, "撤回信访事项或委托")

    async def request_petition(
        self, body: RequestBody, actor: Clerk, commands: Commands, response: Response
    ) -> PetitionAnswer:
        """Take down who wants a proxy; the issue behind it is registered already."""
        command = ask.Request(body.issue_id, appeals=tuple(body.appeals), by=actor.id)
        answer = await self._do(commands, new_id(), command)
        response.headers["Location"] = f"/v1/petitions/{answer.id}"
        return answer

    async def authorise_petition(
        self, petition_id: Id, body: AuthorisationBody, actor: Clerk, commands: Commands
    ) -> PetitionAnswer:
        """The citizen signs whom the proxy stands for and in what; names and contents are stored encrypted."""
        id_ = new_id()
        command = ask.Authorise(id_, body.signed_at, body.petitioners, len(body.representatives), staff(actor))
        private = texts.private(
            texts.AUTHORISATION,
            id_,
            petitioner=body.petitioner,
            contact=body.contact,
            matters=body.matters,
            powers=body.powers,
            representatives=body.representatives,
        )
        return await self._do(commands, petition_id, command, private)

    async def register_petition(
        self, petition_id: Id, body: RegisterPetitionBody, actor: Clerk, commands: Commands, db: Db
    ) -> PetitionAnswer:
        """Unless the same matter is in hand (第十九条) or a recheck has ended it (第三十六条)."""
        row = await views.one(db, petition_id)
        others = await views.others_of_issue(db, row.state.issue_id, petition_id) if row else []
        matter = {*others, *body.same_matter_as} - {petition_id}
        also = tuple(To(self._petitions, other, ask.MakeWay()) for other in sorted(matter))
        return await self._do(commands, petition_id, ask.Register(staff(actor)), also=also)

    async def guide_petition_away(
        self, petition_id: Id, body: GuideAwayBody, actor: Carrier, commands: Commands
    ) -> PetitionAnswer:
        """The law has another way for it: say where. That ends it, and its order goes on."""
        return await self._do(commands, petition_id, ask.GuideAway(body.reason, body.unit, staff(actor)))

    async def assign_proxy(self, petition_id: Id, body: ProxyBody, actor: Clerk, commands: Commands) -> PetitionAnswer:
        """Name who carries it, and who answers for it to its end (四首)."""
        command = ask.Assign(body.proxy_id, body.responsible_id, body.conflict, staff(actor))
        return await self._do(commands, petition_id, command)

    async def resolve_locally(
        self, petition_id: Id, body: TextBody, actor: Carrier, commands: Commands
    ) -> PetitionAnswer:
        """Settled where it arose; the order goes to close review."""
        id_ = new_id()
        private = texts.private(texts.RESULT, id_, text=body.text)
        return await self._do(commands, petition_id, ask.ResolveLocally(id_, staff(actor)), private)

    async def submit_petition(
        self, petition_id: Id, body: SubmitBody, actor: Carrier, commands: Commands
    ) -> PetitionAnswer:
        """The petition office has it; within 15 days it is routed (第二十二条)."""
        return await self._do(commands, petition_id, ask.Submit(body.office, body.at, staff(actor)))

    async def give_feedback(
        self, petition_id: Id, body: TextBody, actor: Carrier, commands: Commands
    ) -> PetitionAnswer:
        """The proxy has told the citizen what has come of it."""
        id_ = new_id()
        private = texts.private(texts.FEEDBACK, id_, text=body.text)
        return await self._do(commands, petition_id, ask.GiveFeedback(id_, staff(actor)), private)

    async def revisit_petition(
        self, petition_id: Id, body: RevisitBody, actor: Clerk, commands: Commands
    ) -> PetitionAnswer:
        """Somebody who never carried it asks the citizen."""
        return await self._do(commands, petition_id, ask.Revisit(body.accepts, staff(actor)))

    async def archive_petition(self, petition_id: Id, actor: Clerk, commands: Commands) -> PetitionAnswer:
        """Not while a citizen who does not accept the answer may still ask for a review or a recheck."""
        return await self._do(commands, petition_id, ask.Archive(staff(actor)))

    async def withdraw_petition(
        self, petition_id: Id, body: WithdrawPetitionBody, actor: Carrier, commands: Commands
    ) -> PetitionAnswer:
        """The citizen takes back the petition or the authorisation, at any time; the order goes on."""
        return await self._do(commands, petition_id, ask.Withdraw(body.reason, staff(actor)))
