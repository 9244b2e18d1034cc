"""吹哨报到 over HTTP, by everybody who takes part: a real process over real PostgreSQL and Kafka."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from chassis.ids import new_id
from contracts.codes import Agency, Channel
from contracts.intake import IssueRegistered, IssueTransferred
from tests.integration.router.order_desk import LONG_AGO, STREET, Desk, done
from tests.polling import eventually

WATER, ROADS = "D15010004", "D15010005"
APPEAL = {"kind": "citizen_appeal", "departments": [WATER, ROADS]}
GOOD = {"reported_in_score": 100, "acted_score": 90, "solved_score": 80}
UNSOLVED = GOOD | {"solved_score": 20}
TEXT = {"text": "理由：赵示例所在小区的管线不归本部门。"}


@pytest.fixture(scope="module")
async def departments(desk: Desk) -> AsyncIterator[dict[str, httpx.AsyncClient]]:
    """A client of each called department."""
    async with AsyncExitStack() as stack:
        clients = {}
        for unit in (WATER, ROADS):
            client = await desk.service.client("unit_handler", sub=f"U-{unit}", unit=unit)
            clients[unit] = await stack.enter_async_context(client)
        yield clients


async def drafted(desk: Desk, **more: Any) -> tuple[str, str]:
    """An order and its whistle, which the leader has not approved."""
    order_id = (await desk.signed())["id"]
    answer = await done(desk.street.post(f"/v1/orders/{order_id}/whistles", json=APPEAL | more))
    return order_id, f"/v1/whistles/{answer['whistle_id']}"


async def blown(desk: Desk, **more: Any) -> tuple[str, str]:
    order_id, url = await drafted(desk, **more)
    await done(desk.leader.post(f"{url}/approve"))
    return order_id, url


async def rated(desk: Desk, client: httpx.AsyncClient, url: str, unit: str, scores: dict[str, int]) -> dict[str, Any]:
    await done(client.post(f"{url}/report-in"))
    await done(client.post(f"{url}/result", json={"text": f"{unit} 已办"}))
    return await done(desk.street.post(f"{url}/evaluate", json={"unit": unit, **scores}))


async def queue(client: httpx.AsyncClient, name: str) -> tuple[list[str], int]:
    """Every whistle in a queue, page by page, and the count that was told."""
    found: list[str] = []
    query: dict[str, Any] = {"queue": name, "count": True, "limit": 2}
    while True:
        page = await done(client.get("/v1/whistles", params=query))
        found += [f"/v1/whistles/{whistle['id']}" for whistle in page["items"]]
        if page["next_cursor"] is None:
            return found, page["count"]
        query["cursor"] = page["next_cursor"]


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_a_whistle_from_blowing_to_the_last_rating(desk: Desk, departments: dict[str, httpx.AsyncClient]) -> None:
    order_id = (await desk.signed())["id"]
    key = {"Idempotency-Key": new_id()}
    answer = await desk.street.post(f"/v1/orders/{order_id}/whistles", json=APPEAL, headers=key)
    assert answer.status_code == 201
    whistle_id = answer.json()["whistle_id"]
    url = f"/v1/whistles/{whistle_id}"
    assert answer.headers["Location"] == url
    repeated = await desk.street.post(f"/v1/orders/{order_id}/whistles", json=APPEAL, headers=key)
    assert (repeated.status_code, repeated.json()) == (201, answer.json())
    await done(desk.street.post(f"/v1/orders/{order_id}/contact", json={}))
    blocked = await desk.street.post(f"/v1/orders/{order_id}/submit", json={"text": "已办结"})
    assert refused(blocked) == (409, "order.whistle_open")

    waiting = await done(desk.street.get(url))
    assert (waiting["status"], waiting["departments"], waiting["called"]) == ("draft", [], [WATER, ROADS])
    assert refused(await departments[WATER].get(url)) == (404, "whistle.not_found"), "nobody is called yet"
    assert refused(await departments[WATER].post(f"{url}/report-in")) == (403, "whistle.not_your_unit")
    approved = await done(desk.leader.post(f"{url}/approve"))
    assert (approved["status"], approved["status_zh"]) == ("blown", "已吹哨")
    for unit, department in departments.items():
        called = await done(department.get("/v1/whistles", params={"order_id": order_id}))
        assert [whistle["id"] for whistle in called["items"]] == [whistle_id]
        await done(department.post(f"{url}/acknowledge"))
        contacted = await done(department.post(f"{url}/contact"))
        assert "已联系" in [line["status_zh"] for line in contacted["departments"]]
        whistle = await rated(desk, department, url, unit, GOOD)
        results = await done(desk.street.get(f"{url}/results"))
        assert results["results"][-1]["text"] == f"{unit} 已办"
    assert (whistle["status"], whistle["status_zh"]) == ("closed", "已办结")
    await desk.until(order_id, lambda order: order["open_whistles"] == [])
    submitted = await done(desk.street.post(f"/v1/orders/{order_id}/submit", json={"text": "已办结"}))
    assert submitted["status"] == "close_review"
    assert refused(await desk.other.get(url)) == (404, "whistle.not_found")
    assert refused(await desk.other.post(f"{url}/report-in")) == (403, "whistle.not_your_unit")


async def test_a_whistle_that_is_refused_leaves_no_trace_on_the_order(desk: Desk) -> None:
    order = await desk.signed()
    body = {"kind": "emergency", "departments": [WATER, WATER]}
    answer = await desk.street.post(f"/v1/orders/{order['id']}/whistles", json=body)
    assert refused(answer) == (422, "whistle.two_departments")
    assert (await desk.order(order["id"]))["version"] == order["version"]


async def test_emergencies_do_not_wait_for_the_leader(desk: Desk) -> None:
    _, url = await drafted(desk, kind="emergency")
    whistle = await done(desk.street.get(url))
    assert (whistle["status"], len(whistle["departments"])) == ("blown", 2)


async def test_a_draft_is_refused_revised_approved_or_dropped(desk: Desk) -> None:
    order_id, url = await drafted(desk)
    assert url in (await queue(desk.leader, "approve"))[0]
    assert refused(await desk.street.post(f"{url}/approve")) == (403, "auth.forbidden_role")
    assert refused(await desk.supervisor.post(f"{url}/approve")) == (403, "whistle.not_overdue")
    async with await desk.service.client("street_leader", sub="L2", unit="S150102002") as elsewhere:
        assert refused(await elsewhere.post(f"{url}/approve")) == (403, "whistle.not_your_unit")
        assert refused(await elsewhere.get(url)) == (404, "whistle.not_found")
    back = await done(desk.leader.post(f"{url}/refuse", json=TEXT))
    assert (back["status"], back["is_refused"]) == ("draft", True)
    assert url in (await queue(desk.street, "draft"))[0]
    reasons = await done(desk.street.get(f"{url}/reasons"))
    assert reasons["reasons"] == [{"kind": "refusal", "unit": None, "text": TEXT["text"]}]
    again = await done(desk.street.post(f"{url}/revise", json={"departments": [ROADS, WATER]}))
    assert (again["is_refused"], again["called"]) == (False, [ROADS, WATER])
    dropped = await done(desk.street.post(f"{url}/discard"))
    assert (dropped["status"], dropped["due_at"]) == ("cancelled", None)
    await desk.until(order_id, lambda order: order["open_whistles"] == [])
    assert refused(await desk.leader.post(f"{url}/approve")) == (409, "whistle.not_pending")


async def test_an_objection_goes_to_the_panel_and_releases_the_department(
    desk: Desk, departments: dict[str, httpx.AsyncClient]
) -> None:
    order_id, url = await blown(desk)
    for unit, department in departments.items():
        await done(department.post(f"{url}/object", json=TEXT | {"reason": "not_our_duty"}))
        assert url in (await queue(desk.panel, "objection"))[0], unit
    assert refused(await desk.street.post(f"{url}/rule", json=TEXT | {"unit": WATER, "upheld": True})) == (
        403,
        "auth.forbidden_role",
    )
    async with await desk.service.client("panel", sub="P2", unit=WATER) as party:
        ruled = await party.post(f"{url}/rule", json=TEXT | {"unit": WATER, "upheld": True})
        assert refused(ruled) == (403, "whistle.panel_is_party")
    day = {"starts_at": datetime.now(UTC).isoformat(), "ends_at": (datetime.now(UTC) + timedelta(days=1)).isoformat()}
    for unit in (WATER, STREET):
        minded = await done(desk.supervisor.post(f"/v1/units/{unit}/deputies", json=day | {"deputy_id": "P3"}))
        async with await desk.service.client("panel", sub="P3") as deputy:
            ruled = await deputy.post(f"{url}/rule", json=TEXT | {"unit": WATER, "upheld": True})
            assert refused(ruled) == (403, "whistle.panel_is_party")
        await done(desk.supervisor.post(f"/v1/deputies/{minded['id']}/revoke"))
    released = await done(desk.panel.post(f"{url}/rule", json=TEXT | {"unit": WATER, "upheld": True}))
    assert (released["departments"][0]["status_zh"], released["status"]) == ("已免除", "blown")
    going_on = await done(desk.panel.post(f"{url}/rule", json=TEXT | {"unit": ROADS, "upheld": False}))
    assert going_on["departments"][1]["status"] == "notified"
    reasons = (await done(departments[WATER].get(f"{url}/reasons")))["reasons"]
    assert [(reason["kind"], reason["unit"]) for reason in reasons] == [
        ("objection", WATER),
        ("ruling", WATER),
        ("objection", ROADS),
        ("ruling", ROADS),
    ]
    assert {reason["text"] for reason in reasons} == {TEXT["text"]}
    assert refused(await departments[WATER].post(f"{url}/report-in")) == (409, "whistle.released")
    assert (await rated(desk, departments[ROADS], url, ROADS, GOOD))["status"] == "closed"
    await desk.until(order_id, lambda order: order["open_whistles"] == [])


async def test_unsolved_twice_is_escalated_to_the_county(desk: Desk, departments: dict[str, httpx.AsyncClient]) -> None:
    _, url = await blown(desk)
    first = await rated(desk, departments[WATER], url, WATER, UNSOLVED)
    assert (first["departments"][0]["status"], first["departments"][0]["unsolved"]) == ("reported_in", 1)
    second = await rated(desk, departments[WATER], url, WATER, UNSOLVED)
    assert (second["departments"][0]["status"], second["departments"][0]["escalated"]) == (
        "escalated",
        "unsolved_twice",
    )
    async with (
        await desk.service.client("county_leader", sub="C1", unit="G150102") as county,
        await desk.service.client("county_leader", sub="C2", unit="G150103") as elsewhere,
    ):
        assert url in (await queue(county, "escalated"))[0]
        assert await queue(elsewhere, "escalated") == ([], 0)
        assert (await done(county.get(url)))["county"] == "G150102"
        demand = TEXT | {"unit": WATER, "form": "interview"}
        assert refused(await elsewhere.post(f"{url}/supervise", json=demand)) == (403, "whistle.not_your_unit")
        supervised = await done(county.post(f"{url}/supervise", json=demand))
        assert supervised["departments"][0]["supervisions"] == 1
    reasons = (await done(departments[WATER].get(f"{url}/reasons")))["reasons"]
    assert [(reason["kind"], reason["text"]) for reason in reasons] == [("supervision", TEXT["text"])]
    third = await rated(desk, departments[WATER], url, WATER, UNSOLVED)
    assert third["departments"][0]["status"] == "evaluated", "the rating after an escalation is the last"


async def test_a_whistle_without_an_order(desk: Desk, departments: dict[str, httpx.AsyncClient]) -> None:
    order = await desk.signed()
    issue_id = new_id()
    walk_in = {"issue_id": issue_id, "kind": "joint_enforcement", "departments": [WATER, ROADS]}
    unknown = await desk.street.post("/v1/whistles", json=walk_in)
    assert refused(unknown) == (404, "whistle.unknown_issue")
    registered = IssueRegistered(
        channel=Channel.GRID,
        appeal_id=new_id(),
        appellant_id=new_id(),
        received_at=LONG_AGO,
        street_code=None,
        triage_due=LONG_AGO,
    )
    await desk.hear(issue_id, issue_id, registered)
    taken = await desk.street.post("/v1/whistles", json=walk_in | {"issue_id": order["issue_id"]})
    assert refused(taken) == (409, "whistle.has_order")

    async def far_refused() -> bool:
        far = await desk.street.post("/v1/whistles", json=walk_in | {"requested_by": "150102002001"})
        return refused(far) == (422, "whistle.not_of_this_street")

    await eventually(far_refused)
    assert refused(await departments[WATER].post("/v1/whistles", json=walk_in)) == (403, "whistle.street_only")
    key, village = {"Idempotency-Key": new_id()}, {"requested_by": "150102001001"}
    begun = await desk.street.post("/v1/whistles", json=walk_in | village, headers=key)
    again = await desk.street.post("/v1/whistles", json=walk_in | village, headers=key)
    assert (begun.status_code, again.json()["id"]) == (201, begun.json()["id"])
    url = begun.headers["Location"]
    assert begun.json()["order_id"] is None
    listed = await done(desk.supervisor.get("/v1/whistles", params={"issue_id": walk_in["issue_id"], "count": True}))
    assert ([f"/v1/whistles/{one['id']}" for one in listed["items"]], listed["count"]) == ([url], 1)
    await done(desk.leader.post(f"{url}/approve"))
    for unit, department in departments.items():
        whistle = await rated(desk, department, url, unit, GOOD)
    assert whistle["status"] == "closed"
    names = [name for name, _ in await desk.history("whistle", url.rpartition("/")[2])]
    assert (names[:2], names[-1]) == (["drafted", "blown_without_order"], "closed_without_order")


async def test_both_sides_are_scored(desk: Desk, departments: dict[str, httpx.AsyncClient]) -> None:
    _, url = await blown(desk)
    early = await departments[WATER].post(f"{url}/rate-street", json={"needed_score": 50, "precise_score": 0})
    assert refused(early) == (409, "whistle.rating_too_early")
    for unit, department in departments.items():
        await rated(desk, department, url, unit, GOOD)
        rating = {"needed_score": 100, "precise_score": 0}
        whistle = await done(department.post(f"{url}/rate-street", json=rating))
    assert (whistle["status"], whistle["street_score"]) == ("closed", 50)
    assert (whistle["departments"][0]["score"], whistle["departments"][0]["formula"]) == (89, "whistle-v1")
    scores = (await done(desk.street.get("/v1/whistles/scores")))["scores"]
    assert {(score["unit"], score["side"], score["formula"]) for score in scores} == {(STREET, "street", "whistle-v1")}
    everybody = (await done(desk.supervisor.get("/v1/whistles/scores")))["scores"]
    assert (WATER, "department") in {(score["unit"], score["side"]) for score in everybody}
    assert (await done(desk.other.get("/v1/whistles/scores", params={"unit": STREET})))["scores"] == []


async def test_queues_count_what_they_list(desk: Desk, departments: dict[str, httpx.AsyncClient]) -> None:
    _, url = await blown(desk)
    await drafted(desk)
    await done(departments[WATER].post(f"{url}/report-in"))
    for client, name, there in (
        (departments[WATER], "report_in", False),
        (departments[ROADS], "report_in", True),
        (departments[WATER], "result", True),
        (departments[ROADS], "result", False),
        (desk.street, "report_in", True),
        (desk.street, "evaluate", False),
        (desk.supervisor, "late", False),
        (desk.leader, "approve", False),
    ):
        found, count = await queue(client, name)
        assert (url in found) is there, name
        assert len(found) == count == len(set(found)), name
    await done(departments[WATER].post(f"{url}/result", json={"text": "已办"}))
    assert url in (await queue(desk.street, "evaluate"))[0]


async def test_whistles_end_with_their_order_but_emergencies_go_on(desk: Desk) -> None:
    order_id, url = await blown(desk)
    issue_id = (await desk.order(order_id))["issue_id"]
    more = []
    for kind in ("citizen_appeal", "emergency"):
        answer = await done(desk.street.post(f"/v1/orders/{order_id}/whistles", json=APPEAL | {"kind": kind}))
        more.append(f"/v1/whistles/{answer['whistle_id']}")
    draft, emergency = more
    await desk.hear(issue_id, issue_id, IssueTransferred(agency=Agency.POLICE, by="A001"), first=2)

    async def ended() -> bool:
        return [(await done(desk.supervisor.get(path)))["status"] for path in (url, draft)] == ["cancelled"] * 2

    await eventually(ended)
    assert (await done(desk.supervisor.get(emergency)))["status"] == "blown"
    assert (await desk.order(order_id))["status"] == "cancelled"
    history = await desk.history("whistle", url.rpartition("/")[2])
    assert (history[-1][0], history[-1][1]["reason"]) == ("cancelled", "transferred")
