"""``GET /v1/check``: what the command ``check`` finds, for operations teams (运维) without a shell."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict

from chassis.check import Checker
from chassis.findings import WHAT_TO_DO, Finding, Findings
from chassis.security import Actor, actor_with

router = APIRouter(tags=["operations"])
_PATIENCE = 10.0  # seconds; the command has as much time as it needs


class FindingShown(BaseModel):
    """Something that is not as it should be, and what to do about it."""

    code: str
    where: str
    detail: str
    todo: str

    @classmethod
    def of(cls, finding: Finding) -> "FindingShown":
        """The finding with its advice."""
        return cls(code=finding.code, where=finding.where, detail=finding.detail, todo=WHAT_TO_DO[finding.code])


class CheckShown(BaseModel):
    """The outcome of a check: ``counts`` has every kind, ``findings`` the first of each."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"ok": True, "complete": True, "aggregates": 120, "events": 960, "counts": {}, "findings": []},
            ]
        }
    )

    ok: bool
    complete: bool
    aggregates: int
    events: int
    counts: dict[str, int]
    findings: list[FindingShown]

    @classmethod
    def of(cls, found: Findings) -> "CheckShown":
        """What was found, as it is shown by API and command line."""
        return cls(
            ok=not found.counts,
            complete=found.complete,
            aggregates=found.aggregates,
            events=found.events,
            counts=dict(found.counts),
            findings=[FindingShown.of(finding) for finding in found.kept],
        )


@router.get("/v1/check", summary="检查数据库是否自洽")
async def check_database(
    _: Annotated[Actor, actor_with("admin")],
    request: Request,
    shown: Annotated[int, Query(ge=1, le=100, description="每类问题最多列出几条")] = 10,
) -> CheckShown:
    """Check histories, timers, outbox and inbox in one snapshot; ``complete`` is false when 10 seconds were too few."""
    checker: Checker = request.app.state.checker
    return CheckShown.of(await checker.run(shown=shown, patience=_PATIENCE))
