"""What may be published without asking the database: only what has nothing missing before it."""

from collections.abc import Sequence

import pytest

from chassis.handover import Handover
from chassis.outbox import Row
from model.history import outbox_row


def rows(*events: tuple[str, int]) -> list[Row]:
    return [outbox_row(place, *event) for place, event in enumerate(events)]


def taken(handover: Handover) -> Sequence[Row]:
    found = handover.take()
    assert not handover.take()
    return found


@pytest.fixture
def handover() -> Handover:
    handover = Handover()
    handover.open([], handover.close())
    return handover


def test_what_is_new_or_follows_what_was_handed_over_is_taken_in_order(handover: Handover) -> None:
    handover.offer(rows(("a", 1), ("b", 1), ("a", 2)))
    handover.offer(rows(("a", 3)))
    assert taken(handover) == [*rows(("a", 1), ("b", 1), ("a", 2)), *rows(("a", 3))]
    handover.offer(rows(("b", 2)))
    assert taken(handover) == rows(("b", 2))


def test_what_follows_what_was_found_is_taken() -> None:
    handover = Handover()
    handover.open(rows(("a", 4), ("a", 5)), handover.close())
    handover.offer(rows(("a", 6)))
    assert taken(handover) == rows(("a", 6))


@pytest.mark.parametrize("events", [[("a", 2)], [("b", 1), ("a", 2)], [("a", 1), ("a", 3)]])
def test_if_something_may_be_missing_before_any_of_it_none_is_taken(
    handover: Handover, events: list[tuple[str, int]]
) -> None:
    handover.offer(rows(*events))
    assert not handover.is_open
    assert not taken(handover)


def test_nothing_overtakes_what_has_to_be_asked_for(handover: Handover) -> None:
    handover.offer(rows(("a", 2)))
    handover.offer(rows(("b", 1)))
    assert not taken(handover)
    handover.open(rows(("a", 2), ("b", 1)), handover.close())
    handover.offer(rows(("b", 2)))
    assert taken(handover) == rows(("b", 2))


def test_what_was_found_before_it_was_offered_is_not_taken_again(handover: Handover) -> None:
    handover.open(rows(("a", 1)), handover.close())
    handover.offer(rows(("a", 1)))
    assert not taken(handover)


def test_what_is_offered_while_the_database_is_asked_is_asked_for_once_more(handover: Handover) -> None:
    closing = handover.close()
    handover.offer(rows(("a", 1)))
    handover.open([], closing)
    assert not handover.is_open
    handover.open(rows(("a", 1)), handover.close())
    assert handover.is_open
    assert not taken(handover)


def test_whoever_no_longer_leads_knows_nothing(handover: Handover) -> None:
    handover.offer(rows(("a", 1)))
    handover.forget()
    assert not handover.is_open
    assert not taken(handover)
    handover.open([], handover.close())
    handover.offer(rows(("a", 2)))
    assert not taken(handover)


def test_while_nobody_takes_the_rest_stays_in_the_database(handover: Handover, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.handover._LONGEST", 2)
    for name in "abc":
        handover.offer(rows((name, 1)))
    assert not handover.is_open
    assert taken(handover) == [*rows(("a", 1)), *rows(("b", 1))]


def test_subjects_that_have_not_moved_for_long_are_forgotten(
    handover: Handover, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.handover._REMEMBERED", 2)
    for event in (("a", 1), ("b", 1), ("a", 2), ("c", 1)):
        handover.offer(rows(event))
    handover.take()
    handover.offer(rows(("a", 3)))
    assert taken(handover) == rows(("a", 3))
    handover.offer(rows(("b", 2)))
    assert not handover.is_open
