"""铁三角 and 议事协商, as the centre's people use them."""

from datetime import UTC, datetime, timedelta

from tests.integration.mediation.centre import PARTIES, Centre, done

STEPS = ["collect", "decide", "deliberate", "publish", "carry_out", "evaluate"]
TRIANGLE = {"kind": "triangle", "participants": ["community", "owners_committee", "property_company"]}


async def test_the_triangle_settles_what_an_order_brought(centre: Centre) -> None:
    order_id, referred = await centre.refer()
    path = f"/v1/cases/{referred.case_id}"
    begun = await done(centre.clerk.post(f"{path}/prestage", json=TRIANGLE))
    assert (begun["status"], begun["status_zh"], begun["prestage"]["result"]) == ("pre_stage", "前置化解中", None)
    assert [step["step"] for step in begun["steps"]] == ["triangle"]
    waiting = await done(centre.clerk.get("/v1/cases", params={"queue": "pre_stage"}))
    assert referred.case_id in [case["id"] for case in waiting["items"]]
    end = {"settled": True, "notes": "物业已修复，赵示例认可。"}
    settled = await done(centre.clerk.post(f"{path}/prestage/end", json=end))
    assert (settled["status"], settled["prestage"]["result"]) == ("settled", "settled")
    kind, data = (await centre.history(referred.case_id))[-1]
    assert (kind, data["order_id"]) == ("prestage_settled.v1", order_id)
    look = {"what": "prestage", "purpose": "mediation"}
    shown = await done(centre.clerk.post(f"{path}/reveal", json=look))
    assert shown["texts"] == [{"name": "result", "text": "物业已修复，赵示例认可。"}]
    assert "赵示例" not in str(await centre.history(referred.case_id))


async def test_a_deliberation_takes_six_steps_in_order_and_can_be_passed_on(centre: Centre) -> None:
    case_id = await centre.walk_in()
    path = f"/v1/cases/{case_id}"
    await done(centre.clerk.post(f"{path}/prestage", json={"kind": "deliberation", "participants": ["residents"]}))
    now = datetime.now(UTC) - timedelta(hours=1)
    early = await centre.clerk.post(f"{path}/prestage/steps", json={"step": "decide", "held_at": now.isoformat()})
    assert (early.status_code, early.json()["code"]) == (422, "case.step_order")
    for number, step in enumerate(STEPS):
        held = {"step": step, "held_at": (now + timedelta(minutes=number)).isoformat(), "notes": f"第{number + 1}步"}
        case = await done(centre.clerk.post(f"{path}/prestage/steps", json=held))
        assert case["prestage"]["next_step"] == (STEPS[number + 1] if number < 5 else None)
        assert len(case["steps"]) == 1, "what is next has a limit"
    passed = await done(centre.clerk.post(f"{path}/prestage/end", json={"settled": False}))
    assert (passed["status"], passed["prestage"]["result"]) == ("registered", "passed_on")
    again = await centre.clerk.post(f"{path}/prestage", json={"kind": "deliberation", "participants": ["residents"]})
    assert (again.status_code, again.json()["code"]) == (409, "case.prestage_tried")
    asked = await done(centre.clerk.post(f"{path}/screen", json={"parties": PARTIES}))
    assert asked["status"] == "consent_pending"
