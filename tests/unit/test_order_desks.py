"""二级派单: whose dispatcher an order waits for, and that a county's dispatcher reaches no other county's."""

from dataclasses import replace

import pytest

from contracts.codes import ObligationRole
from contracts.rejected import Rejected
from services.router.obligations import Assignment
from services.router.order_commands import Dispatch, Routing, Sign
from services.router.order_state import Status
from services.router.request_commands import Settle
from services.router.turn_commands import AddCoHandler, HandOver, Reassign, Recall, RecallReason, SendToDesk
from tests.unit.order_asides import FIFTH, THIRD, in_return_review, request, wants_return
from tests.unit.order_life import STREET, STREET_LEADS, Life, at, opened, opening, signed

OWN, OTHER = "G150102", "G150103"
FAR = "S150103001"


def at_county() -> Life:
    return Life().do(replace(opening(None), desk=OWN))


def wrong_unit(desk: str | None) -> Recall:
    return Recall(RecallReason.WRONG_UNIT, "D2", desk)


def decides(desk: str | None) -> Settle:
    return Settle(request(1), True, frozenset({"dispatcher"}), desk, "D2", desk)


def test_where_only_the_county_is_known_its_sub_centre_dispatches_onward_on_the_same_clock() -> None:
    life = at_county()
    assert (life.status, life.order.desk, life.order.due_at) == (Status.PENDING_DISPATCH, OWN, at("02T11:00"))
    life.refuses(Dispatch(STREET_LEADS, "D3", OTHER), "order.not_your_desk", 403)
    life.do(Dispatch(STREET_LEADS, "D2", OWN))
    assert (life.status, life.order.units) == (Status.PENDING_SIGN, [STREET])
    assert life.do(Dispatch(STREET_LEADS, "D2", OWN)).last == []


def test_the_city_may_dispatch_what_waits_at_a_county() -> None:
    assert at_county().do(Dispatch(STREET_LEADS, "D1")).status == Status.PENDING_SIGN


def test_what_the_city_has_is_no_countys() -> None:
    opened(None).refuses(Dispatch(STREET_LEADS, "D2", OWN), "order.not_your_desk", 403)


def test_the_city_gives_an_order_to_a_county_and_a_county_back_to_the_city_only() -> None:
    life = opened(None)
    due = life.order.due_at
    life.refuses(SendToDesk(OWN, "D2", OWN), "order.not_your_desk", 403)
    assert life.do(SendToDesk(OWN, "D1"), now=at("02T10:00")).order.desk == OWN
    assert life.do(SendToDesk(OWN, "D1")).last == []
    life.refuses(SendToDesk(OTHER, "D2", OWN), "order.city_chooses_desk", 403)
    life.refuses(SendToDesk(None, "D3", OTHER), "order.not_your_desk", 403)
    assert life.do(SendToDesk(None, "D2", OWN)).order.desk is None
    assert life.order.due_at == due, "the clock goes on"


def test_what_a_county_dispatched_comes_back_to_it() -> None:
    life = at_county().do(Dispatch(STREET_LEADS, "D2", OWN))
    life.refuses(wrong_unit(OTHER), "order.not_your_desk", 403)
    assert (life.do(wrong_unit(OWN)).status, life.order.desk) == (Status.PENDING_DISPATCH, OWN)


def test_a_return_is_decided_at_the_desk_that_dispatched() -> None:
    life = at_county().do(Dispatch(STREET_LEADS, "D2", OWN), wants_return())
    with pytest.raises(Rejected, match="分中心"):
        life.do(decides(OTHER))
    assert (life.do(decides(OWN)).status, life.order.desk) == (Status.PENDING_DISPATCH, OWN)
    with pytest.raises(Rejected, match="分中心"):
        in_return_review().do(decides(OWN))


def test_a_county_changes_units_within_itself_only() -> None:
    moves = (Reassign(STREET, THIRD, "D3", OTHER), AddCoHandler(FAR, "D3", OTHER), HandOver(STREET, FAR, "D3", OTHER))
    for refused in moves:
        signed().refuses(refused, "order.not_your_desk", 403)
    signed().refuses(Reassign(STREET, FAR, "D2", OWN), "order.outside_county", 422)
    signed().refuses(AddCoHandler(FIFTH, "D2", OWN), "order.outside_county", 422)
    assert signed().do(Reassign(STREET, THIRD, "D2", OWN)).happened == ["OrderReassigned"]
    assert signed().do(AddCoHandler(THIRD, "D2", OWN)).happened == ["OrderCoHandlerAdded"]


def test_an_order_is_of_the_county_that_has_it_else_of_its_desk_else_of_its_place() -> None:
    assert opened(None).order.county == "150102"
    assert opened(None).do(SendToDesk(OTHER, "D1")).order.county == "150103"
    far = Routing((Assignment(FAR, ObligationRole.LEAD),), STREET_LEADS.terms, "dispatcher", "v1")
    assert opened(None).do(Dispatch(far, "D1"), Sign(FAR, "U1")).order.county == "150103"
    sector = Routing((Assignment(FIFTH, ObligationRole.LEAD),), STREET_LEADS.terms, "sector", "v1")
    assert opened(sector).order.county == "150102", "a city department has it: where it happened"
    assert Life().do(replace(opening(None), street_code=None)).order.county is None
