"""Intake as people use it: a real process, broker and database."""

import secrets
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta

import asyncpg
import httpx
import pytest

from chassis.ids import derived_beside, new_id
from contracts.codes import ClosingOutcome, ObligationRole
from contracts.event import Event
from contracts.router import Obligation, OrderClosed, OrderCompleted, OrderSigned
from contracts.router_requests import OrderReturnApproved, OrderRuled
from contracts.router_turns import (
    OrderCoHandlerAdded,
    OrderDeskChanged,
    OrderHandedOver,
    OrderReassigned,
    OrderRecalled,
)
from tests.integration.intake.desk import (
    ACCEPT,
    APPEAL,
    CALLER,
    OTHER_UNIT,
    UNIT,
    act,
    dispatched,
    order_events,
    problem,
    publish,
    register,
)
from tests.polling import eventually
from tests.running import Running


class TestMainRoad:
    async def test_register_answers_where_the_issue_is_and_nothing_of_the_caller(
        self, agent: httpx.AsyncClient
    ) -> None:
        answer = await agent.post("/v1/issues", json=APPEAL)
        body = answer.json()
        assert (answer.status_code, answer.headers["etag"]) == (201, '"1"')
        assert answer.headers["location"] == f"/v1/issues/{body['id']}"
        assert (body["status"], body["status_zh"], body["appeals"]) == ("registered", "已登记", [body["appeal_id"]])
        assert "1001" not in answer.text
        assert "赵" not in answer.text

    async def test_an_issue_shows_masked_contacts_only(self, agent: httpx.AsyncClient) -> None:
        answer = await agent.get(f"/v1/issues/{await register(agent)}")
        [contact] = answer.json()["contacts"]
        assert (contact["name"], contact["phone"]) == ("赵**", "138****1001")
        assert "暖气" not in answer.text

    async def test_from_acceptance_to_closing_the_citizen_sees_promise_and_end(
        self, intake: Running, agent: httpx.AsyncClient
    ) -> None:
        issue_id = await register(agent)
        accepted = await act(agent, issue_id, "accept", ACCEPT)
        assert (accepted["status"], accepted["urgency"]) == ("accepted", "urgent"), "urgency of the catalogue"
        promised_at = datetime.now(UTC) + timedelta(days=2)
        order = derived_beside(issue_id, "order", "1")
        completed = OrderCompleted(
            issue_id=issue_id, round=1, appeals=accepted["appeals"], units=[UNIT], revisit_due=promised_at, by="R1"
        )
        closed = OrderClosed(issue_id=issue_id, outcome=ClosingOutcome.RESOLVED, reworks=0)
        events = [*order_events(issue_id, accepted["appeals"], UNIT, promised_at), completed, closed]
        await publish(intake, issue_id, events)

        async def has_ended() -> bool:
            return bool((await agent.get(f"/v1/issues/{issue_id}")).json()["status"] == "closed")

        await eventually(has_ended)
        body = (await agent.get(f"/v1/issues/{issue_id}")).json()
        assert (body["order_id"], body["outcome"], body["late"]) == (order, "resolved", False)
        assert datetime.fromisoformat(body["promised_at"]) == promised_at
        timeline = (await agent.get(f"/v1/issues/{issue_id}/timeline")).json()["entries"]
        assert [entry["title_zh"] for entry in timeline] == [
            *("登记", "受理", "生成工单", "派单", "审核通过，待回访", "工单归档", "办结"),
        ]
        assert [entry["service"] for entry in timeline] == [*("intake",) * 2, *("router",) * 4, "intake"]

    async def test_transfer_answer_and_a_decline_by_two(self, intake: Running, agent: httpx.AsyncClient) -> None:
        assert (await act(agent, await register(agent), "transfer", {"agency": "119"}))["agency"] == "119"
        answer = {"kind": "consultation", "item_code": "1904", "knowledge_id": "K001"}
        assert (await act(agent, await register(agent), "answer", answer))["status"] == "answered"
        issue_id = await register(agent)
        assert (await act(agent, issue_id, "propose-decline", {"exclusion_code": "X0101"}))[
            "status"
        ] == "decline_review"
        own = await agent.post(f"/v1/issues/{issue_id}/confirm-decline")
        assert await problem(own) == (403, "issue.same_person")
        async with await intake.client("supervisor", sub="S001") as supervisor:
            assert (await act(supervisor, issue_id, "refuse-decline"))["status"] == "registered"
            await act(agent, issue_id, "propose-decline", {"exclusion_code": "X0101"})
            assert (await act(supervisor, issue_id, "confirm-decline"))["status"] == "declined"
        direction = (await agent.get(f"/v1/issues/{issue_id}")).json()["direction"]
        assert "12368" in direction["redirect"], "the citizen is told where to go"

    async def test_callers_join_and_follow_up(self, agent: httpx.AsyncClient) -> None:
        issue_id = await register(agent)
        join = {"channel": "app", "text": "我家也不热。", "appellant": {"name": "钱样本", "phone": "13800001002"}}
        joined = await act(agent, issue_id, "appeals", join)
        assert joined["appeals"][-1] == joined["appeal_id"]
        more = {"appeal_id": joined["appeal_id"], "follow_up": "supplement", "text": "水管也漏了。"}
        assert (await act(agent, issue_id, "follow-ups", more))["version"] == 3
        reveal = f"appeals/{joined['appeal_id']}/reveal"
        assert (await act(agent, issue_id, reveal, {"purpose": "handling"}))["supplements"] == ["水管也漏了。"]
        detail = (await agent.get(f"/v1/issues/{issue_id}")).json()
        assert [contact["name"] for contact in detail["contacts"]] == ["赵**", "钱**"]


