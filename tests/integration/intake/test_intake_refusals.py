"""Every class of bad input has its own documented problem code, and none is a 500."""

import base64
from typing import Any

import httpx
import pytest

from chassis.ids import new_id
from tests.integration.intake.desk import (
    ACCEPT,
    APPEAL,
    CALLER,
    act,
    problem,
    register,
)
from tests.running import Infrastructure, Running

BAD_BODIES = [
    ("malformed JSON", b"{", 400, "request.malformed_json"),
    ("no object", [], 422, "request.invalid"),
    ("unknown field", APPEAL | {"colour": "red"}, 422, "request.invalid"),
    ("missing field", {"channel": "hotline"}, 422, "request.invalid"),
    ("wrong type", APPEAL | {"lat": "40.8"}, 422, "request.invalid"),
    ("a number for a time", APPEAL | {"received_at": 1700000000}, 422, "request.invalid"),
    ("a time without its zone", APPEAL | {"received_at": "2026-03-02T09:10:38"}, 422, "request.invalid"),
    ("a time no calendar has", APPEAL | {"received_at": "9999-12-31T23:59:59-12:00"}, 422, "request.invalid"),
    ("a time to come", APPEAL | {"received_at": "2899-12-31T23:59:59Z"}, 422, "issue.received_in_future"),
    ("too long a text", APPEAL | {"text": "冷" * 4001}, 422, "request.invalid"),
    ("a text that cannot be stored", APPEAL | {"text": "冷\x00"}, 422, "request.invalid"),
    ("no telephone number", APPEAL | {"appellant": CALLER | {"phone": "12"}}, 422, "request.invalid"),
    ("unknown channel", APPEAL | {"channel": "pigeon"}, 422, "request.invalid"),
    ("unknown street", APPEAL | {"street_code": "999999999"}, 422, "issue.unknown_street"),
    ("a community of no known street", APPEAL | {"division_code": "999999999001"}, 422, "issue.unknown_street"),
    ("no community at all", APPEAL | {"division_code": "150105004000"}, 422, "issue.bad_place"),
    ("no grid at all", APPEAL | {"division_code": "150105004001000"}, 422, "issue.bad_place"),
    ("thirteen digits", APPEAL | {"division_code": "1501050040011"}, 422, "request.invalid"),
    ("a grid elsewhere", APPEAL | {"division_code": "150102001001001"}, 422, "issue.place_of_other_street"),
    ("too large a body", APPEAL | {"place": "x" * 300_000}, 413, "request.too_large"),
]


class TestBadInput:
    @pytest.mark.parametrize(("body", "status", "code"), [pytest.param(*case[1:], id=case[0]) for case in BAD_BODIES])
    async def test_a_bad_body_is_refused_with_its_code(
        self, agent: httpx.AsyncClient, body: Any, status: int, code: str
    ) -> None:
        content = {"content": body} if isinstance(body, bytes) else {"json": body}
        headers = {"Content-Type": "application/json"}
        assert await problem(await agent.post("/v1/issues", headers=headers, **content)) == (status, code)

    @pytest.mark.parametrize(
        ("action", "body", "field", "code"),
        [
            ("accept", ACCEPT | {"item_code": "9999"}, "item_code", "issue.unknown_item"),
            ("accept", ACCEPT | {"street_code": "999999999"}, "street_code", "issue.unknown_street"),
            ("accept", ACCEPT | {"division_code": "150105004000"}, "division_code", "issue.bad_place"),
            ("accept", ACCEPT | {"division_code": "150102001001"}, "division_code", "issue.place_of_other_street"),
            ("propose-decline", {"exclusion_code": "X9999"}, "exclusion_code", "issue.unknown_exclusion"),
            (
                "answer",
                {"kind": "report", "item_code": "1904", "knowledge_id": "K999"},
                "knowledge_id",
                "issue.unknown_knowledge",
            ),
        ],
    )
    async def test_an_unknown_code_is_refused_with_its_field(
        self, agent: httpx.AsyncClient, action: str, body: dict[str, Any], field: str, code: str
    ) -> None:
        answer = await agent.post(f"/v1/issues/{await register(agent)}/{action}", json=body)
        assert await problem(answer) == (422, code)
        assert answer.json()["errors"][0]["field"] == field

    async def test_wrong_status_version_and_id(self, agent: httpx.AsyncClient) -> None:
        issue_id = await register(agent)
        stale = await agent.post(f"/v1/issues/{issue_id}/accept", json=ACCEPT, headers={"If-Match": '"7"'})
        assert await problem(stale) == (412, "request.version_mismatch")
        await act(agent, issue_id, "transfer", {"agency": "110"})
        late = await agent.post(f"/v1/issues/{issue_id}/accept", json=ACCEPT)
        assert await problem(late) == (409, "issue.wrong_status")
        unknown = await agent.post(f"/v1/issues/{new_id()}/accept", json=ACCEPT)
        assert await problem(unknown) == (404, "issue.not_found")
        assert await problem(await agent.get(f"/v1/issues/{new_id()}")) == (404, "issue.not_found")
        assert await problem(await agent.get("/v1/issues/17")) == (422, "request.invalid")
        not_here = await agent.post(f"/v1/issues/{issue_id}/appeals/{new_id()}/reveal", json={"purpose": "message"})
        assert await problem(not_here) == (404, "issue.unknown_appeal")

    @pytest.mark.parametrize(
        "cursor", ["x", "WyJhIl0=", base64.b64encode(b'["9999-12-31T23:59:59-12:00","a"]').decode()]
    )
    async def test_a_cursor_that_is_not_ours_is_refused(self, agent: httpx.AsyncClient, cursor: str) -> None:
        answer = await agent.get("/v1/issues", params={"cursor": cursor})
        assert await problem(answer) == (422, "request.bad_cursor")

    async def test_who_may_not_is_refused(
        self, intake: Running, infrastructure: Infrastructure, agent: httpx.AsyncClient
    ) -> None:
        issue_id = await register(agent)
        expired = await infrastructure.issuer.token("agent", ttl=-60)
        good = agent.headers["authorization"]
        async with httpx.AsyncClient(base_url=intake.url) as nobody:
            for header, code in (
                (None, "auth.missing_token"),
                (f"Bearer {expired}", "auth.expired_token"),
                (good[:-10] + "AAAAAAAAAA", "auth.invalid_token"),
            ):
                answer = await nobody.get("/v1/issues", headers={"Authorization": header} if header else {})
                assert await problem(answer) == (401, code)
        async with await intake.client("revisitor") as revisitor:
            refused = await revisitor.post(f"/v1/issues/{issue_id}/accept", json=ACCEPT)
            assert await problem(refused) == (403, "auth.forbidden_role")
        async with await intake.client("partner") as partner:
            assert (await partner.post("/v1/issues", json=APPEAL | {"channel": "partner"})).status_code == 201
            assert await problem(await partner.get("/v1/issues")) == (403, "auth.forbidden_role")

    async def test_a_repeated_request_takes_effect_once(self, agent: httpx.AsyncClient) -> None:
        key = {"Idempotency-Key": new_id()}
        first = await agent.post("/v1/issues", json=APPEAL, headers=key)
        again = await agent.post("/v1/issues", json=APPEAL, headers=key)
        assert (again.status_code, again.json()) == (201, first.json())
        other = await agent.post("/v1/issues", json=APPEAL | {"channel": "web"}, headers=key)
        assert await problem(other) == (422, "idempotency.key_reused")
