"""Routes of what authorities do with petitions 信访代办. Rules: ``petition_authority.py``, ``petition_answers.py``."""

from chassis.http_commands import Commands
from chassis.ids import new_id
from contracts.codes import Id
from services.mediation import petition_commands as ask
from services.mediation import petition_texts as texts
from services.mediation.aggregates import Petitions
from services.mediation.api_petition_answers import PetitionAnswer
from services.mediation.api_petition_bodies import (
    AcceptanceBody,
    AnswerAgainBody,
    AskAgainBody,
    ExtensionBody,
    NonAcceptanceBody,
    ObjectionBody,
    OpinionBody,
    RouteBody,
)
from services.mediation.api_staff import staff
from services.mediation.petition_model import Stage
from services.mediation.petition_staff import Carrier, PetitionRoutes


class AuthorityRoutes(PetitionRoutes):
    """转送, 管辖异议, 受理, 办理, 延期, 意见, 复查, 复核: written down by whoever has the notice before them."""

    def __init__(self, petitions: Petitions) -> None:
        super().__init__(petitions)
        self._route("/{petition_id}/route", self.route_petition, "登记转送、交办的机关")
        self._route("/{petition_id}/objection", self.object_to_competence, "登记管辖异议")
        self._route("/{petition_id}/objection/reject", self.reject_competence_objection, "管辖异议不成立")
        self._route("/{petition_id}/acceptance", self.accept_petition, "登记受理告知")
        self._route("/{petition_id}/non-acceptance", self.refuse_petition, "登记不予受理告知")
        self._route("/{petition_id}/handling", self.begin_handling, "登记开始办理")
        self._route("/{petition_id}/extension", self.extend_handling, "登记延长办理期限")
        self._route("/{petition_id}/opinion", self.issue_opinion, "登记信访处理意见")
        self._route("/{petition_id}/review", self.ask_review, "请求复查")
        self._route("/{petition_id}/review/answer", self.answer_review, "登记复查意见")
        self._route("/{petition_id}/recheck", self.ask_recheck, "请求复核")
        self._route("/{petition_id}/recheck/answer", self.answer_recheck, "登记复核意见")

    async def route_petition(
        self, petition_id: Id, body: RouteBody, actor: Carrier, commands: Commands
    ) -> PetitionAnswer:
        """To the authority that is competent; while an objection waits, to another, which upholds it (第二十三条)."""
        return await self._do(commands, petition_id, ask.Route(body.authority, body.at, staff(actor)))

    async def object_to_competence(
        self, petition_id: Id, body: ObjectionBody, actor: Carrier, commands: Commands
    ) -> PetitionAnswer:
        """The authority holds that it is not competent, within 5 working days of receipt (第二十三条)."""
        id_ = new_id()
        private = texts.private(texts.OBJECTION, id_, reason=body.reason)
        return await self._do(commands, petition_id, ask.ObjectToCompetence(id_, body.at, staff(actor)), private)

    async def reject_competence_objection(self, petition_id: Id, actor: Carrier, commands: Commands) -> PetitionAnswer:
        """The petition office found the objection unfounded; it may not be repeated."""
        return await self._do(commands, petition_id, ask.RejectObjection(staff(actor)))

    async def accept_petition(
        self, petition_id: Id, body: AcceptanceBody, actor: Carrier, commands: Commands
    ) -> PetitionAnswer:
        """Told in writing within 15 days (第二十三条); 60 days begin (第三十四条), and the order's clock stops."""
        return await self._do(commands, petition_id, ask.Accept(body.at, staff(actor)))

    async def refuse_petition(
        self, petition_id: Id, body: NonAcceptanceBody, actor: Carrier, commands: Commands
    ) -> PetitionAnswer:
        """Told in writing, with where to turn; the order goes on."""
        return await self._do(commands, petition_id, ask.NotAccept(body.reason, staff(actor)))

    async def begin_handling(self, petition_id: Id, actor: Carrier, commands: Commands) -> PetitionAnswer:
        """The authority has heard the petitioner (第三十一条)."""
        return await self._do(commands, petition_id, ask.BeginHandling(staff(actor)))

    async def extend_handling(
        self, petition_id: Id, body: ExtensionBody, actor: Carrier, commands: Commands
    ) -> PetitionAnswer:
        """Once, by at most 30 days; the petitioner is told (第三十四条)."""
        id_ = new_id()
        command = ask.Extend(id_, body.until, body.reason, body.approved_by, staff(actor))
        return await self._do(commands, petition_id, command, texts.private(texts.EXTENSION, id_, text=body.text))

    async def issue_opinion(
        self, petition_id: Id, body: OpinionBody, actor: Carrier, commands: Commands
    ) -> PetitionAnswer:
        """The written opinion (第三十二条); the order goes to close review, whatever is asked afterwards."""
        id_ = new_id()
        command = ask.IssueOpinion(id_, body.outcome, body.delivered_at, staff(actor))
        private = texts.private(texts.OPINION, id_, reference=body.reference, text=body.text)
        return await self._do(commands, petition_id, command, private)

    async def ask_review(
        self, petition_id: Id, body: AskAgainBody, actor: Carrier, commands: Commands
    ) -> PetitionAnswer:
        """Of the authority above, within 30 days of the written opinion (第三十五条)."""
        return await self._ask(Stage.REVIEW, petition_id, body, actor, commands)

    async def answer_review(
        self, petition_id: Id, body: AnswerAgainBody, actor: Carrier, commands: Commands
    ) -> PetitionAnswer:
        """Within 30 days (第三十五条)."""
        return await self._answer(Stage.REVIEW, petition_id, body, actor, commands)

    async def ask_recheck(
        self, petition_id: Id, body: AskAgainBody, actor: Carrier, commands: Commands
    ) -> PetitionAnswer:
        """Of the authority above the reviewing one, within 30 days (第三十六条)."""
        return await self._ask(Stage.RECHECK, petition_id, body, actor, commands)

    async def answer_recheck(
        self, petition_id: Id, body: AnswerAgainBody, actor: Carrier, commands: Commands
    ) -> PetitionAnswer:
        """Within 30 days, and final (第三十六条)."""
        return await self._answer(Stage.RECHECK, petition_id, body, actor, commands)

    async def _ask(
        self, stage: Stage, petition_id: str, body: AskAgainBody, actor: Carrier, commands: Commands
    ) -> PetitionAnswer:
        id_ = new_id()
        command = ask.AskAgain(stage, id_, body.authority, body.at, staff(actor))
        return await self._do(commands, petition_id, command, texts.private(texts.REASONS, id_, reasons=body.reasons))

    async def _answer(
        self, stage: Stage, petition_id: str, body: AnswerAgainBody, actor: Carrier, commands: Commands
    ) -> PetitionAnswer:
        id_ = new_id()
        command = ask.AnswerAgain(stage, id_, body.outcome, body.delivered_at, staff(actor))
        private = texts.private(texts.OPINION, id_, reference=body.reference, text=body.text)
        return await self._do(commands, petition_id, command, private)
