"""What units ask for and what becomes of it, over HTTP: a real process over real PostgreSQL and Kafka."""

from datetime import UTC, datetime, timedelta
from typing import Any

from chassis.ids import derived_beside, new_id
from contracts.codes import Channel, IssueKind, Resolution, Urgency
from contracts.intake_turns import IssueMerged, IssueReopened, IssueWithdrawn
from tests.integration.router.order_desk import LOCALITY_ITEM, LONG_AGO, OTHER, SECTOR, STREET, Desk, done

FAR = "S150105004"
"""A street of another county."""
RECHECK = (datetime.now(UTC) + timedelta(days=30)).replace(microsecond=0).isoformat()


def path(order: dict[str, Any], *parts: str) -> str:
    return "/".join((f"/v1/orders/{order['id']}", *parts))


def request_of(order: dict[str, Any], kind: str) -> str:
    (found,) = (request["id"] for request in order["requests"] if request["kind"] == kind)
    return str(found)


async def refused(request: Any, status: int, code: str) -> None:
    answer = await request
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


async def test_a_return_is_rejected_for_good_or_approved_and_dispatched_anew(desk: Desk) -> None:
    order = await desk.accept()
    wrong = {"reason": "not_our_area", "unit": OTHER, "text": "地点在邻街，联系人王示例。"}
    asked = await done(desk.street.post(path(order, "return"), json=wrong))
    assert (asked["status"], asked["status_zh"]) == ("return_review", "退单审核")
    waiting = await done(desk.dispatcher.get("/v1/orders", params={"queue": "returns", "limit": 200}))
    assert order["id"] in [one["id"] for one in waiting["items"]]
    decide = path(order, "requests", request_of(asked, "return"))
    await refused(desk.reviewer.post(f"{decide}/approve"), 403, "order.not_your_decision")
    rejected = await done(desk.dispatcher.post(f"{decide}/reject"))
    assert rejected["status"] == "pending_sign"
    await refused(desk.street.post(path(order, "return"), json=wrong), 409, "order.return_barred")

    order = await desk.accept()
    asked = await done(desk.street.post(path(order, "return"), json=wrong))
    approved = await done(desk.dispatcher.post(path(order, "requests", request_of(asked, "return"), "approve")))
    assert (approved["status"], approved["queue_reason"], approved["vacant"]) == (
        "pending_dispatch",
        "returned",
        ["lead"],
    )
    sent = await done(desk.dispatcher.post(path(order, "dispatch"), json={"obligations": [{"unit": OTHER}]}))
    assert (sent["status"], sent["promised_at"]) == ("pending_sign", order["promised_at"])
    assert (await desk.street.get(path(order))).status_code == 404, "it is the other street's now"
    notes = (await done(desk.dispatcher.get(path(order, "notes"))))["notes"]
    assert [(note["kind"], note["text"]) for note in notes] == [("request", wrong["text"])]


async def test_extension_and_suspension_from_request_to_resumption(desk: Desk) -> None:
    order = await desk.signed()
    body = {"reason": "works", "working_days": 2, "text": "需破路施工。"}
    too_long = {**body, "working_days": 200}
    await refused(desk.street.post(path(order, "extension"), json=too_long), 422, "order.extension_too_long")
    asked = await done(desk.street.post(path(order, "extension"), json=body))
    assert asked["status"] == "extension_review"
    granted = await done(desk.reviewer.post(path(order, "requests", request_of(asked, "extension"), "approve")))
    (duty,) = granted["obligations"]
    assert (granted["status"], granted["extensions"]) == ("in_progress", {STREET: 1})
    assert (duty["due"] > order["obligations"][0]["due"], granted["promised_at"]) == (True, order["promised_at"])

    plan = {"reason": "season", "recheck_at": RECHECK, "text": "待开春后施工。"}
    asked = await done(desk.street.post(path(order, "suspension"), json=plan))
    suspended = await done(desk.reviewer.post(path(order, "requests", request_of(asked, "suspension"), "approve")))
    assert (suspended["status"], suspended["suspensions"][0]["reason"]) == ("suspended", "season")
    ledger = await done(desk.supervisor.get("/v1/orders", params={"queue": "suspended", "limit": 200}))
    assert order["id"] in [one["id"] for one in ledger["items"]]
    await refused(desk.street.post(path(order, "submit"), json={"text": "已办结"}), 409, "order.suspended")
    later = {"unit": STREET, "recheck_at": (datetime.fromisoformat(RECHECK) + timedelta(days=5)).isoformat()}
    await refused(desk.street.post(path(order, "suspension", "renew"), json=later), 403, "auth.forbidden_role")
    renewed = await done(desk.supervisor.post(path(order, "suspension", "renew"), json=later))
    assert renewed["suspensions"][0]["renewals"] == 1
    assert (await done(desk.street.post(path(order, "resume"), json={})))["status"] == "in_progress"


