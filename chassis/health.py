"""Health that tells the truth: alive is not ready, and ready shows what it is judged by."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import structlog
from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel

_log = structlog.stdlib.get_logger(__name__)
_LONGEST_CHECK_SECONDS = 2.0  # a check that hangs is a check that fails


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Whether a part is fit for work, and the figures behind that (no personal data: anybody may read them)."""

    ok: bool
    detail: Mapping[str, object] = field(default_factory=dict)


Check = Callable[[], Awaitable[CheckResult]]


class Health:
    """The named checks of a process; all must pass for it to be ready."""

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self._checks = dict(checks)

    async def results(self) -> dict[str, CheckResult]:
        """Run all checks side by side; one that raises or hangs counts as failed."""
        found = await asyncio.gather(*(_run(name, check) for name, check in self._checks.items()))
        return dict(zip(self._checks, found, strict=True))


async def _run(name: str, check: Check) -> CheckResult:
    try:
        async with asyncio.timeout(_LONGEST_CHECK_SECONDS):
            return await check()
    except Exception as error:  # whatever the reason, the part is not fit; the reason is told and logged
        _log.warning("health_check_failed", check=name, exc_info=error)
        return CheckResult(False, {"error": type(error).__name__})


class CheckReport(BaseModel):
    """One check's outcome and figures."""

    ok: bool
    detail: dict[str, object]


class HealthReport(BaseModel):
    """The state of a process, by part."""

    ok: bool
    checks: dict[str, CheckReport] = {}


router = APIRouter(tags=["health"])


@router.get("/livez", summary="进程是否活着")
async def livez() -> HealthReport:
    """Answer as long as the event loop turns."""
    return HealthReport(ok=True)


@router.get("/readyz", summary="是否可以工作", responses={503: {"model": HealthReport, "description": "Not ready"}})
async def readyz(request: Request, response: Response) -> HealthReport:
    """Run every check; 503 if one fails."""
    health: Health = request.app.state.health
    results = await health.results()
    checks = {name: CheckReport(ok=found.ok, detail=dict(found.detail)) for name, found in results.items()}
    report = HealthReport(ok=all(found.ok for found in results.values()), checks=checks)
    if not report.ok:
        response.status_code = 503
    return report


@router.get("/metrics", summary="Prometheus 指标", response_class=Response)
async def metrics() -> Response:
    """The process's Prometheus metrics."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
