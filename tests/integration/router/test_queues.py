"""Queues of the router: right rows, counts and order, for the right people; and nobody takes what another has."""

import asyncio
import csv
import io
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from datetime import datetime, timedelta

import asyncpg
import httpx
import pytest

from chassis.ids import new_id
from stack.dice import Dice
from tests.integration.router.order_desk import DUAL_ITEM, OTHER, PREPARE, SECTOR, STREET, Desk, desk_of, done
from tests.integration.router.queue_walk import COUNTY, OTHER_COUNTY, TERMINAL, Walk, expected, items_of, queue, totals
from tests.running import Infrastructure, running

QUEUES = (
    *("dispatcher", "county", "unit", "whistle", "street"),
    *("escalated", "panel", "reviewer", "supervisor", "whistle_supervisor"),
)

LEASE_MINUTES = 7


@pytest.fixture(scope="module")
async def room(infrastructure: Infrastructure, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Desk]:
    """A router of its own, so that counts are of this module's orders."""
    folder = tmp_path_factory.mktemp("queues")
    limits = folder / "limits.toml"
    limits.write_text(f'[limits.claim_lease]\namount = {LEASE_MINUTES}\nsource = "test"\n')
    env = {"LIMITS_FILE": str(limits)}
    async with running("router", infrastructure, folder, env, PREPARE) as service, desk_of(service) as desk:
        yield desk


async def test_counts_are_of_the_rows_shown_and_every_open_order_is_somewhere(room: Desk) -> None:
    walk = Walk(room, Dice(6))
    for _ in range(25):
        await walk.begin()
        for _ in range(3):
            await walk.step()
    orders = {order["id"]: order async for order in items_of(room.supervisor, "/v1/orders", limit=200)}
    assert len({order["status"] for order in orders.values()}) >= 5, "the walk has been to many places"
    assert len({request["kind"] for order in orders.values() for request in order["requests"]}) >= 2
    wanted = Counter(place for order in orders.values() for place in expected(order))

    seen: dict[str, set[str]] = {}
    counted = await totals(room.supervisor)
    assert set(counted) == set(QUEUES)
    for name in ("dispatcher", "county", "unit", "reviewer", "supervisor"):
        rows = await queue(room.supervisor, name)
        ids = [row["id"] for row in rows]
        assert len(ids) == len(set(ids)) == counted[name]
        assert ids == [row["id"] for row in sorted(rows, key=lambda row: (row["due_at"], row["id"]))], name
        assert set(ids) == {id_ for id_, order in orders.items() if name in {place for place, _ in expected(order)}}
        seen[name] = set(ids)
    units = {unit for name, unit in wanted if name == "unit" and unit}
    assert units >= {STREET, SECTOR}
    for unit in units:
        assert len(await queue(room.supervisor, "unit", unit=unit)) == wanted["unit", unit], unit

    running_timers = await _with_deadline(room)
    for id_, order in orders.items():
        if order["status"] not in TERMINAL:
            assert id_ in running_timers or any(id_ in ids for ids in seen.values()), order["status"]


async def _with_deadline(desk: Desk) -> set[str]:
    connection = await asyncpg.connect(desk.service.database_url)
    try:
        rows = await connection.fetch("SELECT id::text FROM deadlines WHERE aggregate = 'order'")
    finally:
        await connection.close()
    return {row["id"] for row in rows}


async def test_a_unit_counts_down_its_own_time(room: Desk) -> None:
    """Two units in one order: the one that has signed is not shown the other's hours for signing."""
    order = await room.signed(item=DUAL_ITEM)
    (mine,) = [row for row in await queue(room.street, "unit") if row["id"] == order["id"]]
    (theirs,) = [row for row in await queue(room.sector, "unit") if row["id"] == order["id"]]
    duties = {duty["unit"]: duty for duty in order["obligations"]}
    assert mine["due_at"] == duties[STREET]["due"]
    assert theirs["due_at"] == duties[SECTOR]["sign_due"]
    assert 0 < theirs["minutes_left"] < mine["minutes_left"]


