"""The model: every rule holds in every schedule of small systems, and none can be removed unnoticed.

`make model` goes through larger ones.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest

from model.commanding import Commanding
from model.connection import Pool
from model.consuming import Consuming
from model.explore import Broken, Explorer, Scenario, TooLarge
from model.program import Program, Programs
from model.publishing import Publishing
from model.removals import REMOVALS, Removal
from model.statements import UnknownStatement, execute
from model.store import View
from model.swap import silence

LIMIT = 30_000
SMALL: dict[str, Callable[[], AbstractContextManager[Scenario[Any]]]] = {
    "commands": lambda: Commanding(callers=2, faults=1),
    "outbox": lambda: Publishing([("a", 1), ("b", 1), ("a", 2)], faults=1),
    "handover": lambda: Publishing([("a", 1), ("a", 2)], faults=0, by_hand=2),
    "inbox": lambda: Consuming(((1, 2, 3),), poison=None, faults=1),
    "poison": lambda: Consuming(((1, 2, 3),), poison=1, faults=0),
    "discard": lambda: Consuming(((1, 2),), poison=1, faults=0, discards=True),
    "mixed": lambda: Consuming(((1, 2),), poison=1, faults=0, mixes=True),
    "disorder": lambda: Consuming(((2, 1, 2), (1, 1, 2)), poison=None, faults=0),
}


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with silence():
        yield


@pytest.mark.parametrize("name", SMALL)
def test_the_rules_hold_in_every_schedule(name: str) -> None:
    with SMALL[name]() as system:
        result = Explorer(system, LIMIT).run()
    assert result.broken is None
    assert result.states > 100


def test_a_zombie_that_is_handed_events_publishes_none_out_of_order() -> None:
    with Publishing([("a", 1), ("a", 2)], faults=1, by_hand=1) as system:
        assert Explorer(system, 250_000).run().broken is None


@pytest.mark.parametrize("removal", REMOVALS, ids=lambda removal: removal.name)
def test_no_rule_can_be_removed_unnoticed(removal: Removal) -> None:
    with removal.applied() as system:
        result = Explorer(system, LIMIT).run()
    assert result.broken is not None
    assert result.broken.promise == BREAKS[removal.name]


BREAKS = {
    "inbox check: repeated events are skipped": "every event takes effect once, in order",
    "row lock: FOR UPDATE on the inbox": "every event takes effect once, in order",
    "offsets after the transaction": "offsets are committed of what was handled or kept",
    "gap: what comes too early is held": "no event is passed over",
    "parking: what follows poison waits": "no event is passed over",
    "replay in order": "no event is passed over",
    "relay lock": "nothing is published twice while nothing fails",
    "mark after the acknowledgement": "nothing counts as published that was not acknowledged",
    "acknowledged prefix": "of each subject, a prefix counts as published",
    "publishing in order": "of each subject, the topic has a gapless history in order, once repetitions are dropped",
    "handed over: only what follows": "of each subject, the topic has a gapless history in order, once "
    "repetitions are dropped",
    "handed over: not while the database is asked": "nothing is published twice while nothing fails",
    "handed over: asked for again what came meanwhile": "no relay ends, or sleeps over what it has to ask for",
    "handed over: forgotten by whoever begins anew": "of each subject, the topic has a gapless history in order, once "
    "repetitions are dropped",
    "idempotency key": "a command takes effect once, however often it is asked for",
    "row lock: FOR UPDATE on states": "no decision on a row that is there is thrown away",
    "row lock on states and the version guard behind it": "a caller gets one answer, and no race is his fault "
    "(UniqueViolationError)",
    "version guard": "a caller gets one answer, and no race is his fault (UniqueViolationError)",
}


class Stairs:
    """Up by one or by two, from 0 to 5; ``trap`` has no way out, ``forbidden`` must not be stepped on."""

    def __init__(self, trap: int | None = None, forbidden: int | None = None) -> None:
        self._trap = trap
        self._forbidden = forbidden

    def initial(self) -> int:
        return 0

    def steps(self, state: int) -> Iterable[tuple[str, int]]:
        return [] if state == self._trap else [(f"+{by}", state + by) for by in (1, 2) if state + by <= 5]

    def likeness(self, state: int) -> Hashable:
        return state

    def broken(self, state: int) -> str | None:
        return "it creaks" if state == self._forbidden else None

    def is_done(self, state: int) -> bool:
        return state == 5


def test_the_explorer_sees_everything_once() -> None:
    result = Explorer(Stairs(), LIMIT).run()
    assert (result.states, result.transitions, result.broken) == (6, 9, None)


def test_the_explorer_finds_a_shortest_way() -> None:
    assert Explorer(Stairs(forbidden=4), LIMIT).run().broken == Broken("it creaks", ("+2", "+2"))


def test_the_explorer_finds_what_is_stuck() -> None:
    broken = Explorer(Stairs(trap=3), LIMIT).run().broken
    assert broken == Broken("everything can still be handled", ("+1", "+2"))


def test_the_explorer_says_when_there_is_too_much() -> None:
    with pytest.raises(TooLarge):
        Explorer(Stairs(), 3).run()


def test_a_program_is_where_its_answers_have_led_it() -> None:
    async def ask_twice() -> int:
        first = await Pool().fetch("SELECT 1")
        return len(first) + len(await Pool().fetch("SELECT 2"))

    def start() -> Program:
        return ask_twice

    programs = Programs()
    root = programs.start("key", start)
    left, right = programs.next(root, ()), programs.next(root, ("a",))
    assert programs.next(root, ()) == left != right
    ends = [programs.nodes[programs.next(node, ("b",))].outcome for node in (left, right, left)]
    assert ends == [1, 2, 1]


def test_a_statement_that_nobody_explained_stops_the_model() -> None:
    with pytest.raises(UnknownStatement):
        execute(View((), (None,), 0), "SELECT something new", ())
