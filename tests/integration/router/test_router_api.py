"""The router as its people use it, on every road of an order: a real process over real PostgreSQL and Kafka."""

from datetime import UTC, datetime
from pathlib import Path

from chassis.ids import new_id
from contracts.codes import Channel, MediationOutcome, Resolution
from contracts.intake import AppealAdded, IssueFollowedUp
from contracts.mediation import CaseAccepted, CaseAgreed, CaseRegistered, CaseTerminated, Instalment
from tests.integration.router.order_desk import (
    DUAL_ITEM,
    LONG_AGO,
    PREPARE,
    SECTOR,
    STREET,
    Desk,
    desk_of,
    done,
)
from tests.polling import eventually
from tests.running import Infrastructure, running

NOBODY = "01900000-0000-7000-8000-000000000001"


async def test_from_acceptance_to_the_last_call_back(desk: Desk) -> None:
    order = await desk.accept(appeals=2)
    order_id, (first, second) = order["id"], order["appeals"]
    assert (order["status"], order["status_zh"], order["rule"]) == ("pending_sign", "待签收", "locality")
    assert [duty["unit"] for duty in order["obligations"]] == [STREET]
    assert (order["item_zh"], order["limit_working_days"]) == ("物业收费争议", 7)
    await done(desk.street.post(f"/v1/orders/{order_id}/sign"))
    assert (await desk.handled(order_id))["status"] == "close_review"
    passed = await done(desk.reviewer.post(f"/v1/orders/{order_id}/review", json={"passed": True}))
    assert (passed["status"], passed["round"]) == ("pending_revisit", 1)

    await desk.call_back(passed, first, Resolution.YES)
    await desk.call_back(passed, second, Resolution.NO)
    await desk.until(order_id, lambda order: order["reworks"] == 1)
    assert (await desk.order(order_id))["status"] == "in_progress"
    await desk.handled(order_id)
    again = await done(desk.reviewer.post(f"/v1/orders/{order_id}/review", json={"passed": True}))
    await desk.call_back(again, second, Resolution.YES)
    await desk.until(order_id, lambda order: order["status"] == "closed")

    history = await desk.history("order", order_id)
    assert [name for name, _ in history] == [
        "opened",
        "dispatched",
        "signed",
        "contacted",
        "result_submitted",
        "completed",
        "revisit_noted",
        "revisit_noted",
        "reworked",
        "contacted",
        "result_submitted",
        "completed",
        "revisit_noted",
        "closed",
    ]
    closed = history[-1][1]
    assert datetime.fromisoformat(closed.pop("exclusion_until")) > datetime.now(UTC)
    assert closed == {"issue_id": order["issue_id"], "outcome": "resolved", "reworks": 1, "order_number": 1}


async def test_who_joins_a_closed_order_is_called_back_and_its_rates_are_told(desk: Desk) -> None:
    order = await desk.signed()
    await desk.handled(order["id"])
    order = await done(desk.reviewer.post(f"/v1/orders/{order['id']}/review", json={"passed": True}))
    [appeal] = order["appeals"]
    await desk.call_back(order, appeal, Resolution.YES)
    await desk.until(order["id"], lambda found: found["status"] == "closed")

    rates = await done(desk.supervisor.get(f"/v1/orders/{order['id']}/rates"))
    assert rates["formula"] == {"version": "rates-v1", "partly": 0.5, "neutral": 0.5}
    one = {"numerator": 1, "denominator": 1, "value": 1}
    assert [rates[name] for name in ("response", "completion", "resolution")] == [one, one, one]
    assert rates["satisfaction"] == {"numerator": 0.5, "denominator": 1, "value": 0.5}
    [line] = rates["counted"]
    assert (line["appeal_id"], line["unit"], rates["excluded"], rates["suspended"]) == (appeal, STREET, [], [])
    history = await desk.history("order", order["id"])
    sources = [line[f"{name}_sequence"] for name in ("dispatched", "responded", "completed")]
    assert [history[number - 1][0] for number in (*sources, line["revisit"]["sequence"])] == [
        "dispatched",
        "revisit_noted",
        "result_submitted",
        "revisit_noted",
    ]

    late = new_id()
    joined = AppealAdded(appeal_id=late, appellant_id=new_id(), channel=Channel.APP)
    await desk.hear(order["issue_id"], order["issue_id"], joined, first=2)
    await desk.until(order["id"], lambda found: late in found["appeals"])
    name, told = (await desk.history("order", order["id"]))[-1]
    assert (name, told["appeal_id"], told["round"]) == ("late_caller_joined", late, 2)
    assert (await desk.order(order["id"]))["status"] == "closed"
    rates = await done(desk.supervisor.get(f"/v1/orders/{order['id']}/rates"))
    assert [line["revisit"] is None for line in rates["counted"]] == [False, True]
    await desk.call_back(order, late, Resolution.NO, late=2)

    async def counted() -> bool:
        rates.update(await done(desk.supervisor.get(f"/v1/orders/{order['id']}/rates")))
        return bool(rates["resolution"]["denominator"] == 2)

    await eventually(counted)
    assert (rates["resolution"]["numerator"], rates["counted"][1]["revisit"]["resolution"]) == (1, "no")
    assert (await desk.order(order["id"]))["status"] == "closed"