async def test_whistles_wait_with_the_departments_then_with_the_street(room: Desk) -> None:
    order_id = (await room.signed())["id"]
    called = ("D15010004", "D15010005")
    body = {"kind": "emergency", "departments": list(called)}
    whistle_id = (await done(room.street.post(f"/v1/orders/{order_id}/whistles", json=body)))["whistle_id"]

    async def is_in(client: httpx.AsyncClient, name: str) -> bool:
        return whistle_id in [row["id"] for row in await queue(client, name)]

    assert not await is_in(room.street, "street"), "nothing to rate yet"
    for unit in called:
        async with await room.service.client("unit_handler", sub=f"{unit}-1", unit=unit) as department:
            assert await is_in(department, "whistle")
            for step in ("acknowledge", "report-in"):
                await done(department.post(f"/v1/whistles/{whistle_id}/{step}"))
            await done(department.post(f"/v1/whistles/{whistle_id}/result", json={"text": "已办"}))
            assert not await is_in(department, "whistle")
    assert await is_in(room.street, "street")
    assert not await is_in(room.other, "street")
    for unit in called:
        scores = {"unit": unit, "reported_in_score": 100, "acted_score": 90, "solved_score": 80}
        await done(room.street.post(f"/v1/whistles/{whistle_id}/evaluate", json=scores))
    assert not await is_in(room.street, "street")


async def test_filters_and_spreadsheet(room: Desk) -> None:
    order = await room.accept(item=DUAL_ITEM)
    rows = await queue(room.street, "unit", item=DUAL_ITEM, street=STREET[1:], overdue=False)
    assert order["id"] in [row["id"] for row in rows]
    assert {row["item_code"] for row in rows} == {DUAL_ITEM}
    assert await queue(room.street, "unit", overdue=True) == []
    assert await queue(room.street, "unit", unit=OTHER) == [], "another unit's desk stays closed"
    assert await queue(room.street, "unit", level="red") == []
    refused = await room.street.get("/v1/queues/whistle", params={"item": DUAL_ITEM})
    assert (refused.status_code, refused.json()["code"]) == (422, "queue.no_such_filter")
    counted = await done(room.street.get("/v1/queues/unit", params={"item": DUAL_ITEM, "count": True}))
    assert counted["count"] == len(await queue(room.street, "unit", item=DUAL_ITEM))

    sheet = await room.street.get("/v1/queues/unit", headers={"Accept": "text/csv"}, params={"item": DUAL_ITEM})
    lines = list(csv.DictReader(io.StringIO(sheet.content.decode("utf-8-sig"))))
    assert [line["编号"] for line in lines] == [row["id"] for row in rows][:50]
    assert "、" in lines[0]["承办单位"]


# Who may see which queue: role and unit -> queues, and for queues by unit, whose.
SEEN = [
    (("dispatcher", None), {"dispatcher", "county", "unit", "whistle", "street"}),
    (("dispatcher", COUNTY), {"county"}),
    (("reviewer", None), {"reviewer"}),
    (("supervisor", None), set(QUEUES)),
    (("unit_handler", STREET), {"unit", "whistle", "street"}),
    (("unit_handler", SECTOR), {"unit", "whistle"}),
    (("unit_handler", None), {"unit", "whistle"}),
    (("street_leader", STREET), {"street"}),
    (("county_leader", COUNTY), {"escalated"}),
    (("panel", None), {"panel"}),
]


@pytest.mark.parametrize(("who", "names"), SEEN)
async def test_everybody_sees_their_queues_and_no_others(
    who: tuple[str, str | None], names: set[str], room: Desk
) -> None:
    role, unit = who
    async with await room.service.client(role, sub=f"X-{role}", unit=unit) as client:
        assert set(await totals(client)) == names
        for name in QUEUES:
            answer = await client.get(f"/v1/queues/{name}")
            taken = await client.post(f"/v1/queues/{name}/next")
            if name not in names:
                assert (answer.status_code, answer.json()["code"]) == (404, "queue.not_found")
                assert (taken.status_code, taken.json()["code"]) == (404, "queue.not_found")
            else:
                assert answer.status_code == 200


