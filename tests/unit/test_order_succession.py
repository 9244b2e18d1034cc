"""撤并: whoever takes over a unit's duty takes over what had been decided about it."""

from contracts.router import OrderSigned
from services.router.order_commands import Contact, Nature, Sign
from services.router.request_commands import Rule
from services.router.turn_commands import AddCoHandler, HandOver, Reassign
from tests.unit.order_asides import THIRD, no, request, wants_exclusion, wants_return, wants_ruling, yes
from tests.unit.order_life import STREET, opened, signed

TO_HEIR = HandOver(STREET, THIRD, "directory")


def test_a_successor_may_not_return_what_its_predecessor_was_refused_to_return() -> None:
    life = opened().do(wants_return(), no("dispatcher"), TO_HEIR)
    life.refuses(wants_return(THIRD, 2, "S150102003"), "order.return_barred")


def test_a_successor_is_bound_by_the_ruling_about_its_predecessor() -> None:
    life = signed().do(wants_ruling(), Rule(request(1), STREET, "V1"), TO_HEIR)
    life.refuses(wants_ruling(THIRD, 2, "S150102003"), "order.ruled")


def test_what_was_excluded_of_the_predecessor_is_not_scored_of_the_successor() -> None:
    life = signed().do(wants_exclusion(code=None), yes("reviewer"), TO_HEIR)
    assert life.order.side.excluded == (THIRD,)
    assert life.do(wants_exclusion(THIRD, 2, None)).last == []


def test_whoever_takes_a_duty_over_says_from_whom() -> None:
    moved = signed().do(Reassign(STREET, THIRD, "D1"))
    by_hand = moved.do(Sign(THIRD, "U2")).last[0]
    late = signed().do(Reassign(STREET, THIRD, "D1")).due(f"sign:{THIRD}").last[0]
    for event in (by_hand, late):
        assert isinstance(event, OrderSigned)
        assert (event.unit, event.replaces) == (THIRD, STREET)


def test_who_helped_is_followed_by_the_successor_and_helps_with_nothing_of_its_own() -> None:
    helped = signed().do(AddCoHandler(THIRD, "D1"))
    other = "S150102003"
    assert helped.do(HandOver(THIRD, other, "directory")).order.co_handlers == (other,)
    assert helped.do(HandOver(THIRD, other, "directory")).last == []
    assert helped.do(HandOver(other, None, "directory")).order.co_handlers == ()
    own = signed().do(AddCoHandler(THIRD, "D1"), TO_HEIR)
    assert (own.order.units, own.order.co_handlers) == ([THIRD], ())
    assert signed().do(AddCoHandler(THIRD, "D1"), HandOver(THIRD, STREET, "directory")).order.co_handlers == ()


def test_a_visit_counts_for_the_successor_too() -> None:
    life = opened().do(Sign(STREET, "U1"), Contact(STREET, True, "U1", Nature.REASONABLE), TO_HEIR)
    assert life.do(Contact(THIRD, True, "U2", Nature.REASONABLE)).last == []
