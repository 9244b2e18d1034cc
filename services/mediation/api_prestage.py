"""Routes of pre-stages 前置化解: request -> command. Rules are in ``case_prestage.py``."""

from pydantic import ConfigDict, Field, StrictBool
from pydantic.config import JsonValue

from chassis.http_commands import Commands
from chassis.requests import Body, Instant, LongText
from contracts.codes import Id
from services.mediation import prestage_words as ask
from services.mediation.aggregates import Cases
from services.mediation.api_answers import CaseAnswer
from services.mediation.api_staff import CaseRoutes, Clerk, staff
from services.mediation.prestage_words import Participant, Prestage, Step
from services.mediation.private_texts import prestage_name


def _example(**values: JsonValue) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [values]})


class BeginBody(Body):
    """开始前置化解."""

    model_config = _example(kind="triangle", participants=["community", "property_company"])

    kind: Prestage = Field(description="triangle 铁三角，deliberation 议事协商")
    participants: list[Participant] = Field(min_length=1, max_length=len(Participant), description="参与单位")


class StepBody(Body):
    """议事协商的一步."""

    model_config = _example(step="collect", held_at="2026-03-02T10:00:00+08:00", notes="收集到三条议题。")

    step: Step = Field(description="收集、确定议题，开展协商，公示结果，组织实施，评价反馈，依次记录")
    held_at: Instant = Field(description="何时进行")
    notes: LongText | None = Field(default=None, description="记录，加密保存")


class EndBody(Body):
    """前置化解的结果."""

    model_config = _example(settled=True, notes="物业已修复，双方认可。")

    settled: StrictBool = Field(description="true 已化解；false 转入调解")
    notes: LongText | None = Field(default=None, description="结果说明，加密保存")


class PrestageRoutes(CaseRoutes):
    """铁三角, 议事协商."""

    def __init__(self, cases: Cases) -> None:
        super().__init__(cases)
        self._route("/{case_id}/prestage", self.begin_prestage, "开始前置化解：铁三角或议事协商")
        self._route("/{case_id}/prestage/steps", self.record_step, "记录议事协商的一步")
        self._route("/{case_id}/prestage/end", self.end_prestage, "前置化解结束：化解或转入调解")

    async def begin_prestage(self, case_id: Id, body: BeginBody, actor: Clerk, commands: Commands) -> CaseAnswer:
        """Community, owners' committee and property company try first, or the residents deliberate in six steps."""
        return await self._do(commands, case_id, ask.BeginPrestage(body.kind, tuple(body.participants), staff(actor)))

    async def record_step(self, case_id: Id, body: StepBody, actor: Clerk, commands: Commands) -> CaseAnswer:
        """The next of the six steps, with the time at which it was; its record is stored encrypted."""
        private = {prestage_name(body.step): body.notes} if body.notes is not None else {}
        command = ask.RecordStep(body.step, body.held_at, staff(actor))
        return await self._do(commands, case_id, command, private)

    async def end_prestage(self, case_id: Id, body: EndBody, actor: Clerk, commands: Commands) -> CaseAnswer:
        """Settled: an order gets its result without a mediation. Otherwise the case is screened for one."""
        private = {prestage_name("result"): body.notes} if body.notes is not None else {}
        return await self._do(commands, case_id, ask.EndPrestage(body.settled, staff(actor)), private)
