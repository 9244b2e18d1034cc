"""Mediation as its people use it: a real process over real PostgreSQL and Kafka."""

import csv
import io
from pathlib import Path
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer

from chassis.ids import new_id
from tests.integration.mediation.centre import AGREEMENT, PARTIES, Centre, centre_of, done, people, revealed, signed
from tests.polling import eventually
from tests.running import Infrastructure, running

EVERYTHING_STORED = (
    "SELECT t::text AS text FROM cases t",
    "SELECT t::text AS text FROM events t",
    "SELECT t::text AS text FROM private_data t",
    "SELECT t::text AS text FROM idempotency_keys t",
    "SELECT t::text AS text FROM deadlines t",
)


async def test_from_a_referred_order_to_the_last_instalment(centre: Centre, infrastructure: Infrastructure) -> None:
    order_id, referred = await centre.refer()
    case_id = referred.case_id
    registered = await done(centre.clerk.get(f"/v1/cases/{case_id}"))
    assert (registered["order_id"], registered["appeals"]) == (order_id, referred.appeals)
    parties = await centre.consented(case_id)
    session = {"number": 1, "notes": "双方陈述了事实。"}
    await done(centre.mediator.post(f"/v1/cases/{case_id}/sessions", json=session))
    agreed = await done(centre.mediator.post(f"/v1/cases/{case_id}/agreement", json=signed(parties)))
    assert (agreed["status"], agreed["status_zh"]) == ("agreed_written", "达成书面协议")
    confirmation = {"parties": parties, "court": "F150105", "matter_excluded": False}
    await done(centre.clerk.post(f"/v1/cases/{case_id}/confirmation-request", json=confirmation))
    await done(centre.clerk.post(f"/v1/cases/{case_id}/ruling", json={"confirmed": True}))
    await done(centre.mediator.post(f"/v1/cases/{case_id}/instalments/1/performed"))
    last = await done(centre.clerk.post(f"/v1/cases/{case_id}/instalments/2/performed"))
    assert (last["status"], last["confirmation"]) == ("performed", "confirmed")
    assert [step["step"] for step in last["steps"]] == ["revisit"]

    expected = [
        "registered.v1",
        "consent_requested.v1",
        "consent_given.v1",
        "consent_given.v1",
        "accepted.v1",
        "mediator_assigned.v1",
        "session_held.v1",
        "agreed.v1",
        "confirmation_requested.v1",
        "confirmed.v1",
        "instalment_performed.v1",
        "instalment_performed.v1",
        "performed.v1",
    ]
    assert [kind for kind, _ in await centre.history(case_id)] == expected
    assert await published(centre, infrastructure, case_id, referred.issue_id, len(expected)) == expected


async def published(centre: Centre, around: Infrastructure, case_id: str, issue_id: str, number: int) -> list[str]:
    """Short types of the case's records on the topic, once there are ``number``; all keyed by the issue."""
    topic = centre.service.topic_prefix + "mediation.cases"
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=around.kafka, auto_offset_reset="earliest")
    await consumer.start()
    found: list[str] = []

    async def complete() -> bool:
        for records in (await consumer.getmany(timeout_ms=100)).values():
            for record in records:
                headers = {name: value.decode() for name, value in record.headers}
                if headers["ce_subject"] == f"case/{case_id}":
                    assert record.key == issue_id.encode()
                    found.append(headers["ce_type"].removeprefix("qingcheng.mediation.case."))
        return len(found) >= number

    try:
        await eventually(complete)
    finally:
        await consumer.stop()
    return found


async def test_no_agreement_leads_to_guidance(centre: Centre) -> None:
    case_id, _ = await centre.in_mediation()
    failed = await done(centre.mediator.post(f"/v1/cases/{case_id}/failure"))
    assert (failed["status"], failed["failure"]) == ("failed", "no_agreement")
    waiting = await done(centre.mediator.get("/v1/cases", params={"queue": "guidance", "count": True}))
    assert case_id in [case["id"] for case in waiting["items"]]
    guided = await done(centre.mediator.post(f"/v1/cases/{case_id}/guidance", json={"guidance": "court"}))
    assert (guided["status"], guided["guidance"]) == ("guided", "court")


async def test_one_refusal_ends_it(centre: Centre) -> None:
    case_id = await centre.walk_in()
    case = await done(centre.clerk.post(f"/v1/cases/{case_id}/screen", json={"parties": PARTIES}))
    refusal = {"party_id": case["parties"][1]["party_id"], "agreed": False}
    ended = await done(centre.clerk.post(f"/v1/cases/{case_id}/consents", json=refusal))
    assert ended["status"] == "terminated"
    assert (await centre.history(case_id))[-1][1]["outcome"] == "refused"


