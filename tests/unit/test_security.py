"""Tokens are checked against the issuer's real keys, also while these change or the issuer is away."""

import asyncio
import time

import httpx
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chassis.errors import Unauthenticated, Unavailable
from chassis.security import Actor, TokenVerifier
from chassis.service_token import ServiceToken
from tests.polling import eventually
from tests.unit.local_issuer import LocalIssuer


class Clock:
    """A clock that a test moves."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


async def code_of(verifier: TokenVerifier, token: str) -> str:
    with pytest.raises(Unauthenticated) as caught:
        await verifier.verify(token)
    return caught.value.code


async def test_the_actor_of_a_good_token(verifier: TokenVerifier, issuer: LocalIssuer) -> None:
    actor = await verifier.verify(issuer.token(roles=["unit_handler", "agent"], sub="u-1"))
    assert actor == Actor("u-1", frozenset({"unit_handler", "agent"}), "S150105004")
    assert (await verifier.verify(issuer.token(unit=None))).unit is None


async def test_a_token_in_use_expires(verifier: TokenVerifier, issuer: LocalIssuer) -> None:
    token = issuer.token(exp=int(time.time()) - 3)  # 5 s of leeway: good for two more seconds
    await verifier.verify(token)

    async def is_refused() -> bool:
        try:
            await verifier.verify(token)
        except Unauthenticated as refusal:
            return refusal.code == "auth.expired_token"
        return False

    await eventually(is_refused)


async def test_keys_are_asked_for_once(verifier: TokenVerifier, issuer: LocalIssuer) -> None:
    await asyncio.gather(*(verifier.verify(issuer.token(sub=f"s-{number}")) for number in range(20)))
    assert issuer.requests["/jwks"] == 1


async def test_a_new_key_is_found_and_unknown_ones_do_not_flood(
    issuer: LocalIssuer, issuer_client: httpx.AsyncClient
) -> None:
    clock = Clock()
    verifier = TokenVerifier(issuer.url, "qingcheng", issuer_client, clock=clock)
    await verifier.verify(issuer.token())
    issuer.add_key("key-2")
    assert await code_of(verifier, issuer.token(kid="key-2")) == "auth.invalid_token"
    clock.now += 6
    await verifier.verify(issuer.token(kid="key-2"))
    for number in range(20):
        token = issuer.token(kid=f"unknown-{number}", key=issuer.keys["key-1"])
        assert await code_of(verifier, token) == "auth.invalid_token"
    assert issuer.requests["/jwks"] == 2


async def test_a_withdrawn_key_stops_working(issuer: LocalIssuer, issuer_client: httpx.AsyncClient) -> None:
    clock = Clock()
    verifier = TokenVerifier(issuer.url, "qingcheng", issuer_client, clock=clock)
    token = issuer.token()
    await verifier.verify(token)
    issuer.add_key("key-2")
    del issuer.keys["key-1"]
    clock.now += 301
    await verifier.verify(token)  # starts the refresh and does not wait for it
    await eventually(lambda: issuer.requests["/jwks"] == 2)
    await verifier.verify(issuer.token(kid="key-2"))
    assert await code_of(verifier, token) == "auth.invalid_token"
    await verifier.aclose()


async def test_known_keys_outlive_the_issuer(issuer: LocalIssuer, issuer_client: httpx.AsyncClient) -> None:
    clock = Clock()
    verifier = TokenVerifier(issuer.url, "qingcheng", issuer_client, clock=clock)
    await verifier.verify(issuer.token())
    issuer.is_down = True
    clock.now += 301
    assert (await verifier.verify(issuer.token(sub="other"))).id == "other"
    await verifier.aclose()


async def test_without_any_key_the_service_says_it_is_unavailable(
    issuer: LocalIssuer, issuer_client: httpx.AsyncClient
) -> None:
    clock = Clock()
    issuer.is_down = True
    verifier = TokenVerifier(issuer.url, "qingcheng", issuer_client, clock=clock)
    with pytest.raises(Unavailable):
        await verifier.verify(issuer.token())
    issuer.is_down = False
    clock.now += 6
    await verifier.verify(issuer.token())


async def test_a_document_of_another_issuer_is_not_believed(
    issuer: LocalIssuer, issuer_client: httpx.AsyncClient
) -> None:
    verifier = TokenVerifier(f"{issuer.url}/", "qingcheng", issuer_client)
    with pytest.raises(Unavailable):
        await verifier.verify(issuer.token())


def service_token(issuer: LocalIssuer, client: httpx.AsyncClient) -> ServiceToken:
    return ServiceToken(issuer.url, "notify", SecretStr("hush"), client)


async def test_a_service_token_is_kept(issuer: LocalIssuer, issuer_client: httpx.AsyncClient) -> None:
    token = service_token(issuer, issuer_client)
    values = await asyncio.gather(*(token.value() for _ in range(10)))
    assert (len(set(values)), issuer.requests["/token"]) == (1, 1)
    assert issuer.last_form["client_secret"] == ["hush"]
    assert issuer.last_form["grant_type"] == ["client_credentials"]


async def test_a_service_token_is_renewed_when_it_expires(
    issuer: LocalIssuer, issuer_client: httpx.AsyncClient
) -> None:
    issuer.token_seconds = 0
    token = service_token(issuer, issuer_client)
    assert await token.value() != await token.value()
    issuer.is_down = True
    with pytest.raises(httpx.HTTPStatusError):
        await token.value()


async def test_a_refused_service_token_is_exchanged_once(issuer: LocalIssuer, issuer_client: httpx.AsyncClient) -> None:
    seen: list[str] = []
    refusals = 1

    async def guarded(request: Request) -> Response:
        seen.append(request.headers["authorization"])
        return Response(status_code=401 if len(seen) <= refusals else 200)

    transport = httpx.ASGITransport(Starlette(routes=[Route("/", guarded)]))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://called", auth=service_token(issuer, issuer_client)
    ) as caller:
        assert (await caller.get("/")).status_code == 200
        assert (await caller.get("/")).status_code == 200
        assert (seen[0] != seen[1], seen[1] == seen[2], issuer.requests["/token"]) == (True, True, 2)
        refusals = 100
        assert (await caller.get("/")).status_code == 401
        assert (len(seen), issuer.requests["/token"]) == (5, 3)
