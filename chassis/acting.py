"""代理 on a route: a request that is made for another unit than the caller's own (header ``Acting-For``)."""

from abc import ABC, abstractmethod
from dataclasses import replace

import structlog
from fastapi import Request
from fastapi.openapi.models import HTTPBearer

from chassis.errors import documented
from chassis.security import Actor, Guard
from contracts.rejected import Rejected

HEADER = "Acting-For"
_PROBLEM = "deputy.not_appointed"
log = structlog.get_logger()


class DeputyGuard(Guard, ABC):
    """Lets in as ``Guard`` does; for a deputy, the actor's unit is the one they mind. Each such request is logged.

    A service says who minds which unit, and which roles a deputy has; it documents ``deputy.not_appointed``.
    """

    def __init__(self, roles: tuple[str, ...], how: str) -> None:
        """``how`` tells readers of the API when the header is sent."""
        super().__init__(roles)
        self.scheme_name = "bearer_or_deputy"
        self.model = HTTPBearer(bearerFormat="JWT", description=f"OIDC 签发者给出的访问令牌。{how}")

    async def __call__(self, request: Request) -> Actor:
        actor = await super().__call__(request)
        unit = request.headers.get(HEADER)
        if unit is None or unit == actor.unit:
            return actor
        if not await self._minds(request, actor, unit):
            raise Rejected(_PROBLEM, documented()[_PROBLEM], status=403)
        log.info("deputy.acted", actor=actor.id, unit=unit, method=request.method, path=request.url.path)
        return replace(actor, unit=unit, roles=self._roles_for(actor, unit))

    @abstractmethod
    async def _minds(self, request: Request, actor: Actor, unit: str) -> bool:
        """Whether the actor is appointed to mind the unit's desk now."""

    @abstractmethod
    def _roles_for(self, actor: Actor, unit: str) -> frozenset[str]:
        """What the actor is at that desk."""