async def test_out_of_scope(centre: Centre) -> None:
    case_id = await centre.walk_in()
    answer = await done(centre.clerk.post(f"/v1/cases/{case_id}/refer-out", json={"guidance": "arbitration"}))
    assert answer["status"] == "referred"


async def test_a_party_withdraws(centre: Centre) -> None:
    case_id, parties = await centre.in_mediation()
    answer = await done(centre.clerk.post(f"/v1/cases/{case_id}/withdraw", json={"party_id": parties[0]}))
    assert (answer["status"], answer["failure"]) == ("failed", "party_withdrew")


async def test_refused_by_the_court_it_is_mediated_anew(centre: Centre) -> None:
    case_id, parties = await centre.in_mediation()
    await done(centre.mediator.post(f"/v1/cases/{case_id}/agreement", json=signed(parties)))
    confirmation = {"parties": parties, "court": "F150105", "matter_excluded": False}
    await done(centre.mediator.post(f"/v1/cases/{case_id}/confirmation-request", json=confirmation))
    ruling = {"confirmed": False, "reason": "unclear"}
    refused = await done(centre.clerk.post(f"/v1/cases/{case_id}/ruling", json=ruling))
    assert refused["status"] == "not_confirmed"
    session = {"number": 2, "notes": "逐条写明。"}
    await done(centre.mediator.post(f"/v1/cases/{case_id}/sessions", json=session))
    second = AGREEMENT | {"form": "oral", "contents": "三月十日前修复。"}
    await done(centre.mediator.post(f"/v1/cases/{case_id}/agreement", json=second))
    assert (await revealed(centre.clerk, case_id, "agreement"))["contents"] == "三月十日前修复。"


async def test_names_and_texts_are_shown_to_those_who_work_on_it_and_kept_from_everything_else(centre: Centre) -> None:
    case_id, parties = await centre.in_mediation()
    await done(centre.mediator.post(f"/v1/cases/{case_id}/agreement", json=signed(parties)))
    for person in (centre.clerk, centre.mediator):
        masked = (await person.get(f"/v1/cases/{case_id}/parties")).json()
        assert [(party["party_id"], party["name"], party["contact"]) for party in masked] == [
            (parties[0], "赵**", "138****1001"),
            (parties[1], "示*****", "047****0001"),
        ]
        shown = await people(person, case_id)
        assert {party["party_id"]: party["name"] for party in shown} == dict(
            zip(parties, ["赵示例", "示例物业公司"], strict=True)
        )
        assert await revealed(person, case_id, "sessions") == {"0001": "赵示例陈述了事实。"}
        assert (await revealed(person, case_id, "agreement"))["facts"] == AGREEMENT["facts"]
    hidden = await centre.other_mediator.get(f"/v1/cases/{case_id}/parties")
    assert (hidden.status_code, hidden.json()["code"]) == (404, "case.not_found")
    forbidden = await centre.supervisor.get(f"/v1/cases/{case_id}/parties")
    assert (forbidden.status_code, forbidden.json()["code"]) == (403, "auth.forbidden_role")
    look = {"what": "sessions", "purpose": "mediation"}
    for person, refused in (
        (centre.other_mediator, (403, "case.not_your_case")),
        (centre.supervisor, (403, "auth.forbidden_role")),
    ):
        for path, body in (("reveal", look), ("parties/reveal", {"purpose": "court"})):
            answer = await person.post(f"/v1/cases/{case_id}/{path}", json=body)
            assert (answer.status_code, answer.json()["code"]) == refused
    unstated = await centre.clerk.post(f"/v1/cases/{case_id}/parties/reveal", json={})
    assert (unstated.status_code, unstated.json()["errors"][0]["field"]) == (422, "purpose")
    looks = [data for kind, data in await centre.history(case_id) if kind == "text_revealed.v1"]
    assert [(data["by"], data["what"], data["purpose"]) for data in looks] == [
        (by, what, "mediation") for by in ("C1", "M1") for what in ("parties", "sessions", "agreement")
    ]

    connection = await asyncpg.connect(centre.service.database_url)
    rows = [row["text"] for query in EVERYTHING_STORED for row in await connection.fetch(query)]
    await connection.close()
    assert any(case_id in row for row in rows)
    everything = "\n".join([*rows, centre.service.log.read_text()])
    for private in ("赵示例", "13800001001", "漏水"):
        assert private not in everything
        assert private.encode().hex() not in everything


