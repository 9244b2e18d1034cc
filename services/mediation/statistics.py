"""Read-only SQL behind mediation's figures: the work of mediators, and what became of the cases of a year.

Cases count once they were accepted 受理: what was refused or guided away at the door was not mediated.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from asyncpg.pool import Pool

from chassis.reference import CITY

SUCCESS_FORMULA = "v1"
"""调解成功率 v1 [I] = agreed / (agreed + no_agreement). Agreed: an agreement and no failure after it. A party's
withdrawal is a right [人民调解法 23] and in neither."""
_FIGURES = """
count(*) AS cases,
count(*) FILTER (WHERE state->>'agreement_id' IS NOT NULL AND state->>'failure' IS NULL) AS agreed,
count(*) FILTER (WHERE state->>'failure' = 'no_agreement') AS no_agreement,
count(*) FILTER (WHERE state->>'failure' = 'party_withdrew') AS withdrawn,
count(*) FILTER (WHERE state->>'confirmation' = 'confirmed') AS confirmed,
count(*) FILTER (WHERE jsonb_array_length(state->'instalments') > 0
    AND jsonb_array_length(state->'performed') = jsonb_array_length(state->'instalments')) AS performed,
count(*) FILTER (WHERE state->>'breached' IS NOT NULL) AS breached,
count(*) FILTER (WHERE jsonb_array_length(COALESCE(state->'talks'->'risks', '[]')) > 0) AS at_risk
"""
_WORK = (
    "SELECT state->>'mediator' AS mediator, "
    + _FIGURES
    + """,
count(*) FILTER (WHERE state->>'status' IN ('mediator_assigned', 'in_mediation')) AS mediating,
count(*) FILTER (WHERE state->>'status' NOT IN ('referred', 'terminated', 'archived')) AS open,
count(*) FILTER (WHERE state->'late' <> '{}'::jsonb) AS late,
sum((state->>'sessions')::int) AS sessions
FROM cases WHERE state->>'mediator' IS NOT NULL
AND ($1::text IS NULL OR state->>'mediator' = $1)
AND ($2::text IS NULL OR state->>'mediator' > $2)
GROUP BY 1 ORDER BY 1 LIMIT $3
"""
)
_OUTCOMES = (
    """SELECT COALESCE(CASE $1::text
    WHEN 'committee' THEN state->>'committee'
    WHEN 'origin' THEN case_origin(state)
    WHEN 'form' THEN state->>'form'
    WHEN 'guidance' THEN state->>'guidance'
    WHEN 'court' THEN state->>'court'
END, 'none') AS key, """
    + _FIGURES
    + """FROM cases
WHERE (state->>'accepted_at')::timestamptz >= $2 AND (state->>'accepted_at')::timestamptz < $3
GROUP BY 1 ORDER BY 1
"""
)


class Dimension(StrEnum):
    """By what cases are counted."""

    COMMITTEE = "committee"  # 调解委员会
    ORIGIN = "origin"  # 来源
    FORM = "form"  # 协议形式
    GUIDANCE = "guidance"  # 引导途径
    COURT = "court"  # 司法确认法院


async def work(db: Pool, mediator: str | None, after: str | None, limit: int) -> list[Mapping[str, Any]]:
    """Figures of every mediator, or of one, in order of their ids."""
    return [dict(row) for row in await db.fetch(_WORK, mediator, after, limit)]


async def outcomes(db: Pool, by: Dimension, year: int) -> dict[str, dict[str, int]]:
    """Figures of the cases accepted in a year, by ``by``; who shows them hides small ones (``disclosure.py``)."""
    begin, end = (datetime(one, 1, 1, tzinfo=CITY) for one in (year, year + 1))
    rows = [dict(row) for row in await db.fetch(_OUTCOMES, by, begin, end)]
    return {row.pop("key"): row for row in rows}


def success_rate(agreed: int | None, no_agreement: int | None) -> float | None:
    """调解成功率, of ``SUCCESS_FORMULA``, to three decimals; None if a count is not shown or there is none."""
    if agreed is None or no_agreement is None or agreed + no_agreement == 0:
        return None
    return round(agreed / (agreed + no_agreement), 3)
