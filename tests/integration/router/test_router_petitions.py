"""An order that waits for a petition 信访代办, and comes back: a real router that hears mediation over Kafka."""

import pytest

from chassis.ids import new_id
from contracts.event import Event
from contracts.mediation_petitions import (
    PetitionAccepted,
    PetitionGuidedAway,
    PetitionNotAccepted,
    PetitionOpinionIssued,
    PetitionRequested,
    PetitionResolvedLocally,
    PetitionWithdrawn,
)
from tests.integration.router.order_desk import LONG_AGO, STREET, Desk, done

AUTHORITY = "D15010202"


async def refer(desk: Desk) -> tuple[str, str, str, list[str]]:
    """An order that its street has referred to a proxy: its id, its issue's, the petition's, and its callers."""
    order = await desk.signed()
    referred = await done(desk.street.post(f"/v1/orders/{order['id']}/refer-petition"))
    assert (referred["status"], referred["status_zh"]) == ("in_mediation", "信访代办中")
    assert referred["referred_to"] == "petition_proxy"
    return order["id"], order["issue_id"], referred["case_id"], order["appeals"]


def requested(order_id: str, issue_id: str, appeals: list[str]) -> PetitionRequested:
    return PetitionRequested(
        issue_id=issue_id,
        order_id=order_id,
        case_id=None,
        petition_code="XF0001",
        origin="order",
        appeals=appeals,
        authorise_due=LONG_AGO,
        by="H1",
    )


async def test_the_clock_stops_when_the_authority_accepts_and_the_opinion_is_the_result(desk: Desk) -> None:
    order_id, issue_id, petition_id, appeals = await refer(desk)
    accepted = PetitionAccepted(
        order_id=order_id,
        authority=AUTHORITY,
        accepted_at=LONG_AGO,
        in_time=True,
        handling_due=LONG_AGO,
        appeals=appeals,
        by="P1",
    )
    opinion = PetitionOpinionIssued(
        order_id=order_id,
        authority=AUTHORITY,
        finding_id=new_id(),
        outcome="supported",
        in_time=True,
        delivered_at=LONG_AGO,
        review_until=LONG_AGO,
        feedback_due=LONG_AGO,
        appeals=appeals,
        by="P1",
    )
    await desk.hear(petition_id, issue_id, requested(order_id, issue_id, appeals), accepted, opinion)
    await desk.until(order_id, lambda order: order["status"] == "close_review")
    history = await desk.history("order", order_id)
    assert [name for name, _ in history[-3:]] == ["referred", "clock_stopped", "result_submitted"]
    assert (history[-3][1]["to"], history[-1][1]["source"]) == ("petition_proxy", "petition_proxy")
    results = (await done(desk.reviewer.get(f"/v1/orders/{order_id}/result")))["results"]
    assert [(result["unit"], result["result_id"], result["text"]) for result in results] == [
        (STREET, petition_id, None)
    ]


OUTCOMES: dict[str, tuple[str, str]] = {
    "guided away": ("in_progress", "out_of_scope"),
    "not accepted": ("in_progress", "out_of_scope"),
    "withdrawn": ("in_progress", "refused"),
    "resolved locally": ("close_review", ""),
}


def outcome(name: str, order_id: str, appeals: list[str]) -> Event:
    match name:
        case "guided away":
            return PetitionGuidedAway(order_id=order_id, reason="litigation", to="court", appeals=appeals, by="C1")
        case "not accepted":
            return PetitionNotAccepted(
                order_id=order_id,
                authority=AUTHORITY,
                reason="arbitration",
                to="arbitration_commission",
                feedback_due=LONG_AGO,
                appeals=appeals,
                by="P1",
            )
        case "withdrawn":
            return PetitionWithdrawn(order_id=order_id, reason="authorisation_withdrawn", by="C1")
        case _:
            return PetitionResolvedLocally(order_id=order_id, result_id=new_id(), feedback_due=LONG_AGO, by="P1")


@pytest.mark.parametrize("name", OUTCOMES)
async def test_each_outcome_brings_the_order_back(desk: Desk, name: str) -> None:
    status, why = OUTCOMES[name]
    order_id, issue_id, petition_id, appeals = await refer(desk)
    first = requested(order_id, issue_id, appeals)
    await desk.hear(petition_id, issue_id, first, outcome(name, order_id, appeals))
    await desk.until(order_id, lambda order: order["status"] == status)
    order = await desk.order(order_id)
    assert (order["case_id"], order["referred_to"], order["cases"]) == (None, None, [petition_id])
    if why:
        assert (await desk.history("order", order_id))[-1][1]["outcome"] == why
        again = await done(desk.street.post(f"/v1/orders/{order_id}/refer-petition"))
        assert again["case_id"] != petition_id


async def test_an_order_that_waits_for_one_is_not_referred_to_the_other(desk: Desk) -> None:
    order_id, _, petition_id, _ = await refer(desk)
    again = await done(desk.street.post(f"/v1/orders/{order_id}/refer-petition"))
    assert again["case_id"] == petition_id, "the same again is already true"
    other = await desk.street.post(f"/v1/orders/{order_id}/refer")
    assert (other.status_code, other.json()["code"]) == (409, "order.wrong_status")
    in_mediation = (await desk.signed())["id"]
    await done(desk.street.post(f"/v1/orders/{in_mediation}/refer"))
    petition = await desk.street.post(f"/v1/orders/{in_mediation}/refer-petition")
    assert (petition.status_code, petition.json()["code"]) == (409, "order.wrong_status")


async def test_only_the_orders_own_unit_refers_it(desk: Desk) -> None:
    order_id = (await desk.signed())["id"]
    answer = await desk.other.post(f"/v1/orders/{order_id}/refer-petition")
    assert (answer.status_code, answer.json()["code"]) == (403, "order.not_your_unit")
