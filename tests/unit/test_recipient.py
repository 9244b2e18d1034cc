"""每日上限: every rule of a recipient's day."""

import pytest

from contracts.event import Event
from contracts.notify import DeliveryDelivered
from contracts.notify_deliveries import RecipientCounted
from services.notify.recipient import Context, Count, Recipient, decide, evolve, is_within_cap

A, B, C = (f"01900000-0000-7000-8000-00000000000{n}" for n in range(1, 4))
MONDAY, TUESDAY = "2026-03-02", "2026-03-03"
NONE, ONE, FULL = Recipient(), Recipient(MONDAY, (A,)), Recipient(MONDAY, (A, B))


def counted(delivery: str, day: str) -> RecipientCounted:
    return RecipientCounted(delivery_id=delivery, day=day)


HAPPENS: list[tuple[str, Recipient, str, str, list[Event]]] = [
    ("the first of all", NONE, A, MONDAY, [counted(A, MONDAY)]),
    ("the second of the day", ONE, B, MONDAY, [counted(B, MONDAY)]),
    ("over the cap", FULL, C, MONDAY, []),
    ("counted once, also when the day is full", FULL, A, MONDAY, []),
    ("the next day begins anew", FULL, C, TUESDAY, [counted(C, TUESDAY)]),
    ("a message of yesterday counts today", FULL, A, TUESDAY, [counted(A, TUESDAY)]),
    ("a clock behind counts on the later day", Recipient(TUESDAY, (A,)), B, MONDAY, [counted(B, TUESDAY)]),
    ("a clock behind finds the later day full", Recipient(TUESDAY, (A, B)), C, MONDAY, []),
]


@pytest.mark.parametrize(
    ("recipient", "delivery", "day", "events"), [row[1:] for row in HAPPENS], ids=[row[0] for row in HAPPENS]
)
def test_what_happens(recipient: Recipient, delivery: str, day: str, events: list[Event]) -> None:
    assert decide(recipient, Count(delivery), Context(day, cap=2)) == events


def test_what_is_remembered() -> None:
    assert evolve(NONE, counted(A, MONDAY)) == ONE
    assert evolve(ONE, counted(B, MONDAY)) == FULL
    assert evolve(FULL, counted(C, TUESDAY)) == Recipient(TUESDAY, (C,))
    assert is_within_cap(FULL, B)
    assert not is_within_cap(FULL, C)
    with pytest.raises(TypeError):
        evolve(NONE, DeliveryDelivered(attempt=1))
