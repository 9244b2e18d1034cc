"""Routes of mediation's figures: the work of mediators, and what became of cases, without people."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field, TypeAdapter

from chassis.database import Db
from chassis.pages import Page, PageRequest, WantsCsv, csv_page
from chassis.reference import CITY
from contracts.codes import StaffId
from services.mediation import disclosure, statistics
from services.mediation.api_staff import Reader, scope
from services.mediation.statistics import SUCCESS_FORMULA, Dimension, success_rate

_KEY = TypeAdapter(tuple[StaffId])
_FIGURES = {
    "cases": "受理",
    "agreed": "达成协议",
    "no_agreement": "调解不成",
    "withdrawn": "当事人退出",
    "success_rate": "成功率",
    "confirmed": "司法确认",
    "performed": "履行完毕",
    "breached": "未履行",
    "at_risk": "有过激化风险",
}
_WORK = {
    "mediator": "调解员",
    "open": "在办",
    "mediating": "调解中",
    "late": "有逾期",
    "sessions": "调解会",
    **_FIGURES,
}


class MediatorWork(BaseModel):
    """一名调解员的工作量和成功率."""

    mediator: str
    open: int = Field(description="未归档的案件")
    mediating: int = Field(description="正在调解的案件")
    late: int = Field(description="有环节逾期的案件")
    sessions: int = Field(description="调解会次数")
    cases: int
    agreed: int
    no_agreement: int
    withdrawn: int
    success_rate: float | None = Field(description="达成协议 / (达成协议 + 调解不成)；没有则为 null")
    confirmed: int
    performed: int
    breached: int
    at_risk: int


class OutcomeRow(BaseModel):
    """一组案件的结果; null: too few to be shown, or shown they would give away others."""

    key: str = Field(description="分组；none 为没有，total 为合计")
    cases: int | None
    agreed: int | None
    no_agreement: int | None
    withdrawn: int | None
    success_rate: float | None
    confirmed: int | None
    performed: int | None
    breached: int | None
    at_risk: int | None


class OutcomeTable(Page[OutcomeRow]):
    """案件统计, all of it on one page."""

    year: int
    by: Dimension
    smallest_cell: int = Field(description="小于此数的不显示")
    formula: str = Field(description="成功率公式的版本")


class StatisticsRoutes:
    """调解员工作量, 案件统计."""

    def __init__(self, smallest_cell: int) -> None:
        self._smallest = smallest_cell
        self.router = APIRouter(prefix="/v1", tags=["statistics 统计"])
        add = self.router.add_api_route
        add("/workload", self.list_work, methods=["GET"], summary="调解员工作量", response_model=Page[MediatorWork])
        add("/statistics", self.get_outcomes, methods=["GET"], summary="案件统计", response_model=OutcomeTable)

    async def list_work(
        self, request: Request, actor: Reader, db: Db, paging: PageRequest, wants_csv: WantsCsv
    ) -> Page[MediatorWork] | Response:
        """Workload and success rate by mediator. A mediator sees his own row only."""
        after = paging.after(_KEY)
        rows = await statistics.work(db, scope(actor), after[0] if after else None, paging.rows_needed)
        listed = [MediatorWork(**row, success_rate=success_rate(row["agreed"], row["no_agreement"])) for row in rows]
        items, next_cursor = paging.cut(listed, _KEY, lambda row: (row.mediator,))
        page = Page[MediatorWork](items=list(items), next_cursor=next_cursor)
        return csv_page(request, page, _WORK) if wants_csv else page

    async def get_outcomes(
        self,
        request: Request,
        _: Reader,
        db: Db,
        wants_csv: WantsCsv,
        by: Annotated[Dimension, Query(description="按什么分组")] = Dimension.COMMITTEE,
        year: Annotated[int | None, Query(ge=2010, le=9998, description="受理的年份；省略为今年")] = None,
    ) -> OutcomeTable | Response:
        """What became of the cases accepted in a year, without people: small figures are not shown.

        Years only, so that no cell can be had as the difference of two periods.
        """
        wanted = year or datetime.now(UTC).astimezone(CITY).year
        rows = disclosure.shown(await statistics.outcomes(db, by, wanted), self._smallest)
        items = [
            OutcomeRow(key=key, **row, success_rate=success_rate(row["agreed"], row["no_agreement"]))
            for key, row in rows.items()
            if row
        ]
        table = OutcomeTable(items=items, year=wanted, by=by, smallest_cell=self._smallest, formula=SUCCESS_FORMULA)
        return csv_page(request, table, {"key": "分组", **_FIGURES}) if wants_csv else table
