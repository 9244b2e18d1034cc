"""What chaos expects of an order that waits for a petition 信访代办, and of the petition itself."""

from typing import Any

import pytest

from chaos.causes import effects
from chaos.folds import FOLDS
from chaos.history import Event

ORDER, PETITION = "order-1", "petition-1"


def event(service: str, aggregate: str, id_: str, name: str, **data: Any) -> Event:
    type_ = f"qingcheng.{service}.{aggregate}.{name}.v1"
    return Event(service, aggregate, id_, 1, f"{aggregate}-{name}", type_, "issue-1", data)


REFERRED = event("router", "order", ORDER, "referred", case_id=PETITION, to="petition_proxy")
REQUESTED = event("mediation", "petition", PETITION, "requested", order_id=ORDER, origin="order")
OPINION = event("mediation", "petition", PETITION, "opinion_issued", order_id=ORDER, appeals=[])
SUBMITTED = event("router", "order", ORDER, "result_submitted", source="petition_proxy", result_id=PETITION)
WITHDRAWN = event("mediation", "petition", PETITION, "withdrawn", order_id=ORDER)
RETURNED = event("router", "order", ORDER, "returned_from_mediation", case_id=PETITION)


@pytest.mark.parametrize("end", [(OPINION, SUBMITTED), (WITHDRAWN, RETURNED)], ids=["opinion", "withdrawn"])
def test_a_referred_order_has_its_petition_and_comes_back(end: tuple[Event, Event]) -> None:
    whole = [REFERRED, REQUESTED, *end]
    assert list(effects(whole)) == []
    for missing in (REQUESTED, end[1]):
        ((rule, effect, due, there),) = effects([one for one in whole if one is not missing])
        assert ("petition" in rule, effect[0] in {ORDER, PETITION}, due, there) == (True, True, 1, 0)
    ((_, _, due, there),) = effects([*whole, end[1]])
    assert (due, there) == (1, 2)


def test_a_petition_that_came_through_the_door_is_no_orders() -> None:
    door = event("mediation", "petition", PETITION, "requested", order_id=None, origin="walk_in")
    assert list(effects([door, event("mediation", "petition", PETITION, "withdrawn", order_id=None)])) == []


def test_a_second_proxy_is_no_step() -> None:
    fold, first = FOLDS["petition"], ("assigned", {"local_due": "2026-03-02T00:00:00Z"})
    again = ("assigned", {"local_due": None})
    assert fold([("requested", {}), ("registered", {}), first]) == {"status": "assigned"}
    assert fold([("requested", {}), first, ("submitted", {}), again]) == {"status": "submitted"}
    answered: list[tuple[str, Any]] = [("opinion_issued", {}), ("review_requested", {}), ("review_answered", {})]
    assert fold(answered) == {"status": "opinion_issued"}
