"""Routes of a case's course, beside ``api_mediation.py`` and ``api_agreement.py``. Rules: ``case_course.py``."""

from typing import Annotated

from fastapi import Path, Response

from chassis.database import PrivateData
from chassis.http_commands import Commands
from chassis.ids import new_id
from contracts.codes import Id
from services.mediation import case_archive, case_court, case_performance, case_sessions
from services.mediation.aggregates import Cases
from services.mediation.api_answers import CaseAnswer, CaseTexts, NamedText
from services.mediation.api_course_bodies import (
    AcceptedBody,
    DeclinedBody,
    DueBody,
    ExtensionBody,
    OversightBody,
    PartBody,
    PlanBody,
    RevealBody,
    RiskBody,
    SupplementBody,
    VisitBody,
    What,
    WithdrawalBody,
)
from services.mediation.api_staff import CaseRoutes, Centre, Clerk, staff
from services.mediation.private_texts import PREFIXES, AgreementTerms, agreement_name, course_name, risk_name

Number = Annotated[int, Path(ge=1, le=1000, description="第几期")]


class CourseRoutes(CaseRoutes):
    """约定调解会, 延期, 风险, 法院的各步骤, 履行监督, 回访, 归档, 查看内容."""

    def __init__(self, cases: Cases) -> None:
        super().__init__(cases)
        self._route("/{case_id}/sessions/plan", self.plan_session, "约定下一次调解会")
        self._route("/{case_id}/extension", self.extend_mediation, "各方同意延长调解期限")
        self._route("/{case_id}/risks", self.report_risk, "上报激化风险")
        self._route("/{case_id}/risks/{report_id}/clear", self.clear_risk, "解除风险")
        self._route("/{case_id}/court/acceptance", self.court_accepts, "登记法院受理司法确认")
        self._route("/{case_id}/court/refusal", self.court_declines, "登记法院不予受理")
        self._route("/{case_id}/court/extension", self.court_extends, "登记法院延长审查期限")
        self._route("/{case_id}/court/supplement-request", self.court_asks, "登记法院要求补充材料")
        self._route("/{case_id}/court/supplement", self.file_supplement, "登记已补充材料")
        self._route("/{case_id}/court/withdrawal", self.withdraw_request, "登记撤回司法确认申请")
        self._route("/{case_id}/instalments/{number}/part", self.perform_part, "登记一期部分履行")
        self._route("/{case_id}/instalments/{number}/due", self.change_instalment, "各方同意变更一期的履行期限")
        self._route("/{case_id}/instalments/{number}/oversight", self.oversee_performance, "登记督促履行")
        self._route("/{case_id}/return-visit", self.visit_again, "登记案件回访")
        self._route("/{case_id}/archive", self.archive_case, "立卷归档")
        self._route("/{case_id}/reveal", self.reveal_texts, "查看笔录、协议等内容（留痕）")

    async def plan_session(self, case_id: Id, body: PlanBody, actor: Centre, commands: Commands) -> CaseAnswer:
        """Say when and where the next session is; another time replaces it. The exact place is stored encrypted."""
        command = case_sessions.PlanSession(body.number, body.at, body.setting, staff(actor))
        return await self._do(commands, case_id, command, _noted(f"plan/{body.number}", body.note))

    async def extend_mediation(self, case_id: Id, body: ExtensionBody, actor: Centre, commands: Commands) -> CaseAnswer:
        """Every party agreed to go on beyond the usual month."""
        command = case_sessions.ExtendMediation(body.until, tuple(body.parties), staff(actor))
        return await self._do(commands, case_id, command)

    async def report_risk(self, case_id: Id, body: RiskBody, actor: Centre, commands: Commands) -> CaseAnswer:
        """The dispute may escalate: who was told, when, and what is done about it (人民调解法 25)."""
        report_id = new_id()
        command = case_sessions.ReportRisk(report_id, body.kind, body.office, body.told_at, body.measure, staff(actor))
        return await self._do(commands, case_id, command, {risk_name(report_id): body.note})

    async def clear_risk(self, case_id: Id, report_id: Id, actor: Centre, commands: Commands) -> CaseAnswer:
        """The dispute does not threaten to escalate any more."""
        return await self._do(commands, case_id, case_sessions.ClearRisk(report_id, staff(actor)))

    async def court_accepts(self, case_id: Id, body: AcceptedBody, actor: Centre, commands: Commands) -> CaseAnswer:
        """The court has taken the request: from now on it has fifteen days (规定 5)."""
        return await self._do(
            commands, case_id, case_court.CourtAccepts(staff(actor)), _noted("court/acceptance", body.note)
        )

    async def court_declines(self, case_id: Id, body: DeclinedBody, actor: Centre, commands: Commands) -> CaseAnswer:
        """The court does not take the request (规定 4); the agreement binds as before."""
        return await self._do(commands, case_id, case_court.CourtDeclines(body.reason, staff(actor)))

    async def court_extends(self, case_id: Id, actor: Centre, commands: Commands) -> CaseAnswer:
        """The court takes ten days more, once (规定 5)."""
        return await self._do(commands, case_id, case_court.CourtExtends(staff(actor)))

    async def court_asks(self, case_id: Id, body: SupplementBody, actor: Centre, commands: Commands) -> CaseAnswer:
        """The court asks for more (规定 6); what it asks for is stored encrypted."""
        command = case_court.CourtAsks(body.due, staff(actor))
        return await self._do(commands, case_id, command, _noted("court/supplement", body.note))

    async def file_supplement(self, case_id: Id, actor: Centre, commands: Commands) -> CaseAnswer:
        """What the court asked for is there."""
        return await self._do(commands, case_id, case_court.FileSupplement(staff(actor)))

    async def withdraw_request(
        self, case_id: Id, body: WithdrawalBody, actor: Centre, commands: Commands
    ) -> CaseAnswer:
        """A party withdraws the request (规定 5), or the court takes it as withdrawn (规定 6)."""
        return await self._do(commands, case_id, case_court.WithdrawRequest(body.party_id, staff(actor)))

    async def perform_part(
        self, case_id: Id, number: Number, body: PartBody, actor: Centre, commands: Commands
    ) -> CaseAnswer:
        """A part of an instalment was performed; the rest is still due."""
        command = case_performance.PerformPart(number, body.percent, staff(actor))
        return await self._do(commands, case_id, command, _noted(f"part/{number}", body.note))

    async def change_instalment(
        self, case_id: Id, number: Number, body: DueBody, actor: Centre, commands: Commands
    ) -> CaseAnswer:
        """Every party agreed to another date."""
        command = case_performance.ChangeInstalment(number, body.due, tuple(body.parties), staff(actor))
        return await self._do(commands, case_id, command)

    async def oversee_performance(
        self, case_id: Id, number: Number, body: OversightBody, actor: Centre, commands: Commands
    ) -> CaseAnswer:
        """The committee looked after an instalment (人民调解法 31)."""
        check_id = new_id()
        command = case_performance.OverseePerformance(check_id, number, body.way, staff(actor))
        return await self._do(commands, case_id, command, _noted(f"check/{check_id}", body.note))

    async def visit_again(self, case_id: Id, body: VisitBody, actor: Clerk, commands: Commands) -> CaseAnswer:
        """The centre asked the parties what became of it, after performance or guidance."""
        command = case_archive.VisitAgain(body.outcome, staff(actor))
        return await self._do(commands, case_id, command, _noted("visit", body.note))

    async def archive_case(self, case_id: Id, actor: Clerk, commands: Commands) -> CaseAnswer:
        """Close the file (人民调解法 27), after the return visit and while no risk is open."""
        return await self._do(commands, case_id, case_archive.ArchiveCase(staff(actor)))

    async def reveal_texts(
        self,
        case_id: Id,
        body: RevealBody,
        actor: Centre,
        commands: Commands,
        secrets: PrivateData,
        response: Response,
    ) -> CaseTexts:
        """Show private texts of the case, after it was recorded who looked and what for."""
        look = case_sessions.RevealText(new_id(), body.what, body.purpose, staff(actor))
        case = await self._do(commands, case_id, look)
        prefix = PREFIXES[body.what]
        if body.what is What.AGREEMENT:
            prefix = agreement_name(case.agreement_id) if case.agreement_id else "-"
        texts = await secrets.read_all("case", case_id, prefix)
        if body.what is What.AGREEMENT:
            texts = {name: text for paper in texts.values() for name, text in AgreementTerms.named(paper).items()}
        response.headers["Cache-Control"] = "no-store"
        return CaseTexts(
            what=body.what,
            texts=[NamedText(name=name.removeprefix(prefix), text=text) for name, text in texts.items()],
        )


def _noted(name: str, note: str | None) -> dict[str, str]:
    return {} if note is None else {course_name(name): note}