class TestPrivacy:
    async def test_a_reveal_shows_everything_after_it_was_recorded(self, agent: httpx.AsyncClient) -> None:
        issue_id = await register(agent)
        appeal_id = (await agent.get(f"/v1/issues/{issue_id}")).json()["appeals"][0]
        answer = await agent.post(f"/v1/issues/{issue_id}/appeals/{appeal_id}/reveal", json={"purpose": "handling"})
        body = answer.json()
        assert (body["name"], body["phone"], body["text"]) == ("赵示例", "13800001001", APPEAL["text"])
        assert (body["place"], body["lat"]) == (APPEAL["place"], 40.8)
        assert answer.headers["cache-control"] == "no-store"
        last = (await agent.get(f"/v1/issues/{issue_id}/timeline")).json()["entries"][-1]
        assert (last["title_zh"], last["data"]["by"], last["data"]["purpose"]) == ("查看联系方式", "A001", "handling")

    async def test_who_sends_messages_asks_for_many_contacts_each_of_which_is_on_record(
        self, intake: Running, agent: httpx.AsyncClient
    ) -> None:
        """One that cannot be shown costs no other, and nothing is told that a message does not need."""
        phones = ["13800001004", "13800001005"]
        issues = [await register(agent, appellant=CALLER | {"phone": phone}) for phone in phones]
        appeals = [(await agent.get(f"/v1/issues/{issue}")).json()["appeals"][0] for issue in issues]
        joined = {"channel": "app", "text": "我家也是。", "appellant": {"name": "钱样本", "phone": "13800001006"}}
        other = (await act(agent, issues[0], "appeals", joined))["appeal_id"]
        nowhere, unknown = new_id(), new_id()
        asked = [*zip(issues, appeals, strict=True), (issues[0], other), (nowhere, unknown), (issues[1], unknown)]
        async with await intake.client("service", sub="notify") as sender:
            lines = [{"issue_id": issue, "appeal_id": appeal} for issue, appeal in asked[:4]]
            answer = await sender.post("/v1/contacts/reveal", json={"purpose": "message", "appeals": lines})
            lines = [{"issue_id": issue, "appeal_id": appeal} for issue, appeal in asked[4:]]
            wrong = await sender.post("/v1/contacts/reveal", json={"purpose": "message", "appeals": lines})
            twice = await sender.post("/v1/contacts/reveal", json={"purpose": "message", "appeals": lines * 2})
        assert answer.headers["cache-control"] == "no-store"
        told = [*answer.json()["contacts"], *wrong.json()["contacts"]]
        assert [(one["issue_id"], one["appeal_id"]) for one in told] == asked
        assert [one["phone"] for one in told] == [*phones, "13800001006", None, None]
        codes = [None, None, None, "issue.not_found", "issue.unknown_appeal"]
        assert [one["code"] for one in told] == codes
        assert set(told[0]) == {"issue_id", "appeal_id", "phone", "email", "code"}
        assert await problem(twice) == (422, "issue.appeal_twice")
        for issue, shown in ((issues[0], {appeals[0], other}), (issues[1], {appeals[1]})):
            entries = (await agent.get(f"/v1/issues/{issue}/timeline")).json()["entries"]
            looks = [entry["data"] for entry in entries if entry["title_zh"] == "查看联系方式"]
            assert {(look["appeal_id"], look["by"], look["purpose"]) for look in looks} == {
                (appeal, "notify", "message") for appeal in shown
            }

    async def test_nothing_of_a_caller_is_stored_in_the_clear_or_logged(
        self, intake: Running, agent: httpx.AsyncClient
    ) -> None:
        name, words = f"样本{secrets.token_hex(4)}", f"说了{secrets.token_hex(8)}"
        phone = f"139{secrets.randbelow(10**8):08d}"
        issue_id = await register(agent, text=words, appellant={"name": name, "phone": phone})
        await agent.post(f"/v1/issues/{issue_id}/accept", json=ACCEPT | {"item_code": phone})
        whole = 'SELECT t::text FROM "<table>" t'
        conn = await asyncpg.connect(intake.database_url)
        try:
            tables = [row[0] for row in await conn.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
            dump = "".join([str(await conn.fetch(whole.replace("<table>", table))) for table in tables])
        finally:
            await conn.close()
        assert issue_id in dump
        for secret in (name, words, phone):
            assert secret not in dump
            assert secret not in intake.log.read_text()

    async def test_the_same_caller_has_the_same_pseudonym_in_two_issues(self, agent: httpx.AsyncClient) -> None:
        ids = [await register(agent), await register(agent, appellant=CALLER | {"phone": "+86 13800001001"})]
        timelines = [(await agent.get(f"/v1/issues/{id_}/timeline")).json()["entries"] for id_ in ids]
        assert timelines[0][0]["data"]["appellant_id"] == timelines[1][0]["data"]["appellant_id"]

    async def test_a_unit_sees_what_was_dispatched_to_it_and_nothing_else(
        self, intake: Running, agent: httpx.AsyncClient
    ) -> None:
        issue_id, appeal_id = await dispatched(intake, agent)
        reveal = f"/v1/issues/{issue_id}/appeals/{appeal_id}/reveal"
        async with (
            await intake.client("unit_handler", sub="U1", unit=UNIT) as own,
            await intake.client("unit_handler", sub="U2", unit=OTHER_UNIT) as other,
            await intake.client("unit_handler", sub="U3") as nobodys,
        ):
            assert (await own.get(f"/v1/issues/{issue_id}")).status_code == 200
            assert issue_id in [item["id"] for item in (await own.get("/v1/issues")).json()["items"]]
            assert (await own.post(reveal, json={"purpose": "handling"})).json()["phone"] == "13800001001"
            for client in (other, nobodys):
                assert await problem(await client.get(f"/v1/issues/{issue_id}")) == (404, "issue.not_found")
                assert await problem(await client.get(f"/v1/issues/{issue_id}/timeline")) == (404, "issue.not_found")
                assert (await client.get("/v1/issues?count=true")).json() == {
                    "items": [],
                    "next_cursor": None,
                    "count": 0,
                }
                refused = await client.post(reveal, json={"purpose": "handling"})
                assert await problem(refused) == (403, "issue.not_your_unit")

    async def test_where_no_router_can_be_asked_nobody_reads_for_another_unit(
        self, intake: Running, agent: httpx.AsyncClient
    ) -> None:
        issue_id, _ = await dispatched(intake, agent)
        async with await intake.client("unit_handler", sub="U2", unit=OTHER_UNIT) as other:
            answer = await other.get(f"/v1/issues/{issue_id}", headers={"Acting-For": UNIT})
            assert await problem(answer) == (403, "deputy.not_appointed")

    @pytest.mark.parametrize("came", ["ruled", "reassigned", "handed over", "called to help"])
    async def test_a_unit_that_an_order_comes_to_later_finds_the_caller(
        self, intake: Running, agent: httpx.AsyncClient, came: str
    ) -> None:
        issue_id, appeal_id = await dispatched(intake, agent)
        new = f"D1501{secrets.randbelow(10_000):04}"
        now = datetime.now(UTC)
        clocks = {"sign_due": now, "contact_due": now, "yellow_at": now, "due": now}
        obligation = Obligation(unit=new, role=ObligationRole.LEAD, **clocks)
        event: Event = {
            "ruled": OrderRuled(request_id=appeal_id, unit=UNIT, lead_unit=new, obligation=obligation, by="V1"),
            "reassigned": OrderReassigned(unit=UNIT, obligation=obligation, number=1, by="D1"),
            "handed over": OrderHandedOver(unit=UNIT, successor=new, dispatch_due=None, by="D1"),
            "called to help": OrderCoHandlerAdded(unit=new, by="D1"),
        }[came]
        await publish(intake, issue_id, [event], first=3)
        async with (
            await intake.client("unit_handler", sub="U1", unit=new) as theirs,
            await intake.client("unit_handler", sub="U2", unit=OTHER_UNIT) as other,
        ):

            async def found() -> bool:
                return (await theirs.get(f"/v1/issues/{issue_id}")).status_code == 200

            await eventually(found)
            assert [item["id"] for item in (await theirs.get("/v1/issues")).json()["items"]] == [issue_id]
            reveal = f"/v1/issues/{issue_id}/appeals/{appeal_id}/reveal"
            assert (await theirs.post(reveal, json={"purpose": "handling"})).json()["phone"] == "13800001001"
            assert await problem(await other.get(f"/v1/issues/{issue_id}")) == (404, "issue.not_found")

    @pytest.mark.parametrize("went", ["returned", "recalled", "ruled", "taken over", "handed over"])
    async def test_a_unit_that_lost_an_order_finds_its_caller_no_more_unless_it_comes_back(
        self, intake: Running, agent: httpx.AsyncClient, went: str
    ) -> None:
        issue_id, appeal_id = await dispatched(intake, agent)
        new, now = f"D1501{secrets.randbelow(10_000):04}", datetime.now(UTC)
        clocks = {"sign_due": now, "contact_due": now, "yellow_at": now, "due": now}
        obligation = Obligation(unit=new, role=ObligationRole.LEAD, **clocks)
        reassigned = OrderReassigned(unit=UNIT, obligation=obligation, number=1, by="D1")
        happenings: dict[str, list[Event]] = {
            "returned": [OrderReturnApproved(request_id=appeal_id, unit=UNIT, dispatch_due=now, by="D1")],
            "recalled": [OrderRecalled(units=[UNIT], reason="wrong_unit", dispatch_due=now, by="D1")],
            "ruled": [OrderRuled(request_id=appeal_id, unit=UNIT, lead_unit=new, obligation=obligation, by="V1")],
            "taken over": [reassigned, OrderSigned(unit=new, automatic=False, by="U2", replaces=UNIT)],
            "handed over": [OrderHandedOver(unit=UNIT, successor=new, dispatch_due=None, by="D1")],
        }
        events = happenings[went]
        reveal = f"/v1/issues/{issue_id}/appeals/{appeal_id}/reveal"
        async with await intake.client("unit_handler", sub="U1", unit=UNIT) as before:
            if went == "taken over":
                await publish(intake, issue_id, events[:1], first=3)
            assert (await before.get(f"/v1/issues/{issue_id}")).status_code == 200, "until the other has signed"
            await publish(intake, issue_id, events[-1:], first=2 + len(events))

            async def sees(status: int) -> bool:
                return (await before.get(f"/v1/issues/{issue_id}")).status_code == status

            await eventually(lambda: sees(404))
            assert await problem(await before.post(reveal, json={"purpose": "handling"})) == (
                403,
                "issue.not_your_unit",
            )
            assert issue_id not in [item["id"] for item in (await before.get("/v1/issues")).json()["items"]]
            await publish(intake, issue_id, [OrderCoHandlerAdded(unit=UNIT, by="D1")], first=3 + len(events))
            await eventually(lambda: sees(200))


class TestCountyDesk:
    """二级派单: a county's dispatcher reads the issues of the county; what is of no known county is the city's."""

    @pytest.fixture
    async def desks(self, intake: Running) -> AsyncGenerator[dict[str, httpx.AsyncClient]]:
        async with (
            await intake.client("dispatcher", sub="D1") as city,
            await intake.client("dispatcher", sub="D2", unit="G150105") as own,
            await intake.client("dispatcher", sub="D3", unit="G150102") as other,
        ):
            yield {"city": city, "own": own, "other": other}

    async def _seen(self, desks: dict[str, httpx.AsyncClient], issue_id: str) -> set[str]:
        """Who sees the issue; its timeline and the list tell the same as the issue itself."""
        seen = set()
        for name, client in desks.items():
            answer = await client.get(f"/v1/issues/{issue_id}")
            timeline = await client.get(f"/v1/issues/{issue_id}/timeline")
            listed = await client.get("/v1/issues", params={"sort": "-received_at", "limit": 200})
            there = issue_id in [item["id"] for item in listed.json()["items"]]
            assert (answer.status_code == 200, timeline.status_code == 200) == (there, there), name
            if not there:
                assert await problem(answer) == await problem(timeline) == (404, "issue.not_found")
            seen |= {name} if there else set()
        return seen

    async def test_it_reads_what_happened_in_the_county_and_nothing_of_another(
        self, agent: httpx.AsyncClient, desks: dict[str, httpx.AsyncClient]
    ) -> None:
        now = {"received_at": datetime.now(UTC).isoformat()}
        assert await self._seen(desks, await register(agent, **now)) == {"city", "own"}
        assert await self._seen(desks, await register(agent, **now, street_code=None)) == {"city"}
        counts = [(await desks[name].get("/v1/issues?count=true")).json()["count"] for name in ("city", "own")]
        assert counts[0] > counts[1] > 0
        elsewhere = await desks["other"].get("/v1/issues", params={"street_code": "150105004", "count": True})
        assert elsewhere.json()["count"] == 0

    async def test_it_reads_what_the_city_sent_to_its_desk_until_that_goes_on_to_another(
        self, intake: Running, agent: httpx.AsyncClient, desks: dict[str, httpx.AsyncClient]
    ) -> None:
        issue_id = await register(agent, received_at=datetime.now(UTC).isoformat(), street_code=None)
        opened = order_events(issue_id, [issue_id], UNIT, datetime.now(UTC))[0].model_copy(update={"street_code": None})
        sent = [OrderDeskChanged(desk=desk, by="D1") for desk in ("G150105", "G150102", None)]
        for number, (event, readers) in enumerate(
            zip([opened, *sent], [{"city"}, {"city", "own"}, {"city", "other"}, {"city"}], strict=True), 1
        ):
            await publish(intake, issue_id, [event], first=number)

            async def known(told: int = number) -> bool:
                entries = (await agent.get(f"/v1/issues/{issue_id}/timeline")).json()["entries"]
                return len(entries) > told

            await eventually(known)
            assert await self._seen(desks, issue_id) == readers

    async def test_it_reads_what_the_county_has_itself(
        self, intake: Running, agent: httpx.AsyncClient, desks: dict[str, httpx.AsyncClient]
    ) -> None:
        issue_id = await register(agent, received_at=datetime.now(UTC).isoformat(), street_code=None)
        await publish(intake, issue_id, order_events(issue_id, [issue_id], "G150105", datetime.now(UTC)))
        await eventually(lambda: self._is_promised(agent, issue_id))
        assert await self._seen(desks, issue_id) == {"city", "own"}

    async def _is_promised(self, agent: httpx.AsyncClient, issue_id: str) -> bool:
        return (await agent.get(f"/v1/issues/{issue_id}")).json()["promised_at"] is not None

    async def test_who_has_another_role_besides_reads_by_that(self, intake: Running, agent: httpx.AsyncClient) -> None:
        issue_id = await register(agent)
        async with await intake.client("dispatcher", "supervisor", sub="D4", unit="G150102") as both:
            assert (await both.get(f"/v1/issues/{issue_id}")).status_code == 200


class TestLists:
    async def test_pages_filters_and_count_agree(self, agent: httpx.AsyncClient) -> None:
        received = [f"2001-01-0{day}T00:00:00Z" for day in (3, 1, 2)]
        ids = [await register(agent, channel="rider", received_at=at) for at in received]
        query = {"channel": "rider", "status": "registered", "limit": "2", "count": "true"}
        for sort, expected in (("received_at", [1, 2, 0]), ("-received_at", [0, 2, 1]), ("due", [0, 1, 2])):
            seen, cursor = list[str](), dict[str, str]()
            for _ in range(2):
                page = (await agent.get("/v1/issues", params=query | {"sort": sort} | cursor)).json()
                assert page["count"] == 3
                seen += [item["id"] for item in page["items"]]
                cursor = {"cursor": page["next_cursor"]}
            assert seen == [ids[place] for place in expected]
            assert page["next_cursor"] is None

    async def test_a_list_can_be_had_as_csv(self, agent: httpx.AsyncClient) -> None:
        issue_id = await register(agent, channel="grid")
        answer = await agent.get("/v1/issues", params={"channel": "grid"}, headers={"Accept": "text/csv"})
        lines = answer.content.decode("utf-8-sig").splitlines()
        assert lines[0].startswith("编号,状态,来源")
        assert lines[1].startswith(f"{issue_id},已登记,grid")

    async def test_reference_lists_are_searched_by_words(self, agent: httpx.AsyncClient) -> None:
        found = (await agent.get("/v1/knowledge", params={"q": "居住证", "item_code": "1904"})).json()
        assert found["version"]
        assert {entry["item_code"] for entry in found["items"]} == {"1904"}
        assert all("居住证" in entry["question_zh"] + entry["answer_zh"] for entry in found["items"])
        assert len((await agent.get("/v1/catalogue")).json()["items"]) == 149
        assert len((await agent.get("/v1/exclusions", params={"q": "法院"})).json()["items"]) > 0
