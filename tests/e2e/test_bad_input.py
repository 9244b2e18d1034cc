"""What no service may choke on, tried at every route of every service: each its own documented problem, never a 500."""

import base64
import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from stack.fleet import SERVICES
from tests.e2e.api import EVERYBODY, NOBODY
from tests.e2e.surface import Operation, Refusals, operations, send, spoilt
from tests.e2e.world import World

FOR_EVERYBODY = {
    *("list_catalogue", "list_exclusions", "search_knowledge"),
    *("list_units", "show_unit", "list_dispatch_catalogue", "show_reference", "list_reply_templates"),
    *("get_advice", "list_revisit_reasons"),
}
"""Reference data: any token will do."""
QUEUES = {"intake": "supervisor", "router": "supervisor", "mediation": "late", "notify": "revisit"}
"""A queue of each service."""
NEED_NOT_HAVE_CALLED = {"put_on_list", "get_caller", "get_history", "list_issues_of_caller"}
"""About a caller's pseudonym: a deputy 代表 is given a desk before they ever ring."""
INVALID = (422, "request.invalid")
JSON = {"Content-Type": "application/json"}


@pytest.fixture(params=SERVICES)
async def surface(request: pytest.FixtureRequest, world: World) -> list[Operation]:
    found = await operations(world.api, request.param)
    assert len(found) > 8
    return found


@pytest.fixture(scope="module")
def refusals(world: World) -> Refusals:
    return Refusals(world.api)


async def _bad_tokens(world: World) -> dict[str, tuple[str | None, str]]:
    """Authorization header and expected code, by what is wrong with it."""
    issuer = world.api.issuer
    good = await issuer.token("agent", "admin")
    header, claims, signature = good.split(".")
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    said = jwt.decode(good, options={"verify_signature": False})
    kid = {"kid": jwt.get_unverified_header(good)["kid"]}
    richer = said | {"roles": ["admin"], "exp": datetime.now(UTC) + timedelta(days=1)}
    public = (await world.api.http.get(f"{issuer.url}/jwks")).text
    tokens = {
        "expired": (await issuer.token("agent", "admin", ttl=-600), "auth.expired_token"),
        "for another audience": (await issuer.token("agent", "admin", audience="elsewhere"), "auth.invalid_token"),
        "other claims under the signature": (f"{header}.{_encoded(richer)}.{signature}", "auth.invalid_token"),
        "without signature": (f"{header}.{claims}.", "auth.invalid_token"),
        "signed by a stranger": (jwt.encode(richer, stranger, "RS256", kid), "auth.invalid_token"),
        "of an unknown key": (jwt.encode(richer, stranger, "RS256", {"kid": "x"}), "auth.invalid_token"),
        "alg none": (jwt.encode(richer, "", "none", kid), "auth.invalid_token"),
        "signed with the public key": (jwt.encode(richer, public[:64], "HS256", kid), "auth.invalid_token"),
        "rubbish": ("rubbish", "auth.invalid_token"),
    }
    return {"missing": (None, "auth.missing_token"), "Basic": ("Basic YTpi", "auth.missing_token")} | {
        name: (f"Bearer {token}", code) for name, (token, code) in tokens.items()
    }


def _encoded(claims: dict[str, Any]) -> str:
    text = json.dumps(claims, default=lambda at: at.timestamp())
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


async def test_tokens(surface: list[Operation], refusals: Refusals, world: World) -> None:
    for what, (token, code) in (await _bad_tokens(world)).items():
        headers = {"Authorization": token} if token else {}
        for operation in surface:
            if operation.is_guarded:
                answer = await send(world.api, operation, None, headers=headers)
                found = await refusals.check(operation.service, answer, f"{operation}: {what}")
                assert found == (401, code), f"{operation}: {what}"


async def test_roles(surface: list[Operation], refusals: Refusals, world: World) -> None:
    for operation in surface:
        if operation.is_guarded and operation.spec["operationId"] not in FOR_EVERYBODY:
            answer = await send(world.api, operation, NOBODY)
            assert await refusals.check(operation.service, answer, operation) == (403, "auth.forbidden_role"), operation


async def test_only_documents_and_health_are_open(surface: list[Operation]) -> None:
    opened = {operation.path for operation in surface if not operation.is_guarded}
    # a gateway's signature counts: tests/integration/notify/test_delivery_gateways.py
    signed = {"/v1/receipts/sms", "/v1/receipts/mail"}
    assert opened - signed == {"/livez", "/readyz", "/metrics", "/problems/{code}"}


async def test_bodies_that_are_no_json(surface: list[Operation], refusals: Refusals, world: World) -> None:
    for operation in (one for one in surface if one.body):
        whole = json.dumps(operation.example()).encode()
        expected = {
            b"": INVALID,
            b"{": (400, "request.malformed_json"),
            b"\xff\xfe\x00": (400, "request.malformed_json"),
            whole[:-1]: (400, "request.malformed_json"),
            b"[" * 20_000: (400, "request.malformed_json"),
            b" " * 300_000 + whole: (413, "request.too_large"),
        }
        for content, problem in expected.items():
            answer = await send(world.api, operation, EVERYBODY, content=content, headers=JSON)
            found = await refusals.check(operation.service, answer, f"{operation}: {content[:20]!r}")
            assert found == problem, f"{operation}: {content[:20]!r}"
        answer = await send(world.api, operation, EVERYBODY, content=whole, headers={"Content-Type": "text/plain"})
        found = await refusals.check(operation.service, answer, operation)
        assert found == (415, "request.unsupported_media_type"), operation


