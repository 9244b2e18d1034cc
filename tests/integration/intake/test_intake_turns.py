"""An issue's turns as people use them: objection, withdrawal, reopening, merging, specialists, emergencies."""

from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest

from chassis.ids import derived_beside, new_id
from contracts.codes import ClosingOutcome
from contracts.event import Event
from contracts.notify import AnswerRevisitRecorded, RevisitRecorded
from contracts.router import OrderClosed
from tests.integration.intake.desk import ACCEPT, APPEAL, act, problem, publish, register
from tests.polling import eventually
from tests.running import Running

CONTENT = ACCEPT | {"urgency": "normal"}
ANSWER = {"kind": "consultation", "item_code": "1904", "knowledge_id": "K001"}
JOIN = {"channel": "app", "text": "我家也不热。", "appellant": {"name": "钱样本", "phone": "13800001002"}}
EVIDENCE = {"evidence": "same_event", "text": "同一小区同时停热。"}


@pytest.fixture(scope="module")
async def supervisor(intake: Running) -> AsyncGenerator[httpx.AsyncClient]:
    async with await intake.client("supervisor", sub="S001") as client:
        yield client


async def detail(client: httpx.AsyncClient, issue_id: str) -> Any:
    answer = await client.get(f"/v1/issues/{issue_id}")
    assert answer.is_success, answer.text
    return answer.json()


async def titles(client: httpx.AsyncClient, issue_id: str) -> list[str]:
    return [entry["title_zh"] for entry in (await client.get(f"/v1/issues/{issue_id}/timeline")).json()["entries"]]


async def closed(intake: Running, agent: httpx.AsyncClient) -> str:
    issue_id = await register(agent)
    await act(agent, issue_id, "accept", ACCEPT)
    await publish(intake, issue_id, [OrderClosed(issue_id=issue_id, outcome=ClosingOutcome.RESOLVED, reworks=0)])

    async def is_closed() -> bool:
        return bool((await detail(agent, issue_id))["status"] == "closed")

    await eventually(is_closed)
    return issue_id


class TestObjections:
    async def test_a_citizen_objects_once_and_a_third_person_decides(
        self, intake: Running, agent: httpx.AsyncClient, supervisor: httpx.AsyncClient
    ) -> None:
        issue_id = await register(agent)
        [appeal] = (await act(agent, issue_id, "propose-decline", {"exclusion_code": "X0101"}))["appeals"]
        await act(supervisor, issue_id, "confirm-decline")
        objection = {"appeal_id": appeal, "text": "法院没有受理这件事。"}
        assert (await act(agent, issue_id, "object", objection))["status"] == "objection_review"
        own = await supervisor.post(f"/v1/issues/{issue_id}/reject-objection")
        assert await problem(own) == (403, "issue.same_person")
        notes = (await supervisor.get(f"/v1/issues/{issue_id}/notes")).json()["notes"]
        assert notes == [{"kind": "objection", "about": appeal, "text": "法院没有受理这件事。"}]
        async with await intake.client("supervisor", sub="S002") as third:
            assert (await act(third, issue_id, "reject-objection"))["status"] == "declined"
        again = await agent.post(f"/v1/issues/{issue_id}/object", json=objection)
        assert await problem(again) == (409, "issue.objection_final")

    async def test_an_upheld_objection_is_accepted(
        self, intake: Running, agent: httpx.AsyncClient, supervisor: httpx.AsyncClient
    ) -> None:
        issue_id = await register(agent)
        [appeal] = (await act(agent, issue_id, "propose-decline", {"exclusion_code": "X0101"}))["appeals"]
        await act(supervisor, issue_id, "confirm-decline")
        await act(agent, issue_id, "object", {"appeal_id": appeal, "text": "不对。"})
        async with await intake.client("supervisor", sub="S002") as third:
            upheld = await act(third, issue_id, "uphold-objection", ACCEPT)
        assert (upheld["status"], upheld["item_code"], upheld["urgency"]) == ("accepted", "0101", "urgent")
        assert (await titles(agent, issue_id))[-2:] == ["异议成立", "受理"]


