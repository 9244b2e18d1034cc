"""Headers, pages, documents and health of every service's API."""

import asyncio
import csv
import io
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import TypeAdapter

from chassis.health import CheckResult, Health
from chassis.pages import Paging
from chassis.security import TokenVerifier
from chassis.settings import load
from tests.unit.edge_app import EdgeSettings, build, client_of
from tests.unit.local_issuer import LocalIssuer

THINGS = "/v1/things"
NUMBER = TypeAdapter(int)
AT = "2026-11-22T12:00:00Z"


async def test_a_good_request(client: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "a" * 255, "If-Match": '"3"'}
    answer = await client.post(THINGS, json={"text": "  井盖丢失  ", "contact": {"phone": "1"}}, headers=headers)
    assert answer.status_code == 201
    assert answer.headers["etag"] == '"1"'
    assert answer.json() == {
        "id": 1,
        "text": "井盖丢失",
        "key": "a" * 255,
        "if_match": 3,
        "actor": "agent-7 S150105004",
    }


@pytest.mark.parametrize("key", ["", "a" * 256, "two words", "é"])
async def test_a_bad_idempotency_key(client: httpx.AsyncClient, key: str) -> None:
    answer = await client.post(THINGS, json={"text": "好"}, headers={b"Idempotency-Key": key.encode()})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "Idempotency-Key")


@pytest.mark.parametrize(("sent", "version"), [('W/"12"', 12), ("*", None), (None, None)])
async def test_if_match(client: httpx.AsyncClient, sent: str | None, version: int | None) -> None:
    answer = await client.post(THINGS, json={"text": "好"}, headers={"If-Match": sent} if sent else {})
    assert answer.json()["if_match"] == version


@pytest.mark.parametrize("sent", ["3", '"x"', '"1", "2"', '"' + "9" * 30 + '"'])
async def test_a_bad_if_match(client: httpx.AsyncClient, sent: str) -> None:
    answer = await client.post(THINGS, json={"text": "好"}, headers={"If-Match": sent})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "If-Match")


async def test_pages_follow_one_another(client: httpx.AsyncClient) -> None:
    first = (await client.get(THINGS, params={"at": AT, "limit": 2})).json()
    second = (await client.get(THINGS, params={"at": AT, "limit": 2, "cursor": first["next_cursor"]})).json()
    assert [item["id"] for item in first["items"] + second["items"]] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("rows", "shown", "last"), [([], [], None), ([1], [1], None), ([1, 2], [1, 2], None), ([1, 2, 3], [1, 2], 2)]
)
def test_a_cursor_is_given_when_there_is_more(rows: list[int], shown: list[int], last: int | None) -> None:
    paging = Paging(None, limit=2)
    on_page, next_cursor = paging.cut(rows, NUMBER, lambda row: row)
    assert on_page == shown
    assert Paging(next_cursor, limit=2).after(NUMBER) == last
    assert paging.rows_needed == 3


@pytest.mark.parametrize(
    "cursor",
    [
        *("x", "中", "bnVsbA==", "WyJ4IiwgMV0=", "WyIyMDI2LTExLTIyVDEyOjAwOjAwWiIsIDk5OTk5OTk5OTk5OTk5OTk5OTk5OV0="),
        "WyIwMDAxLTAxLTAxVDAwOjAwOjAwKzE0OjAwIiwgMV0=",  # year 1 at +14:00: no instant in UTC
    ],
)
async def test_a_cursor_that_is_not_ours(client: httpx.AsyncClient, cursor: str) -> None:
    answer = await client.get(THINGS, params={"at": AT, "cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (422, "request.bad_cursor")


@pytest.mark.parametrize("limit", ["0", "201", "many"])
async def test_a_bad_limit(client: httpx.AsyncClient, limit: str) -> None:
    answer = await client.get(THINGS, params={"at": AT, "limit": limit})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "limit")


async def test_csv_opens_in_a_spreadsheet_and_runs_nothing(client: httpx.AsyncClient) -> None:
    answer = await client.get(THINGS, params={"at": AT, "limit": 1}, headers={"Accept": "text/csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))) == [["编号", "内容"], ["1", "'=1+1"]]
    following = await client.get(answer.links["next"]["url"])
    assert [item["id"] for item in following.json()["items"]] == [2]


def operations(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [(f"{method} {path}", found) for path, item in document["paths"].items() for method, found in item.items()]


async def test_the_openapi_document(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    assert {"Problem", "FieldError", "NewThing"} <= set(document["components"]["schemas"])
    assert "HTTPValidationError" not in str(document)
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    ids = [operation["operationId"] for _, operation in operations(document)]
    assert len(ids) == len(set(ids))
    for name, operation in operations(document):
        for status, answer in operation["responses"].items():
            refusal = int(status) >= 400 and "/readyz" not in name
            assert refusal == ("application/problem+json" in answer.get("content", {})), (name, status)
    adding = document["paths"][THINGS]["post"]
    assert {"400", "401", "403", "409", "413", "415", "422", "500", "503"} <= set(adding["responses"])
    assert adding["security"] == [{"bearer": []}]
    assert {parameter["name"] for parameter in adding["parameters"]} == {"Idempotency-Key", "If-Match"}
    assert (await client.get("/docs")).status_code == 200


async def test_alive_and_ready_need_no_token(app: FastAPI) -> None:
    async with client_of(app) as anonymous:
        assert (await anonymous.get("/livez")).json()["ok"] is True
        ready = await anonymous.get("/readyz")
        assert (ready.status_code, ready.json()["checks"]["database"]) == (200, {"ok": True, "detail": {"lag": 0}})


async def test_not_ready_says_why(environment: dict[str, str], verifier: TokenVerifier) -> None:
    async def behind() -> CheckResult:
        return CheckResult(False, {"lag": 9000})

    async def broken() -> CheckResult:
        raise ConnectionError("postgresql://user:password@host")

    async def hanging() -> CheckResult:
        await asyncio.Event().wait()
        raise AssertionError

    health = Health({"consumer": behind, "database": broken, "relay": hanging})
    async with client_of(build(load(EdgeSettings), verifier, health)) as anonymous:
        ready = await anonymous.get("/readyz")
    assert ready.status_code == 503
    assert ready.json() == {
        "ok": False,
        "checks": {
            "consumer": {"ok": False, "detail": {"lag": 9000}},
            "database": {"ok": False, "detail": {"error": "ConnectionError"}},
            "relay": {"ok": False, "detail": {"error": "TimeoutError"}},
        },
    }


async def test_metrics_count_by_route_template(client: httpx.AsyncClient, issuer: LocalIssuer) -> None:
    await client.get(f"{THINGS}/fail/absent")
    await client.get("/v1/nothing/13800001234")
    await client.request("BREW", THINGS)
    text = (await client.get("/metrics")).text
    assert 'route="/v1/things/fail/{how}",status="404"' in text
    assert 'method="GET",route="unmatched",status="404"' in text
    assert 'method="other"' in text
    assert "13800001234" not in text
    assert "qingcheng_pipeline_batch_size_bucket" in text