async def test_rows_of_other_units_are_in_nobodys_queue(room: Desk) -> None:
    """Roles by own and other rows, for every queue that belongs to units."""
    street_order = (await room.accept())["id"]
    county_order = (await room.accept(street=None))["id"]
    await done(room.dispatcher.post(f"/v1/orders/{county_order}/dispatch", json={"obligations": [{"unit": COUNTY}]}))
    table = [
        ("unit_handler", STREET, "unit", street_order, True),
        ("unit_handler", OTHER, "unit", street_order, False),
        ("unit_handler", SECTOR, "unit", street_order, False),
        ("unit_handler", None, "unit", street_order, False),
        ("unit_handler", COUNTY, "unit", street_order, False),
        ("unit_handler", COUNTY, "unit", county_order, True),
        ("dispatcher", COUNTY, "county", county_order, True),
        ("dispatcher", OTHER_COUNTY, "county", county_order, False),
        ("dispatcher", COUNTY, "county", street_order, False),
        ("dispatcher", None, "county", county_order, True),
        ("supervisor", None, "unit", street_order, True),
    ]
    for role, unit, name, order_id, there in table:
        async with await room.service.client(role, sub="X1", unit=unit) as client:
            ids = [row["id"] for row in await queue(client, name)]
            assert (order_id in ids) is there, (role, unit, name)


async def test_a_reviewer_is_not_shown_what_their_own_unit_handled(room: Desk) -> None:
    order = await room.signed()
    await room.handled(order["id"])
    async with await room.service.client("reviewer", sub="R7", unit=STREET) as own:
        assert order["id"] not in [row["id"] for row in await queue(own, "reviewer")]
    assert order["id"] in [row["id"] for row in await queue(room.reviewer, "reviewer")]


async def test_no_two_people_take_the_same_item(room: Desk) -> None:
    waiting = {(await room.accept(street=None))["id"] for _ in range(10)}
    async with AsyncExitStack() as stack:
        people = [
            await stack.enter_async_context(await room.service.client("dispatcher", sub=f"D{n}")) for n in range(40, 44)
        ]
        answers = await asyncio.gather(
            *(done(person.post("/v1/queues/dispatcher/next")) for person in people for _ in range(3))
        )
    taken = [answer["item"]["id"] for answer in answers if answer["item"]]
    assert len(taken) == len(set(taken)) >= len(waiting)
    assert all(answer["claim"]["subject"] == answer["item"]["id"] for answer in answers if answer["item"])


async def test_what_somebody_has_is_shown_and_comes_back_when_the_lease_ends(room: Desk) -> None:
    order_id = (await room.accept(item="0402"))["id"]
    taken = await done(room.street.post("/v1/queues/unit/next", params={"item": "0402"}))
    assert taken["item"]["id"] == order_id
    ends, begins = (datetime.fromisoformat(taken["claim"][at]) for at in ("expires_at", "taken_at"))
    assert ends - begins == timedelta(minutes=LEASE_MINUTES), "as configured"
    async with await room.service.client("unit_handler", sub="U8", unit=STREET) as colleague:
        (row,) = await queue(colleague, "unit", item="0402")
        assert (row["claimed_by"], row["claim_id"]) == ("U1", taken["claim"]["id"])
        free = await done(colleague.post("/v1/queues/unit/next", params={"item": "0402"}))
        assert free == {"claim": None, "item": None}
        renewed = await done(room.street.post(f"/v1/claims/{taken['claim']['id']}/renew"))
        assert renewed["expires_at"] > taken["claim"]["expires_at"]
        await _let_pass(room, taken["claim"]["id"])
        again = await done(colleague.post("/v1/queues/unit/next", params={"item": "0402"}))
        assert again["item"]["id"] == order_id
        gone = await room.street.post(f"/v1/claims/{taken['claim']['id']}/renew")
        assert (gone.status_code, gone.json()["code"]) == (404, "claim.not_found")
    assert (await done(room.street.post(f"/v1/orders/{order_id}/sign")))["status"] == "in_progress", (
        "a claim forbids nothing"
    )


async def _let_pass(desk: Desk, claim_id: str) -> None:
    """As if a lease had just ended: a really short one ends in the middle of other tests."""
    connection = await asyncpg.connect(desk.service.database_url)
    try:
        await connection.execute("UPDATE claims SET expires_at = now() WHERE id = $1::text::uuid", claim_id)
    finally:
        await connection.close()


async def test_the_same_key_brings_the_same_item(room: Desk) -> None:
    await room.accept(item="0402")
    await room.accept(item="0402")
    key = {"Idempotency-Key": new_id()}
    first = await done(room.street.post("/v1/queues/unit/next", headers=key))
    repeated = await room.street.post("/v1/queues/unit/next", headers=key)
    assert repeated.json() == first
    assert repeated.headers["Idempotency-Replayed"] == "true"
    other = await done(room.street.post("/v1/queues/unit/next"))
    assert other["item"]["id"] != first["item"]["id"]