async def test_a_mediator_touches_his_own_cases_only(centre: Centre) -> None:
    case_id, parties = await centre.in_mediation()
    assert (await centre.other_mediator.get(f"/v1/cases/{case_id}")).status_code == 404
    listed = await done(centre.other_mediator.get("/v1/cases", params={"mediator": "M1", "count": True}))
    assert (listed["items"], listed["count"]) == ([], 0)
    for path, body in (
        ("sessions", {"number": 2, "notes": "……"}),
        ("failure", None),
        ("withdraw", {"party_id": parties[0]}),
    ):
        answer = await centre.other_mediator.post(f"/v1/cases/{case_id}/{path}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "case.not_your_case")
    for person in (centre.mediator, centre.supervisor, centre.clerk):
        assert (await person.get(f"/v1/cases/{case_id}")).status_code == 200


async def test_the_same_request_again_makes_no_second_case(centre: Centre) -> None:
    key, body = {"Idempotency-Key": new_id()}, {"issue_id": new_id()}
    first = await centre.clerk.post("/v1/cases", json=body, headers=key)
    again = await centre.clerk.post("/v1/cases", json=body, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["Location"] == first.headers["Location"] == f"/v1/cases/{first.json()['id']}"
    other = await centre.clerk.post("/v1/cases", json={"issue_id": new_id()}, headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency.key_reused")


async def test_whoever_has_read_an_older_version_is_told(centre: Centre) -> None:
    case_id = await centre.walk_in()
    read = await centre.clerk.get(f"/v1/cases/{case_id}")
    body, seen = {"parties": PARTIES}, {"If-Match": read.headers["ETag"]}
    screened = await centre.clerk.post(f"/v1/cases/{case_id}/screen", json=body, headers=seen)
    assert (screened.status_code, screened.headers["ETag"]) == (200, '"2"')
    stale = await centre.clerk.post(f"/v1/cases/{case_id}/refer-out", json={"guidance": "court"}, headers=seen)
    assert (stale.status_code, stale.json()["code"]) == (412, "request.version_mismatch")


async def test_lists_by_queue_code_and_page(centre: Centre) -> None:
    made = [await centre.walk_in() for _ in range(3)]
    query: dict[str, Any] = {"queue": "screen", "count": True, "limit": 2}
    found: list[str] = []
    for _ in range(100):
        page = await done(centre.supervisor.get("/v1/cases", params=query))
        found += [case["id"] for case in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert page["count"] == len(found) == len(set(found))
    due = {case_id: (await done(centre.clerk.get(f"/v1/cases/{case_id}")))["due"] for case_id in made}
    by_limit = sorted(made, key=lambda case_id: (due[case_id], case_id))
    assert [case_id for case_id in found if case_id in made] == by_limit

    code = (await done(centre.clerk.get(f"/v1/cases/{made[0]}")))["case_code"]
    by_code = await done(centre.clerk.get("/v1/cases", params={"code": code}))
    assert [case["id"] for case in by_code["items"]] == [made[0]]
    empty = await done(centre.clerk.get("/v1/cases", params={"queue": "screen", "status": "guided", "count": True}))
    assert (empty["items"], empty["count"]) == ([], 0)

    sheet = await centre.clerk.get("/v1/cases", params={"code": code}, headers={"Accept": "text/csv"})
    heading, row = csv.reader(io.StringIO(sheet.content.decode("utf-8-sig")))
    assert (heading[0], row[0]) == ("案件编码", code)


async def test_limits_run_out(infrastructure: Infrastructure, tmp_path: Path) -> None:
    limits = tmp_path / "limits.toml"
    limits.write_text(
        '[calendar]\nsource = "test"\nalways_open = true\n'
        '[limits.consent]\namount = 0\nunit = "hours"\nsource = "test"\n'
        '[limits.screen]\namount = 0\nunit = "hours"\nsource = "test"\n'
    )
    async with (
        running("mediation", infrastructure, tmp_path, {"LIMITS_FILE": str(limits)}) as service,
        centre_of(service) as centre,
    ):
        case_id = await centre.walk_in()

        async def late() -> bool:
            return bool((await done(centre.clerk.get(f"/v1/cases/{case_id}")))["late"])

        await eventually(late)
        assert (await centre.history(case_id))[-1][1]["step"] == "screen"
        for wanted, listed in ((True, [case_id]), (False, [])):
            page = await done(centre.supervisor.get("/v1/cases", params={"late": wanted}))
            assert [case["id"] for case in page["items"]] == listed
        await done(centre.clerk.post(f"/v1/cases/{case_id}/screen", json={"parties": PARTIES}))

        async def terminated() -> bool:
            return bool((await done(centre.clerk.get(f"/v1/cases/{case_id}")))["status"] == "terminated")

        await eventually(terminated)
        assert (await centre.history(case_id))[-1][1]["outcome"] == "overdue"
