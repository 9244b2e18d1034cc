"""Petitions 信访代办 as people work on them: a real process over real PostgreSQL and Kafka."""

import asyncio
import csv
import io
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from chassis.ids import derived_beside, new_id
from contracts.router_turns import OrderCancelled
from tests.integration.mediation.centre import Centre, done
from tests.integration.mediation.petition_desk import ANSWER, AUTHORISATION, OPINION, PROXY, TEXT, Desk, desk_of
from tests.polling import eventually
from tests.running import Infrastructure, running

EVERYTHING_STORED = (
    "SELECT t::text AS text FROM petitions t",
    "SELECT t::text AS text FROM events t",
    "SELECT t::text AS text FROM private_data t",
    "SELECT t::text AS text FROM idempotency_keys t",
)


@pytest.fixture
async def desk(centre: Centre) -> AsyncGenerator[Desk]:
    async with desk_of(centre.service) as desk:
        yield desk


async def test_from_a_referred_order_to_the_archive(desk: Desk) -> None:
    order_id, referred = await desk.referred()
    requested = await done(desk.clerk.get(f"/v1/petitions/{referred.case_id}"))
    assert (requested["order_id"], requested["origin"], requested["status"]) == (order_id, "order", "requested")
    assert (requested["appeals"], requested["firsts"]["asked"]) == (referred.appeals, "H1")
    archived = await desk.go(referred.case_id, "archived")
    assert (archived["steps"], archived["outcome"], archived["proxy"]) == ([], "not_supported", "P1")
    events = await desk.history(referred.case_id)
    assert [kind for kind, _ in events] == [
        *("requested.v1", "authorised.v1", "registered.v1", "assigned.v1", "submitted.v1", "routed.v1"),
        *("accepted.v1", "handling_began.v1", "opinion_issued.v1", "feedback_given.v1", "revisited.v1"),
        "archived.v1",
    ]
    told = [data["order_id"] for kind, data in events if kind in ("accepted.v1", "opinion_issued.v1")]
    assert told == [order_id, order_id]


async def test_a_mediation_that_failed_becomes_a_petition(desk: Desk, centre: Centre) -> None:
    case_id, _ = await centre.in_mediation()
    await done(centre.mediator.post(f"/v1/cases/{case_id}/failure"))
    case = await done(centre.clerk.post(f"/v1/cases/{case_id}/guidance", json={"guidance": "petition_proxy"}))
    petition_id = derived_beside(case_id, "petition")
    await desk.until_there(petition_id)
    petition = await done(desk.clerk.get(f"/v1/petitions/{petition_id}"))
    assert (petition["origin"], petition["case_id"], petition["order_id"]) == ("case", case_id, None)
    assert petition["issue_id"] == case["issue_id"]


async def test_a_case_out_of_scope_becomes_a_petition(desk: Desk, centre: Centre) -> None:
    case_id = await centre.walk_in()
    body = {"guidance": "petition_proxy", "reason": "not_civil"}
    await done(centre.clerk.post(f"/v1/cases/{case_id}/refer-out", json=body))
    await desk.until_there(derived_beside(case_id, "petition"))


async def test_the_petition_of_a_cancelled_order_is_withdrawn(desk: Desk) -> None:
    order_id, referred = await desk.referred()
    await desk.go(referred.case_id, "submitted")
    cancelled = OrderCancelled(
        issue_id=referred.issue_id,
        reason="merged",
        merged_into=new_id(),
        whistles=[],
        case_id=referred.case_id,
        referred_to="petition_proxy",
    )
    await desk.service.publish((order_id, 2, referred.issue_id, cancelled))

    async def withdrawn() -> bool:
        found = await done(desk.clerk.get(f"/v1/petitions/{referred.case_id}"))
        return bool(found["status"] == "withdrawn")

    await eventually(withdrawn)
    assert (await desk.history(referred.case_id))[-1][1]["reason"] == "order_cancelled"


