"""What an aggregate is to the chassis: four pure functions, a state and a table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import TypeAdapter

from contracts.event import Event

S = TypeVar("S")
C = TypeVar("C")
X = TypeVar("X")
E = TypeVar("E", bound=Event, covariant=True)
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Aggregate(Generic[S, C, X]):
    """One kind of aggregate: state ``S``, commands ``C``, context ``X``.

    ``decide(state, command, context)`` returns what happened; an empty list means "already true". It raises
    ``contracts.rejected.Rejected`` when a rule forbids. ``evolve(state, event)`` folds. ``deadlines(state)``
    gives every timer that must be running, by name. ``on_deadline(name)`` is the command that a due timer
    becomes; deciding it must move or remove that timer.
    """

    name: str
    table: str
    state: type[S]
    decide: Callable[[S, C, X], list[Event]]
    evolve: Callable[[S, Event], S]
    deadlines: Callable[[S], dict[str, datetime]]
    on_deadline: Callable[[str], C]
    issue_id: Callable[[str, S], str]
    """``(aggregate id, state) -> issue id``: the record key of its events."""
    context: Callable[[str, datetime], X]
    """``(aggregate id, now) -> context``: time, id and reference data for ``decide``."""

    @cached_property
    def adapter(self) -> TypeAdapter[S]:
        """State <-> JSON."""
        return TypeAdapter(self.state)

    @cached_property
    def initial(self) -> S:
        """The state before the first event (version 0)."""
        return self.state()


class To(NamedTuple):
    """A command on its way to one aggregate; ``After`` stands for one that is not known before it is its turn.

    ``private`` (name -> text) is stored encrypted in the same transaction, if the command makes anything happen.
    ``expected_version`` is the caller's ``If-Match``.
    """

    aggregate: Aggregate[Any, Any, Any]
    id: str
    command: Any
    private: Mapping[str, str] = _NOTHING
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class After:
    """A command that is made of what the commands before it in the same work have left, in the same transaction.

    ``make`` is pure. For what must not be seen apart: an order that ends and the one that goes on from it.
    """

    make: "Callable[[Sequence[Written]], Any]"


class Written(NamedTuple):
    """An aggregate as a command left it: what an HTTP answer is made of."""

    id: str
    version: int
    state: Any
    replayed: bool = False
    """True when an ``Idempotency-Key`` brought back the answer of an earlier request."""


class Received(NamedTuple, Generic[E]):
    """An event from a topic, as a reaction sees it."""

    id: str
    aggregate_id: str
    issue_id: str
    time: datetime
    sequence: int
    event: E


Reaction = Callable[[Received[Any]], list[To]]
"""Event from a topic -> commands here. Pure: the same event gives the same commands."""
Reactions = Mapping[type[Event], Reaction]
