"""Call-backs over HTTP: a real process, its database and its broker."""

import asyncio
import csv
import io
import json
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jwt
import pytest

from chassis.ids import derived_beside, new_id
from contracts.router import OrderCompleted
from tests.polling import eventually
from tests.running import Infrastructure, Running, running

SOLVED = {"contacted": True, "in_time": True, "resolution": "yes", "satisfaction": "satisfied"}
UNSOLVED = {"contacted": True, "in_time": False, "resolution": "no", "satisfaction": "dissatisfied"}


@pytest.fixture(scope="module")
async def notify(
    infrastructure: Infrastructure, sms_gateway: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Running]:
    nobody = "http://127.0.0.1:9"
    env = {"INTAKE_URL": nobody, "MEDIATION_URL": nobody, "SMS_GATEWAY_URL": sms_gateway}
    async with running("notify", infrastructure, tmp_path_factory.mktemp("notify"), env) as service:
        yield service


@pytest.fixture
async def revisitor(notify: Running) -> AsyncGenerator[httpx.AsyncClient]:
    async with await notify.client("revisitor", sub="R001") as client:
        yield client


async def completed(notify: Running, client: httpx.AsyncClient, callers: int = 1) -> tuple[str, list[str]]:
    """A completed order, and the call-backs that it opened."""
    order, issue, appeals = new_id(), new_id(), [new_id() for _ in range(callers)]
    event = OrderCompleted(
        issue_id=issue, round=1, appeals=appeals, units=["S150105004"], revisit_due=datetime.now(UTC), by="V1"
    )
    await notify.publish((order, 1, issue, event))

    async def opened() -> bool:
        return len(await listed(client, order_id=order)) == callers

    await eventually(opened, seconds=20)
    return order, [derived_beside(order, "revisit", appeal, "1") for appeal in appeals]


async def listed(client: httpx.AsyncClient, **query: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await client.get("/v1/revisits", params=query)).raise_for_status().json()["items"]
    return items