async def test_objection_another_authority_extension_review_and_recheck(desk: Desk) -> None:
    petition_id = await desk.walk_in()
    await desk.go(petition_id, "routed")
    objected = await desk.post(petition_id, "objection", {"reason": "不属本机关职权"})
    assert objected["objection_pending"]
    early = await desk.proxy.post(f"/v1/petitions/{petition_id}/acceptance", json={})
    assert (early.status_code, early.json()["code"]) == (409, "petition.objection_pending")
    rerouted = await desk.post(petition_id, "route", {"authority": "D15010203"})
    assert (rerouted["authority"], rerouted["objection_pending"]) == ("D15010203", False)
    await desk.post(petition_id, "objection", {"reason": "也不属本机关职权"})
    await desk.post(petition_id, "objection/reject")
    accepted = await desk.post(petition_id, "acceptance", {})
    longer = {"reason": "hearing", "approved_by": "L9", "text": "需要听证"}
    too_long = longer | {"until": "2999-01-01T00:00:00Z"}
    refused = await desk.proxy.post(f"/v1/petitions/{petition_id}/extension", json=too_long)
    assert (refused.status_code, refused.json()["code"]) == (422, "petition.extension_too_long")
    until = accepted["handling_due"].replace("Z", "+00:00")
    same = await desk.proxy.post(f"/v1/petitions/{petition_id}/extension", json=longer | {"until": until})
    assert same.json()["code"] == "petition.extension_too_long", "no longer than before"
    await desk.post(petition_id, "opinion", OPINION)
    asked = await desk.post(petition_id, "review", {"authority": "D15010001", "reasons": "不服"})
    assert (asked["status"], asked["steps"][0]["step"]) == ("review", "review")
    reviewed = await desk.post(petition_id, "review/answer", ANSWER)
    assert (reviewed["status"], reviewed["stage"], reviewed["outcome"]) == ("opinion_issued", "review", "upheld")
    await desk.post(petition_id, "recheck", {"authority": "D15000001", "reasons": "仍不服"})
    final = await desk.post(petition_id, "recheck/answer", ANSWER)
    assert (final["stage"], final["may_ask_until"]) == ("recheck", None)
    again = await desk.proxy.post(
        f"/v1/petitions/{petition_id}/recheck", json={"authority": "D11000001", "reasons": "还不服"}
    )
    assert (again.status_code, again.json()["code"]) == (409, "petition.final_recheck")

    second = await desk.walk_in(final["issue_id"])
    await desk.go(second, "authorised")
    repeated = await desk.clerk.post(f"/v1/petitions/{second}/register", json={})
    assert (repeated.status_code, repeated.json()["code"]) == (409, "petition.final_recheck")
    elsewhere = await desk.walk_in()
    await desk.go(elsewhere, "authorised")
    for others, code in (([petition_id], "petition.final_recheck"), ([new_id()], "petition.not_found")):
        known = await desk.clerk.post(f"/v1/petitions/{elsewhere}/register", json={"same_matter_as": others})
        assert known.json()["code"] == code, "told by the clerk, under another issue"
    guided = await done(desk.clerk.post(f"/v1/petitions/{second}/guide-away", json={"reason": "final_recheck"}))
    assert (guided["status"], guided["where_to_zh"][:6]) == ("guided", "已经复核终结")


async def test_one_matter_is_carried_once_whoever_registers_first(desk: Desk) -> None:
    issue_id = new_id()
    first, second = await desk.walk_in(issue_id), await desk.walk_in(issue_id)
    for petition_id in (first, second):
        await desk.go(petition_id, "authorised")
    await desk.go(first, "registered")
    refused = await desk.clerk.post(f"/v1/petitions/{second}/register", json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "petition.already_in_hand")
    await done(desk.clerk.post(f"/v1/petitions/{first}/withdraw", json={"reason": "petition_withdrawn"}))
    await desk.go(second, "registered")


async def test_settled_where_it_arose(desk: Desk) -> None:
    petition_id = await desk.walk_in()
    await desk.go(petition_id, "assigned")
    settled = await desk.post(petition_id, "local-result", TEXT)
    assert (settled["status"], settled["steps"][0]["step"]) == ("resolved_locally", "feedback")
    assert (await desk.post(petition_id, "feedback", TEXT))["status"] == "feedback"


async def test_not_accepted_says_where_to_turn(desk: Desk) -> None:
    petition_id = await desk.walk_in()
    await desk.go(petition_id, "routed")
    refused = await desk.post(petition_id, "non-acceptance", {"reason": "litigation"})
    assert (refused["status"], refused["where_to_zh"]) == ("not_accepted", "人民法院")


