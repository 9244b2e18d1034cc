"""调解员名册, choice by the parties, panels and recusals, as the centre's people use them."""

import asyncio
from typing import Any

import asyncpg
import httpx

from chassis.ids import new_id
from chassis.reference import today
from tests.integration.mediation.centre import PARTIES, Centre, done

ENTRY = {
    "name": "孙示例",
    "office": "committee",
    "sectors": ["property"],
    "languages": ["zh", "mn"],
    "valid_from": "2026-01-01",
}


async def entered(centre: Centre, staff_id: str, committee: str, **more: Any) -> dict[str, Any]:
    body = ENTRY | {"staff_id": staff_id, "committee": committee} | more
    return await done(centre.supervisor.post("/v1/mediators", json=body))


async def accepted(centre: Centre) -> tuple[str, list[str]]:
    """A case whose parties have all consented."""
    case_id = await centre.walk_in()
    case = await done(centre.clerk.post(f"/v1/cases/{case_id}/screen", json={"parties": PARTIES}))
    parties = [party["party_id"] for party in case["parties"]]
    for party_id in parties:
        await done(centre.clerk.post(f"/v1/cases/{case_id}/consents", json={"party_id": party_id, "agreed": True}))
    return case_id, parties


async def assigned(centre: Centre, case_id: str, mediator_id: str, committee: str, **more: Any) -> httpx.Response:
    body = {"mediator_id": mediator_id, "committee": committee, **more}
    return await centre.clerk.post(f"/v1/cases/{case_id}/assign-mediator", json=body)


async def test_a_committee_that_has_entered_its_mediators_takes_no_others(centre: Centre) -> None:
    case_id, _ = await accepted(centre)
    entry = await entered(centre, "M1", "M150105101", valid_to="2026-01-02")
    for mediator in ("M2", "M1"):  # never entered, and not in force any more
        answer = await assigned(centre, case_id, mediator, "M150105101")
        assert (answer.status_code, answer.json()["code"]) == (422, "case.mediator_not_registered")
    assert entry["ended_by"] is None
    await entered(centre, "M1", "M150105101", valid_from="2026-01-03")  # after the end of the first entry
    assert (await assigned(centre, case_id, "M1", "M150105101")).is_success


async def test_entries_end_and_do_not_overlap(centre: Centre) -> None:
    entry = await entered(centre, "M5", "M150105102")
    assert (await entered(centre, "M5", "M150105102"))["id"] == entry["id"], "the same again is the same"
    other = ENTRY | {"staff_id": "M5", "committee": "M150105102", "sectors": ["labour"]}
    answers = await asyncio.gather(*(centre.supervisor.post("/v1/mediators", json=other) for _ in range(3)))
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(409, "mediator.overlaps")}
    past = await centre.supervisor.post(f"/v1/mediators/{entry['id']}/end", json={"valid_to": "2026-01-01"})
    assert (past.status_code, past.json()["code"]) == (422, "mediator.period")
    last_day = today().isoformat()
    ended = await done(centre.supervisor.post(f"/v1/mediators/{entry['id']}/end", json={"valid_to": last_day}))
    assert (ended["valid_to"], ended["ended_by"]) == (last_day, "S1")
    unknown = await centre.supervisor.post(f"/v1/mediators/{new_id()}/end", json={"valid_to": last_day})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "mediator.not_found")
    later = await done(centre.clerk.get("/v1/mediators", params={"committee": "M150105102", "on": "2999-01-01"}))
    assert later["items"] == []


