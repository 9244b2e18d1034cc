"""Records of several partitions in the order of their times, and each partition's in its own order.

A subscription that is behind reads all topics from far back. What an issue went through stands in several of them, and
would be told topic by topic; merged by time it is told as it happened, as far as clocks agree.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from datetime import datetime
from heapq import heapify, heappop, heapreplace
from typing import Generic, NamedTuple, TypeVar

from aiokafka import TopicPartition

T = TypeVar("T")


class Entry(NamedTuple, Generic[T]):
    """Something out of a partition."""

    offset: int
    time: datetime
    what: T


class Merge(Generic[T]):
    """``ends``: partitions that have to be read up to there before anything of the others may be told."""

    def __init__(self, ends: Mapping[TopicPartition, int]) -> None:
        self.behind = dict(ends)
        self._held: dict[TopicPartition, deque[Entry[T]]] = {}

    def add(self, place: TopicPartition, entries: Iterable[Entry[T]]) -> None:
        """Hold what was read of a partition, in its order."""
        held = self._held.setdefault(place, deque())
        held.extend(entries)

    def reached(self, place: TopicPartition, following: int) -> None:
        """Everything of a partition before the offset ``following`` has been read."""
        if following >= self.behind.get(place, following + 1):
            del self.behind[place]

    def held(self, place: TopicPartition) -> int:
        """How many entries of a partition wait."""
        return len(self._held.get(place, ()))

    def first(self, place: TopicPartition) -> int | None:
        """Offset of the first entry of a partition that waits."""
        held = self._held.get(place)
        return held[0].offset if held else None

    def take(self, most: int) -> list[Entry[T]]:
        """What can be told now, up to ``most``; the rest waits until it is known that nothing goes before it."""
        if any(not self.held(place) for place in self.behind):
            return []
        heads = [(held[0].time, place) for place, held in self._held.items() if held]
        heapify(heads)
        taken: list[Entry[T]] = []
        while heads and len(taken) < most:
            place = heads[0][1]
            held = self._held[place]
            taken.append(held.popleft())
            if held:
                heapreplace(heads, (held[0].time, place))
            elif place in self.behind:
                break
            else:
                heappop(heads)
        return taken
