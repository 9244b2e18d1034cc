"""Who is calling, and whether a role may: bearer tokens of the OIDC issuer.

A token carries ``iss``, ``aud``, ``sub`` (pseudonymous staff id), ``exp``, ``roles`` and ``unit`` (承办单位, or
null). Which rows a unit may see is decided by the services from ``Actor.unit``.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import jwt
from fastapi import Request, Security
from fastapi.openapi.models import HTTPBearer as HTTPBearerModel
from fastapi.security.base import SecurityBase
from pydantic import BaseModel, ValidationError

from chassis.errors import Forbidden, Unauthenticated, Unavailable
from chassis.oidc import KeyRing
from contracts.codes import StaffId, UnitCode

_ALGORITHMS = ("RS256", "ES256")
_LEEWAY_SECONDS = 5
_MOST_CACHED = 4096  # tokens; about 4 MB


@dataclass(frozen=True, slots=True)
class Actor:
    """The person or service that a token stands for."""

    id: str
    roles: frozenset[str]
    unit: str | None


@dataclass(frozen=True, slots=True)
class _Verified:
    actor: Actor
    expires_at: float
    generation: int


class TokenVerifier:
    """Checks tokens of one issuer for one audience.

    Verified tokens are remembered until they expire or the issuer's keys change, since checking a signature costs
    more than the rest of a read. While the issuer is away, keys that are known keep working.
    """

    def __init__(
        self, issuer: str, audience: str, client: httpx.AsyncClient, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """``client`` should have a short time-out: a caller with a new key waits for it. ``clock`` times refetches."""
        self._issuer = issuer
        self._audience = audience
        self._keys = KeyRing(issuer, client, clock=clock)
        self._verified: OrderedDict[str, _Verified] = OrderedDict()

    async def verify(self, token: str) -> Actor:
        """The token's actor; raises ``Unauthenticated``, or ``Unavailable`` if no key could be had yet."""
        self._keys.keep_fresh()
        known = self._verified.get(token)
        if known and known.expires_at > time.time() and known.generation == self._keys.generation:
            self._verified.move_to_end(token)
            return known.actor
        claims = await self._claims(token)
        actor = _actor(claims)
        self._verified[token] = _Verified(actor, claims["exp"] + _LEEWAY_SECONDS, self._keys.generation)
        self._verified.move_to_end(token)
        if len(self._verified) > _MOST_CACHED:
            self._verified.popitem(last=False)
        return actor

    async def aclose(self) -> None:
        """Stop asking the issuer; to be called before the client is closed."""
        await self._keys.aclose()

    async def _claims(self, token: str) -> dict[str, Any]:
        try:
            return jwt.decode(
                token,
                await self._key(token),
                algorithms=_ALGORITHMS,
                audience=self._audience,
                issuer=self._issuer,
                leeway=_LEEWAY_SECONDS,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except jwt.ExpiredSignatureError:
            raise Unauthenticated("auth.expired_token") from None
        except jwt.InvalidTokenError:
            raise Unauthenticated("auth.invalid_token") from None

    async def _key(self, token: str) -> jwt.PyJWK:
        header = jwt.get_unverified_header(token)
        key_id = header.get("kid")
        if header.get("alg") not in _ALGORITHMS or not isinstance(key_id, str):
            raise Unauthenticated("auth.invalid_token")
        key = await self._keys.find(key_id)
        if key is None and not self._keys.is_loaded:
            raise Unavailable(retry_after=5)
        if key is None:
            raise Unauthenticated("auth.invalid_token")
        return key


class _Claims(BaseModel):
    """What we read of a token; the ids have the form that events can carry."""

    sub: StaffId
    roles: list[str]
    unit: UnitCode | None = None


def _actor(claims: dict[str, Any]) -> Actor:
    try:
        read = _Claims.model_validate(claims, strict=True)
    except ValidationError:
        raise Unauthenticated("auth.invalid_token") from None
    return Actor(read.sub, frozenset(read.roles), read.unit)


class Guard(SecurityBase):
    """The dependency behind ``actor_with``; being a security scheme itself, it costs one dependency and not two."""

    def __init__(self, roles: tuple[str, ...]) -> None:
        self.model = HTTPBearerModel(bearerFormat="JWT", description="OIDC 签发者给出的访问令牌")
        self.scheme_name = "bearer"
        self._roles = roles

    async def __call__(self, request: Request) -> Actor:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated("auth.missing_token")
        verifier: TokenVerifier = request.app.state.verifier
        actor = await verifier.verify(token.strip())
        if self._roles and actor.roles.isdisjoint(self._roles):
            raise Forbidden(self._roles)
        request.state.actor = actor  # commands are sent in the caller's name
        return actor


def actor_with(*roles: str) -> Any:
    """A route's dependency that lets in whoever has one of ``roles`` (any token if none is named).

    ``actor: Annotated[Actor, actor_with("dispatcher", "supervisor")]``. Answers 401 or 403 otherwise.
    """
    return Security(Guard(roles))
