"""Routes that show who the parties of a case are and who acts for them: masked, or in full for a stated purpose.

Only the clerk and the case's mediators see either. Whoever looks at names and numbers says what for, and an event
records it, as with callers in intake [A: 个人信息保护法 (2021) 6, a clear purpose and the least that it needs].
"""

from typing import Any

from fastapi import APIRouter, Response

from chassis.aggregate import To
from chassis.database import Db, PrivateData, Secrets
from chassis.errors import problems
from chassis.http_commands import Commands
from chassis.ids import new_id
from chassis.private_data import mask_name, mask_phone
from contracts.codes import Id
from services.mediation.aggregates import Cases
from services.mediation.api_answers import MaskedParty, MaskedRepresentative, PartyContact, RepresentativeContact
from services.mediation.api_course_bodies import ContactBody
from services.mediation.api_reading import find_case
from services.mediation.api_staff import Centre, staff
from services.mediation.case_model import Case
from services.mediation.case_parts import Purpose
from services.mediation.case_sessions import RevealText
from services.mediation.private_texts import PARTIES, REPRESENTATIVES, PartyText, RepresentativeText
from services.mediation.staff import Staff


class PeopleRoutes:
    """当事人, 代理人: names and contacts."""

    def __init__(self, cases: Cases) -> None:
        self._cases = cases
        self.router = APIRouter(prefix="/v1/cases/{case_id}", tags=["cases 调解案件"])
        missing, refused = problems(404), problems(404, 409, 412)
        for path, masked, full, who in (
            ("/parties", self.get_parties, self.reveal_parties, "当事人"),
            ("/representatives", self.get_representatives, self.reveal_representatives, "代理人"),
        ):
            self.router.add_api_route(path, masked, methods=["GET"], summary=f"{who}（脱敏）", responses=missing)
            self.router.add_api_route(
                f"{path}/reveal",
                full,
                methods=["POST"],
                summary=f"查看{who}的姓名和联系方式（留痕）",
                responses=refused,
            )

    async def get_parties(self, case_id: Id, actor: Centre, db: Db, secrets: PrivateData) -> list[MaskedParty]:
        """The parties, masked."""
        row = await find_case(db, case_id, actor)
        return [MaskedParty(**_masked(one)) for one in await _parties(secrets, case_id, row.state)]

    async def reveal_parties(
        self,
        case_id: Id,
        body: ContactBody,
        actor: Centre,
        commands: Commands,
        secrets: PrivateData,
        response: Response,
    ) -> list[PartyContact]:
        """Names and contacts, after it was recorded who looked and what for."""
        case = await self._look(commands, case_id, "parties", body.purpose, staff(actor))
        response.headers["Cache-Control"] = "no-store"
        return await _parties(secrets, case_id, case)

    async def get_representatives(
        self, case_id: Id, actor: Centre, db: Db, secrets: PrivateData
    ) -> list[MaskedRepresentative]:
        """Those who act now, masked and without their authorisation."""
        row = await find_case(db, case_id, actor)
        return [MaskedRepresentative(**_masked(one)) for one in await _representatives(secrets, case_id, row.state)]

    async def reveal_representatives(
        self,
        case_id: Id,
        body: ContactBody,
        actor: Centre,
        commands: Commands,
        secrets: PrivateData,
        response: Response,
    ) -> list[RepresentativeContact]:
        """Those who act now, with their authorisation, after it was recorded who looked and what for."""
        case = await self._look(commands, case_id, "representatives", body.purpose, staff(actor))
        response.headers["Cache-Control"] = "no-store"
        return await _representatives(secrets, case_id, case)

    async def _look(self, commands: Commands, case_id: str, what: str, purpose: Purpose, by: Staff) -> Case:
        written = await commands.execute(To(self._cases, case_id, RevealText(new_id(), what, purpose, by)))
        case: Case = written.state
        return case


def _masked(one: PartyContact | RepresentativeContact) -> dict[str, Any]:
    return dict(one) | {"name": mask_name(one.name), "contact": mask_phone(one.contact)}


async def _parties(secrets: Secrets, case_id: str, case: Case) -> list[PartyContact]:
    texts = await secrets.read_all("case", case_id, PARTIES)
    found = [(party, PartyText.from_private(texts[PARTIES + party.party_id])) for party in case.parties]
    return [
        PartyContact(
            party_id=party.party_id, side=party.side, appeal_id=party.appeal_id, name=text.name, contact=text.contact
        )
        for party, text in found
    ]


async def _representatives(secrets: Secrets, case_id: str, case: Case) -> list[RepresentativeContact]:
    texts = await secrets.read_all("case", case_id, REPRESENTATIVES)
    shown = []
    for one in case.representatives:
        text = RepresentativeText.from_private(texts[REPRESENTATIVES + one.representative_id])
        shown.append(
            RepresentativeContact(
                representative_id=one.representative_id,
                party_id=one.party_id,
                kind=one.kind,
                special=one.special,
                name=text.name,
                contact=text.contact,
                authorisation=text.authorisation,
            )
        )
    return shown
