"""Routes from an agreement on: request -> command. Rules are in ``agreement.py``."""

from typing import Annotated

from fastapi import Path

from chassis.http_commands import Commands
from chassis.ids import new_id
from contracts.codes import Id
from services.mediation import case_model as ask
from services.mediation.aggregates import Cases
from services.mediation.api_answers import CaseAnswer
from services.mediation.api_bodies import AgreementBody, ConfirmationBody, RulingBody
from services.mediation.api_staff import CaseRoutes, Centre, Mediator, staff
from services.mediation.private_texts import AgreementTerms

Number = Annotated[int, Path(ge=1, le=1000, description="第几期")]


class AgreementRoutes(CaseRoutes):
    """协议, 司法确认, 履行."""

    def __init__(self, cases: Cases) -> None:
        super().__init__(cases)
        self._route("/{case_id}/agreement", self.conclude_agreement, "达成调解协议")
        self._route("/{case_id}/confirmation-request", self.request_confirmation, "各方共同申请司法确认")
        self._route("/{case_id}/ruling", self.record_ruling, "登记法院裁定")
        self._route("/{case_id}/instalments/{number}/performed", self.perform_instalment, "登记一期已履行")
        self._route("/{case_id}/instalments/{number}/breach", self.report_breach, "登记一期未履行")

    async def conclude_agreement(
        self, case_id: Id, body: AgreementBody, actor: Mediator, commands: Commands
    ) -> CaseAnswer:
        """Record an agreement, written or oral (人民调解法 28–30); its text is stored encrypted."""
        agreement_id = new_id()
        terms = AgreementTerms(body.parties, body.facts, body.contents, body.performance)
        dates = tuple(instalment.due for instalment in body.instalments)
        command = ask.Agree(agreement_id, body.form, body.effective_at, dates, staff(actor), body.paper())
        return await self._do(commands, case_id, command, dict(terms.to_private(agreement_id)))

    async def request_confirmation(
        self, case_id: Id, body: ConfirmationBody, actor: Centre, commands: Commands
    ) -> CaseAnswer:
        """All parties ask the court together, within 30 days of effect (人民调解法 33)."""
        command = ask.RequestConfirmation(tuple(body.parties), body.court, body.matter_excluded, staff(actor))
        return await self._do(commands, case_id, command)

    async def record_ruling(self, case_id: Id, body: RulingBody, actor: Centre, commands: Commands) -> CaseAnswer:
        """What the court ruled; refused, the case is mediated anew or its parties are guided on."""
        return await self._do(commands, case_id, ask.Rule(body.reason, staff(actor)))

    async def perform_instalment(self, case_id: Id, number: Number, actor: Centre, commands: Commands) -> CaseAnswer:
        """One instalment was performed (人民调解法 31); with the last one the case is performed."""
        return await self._do(commands, case_id, ask.PerformInstalment(number, staff(actor)))

    async def report_breach(self, case_id: Id, number: Number, actor: Centre, commands: Commands) -> CaseAnswer:
        """One instalment was due and not performed; the parties are guided to the court."""
        return await self._do(commands, case_id, ask.ReportBreach(number, staff(actor)))