class TestWithdrawing:
    async def test_one_leaves_then_the_last_one_takes_the_issue_along(self, agent: httpx.AsyncClient) -> None:
        issue_id = await register(agent)
        joined = await act(agent, issue_id, "appeals", JOIN)
        first, second = joined["appeals"]
        left = await act(agent, issue_id, f"appeals/{first}/withdraw", {})
        assert (left["status"], left["appeals"]) == ("registered", [second])
        assert [contact["name"] for contact in (await detail(agent, issue_id))["contacts"]] == ["钱**"]
        assert (await act(agent, issue_id, f"appeals/{second}/withdraw", {}))["status"] == "withdrawn"
        assert (await titles(agent, issue_id))[-2:] == ["撤回诉求", "撤回事项"]


class TestReopening:
    async def test_a_caller_reopens_what_was_closed(self, intake: Running, agent: httpx.AsyncClient) -> None:
        issue_id = await closed(intake, agent)
        before = await detail(agent, issue_id)
        assert before["reopen_until"] is not None
        wish = {"appeal_id": before["appeals"][0], "reason": "recurred", "text": "第二天又不热了。"}
        reopened = await act(agent, issue_id, "reopen", wish)
        assert (reopened["status"], reopened["item_code"], reopened["outcome"]) == ("accepted", "0101", None)
        entry = (await agent.get(f"/v1/issues/{issue_id}/timeline")).json()["entries"][-1]
        assert (entry["title_zh"], entry["data"]["order_number"]) == ("重新打开", 2)
        assert entry["data"]["last_order_id"] == derived_beside(issue_id, "order", "1")

    @pytest.mark.parametrize("late", [True, False], ids=["late caller", "answered caller"])
    async def test_a_no_at_the_call_back_beside_an_order_reopens_it(
        self, intake: Running, agent: httpx.AsyncClient, late: bool
    ) -> None:
        said: Any = {"resolution": "no", "satisfaction": "dissatisfied", "reason_class": "unit_work", "by": "R1"}
        if late:
            issue_id = await closed(intake, agent)
        else:
            issue_id = await register(agent)
            await act(agent, issue_id, "answer", ANSWER)
        [appeal] = (await detail(agent, issue_id))["appeals"]
        no: Event = AnswerRevisitRecorded(appeal_id=appeal, channel="phone", **said)
        if late:
            order = derived_beside(issue_id, "order", "1")
            told = {"contacted": True, "in_time": True, "round": 2, "basis": "late_caller"}
            no = RevisitRecorded(appeal_id=appeal, order_id=order, **told, **said)
        await intake.publish((new_id(), 1, issue_id, no))

        async def is_open_again() -> bool:
            return bool((await detail(agent, issue_id))["status"] == "accepted")

        await eventually(is_open_again)
        entries = (await agent.get(f"/v1/issues/{issue_id}/timeline")).json()["entries"]
        [entry] = [one for one in entries if one["title_zh"] == "重新打开"]
        assert (entry["data"]["by"], entry["data"]["order_number"]) == ("machine:revisit", 2 if late else 1)

    async def test_what_an_agency_refuses_is_in_the_queue_again(self, agent: httpx.AsyncClient) -> None:
        issue_id = await register(agent)
        await act(agent, issue_id, "transfer", {"agency": "110", "reference": "J20260302-17"})
        assert (await act(agent, issue_id, "refuse-transfer"))["status"] == "registered"
        assert (await titles(agent, issue_id))[-2:] == ["转接110", "110退回转接"]