async def test_texts_are_shown_for_a_reason_and_on_the_record_and_kept_from_everything_else(desk: Desk) -> None:
    petition_id = await desk.walk_in()
    await desk.go(petition_id, "feedback")
    path = f"/v1/petitions/{petition_id}/reveal"
    for person, purpose in ((desk.clerk, "handling"), (desk.proxy, "handling"), (desk.supervisor, "supervision")):
        shown = await person.post(path, json={"purpose": purpose})
        assert shown.headers["Cache-Control"] == "no-store"
        texts = {text["kind"]: text["fields"] for text in shown.json()["texts"]}
        assert texts["authorisation"]["petitioner"] == "赵示例"
        assert texts["opinion"]["reference"] == OPINION["reference"]
        assert texts["feedback"] == TEXT
    looks = [data for kind, data in await desk.history(petition_id) if kind == "texts_shown.v1"]
    assert [(look["by"], look["purpose"]) for look in looks] == [
        ("C1", "handling"),
        ("P1", "handling"),
        ("S1", "supervision"),
    ]
    unreasoned = await desk.clerk.post(path, json={})
    assert (unreasoned.status_code, unreasoned.json()["code"]) == (422, "request.invalid")
    hidden = await desk.other_proxy.post(path, json={"purpose": "handling"})
    assert (hidden.status_code, hidden.json()["code"]) == (404, "petition.not_found")
    forbidden = await desk.stranger.post(path, json={"purpose": "handling"})
    assert (forbidden.status_code, forbidden.json()["code"]) == (403, "auth.forbidden_role")

    connection = await asyncpg.connect(desk.service.database_url)
    rows = [row["text"] for query in EVERYTHING_STORED for row in await connection.fetch(query)]
    await connection.close()
    assert any(petition_id in row for row in rows)
    everything = "\n".join([*rows, desk.service.log.read_text()])
    for private in ("赵示例", AUTHORISATION["contact"], "停水", OPINION["reference"], "不予支持"):
        assert private not in everything
        assert private.encode().hex() not in everything


async def test_a_proxy_touches_their_own_petitions_only(desk: Desk) -> None:
    petition_id = await desk.walk_in()
    await desk.go(petition_id, "assigned")
    assert (await desk.other_proxy.get(f"/v1/petitions/{petition_id}")).status_code == 404
    answer = await desk.other_proxy.post(f"/v1/petitions/{petition_id}/submit", json={"office": "D15010201"})
    assert (answer.status_code, answer.json()["code"]) == (403, "petition.not_yours")
    listed = await done(desk.other_proxy.get("/v1/petitions", params={"proxy": "P1", "count": True}))
    assert (listed["items"], listed["count"]) == ([], 0)
    assert petition_id in [item["id"] async for item in everything_in(desk.proxy, "/v1/petitions")]


