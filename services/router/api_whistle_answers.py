"""What the router answers about whistles 哨声. The texts of results and reasons may name people; nothing else does."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, Field

from contracts.codes import DivisionCode, Id, UnitCode
from services.router.api_answers import ResultText, result_text, unit_zh
from services.router.reference_data import RouterReference
from services.router.whistle import Line, LineStatus, Status, Whistle
from services.router.whistle_commands import Kind, ObjectionReason
from services.router.whistle_views import Score

WHISTLE_ZH = {
    Status.NONE: "不存在",
    Status.DRAFT: "拟吹哨",
    Status.BLOWN: "已吹哨",
    Status.CLOSED: "已办结",
    Status.CANCELLED: "已取消",
}
LINE_ZH = {
    LineStatus.NOTIFIED: "已通知",
    LineStatus.ACKNOWLEDGED: "已应哨",
    LineStatus.CONTACTED: "已联系",
    LineStatus.REPORTED_IN: "已报到",
    LineStatus.ESCALATED: "已提级督办",
    LineStatus.RESULT: "已反馈",
    LineStatus.EVALUATED: "已评价",
    LineStatus.RELEASED: "已免除",
}


class DepartmentAnswer(BaseModel):
    """被召集部门."""

    unit: str
    unit_zh: str
    status: LineStatus
    status_zh: str = Field(examples=["已报到"])
    acknowledge_due: AwareDatetime
    contact_due: AwareDatetime | None
    report_in_due: AwareDatetime
    result_due: AwareDatetime
    evaluate_due: AwareDatetime | None
    ruling_due: AwareDatetime | None = Field(description="异议裁定期限；没有待裁定异议时为空")
    late: list[str] = Field(description="已逾期的环节")
    objection_reason: ObjectionReason | None
    escalated: str | None = Field(description="提级督办原因：nobody_came 无人报到，unsolved_twice 两次评价未解决")
    unsolved: int = Field(description="被评价为未解决的次数")
    supervisions: int = Field(description="督办次数")
    reported_in_score: int | None
    acted_score: int | None
    solved_score: int | None
    score: int | None = Field(description="按公式得出的部门得分")
    formula: str | None = Field(description="公式版本")
    needed_score: int | None = Field(description="部门反评：吹哨必要")
    precise_score: int | None = Field(description="部门反评：召集精准")


class WhistleAnswer(BaseModel):
    """哨声."""

    id: Id
    version: int = Field(description="即 ETag")
    status: Status
    status_zh: str = Field(examples=["已吹哨"])
    order_id: Id | None = Field(description="无工单吹哨时为空")
    issue_id: Id
    kind: Kind
    street: str
    street_zh: str
    county: str = Field(examples=["G150102"])
    requested_by: DivisionCode | None = Field(description="请求吹哨的村（社区）")
    called: list[UnitCode] = Field(description="召集的部门")
    approve_due: AwareDatetime | None = Field(description="街道领导审批期限；不在审批时为空")
    is_refused: bool = Field(description="领导未同意，已退回街道修改")
    departments: list[DepartmentAnswer]
    street_score: int | None = Field(description="部门反评的街道得分")
    due_at: AwareDatetime | None = Field(description="最近一个未完成环节的到期时间")
    is_overdue: bool


class WhistleResults(BaseModel):
    """各部门反馈的办理结果."""

    whistle_id: Id
    results: list[ResultText]


class ReasonKind(StrEnum):
    """Whose reasons they are."""

    REFUSAL = "refusal"  # 领导不同意
    OBJECTION = "objection"  # 部门异议
    RULING = "ruling"  # 裁定
    SUPERVISION = "supervision"  # 督办


class ReasonText(BaseModel):
    """Why somebody said no, or ruled as they did. ``unit`` is the department concerned, none for a refusal."""

    kind: ReasonKind
    unit: str | None
    text: str | None


class WhistleReasons(BaseModel):
    """不同意、异议和裁定的理由，以及督办要求."""

    whistle_id: Id
    reasons: list[ReasonText]


class ScoreAnswer(BaseModel):
    """一个单位在一个公式版本下的平均得分."""

    unit: str
    unit_zh: str
    side: str = Field(description="department 被召集部门，street 吹哨街道")
    formula: str
    ratings: int = Field(description="评价次数")
    score: float


class WhistleScores(BaseModel):
    """双向评价得分."""

    scores: list[ScoreAnswer]


def whistle_answer(
    id_: str, version: int, whistle: Whistle, reference: RouterReference, now: datetime
) -> WhistleAnswer:
    """A whistle as it is shown."""
    return WhistleAnswer(
        id=id_,
        version=version,
        status=whistle.status,
        status_zh=WHISTLE_ZH[whistle.status],
        order_id=whistle.order_id,
        issue_id=whistle.issue_id,
        kind=Kind(whistle.kind),
        street=whistle.street,
        street_zh=unit_zh(reference, whistle.street),
        county=whistle.county,
        requested_by=whistle.requested_by,
        called=[line.unit for line in whistle.lines] or list(whistle.called),
        approve_due=whistle.approve_due,
        is_refused=whistle.status is Status.DRAFT and whistle.approve_due is None,
        departments=[_department(line, reference) for line in whistle.lines],
        street_score=whistle.street_score,
        due_at=whistle.due_at,
        is_overdue=whistle.due_at is not None and whistle.due_at < now,
    )


def _department(line: Line, reference: RouterReference) -> DepartmentAnswer:
    reported_in, acted, solved = line.scores or (None, None, None)
    needed, precise = line.whistler_scores or (None, None)
    return DepartmentAnswer(
        unit=line.unit,
        unit_zh=unit_zh(reference, line.unit),
        status=line.status,
        status_zh=LINE_ZH[line.status],
        acknowledge_due=line.acknowledge_due,
        contact_due=line.contact_due,
        report_in_due=line.report_in_due,
        result_due=line.result_due,
        evaluate_due=line.evaluate_due,
        ruling_due=line.ruling_due,
        late=list(line.late),
        objection_reason=line.objection_reason and ObjectionReason(line.objection_reason),
        escalated=line.escalated,
        unsolved=line.unsolved,
        supervisions=len(line.supervisions),
        reported_in_score=reported_in,
        acted_score=acted,
        solved_score=solved,
        score=line.score,
        formula=line.formula,
        needed_score=needed,
        precise_score=precise,
    )


def whistle_results(id_: str, whistle: Whistle, texts: Mapping[str, str], reference: RouterReference) -> WhistleResults:
    """What the departments have reported back so far."""
    results = [
        result_text(line.unit, line.result_id, texts, reference) for line in whistle.lines if line.result_id is not None
    ]
    return WhistleResults(whistle_id=id_, results=results)


def whistle_reasons(id_: str, whistle: Whistle, texts: Mapping[str, str]) -> WhistleReasons:
    """Why the leader refused, departments objected, and the panel ruled as it did."""
    found = [
        ReasonText(kind=kind, unit=unit, text=texts.get(name))
        for kind, unit, name in _reasons(whistle)
        if name is not None
    ]
    return WhistleReasons(whistle_id=id_, reasons=found)


def _reasons(whistle: Whistle) -> Iterator[tuple[ReasonKind, str | None, str | None]]:
    yield ReasonKind.REFUSAL, None, whistle.refusal_id
    for line in whistle.lines:
        yield ReasonKind.OBJECTION, line.unit, line.objection_id
        yield ReasonKind.RULING, line.unit, line.ruling_id
        for supervision_id in line.supervisions:
            yield ReasonKind.SUPERVISION, line.unit, supervision_id


def score_answer(score: Score, reference: RouterReference) -> ScoreAnswer:
    """A unit's score as it is shown."""
    return ScoreAnswer(
        unit=score.unit,
        unit_zh=unit_zh(reference, score.unit),
        side=score.side,
        formula=score.formula,
        ratings=score.ratings,
        score=round(score.score, 1),
    )