class TestMerging:
    async def test_the_survivor_goes_on_with_every_caller_and_parts_again(self, agent: httpx.AsyncClient) -> None:
        survivor, merged = await register(agent), await register(agent, appellant=JOIN["appellant"])
        [own] = (await act(agent, survivor, "accept", ACCEPT))["appeals"]
        [other] = (await act(agent, merged, "accept", ACCEPT))["appeals"]
        ended = await act(agent, merged, "merge", EVIDENCE | {"into": survivor})
        assert (ended["id"], ended["status"], ended["merged_into"]) == (merged, "merged", survivor)
        together = await detail(agent, survivor)
        assert (together["appeals"], together["merged_from"]) == ([own, other], [merged])
        assert [contact["phone"] for contact in together["contacts"]] == ["138****1001", "138****1002"]

        more = {"appeal_id": other, "follow_up": "supplement", "text": "水管也漏了。"}
        assert (await act(agent, merged, "follow-ups", more))["id"] == survivor, "asked of the survivor instead"
        shown = await act(agent, survivor, f"appeals/{other}/reveal", {"purpose": "revisit"})
        assert (shown["name"], shown["supplements"]) == ("钱样本", ["水管也漏了。"])

        parted = await act(agent, merged, "unmerge", {})
        assert (parted["status"], parted["appeals"], parted["merged_into"]) == ("accepted", [other], None)
        alone = await detail(agent, survivor)
        assert (alone["appeals"], alone["merged_from"]) == ([own], [])
        assert (await titles(agent, merged))[-2:] == ["合并到另一事项", "撤销合并"]
        again = await act(agent, merged, f"appeals/{other}/reveal", {"purpose": "revisit"})
        assert again["supplements"] == ["水管也漏了。"], "what came while it was merged is not lost"

    async def test_no_evidence_no_merging(self, agent: httpx.AsyncClient) -> None:
        issue_id, other = await register(agent), await register(agent)
        bare = await agent.post(f"/v1/issues/{issue_id}/merge", json={"into": other})
        assert await problem(bare) == (422, "request.invalid")
        assert {error["field"] for error in bare.json()["errors"]} == {"evidence", "text"}

    async def test_no_chains_no_self_and_no_stranger(self, agent: httpx.AsyncClient) -> None:
        first, second, third = [await register(agent) for _ in range(3)]
        await act(agent, first, "merge", EVIDENCE | {"into": second})
        for who, into in ((second, third), (third, first)):
            chain = await agent.post(f"/v1/issues/{who}/merge", json=EVIDENCE | {"into": into})
            assert await problem(chain) == (409, "issue.merge_chain")
        assert second in chain.json()["detail"], "it says which one goes on"
        itself = await agent.post(f"/v1/issues/{third}/merge", json=EVIDENCE | {"into": third})
        assert await problem(itself) == (422, "issue.merge_itself")
        nowhere = await agent.post(
            f"/v1/issues/{third}/merge", json=EVIDENCE | {"into": "01900000-0000-7000-8000-000000000000"}
        )
        assert await problem(nowhere) == (404, "issue.not_found")
        assert (await detail(agent, third))["status"] == "registered", "both or neither"


class TestSpecialistsAndClasses:
    async def test_a_specialist_answers_the_agent(self, intake: Running, agent: httpx.AsyncClient) -> None:
        issue_id = await register(agent)
        asked = await act(agent, issue_id, "questions", {"item_code": "1904", "text": "由哪里出具？"})
        question = asked["question_id"]
        assert asked["answer_due"] is not None
        async with await intake.client("specialist", sub="P001") as specialist:
            waiting = (await specialist.get("/v1/issues", params={"waits_for_specialist": "true"})).json()["items"]
            assert issue_id in [item["id"] for item in waiting]
            path = f"questions/{question}/answer"
            answered = await act(specialist, issue_id, path, {"text": "到派出所。"})
        assert (answered["status"], answered["question_id"]) == ("registered", None)
        notes = (await agent.get(f"/v1/issues/{issue_id}/notes")).json()["notes"]
        assert [(note["kind"], note["text"]) for note in notes] == [
            ("question", "由哪里出具？"),
            ("specialist_answer", "到派出所。"),
        ]

    async def test_what_came_by_the_web_is_sorted(self, agent: httpx.AsyncClient) -> None:
        vent, legal, livelihood, call = [
            await register(agent, channel=channel) for channel in ("web", "web", "app", "hotline")
        ]
        assert (await act(agent, vent, "online-class", {"online_class": "vent"}))["status"] == "answered"
        assert (await act(agent, legal, "online-class", {"online_class": "legal"}))["status"] == "transferred"
        body = {"online_class": "livelihood", "content": CONTENT}
        assert (await act(agent, livelihood, "online-class", body))["status"] == "accepted"
        refused = await agent.post(f"/v1/issues/{call}/online-class", json={"online_class": "vent"})
        assert await problem(refused) == (409, "issue.not_online")
        watched = (await agent.get("/v1/issues", params={"online_class": "vent"})).json()["items"]
        assert vent in [item["id"] for item in watched]