async def test_bodies_that_break_their_schema(surface: list[Operation], refusals: Refusals, world: World) -> None:
    for operation in (one for one in surface if one.body):
        for what, body in spoilt(operation):
            content = json.dumps(body).encode()
            answer = await send(world.api, operation, EVERYBODY, content=content, headers=JSON)
            found = await refusals.check(operation.service, answer, f"{operation}: {what}")
            assert found == INVALID, f"{operation}: {what}: {answer.text}"


ABSURD_IDS = ("42", "%20", "-", "a" * 3000, "🌾", "%00", "%ff", "';--", str(uuid.uuid4()).upper(), "{}", "1e99")


async def test_absurd_ids(surface: list[Operation], refusals: Refusals, world: World) -> None:
    for operation in (one for one in surface if one.is_guarded and one.parameters("path")):
        for parameter in operation.parameters("path"):
            for absurd in ABSURD_IDS:
                if parameter["name"] == "number" and absurd == "42":
                    continue  # an instalment may have that number
                path = operation.fill(**{parameter["name"]: absurd})
                body = {"json": operation.example()} if operation.body else {}
                answer = await send(world.api, operation, EVERYBODY, path, **body)
                found = await refusals.check(operation.service, answer, f"{operation}: {absurd[:20]}")
                assert found == INVALID, f"{operation}: {absurd[:20]}"


async def test_ids_that_nobody_has(surface: list[Operation], refusals: Refusals, world: World) -> None:
    for operation in (one for one in surface if one.is_guarded and one.parameters("path")):
        if operation.spec["operationId"] in NEED_NOT_HAVE_CALLED:
            continue
        body = {"json": operation.example()} if operation.body else {}
        status, code = await refusals.check(
            operation.service, await send(world.api, operation, EVERYBODY, **body), operation
        )
        assert (status, code.partition(".")[2]) == (404, "not_found"), f"{operation}: {code}"


async def test_queries(surface: list[Operation], refusals: Refusals, world: World) -> None:
    for operation in (one for one in surface if one.is_guarded):
        for name in (parameter["name"] for parameter in operation.parameters("query")):
            absurd_values = ["!" * 2000, "\x00x"] + ["9" * 400 + "!"] * (name not in ("q", "cursor"))
            for absurd in absurd_values:
                path = operation.fill(name=queue_of(operation))
                answer = await send(world.api, operation, EVERYBODY, path, params={name: absurd})
                found = await refusals.check(operation.service, answer, f"{operation}: {name}={absurd[:9]!r}")
                assert found == INVALID, f"{operation}: {name}={absurd[:9]!r}"
            if name == "limit":
                for absurd in ("0", "-1", "201", "1.5", "9" * 400):
                    answer = await send(world.api, operation, EVERYBODY, params={name: absurd})
                    assert await refusals.check(operation.service, answer, operation) == INVALID, absurd


def _cursor(key: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode()


_KEYS: tuple[object, ...] = (None, 7, 10**400, "a\x00b", ["a", 1], [1e300, "a"], ["9999-12-31T23:59:59-12:00"])
ABSURD_CURSORS = (
    *("x", "游标", "====", base64.b64encode(b"\xff").decode()),
    *map(_cursor, _KEYS),
    _cursor(["0001-01-01T00:00:00+14:00", str(uuid.uuid4())]),
    _cursor(["9999-12-31T23:59:59-12:00", str(uuid.uuid4())]),
    _cursor(["not a time", str(uuid.uuid4())]),
    _cursor(["2026-01-01T00:00:00Z", "not an id"]),
)


PLACES = {"list_work": _cursor(["9999-12-31T23:59:59-12:00"]), "list_callbacks": _cursor(7)}
"""Where a list goes by texts or by numbers, one of these is a place in it."""


def queue_of(operation: Operation) -> str:
    """A queue that there is where the operation looks for one."""
    return "petition_desk" if operation.path.startswith("/v1/petition-queues") else QUEUES[operation.service]


async def test_cursors(surface: list[Operation], refusals: Refusals, world: World) -> None:
    for operation in surface:
        if any(parameter["name"] == "cursor" for parameter in operation.parameters("query")):
            for cursor in (one for one in ABSURD_CURSORS if one != PLACES.get(operation.spec["operationId"])):
                path = operation.fill(name=queue_of(operation))
                answer = await send(world.api, operation, EVERYBODY, path, params={"cursor": cursor})
                found = await refusals.check(operation.service, answer, f"{operation}: {cursor}")
                assert found == (422, "request.bad_cursor"), f"{operation}: {cursor}"


async def test_headers(surface: list[Operation], refusals: Refusals, world: World) -> None:
    absurd = {
        "If-Match": ("3", '"a"', '"-1"', '"1", "2"', '"' + "9" * 30 + '"'),
        "Idempotency-Key": ("", "a b", "ключ".encode(), "k" * 256),
    }
    for operation in surface:
        for name, values in absurd.items():
            if any(parameter["name"] == name for parameter in operation.parameters("header")):
                body = {"json": operation.example()} if operation.body else {}
                for value in values:
                    answer = await send(world.api, operation, EVERYBODY, headers={name: value}, **body)
                    found = await refusals.check(operation.service, answer, f"{operation}: {name}: {value!r}")
                    assert found == INVALID, f"{operation}: {name}: {value!r}"


async def test_unknown_routes_and_methods(surface: list[Operation], refusals: Refusals, world: World) -> None:
    service = surface[0].service
    for path in ("/v1/nothing", "/problems/no.such_code", "/v1", "//", "/v1/../etc/passwd"):
        answer = await world.api.ask("GET", service, path, EVERYBODY)
        assert await refusals.check(service, answer, path) == (404, "request.unknown_route"), path
    for operation in surface:
        answer = await world.api.ask("DELETE", service, operation.fill(), EVERYBODY)
        found = await refusals.check(service, answer, operation)
        assert found == (405, "request.method_not_allowed"), operation
