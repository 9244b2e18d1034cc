"""代理: who reads for a unit whose desk they mind (header ``Acting-For``). The router, which appoints, is asked."""

import asyncio
from dataclasses import replace
from typing import Any

import httpx
import structlog
from fastapi import Request, Security
from fastapi.openapi.models import HTTPBearer
from pydantic import BaseModel, ConfigDict, ValidationError

from chassis.errors import Unavailable
from chassis.security import Actor, Guard
from chassis.service import Runtime
from contracts.rejected import Rejected
from services.intake.problems import PROBLEMS
from services.intake.settings import IntakeSettings

HEADER = "Acting-For"
_HANDLER = "unit_handler"
_PROBLEM = "deputy.not_appointed"
_RETRY_SECONDS = 5
log = structlog.get_logger()


class _Appointment(BaseModel):
    model_config = ConfigDict(extra="ignore")

    unit: str
    deputy_id: str | None
    deputy_unit: str | None
    in_force: bool

    def lets(self, actor: Actor, unit: str) -> bool:
        """Whether by it the actor minds the unit's desk now, in person or as staff of the unit that does."""
        named = self.deputy_id == actor.id or (self.deputy_unit is not None and self.deputy_unit == actor.unit)
        return self.in_force and self.unit == unit and named


class _Page(BaseModel):
    items: list[_Appointment]
    next_cursor: str | None


class _DeputyGuard(Guard):
    """Lets in as ``Guard`` does; a deputy is staff of the unit that they mind, and nothing else. Each is logged."""

    def __init__(self, roles: tuple[str, ...]) -> None:
        super().__init__(roles)
        self.scheme_name = "bearer_or_deputy"
        self.model = HTTPBearer(
            bearerFormat="JWT",
            description=f"OIDC 签发者给出的访问令牌。承办人员代理其他单位时，另加请求头 {HEADER}，写明该单位代码。",
        )

    async def __call__(self, request: Request) -> Actor:
        actor = await super().__call__(request)
        unit = request.headers.get(HEADER)
        if unit is None or unit == actor.unit:
            return actor
        if _HANDLER not in actor.roles or not await _minds(request, actor, unit):
            raise Rejected(_PROBLEM, PROBLEMS[_PROBLEM], status=403)
        log.info("deputy.acted", actor=actor.id, unit=unit, method=request.method, path=request.url.path)
        return replace(actor, unit=unit, roles=frozenset({_HANDLER}))


async def _minds(request: Request, actor: Actor, unit: str) -> bool:
    """Asked in the actor's own name: the router shows everybody the appointments about themselves and their unit."""
    runtime: Runtime[IntakeSettings] = request.app.state.runtime
    if runtime.settings.router_url is None:
        return False
    cursor: dict[str, str] = {}
    while True:
        page = await _page(runtime, runtime.settings.router_url, request.headers["Authorization"], cursor)
        if any(one.lets(actor, unit) for one in page.items):
            return True
        if page.next_cursor is None:
            return False
        cursor = {"cursor": page.next_cursor}


async def _page(runtime: Runtime[IntakeSettings], url: str, token: str, cursor: dict[str, str]) -> _Page:
    try:
        async with asyncio.timeout(runtime.settings.router_timeout_seconds):
            answer = await runtime.http.get(
                f"{url.rstrip('/')}/v1/deputies", params=cursor, headers={"Authorization": token}
            )
        answer.raise_for_status()
        return _Page.model_validate_json(answer.content)
    except (httpx.HTTPError, TimeoutError, ValidationError):
        raise Unavailable(_RETRY_SECONDS) from None


def reader_or_deputy(*roles: str) -> Any:
    """Like ``chassis.security.actor_with``, for routes where a unit's staff see what was dispatched to the unit."""
    return Security(_DeputyGuard(roles))