class TestEvidence:
    @pytest.mark.parametrize(
        ("channel", "evidence"),
        [
            ("hotline", {"recording_id": "REC-20260302-0017"}),
            ("web", {"photos": ["PIC-1", "PIC-2"]}),
            ("grid", {"photos": ["PIC-3"], "position": {"lat": 40.8, "lon": 111.7, "accuracy_m": 12}}),
        ],
    )
    async def test_each_channel_brings_its_own(
        self, agent: httpx.AsyncClient, channel: str, evidence: dict[str, Any]
    ) -> None:
        issue_id = await register(agent, channel=channel, evidence=evidence, received_at="2026-03-03T09:00:00+08:00")
        [appeal] = (await detail(agent, issue_id))["appeals"]
        shown = (await act(agent, issue_id, f"appeals/{appeal}/reveal", {"purpose": "handling"}))["evidence"]
        assert {name: shown[name] for name in evidence} == evidence

    @pytest.mark.parametrize(
        ("channel", "evidence"),
        [
            ("web", {"recording_id": "REC-1"}),
            ("hotline", {"photos": ["PIC-1"]}),
            ("app", {"position": {"lat": 40.8, "lon": 111.7, "accuracy_m": 12}}),
        ],
    )
    async def test_and_no_other(self, agent: httpx.AsyncClient, channel: str, evidence: dict[str, Any]) -> None:
        refused = await agent.post("/v1/issues", json=APPEAL | {"channel": channel, "evidence": evidence})
        assert await problem(refused) == (422, "issue.evidence_of_other_channel")
        assert refused.json()["errors"][0]["field"] == f"evidence.{next(iter(evidence))}"

    async def test_how_long_a_call_rang_is_measured_once(self, agent: httpx.AsyncClient) -> None:
        within = 'qingcheng_hotline_answer_seconds_bucket{le="15.0"}'

        async def counted() -> float:
            lines = (await agent.get("/metrics")).text.splitlines()
            return next(float(line.split()[-1]) for line in lines if line.startswith(within))

        before = await counted()
        for _ in range(2):
            body = APPEAL | {"channel": "hotline", "answer_seconds": 12}
            told = await agent.post("/v1/issues", json=body, headers={"Idempotency-Key": "rang-once"})
            assert told.status_code == 201
        assert await counted() == before + 1
        refused = await agent.post("/v1/issues", json=APPEAL | {"channel": "web", "answer_seconds": 12})
        assert await problem(refused) == (422, "issue.evidence_of_other_channel")
        assert refused.json()["errors"][0]["field"] == "answer_seconds"


class TestEmergencies:
    async def test_danger_is_not_held_by_anything(self, agent: httpx.AsyncClient) -> None:
        issue_id = await register(agent, emergency="119")
        for action, body in (
            ("propose-decline", {"exclusion_code": "X0101"}),
            ("answer", {"kind": "consultation", "item_code": "1904", "knowledge_id": "K001"}),
            ("questions", {"item_code": "1904", "text": "？"}),
        ):
            held = await agent.post(f"/v1/issues/{issue_id}/{action}", json=body)
            assert await problem(held) == (409, "issue.emergency")
        listed = (await agent.get("/v1/issues", params={"emergency": "true", "limit": "200"})).json()["items"]
        assert issue_id in [item["id"] for item in listed]
        assert (await act(agent, issue_id, "transfer", {"agency": "119"}))["status"] == "transferred"

    async def test_nobody_declines_by_an_item_that_is_a_transfer(self, agent: httpx.AsyncClient) -> None:
        body = {"exclusion_code": "X0802"}
        refused = await agent.post(f"/v1/issues/{await register(agent)}/propose-decline", json=body)
        assert await problem(refused) == (422, "issue.transfer_instead")

    async def test_danger_seen_later_ends_the_review(self, agent: httpx.AsyncClient) -> None:
        issue_id = await register(agent)
        await act(agent, issue_id, "propose-decline", {"exclusion_code": "X0101"})
        seen = await act(agent, issue_id, "emergency", {"emergency": "120"})
        assert (seen["status"], seen["emergency"]) == ("registered", "120")
