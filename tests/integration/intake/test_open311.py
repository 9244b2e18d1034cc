"""Open311 GeoReport v2 as its specification has it, asked over HTTP: by hand, and by a client that others wrote."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest
import xmltodict
from georeport import GeoReport

from contracts.codes import ClosingOutcome
from contracts.router import OrderClosed, OrderCompleted, OrderLimitsRecomputed
from tests.integration.intake.desk import ACCEPT, UNIT, act, order_events, publish, register
from tests.integration.intake.partners import FORM, JURISDICTION, RIDERS_KEY, RIDERS_PHONE, SHOPS_KEY, submit
from tests.polling import eventually
from tests.running import Running

V2 = "/open311/v2"
XML, JSON = "text/xml; charset=utf-8", "application/json; charset=utf-8"
PRIVATE = ("description", "lat", "long", "media_url")
HEAT = "市供热企业"


@pytest.fixture(scope="module")
async def anybody(intake: Running) -> AsyncGenerator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=intake.url) as client:
        yield client


def read_xml(answer: httpx.Response) -> dict[str, Any]:
    """What an answer says in XML; lists are lists even of one."""
    return xmltodict.parse(answer.content, force_list=("error", "request", "endpoint", "format"))


async def shown(anybody: httpx.AsyncClient, request_id: str, **query: str) -> Any:
    answer = await anybody.get(f"{V2}/requests/{request_id}.json", params=query)
    assert answer.status_code == 200, answer.text
    [request] = answer.json()
    return request


class TestTheClientThatOthersWrote:
    @pytest.mark.parametrize("output_format", ["json", "xml"])
    async def test_it_reads_services_definitions_and_requests(
        self, intake: Running, anybody: httpx.AsyncClient, output_format: str
    ) -> None:
        first, second = await submit(anybody), await submit(anybody, description=None, service_code="0403")
        client = GeoReport(f"{intake.url}{V2}/", JURISDICTION, output_format=output_format)

        services = {service["service_code"]: service for service in await asyncio.to_thread(client.get_service_list)}
        assert services["0101"]["service_name"] == "室温不达标"
        assert str(services["0101"]["metadata"]).lower() == "false", "a sector's item needs no street"
        assert str(services["0403"]["metadata"]).lower() == "true"

        definition = await asyncio.to_thread(client.get_service_definition, "0403")
        assert definition["service_code"] == "0403"
        attributes = definition["attributes"]
        [street] = attributes if output_format == "json" else [attributes["attribute"]]
        assert (street["code"], street["datatype"]) == ("street", "singlevaluelist")

        request = await asyncio.to_thread(client.get_service_request, first)
        assert (request["service_request_id"], request["status"], request["service_code"]) == (first, "open", "0101")
        both = await asyncio.to_thread(client.get_service_requests, f"{first},{second}")
        assert {request["service_request_id"] for request in both} == {first, second}
        listed = await asyncio.to_thread(client.get_service_requests, None, "0101,0403", None, None, "open")
        assert {first, second} <= {request["service_request_id"] for request in listed}

    async def test_it_is_refused_in_another_jurisdiction(self, intake: Running) -> None:
        client = GeoReport(f"{intake.url}{V2}", "elsewhere.example")
        with pytest.raises(Exception, match="404"):
            await asyncio.to_thread(client.get_service_list)


class TestDiscovery:
    async def test_both_formats_say_the_same(self, anybody: httpx.AsyncClient) -> None:
        in_json, in_xml = await anybody.get("/open311/discovery.json"), await anybody.get("/open311/discovery.xml")
        assert (in_json.headers["content-type"], in_xml.headers["content-type"]) == (JSON, XML)
        [endpoint] = in_json.json()["endpoints"]
        assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
        assert endpoint["url"] == f"{anybody.base_url}/open311/v2".replace("//open311", "/open311")
        assert endpoint["formats"] == ["text/xml", "application/json"]
        datetime.strptime(endpoint["changeset"], "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
        assert in_xml.content.startswith(b'<?xml version="1.0" encoding="utf-8"?>')
        [told] = read_xml(in_xml)["discovery"]["endpoints"]["endpoint"]
        assert told | {"formats": told["formats"]["format"]} == endpoint


class TestSubmitting:
    async def test_it_becomes_an_issue_of_the_partner(
        self, agent: httpx.AsyncClient, anybody: httpx.AsyncClient
    ) -> None:
        request_id = await submit(anybody, address_id="150105004001")
        issue = (await agent.get(f"/v1/issues/{request_id}")).json()
        assert (issue["channel"], issue["status"], issue["street_code"]) == ("partner", "registered", "150105004")
        assert issue["division_code"] == "150105004001"
        assert (issue["partner"], issue["wanted_item"], issue["item_code"]) == ("P-RIDERS", "0101", None)
        reveal = f"appeals/{issue['appeals'][0]}/reveal"
        contact = await act(agent, request_id, reveal, {"purpose": "handling"})
        assert (contact["name"], contact["phone"], contact["text"]) == ("赵示例", "13800001001", FORM["description"])
        assert (contact["place"], contact["lat"]) == (FORM["address_string"], 40.8)
        assert (contact["email"], contact["media_url"]) == (FORM["email"], FORM["media_url"])

    async def test_what_the_specification_requires_is_enough(
        self, agent: httpx.AsyncClient, anybody: httpx.AsyncClient
    ) -> None:
        """Whoever leaves no number is reached by the partner; without words it is about the service."""
        form = {"api_key": RIDERS_KEY, "service_code": "0403", "address_string": "新华大街", "email": "", "phone": " "}
        answer = await anybody.post(f"{V2}/requests.xml", data=form)
        assert (answer.status_code, answer.headers["content-type"]) == (200, XML), answer.text
        [created] = read_xml(answer)["service_requests"]["request"]
        request_id: str = created["service_request_id"]
        issue = (await agent.get(f"/v1/issues/{request_id}")).json()
        reveal = f"appeals/{issue['appeals'][0]}/reveal"
        contact = await act(agent, request_id, reveal, {"purpose": "handling"})
        assert (contact["name"], contact["phone"], contact["lat"]) == ("匿名", RIDERS_PHONE, None)
        assert contact["text"] == issue_service_name(await anybody.get(f"{V2}/services.json"), "0403")

    async def test_danger_is_told_at_once(self, agent: httpx.AsyncClient, anybody: httpx.AsyncClient) -> None:
        form = FORM | {"api_key": RIDERS_KEY, "description": "楼道着火了，有人被困，快来！"}
        [created] = (await anybody.post(f"{V2}/requests.json", data=form)).json()
        assert "119" in created["service_notice"]
        issue = (await agent.get(f"/v1/issues/{created['service_request_id']}")).json()
        assert issue["emergency"] == "119"

    async def test_a_street_may_be_told_by_attribute(
        self, agent: httpx.AsyncClient, anybody: httpx.AsyncClient
    ) -> None:
        request_id = await submit(anybody, service_code="0403", **{"attribute[street]": "150102001"})
        assert (await agent.get(f"/v1/issues/{request_id}")).json()["street_code"] == "150102001"

    async def test_the_same_key_registers_once(self, anybody: httpx.AsyncClient) -> None:
        form, once = FORM | {"api_key": RIDERS_KEY}, {"Idempotency-Key": "open311-once"}
        answers = [await anybody.post(f"{V2}/requests.json", data=form, headers=once) for _ in range(2)]
        assert answers[0].json() == answers[1].json()

    async def test_nothing_of_it_is_in_an_event(self, intake: Running, anybody: httpx.AsyncClient) -> None:
        request_id = await submit(anybody)
        connection = await asyncpg.connect(intake.database_url)
        try:
            query = "SELECT data::text || meta::text FROM events WHERE id = $1::text::uuid"
            told = "".join(row[0] for row in await connection.fetch(query, request_id))
        finally:
            await connection.close()
        assert "P-RIDERS" in told
        for secret in ("1001", "赵", "暖气", "大学", "zhao", "photos", "111.69", RIDERS_KEY):
            assert secret not in told


def issue_service_name(services: httpx.Response, code: str) -> str:
    [service] = [service for service in services.json() if service["service_code"] == code]
    name: str = service["service_name"]
    return name


class TestWhoSeesWhat:
    async def test_words_place_and_picture_go_back_to_the_sender_only(self, anybody: httpx.AsyncClient) -> None:
        request_id = await submit(anybody, address_id="150105004")
        own = await shown(anybody, request_id, api_key=RIDERS_KEY)
        assert [own[name] for name in PRIVATE] == [FORM["description"], 40.8, 111.69, FORM["media_url"]]
        assert own["address"] == f"{FORM['address_string']}，{own['address'].rpartition('，')[2]}"
        for others in ({}, {"api_key": SHOPS_KEY}):
            request = await shown(anybody, request_id, **others)
            assert [request[name] for name in PRIVATE] == [None] * 4
            assert "单元" not in request["address"]
        for path in (f"requests/{request_id}.xml", "requests.xml", "requests.json"):
            text = (await anybody.get(f"{V2}/{path}", params={"api_key": SHOPS_KEY})).text
            assert request_id in text
            assert all(secret not in text for secret in ("暖气", "赵", "1001", "zhao", "photos", "3单元"))

    async def test_whoever_joins_is_shown_to_nobody(self, agent: httpx.AsyncClient, anybody: httpx.AsyncClient) -> None:
        request_id = await submit(anybody)
        join = {"channel": "app", "text": "我家也不热。", "appellant": {"name": "钱样本", "phone": "13800001002"}}
        await act(agent, request_id, "appeals", join)
        assert (await shown(anybody, request_id, api_key=RIDERS_KEY))["description"] == FORM["description"]

    async def test_what_did_not_come_by_open311_is_not_there(
        self, agent: httpx.AsyncClient, anybody: httpx.AsyncClient
    ) -> None:
        issue_id = await register(agent)
        assert (await anybody.get(f"{V2}/requests/{issue_id}.json")).status_code == 404
        assert (await anybody.get(f"{V2}/tokens/{issue_id}.json")).status_code == 404
        assert issue_id not in (await anybody.get(f"{V2}/requests.json")).text

    async def test_a_request_answers_for_its_token(self, anybody: httpx.AsyncClient) -> None:
        request_id = await submit(anybody)
        answer = await anybody.get(f"{V2}/tokens/{request_id}.json")
        assert answer.json() == [{"service_request_id": request_id, "token": request_id}]


class TestStatus:
    async def test_the_promise_is_the_orders_and_the_end_is_told(
        self, intake: Running, agent: httpx.AsyncClient, anybody: httpx.AsyncClient
    ) -> None:
        request_id = await submit(anybody)
        before = await shown(anybody, request_id)
        assert (before["expected_datetime"], before["status_notes"]) == (None, "已登记")
        assert before["agency_responsible"] is None
        accepted = await act(agent, request_id, "accept", ACCEPT)
        promised = (datetime.now(UTC) + timedelta(days=2)).replace(microsecond=0)
        events = order_events(request_id, accepted["appeals"], UNIT, promised)
        await publish(intake, request_id, events)
        later = promised + timedelta(days=1)
        moved = OrderLimitsRecomputed(
            issue_id=request_id,
            calendar="c2",
            recomputed_at=datetime.now(UTC),
            obligations=[],
            step_due=None,
            promised_before=promised,
            promised_at=later,
            appeals=accepted["appeals"],
        )
        await eventually(lambda: self._expects(anybody, request_id, promised))
        assert (await shown(anybody, request_id))["agency_responsible"] == HEAT
        for output_format in ("json", "xml"):
            client = GeoReport(f"{intake.url}{V2}/", JURISDICTION, output_format=output_format)
            told = await asyncio.to_thread(client.get_service_request, request_id)
            assert told["agency_responsible"] == HEAT
        await publish(intake, request_id, [moved], first=3)
        await eventually(lambda: self._expects(anybody, request_id, later))
        completed = OrderCompleted(
            issue_id=request_id, round=1, appeals=accepted["appeals"], units=[UNIT], revisit_due=promised, by="R1"
        )
        closed = OrderClosed(issue_id=request_id, outcome=ClosingOutcome.RESOLVED, reworks=0)
        await publish(intake, request_id, [completed, closed], first=4)

        async def has_ended() -> bool:
            return bool((await shown(anybody, request_id))["status"] == "closed")

        await eventually(has_ended)
        ended = await shown(anybody, request_id)
        assert ended["status_notes"] == "已办结；经回访，诉求人表示已解决"
        closed_at = datetime.fromisoformat(ended["updated_datetime"])
        reveal = f"appeals/{accepted['appeals'][0]}/reveal"
        await act(agent, request_id, reveal, {"purpose": "revisit"})
        after = await shown(anybody, request_id)
        assert datetime.fromisoformat(after["updated_datetime"]) == closed_at, "the day on which it was closed"

    async def _expects(self, anybody: httpx.AsyncClient, request_id: str, when: datetime) -> bool:
        told = (await shown(anybody, request_id))["expected_datetime"]
        return told is not None and datetime.fromisoformat(told) == when

    async def test_late_is_told_as_late(
        self, intake: Running, agent: httpx.AsyncClient, anybody: httpx.AsyncClient
    ) -> None:
        request_id = await submit(anybody)
        accepted = await act(agent, request_id, "accept", ACCEPT)
        yesterday = datetime.now(UTC) - timedelta(days=1)
        await publish(intake, request_id, order_events(request_id, accepted["appeals"], UNIT, yesterday))

        async def late() -> bool:
            return "已超过承诺时间" in (await shown(anybody, request_id))["status_notes"]

        await eventually(late)
        assert (await shown(anybody, request_id))["status"] == "open"

    async def test_a_decline_says_where_to_go(
        self, intake: Running, agent: httpx.AsyncClient, anybody: httpx.AsyncClient
    ) -> None:
        request_id = await submit(anybody)
        await act(agent, request_id, "propose-decline", {"exclusion_code": "X0101"})
        assert (await shown(anybody, request_id))["status"] == "open", (
            "nothing is declined before a second person says so"
        )
        async with await intake.client("supervisor", sub="S001") as supervisor:
            await act(supervisor, request_id, "confirm-decline")
        declined = await shown(anybody, request_id)
        assert (declined["status"], "12368" in declined["status_notes"]) == ("closed", True)

    async def test_a_merged_request_lives_as_long_as_the_one_that_goes_on(
        self, agent: httpx.AsyncClient, anybody: httpx.AsyncClient
    ) -> None:
        request_id, other = await submit(anybody), await register(agent)
        evidence = {"into": other, "evidence": "same_event", "text": "同一处。"}
        await act(agent, request_id, "merge", evidence)
        merged = await shown(anybody, request_id)
        assert (merged["status"], "合并" in merged["status_notes"]) == ("open", True)
        assert other not in str(merged)
        await act(agent, other, "transfer", {"agency": "119"})
        assert (await shown(anybody, request_id))["status"] == "closed"


class TestLists:
    async def test_filters_and_pages(self, agent: httpx.AsyncClient, anybody: httpx.AsyncClient) -> None:
        code = "1201"
        mine = [await submit(anybody, service_code=code) for _ in range(5)]
        await act(agent, mine[0], "transfer", {"agency": "110"})

        async def ids(**query: Any) -> list[str]:
            answer = await anybody.get(f"{V2}/requests.json", params={"service_code": code} | query)
            assert answer.status_code == 200, answer.text
            return [request["service_request_id"] for request in answer.json()]

        assert await ids() == mine[::-1], "the latest first"
        assert await ids(status="closed") == mine[:1]
        assert await ids(status="open") == mine[:0:-1]
        assert await ids(status="open,closed") == mine[::-1]
        assert await ids(page_size=2, page=2) == [mine[2], mine[1]]
        first = await anybody.get(f"{V2}/requests.json", params={"service_code": code, "page_size": 3})
        following = await anybody.get(first.links["next"]["url"])
        assert [request["service_request_id"] for request in following.json()] == [mine[1], mine[0]]
        assert "next" not in following.links
        now = datetime.now(UTC)
        assert await ids(end_date=(now - timedelta(days=1)).isoformat()) == []
        assert await ids(start_date=(now - timedelta(days=1)).isoformat()) == mine[::-1]
        assert await ids(start_date=(now - timedelta(days=200)).isoformat()) == [], "ninety days from there"
        assert await ids(service_request_id=f"{mine[3]},nonsense", status="closed") == [mine[3]], "overrides all others"

    async def test_a_list_of_nothing_is_an_empty_list(self, anybody: httpx.AsyncClient) -> None:
        query = {"service_request_id": "nonsense"}
        assert (await anybody.get(f"{V2}/requests.json", params=query)).json() == []
        in_xml = await anybody.get(f"{V2}/requests.xml", params=query)
        assert read_xml(in_xml) == {"service_requests": None}


PLACE = {"address_string": "新华大街"}
REFUSED_FORMS: list[tuple[dict[str, str], int, str]] = [
    ({"service_code": "0101"} | PLACE, 403, "api_key"),
    ({"api_key": "wrong", "service_code": "0101"} | PLACE, 403, "api_key"),
    ({"api_key": RIDERS_KEY} | PLACE, 400, "service_code"),
    ({"api_key": RIDERS_KEY, "service_code": "9999"} | PLACE, 404, "service_code"),
    ({"api_key": RIDERS_KEY, "service_code": "0101", "jurisdiction_id": "x"} | PLACE, 404, "jurisdiction_id"),
    ({"api_key": RIDERS_KEY, "service_code": "0101"}, 400, "address_string"),
    ({"api_key": RIDERS_KEY, "service_code": "0101", "lat": "40.8"}, 400, "long"),
    ({"api_key": RIDERS_KEY, "service_code": "0101", "lat": "91", "long": "0"}, 400, "lat"),
    ({"api_key": RIDERS_KEY, "service_code": "0101", "lat": "nan", "long": "0"}, 400, "lat"),
    ({"api_key": RIDERS_KEY, "service_code": "0101", "address_id": "15010500"}, 400, "address_id"),
    ({"api_key": RIDERS_KEY, "service_code": "0101", "address_id": "999999999"}, 400, "street_code"),
    ({"api_key": RIDERS_KEY, "service_code": "0101", "address_id": "150105004000"}, 400, "address_id"),
    (
        {"api_key": RIDERS_KEY, "service_code": "0403", "address_id": "150105004001", "attribute[street]": "150102001"},
        400,
        "address_id",
    ),
    ({"api_key": RIDERS_KEY, "service_code": "0101", "phone": "111111111"} | PLACE, 400, "phone"),
    ({"api_key": RIDERS_KEY, "service_code": "0101", "email": "nobody"} | PLACE, 400, "email"),
    ({"api_key": RIDERS_KEY, "service_code": "0101", "media_url": "file:///etc/passwd"} | PLACE, 400, "media_url"),
    ({"api_key": RIDERS_KEY, "service_code": "0101", "description": "长" * 4001} | PLACE, 400, "description"),
    ({"api_key": RIDERS_KEY, "service_code": "0101", "attribute[colour]": "red"} | PLACE, 400, "attribute"),
    ({"api_key": RIDERS_KEY, "service_code": "0101", "zipcode": "010010"} | PLACE, 400, "zipcode"),
]
REFUSED_QUESTIONS: list[tuple[str, dict[str, str], int, str]] = [
    ("services", {"jurisdiction_id": "x"}, 404, "jurisdiction_id"),
    ("services/9999", {}, 404, "service_code"),
    ("requests/nonsense", {}, 404, "service_request_id"),
    ("tokens/nonsense", {}, 404, "service_request_id"),
    ("requests", {"api_key": "wrong"}, 403, "api_key"),
    ("requests", {"status": "pending"}, 400, "status"),
    ("requests", {"start_date": "2026-01-01"}, 400, "start_date"),
    ("requests", {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-05-01T00:00:00Z"}, 400, "end_date"),
    ("requests", {"page_size": "1001"}, 400, "page_size"),
    ("requests", {"page": "0"}, 400, "page"),
    ("requests", {"radius": "100"}, 400, "radius"),
    ("nothing", {}, 404, "nothing"),
]


class TestRefusals:
    @pytest.mark.parametrize(("form", "status", "named"), REFUSED_FORMS)
    async def test_of_forms(self, anybody: httpx.AsyncClient, form: dict[str, str], status: int, named: str) -> None:
        check(await anybody.post(f"{V2}/requests.json", data=form), status, named)
        check(await anybody.post(f"{V2}/requests.xml", data=form), status, named)

    @pytest.mark.parametrize(("path", "query", "status", "named"), REFUSED_QUESTIONS)
    async def test_of_questions(
        self, anybody: httpx.AsyncClient, path: str, query: dict[str, str], status: int, named: str
    ) -> None:
        check(await anybody.get(f"{V2}/{path}.json", params=query), status, named)
        check(await anybody.get(f"{V2}/{path}.xml", params=query), status, named)

    async def test_of_what_is_no_form(self, anybody: httpx.AsyncClient) -> None:
        check(await anybody.post(f"{V2}/requests.json", json={"api_key": RIDERS_KEY}), 400, "Content-Type")
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        for body in (b"api_key=%ff", b"\xff", b"&".join(b"a=1" for _ in range(300))):
            check(await anybody.post(f"{V2}/requests.json", content=body, headers=form), 400, "body")
        twice = b"service_code=0101&service_code=0102"
        check(await anybody.post(f"{V2}/requests.json", content=twice, headers=form), 400, "service_code")

    async def test_of_what_there_is_not(self, anybody: httpx.AsyncClient) -> None:
        check(await anybody.post(f"{V2}/services.json", data={}), 404, "services.json")
        check(await anybody.delete(f"{V2}/requests/1.xml"), 404, "requests/1.xml")

    async def test_several_faults_are_several_errors(self, anybody: httpx.AsyncClient) -> None:
        form = {"api_key": RIDERS_KEY, "service_code": "0101", "lat": "x", "long": "y"}
        answer = await anybody.post(f"{V2}/requests.json", data=form)
        assert [fault["code"] for fault in answer.json()] == [400, 400]


def check(answer: httpx.Response, status: int, named: str) -> None:
    """GeoReport's form of a refusal, which names what is wrong."""
    assert answer.status_code == status, answer.text
    if answer.headers["content-type"] == XML:
        told = read_xml(answer)["errors"]["error"]
    else:
        assert answer.headers["content-type"] == JSON
        told = answer.json()
    assert told
    assert all(set(fault) == {"code", "description"} and int(fault["code"]) == status for fault in told), told
    assert any(named in fault["description"] for fault in told), told
