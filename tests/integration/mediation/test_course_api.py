"""A case's course over HTTP: planned sessions, risk, the court's steps, oversight, return visit and archive."""

import io
from pathlib import Path
from typing import Any

import pytest
from pdfminer.high_level import extract_text

from tests.integration.mediation.centre import AGREEMENT, Centre, centre_of, done, revealed, signed
from tests.polling import eventually
from tests.running import Infrastructure, running

NEVER = "2999-04-01T10:00:00+08:00"


async def step(person: Any, case_id: str, path: str, body: Any = None) -> dict[str, Any]:
    return await done(person.post(f"/v1/cases/{case_id}/{path}", json=body))


async def ids(person: Any, **query: Any) -> list[str]:
    return [case["id"] for case in (await done(person.get("/v1/cases", params={"limit": 200, **query})))["items"]]


async def test_from_a_planned_session_to_the_archive(centre: Centre) -> None:
    case_id, parties = await centre.in_mediation()
    plan = {"number": 2, "at": NEVER, "setting": "community", "note": "示例社区二楼"}
    planned = await step(centre.clerk, case_id, "sessions/plan", plan)
    assert planned["planned_session"] == {"number": 2, "at": "2999-04-01T02:00:00Z", "setting": "community"}
    held = {"number": 2, "notes": "再次协商。", "attended": parties[:1]}
    after = await step(centre.mediator, case_id, "sessions", held)
    assert (after["planned_session"], after["attended"]) == (None, [{"number": 2, "parties": parties[:1]}])

    await step(centre.mediator, case_id, "agreement", signed(parties))
    request = {"parties": parties, "court": "F150105", "matter_excluded": False}
    await step(centre.clerk, case_id, "confirmation-request", request)
    await step(centre.clerk, case_id, "court/acceptance", {"note": "示例案号"})
    await step(centre.clerk, case_id, "court/extension")
    asked = await step(centre.clerk, case_id, "court/supplement-request", {"due": NEVER, "note": "示例证明"})
    assert "supplement" in [limit["step"] for limit in asked["steps"]]
    await step(centre.mediator, case_id, "court/supplement")
    confirmed = await step(centre.clerk, case_id, "ruling", {"confirmed": True})
    assert confirmed["status"] == "confirmed"

    part = await step(centre.mediator, case_id, "instalments/1/part", {"percent": 50, "note": "已付五百元。"})
    assert [one["percent"] for one in part["instalments"]] == [50, 0]
    await step(centre.mediator, case_id, "instalments/1/oversight", {"way": "call"})
    moved = await step(centre.clerk, case_id, "instalments/2/due", {"due": NEVER, "parties": parties})
    assert moved["instalments"][1]["due"] == "2999-04-01T02:00:00Z"
    for number in (1, 2):
        await step(centre.clerk, case_id, f"instalments/{number}/performed")
    assert case_id in await ids(centre.supervisor, queue="revisit")
    await step(centre.clerk, case_id, "return-visit", {"outcome": "settled", "note": "双方满意。"})
    assert case_id in await ids(centre.supervisor, queue="archive")
    ended = await step(centre.clerk, case_id, "archive")
    assert (ended["status"], ended["outcome"], ended["steps"]) == ("archived", "settled", [])
    assert await revealed(centre.clerk, case_id, "course") == {
        "plan/2": "示例社区二楼",
        "court/acceptance": "示例案号",
        "court/supplement": "示例证明",
        "part/1": "已付五百元。",
        "visit": "双方满意。",
    }


async def test_a_risk_is_seen_in_the_lists_and_its_words_are_not(centre: Centre) -> None:
    case_id, _ = await centre.in_mediation()
    told = {"kind": "public_security", "office": "P150105004", "measure": "accompanied", "note": "赵示例扬言动手。"}
    case = await step(centre.mediator, case_id, "risks", told)
    assert (case["at_risk"], case["risk"]["office"]) == (True, "P150105004")
    assert case_id in await ids(centre.supervisor, risk=True)
    assert case_id not in await ids(centre.supervisor, risk=False)
    sheet = await centre.supervisor.get("/v1/cases", params={"risk": True}, headers={"Accept": "text/csv"})
    assert "有激化风险" in sheet.text
    assert list((await revealed(centre.mediator, case_id, "risks")).values()) == ["赵示例扬言动手。"]
    assert all("赵示例" not in str(data) for _, data in await centre.history(case_id))
    cleared = await step(centre.clerk, case_id, f"risks/{case['risk']['report_id']}/clear")
    assert not cleared["at_risk"]
    assert case_id not in await ids(centre.supervisor, risk=True)


@pytest.mark.parametrize(
    ("missing", "field", "article"),
    [
        ({"facts": " "}, "facts", "第二十九条第一款第（二）项"),
        ({"signatures": []}, "signatures", "第二十九条第二款"),
        ({"committee_sealed": False}, "committee_sealed", "第二十九条第二款"),
    ],
)
async def test_29_what_an_agreement_lacks_is_named(
    centre: Centre, missing: dict[str, Any], field: str, article: str
) -> None:
    case_id, parties = await centre.in_mediation()
    answer = await centre.mediator.post(f"/v1/cases/{case_id}/agreement", json=signed(parties, **missing))
    [error] = answer.json()["errors"]
    assert (answer.status_code, error["field"]) == (422, field)
    assert article in answer.json()["detail"]


