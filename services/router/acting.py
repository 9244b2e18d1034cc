"""Who a request is made for: one's own unit, or (header ``Acting-For``) one that the caller is the deputy of."""

from datetime import UTC, datetime
from typing import Any

from fastapi import Request, Security

from chassis.acting import HEADER, DeputyGuard
from chassis.security import Actor
from services.router import deputies
from services.router.queues import COUNTY

_HOW = f"代理其他单位时，另加请求头 {HEADER}，写明所代理的单位代码。"


class _DeputyGuard(DeputyGuard):
    async def _minds(self, request: Request, actor: Actor, unit: str) -> bool:
        return await deputies.may_act(request.app.state.runtime.pool, actor, unit, datetime.now(UTC))

    def _roles_for(self, actor: Actor, unit: str) -> frozenset[str]:
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
    return Security(_DeputyGuard(roles, _HOW))
