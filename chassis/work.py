"""What waits before the pipeline: commands from HTTP, from events and from deadlines, in one shape."""

import asyncio
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from opentelemetry.context import Context

from chassis.aggregate import To, Written
from contracts.envelope import Envelope, Identity

RequestKey = tuple[str, str, str]
"""Principal, route and key."""


@dataclass(frozen=True, slots=True)
class Request:
    """Who asked for what: the key under which a repeated request finds its first answer."""

    principal: str
    route: str
    key: str
    body_hash: bytes

    @property
    def identity(self) -> RequestKey:
        """What makes two requests the same one."""
        return self.principal, self.route, self.key


class Record(NamedTuple):
    """A Kafka record as it came, byte for byte."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a record cannot be handled: the ``reason`` of a dead letter and what an operator reads."""

    reason: str
    error: str


class Arrival(NamedTuple):
    """A record and what could be read of it.

    ``identity`` is None when not even its subject can be told. ``letter`` is the dead letter that is being
    replayed, ``by`` the operator who asked for that (None: the sweeper, because what it waited for has come).
    """

    record: Record
    identity: Identity | None
    envelope: Envelope | None
    fault: Fault | None = None
    letter: str | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline that has come."""

    aggregate: str
    id: str
    name: str
    due_at: datetime


@dataclass(slots=True, eq=False)
class Work:
    """One or more commands that stand or fall together, and where they came from."""

    to: Sequence[To]
    actor: str
    """Who did it, for the history: a staff id, ``event:<id>`` or ``deadline:<name>``."""
    identity: str
    """The same for every repetition of the same work, so that event ids survive retries."""
    request: Request | None = None
    arrival: Arrival | None = None
    due: Due | None = None
    parent: Context | None = None
    """The trace that this work belongs to, where no event says so."""
    result: "asyncio.Future[list[Written]]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    @property
    def name(self) -> str:
        """What is asked, for traces: ``order Sign``."""
        return ", ".join(f"{to.aggregate.name} {type(to.command).__name__}" for to in self.to) or "event"

    def touches(self) -> list[Hashable]:
        """Whatever else touches any of this has to be decided before it or after it."""
        touched: list[Hashable] = [(to.aggregate.table, to.id) for to in self.to]
        if self.request is not None:
            touched.append(self.request.identity)
        if self.arrival is not None:
            if self.arrival.identity is not None:
                touched.append(self.arrival.identity[:2])
            if self.arrival.letter is not None:
                touched.append(self.arrival.letter)
        return touched

    @property
    def abandoned(self) -> bool:
        """Nobody waits any more, and nothing but the caller would lose by dropping it."""
        return self.request is not None and self.result.cancelled()

    def resolve(self, written: list[Written]) -> None:
        """Tell whoever waits."""
        if not self.result.done():
            self.result.set_result(written)

    def refuse(self, error: BaseException) -> None:
        """Tell whoever waits that it was refused or failed."""
        if not self.result.done():
            self.result.set_exception(error)
