"""Routes of a case's parties: who joins late, who acts for whom, where one is told. Rules: ``case_parties.py``."""

from fastapi import Response

from chassis.aggregate import To
from chassis.database import PrivateData
from chassis.http_commands import Commands
from chassis.ids import new_id
from contracts.codes import Id
from contracts.mediation import Party
from services.mediation import case_door as ask
from services.mediation.aggregates import Cases
from services.mediation.api_answers import CaseAnswer, PartyReach
from services.mediation.api_bodies import PartyBody
from services.mediation.api_course_bodies import ContactBody
from services.mediation.api_door_bodies import JoinBody, RepresentativeBody
from services.mediation.api_staff import CaseRoutes, Centre, Clerk, Telling, staff
from services.mediation.case_door import Capacity
from services.mediation.case_model import Staff
from services.mediation.case_parties import guardian_of
from services.mediation.case_sessions import CONTACT, RevealText
from services.mediation.private_texts import PARTIES, REPRESENTATIVES, PartyText, RepresentativeText


def party_of(body: PartyBody) -> Party:
    """A party with an id of its own."""
    capacity = None if body.capacity is Capacity.FULL else body.capacity
    return Party(party_id=new_id(), side=body.side, appeal_id=body.appeal_id, capacity=capacity)


class PartyRoutes(CaseRoutes):
    """追加当事人, 代理人, 联系方式."""

    def __init__(self, cases: Cases) -> None:
        super().__init__(cases)
        self._route("/{case_id}/parties", self.join_party, "追加当事人", 201)
        self._route("/{case_id}/parties/{party_id}/reveal", self.reveal_contact, "查看当事人的联系方式（留痕）")
        self._route("/{case_id}/representatives", self.name_representative, "登记代理人", 201)
        self._route("/{case_id}/representatives/{representative_id}/end", self.end_representation, "代理终止")

    async def join_party(self, case_id: Id, body: JoinBody, actor: Clerk, commands: Commands) -> CaseAnswer:
        """Somebody else is concerned, before the case is accepted: they are asked too. Names are stored encrypted."""
        party = party_of(body)
        private = dict(PartyText(body.name, body.contact).to_private(party.party_id))
        return await self._do(commands, case_id, ask.JoinParty(party, staff(actor)), private)

    async def name_representative(
        self, case_id: Id, body: RepresentativeBody, actor: Centre, commands: Commands
    ) -> CaseAnswer:
        """A guardian or an agent; name, contact and authorisation are stored encrypted."""
        special = body.special or body.kind is ask.Acting.GUARDIAN
        one = ask.Representative(new_id(), body.party_id, body.kind, special)
        private = dict(
            RepresentativeText(body.name, body.contact, body.authorisation).to_private(one.representative_id)
        )
        command = ask.NameRepresentative(one, body.authorisation is not None, staff(actor))
        return await self._do(commands, case_id, command, private)

    async def end_representation(
        self, case_id: Id, representative_id: Id, actor: Centre, commands: Commands
    ) -> CaseAnswer:
        """They act for the party no more."""
        return await self._do(commands, case_id, ask.EndRepresentation(representative_id, staff(actor)))

    async def reveal_contact(
        self,
        case_id: Id,
        party_id: Id,
        body: ContactBody,
        actor: Telling,
        commands: Commands,
        secrets: PrivateData,
        response: Response,
    ) -> PartyReach:
        """Where a party, or its guardian, is told something by a service, after it was recorded what for."""
        look = RevealText(new_id(), CONTACT + party_id, body.purpose, Staff(actor.id, clerk=True))
        written = await commands.execute(To(self._cases, case_id, look))
        guardian = guardian_of(written.state, party_id)
        name = PARTIES + party_id if guardian is None else REPRESENTATIVES + guardian
        text = (await secrets.read_all("case", case_id, name))[name]
        known = PartyText.from_private(text) if guardian is None else RepresentativeText.from_private(text)
        response.headers["Cache-Control"] = "no-store"
        return PartyReach(party_id=party_id, contact=known.contact)