async def test_nobody_hoards(room: Desk) -> None:
    for _ in range(6):
        await room.accept(street=None)
    async with await room.service.client("dispatcher", sub="D60") as greedy:
        for _ in range(5):
            assert (await done(greedy.post("/v1/queues/dispatcher/next")))["item"]
        refused = await greedy.post("/v1/queues/dispatcher/next")
        assert (refused.status_code, refused.json()["code"]) == (409, "claim.too_many")
        held = (await done(greedy.get("/v1/claims")))["items"]
        assert len(held) == 5
        await done(greedy.post(f"/v1/claims/{held[0]['id']}/release"))
        assert (await done(greedy.post("/v1/queues/dispatcher/next")))["item"]
        body = {"obligations": [{"unit": STREET}]}
        held_orders = [await room.order(claim["subject"]) for claim in held[1:]]
        undispatched = next(order["id"] for order in held_orders if order["status"] == "pending_dispatch")
        await done(greedy.post(f"/v1/orders/{undispatched}/dispatch", json=body))
        assert (await done(greedy.post("/v1/queues/dispatcher/next")))["item"], "what is done is held no more"


async def test_a_supervisor_takes_over_and_it_is_written_down(room: Desk) -> None:
    await room.accept(street=None)
    claim = (await done(room.dispatcher.post("/v1/queues/dispatcher/next")))["claim"]
    path = f"/v1/claims/{claim['id']}"
    async with await room.service.client("dispatcher", sub="D70") as other:
        for action in ("renew", "release"):
            refused = await other.post(f"{path}/{action}")
            assert (refused.status_code, refused.json()["code"]) == (403, "claim.not_yours")
        assert (await other.post(f"{path}/take-over", json={"reason": "urgent"})).status_code == 403
    same = await room.supervisor.post(f"{path}/take-over", json={"reason": "absent", "to": "D1"})
    assert (same.status_code, same.json()["code"]) == (409, "claim.same_person")
    given = await done(room.supervisor.post(f"{path}/take-over", json={"reason": "absent", "to": "D70"}))
    assert given["holder"] == "D70"
    everybody = (await done(room.supervisor.get("/v1/claims", params={"everybody": True})))["items"]
    assert claim["id"] in [one["id"] for one in everybody]
    connection = await asyncpg.connect(room.service.database_url)
    try:
        written = await connection.fetchrow(
            "SELECT actor, detail->>'from', detail->>'to', detail->>'reason' FROM operator_actions "
            "WHERE action = 'claim.taken_over' AND detail->>'subject' = $1",
            claim["subject"],
        )
    finally:
        await connection.close()
    assert written is not None
    assert tuple(written) == ("V1", "D1", "D70", "absent")


async def test_a_shift_is_handed_over_with_a_note_for_two(room: Desk) -> None:
    await room.accept(street=None)
    await room.accept(street=None)
    note = "第一件等赵示例回电 13800001234"
    async with (
        await room.service.client("dispatcher", sub="D80") as early,
        await room.service.client("dispatcher", sub="D81") as late,
        await room.service.client("dispatcher", sub="D82") as third,
    ):
        taken = {(await done(early.post("/v1/queues/dispatcher/next")))["claim"]["id"] for _ in range(2)}
        given = await done(early.post("/v1/claims/handover", json={"to": "D81", "note": note}))
        assert (given["claims"], given["note"]) == (2, None)
        assert {claim["id"] for claim in (await done(late.get("/v1/claims")))["items"]} == taken
        assert (await done(early.get("/v1/claims")))["items"] == []
        for client, notes in ((early, [note]), (late, [note]), (third, [])):
            handovers = (await done(client.get("/v1/handovers")))["items"]
            assert [one["note"] for one in handovers] == notes
        self_given = await early.post("/v1/claims/handover", json={"to": "D80"})
        assert (self_given.status_code, self_given.json()["code"]) == (409, "claim.same_person")
    connection = await asyncpg.connect(room.service.database_url)
    try:
        stored = await connection.fetchval("SELECT string_agg(h::text, '') FROM handovers h")
        sealed = await connection.fetchval("SELECT ciphertext FROM private_data WHERE aggregate = 'handover'")
    finally:
        await connection.close()
    assert "示例" not in stored
    assert "示例".encode() not in sealed
