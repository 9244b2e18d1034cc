"""Many orders dispatched at once, each with its own outcome; and who acts for a unit whose desk is not staffed."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from chassis.ids import new_id
from tests.integration.router.order_desk import OTHER, SECTOR, STREET, Desk, done
from tests.integration.router.queue_walk import COUNTY, queue
from tests.integration.router.test_router_api import NOBODY
from tests.polling import eventually

COMMUNITY, UNKNOWN = "F150102", "S999999999"
THIRD = "S150102003"


def line(order_id: str, unit: str = STREET) -> dict[str, Any]:
    return {"order_id": order_id, "obligations": [{"unit": unit}]}


class TestBulkDispatch:
    async def test_each_order_has_its_own_outcome(self, desk: Desk) -> None:
        first, second, third = [(await desk.accept(street=None))["id"] for _ in range(3)]
        gone = (await desk.accept())["id"]
        lines = [line(first), line(gone, SECTOR), line(second, UNKNOWN), line(NOBODY), line(third, COMMUNITY)]
        answer = await done(desk.dispatcher.post("/v1/orders/bulk-dispatch", json={"dispatches": lines}))
        told = [(one["order_id"], one["dispatched"], one["code"], one["field"]) for one in answer["outcomes"]]
        assert told == [
            (first, True, None, None),
            (gone, False, "order.wrong_status", None),
            (second, False, "order.unknown_unit", "dispatches.2.obligations.0.unit"),
            (NOBODY, False, "order.not_found", None),
            (third, False, "order.not_a_handling_unit", "dispatches.4.obligations.0.unit"),
        ]
        assert answer["dispatched"] == 1
        assert (await desk.order(first))["status"] == "pending_sign"
        assert (await desk.order(second))["status"] == "pending_dispatch"

    async def test_the_same_key_dispatches_once_and_serves_no_other_body(self, desk: Desk) -> None:
        orders = [(await desk.accept(street=None))["id"] for _ in range(3)]
        key = {"Idempotency-Key": new_id()}
        body = {"dispatches": [line(order_id) for order_id in orders]}
        first = await desk.dispatcher.post("/v1/orders/bulk-dispatch", json=body, headers=key)
        again = await desk.dispatcher.post("/v1/orders/bulk-dispatch", json=body, headers=key)
        assert first.json()["dispatched"] == 3
        assert again.json() == first.json()
        assert again.headers["Idempotency-Replayed"] == "true"
        for order_id in orders:
            names = [name for name, _ in await desk.history("order", order_id)]
            assert names == ["opened", "dispatched"]
        other = (await desk.accept(street=None))["id"]
        reused = await desk.dispatcher.post("/v1/orders/bulk-dispatch", json={"dispatches": [line(other)]}, headers=key)
        assert (reused.status_code, reused.json()["code"]) == (422, "idempotency.key_reused")
        assert (await desk.order(other))["status"] == "pending_dispatch"

    async def test_a_line_that_expects_another_version_is_not_dispatched(self, desk: Desk) -> None:
        first, second = [(await desk.accept(street=None)) for _ in range(2)]
        lines = [line(first["id"]) | {"version": first["version"]}, line(second["id"]) | {"version": 7}]
        body = {"dispatches": lines}
        whole = await desk.dispatcher.post("/v1/orders/bulk-dispatch", json=body, headers={"If-Match": '"1"'})
        assert (whole.status_code, whole.json()["code"]) == (422, "order.version_per_line")
        told = (await done(desk.dispatcher.post("/v1/orders/bulk-dispatch", json=body)))["outcomes"]
        assert [(one["dispatched"], one["code"]) for one in told] == [(True, None), (False, "request.version_mismatch")]
        assert told[1]["version"] == second["version"], "the version that it has"

    async def test_neither_too_many_nor_twice(self, desk: Desk) -> None:
        many = [line(new_id()) for _ in range(101)]
        for lines, code in ((many, "order.too_many_at_once"), ([many[0], many[0]], "order.twice_in_one_request")):
            refused = await desk.dispatcher.post("/v1/orders/bulk-dispatch", json={"dispatches": lines})
            assert (refused.status_code, refused.json()["code"]) == (422, code)


def period(begin: timedelta = timedelta(0), length: timedelta = timedelta(days=1)) -> dict[str, str]:
    start = datetime.now(UTC) + begin
    return {"starts_at": start.isoformat(), "ends_at": (start + length).isoformat()}


async def appoint(desk: Desk, unit: str, **body: Any) -> httpx.Response:
    return await desk.supervisor.post(f"/v1/units/{unit}/deputies", json=period() | body)


@pytest.fixture
async def deputy(desk: Desk) -> AsyncGenerator[httpx.AsyncClient]:
    """Somebody of another street, whose appointments end with the test."""
    async with await desk.service.client("unit_handler", sub="U30", unit=THIRD) as client:
        yield client
    for one in (await done(desk.supervisor.get("/v1/deputies", params={"limit": 200})))["items"]:
        await done(desk.supervisor.post(f"/v1/deputies/{one['id']}/revoke"))


FOR = {"Acting-For": STREET}


class TestDeputies:
    async def test_a_deputy_sees_and_acts_for_the_unit_until_it_is_revoked(
        self, desk: Desk, deputy: httpx.AsyncClient
    ) -> None:
        order_id = (await desk.accept())["id"]
        path = f"/v1/orders/{order_id}"
        before = await deputy.get(path, headers=FOR)
        assert (before.status_code, before.json()["code"]) == (403, "deputy.not_appointed")
        appointed = await appoint(desk, STREET, deputy_id="U30")
        assert appointed.status_code == 201
        assert appointed.json()["in_force"]

        assert (await done(deputy.get(path, headers=FOR)))["id"] == order_id
        assert (await deputy.get(path)).status_code == 404, "without saying so, one acts for one's own unit"
        assert order_id not in [row["id"] for row in await queue(deputy, "unit")]
        listed = await done(deputy.get("/v1/queues/unit", headers=FOR, params={"limit": 200}))
        assert order_id in [row["id"] for row in listed["items"]]
        signed = await done(deputy.post(f"{path}/sign", headers=FOR))
        assert signed["obligations"][0]["step"] == "to_handle"
        (_, event) = (await desk.history("order", order_id))[-1]
        assert (event["unit"], event["by"]) == (STREET, "U30"), "the history has the person, not the absent one"

        revoked = await done(desk.supervisor.post(f"/v1/deputies/{appointed.json()['id']}/revoke"))
        assert (revoked["in_force"], revoked["revoked_by"]) == (False, "V1")
        after = await deputy.post(f"{path}/contact", json={}, headers=FOR)
        assert (after.status_code, after.json()["code"]) == (403, "deputy.not_appointed")

    async def test_roles_do_not_grow_nor_do_other_units_open(self, desk: Desk, deputy: httpx.AsyncClient) -> None:
        await appoint(desk, STREET, deputy_id="U30")
        order_id = (await desk.accept(street=None))["id"]
        body = {"obligations": [{"unit": OTHER}]}
        forbidden = await deputy.post(f"/v1/orders/{order_id}/dispatch", json=body, headers=FOR)
        assert (forbidden.status_code, forbidden.json()["code"]) == (403, "auth.forbidden_role")
        await done(desk.dispatcher.post(f"/v1/orders/{order_id}/dispatch", json=body))
        assert (await deputy.get(f"/v1/orders/{order_id}", headers=FOR)).status_code == 404
        stranger = await deputy.get(f"/v1/orders/{order_id}", headers={"Acting-For": OTHER})
        assert (stranger.status_code, stranger.json()["code"]) == (403, "deputy.not_appointed")
        async with await desk.service.client("unit_handler", sub="U31", unit=THIRD) as colleague:
            other = await colleague.get("/v1/queues", headers=FOR)
            assert (other.status_code, other.json()["code"]) == (403, "deputy.not_appointed"), "a person is meant"

    async def test_nobody_reviews_what_they_mind(self, desk: Desk, deputy: httpx.AsyncClient) -> None:
        order_id = (await desk.signed())["id"]
        await desk.handled(order_id)
        await appoint(desk, STREET, deputy_id="U30")
        async with await desk.service.client("reviewer", "unit_handler", sub="U30", unit=THIRD) as both:
            refused = await both.post(f"/v1/orders/{order_id}/review", json={"passed": True})
            assert (refused.status_code, refused.json()["code"]) == (403, "order.reviewer_is_handler")
        assert (await done(desk.reviewer.post(f"/v1/orders/{order_id}/review", json={"passed": True})))["round"] == 1

    async def test_nobody_decides_about_requests_of_whom_they_mind(self, desk: Desk, deputy: httpx.AsyncClient) -> None:
        path = f"/v1/orders/{(await desk.signed())['id']}"
        asked = {"reason": "works", "working_days": 1, "text": "需要施工。"}
        request = (await done(desk.street.post(f"{path}/extension", json=asked)))["requests"][0]["id"]
        await appoint(desk, STREET, deputy_id="U30")
        async with await desk.service.client("reviewer", "unit_handler", sub="U30", unit=THIRD) as both:
            for decision in ("approve", "reject"):
                refused = await both.post(f"{path}/requests/{request}/{decision}")
                assert (refused.status_code, refused.json()["code"]) == (403, "order.reviewer_is_handler")
        assert (await done(desk.reviewer.post(f"{path}/requests/{request}/approve")))["requests"] == []

    async def test_a_supervisor_reviews_what_the_reviewers_leave(self, desk: Desk) -> None:
        order_id = (await desk.signed())["id"]
        await desk.handled(order_id)
        passed = await done(desk.supervisor.post(f"/v1/orders/{order_id}/review", json={"passed": True}))
        assert passed["status"] == "pending_revisit"

    async def test_a_county_s_dispatcher_is_none_of_the_city_while_acting_for_a_street(
        self, desk: Desk, deputy: httpx.AsyncClient
    ) -> None:
        await appoint(desk, STREET, deputy_id="U32")
        theirs = (await desk.accept(street=OTHER[1:]))["id"]
        async with await desk.service.client("dispatcher", "unit_handler", sub="U32", unit=COUNTY) as county:
            listed = await done(county.get("/v1/queues", headers=FOR))
            assert {one["name"] for one in listed["items"]} == {"unit", "whistle", "street"}
            shown = await done(county.get("/v1/queues/unit", headers=FOR, params={"limit": 200}))
            assert theirs not in [row["id"] for row in shown["items"]]
            assert (await county.get(f"/v1/orders/{theirs}", headers=FOR)).status_code == 404

    async def test_a_reviewer_does_not_lose_sight_of_their_own_unit_by_acting_for_another(
        self, desk: Desk, deputy: httpx.AsyncClient
    ) -> None:
        await appoint(desk, STREET, deputy_id="U33")
        async with await desk.service.client("reviewer", "unit_handler", sub="U33", unit=OTHER) as both:
            assert (await both.get("/v1/queues/reviewer")).status_code == 200
            answer = await both.get("/v1/queues/reviewer", headers=FOR)
            assert (answer.status_code, answer.json()["code"]) == (404, "queue.not_found")

    async def test_what_was_taken_at_one_desk_is_still_held_at_the_other(
        self, desk: Desk, deputy: httpx.AsyncClient
    ) -> None:
        await appoint(desk, STREET, deputy_id="U30")
        await desk.accept()
        await desk.accept(street=THIRD[1:])
        taken = [
            (await done(deputy.post("/v1/queues/unit/next", headers=headers)))["claim"]["id"] for headers in (FOR, {})
        ]
        held = [claim["id"] for claim in (await done(deputy.get("/v1/claims")))["items"]]
        assert set(taken) <= set(held)
        for claim in taken:
            await done(deputy.post(f"/v1/claims/{claim}/release"))

    async def test_only_between_its_dates(self, desk: Desk, deputy: httpx.AsyncClient) -> None:
        await appoint(desk, STREET, deputy_id="U30", **period(timedelta(hours=1)))
        assert (await deputy.get("/v1/queues", headers=FOR)).status_code == 403, "not yet"
        await appoint(desk, STREET, deputy_unit=THIRD, **period(timedelta(0), timedelta(seconds=2)))
        assert (await deputy.get("/v1/queues", headers=FOR)).status_code == 200, "staff of the deputy unit"

        async def over() -> bool:
            return (await deputy.get("/v1/queues", headers=FOR)).status_code == 403

        await eventually(over)

    async def test_a_deputy_cannot_be_passed_on(self, desk: Desk, deputy: httpx.AsyncClient) -> None:
        assert (await appoint(desk, STREET, deputy_unit=THIRD)).status_code == 201
        for unit, other in ((THIRD, OTHER), (OTHER, STREET)):
            chained = await appoint(desk, unit, deputy_unit=other)
            assert (chained.status_code, chained.json()["code"]) == (409, "deputy.chain"), (unit, other)
        chained = await appoint(desk, THIRD, deputy_id="U40")
        assert (chained.status_code, chained.json()["code"]) == (409, "deputy.chain")
        later = await appoint(desk, THIRD, deputy_unit=OTHER, **period(timedelta(days=2)))
        assert later.status_code == 201, "at another time it is no chain"
        twice = await appoint(desk, STREET, deputy_unit=THIRD)
        assert (twice.status_code, twice.json()["code"]) == (409, "deputy.overlaps")

    async def test_what_makes_no_appointment(self, desk: Desk, deputy: httpx.AsyncClient) -> None:
        wrong = [
            ({}, "deputy.one_of_two"),
            ({"deputy_id": "U30", "deputy_unit": THIRD}, "deputy.one_of_two"),
            ({"deputy_unit": STREET}, "deputy.itself"),
            ({"deputy_id": "V1"}, "deputy.itself"),
            ({"deputy_unit": UNKNOWN}, "order.unknown_unit"),
            ({"deputy_unit": COMMUNITY}, "order.not_a_handling_unit"),
            ({"deputy_id": "U30"} | period(length=timedelta(days=31)), "deputy.period"),
            ({"deputy_id": "U30"} | period(length=timedelta(seconds=-1)), "deputy.period"),
            ({"deputy_id": "U30"} | period(timedelta(days=-2)), "deputy.period"),
        ]
        for body, code in wrong:
            answer = await appoint(desk, STREET, **body)
            assert (answer.status_code, answer.json()["code"]) == (422, code), body
        for unit in (UNKNOWN, COMMUNITY):
            answer = await appoint(desk, unit, deputy_id="U30")
            assert (answer.status_code, answer.json()["code"]) == (404, "unit.not_found")
        own = await deputy.post(f"/v1/units/{STREET}/deputies", json=period() | {"deputy_id": "U30"})
        assert own.status_code == 403, "nobody appoints themselves"

    async def test_appointments_are_written_down_and_shown_to_those_concerned(
        self, desk: Desk, deputy: httpx.AsyncClient
    ) -> None:
        made = (await appoint(desk, STREET, deputy_id="U30")).json()
        for client, there in ((desk.street, True), (deputy, True), (desk.sector, False)):
            shown = [one["id"] for one in (await done(client.get("/v1/deputies")))["items"]]
            assert (made["id"] in shown) is there
        connection = await asyncpg.connect(desk.service.database_url)
        try:
            written = await connection.fetch(
                "SELECT actor, action FROM operator_actions WHERE detail->>'id' = $1", made["id"]
            )
        finally:
            await connection.close()
        assert [tuple(row) for row in written] == [("V1", "deputy.appointed")]


class TestReplyTemplates:
    async def test_a_draft_has_the_offices_data_and_is_not_submitted_as_it_is(self, desk: Desk) -> None:
        order_id = (await desk.signed())["id"]
        listed = (await done(desk.street.get("/v1/reply-templates", params={"purpose": "result"})))["items"]
        assert "handled" in [one["code"] for one in listed]
        draft = await done(desk.street.get(f"/v1/orders/{order_id}/reply-draft", params={"template": "handled"}))
        assert "物业收费争议" in draft["text"]
        assert order_id[:8] in draft["text"]
        await done(desk.street.post(f"/v1/orders/{order_id}/contact", json={}))
        refused = await desk.street.post(f"/v1/orders/{order_id}/submit", json={"text": draft["text"]})
        assert (refused.status_code, refused.json()["code"]) == (422, "order.reply_unfilled")
        text = draft["text"]
        for gap in draft["gaps"]:
            text = text.replace(gap, "已逐项核对账目并公示")
        assert (await done(desk.street.post(f"/v1/orders/{order_id}/submit", json={"text": text})))["version"]
        stranger = await desk.other.get(f"/v1/orders/{order_id}/reply-draft")
        assert (stranger.status_code, stranger.json()["code"]) == (404, "order.not_found")
        unknown = await desk.street.get(f"/v1/orders/{order_id}/reply-draft", params={"template": "nothing"})
        assert (unknown.status_code, unknown.json()["code"]) == (404, "reply_template.not_found")
