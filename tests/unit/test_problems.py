"""Whatever a caller does wrong is answered with its own documented problem."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi import FastAPI

from chassis.errors import Problem, document, documented
from tests.unit.edge_app import served
from tests.unit.local_issuer import LocalIssuer

THINGS = "/v1/things"
JSON = {"Content-Type": "application/json"}


def check(answer: httpx.Response, status: int, code: str) -> Problem:
    assert (answer.status_code, answer.json().get("code")) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = Problem.model_validate_json(answer.content)
    assert problem.status == status
    assert problem.type == f"/problems/{code}"
    return problem


BODIES: list[tuple[Any, int, str, list[tuple[str, str]]]] = [
    (b'{"text": ', 400, "request.malformed_json", []),
    (b"\xff\xfe", 400, "request.malformed_json", []),
    (b"[" * 19_000, 400, "request.malformed_json", []),
    (b"", 422, "request.invalid", [("body", "missing")]),
    ([], 422, "request.invalid", [("body", "model_attributes_type")]),
    ({}, 422, "request.invalid", [("text", "missing")]),
    ({"text": "好", "extra": 1}, 422, "request.invalid", [("extra", "extra_forbidden")]),
    ({"text": 1}, 422, "request.invalid", [("text", "string_type")]),
    ({"text": "好", "count": "3"}, 422, "request.invalid", [("count", "int_type")]),
    ({"text": "  "}, 422, "request.invalid", [("text", "string_too_short")]),
    ({"text": "长" * 4001}, 422, "request.invalid", [("text", "string_too_long")]),
    ({"text": "a\x00b"}, 422, "request.invalid", [("text", "nul_character")]),
    ({"text": "好", "tags": ["x", "\x00"]}, 422, "request.invalid", [("tags", "nul_character")]),
    ({"text": "好", "contact": {"phone": "\x00"}}, 422, "request.invalid", [("contact.phone", "nul_character")]),
    (b'{"text": "\\ud800"}', 422, "request.invalid", [("text", "string_unicode")]),
    (b'{"text": "a", "extras": {"\\ud800": 1}}', 422, "request.invalid", [("extras.���.[key]", "string_unicode")]),
    (b'{"text": "a", "extras": {"x": ["\\ud800"]}}', 422, "request.invalid", [("extras", "string_unicode")]),
    (b'{"text": "a", "\\ud800": 1}', 422, "request.invalid", [("body", "string_unicode")]),
]


@pytest.mark.parametrize(("body", "status", "code", "errors"), BODIES)
async def test_bad_bodies(
    client: httpx.AsyncClient, body: Any, status: int, code: str, errors: list[tuple[str, str]]
) -> None:
    sent = {"content": body} if isinstance(body, bytes) else {"json": body}
    answer = await client.post(THINGS, headers=JSON, **sent)
    problem = check(answer, status, code)
    assert [(fault.field, fault.rule) for fault in problem.errors] == errors


async def test_the_message_is_chinese_and_says_the_bound(client: httpx.AsyncClient) -> None:
    problem = check(await client.post(THINGS, json={"text": "长" * 4001}), 422, "request.invalid")
    assert problem.errors[0].message == "最长 4000 个字"


async def test_no_answer_repeats_what_was_sent(client: httpx.AsyncClient) -> None:
    answer = await client.post(THINGS, json={"text": ["13800001234"], "contact": {"phone": {"is": "13800001234"}}})
    check(answer, 422, "request.invalid")
    assert "13800001234" not in answer.text


async def test_many_faults_are_counted_and_not_all_listed(client: httpx.AsyncClient) -> None:
    problem = check(await client.post(THINGS, json={"text": "好", "tags": [1] * 500}), 422, "request.invalid")
    assert (len(problem.errors), "500" in problem.detail) == (50, True)


async def test_another_media_type(client: httpx.AsyncClient) -> None:
    answer = await client.post(THINGS, content=b"text=1", headers={"Content-Type": "application/x-www-form-urlencoded"})
    check(answer, 415, "request.unsupported_media_type")


async def test_too_large_by_declared_length(client: httpx.AsyncClient) -> None:
    check(await client.post(THINGS, content=b"x" * 20_001, headers=JSON), 413, "request.too_large")


async def test_too_large_in_chunks_is_not_read_to_the_end(client: httpx.AsyncClient) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(1000):
            sent += 1000
            yield b"x" * 1000

    check(await client.post(THINGS, content=endless(), headers=JSON), 413, "request.too_large")
    assert sent <= 22_000


@pytest.mark.parametrize("chunked", [True, False])
async def test_who_still_sends_gets_the_answer_too(app: FastAPI, chunked: bool) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 65_536

    body = chunks() if chunked else b"x" * 6_553_600
    async with served(app) as url, httpx.AsyncClient() as caller:
        check(await caller.post(f"{url}{THINGS}", content=body, headers=JSON), 413, "request.too_large")


async def test_chunks_within_the_limit_arrive_whole(client: httpx.AsyncClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for part in (b'{"te', b'xt": "', "好".encode(), b'"}'):
            yield part

    answer = await client.post(THINGS, content=chunks(), headers=JSON)
    assert (answer.status_code, answer.json()["text"]) == (201, "好")


@pytest.mark.parametrize("url", [f"{THINGS}/fail/%00", f"{THINGS}?at=%00"])
async def test_nul_in_the_address(client: httpx.AsyncClient, url: str) -> None:
    assert check(await client.get(url), 422, "request.invalid").errors[0].rule == "nul_character"


async def test_unknown_route_and_method(client: httpx.AsyncClient) -> None:
    check(await client.get("/v1/nothing/%E4%B8%AD"), 404, "request.unknown_route")
    answer = await client.delete(THINGS)
    check(answer, 405, "request.method_not_allowed")
    assert "POST" in answer.headers["allow"]


async def test_what_a_rule_refuses(client: httpx.AsyncClient) -> None:
    problem = check(await client.get(f"{THINGS}/fail/rejected"), 409, "thing.wrong_status")
    assert (problem.detail, problem.errors[0].field) == ("办结后不能再改", "status")
    check(await client.get(f"{THINGS}/fail/absent"), 404, "thing.not_found")


async def test_unavailable_and_stale(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"{THINGS}/fail/away")
    check(answer, 503, "service.unavailable")
    assert answer.headers["retry-after"] == "7"
    check(await client.get(f"{THINGS}/fail/cut"), 503, "service.unavailable")
    answer = await client.get(f"{THINGS}/fail/stale")
    check(answer, 412, "request.version_mismatch")
    assert answer.headers["etag"] == '"5"'


async def test_a_defect_answers_500_and_tells_nothing(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"{THINGS}/fail/defect")
    check(answer, 500, "service.internal_error")
    assert "13800001234" not in answer.text
    assert "RuntimeError" not in answer.text


def forged(issuer: LocalIssuer) -> str:
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return issuer.token(key=stranger)


def unsigned(issuer: LocalIssuer) -> str:
    return jwt.encode(issuer.claims(), "", "none", headers={"kid": "key-1"})


def symmetric(issuer: LocalIssuer) -> str:
    return jwt.encode(issuer.claims(), "x" * 64, "HS256", headers={"kid": "key-1"})


TOKENS: list[tuple[Callable[[LocalIssuer], str | None], int, str]] = [
    (lambda issuer: None, 401, "auth.missing_token"),
    (lambda issuer: "Basic YTpi", 401, "auth.missing_token"),
    (lambda issuer: "Bearer rubbish", 401, "auth.invalid_token"),
    (lambda issuer: f"Bearer {issuer.token(exp=1)}", 401, "auth.expired_token"),
    (lambda issuer: f"Bearer {issuer.token(exp=None)}", 401, "auth.invalid_token"),
    (lambda issuer: f"Bearer {issuer.token(sub=None)}", 401, "auth.invalid_token"),
    (lambda issuer: f"Bearer {issuer.token(aud='others')}", 401, "auth.invalid_token"),
    (lambda issuer: f"Bearer {issuer.token(iss='http://others')}", 401, "auth.invalid_token"),
    (lambda issuer: f"Bearer {issuer.token(iat=10**10)}", 401, "auth.invalid_token"),
    (lambda issuer: f"Bearer {issuer.token(roles='agent')}", 401, "auth.invalid_token"),
    (lambda issuer: f"Bearer {issuer.token(unit=5)}", 401, "auth.invalid_token"),
    (lambda issuer: f"Bearer {issuer.token(key=issuer.keys['key-1'], kid='other')}", 401, "auth.invalid_token"),
    (lambda issuer: f"Bearer {forged(issuer)}", 401, "auth.invalid_token"),
    (lambda issuer: f"Bearer {unsigned(issuer)}", 401, "auth.invalid_token"),
    (lambda issuer: f"Bearer {symmetric(issuer)}", 401, "auth.invalid_token"),
    (lambda issuer: f"Bearer {issuer.token(roles=['mediator'])}", 403, "auth.forbidden_role"),
]


@pytest.mark.parametrize(("header", "status", "code"), TOKENS)
async def test_bad_tokens(
    client: httpx.AsyncClient,
    issuer: LocalIssuer,
    header: Callable[[LocalIssuer], str | None],
    status: int,
    code: str,
) -> None:
    del client.headers["Authorization"]
    value = header(issuer)
    answer = await client.post(THINGS, json={"text": "好"}, headers={"Authorization": value} if value else {})
    check(answer, status, code)
    assert ("www-authenticate" in answer.headers) == (status == 401)


async def test_every_code_has_a_page(client: httpx.AsyncClient) -> None:
    for code, description in documented().items():
        answer = await client.get(f"/problems/{code}")
        assert (answer.status_code, answer.json()["description"]) == (200, description)
    check(await client.get("/problems/no.such_code"), 404, "request.unknown_route")


def test_a_code_is_described_once() -> None:
    document({"request.refused": documented()["request.refused"]})
    with pytest.raises(ValueError, match=r"request\.refused"):
        document({"request.refused": "另一种说法"})
