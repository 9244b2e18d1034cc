"""Who a request is made for: one's own unit, or (header ``Acting-For``) one that the caller is the deputy of."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import structlog
from fastapi import Request, Security
from fastapi.openapi.models import HTTPBearer

from chassis.security import Actor, Guard
from contracts.rejected import Rejected
from services.router import deputies
from services.router.queues import COUNTY

HEADER = "Acting-For"
log = structlog.get_logger()


class _DeputyGuard(Guard):
    """Lets in as ``Guard`` does; for a deputy, the actor's unit is the one they mind. Each such request is logged."""

    def __init__(self, roles: tuple[str, ...]) -> None:
        super().__init__(roles)
        self.scheme_name = "bearer_or_deputy"
        self.model = HTTPBearer(
            bearerFormat="JWT",
            description=f"OIDC 签发者给出的访问令牌。代理其他单位时，另加请求头 {HEADER}，写明所代理的单位代码。",
        )

    async def __call__(self, request: Request) -> Actor:
        actor = await super().__call__(request)
        unit = request.headers.get(HEADER)
        if unit is None or unit == actor.unit:
            return actor
        pool = request.app.state.runtime.pool
        if not await deputies.may_act(pool, actor, unit, datetime.now(UTC)):
            code = "deputy.not_appointed"
            raise Rejected(code, deputies.DEPUTY_PROBLEMS[code], status=403)
        log.info("deputy.acted", actor=actor.id, unit=unit, method=request.method, path=request.url.path)
        return replace(actor, unit=unit, roles=_roles(actor, unit))


def _roles(actor: Actor, unit: str) -> frozenset[str]:
    """Without those that the actor's own unit bounds: named for another unit, they would reach further than before.

    A county's dispatcher (二级派单) is none of the city's; a unit's reviewer reviews what that unit did not handle.
    """
    bounded: set[str] = set()
    if actor.unit is not None:
        bounded.add("reviewer")
        if actor.unit.startswith(COUNTY) and not unit.startswith(COUNTY):
            bounded.add("dispatcher")
    return actor.roles - bounded


def actor_or_deputy(*roles: str) -> Any:
    """Like ``chassis.security.actor_with``, for routes where what a caller may see or do follows from their unit."""
    return Security(_DeputyGuard(roles))
