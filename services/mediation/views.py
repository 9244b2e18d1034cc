"""Read-only SQL behind mediation's GETs."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from asyncpg.pool import Pool
from pydantic import TypeAdapter

from chassis.pages import counting
from contracts.codes import CaseOrigin
from services.mediation.case_model import Case, Status

_STATE = TypeAdapter(Case)

# Parameters that are null vanish from the plan, because every plan is made for its values (chassis.database).
_WHERE = """
FROM cases WHERE ($1::text IS NULL OR state->>'mediator' = $1
    OR state->'panel' @> jsonb_build_array(jsonb_build_object('mediator_id', $1)))
AND ($2::text IS NULL OR state->>'mediator' = $2)
AND ($3::text[] IS NULL OR state->>'status' = ANY($3))
AND ($4::text IS NULL OR state->>'code' = $4)
AND ($5::text IS NULL OR state->>'issue_id' = $5)
AND ($6::text IS NULL OR case_origin(state) = $6)
AND ($7::boolean IS NULL OR (state->'talks'->>'risk' IS NOT NULL) = $7)
AND ($8::boolean IS NULL OR (state->'late' <> '{}'::jsonb) = $8)
"""
_PAGE = (
    "SELECT id::text, version, state::text, case_due(state) AS due"
    + _WHERE
    + """
AND ($9::timestamptz IS NULL OR (case_due(state), id) > ($9, $10::text::uuid))
ORDER BY case_due(state), cases.id LIMIT $11
"""
)


class Queue(StrEnum):
    """待办: what somebody has to do next."""

    SCREEN = "screen"  # 待审查
    PRE_STAGE = "pre_stage"  # 前置化解中
    CONSENT = "consent"  # 待各方同意
    ASSIGN = "assign"  # 待指定调解员
    MEDIATION = "mediation"  # 调解中
    GUIDANCE = "guidance"  # 待引导
    CONFIRMATION = "confirmation"  # 待法院裁定
    PERFORMANCE = "performance"  # 待履行
    REVISIT = "revisit"  # 待回访
    ARCHIVE = "archive"  # 待归档


QUEUES: dict[Queue, frozenset[Status]] = {
    Queue.SCREEN: frozenset({Status.REGISTERED}),
    Queue.PRE_STAGE: frozenset({Status.PRE_STAGE}),
    Queue.CONSENT: frozenset({Status.CONSENT_PENDING}),
    Queue.ASSIGN: frozenset({Status.ACCEPTED}),
    Queue.MEDIATION: frozenset({Status.MEDIATOR_ASSIGNED, Status.IN_MEDIATION}),
    Queue.GUIDANCE: frozenset({Status.FAILED, Status.NOT_CONFIRMED, Status.BREACHED}),
    Queue.CONFIRMATION: frozenset({Status.CONFIRMATION_PENDING}),
    Queue.PERFORMANCE: frozenset({Status.AGREED_WRITTEN, Status.AGREED_ORAL, Status.CONFIRMED, Status.PERFORMING}),
    Queue.REVISIT: frozenset({Status.PERFORMED, Status.GUIDED, Status.SETTLED}),
    Queue.ARCHIVE: frozenset({Status.REVISITED}),
}


@dataclass(frozen=True, slots=True)
class Filter:
    """Which cases; None: any. ``scope`` is the mediator who sees those only in which they sit."""

    scope: str | None = None
    mediator: str | None = None
    queue: Queue | None = None
    status: Status | None = None
    code: str | None = None
    issue_id: str | None = None
    origin: CaseOrigin | None = None
    at_risk: bool | None = None
    late: bool | None = None

    def values(self) -> list[Any]:
        """As the parameters $1 to $8."""
        found = [self.scope, self.mediator, self._statuses(), self.code, self.issue_id, self.origin]
        return [*found, self.at_risk, self.late]

    def _statuses(self) -> list[str] | None:
        if self.queue is None:
            return [self.status] if self.status else None
        return sorted(QUEUES[self.queue] & ({self.status} if self.status else set(Status)))


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case as stored; ``due`` is the end of its most pressing step, which may have passed."""

    id: str
    version: int
    state: Case
    due: datetime


async def page(db: Pool, wanted: Filter, after: tuple[datetime, str] | None, limit: int) -> list[CaseRow]:
    """The most pressing cases after a sort key, at most ``limit``; those that wait for nobody come last."""
    return [_row(row) for row in await db.fetch(_PAGE, *wanted.values(), *(after or (None, None)), limit)]


async def count(db: Pool, wanted: Filter) -> int:
    """How many cases there are."""
    found: int = await db.fetchval(counting(_WHERE), *wanted.values())
    return found


async def one(db: Pool, case_id: str) -> CaseRow | None:
    """One case."""
    row = await db.fetchrow(
        "SELECT id::text, version, state::text, case_due(state) AS due FROM cases WHERE id = $1::text::uuid", case_id
    )
    return None if row is None else _row(row)


def _row(row: Any) -> CaseRow:
    return CaseRow(row["id"], row["version"], _STATE.validate_json(row["state"]), row["due"])
