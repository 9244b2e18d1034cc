"""代理: who reads for a unit whose desk they mind (header ``Acting-For``). The router, which appoints, is asked."""

import asyncio
from typing import Any

import httpx
from fastapi import Request, Security
from pydantic import BaseModel, ConfigDict, ValidationError

from chassis.acting import HEADER, DeputyGuard
from chassis.errors import Unavailable
from chassis.security import Actor
from chassis.service import Runtime
from services.intake.settings import IntakeSettings

_HANDLER = "unit_handler"
_HOW = f"承办人员代理其他单位时，另加请求头 {HEADER}，写明该单位代码。"
_RETRY_SECONDS = 5


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


class _DeputyGuard(DeputyGuard):
    """A deputy is staff of the unit that they mind, and nothing else."""

    async def _minds(self, request: Request, actor: Actor, unit: str) -> bool:
        return _HANDLER in actor.roles and await _is_appointed(request, actor, unit)

    def _roles_for(self, actor: Actor, unit: str) -> frozenset[str]:
        return frozenset({_HANDLER})


async def _is_appointed(request: Request, actor: Actor, unit: str) -> bool:
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
    return Security(_DeputyGuard(roles, _HOW))
