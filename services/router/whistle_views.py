"""Read-only SQL behind the GETs of whistles 哨声."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from asyncpg.pool import Pool

from chassis.pages import counting
from services.router.aggregates import Whistles
from services.router.views import SELECT, Key, Row, from_key, page_sql, row_of
from services.router.whistle import Status, Whistle

# Parameters that are null vanish from the plan, and so do those of a county for a unit that is none (chassis.database).
_WHISTLES = """
FROM whistles
WHERE ($1::text IS NULL OR state->>'street' = $1 OR ($1 LIKE 'G%' AND 'G' || substr(state->>'street', 2, 6) = $1)
       OR state->'lines' @> jsonb_build_array(jsonb_build_object('unit', $1)))
AND ($2::text IS NULL OR state->>'street' = $2 OR ($2 LIKE 'G%' AND 'G' || substr(state->>'street', 2, 6) = $2)
     OR state->'lines' @> jsonb_build_array(jsonb_build_object('unit', $2)))
AND ($3::text IS NULL OR state->>'status' = $3)
AND ($4::text IS NULL OR state->>'order_id' = $4)
AND ($5::text IS NULL OR state->>'issue_id' = $5)
AND ($6::text IS NULL OR (state->>'status' IN ('draft', 'blown')
     AND jsonb_path_exists(state, $6::text::jsonpath, jsonb_build_object('unit', $7::text))))
AND ($8::boolean IS NULL OR router_due(state) < now())
"""
_SCORES = """
SELECT 'department' AS side, line->>'unit' AS unit, line->>'formula' AS formula,
       count(*) AS ratings, avg((line->>'score')::integer)::float8 AS score
FROM whistles, jsonb_array_elements(state->'lines') AS line
WHERE line->>'status' = 'evaluated' AND line->>'formula' IS NOT NULL AND ($1::text IS NULL OR line->>'unit' = $1)
GROUP BY 1, 2, 3
UNION ALL
SELECT 'street', state->>'street', line->>'whistler_formula',
       count(*), avg((line->>'whistler_score')::integer)::float8
FROM whistles, jsonb_array_elements(state->'lines') AS line
WHERE line->>'whistler_formula' IS NOT NULL AND ($1::text IS NULL OR state->>'street' = $1)
GROUP BY 1, 2, 3
ORDER BY 2, 1, 3
"""


class WhistleQueue(StrEnum):
    """哨声工作队列; of a department's staff, what their own line is in."""

    APPROVE = "approve"  # 待街道领导审批
    DRAFT = "draft"  # 未获同意，退回街道
    REPORT_IN = "report_in"  # 待报到
    RESULT = "result"  # 待反馈
    OBJECTION = "objection"  # 异议待裁定
    EVALUATE = "evaluate"  # 待街道评价
    ESCALATED = "escalated"  # 提级督办
    LATE = "late"  # 有环节逾期，督办员可代为审批、裁定和评价


def _lines(condition: str) -> str:
    mine = '($unit == "" || @.unit == $unit)'
    return f'$ ? (@.status == "blown").lines[*] ? (({condition}) && {mine})'


_PATHS = {
    WhistleQueue.APPROVE: '$ ? (@.status == "draft" && @.approve_due != null)',
    WhistleQueue.DRAFT: '$ ? (@.status == "draft" && @.approve_due == null)',
    WhistleQueue.REPORT_IN: _lines(
        '@.status == "notified" || @.status == "acknowledged" || @.status == "contacted"'
        ' || (@.status == "escalated" && @.came == false)'
    ),
    WhistleQueue.RESULT: _lines('@.status == "reported_in" || @.status == "escalated"'),
    WhistleQueue.OBJECTION: _lines("@.ruling_due != null"),
    WhistleQueue.EVALUATE: _lines('@.status == "result"'),
    WhistleQueue.ESCALATED: _lines('@.status == "escalated"'),
}


@dataclass(frozen=True, slots=True)
class WhistleFilter:
    """Which whistles; None: any. ``scope`` is the unit whose staff asks; a county's G code means its streets'."""

    scope: str | None = None
    unit: str | None = None
    status: Status | None = None
    order_id: str | None = None
    issue_id: str | None = None
    queue: WhistleQueue | None = None

    def values(self) -> list[Any]:
        """As the parameters $1 to $8. In a queue a department sees its own line, streets and counties see all."""
        unit = self.unit or self.scope or ""
        return [
            self.scope,
            self.unit,
            self.status,
            self.order_id,
            self.issue_id,
            _PATHS.get(self.queue) if self.queue else None,
            "" if unit.startswith(("S", "G")) else unit,
            True if self.queue is WhistleQueue.LATE else None,
        ]


@dataclass(frozen=True, slots=True)
class Score:
    """得分: the mean of one unit's ratings under one formula; ``side`` is department or street."""

    side: str
    unit: str
    formula: str
    ratings: int
    score: float


async def page_of_whistles(
    db: Pool, whistles: Whistles, wanted: WhistleFilter, after: Key | None, limit: int
) -> list[Row[Whistle]]:
    """Whistles after a sort key, the least time left first."""
    rows = await db.fetch(page_sql(_WHISTLES, 8), *wanted.values(), *from_key(after), limit)
    return [row_of(whistles, row) for row in rows]


async def count_whistles(db: Pool, wanted: WhistleFilter) -> int:
    """How many whistles there are."""
    found: int = await db.fetchval(counting(_WHISTLES), *wanted.values())
    return found


async def one_whistle(db: Pool, whistles: Whistles, id_: str) -> Row[Whistle] | None:
    """One whistle."""
    row = await db.fetchrow(f"{SELECT} FROM whistles WHERE id = $1::text::uuid", id_)
    return row_of(whistles, row) if row else None


async def scores(db: Pool, unit: str | None) -> list[Score]:
    """What units scored as called departments and as whistling streets; ratings of two formulas are never mixed."""
    return [Score(**row) for row in await db.fetch(_SCORES, unit)]
