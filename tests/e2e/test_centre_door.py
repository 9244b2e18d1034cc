"""一站式, 一案一码: what comes to the centre is registered at intake, opens a case and no order, ends with the case."""

import uuid

import httpx

from chassis.ids import derived_beside
from tests.e2e.api import AGENT, CLERK, LEADER, OTHER_MEDIATOR, STRANGER, STREET, SUPERVISOR, Api, Json
from tests.e2e.roads import DISPUTE, PLACE, appeal, begin
from tests.e2e.world import World


async def came(world: World, centre: Json | None = None) -> Json:
    """Registered by the centre's clerk at intake."""
    body = appeal(world.secrets, "mediation_centre") | {"street_code": PLACE}
    return await world.api.post(CLERK, "intake", "/v1/issues", body | ({"centre": centre} if centre else {}))


async def case_of(api: Api, issue: Json) -> Json:
    """The case that mediation opens when it hears of the issue."""
    path = f"/v1/cases/{issue['case_id']}"
    return await api.until(CLERK, "mediation", path, lambda case: case["status"] == "registered")


async def test_a_courts_referral_opens_a_case_without_an_order_and_ends_with_it(world: World) -> None:
    api, reference = world.api, world.secrets.text("文号")
    referral = {"origin": "court", "referred_by": "F150105", "office_reference": reference}
    issue = await came(world, referral)
    assert (issue["status"], issue["case_origin"], issue["order_id"]) == ("at_centre", "court", None)
    assert issue["case_id"] == derived_beside(issue["id"], "case")
    case = await case_of(api, issue)
    assert (case["origin"], case["referred_by"], case["order_id"]) == ("court", "F150105", None)

    shown = await api.post(
        CLERK, "intake", f"/v1/issues/{issue['id']}/appeals/{issue['appeal_id']}/reveal", {"purpose": "mediation"}
    )
    assert shown["office_reference"] == reference

    out = {"guidance": "police", "reason": "criminal", "office": "D15010009"}
    referred = await api.post(CLERK, "mediation", f"/v1/cases/{case['id']}/refer-out", out)
    assert (referred["status"], referred["scope_reason"], referred["office"]) == ("referred", "criminal", "D15010009")
    path = f"/v1/issues/{issue['id']}"
    closed = await api.until(AGENT, "intake", path, lambda found: found["status"] == "closed")
    assert closed["order_id"] is None
    entries = (await api.get(AGENT, "intake", f"{path}/timeline"))["entries"]
    told = [one["title_zh"] for one in entries if one["service"] == "intake"]
    assert told == ["登记", "交综治中心（法院委派）", "查看联系方式", "综治中心办结"]
    assert {one["service"] for one in entries} == {"intake", "mediation"}
    orders = await api.get(SUPERVISOR, "router", "/v1/orders", issue_id=issue["id"])
    assert orders["items"] == [], "it opens no hotline order"


async def test_every_office_finds_it_by_its_code_and_sees_no_list(world: World) -> None:
    case = await case_of(world.api, await came(world))
    for who in (AGENT, STRANGER, LEADER, OTHER_MEDIATOR, SUPERVISOR, CLERK):
        found = await world.api.get(who, "mediation", "/v1/cases", code=case["case_code"])
        assert [one["id"] for one in found["items"]] == [case["id"]], who
        assert world.secrets.text("姓名") not in str(found)
    for who in (AGENT, STRANGER, LEADER):
        assert (await world.api.get(who, "mediation", "/v1/cases", count=True)) == {
            "items": [],
            "next_cursor": None,
            "count": 0,
        }


async def test_what_the_triangle_settles_is_the_result_of_its_order(world: World) -> None:
    walk = await begin(world.api, world.secrets, uuid.uuid4().hex)
    order = await walk.accepted(DISPUTE)
    await walk.handled(order, STREET)
    referred = await world.api.post(STREET, "router", f"/v1/orders/{order['id']}/refer")
    path = f"/v1/cases/{referred['case_id']}"
    await world.api.until(CLERK, "mediation", path, lambda case: case["status"] == "registered")
    triangle = {"kind": "triangle", "participants": ["community", "property_company"]}
    await world.api.post(CLERK, "mediation", f"{path}/prestage", triangle)
    await world.api.post(CLERK, "mediation", f"{path}/prestage/end", {"settled": True})
    await walk.ended(order)


async def test_a_withdrawn_matter_ends_its_case(world: World) -> None:
    issue = await came(world, {"origin": "grid"})
    case = await case_of(world.api, issue)
    path = f"/v1/issues/{issue['id']}/appeals/{issue['appeal_id']}/withdraw"
    await world.api.post(AGENT, "intake", path, {"keep_for_safety": False})
    await world.api.until(CLERK, "mediation", f"/v1/cases/{case['id']}", lambda found: found["status"] == "terminated")


async def test_a_case_that_the_window_opens_takes_its_issue_out_of_the_agents_queue(world: World) -> None:
    issue = await world.api.post(AGENT, "intake", "/v1/issues", appeal(world.secrets))
    case = await world.api.post(CLERK, "mediation", "/v1/cases", {"issue_id": issue["id"]})
    path = f"/v1/issues/{issue['id']}"
    taken = await world.api.until(AGENT, "intake", path, lambda found: found["status"] == "at_centre")
    assert taken["case_id"] == case["id"]


async def test_what_the_window_may_not_register(world: World) -> None:
    hotline = appeal(world.secrets)
    wrong = {
        "issue.clerk_of_centre": (CLERK, hotline, httpx.codes.FORBIDDEN),
        "issue.centre_of_other_channel": (AGENT, hotline | {"centre": {}}, httpx.codes.UNPROCESSABLE_ENTITY),
        "issue.centre_referral": (
            CLERK,
            appeal(world.secrets, "mediation_centre") | {"centre": {"origin": "police"}},
            httpx.codes.UNPROCESSABLE_ENTITY,
        ),
    }
    for code, (who, body, status) in wrong.items():
        answer = await world.api.ask("POST", "intake", "/v1/issues", who, json=body)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    unknown = await world.api.ask("POST", "intake", f"/v1/issues/{uuid.uuid4()}/hand-to-centre", CLERK, json={})
    assert unknown.json()["code"] == "issue.not_found"