async def test_the_same_request_again_makes_no_second_petition(desk: Desk) -> None:
    key, body = {"Idempotency-Key": new_id()}, {"issue_id": new_id()}
    first = await desk.clerk.post("/v1/petitions", json=body, headers=key)
    again = await desk.clerk.post("/v1/petitions", json=body, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["Location"] == f"/v1/petitions/{first.json()['id']}"


async def test_whoever_has_read_an_older_version_is_told(desk: Desk) -> None:
    petition_id = await desk.walk_in()
    seen = {"If-Match": (await desk.clerk.get(f"/v1/petitions/{petition_id}")).headers["ETag"]}
    path = f"/v1/petitions/{petition_id}/authorisation"
    assert (await desk.clerk.post(path, json=AUTHORISATION, headers=seen)).headers["ETag"] == '"2"'
    guide = f"/v1/petitions/{petition_id}/guide-away"
    stale = await desk.clerk.post(guide, json={"reason": "litigation"}, headers=seen)
    assert (stale.status_code, stale.json()["code"]) == (412, "request.version_mismatch")


@pytest.mark.parametrize(
    ("status", "queue", "sees"),
    [
        *((status, "petition_desk", "clerk") for status in ("requested", "authorised", "registered", "feedback")),
        ("assigned", "petition_proxy", "proxy"),
        ("opinion_issued", "petition_proxy", "proxy"),
        *((status, "petition_authority", "proxy") for status in ("submitted", "routed", "accepted", "handling")),
    ],
)
async def test_what_waits_is_in_one_queue_and_its_count_is_that_of_its_rows(
    desk: Desk, status: str, queue: str, sees: str
) -> None:
    petition_id = await desk.walk_in()
    await desk.go(petition_id, status)
    person: httpx.AsyncClient = getattr(desk, sees)
    found = {
        name: [item["id"] async for item in everything_in(desk.supervisor, f"/v1/petition-queues/{name}")]
        for name in ("petition_desk", "petition_proxy", "petition_authority")
    }
    assert [name for name, ids in found.items() if petition_id in ids] == [queue]
    own = [item["id"] async for item in everything_in(person, f"/v1/petition-queues/{queue}")]
    assert petition_id in own
    counts = {one["name"]: one["total"] for one in (await done(person.get("/v1/petition-queues")))["items"]}
    assert counts[queue] == len(own) == len(set(own))
    others = await done(desk.other_proxy.get("/v1/petition-queues"))
    assert [one["total"] for one in others["items"]] == [0, 0, 0]
    nobodys = await desk.other_proxy.get("/v1/petition-queues/petition_desk")
    assert (nobodys.status_code, nobodys.json()["code"]) == (404, "queue.not_found")


async def test_two_clerks_never_get_the_same_petition_and_a_proxys_are_not_taken(desk: Desk) -> None:
    waiting = {await desk.walk_in() for _ in range(3)}
    async with await desk.service.client("centre_clerk", sub="C2") as colleague:
        window, asked = "/v1/petition-queues/petition_desk", {"status": "requested"}
        people = (desk.clerk, desk.clerk, colleague)
        taken = await asyncio.gather(*(done(one.post(f"{window}/next", params=asked)) for one in people))
        items = {one["item"]["id"]: one["item"] for one in taken}
        assert len(items) == 3, "each its own"
        assert {one["claimed_by"] for one in items.values()} == {"C1", "C2"}
        held = {one["subject"]: one for one in (await done(desk.clerk.get("/v1/claims")))["items"]}
        shown = {item["id"]: item async for item in everything_in(desk.supervisor, window)}
        assert waiting <= set(shown)
        for subject, claim in held.items():
            assert (claim["queue"], shown[subject]["claimed_by"], shown[subject]["claim_id"]) == (
                *("petition_desk", "C1"),
                claim["id"],
            )
        given = await done(desk.clerk.post("/v1/claims/handover", json={"to": "C2"}))
        assert given["claims"] == len(held) == 2
        mine = (await done(colleague.get("/v1/claims")))["items"]
        over = {"reason": "absent", "to": "C1"}
        assert (await done(desk.supervisor.post(f"/v1/claims/{mine[0]['id']}/take-over", json=over)))["holder"] == "C1"
        await done(desk.clerk.post(f"/v1/claims/{mine[0]['id']}/release"))
        for claim in mine[1:]:
            await done(colleague.post(f"/v1/claims/{claim['id']}/release"))
    can_take = {
        one["name"]: one["can_take"] for one in (await done(desk.supervisor.get("/v1/petition-queues")))["items"]
    }
    assert [name for name, can in can_take.items() if can] == ["petition_late"]
    for person, name in (
        (desk.supervisor, "petition_desk"),
        (desk.proxy, "petition_proxy"),
        (desk.clerk, "petition_authority"),
    ):
        looking = await person.post(f"/v1/petition-queues/{name}/next")
        assert (looking.status_code, looking.json()["code"]) == (403, "queue.looking_only"), name
    hidden = await desk.proxy.post("/v1/petition-queues/petition_desk/next")
    assert (hidden.status_code, hidden.json()["code"]) == (404, "queue.not_found")


async def everything_in(person: httpx.AsyncClient, path: str) -> AsyncGenerator[dict[str, Any]]:
    """Every item of a list, page by page."""
    query: dict[str, Any] = {"limit": 7}
    while True:
        page = await done(person.get(path, params=query))
        for item in page["items"]:
            yield item
        if page["next_cursor"] is None:
            return
        query["cursor"] = page["next_cursor"]


async def test_lists_as_a_spreadsheet(desk: Desk) -> None:
    petition_id = await desk.walk_in()
    code = (await done(desk.clerk.get(f"/v1/petitions/{petition_id}")))["petition_code"]
    csv_wanted = {"Accept": "text/csv"}
    sheet = await desk.clerk.get("/v1/petitions", params={"code": code}, headers=csv_wanted)
    heading, row = csv.reader(io.StringIO(sheet.content.decode("utf-8-sig")))
    assert (heading[0], row[0], row[1]) == ("代办编码", code, "已申请，待签署委托")
    queue = await desk.clerk.get("/v1/petition-queues/petition_desk", headers=csv_wanted)
    assert queue.headers["content-type"].startswith("text/csv")


REFUSED: dict[str, tuple[str, str, Any, int, str]] = {
    "no such petition": ("clerk", "/" + new_id() + "/register", {}, 404, "petition.not_found"),
    "no id": ("clerk", "/42/register", {}, 422, "request.invalid"),
    "20: six representatives": (
        "clerk",
        "/{id}/authorisation",
        AUTHORISATION | {"petitioners": 9, "representatives": [f"代表{n}示例" for n in range(6)]},
        422,
        "petition.too_many_representatives",
    ),
    "20: none of several": (
        "clerk",
        "/{id}/authorisation",
        AUTHORISATION | {"petitioners": 9},
        422,
        "petition.representatives",
    ),
    "signed in the future": (
        "clerk",
        "/{id}/authorisation",
        AUTHORISATION | {"signed_at": "2999-01-01T00:00:00Z"},
        422,
        "petition.time_order",
    ),
    "unsigned": ("clerk", "/{id}/register", {}, 409, "petition.wrong_status"),
    "unknown way": ("clerk", "/{id}/guide-away", {"reason": "prayer"}, 422, "request.invalid"),
    "order cancelled by hand": ("clerk", "/{id}/withdraw", {"reason": "order_cancelled"}, 422, "request.invalid"),
    "no unit": ("clerk", "/{id}/guide-away", {"reason": "litigation", "unit": "法院"}, 422, "request.invalid"),
    "wrong role": ("proxy", "/{id}/proxy", PROXY, 403, "auth.forbidden_role"),
    "reads only": ("supervisor", "/{id}/register", {}, 403, "auth.forbidden_role"),
    "not theirs": ("proxy", "/{id}/submit", {"office": "D15010201"}, 403, "petition.not_yours"),
    "malformed": ("clerk", "/{id}/authorisation", b"{", 400, "request.malformed_json"),
}


@pytest.mark.parametrize(("person", "path", "body", "status", "code"), REFUSED.values(), ids=REFUSED)
async def test_what_is_refused(desk: Desk, person: str, path: str, body: Any, status: int, code: str) -> None:
    client: httpx.AsyncClient = getattr(desk, person)
    url = f"/v1/petitions{path.format(id=await desk.walk_in())}"
    if isinstance(body, bytes):
        answer = await client.post(url, content=body, headers={"Content-Type": "application/json"})
    else:
        answer = await client.post(url, json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert (await client.get(answer.json()["type"])).status_code == 200, f"{code} is documented"


async def test_what_is_late_is_in_a_queue_of_its_own_until_it_is_done(
    infrastructure: Infrastructure, tmp_path: Path
) -> None:
    limits = tmp_path / "limits.toml"
    nothing = "".join(
        f'[limits.petition_{step}]\namount = 0\nunit = "hours"\nsource = "test"\n' for step in ("authorise", "archive")
    )
    limits.write_text(f'[calendar]\nsource = "test"\nalways_open = true\n{nothing}')
    async with (
        running("mediation", infrastructure, tmp_path, {"LIMITS_FILE": str(limits)}) as service,
        desk_of(service) as desk,
    ):
        petition_id = await desk.walk_in()
        late = "/v1/petition-queues/petition_late"

        async def shown() -> bool:
            page = await done(desk.supervisor.get(late, params={"count": True}))
            return [item["id"] for item in page["items"]] == [petition_id] and page["count"] == 1

        await eventually(shown)
        assert (await desk.history(petition_id))[-1][1]["step"] == "authorise"
        counts = {one["name"]: one["overdue"] for one in (await done(desk.clerk.get("/v1/petition-queues")))["items"]}
        assert (counts["petition_late"], counts["petition_desk"]) == (1, 1)
        taken = await done(desk.supervisor.post(f"{late}/next"))
        assert (taken["item"]["id"], taken["item"]["is_overdue"]) == (petition_id, True)
        await desk.go(petition_id, "revisited")

        async def archived() -> bool:
            return bool((await done(desk.clerk.get(f"/v1/petitions/{petition_id}")))["status"] == "archived")

        await eventually(archived)
        assert (await desk.history(petition_id))[-1] == ("archived.v1", {"automatic": True, "by": None})
        assert (await done(desk.supervisor.get(late)))["items"] == []
