"""Breadth first through everything that can happen, so that the first way to break a promise is a shortest one."""

import time
from array import array
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

S = TypeVar("S", bound=Hashable)


class Scenario(Protocol[S]):
    """A small system: where it starts, what can happen next, and what must hold."""

    def initial(self) -> S:
        """Where it starts."""

    def steps(self, state: S) -> Iterable[tuple[str, S]]:
        """All that can happen in ``state``, and where it leads."""

    def likeness(self, state: S) -> Hashable:
        """The same for states that differ in names only."""

    def broken(self, state: S) -> str | None:
        """The promise that ``state`` breaks."""

    def is_done(self, state: S) -> bool:
        """Whether everything has been handled."""


class TooLarge(Exception):
    """More states than were allowed."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A promise, and the shortest way to break it."""

    promise: str
    trace: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """How much was seen, in how many seconds of the processor, and the first thing that went wrong."""

    states: int
    transitions: int
    seconds: float
    broken: Broken | None


class Explorer(Generic[S]):
    """Goes through one scenario."""

    def __init__(self, scenario: Scenario[S], limit: int) -> None:
        self._scenario = scenario
        self._limit = limit
        self._seen: dict[Hashable, int] = {}
        self._states: list[S] = []
        self._came: list[tuple[int, str]] = []
        self._from, self._to = array("l"), array("l")

    def run(self) -> Result:
        """Visit every state; stop at the first that breaks a promise. Raises TooLarge."""
        started = time.process_time()
        broken = self._visit() or self._stuck()
        return Result(len(self._states), len(self._to), time.process_time() - started, broken)

    def _visit(self) -> Broken | None:
        start = self._scenario.initial()
        self._seen[self._scenario.likeness(start)] = self._add(start, -1, "")
        place = 0
        while place < len(self._states):
            for label, following in self._scenario.steps(self._states[place]):
                likeness = self._scenario.likeness(following)
                known = self._seen.get(likeness)
                if known is None:
                    known = self._seen[likeness] = self._add(following, place, label)
                    if promise := self._scenario.broken(following):
                        return Broken(promise, self._trace(known))
                self._from.append(place)
                self._to.append(known)
            place += 1
        return None

    def _add(self, state: S, came_from: int, label: str) -> int:
        number = len(self._states)
        if number >= self._limit:
            raise TooLarge(self._limit)
        self._states.append(state)
        self._came.append((came_from, label))
        return number

    def _trace(self, number: int) -> tuple[str, ...]:
        labels = []
        while number > 0:
            number, label = self._came[number]
            labels.append(label)
        return tuple(reversed(labels))

    def _stuck(self) -> Broken | None:
        """The first state from which nothing leads to the end any more."""
        before: list[list[int]] = [[] for _ in self._states]
        for source, target in zip(self._from, self._to, strict=True):
            before[target].append(source)
        hopeful = [number for number, state in enumerate(self._states) if self._scenario.is_done(state)]
        can_end = bytearray(len(self._states))
        for number in hopeful:
            can_end[number] = 1
        while hopeful:
            for source in before[hopeful.pop()]:
                if not can_end[source]:
                    can_end[source] = 1
                    hopeful.append(source)
        stuck = can_end.find(0)
        return None if stuck < 0 else Broken("everything can still be handled", self._trace(stuck))