async def test_an_unknown_place_waits_for_the_dispatcher(desk: Desk) -> None:
    order = await desk.accept(street=None)
    assert (order["status"], order["queue_reason"]) == ("pending_dispatch", "unknown_place")
    queue = await done(desk.dispatcher.get("/v1/orders", params={"queue": "dispatch", "count": True, "limit": 200}))
    assert order["id"] in [waiting["id"] for waiting in queue["items"]]
    body = {"obligations": [{"unit": STREET}], "co_handlers": [SECTOR]}
    sent = await done(desk.dispatcher.post(f"/v1/orders/{order['id']}/dispatch", json=body))
    assert (sent["status"], sent["rule"], sent["limit_working_days"]) == ("pending_sign", "dispatcher", 7)
    assert (await desk.sector.get(f"/v1/orders/{order['id']}")).status_code == 200, "a co-handler sees it"


async def test_two_units_each_on_their_own_clock(desk: Desk) -> None:
    order_id = (await desk.signed(item=DUAL_ITEM))["id"]
    for client, queue, there in (
        (desk.street, "handle", True),
        (desk.street, "sign", False),
        (desk.sector, "sign", True),
        (desk.sector, "handle", False),
    ):
        page = await done(client.get("/v1/orders", params={"queue": queue, "limit": 200}))
        assert (order_id in [order["id"] for order in page["items"]]) is there
    await desk.handled(order_id)
    await done(desk.sector.post(f"/v1/orders/{order_id}/sign"))
    assert (await desk.handled(order_id, desk.sector))["status"] == "close_review"
    results = (await done(desk.reviewer.get(f"/v1/orders/{order_id}/result")))["results"]
    assert [(result["unit"], result["text"]) for result in results] == [
        (STREET, "已修好，诉求人赵示例认可。"),
        (SECTOR, "已修好，诉求人赵示例认可。"),
    ]


async def test_mediation_agreed_settles_the_order(desk: Desk) -> None:
    order_id, issue_id = (order := await desk.signed())["id"], order["issue_id"]
    referred = await done(desk.street.post(f"/v1/orders/{order_id}/refer"))
    case_id = referred["case_id"]
    assert referred["status"] == "in_mediation"
    assert (await done(desk.street.post(f"/v1/orders/{order_id}/refer")))["version"] == referred["version"]
    registered = CaseRegistered(
        issue_id=issue_id,
        order_id=order_id,
        case_code="AJ0001",
        origin="order",
        appeals=order["appeals"],
        screen_due=LONG_AGO,
    )
    accepted = CaseAccepted(order_id=order_id, accepted_at=LONG_AGO, assign_due=LONG_AGO)
    agreed = CaseAgreed(
        order_id=order_id,
        agreement_id=new_id(),
        form="written",
        effective_at=LONG_AGO,
        confirmation_until=LONG_AGO,
        instalments=[Instalment(number=1, due=LONG_AGO)],
        by="M1",
    )
    await desk.hear(case_id, issue_id, registered, accepted, agreed)
    await desk.until(order_id, lambda order: order["status"] == "close_review")
    names = [name for name, _ in await desk.history("order", order_id)]
    assert names[-3:] == ["referred", "clock_stopped", "result_submitted"]


async def test_mediation_refused_returns_the_order_to_the_same_lead(desk: Desk) -> None:
    order_id, issue_id = (order := await desk.signed())["id"], order["issue_id"]
    case_id = (await done(desk.street.post(f"/v1/orders/{order_id}/refer")))["case_id"]
    terminated = CaseTerminated(order_id=order_id, outcome=MediationOutcome.REFUSED, party_id=NOBODY)
    await desk.hear(case_id, issue_id, terminated)
    await desk.until(order_id, lambda order: order["status"] == "in_progress")
    second = await done(desk.street.post(f"/v1/orders/{order_id}/refer"))
    assert second["case_id"] != case_id
    assert second["cases"] == [case_id, second["case_id"]]


async def test_reminders_are_counted_supplements_are_not(desk: Desk) -> None:
    order = await desk.accept()
    said = [
        IssueFollowedUp(follow_up_id=new_id(), appeal_id=order["appeals"][0], follow_up=what)
        for what in ("supplement", "reminder", "reminder")
    ]
    await desk.hear(order["issue_id"], order["issue_id"], *said, first=2)
    await desk.until(order["id"], lambda order: order["reminders"] == 2)


async def test_limits_run_out(infrastructure: Infrastructure, tmp_path: Path) -> None:
    limits = tmp_path / "limits.toml"
    limits.write_text('[calendar]\nsource = "test"\nalways_open = true\nhours_per_day = 8\nhour_seconds = 0.01\n')
    async with (
        running("router", infrastructure, tmp_path, {"LIMITS_FILE": str(limits)}, PREPARE) as service,
        desk_of(service) as desk,
    ):
        order = await desk.accept()

        async def red() -> bool:
            return bool((await desk.order(order["id"]))["supervision"] == "red")

        await eventually(red)
        names = [name for name, _ in await desk.history("order", order["id"])]
        assert names == ["opened", "dispatched", "signed", "step_overdue", "supervised", "supervised"]
        shown = await desk.order(order["id"])
        assert (shown["status"], shown["is_overdue"], shown["obligations"][0]["supervision"]) == (
            "in_progress",
            True,
            "red",
        )
        supervised = await done(desk.supervisor.get("/v1/orders", params={"queue": "supervised"}))
        assert [one["id"] for one in supervised["items"]] == [order["id"]]
