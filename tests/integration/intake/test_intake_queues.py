"""Queues of intake: right rows and counts, nobody is shown what they may not decide, nobody takes what another has."""

import asyncio
import csv
import io
from contextlib import AsyncExitStack
from typing import Any

import asyncpg
import httpx

from tests.integration.intake.desk import ACCEPT, act, problem, register
from tests.polling import eventually
from tests.running import Running

EXCLUSION = {"exclusion_code": "X0101"}


async def items(client: httpx.AsyncClient, name: str, **query: Any) -> list[dict[str, Any]]:
    """Every item of a queue, page by page."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await client.get(f"/v1/queues/{name}", params={"limit": 5, **query, **cursor})
        assert answer.is_success, answer.text
        page = answer.json()
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        cursor = {"cursor": page["next_cursor"]}


async def totals(client: httpx.AsyncClient) -> dict[str, int]:
    answer = await client.get("/v1/queues")
    return {shown["name"]: shown["total"] for shown in answer.json()["items"]}


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["id"] for row in rows]


async def test_what_is_taken_down_waits_until_it_is_taken_up(intake: Running, agent: httpx.AsyncClient) -> None:
    there = [await register(agent) for _ in range(7)]
    accepted = await register(agent)
    await act(agent, accepted, "accept", ACCEPT)
    rows = await items(agent, "agent")
    assert set(there) <= set(ids(rows))
    assert accepted not in ids(rows)
    assert len(rows) == len(set(ids(rows))) == (await totals(agent))["agent"]
    registered = await agent.get("/v1/issues", params={"status": "registered", "count": True, "limit": 1})
    assert len(rows) == registered.json()["count"]
    street = await items(agent, "agent", street="150105004")
    assert set(there) <= set(ids(street))
    assert await items(agent, "agent", street="150102001") == []
    sheet = await agent.get("/v1/queues/agent", headers={"Accept": "text/csv"}, params={"limit": 200})
    lines = list(csv.DictReader(io.StringIO(sheet.content.decode("utf-8-sig"))))
    assert [line["编号"] for line in lines] == ids(rows)[:200]


async def test_danger_comes_first_whenever_it_was_taken_down(intake: Running, agent: httpx.AsyncClient) -> None:
    early, late = await register(agent), await register(agent)
    connection = await asyncpg.connect(intake.database_url)
    try:
        await connection.execute(
            "UPDATE issues SET state = jsonb_set(state, '{emergency}', '\"119\"') WHERE id = $1::text::uuid", late
        )
        rows = await items(agent, "agent")
        assert ids(rows).index(late) < ids(rows).index(early), "although its time ends later"
        ordinary = [row["id"] for row in rows if row["emergency"] is None]
        assert ids(rows)[-len(ordinary) :] == ordinary
    finally:
        await connection.execute(
            "UPDATE issues SET state = jsonb_set(state, '{emergency}', 'null') WHERE id = $1::text::uuid", late
        )
        await connection.close()


async def test_a_decline_waits_for_everybody_but_who_proposed_it(intake: Running, agent: httpx.AsyncClient) -> None:
    issue_id = await register(agent)
    await act(agent, issue_id, "propose-decline", EXCLUSION)
    assert issue_id not in ids(await items(agent, "decline"))
    async with await intake.client("agent", sub="A002") as second:
        before = await totals(agent), await totals(second)
        assert issue_id in ids(await items(second, "decline"))
        assert before[1]["decline"] - before[0]["decline"] == 1
        await act(second, issue_id, "refuse-decline")
        assert issue_id not in ids(await items(second, "decline"))


async def test_who_sees_which_queue(intake: Running) -> None:
    table = {
        "agent": {"agent", "decline"},
        "specialist": {"specialist"},
        "supervisor": {"agent", "specialist", "decline", "objection", "supervisor"},
    }
    for role, names in table.items():
        async with await intake.client(role, sub=f"X-{role}") as client:
            assert set(await totals(client)) == names
            for name in table["supervisor"] - names:
                assert await problem(await client.get(f"/v1/queues/{name}")) == (404, "queue.not_found")
                assert await problem(await client.post(f"/v1/queues/{name}/next")) == (404, "queue.not_found")
    async with await intake.client("supervisor", sub="X-looks") as looks:
        assert await problem(await looks.post("/v1/queues/agent/next")) == (403, "queue.looking_only")
    async with await intake.client("unit_handler", sub="U1", unit="S150105004") as unit:
        assert await problem(await unit.get("/v1/queues")) == (403, "auth.forbidden_role")


async def test_agents_at_once_take_different_calls(intake: Running, agent: httpx.AsyncClient) -> None:
    for _ in range(9):
        await register(agent)
    async with AsyncExitStack() as stack:
        people = [await stack.enter_async_context(await intake.client("agent", sub=f"A{n}")) for n in range(50, 53)]
        answers = await asyncio.gather(*(person.post("/v1/queues/agent/next") for person in people for _ in range(3)))
        taken = [answer.json()["item"]["id"] for answer in answers]
        assert len(set(taken)) == 9
        claim = answers[0].json()["claim"]
        assert claim["holder"] == "A50"
        released = await people[0].post(f"/v1/claims/{claim['id']}/release")
        assert released.is_success

        async def free() -> bool:
            return claim["subject"] in [row["id"] for row in await items(agent, "agent") if row["claimed_by"] is None]

        await eventually(free)


async def test_everybodys_claims_come_page_by_page_and_none_is_left_out(
    intake: Running, agent: httpx.AsyncClient
) -> None:
    taken = set()
    async with AsyncExitStack() as stack:
        for number in range(60, 63):
            person = await stack.enter_async_context(await intake.client("agent", sub=f"A{number}"))
            for _ in range(3):
                await register(agent)
                taken.add((await person.post("/v1/queues/agent/next")).json()["claim"]["id"])
        supervisor = await stack.enter_async_context(await intake.client("supervisor", sub="S060"))
        found, query = [], {"everybody": "true", "limit": "2"}
        while True:
            answer = await supervisor.get("/v1/claims", params=query)
            page = answer.json()
            assert answer.status_code == 200, answer.text
            assert len(page["items"]) <= 2
            found += [claim["id"] for claim in page["items"]]
            if page["next_cursor"] is None:
                break
            query["cursor"] = page["next_cursor"]
    assert taken <= set(found)
    assert len(found) == len(set(found))


async def test_a_key_that_took_from_one_filter_does_not_answer_for_another(
    intake: Running, agent: httpx.AsyncClient
) -> None:
    await register(agent)
    async with await intake.client("agent", sub="A070") as person:
        key, path = {"Idempotency-Key": "next-with-a-filter"}, "/v1/queues/agent/next"
        filters = {"street": "150105004", "channel": "hotline"}
        first = await person.post(path, params=filters, headers=key)
        again = await person.post(path, params=dict(reversed(filters.items())), headers=key)
        assert first.json()["claim"] is not None
        assert (again.json(), again.headers["idempotency-replayed"]) == (first.json(), "true")
        for other in ({}, {"street": "150105004"}, {"street": "150105004", "channel": "web"}):
            refused = await person.post(path, params=other, headers=key)
            assert await problem(refused) == (422, "idempotency.key_reused")
