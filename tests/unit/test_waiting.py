"""Two take work from one queue: what touches the same keeps its order and is never in two hands."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from time import monotonic
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.aggregate import To
from chassis.waiting import Batch, Waiting
from chassis.work import Arrival, Record, Request, Work
from contracts.envelope import Identity
from model.tally import tallies

TALLIES = tallies(frozenset())
THINGS = ("a", "b", "c", "d")
touching = st.lists(st.sampled_from(THINGS), min_size=1, max_size=2, unique=True)


def work(things: Sequence[str], name: str = "") -> Work:
    return Work([To(TALLIES, thing, None) for thing in things], "tester", name)


def in_a_loop(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(test())


@given(
    st.lists(st.one_of(touching, st.just("take"), st.just("release")), max_size=60),
    st.integers(1, 5),
    st.integers(1, 4),
)
def test_what_touches_the_same_is_handed_out_in_order_and_never_twice_at_once(
    acts: list[Any], most: int, beside: int
) -> None:
    async def play() -> None:
        waiting = Waiting(beside)
        put: list[Work] = []
        taken: list[Work] = []
        under_way: list[Batch] = []
        for act in [*acts, *["take", "release"] * (len(acts) + 1)]:
            if act == "take" and len(under_way) < 2:
                batch = waiting._next(most)
                assert len(batch.works) <= most
                assert all(other.touched.isdisjoint(batch.touched) for other in under_way)
                taken += batch.works
                if batch.works:
                    under_way.append(batch)
            elif act == "release" and under_way:
                waiting.release(under_way.pop(0))
            elif isinstance(act, list):
                put.append(work(act, str(len(put))))
                waiting.put(put[-1])
        for batch in under_way:
            waiting.release(batch)
        while (rest := waiting._next(most)).works:
            taken += rest.works
            waiting.release(rest)
        assert sorted(taken, key=id) == sorted(put, key=id)
        for thing in THINGS:
            about = (TALLIES.table, thing)
            assert [w for w in taken if about in w.touches()] == [w for w in put if about in w.touches()]

    in_a_loop(play)


def test_a_second_taker_gets_nothing_while_few_wait() -> None:
    async def play() -> None:
        waiting = Waiting(beside=3)
        for thing in ("a", "b", "c", "d"):
            waiting.put(work([thing]))
            if thing == "a":
                first = await waiting.take(500)
        second = await waiting.take(500)
        assert [len(batch.works) for batch in (first, second)] == [1, 3]
        waiting.put(work(["e"]))
        other = asyncio.create_task(waiting.take(500))
        await asyncio.sleep(0)
        assert not other.done()
        waiting.release(first)
        waiting.release(second)
        assert len((await other).works) == 1

    in_a_loop(play)


def test_what_nobody_asked_for_begins_at_once_and_then_waits_for_company_but_never_longer_than_the_gathering() -> None:
    async def play() -> None:
        waiting = Waiting(beside=50, gather=0.1)
        waiting.put(work(["a"]))
        begun = monotonic()
        waiting.release(await waiting.take(500))
        taking = asyncio.create_task(waiting.take(500))
        waiting.put(work(["b"]))
        await asyncio.sleep(0)
        assert not taking.done()
        waiting.put(work(["c"]))
        assert len((await taking).works) == 2
        assert monotonic() - begun >= 0.1

    in_a_loop(play)


async def _after_one(waiting: Waiting) -> asyncio.Task[Batch]:
    """Somebody who takes what comes after the first."""
    waiting.put(work(["first"]))
    waiting.release(await waiting.take(500))
    return asyncio.create_task(waiting.take(500))


def test_a_request_waits_for_nothing_and_takes_along_what_gathers() -> None:
    async def play() -> None:
        waiting = Waiting(beside=50, gather=3_600)
        taking = await _after_one(waiting)
        waiting.put(work(["a"]))
        await asyncio.sleep(0)
        assert not taking.done()
        waiting.put(_request("b"))
        assert len((await taking).works) == 2

    in_a_loop(play)


def _request(thing: str) -> Work:
    return Work([To(TALLIES, thing, None)], "tester", "", request=Request("caller", "POST /x", thing, b""))


async def _patience_after_a_transaction_of(
    seconds: float, *waiting: Work, gather: float = 0.0, works: int = 2
) -> float:
    queue = Waiting(beside=3, gather=gather)
    for number in range(works):
        queue.put(_request(f"first {number}"))
    batch = await queue.take(500)
    with patch("chassis.waiting.monotonic", lambda: queue._taken_at + seconds):
        queue.release(batch)
        for one in waiting:
            queue.put(one)
        return queue._patience()


def test_requests_alone_wait_three_times_as_long_as_the_last_transaction_took_but_not_noticeably() -> None:
    async def play() -> None:
        assert await _patience_after_a_transaction_of(0.01, _request("a")) == pytest.approx(0.03)
        assert await _patience_after_a_transaction_of(5, _request("a"), _request("b")) == pytest.approx(0.04)
        assert await _patience_after_a_transaction_of(0.01, *(_request(thing) for thing in THINGS)) == 0
        assert await _patience_after_a_transaction_of(0.01, _request("a"), works=1) <= 0

    in_a_loop(play)


def test_requests_go_with_what_other_services_have_sent_as_soon_as_either_may() -> None:
    async def play() -> None:
        both = _request("a"), work(["b"])
        assert await _patience_after_a_transaction_of(0.01, *both) <= 0
        assert await _patience_after_a_transaction_of(0.01, *both, gather=1.0) == pytest.approx(0.03)

    in_a_loop(play)


def test_many_wait_for_nothing() -> None:
    async def play() -> None:
        waiting = Waiting(beside=3, gather=3_600)
        taking = await _after_one(waiting)
        for thing in ("a", "b"):
            waiting.put(work([thing]))
        await asyncio.sleep(0)
        assert not taking.done()
        waiting.put(work(["c"]))
        assert len((await taking).works) == 3

    in_a_loop(play)


def test_subject_request_and_letter_are_touched_as_well() -> None:
    async def play() -> None:
        record = Record("topic", 0, 0, None, None, [])
        request = Request("caller", "POST /x", "key", b"")
        arrival = Arrival(record, Identity("/intake", "issue/1", 1), None, letter="letter")
        asked = Work([To(TALLIES, "a", None)], "tester", "", request=request, arrival=arrival)
        assert asked.touches() == [
            (TALLIES.table, "a"),
            ("caller", "POST /x", "key"),
            ("/intake", "issue/1"),
            "letter",
        ]

    in_a_loop(play)
