"""What stands in several partitions is told by time, and never out of its partition's order."""

from datetime import UTC, datetime, timedelta

from aiokafka import TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from services.notify.merge import Entry, Merge

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
A, B = TopicPartition("a", 0), TopicPartition("b", 0)
MANY = 1000


def entries(name: str, *minutes: int) -> list[Entry[str]]:
    return [Entry(n, NOON + timedelta(minutes=at), f"{name}{n}") for n, at in enumerate(minutes)]


def told(merge: Merge[str], most: int = MANY) -> list[str]:
    return [entry.what for entry in merge.take(most)]


def test_nothing_is_told_before_it_is_known_what_goes_first() -> None:
    merge = Merge[str]({A: 2, B: 3})
    merge.add(A, entries("a", 1, 5))
    merge.reached(A, 2)
    assert told(merge) == []
    merge.add(B, entries("b", 2, 3))
    merge.reached(B, 2)
    assert told(merge) == ["a0", "b0", "b1"]  # of b there is more, which may go before a1
    assert (merge.first(A), merge.first(B), merge.held(A)) == (1, None, 1)
    merge.reached(B, 3)  # and it was nothing for this subscription
    assert told(merge) == ["a1"]


def test_what_comes_later_is_told_at_once() -> None:
    merge = Merge[str]({})
    merge.add(B, entries("b", 9, 8))
    merge.add(A, entries("a", 10))
    assert told(merge, 1) == ["b0"]
    assert told(merge) == ["b1", "a0"]  # b's own order holds although its clock went back
    assert told(merge) == []


@given(st.lists(st.lists(st.integers(0, 50), max_size=15), min_size=1, max_size=4), st.integers(1, 7), st.data())
def test_each_partitions_order_holds_and_nothing_is_lost(
    partitions: list[list[int]], most: int, data: st.DataObject
) -> None:
    places = {TopicPartition("t", n): entries(f"{n}.", *times) for n, times in enumerate(partitions)}
    merge = Merge[str]({place: len(read) for place, read in places.items() if read})
    left = {place: list(read) for place, read in places.items()}
    out: list[Entry[str]] = []
    while any(left.values()):
        place = data.draw(st.sampled_from([place for place, read in left.items() if read]))
        count = data.draw(st.integers(1, len(left[place])))
        merge.add(place, left[place][:count])
        del left[place][:count]
        merge.reached(place, len(places[place]) - len(left[place]))
        out += merge.take(most)
    while taken := merge.take(most):
        out += taken
    assert sorted(entry.what for entry in out) == sorted(entry.what for read in places.values() for entry in read)
    for n, place in enumerate(places):
        assert [entry for entry in out if entry.what.startswith(f"{n}.")] == places[place]
    if all(times == sorted(times) for times in partitions):
        assert [entry.time for entry in out] == sorted(entry.time for entry in out)