async def test_who_has_least_to_do_is_proposed_first_without_who_is_recused(centre: Centre) -> None:
    committee = "M150105103"
    for staff_id in ("W1", "W2", "W3"):
        await entered(centre, staff_id, committee, languages=["zh"] if staff_id == "W3" else ["mn"])
    for mediator in ("W1", "W1", "W2"):
        case_id, _ = await accepted(centre)
        panel = [{"mediator_id": "W2", "office": "court"}] if mediator == "W1" else []
        assert (await assigned(centre, case_id, mediator, committee, panel=panel)).is_success

    async def proposed(**query: str) -> list[tuple[str, int]]:
        page = await done(centre.clerk.get("/v1/mediators", params={"committee": committee, "limit": 2, **query}))
        items = page["items"]
        while page["next_cursor"]:
            query["cursor"] = page["next_cursor"]
            page = await done(centre.clerk.get("/v1/mediators", params={"committee": committee, "limit": 2, **query}))
            items += page["items"]
        return [(item["staff_id"], item["open_cases"]) for item in items]

    assert await proposed() == [("W3", 0), ("W1", 2), ("W2", 3)], "cases in whose panel one is count too"
    assert await proposed(language="mn") == [("W1", 2), ("W2", 3)]
    assert await proposed(sector="labour") == []
    case_id, parties = await accepted(centre)
    recusal = {"mediator_id": "W3", "party_id": parties[0], "reason": "relative"}
    await done(centre.clerk.post(f"/v1/cases/{case_id}/recusals", json=recusal))
    assert await proposed(case_id=case_id) == [("W1", 2), ("W2", 3)]


async def test_what_all_parties_want_needs_no_assignment(centre: Centre) -> None:
    case_id, (tenant, owner) = await accepted(centre)
    wish = {"mediator_id": "M1", "committee": "M150105001", "party_id": tenant}
    proposed = await done(centre.clerk.post(f"/v1/cases/{case_id}/mediator-proposals", json=wish))
    assert proposed["proposal"] == {"mediator_id": "M1", "committee": "M150105001", "accepted": [tenant]}
    early = await assigned(centre, case_id, "M2", "M150105001")
    assert (early.status_code, early.json()["code"]) == (409, "case.choice_pending")
    answer = {"mediator_id": "M1", "party_id": owner, "agreed": True}
    chosen = await done(centre.clerk.post(f"/v1/cases/{case_id}/mediator-proposals/answers", json=answer))
    assert (chosen["status"], chosen["mediator"], chosen["proposal"]) == ("mediator_assigned", "M1", None)
    assert (await centre.history(case_id))[-1][1]["chosen"] is True


async def test_a_panels_member_sees_the_case_until_recused(centre: Centre) -> None:
    case_id, parties = await accepted(centre)
    panel = [{"mediator_id": "M2", "office": "police_station"}]
    answer = await assigned(centre, case_id, "M1", "M150105001", panel=panel)
    assert answer.json()["panel"] == panel
    assert (await centre.other_mediator.get(f"/v1/cases/{case_id}/parties")).is_success
    listed = await done(centre.other_mediator.get("/v1/cases", params={"status": "mediator_assigned"}))
    assert case_id in [case["id"] for case in listed["items"]]
    recusal = {"mediator_id": "M2", "party_id": parties[1], "reason": "interest"}
    left = await done(centre.other_mediator.post(f"/v1/cases/{case_id}/recusals", json=recusal))
    assert (left["status"], left["panel"], left["recused"]) == ("mediator_assigned", [], ["M2"])
    assert (await centre.other_mediator.get(f"/v1/cases/{case_id}")).status_code == 404


async def test_committees_are_found_by_their_sector(centre: Centre) -> None:
    await entered(centre, "T1", "M150105105", sectors=["traffic", "medical"])
    await entered(centre, "T2", "M150105105", sectors=["traffic"])
    await entered(centre, "T3", "M150105106", sectors=["traffic"], valid_to="2026-01-02")

    async def found(**query: str) -> dict[str, tuple[list[str], int]]:
        page = await done(centre.clerk.get("/v1/committees", params=query))
        return {one["code"]: (one["sectors"], one["mediators"]) for one in page["items"]}

    assert (await found())["M150105105"] == (["medical", "traffic"], 2)
    by_sector = await found(sector="medical")
    assert by_sector["M150105105"] == (["medical"], 1)
    assert "M150105106" not in await found(sector="traffic"), "its only mediator is not in force any more"


async def test_who_keeps_the_register_is_written_down(centre: Centre) -> None:
    entry = await entered(centre, "M6", "M150105104")
    connection = await asyncpg.connect(centre.service.database_url)
    rows = await connection.fetch(
        "SELECT actor, detail->>'id' AS id FROM operator_actions WHERE action = 'mediator.registered'"
    )
    await connection.close()
    assert ("S1", entry["id"]) in [(row["actor"], row["id"]) for row in rows]
    refused = await centre.clerk.post("/v1/mediators", json=ENTRY | {"staff_id": "M7", "committee": "M150105104"})
    assert refused.status_code == 403
