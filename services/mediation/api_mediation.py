"""Routes from registration to the end of the sessions: request -> command. Rules are in ``case.py``."""

from fastapi import Response

from chassis.database import Db
from chassis.http_commands import Commands
from chassis.reference import today
from contracts.codes import Id
from contracts.mediation_door import PanelMember
from services.mediation import case_model as ask
from services.mediation import mediators
from services.mediation.advice import advice
from services.mediation.aggregates import Cases
from services.mediation.api_answers import CaseAnswer
from services.mediation.api_bodies import (
    AssignBody,
    ConsentBody,
    GuidanceBody,
    ReferOutBody,
    RegisterBody,
    ScreenBody,
    SessionBody,
    WithdrawBody,
)
from services.mediation.api_parties import party_of
from services.mediation.api_staff import CaseRoutes, Centre, Clerk, Mediator, staff
from services.mediation.private_texts import PartyText, session_name
from services.mediation.reactions import case_of_issue


class MediationRoutes(CaseRoutes):
    """登记, 审查, 征求同意, 指定调解员, 调解会, 调解不成, 退出, 引导."""

    def __init__(self, cases: Cases) -> None:
        super().__init__(cases)
        self._route("", self.register_case, "窗口登记", 201)
        self._route("/{case_id}/screen", self.screen_case, "审查：属于调解范围，登记当事人并征求同意")
        self._route("/{case_id}/refer-out", self.refer_case_out, "审查：不属于调解范围，告知其他途径")
        self._route("/{case_id}/consents", self.record_consent, "登记一方当事人是否同意调解")
        self._route("/{case_id}/assign-mediator", self.assign_mediator, "指定或更换调解员")
        self._route("/{case_id}/sessions", self.hold_session, "记录一次调解会")
        self._route("/{case_id}/failure", self.fail_mediation, "调解不成")
        self._route("/{case_id}/withdraw", self.withdraw_party, "一方当事人退出调解")
        self._route("/{case_id}/guidance", self.guide_parties, "引导当事人走其他途径")

    async def register_case(self, body: RegisterBody, _: Clerk, commands: Commands, response: Response) -> CaseAnswer:
        """Take down a dispute that came through the door; the issue behind it is registered, and has one case."""
        command = ask.Register(body.issue_id, None, origin=body.origin, referred_by=body.referred_by)
        answer = await self._do(commands, case_of_issue(body.issue_id), command)
        response.headers["Location"] = f"/v1/cases/{answer.id}"
        return answer

    async def screen_case(self, case_id: Id, body: ScreenBody, actor: Clerk, commands: Commands) -> CaseAnswer:
        """It can be mediated: these are its parties, and each is asked. Names and contacts are stored encrypted."""
        parties, private = [], dict[str, str]()
        for one in body.parties:
            party = party_of(one)
            parties.append(party)
            private |= PartyText(one.name, one.contact).to_private(party.party_id)
        return await self._do(commands, case_id, ask.Screen(tuple(parties), staff(actor)), private)

    async def refer_case_out(self, case_id: Id, body: ReferOutBody, actor: Clerk, commands: Commands) -> CaseAnswer:
        """It cannot be mediated: say where it belongs. That ends the case, and its order goes on."""
        return await self._do(commands, case_id, ask.ReferOut(body.guidance, staff(actor), body.reason, body.office))

    async def record_consent(self, case_id: Id, body: ConsentBody, actor: Clerk, commands: Commands) -> CaseAnswer:
        """One refusal ends the case (人民调解法 17); the last consent has it accepted and stops the order's clock."""
        return await self._do(commands, case_id, ask.Consent(body.party_id, body.agreed, staff(actor), body.through))

    async def assign_mediator(
        self, case_id: Id, body: AssignBody, actor: Clerk, db: Db, commands: Commands
    ) -> CaseAnswer:
        """Assign one mediator or several, one of whom presides (人民调解法 19), or replace them."""
        await mediators.must_be_registered(db, body.mediator_id, body.committee, today())
        panel = tuple(PanelMember(mediator_id=one.mediator_id, office=one.office) for one in body.panel)
        command = ask.AssignMediator(body.mediator_id, body.committee, tuple(body.conflicts), staff(actor), panel)
        return await self._do(commands, case_id, command)

    async def hold_session(self, case_id: Id, body: SessionBody, actor: Mediator, commands: Commands) -> CaseAnswer:
        """Record a session; its notes are stored encrypted. After a court's refusal it begins the mediation anew."""
        private = {session_name(body.number): body.notes}
        came = None if body.attended is None else tuple(body.attended)
        return await self._do(commands, case_id, ask.HoldSession(body.number, staff(actor), came), private)

    async def fail_mediation(self, case_id: Id, actor: Mediator, commands: Commands) -> CaseAnswer:
        """End the mediation without an agreement (人民调解法 26); the parties are guided on."""
        return await self._do(commands, case_id, ask.Fail(staff(actor)))

    async def withdraw_party(self, case_id: Id, body: WithdrawBody, actor: Centre, commands: Commands) -> CaseAnswer:
        """A party ends the mediation (人民调解法 23); the parties are guided on."""
        return await self._do(commands, case_id, ask.Withdraw(body.party_id, staff(actor)))

    async def guide_parties(self, case_id: Id, body: GuidanceBody, actor: Centre, commands: Commands) -> CaseAnswer:
        """Tell the parties where to turn after a failure, a court's refusal or a breach. That ends the case."""
        return await self._do(commands, case_id, ask.Guide(body.guidance, staff(actor), advice().version))
