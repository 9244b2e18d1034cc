"""Callers: who rings, what they brought up before, and the lists that never touch an emergency."""

import secrets
from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest

from tests.integration.intake.desk import act, problem, register
from tests.running import Running


@pytest.fixture(scope="module")
async def supervisor(intake: Running) -> AsyncGenerator[httpx.AsyncClient]:
    async with await intake.client("supervisor", sub="S001") as client:
        yield client


def somebody() -> dict[str, str]:
    return {"name": "孙虚构", "phone": f"1380000{secrets.randbelow(10**4):04d}"}


async def look_up(agent: httpx.AsyncClient, appellant: dict[str, str]) -> Any:
    answer = await agent.post("/v1/callers/look-up", json={"phone": appellant["phone"]})
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()


def rule(desk: str, reason: str, days: int = 30) -> dict[str, Any]:
    return {"desk": desk, "reason": reason, "days": days, "text": "三日内骚扰来电四十次。"}


async def put(supervisor: httpx.AsyncClient, appellant_id: str, body: dict[str, Any]) -> Any:
    answer = await supervisor.post(f"/v1/callers/{appellant_id}/list", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_agent_sees_who_rings_and_what_they_brought_up(intake: Running, agent: httpx.AsyncClient) -> None:
    who = somebody()
    assert (await look_up(agent, who))["issues"] == []
    first = await register(agent, appellant=who, received_at="2026-03-02T09:00:00+08:00")
    joined = await register(agent)
    await act(agent, joined, "appeals", {"channel": "hotline", "text": "我家也是。", "appellant": who})
    known = await look_up(agent, who | {"phone": f"+86 {who['phone']}"})
    assert {issue["id"] for issue in known["issues"]} == {first, joined}
    assert (known["status"], known["desk"]) == ("plain", "general")
    listed = (await agent.get(f"/v1/callers/{known['appellant_id']}/issues", params={"limit": "1"})).json()
    more = {"limit": "1", "cursor": listed["next_cursor"]}
    rest = (await agent.get(f"/v1/callers/{known['appellant_id']}/issues", params=more)).json()
    assert {listed["items"][0]["id"], rest["items"][0]["id"]} == {first, joined}
    assert who["phone"] not in intake.log.read_text()


async def test_a_blocked_caller_gets_the_restricted_line_but_never_in_an_emergency(
    agent: httpx.AsyncClient, supervisor: httpx.AsyncClient
) -> None:
    who = somebody()
    appellant_id = (await look_up(agent, who))["appellant_id"]
    blocked = await put(supervisor, appellant_id, rule("restricted", "harassment"))
    assert (blocked["status"], blocked["desk"]) == ("listed", "restricted")
    plain, danger = await register(agent, appellant=who), await register(agent, appellant=who, emergency="119")
    desks = [(await agent.get(f"/v1/issues/{id_}")).json()["desk"] for id_ in (plain, danger)]
    assert desks == ["restricted", "general"]
    restricted = (await agent.get("/v1/issues", params={"desk": "restricted", "limit": "200"})).json()["items"]
    assert plain in [item["id"] for item in restricted]
    assert (await act(agent, plain, "emergency", {"emergency": "110"}))["desk"] == "general"


async def test_an_allow_listed_caller_has_a_desk_and_waits_less(
    agent: httpx.AsyncClient, supervisor: httpx.AsyncClient
) -> None:
    who = somebody()
    await put(supervisor, (await look_up(agent, who))["appellant_id"], rule("priority", "deputy", 365))
    issue = (await agent.get(f"/v1/issues/{await register(agent, appellant=who)}")).json()
    other = (await agent.get(f"/v1/issues/{await register(agent)}")).json()
    assert issue["desk"] == "priority"
    assert issue["due"] < other["due"]


async def test_a_caller_appeals_and_another_person_judges(
    intake: Running, agent: httpx.AsyncClient, supervisor: httpx.AsyncClient
) -> None:
    appellant_id = (await look_up(agent, somebody()))["appellant_id"]
    path = f"/v1/callers/{appellant_id}"
    listed = await put(supervisor, appellant_id, rule("restricted", "abuse"))
    said = {"rule_id": listed["rule_id"], "text": "那天不是我打的。"}
    assert (await agent.post(f"{path}/appeal", json=said)).json()["status"] == "appealed"
    waiting = (await supervisor.get("/v1/callers", params={"status": "appealed", "limit": "200"})).json()["items"]
    assert appellant_id in [item["appellant_id"] for item in waiting]
    verdict = said | {"upheld": True, "text": "号码登记有误。"}
    assert await problem(await supervisor.post(f"{path}/judge-appeal", json=verdict)) == (403, "caller.same_person")
    async with await intake.client("supervisor", sub="S002") as other:
        assert (await other.post(f"{path}/judge-appeal", json=verdict)).json()["desk"] == "general"
    entries = (await supervisor.get(f"{path}/history")).json()["entries"]
    assert [(entry["title_zh"], entry["text"]) for entry in entries] == [
        ("列入名单", "三日内骚扰来电四十次。"),
        ("对列入名单申诉", "那天不是我打的。"),
        ("名单申诉成立", "号码登记有误。"),
    ]
    assert [entry["data"]["by"] for entry in entries] == ["S001", "A001", "S002"], "who did it is on record"


async def test_what_a_list_does_not_take(agent: httpx.AsyncClient, supervisor: httpx.AsyncClient) -> None:
    appellant_id = (await look_up(agent, somebody()))["appellant_id"]
    for body, code in (
        (rule("restricted", "abuse", 400), "caller.until_too_far"),
        (rule("restricted", "abuse", 0), "request.invalid"),
        (rule("restricted", "deputy"), "caller.reason_of_other_list"),
    ):
        assert await problem(await supervisor.post(f"/v1/callers/{appellant_id}/list", json=body)) == (422, code)
    nothing = {"rule_id": "01900000-0000-7000-8000-000000000009", "text": "？"}
    unknown = await supervisor.post(f"/v1/callers/{appellant_id}/unlist", json=nothing)
    assert await problem(unknown) == (404, "caller_rule.not_found")