async def test_28_an_oral_agreement_needs_nobodys_hand(centre: Centre) -> None:
    case_id, _ = await centre.in_mediation()
    oral = {name: AGREEMENT[name] for name in ("parties", "facts", "contents", "performance", "instalments")}
    agreed = await step(centre.mediator, case_id, "agreement", {"form": "oral", **oral})
    assert agreed["status"] == "agreed_oral"


async def test_declined_by_the_court_it_is_asked_elsewhere(centre: Centre) -> None:
    case_id, parties = await centre.in_mediation()
    await step(centre.mediator, case_id, "agreement", signed(parties))
    request = {"parties": parties, "court": "F150105", "matter_excluded": False}
    await step(centre.clerk, case_id, "confirmation-request", request)
    declined = await step(centre.clerk, case_id, "court/refusal", {"reason": "jurisdiction"})
    assert (declined["status"], declined["confirmation"]) == ("agreed_written", "declined")
    await step(centre.clerk, case_id, "confirmation-request", request | {"court": "F150102"})
    withdrawn = await step(centre.clerk, case_id, "court/withdrawal", {"party_id": parties[0]})
    assert (withdrawn["confirmation"], withdrawn["court_steps"]["withdrawn_by"]) == ("withdrawn", parties[0])


async def test_every_party_extends_the_mediation(centre: Centre) -> None:
    case_id, parties = await centre.in_mediation()
    [limit] = (await done(centre.clerk.get(f"/v1/cases/{case_id}")))["steps"]
    until = limit["due"].replace("Z", "+00:00")
    body = {"until": NEVER, "parties": parties}
    answer = await centre.mediator.post(f"/v1/cases/{case_id}/extension", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "case.extension_date"), until


async def test_documents_show_the_parties_and_say_who_asked(centre: Centre) -> None:
    case_id, parties = await centre.in_mediation()
    path = f"/v1/cases/{case_id}/documents"
    early = await centre.clerk.post(f"{path}/agreement", json={"purpose": "court"})
    assert (early.status_code, early.json()["code"]) == (409, "case.no_such_document")
    await step(centre.mediator, case_id, "agreement", signed(parties))
    page = await centre.clerk.post(f"{path}/agreement", json={"purpose": "court", "format": "html"})
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["cache-control"] == "no-store"
    printed = await centre.mediator.post(f"{path}/confirmation_application", json={"purpose": "court"})
    assert printed.headers["content-type"] == "application/pdf"
    for text in (page.text, extract_text(io.BytesIO(printed.content))):
        assert "赵示例" in text
        assert "示例物业公司" in text
    looks = [data for kind, data in await centre.history(case_id) if kind == "text_revealed.v1"]
    assert [(data["by"], data["what"], data["purpose"]) for data in looks] == [
        ("C1", "document:agreement", "court"),
        ("M1", "document:confirmation_application", "court"),
    ]
    for person, refused in (
        (centre.other_mediator, (403, "case.not_your_case")),
        (centre.supervisor, (403, "auth.forbidden_role")),
    ):
        answer = await person.post(f"{path}/agreement", json={"purpose": "court"})
        assert (answer.status_code, answer.json()["code"]) == refused


async def test_26_a_failure_is_told_with_the_other_ways_and_their_limits(centre: Centre) -> None:
    case_id, _ = await centre.in_mediation()
    await step(centre.mediator, case_id, "failure")
    await step(centre.clerk, case_id, "guidance", {"guidance": "arbitration"})
    told = await done(centre.supervisor.get("/v1/advice"))
    notice = await centre.clerk.post(
        f"/v1/cases/{case_id}/documents/failure_notice", json={"purpose": "mediation", "format": "html"}
    )
    assert told["ways"]["arbitration"]["limit"] in notice.text
    assert (await centre.history(case_id))[-2][1]["advice_version"] == told["version"]


async def test_31_the_clock_reminds_and_names_nobody(infrastructure: Infrastructure, tmp_path: Path) -> None:
    limits = tmp_path / "limits.toml"
    limits.write_text('[limits.reminder]\namount = 40\nunit = "days"\nsource = "test: before the default of 30 days"\n')
    async with (
        running("mediation", infrastructure, tmp_path, {"LIMITS_FILE": str(limits)}) as service,
        centre_of(service) as centre,
    ):
        case_id, parties = await centre.in_mediation()
        agreed = await step(centre.mediator, case_id, "agreement", signed(parties, instalments=[{}]))

        async def reminded() -> bool:
            return (await centre.history(case_id))[-1][0] == "instalment_due_soon.v1"

        await eventually(reminded)
        [instalment] = agreed["instalments"]
        (_, told) = (await centre.history(case_id))[-1]
        assert told == {"number": 1, "due": instalment["due"], "order_id": None, "appeals": [], "parties": parties}
        async with await service.client("service", sub="notify") as notify:
            path = f"/v1/cases/{case_id}/parties/{parties[0]}/reveal"
            shown = await notify.post(path, json={"purpose": "supervision"}, headers={"Idempotency-Key": "one"})
            assert (shown.status_code, shown.json()) == (200, {"party_id": parties[0], "contact": "13800001001"})
            assert shown.headers["cache-control"] == "no-store"
            stranger = await notify.post(path.replace(parties[0], case_id), json={"purpose": "supervision"})
            assert (stranger.status_code, stranger.json()["code"]) == (422, "case.unknown_party")
        (_, look) = (await centre.history(case_id))[-1]
        assert (look["what"], look["purpose"], look["by"]) == (f"contact:{parties[0]}", "supervision", "notify")
        assert not (await done(centre.clerk.get(f"/v1/cases/{case_id}")))["late"]
