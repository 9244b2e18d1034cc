"""The development issuer, over HTTP, read with the library that the services use."""

import secrets
from collections.abc import Generator
from typing import Any

import httpx
import jwt
import pytest

from stack.children import Children
from stack.doubles import start_issuer

SECRET = secrets.token_urlsafe()


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    with Children() as children:
        yield start_issuer(children, tmp_path_factory.mktemp("issuer"), SECRET)


def form(**more: str) -> dict[str, str]:
    return {"grant_type": "client_credentials", "client_id": "router", "client_secret": SECRET} | more


def ask(issuer: str, **more: str) -> str:
    answer = httpx.post(f"{issuer}/token", data=form(**more))
    assert answer.status_code == 200, answer.text
    token: str = answer.json()["access_token"]
    return token


def read(issuer: str, token: str) -> dict[str, Any]:
    jwks = httpx.get(f"{issuer}/.well-known/openid-configuration").json()["jwks_uri"]
    key = jwt.PyJWKClient(jwks).get_signing_key_from_jwt(token)
    claims: dict[str, Any] = jwt.decode(token, key, algorithms=["RS256"], audience="qingcheng", issuer=issuer)
    return claims


def test_a_service_gets_a_token_of_its_own(issuer: str) -> None:
    claims = read(issuer, ask(issuer))
    assert (claims["sub"], claims["roles"], claims["unit"]) == ("router", ["service"], None)
    assert claims["exp"] - claims["iat"] == 3600


def test_a_person_gets_roles_and_unit(issuer: str) -> None:
    claims = read(issuer, ask(issuer, sub="staff-7", roles="unit_handler mediator", unit="S150105004"))
    assert (claims["sub"], claims["roles"], claims["unit"]) == ("staff-7", ["unit_handler", "mediator"], "S150105004")


def test_a_token_may_have_expired_already(issuer: str) -> None:
    with pytest.raises(jwt.ExpiredSignatureError):
        read(issuer, ask(issuer, ttl="-5"))


def test_tokens_outlive_the_rotation_of_keys(issuer: str) -> None:
    old = ask(issuer)
    kid = httpx.post(f"{issuer}/rotate").json()["kid"]
    new = ask(issuer)
    assert jwt.get_unverified_header(new)["kid"] == kid != jwt.get_unverified_header(old)["kid"]
    assert read(issuer, old)["sub"] == read(issuer, new)["sub"] == "router"


@pytest.mark.parametrize(
    ("wrong", "status", "error"),
    [
        ({"client_secret": "guessed"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"ttl": "soon"}, 400, "invalid_request"),
    ],
)
def test_what_is_wrong_is_refused(issuer: str, wrong: dict[str, str], status: int, error: str) -> None:
    answer = httpx.post(f"{issuer}/token", data=form(**wrong))
    assert (answer.status_code, answer.json()["error"]) == (status, error)
