"""归类建议 of a running intake: danger at registration, suggestions with reasons, learning from corrections."""

import base64
import secrets
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.intake.desk import ACCEPT, APPEAL, act, problem, register
from tests.running import Infrastructure, Running, running


async def suggestions(agent: httpx.AsyncClient, issue_id: str) -> dict[str, Any]:
    answer = await agent.get(f"/v1/issues/{issue_id}/suggestions")
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    body: dict[str, Any] = answer.json()
    return body


async def test_five_items_come_with_reasons_and_nothing_of_the_caller(agent: httpx.AsyncClient) -> None:
    answer = await agent.get(f"/v1/issues/{await register(agent)}/suggestions")
    body = answer.json()
    assert [len(body["items"]), body["items"][0]["item_code"]] == [5, "0101"]
    assert body["items"][0]["words"]
    assert (body["place"]["street_code"], body["place"]["certainty"]) == ("150105004", "given")
    assert (body["emergency"], body["decline"], body["kind"]) == ([], None, "complaint")
    assert "1001" not in answer.text
    assert "赵" not in answer.text


async def test_a_danger_is_flagged_at_registration_and_cannot_be_declined(agent: httpx.AsyncClient) -> None:
    text = "厨房着火了，火苗子顺着窗户往上蹿，老人还在里头"
    issue_id = await register(agent, text=text)
    shown = (await agent.get(f"/v1/issues/{issue_id}")).json()
    assert shown["emergency"] == "119"
    assert (await suggestions(agent, issue_id))["emergency"][0]["danger"] == "fire"
    refused = await agent.post(f"/v1/issues/{issue_id}/propose-decline", json={"exclusion_code": "X0601"})
    assert await problem(refused) == (409, "issue.emergency")
    assert issue_id in [row["id"] for row in (await agent.get("/v1/issues?emergency=true&limit=200")).json()["items"]]


async def test_a_doubtful_danger_comes_before_other_issues_by_its_limit(agent: httpx.AsyncClient) -> None:
    ordinary = (await agent.post("/v1/issues", json=APPEAL)).json()
    doubtful = (await agent.post("/v1/issues", json=APPEAL | {"text": "楼道堆满纸箱，万一着火谁也跑不了"})).json()
    assert doubtful["emergency"] is None
    assert doubtful["due"] < ordinary["due"]
    [sign] = (await suggestions(agent, doubtful["id"]))["emergency"]
    assert (sign["certain"], sign["softened_by"]) == (False, ["万一"])


async def test_another_callers_issue_about_the_same_is_proposed_with_reasons(agent: httpx.AsyncClient) -> None:
    where = {"place": "丁香路街道虚构花园9号楼", "street_code": "150102402", "lat": 40.85, "lon": 111.75}
    caller = {"name": "钱样本", "phone": "13800001771"}
    first = await register(agent, **where, text="下水道返黑水，一楼都泡了", appellant=caller)
    other = {"name": "孙虚构", "phone": "13800001772"}
    second = await register(
        agent, **where | {"place": "虚构花园9号楼2单元"}, text="污水从井口往外冒，满院子臭", appellant=other
    )
    elsewhere = await register(
        agent, text="下水道返黑水，一楼都泡了", place="样本苑", street_code="150104004", lat=40.7, lon=111.6
    )
    same = (await suggestions(agent, second))["same_incident"]
    assert [one["issue_id"] for one in same] == [first]
    assert any("街道" in reason for reason in same[0]["reasons"])
    assert (await suggestions(agent, elsewhere))["same_incident"] == []


async def test_a_clause_of_the_exclusion_list_is_proposed_with_where_to_go(agent: httpx.AsyncClient) -> None:
    issue_id = await register(agent, text="法院判决书下来了，对方不给钱，执行局也不管，你们帮我强制执行")
    body = await suggestions(agent, issue_id)
    assert str(body["decline"]["exclusion_code"]).startswith("X01")
    assert body["decline"]["redirect"]
    assert body["held_because"]


async def test_an_unknown_issue_has_no_suggestions(agent: httpx.AsyncClient) -> None:
    answer = await agent.get("/v1/issues/01900000-0000-7000-8000-000000000000/suggestions")
    assert await problem(answer) == (404, "issue.not_found")


async def test_corrections_are_exported_to_a_file_of_the_operators(
    agent: httpx.AsyncClient, intake: Running, tmp_path: Path
) -> None:
    words = f"青城小屋的事{secrets.token_hex(4)}，请看看"
    await act(agent, await register(agent, text=words), "accept", ACCEPT | {"item_code": "0605"})
    right = await register(agent, text="屋里只有十三度，暖气片冰凉")
    await act(agent, right, "accept", ACCEPT)
    file = tmp_path / "corrections.tsv"
    done = await intake.ask("export-corrections", str(file))
    assert done.code == 0, done.err
    assert words not in done.out + done.err
    assert f"0605\t{words}\n" in file.read_text("utf-8")
    assert "十三度" not in file.read_text("utf-8")
    assert file.stat().st_mode & 0o077 == 0
    again = await intake.ask("export-corrections", str(file))
    assert again.code == 2, "an existing file is not written over"


@pytest.fixture(scope="module")
def switched_on() -> dict[str, str]:
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    return {"PSEUDONYM_KEY": key, "AUTO_ACCEPT": "true"}


async def test_a_city_that_switched_it_on_has_sure_issues_accepted_at_once(
    infrastructure: Infrastructure, tmp_path: Path, switched_on: dict[str, str]
) -> None:
    prepare = ("migrate", "load-reference")
    async with (
        running("intake", infrastructure, tmp_path, switched_on, prepare=prepare) as service,
        await service.client("agent", sub="A001") as agent,
    ):
        sure = (await agent.post("/v1/issues", json=APPEAL)).json()
        assert (sure["status"], sure["item_code"], sure["version"]) == ("accepted", "0101", 2)
        question = await register(agent, text="请问取暖费怎么交，去哪办？")
        assert (await agent.get(f"/v1/issues/{question}")).json()["status"] == "registered"
        danger = await register(agent, text="暖气管爆了烫伤了人，人昏过去了，暖气片冰凉")
        assert (await agent.get(f"/v1/issues/{danger}")).json()["status"] == "registered"