async def test_exclusion_by_the_list_explains_and_closes_and_is_asked_for_after_the_end_too(desk: Desk) -> None:
    order = await desk.signed()
    body = {"reason": "exclusion_item", "exclusion_code": "X0101", "text": "已进入诉讼程序。"}
    unknown = {**body, "exclusion_code": "X9999"}
    await refused(desk.street.post(path(order, "exclusion"), json=unknown), 422, "order.unknown_exclusion")
    asked = await done(desk.street.post(path(order, "exclusion"), json=body))
    assert asked["status"] == "in_progress"
    ended = await done(desk.reviewer.post(path(order, "requests", request_of(asked, "exclusion"), "approve")))
    assert (ended["status"], ended["outcome"], ended["excluded_units"]) == ("closed", "explained", [STREET])

    order = await desk.signed()
    await desk.handled(order["id"])
    passed = await done(desk.reviewer.post(path(order, "review"), json={"passed": True}))
    await desk.call_back(passed, order["appeals"][0], Resolution.YES)
    await desk.until(order["id"], lambda order: order["status"] == "closed")
    appeal = {"reason": "score_appeal", "text": "评分有误。"}
    asked = await done(desk.street.post(path(order, "exclusion"), json=appeal))
    out = await done(desk.reviewer.post(path(order, "requests", request_of(asked, "exclusion"), "approve")))
    assert (out["status"], out["excluded_units"]) == ("closed", [STREET])


async def test_a_ruling_moves_the_lead_and_a_reassignment_waits_for_a_signature(desk: Desk) -> None:
    order = await desk.signed()
    wrong = {"reason": "not_our_duty", "unit": SECTOR, "text": "属行业主管。"}
    asked = await done(desk.street.post(path(order, "ruling"), json=wrong))
    assert asked["status"] == "in_progress"
    rule = path(order, "requests", request_of(asked, "ruling"), "rule")
    await refused(desk.dispatcher.post(rule, json={"unit": SECTOR}), 403, "auth.forbidden_role")
    ruled = await done(desk.supervisor.post(rule, json={"unit": SECTOR}))
    assert ([duty["unit"] for duty in ruled["obligations"]], ruled["status"]) == ([SECTOR], "pending_sign")

    order = await desk.signed()
    to_far = {"unit": STREET, "to": FAR}
    await refused(desk.dispatcher.post(path(order, "reassign"), json=to_far), 422, "order.other_county")
    moving = await done(desk.dispatcher.post(path(order, "reassign"), json={"unit": STREET, "to": OTHER}))
    assert ([duty["unit"] for duty in moving["obligations"]], moving["reassigning"][0]["to"]) == ([STREET], OTHER)
    assert (await done(desk.other.get(path(order))))["reassigning"][0]["to"] == OTHER, "it sees what it is to sign for"
    signed = await done(desk.other.post(path(order, "sign")))
    assert ([duty["unit"] for duty in signed["obligations"]], signed["reassignments"]) == ([OTHER], 1)
    assert signed["obligations"][0]["due"] == order["obligations"][0]["due"], "the same clock"


async def test_recall_co_handler_and_hand_over(desk: Desk) -> None:
    order = await desk.accept()
    recalled = await done(desk.dispatcher.post(path(order, "recall"), json={"reason": "wrong_unit"}))
    assert (recalled["status"], recalled["queue_reason"]) == ("pending_dispatch", "recalled")
    order = await desk.signed()
    helped = await done(desk.dispatcher.post(path(order, "co-handlers"), json={"unit": SECTOR}))
    assert helped["co_handlers"] == [SECTOR]
    over = {"unit": STREET, "successor": OTHER}
    await refused(desk.dispatcher.post(path(order, "hand-over"), json=over), 422, "order.unit_not_ended")


async def test_supervision_by_hand_and_a_visit_are_written_down_where_only_they_read_it(desk: Desk) -> None:
    order = await desk.signed()
    body = {"form": "interview", "level": "red", "text": "请三日内到场说明。"}
    assert (await done(desk.supervisor.post(path(order, "supervise"), json=body)))["supervision"] == "red"
    visit = {"visit": True, "nature": "unreasonable", "place": "示例小区东门"}
    future = {**visit, "visited_at": (datetime.now(UTC) + timedelta(hours=1)).isoformat()}
    await refused(desk.street.post(path(order, "contact"), json=future), 422, "order.visit_in_future")
    nowhere = {"visit": False, "nature": "reasonable"}
    await refused(desk.street.post(path(order, "contact"), json=nowhere), 422, "order.not_a_visit")
    await done(desk.street.post(path(order, "contact"), json=visit))
    notes = (await done(desk.street.get(path(order, "notes"))))["notes"]
    assert [(note["kind"], note["text"]) for note in notes] == [
        ("supervision", body["text"]),
        ("visit", visit["place"]),
    ]
    assert (await desk.other.get(path(order, "notes"))).status_code == 404
    stored = str(await desk.history("order", order["id"]))
    assert "示例" not in stored
    assert "到场" not in stored