def code(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


async def test_a_completed_order_is_called_back_and_recorded(notify: Running, revisitor: httpx.AsyncClient) -> None:
    order, (first, second) = await completed(notify, revisitor, callers=2)
    opened = await listed(revisitor, order_id=order, queue="open")
    assert {one["id"] for one in opened} == {first, second}
    assert {(one["status"], one["status_zh"], one["round"], one["is_overdue"]) for one in opened} == {
        ("open", "待回访", 1, False)
    }

    answer = await revisitor.post(f"/v1/revisits/{first}/record", json=UNSOLVED | {"reason_class": "unit_work"})
    assert answer.status_code == 200
    assert answer.headers["ETag"] == '"2"'
    recorded = answer.json()
    assert recorded["status"] == "recorded"
    assert recorded["recorded_by"] == "R001"
    assert (recorded["resolution"], recorded["reason_class"]) == ("no", "unit_work")

    read = await revisitor.get(f"/v1/revisits/{first}")
    assert read.json() == recorded
    assert read.headers["ETag"] == '"2"'
    assert [one["id"] for one in await listed(revisitor, order_id=order, queue="open")] == [second]
    assert [one["id"] for one in await listed(revisitor, order_id=order, status="recorded")] == [first]


async def test_attempts_are_counted_and_kept_apart(notify: Running, revisitor: httpx.AsyncClient) -> None:
    _, (revisit,) = await completed(notify, revisitor)
    path = f"/v1/revisits/{revisit}/attempts"
    first = await revisitor.post(path, json={"number": 1})
    assert (first.status_code, first.json()["attempts"]) == (200, 1)
    again = await revisitor.post(path, json={"number": 1})
    assert again.json() == first.json()
    assert code(await revisitor.post(path, json={"number": 2})) == (409, "revisit.too_early")
    assert code(await revisitor.post(path, json={"number": 3})) == (409, "revisit.wrong_attempt")


async def test_the_next_call_back_is_taken_by_one_revisitor(notify: Running, revisitor: httpx.AsyncClient) -> None:
    _, ids = await completed(notify, revisitor, callers=3)
    listed_queue = {"count": "true", "limit": "200"}
    before = (await revisitor.get("/v1/queues/revisit", params=listed_queue)).raise_for_status().json()
    assert before["count"] == len(before["items"]) == (await revisitor.get("/v1/queues")).json()["items"][0]["total"]
    assert [one["due_at"] for one in before["items"]] == sorted(one["due_at"] for one in before["items"])
    assert set(ids) <= {one["id"] for one in before["items"]}

    async with await notify.client("revisitor", sub="R002") as colleague:
        taken = [(await client.post("/v1/queues/revisit/next")).json() for client in (revisitor, colleague)]
        assert len({one["item"]["id"] for one in taken}) == 2
        assert [one["item"]["claimed_by"] for one in taken] == ["R001", "R002"]
        for client, one in zip((revisitor, colleague), taken, strict=True):
            (await client.post(f"/v1/claims/{one['claim']['id']}/release")).raise_for_status()

    # No answer: not in the queue before another time of the day. A wished time: first in the queue when it has come.
    later, wished, _ = ids
    await revisitor.post(f"/v1/revisits/{later}/attempts", json={"number": 1, "outcome": "busy"})
    then = (datetime.now(UTC) + timedelta(seconds=2)).isoformat()
    answer = await revisitor.post(
        f"/v1/revisits/{wished}/attempts", json={"number": 1, "outcome": "call_back_later", "wished_at": then}
    )
    assert answer.json()["last_outcome"] == "call_back_later"
    after = (await revisitor.get("/v1/queues/revisit", params=listed_queue)).json()
    assert after["count"] == before["count"] - 2
    assert not {later, wished} & {one["id"] for one in after["items"]}

    async def has_come() -> bool:
        items = (await revisitor.get("/v1/queues/revisit", params=listed_queue)).json()["items"]
        return bool(items[0]["id"] == wished)

    await eventually(has_come, seconds=20)
    async with await notify.client("supervisor") as supervisor:
        queue = (await supervisor.get("/v1/queues")).json()["items"][0]
        assert (queue["name"], queue["can_take"]) == ("revisit", False)
        assert code(await supervisor.post("/v1/queues/revisit/next")) == (403, "queue.looking_only")


ENDINGS = ["refused", "wrong_number"]


@pytest.mark.parametrize("outcome", ENDINGS)
async def test_nobody_is_called_again_of_no_use(notify: Running, revisitor: httpx.AsyncClient, outcome: str) -> None:
    order, (revisit,) = await completed(notify, revisitor)
    answer = await revisitor.post(f"/v1/revisits/{revisit}/attempts", json={"number": 1, "outcome": outcome})
    assert (answer.json()["status"], answer.json()["last_outcome"]) == ("unreached", outcome)
    assert [one["id"] for one in await listed(revisitor, order_id=order, status="unreached")] == [revisit]


async def test_reasons_say_whom_they_are_about(notify: Running, revisitor: httpx.AsyncClient) -> None:
    reasons = (await revisitor.get("/v1/revisit-reasons")).raise_for_status().json()["items"]
    assert {one["reason_class"] for one in reasons} == {"unit_work", "beyond_policy", "not_stated"}
    _, (revisit,) = await completed(notify, revisitor)
    body = UNSOLVED | {"reason": "no_legal_ground"}
    recorded = (await revisitor.post(f"/v1/revisits/{revisit}/record", json=body)).json()
    assert (recorded["reason"], recorded["reason_class"]) == ("no_legal_ground", "beyond_policy")


async def test_pages_follow_each_other_without_gap(notify: Running, revisitor: httpx.AsyncClient) -> None:
    order, ids = await completed(notify, revisitor, callers=5)
    query = {"order_id": order, "limit": "2", "count": "true"}
    seen: list[str] = []
    for _ in range(3):
        page = (await revisitor.get("/v1/revisits", params=query)).raise_for_status().json()
        assert page["count"] == 5
        seen += [one["id"] for one in page["items"]]
        query["cursor"] = page["next_cursor"]
    assert page["next_cursor"] is None
    assert sorted(seen) == sorted(ids)

    table = await revisitor.get("/v1/revisits", params={"order_id": order}, headers={"Accept": "text/csv"})
    rows = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert {row["回访编号"] for row in rows} == set(ids)
    assert {row["状态"] for row in rows} == {"待回访"}


async def test_a_repeated_request_gives_the_first_answer(notify: Running, revisitor: httpx.AsyncClient) -> None:
    _, (revisit,) = await completed(notify, revisitor)
    path, key = f"/v1/revisits/{revisit}/record", {"Idempotency-Key": new_id()}
    first = await revisitor.post(path, json=SOLVED, headers=key)
    again = await revisitor.post(path, json=SOLVED, headers=key)
    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    other = await revisitor.post(path, json=UNSOLVED | {"reason_class": "unit_work"}, headers=key)
    assert code(other) == (422, "idempotency.key_reused")


async def test_a_stale_version_is_refused(notify: Running, revisitor: httpx.AsyncClient) -> None:
    _, (revisit,) = await completed(notify, revisitor)
    path = f"/v1/revisits/{revisit}/record"
    stale = await revisitor.post(path, json=SOLVED, headers={"If-Match": '"7"'})
    assert code(stale) == (412, "request.version_mismatch")
    assert (await revisitor.post(path, json=SOLVED, headers={"If-Match": '"1"'})).status_code == 200


async def test_answers_are_given_once(notify: Running, revisitor: httpx.AsyncClient) -> None:
    _, (revisit,) = await completed(notify, revisitor)
    path = f"/v1/revisits/{revisit}/record"
    bodies = [SOLVED, UNSOLVED | {"reason_class": "unit_work"}]
    answers = await asyncio.gather(*(revisitor.post(path, json=body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert code(refused) == (409, "revisit.wrong_status")


BAD_BODIES = [
    ("malformed JSON", b"{", 400, "request.malformed_json", None),
    ("unknown field", SOLVED | {"phone": "x"}, 422, "request.invalid", "phone"),
    ("wrong type", SOLVED | {"contacted": "yes"}, 422, "request.invalid", "contacted"),
    ("missing field", {"contacted": True}, 422, "request.invalid", "resolution"),
    ("unknown code", SOLVED | {"resolution": "maybe"}, 422, "request.invalid", "resolution"),
    ("reason left out", UNSOLVED, 422, "revisit.reason_required", "reason_class"),
    ("contact left out", SOLVED | {"contacted": None}, 422, "revisit.contact_required", "contacted"),
]


@pytest.mark.parametrize(
    ("body", "status", "problem", "field"), [case[1:] for case in BAD_BODIES], ids=[case[0] for case in BAD_BODIES]
)
async def test_bad_input_is_named(
    notify: Running,
    revisitor: httpx.AsyncClient,
    body: bytes | dict[str, Any],
    status: int,
    problem: str,
    field: str | None,
) -> None:
    _, (revisit,) = await completed(notify, revisitor)
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = await revisitor.post(
        f"/v1/revisits/{revisit}/record", content=content, headers={"Content-Type": "application/json"}
    )
    assert code(answer) == (status, problem)
    if field is not None:
        assert field in {error["field"] for error in answer.json()["errors"]}
    assert (await revisitor.get(f"/v1/revisits/{revisit}")).json()["version"] == 1


async def test_what_is_not_there_is_not_found(notify: Running, revisitor: httpx.AsyncClient) -> None:
    nothing = new_id()
    assert code(await revisitor.get(f"/v1/revisits/{nothing}")) == (404, "revisit.not_found")
    assert code(await revisitor.post(f"/v1/revisits/{nothing}/attempts", json={"number": 1})) == (
        404,
        "revisit.not_found",
    )
    assert code(await revisitor.get("/v1/revisits/17")) == (422, "request.invalid")
    assert code(await revisitor.get("/v1/revisits", params={"cursor": "x"})) == (422, "request.bad_cursor")
    assert code(await revisitor.get("/v1/revisits", params={"status": "lost"})) == (422, "request.invalid")


async def test_only_who_may(notify: Running, infrastructure: Infrastructure, revisitor: httpx.AsyncClient) -> None:
    _, (revisit,) = await completed(notify, revisitor)
    path = f"/v1/revisits/{revisit}/record"
    good = await infrastructure.issuer.token("revisitor")
    expired = await infrastructure.issuer.token("revisitor", ttl=-60)
    claims = jwt.decode(good, options={"verify_signature": False})
    forged = jwt.encode(claims, "k" * 32, "HS256", headers={"kid": jwt.get_unverified_header(good)["kid"]})
    unit = await infrastructure.issuer.token("unit_handler", unit="S150105004")
    supervisor = await infrastructure.issuer.token("supervisor")
    async with httpx.AsyncClient(base_url=notify.url) as anybody:
        assert code(await anybody.get("/v1/revisits")) == (401, "auth.missing_token")
        for token, refusal in [
            (expired, (401, "auth.expired_token")),
            (forged, (401, "auth.invalid_token")),
            (unit, (403, "auth.forbidden_role")),
            (supervisor, (403, "auth.forbidden_role")),
        ]:
            answer = await anybody.post(path, json=SOLVED, headers={"Authorization": f"Bearer {token}"})
            assert code(answer) == refusal
        assert (
            await anybody.get(f"/v1/revisits/{revisit}", headers={"Authorization": f"Bearer {supervisor}"})
        ).status_code == 200


async def test_every_problem_code_is_explained(notify: Running) -> None:
    async with httpx.AsyncClient(base_url=notify.url) as anybody:
        for problem in ("revisit.too_early", "revisit.reason_required", "delivery.not_found", "request.bad_cursor"):
            page = (await anybody.get(f"/problems/{problem}")).raise_for_status().json()
            assert page["code"] == problem
            assert page["description"]
        document = (await anybody.get("/openapi.json")).raise_for_status().json()
    for path, operations in document["paths"].items():
        if path.startswith(("/v1/revisits", "/v1/deliveries")):
            assert all(operation["summary"] for operation in operations.values()), path
