"""Whom and what the router refuses, what it shows to whom, and requests that come twice."""

import csv
import io
from typing import Any

import asyncpg
import pytest

from chassis.ids import new_id
from tests.integration.router.order_desk import (
    OTHER,
    STREET,
    Desk,
    done,
)

NOBODY = "01900000-0000-7000-8000-000000000001"
WATER, ROADS = "D15010004", "D15010005"
EVERYTHING_STORED = (
    "SELECT t::text AS text FROM orders t",
    "SELECT t::text AS text FROM events t",
    "SELECT t::text AS text FROM private_data t",
    "SELECT t::text AS text FROM idempotency_keys t",
)


async def test_a_unit_sees_and_touches_its_own_orders_only(desk: Desk) -> None:
    order_id = (await desk.signed())["id"]
    hidden = await desk.other.get(f"/v1/orders/{order_id}")
    assert (hidden.status_code, hidden.json()["code"]) == (404, "order.not_found")
    assert (await desk.other.get(f"/v1/orders/{order_id}/result")).status_code == 404
    listed = await done(desk.other.get("/v1/orders", params={"unit": STREET, "count": True}))
    assert (listed["items"], listed["count"]) == ([], 0)
    for path, body in (
        ("sign", None),
        ("contact", {"visit": False}),
        ("submit", {"text": "已办"}),
        ("refer", None),
        ("whistles", {"kind": "emergency", "departments": [WATER, ROADS]}),
    ):
        answer = await desk.other.post(f"/v1/orders/{order_id}/{path}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "order.not_your_unit"), path
    async with await desk.service.client("unit_handler", sub="U0") as of_no_unit:
        assert (await done(of_no_unit.get("/v1/orders", params={"count": True})))["count"] == 0
        assert (await of_no_unit.post(f"/v1/orders/{order_id}/contact", json={})).status_code == 403


async def test_nobody_reviews_their_own_unit(desk: Desk) -> None:
    order_id = (await desk.signed())["id"]
    await desk.handled(order_id)
    async with await desk.service.client("reviewer", sub="R2", unit=STREET) as colleague:
        answer = await colleague.post(f"/v1/orders/{order_id}/review", json={"passed": True})
    assert (answer.status_code, answer.json()["code"]) == (403, "order.reviewer_is_handler")
    returned = {"passed": False, "reason": "copied_result"}
    order = await done(desk.reviewer.post(f"/v1/orders/{order_id}/review", json=returned))
    assert order["status"] == "in_progress"


async def test_the_same_request_again_and_a_stale_one(desk: Desk) -> None:
    order_id = (order := await desk.accept())["id"]
    key, seen = {"Idempotency-Key": new_id()}, {"If-Match": f'"{order["version"]}"'}
    first = await desk.street.post(f"/v1/orders/{order_id}/sign", headers=key | seen)
    again = await desk.street.post(f"/v1/orders/{order_id}/sign", headers=key | seen)
    assert (first.status_code, again.status_code, again.json()) == (200, 200, first.json())
    assert (first.headers["ETag"], again.headers["Idempotency-Replayed"]) == ('"3"', "true")
    contact = {"Idempotency-Key": new_id()}
    await done(desk.street.post(f"/v1/orders/{order_id}/contact", json={"visit": True}, headers=contact))
    reused = await desk.street.post(f"/v1/orders/{order_id}/contact", json={"visit": False}, headers=contact)
    assert (reused.status_code, reused.json()["code"]) == (422, "idempotency.key_reused")
    stale = await desk.street.post(f"/v1/orders/{order_id}/submit", json={"text": "已办"}, headers=seen)
    assert (stale.status_code, stale.json()["code"]) == (412, "request.version_mismatch")


async def test_lists_by_time_left_page_by_page_and_as_a_sheet(desk: Desk) -> None:
    made = {(await desk.accept())["id"] for _ in range(3)}
    query: dict[str, Any] = {"unit": STREET, "status": "pending_sign", "count": True, "limit": 2}
    found: list[dict[str, Any]] = []
    for _ in range(100):
        page = await done(desk.supervisor.get("/v1/orders", params=query))
        found += page["items"]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert page["count"] == len(found) == len({order["id"] for order in found})
    assert made <= {order["id"] for order in found}
    assert [order["due_at"] for order in found] == sorted(order["due_at"] for order in found)
    sheet = await desk.street.get("/v1/orders", params={"limit": 1}, headers={"Accept": "text/csv"})
    heading, row = csv.reader(io.StringIO(sheet.content.decode("utf-8-sig")))
    assert (heading[0], heading[2], len(row)) == ("工单编号", "状态", len(heading))


async def test_reference_data_is_shown(desk: Desk) -> None:
    shown = await done(desk.street.get("/v1/reference"))
    assert (shown["items"], shown["units"], shown["streets"]) == (149, 231, 99)
    assert [version["version"] for version in shown["versions"] if version["in_force"]] == [shown["version"]]
    units = await done(desk.street.get("/v1/units", params={"kind": "subdistrict", "limit": 2, "count": True}))
    assert ([unit["code"] for unit in units["items"]], units["count"]) == ([STREET, OTHER], 99)
    more = await done(desk.street.get("/v1/units", params={"kind": "subdistrict", "cursor": units["next_cursor"]}))
    assert more["items"][0]["code"] > OTHER


async def test_a_unit_is_shown_with_its_duty_contact_and_what_it_leads(desk: Desk) -> None:
    unit = await done(desk.street.get("/v1/units/E15010001"))
    assert (unit["duty_post"], unit["in_force"], unit["taken_over_by"]) == ("客服热线值班台", True, None)
    assert unit["duty_phone"].startswith("0471-000")
    assert "0101" in unit["items"]
    county = await done(desk.street.get("/v1/units/G150102"))
    assert STREET in county["children"]
    children = await done(desk.street.get("/v1/units", params={"parent_code": "G150102", "level": "subdistrict"}))
    assert {child["parent_code"] for child in children["items"]} == {"G150102"}
    unknown = await desk.street.get("/v1/units/E15019999")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unit.not_found")
    early = await desk.street.get("/v1/units/E15010001", params={"on": "1999-01-01"})
    assert (early.status_code, early.json()["code"]) == (404, "reference.no_version")


async def test_the_catalogue_is_listed_by_lead_and_category(desk: Desk) -> None:
    heating = await done(desk.street.get("/v1/catalogue", params={"category": "01", "count": True}))
    assert heating["count"] == len(heating["items"]) > 3
    assert {item["category_zh"] for item in heating["items"]} == {"供热供气"}
    dual = await done(desk.street.get("/v1/catalogue", params={"lead": "dual", "limit": 1}))
    assert dual["items"][0]["lead"] == "dual"
    more = await done(desk.street.get("/v1/catalogue", params={"lead": "dual", "cursor": dual["next_cursor"]}))
    assert more["items"][0]["code"] > dual["items"][0]["code"]


OBLIGATION = {"obligations": [{"unit": STREET}]}
WHISTLE = {"kind": "emergency", "departments": [WATER, ROADS]}
REFUSED: dict[str, tuple[str, str, Any, int, str]] = {
    "no such order": ("street", f"{NOBODY}/sign", None, 404, "order.not_found"),
    "no such order to dispatch": ("dispatcher", f"{NOBODY}/dispatch", OBLIGATION, 404, "order.not_found"),
    "no id": ("street", "42/sign", None, 422, "request.invalid"),
    "malformed": ("street", "{id}/contact", b"{", 400, "request.malformed_json"),
    "unknown field": ("street", "{id}/contact", {"visit": True, "why": "x"}, 422, "request.invalid"),
    "wrong type": ("street", "{id}/contact", {"visit": "yes"}, 422, "request.invalid"),
    "too long": ("street", "{id}/submit", {"text": "长" * 4001}, 422, "request.invalid"),
    "empty": ("street", "{id}/submit", {"text": "  "}, 422, "request.invalid"),
    "not contacted": ("street", "{id}/submit", {"text": "已办"}, 409, "order.not_contacted"),
    "wrong role": ("street", "{id}/review", {"passed": True}, 403, "auth.forbidden_role"),
    "wrong state": ("reviewer", "{id}/review", {"passed": True}, 409, "order.wrong_status"),
    "returned without reason": ("reviewer", "{id}/review", {"passed": False}, 422, "order.reason_required"),
    "dispatched already": (
        "dispatcher",
        "{id}/dispatch",
        {"obligations": [{"unit": OTHER}]},
        409,
        "order.wrong_status",
    ),
    "unknown unit": (
        "dispatcher",
        "{id}/dispatch",
        {"obligations": [{"unit": "S999999999"}]},
        422,
        "order.unknown_unit",
    ),
    "社区不承接": (
        "dispatcher",
        "{id}/dispatch",
        {"obligations": [{"unit": "M15010300601"}]},
        422,
        "order.not_a_handling_unit",
    ),
    "unknown co-handler": (
        "dispatcher",
        "{id}/dispatch",
        OBLIGATION | {"co_handlers": ["D99999999"]},
        422,
        "order.unknown_unit",
    ),
    "no unit code": ("dispatcher", "{id}/dispatch", {"obligations": [{"unit": "街道"}]}, 422, "request.invalid"),
    "unknown department": (
        "street",
        "{id}/whistles",
        WHISTLE | {"departments": [WATER, "D9999999"]},
        422,
        "order.unknown_unit",
    ),
    "one department": ("street", "{id}/whistles", WHISTLE | {"departments": [WATER]}, 422, "whistle.two_departments"),
    "unknown kind": ("street", "{id}/whistles", WHISTLE | {"kind": "party"}, 422, "request.invalid"),
}


@pytest.fixture(scope="module")
async def signed_order(desk: Desk) -> str:
    order_id: str = (await desk.signed())["id"]
    return order_id


@pytest.mark.parametrize(("person", "path", "body", "status", "code"), REFUSED.values(), ids=REFUSED)
async def test_what_is_refused(
    desk: Desk, signed_order: str, person: str, path: str, body: Any, status: int, code: str
) -> None:
    client, url = getattr(desk, person), f"/v1/orders/{path.format(id=signed_order)}"
    if isinstance(body, bytes):
        answer = await client.post(url, content=body, headers={"Content-Type": "application/json"})
    else:
        answer = await client.post(url, json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    explained = await client.get(answer.json()["type"])
    assert explained.status_code == 200, f"{code} is documented"


async def test_result_texts_are_kept_from_everything_else(desk: Desk) -> None:
    order_id = (await desk.signed())["id"]
    await desk.handled(order_id)
    forbidden = await desk.dispatcher.get(f"/v1/orders/{order_id}/result")
    assert (forbidden.status_code, forbidden.json()["code"]) == (403, "auth.forbidden_role")
    connection = await asyncpg.connect(desk.service.database_url)
    rows = [row["text"] for query in EVERYTHING_STORED for row in await connection.fetch(query)]
    await connection.close()
    everything = "\n".join([*rows, desk.service.log.read_text()])
    assert order_id in everything
    assert "赵示例" not in everything