async def test_a_copied_result_is_pointed_out_to_the_reviewer(desk: Desk) -> None:
    words = f"已按规定处理完毕，编号{new_id()}。"
    first, second = await desk.signed(), await desk.signed()
    for order, text in ((first, words), (second, words.replace("，", " ，"))):
        await done(desk.street.post(path(order, "contact"), json={"visit": False}))
        await done(desk.street.post(path(order, "submit"), json={"text": text}))
    (result,) = (await done(desk.reviewer.get(path(first, "result"))))["results"]
    assert result["same_as_order_id"] is None
    (result,) = (await done(desk.reviewer.get(path(second, "result"))))["results"]
    assert result["same_as_order_id"] == first["id"]
    third = await desk.signed()
    await done(desk.street.post(path(third, "contact"), json={"visit": False}))
    empty = await done(desk.street.post(path(third, "submit"), json={"text": "已办。"}))
    assert empty["doubts"] == {STREET: ["empty_result"]}


async def test_a_merged_or_withdrawn_issue_cancels_its_order(desk: Desk) -> None:
    order = await desk.signed()
    case_id = (await done(desk.street.post(path(order, "refer"))))["case_id"]
    merged = IssueMerged(
        into=new_id(), appeals=order["appeals"], evidence="same_event", reversible_until=LONG_AGO, by="A1"
    )
    await desk.hear(order["issue_id"], order["issue_id"], merged, first=2)
    await desk.until(order["id"], lambda order: order["status"] == "cancelled")
    assert (await desk.history("order", order["id"]))[-1] == (
        "cancelled",
        {
            "issue_id": order["issue_id"],
            "reason": "merged",
            "merged_into": merged.into,
            "whistles": [],
            "case_id": case_id,
            "round": 0,
            "called": [],
            "referred_to": None,
        },
    )
    order = await desk.signed(urgency=Urgency.EMERGENCY)
    withdrawn = IssueWithdrawn(appeal_id=order["appeals"][0], keep_for_safety=False, by="A1")
    await desk.hear(order["issue_id"], order["issue_id"], withdrawn, first=2)
    await desk.until(order["id"], lambda order: order["appeals"] == [])
    assert (await desk.order(order["id"]))["status"] == "in_progress", "an emergency is handled all the same"
    await desk.handled(order["id"])
    ended = await done(desk.reviewer.post(path(order, "review"), json={"passed": True}))
    assert (ended["status"], ended["outcome"]) == ("closed", "unreached")


async def test_a_reopened_issue_goes_to_the_unit_that_had_it_last_and_a_supervisor_sees_it(desk: Desk) -> None:
    order = await desk.signed()
    await done(desk.dispatcher.post(path(order, "reassign"), json={"unit": STREET, "to": OTHER}))
    await done(desk.other.post(path(order, "sign")))
    await desk.handled(order["id"], desk.other)
    passed = await done(desk.reviewer.post(path(order, "review"), json={"passed": True}))
    await desk.call_back(passed, order["appeals"][0], Resolution.YES)
    await desk.until(order["id"], lambda order: order["status"] == "closed")
    reopened = IssueReopened(
        appeal_id=order["appeals"][0],
        reason="recurred",
        opened_at=LONG_AGO,
        kind=IssueKind.COMPLAINT,
        item_code=LOCALITY_ITEM,
        street_code=STREET[1:],
        urgency=Urgency.NORMAL,
        channel=Channel.HOTLINE,
        appeals=order["appeals"],
        order_number=2,
        last_order_id=order["id"],
        handling_due=LONG_AGO,
        by="A1",
    )
    await desk.hear(order["issue_id"], order["issue_id"], reopened, first=2)
    again = derived_beside(order["issue_id"], "order", "2")
    await desk.until(again, lambda order: True)
    new = await desk.order(again)
    assert [duty["unit"] for duty in new["obligations"]] == [OTHER], "the latest lead, not where the rules send it"
    assert (new["reworks"], new["supervision"], new["earlier_order_id"]) == (1, "yellow", order["id"])
    assert (await desk.order(order["id"]))["next_order_id"] == again
    supervised = await done(desk.supervisor.get("/v1/orders", params={"queue": "supervised", "limit": 200}))
    assert again in [one["id"] for one in supervised["items"]]
