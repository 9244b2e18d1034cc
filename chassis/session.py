"""What one transaction has read and decided, before it is written.

Work is decided in order, each on the states as the work before it left them. A work that is refused leaves
nothing behind.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from chassis.aggregate import After, Aggregate, To, Written
from chassis.errors import PreconditionFailed
from chassis.ids import derived_id
from chassis.work import Due, Work
from contracts.event import Event

Key = tuple[str, str]
"""Table and aggregate id."""


class Defect(Exception):
    """A promise of our own code was broken; not the caller's fault."""


class Snapshot(NamedTuple):
    """An aggregate's row. ``version`` 0: there is none yet. ``traceparent`` is the trace that started it."""

    aggregate: Aggregate[Any, Any, Any]
    version: int
    state: Any
    traceparent: str | None


class Recorded(NamedTuple):
    """One event on its way into the history."""

    aggregate: str
    id: str
    version: int
    event_id: str
    issue_id: str
    event: Event
    data: str
    traceparent: str | None
    hop: str | None
    actor: str


@dataclass(slots=True)
class Session:
    """States by (table, id) as loaded and as decided, and everything that is to be written."""

    loaded: dict[Key, Snapshot]
    now: datetime
    current: dict[Key, Snapshot] = field(init=False)
    events: list[Recorded] = field(default_factory=list)
    places: list[tuple[int, int]] = field(default_factory=list)
    """Position and epoch of each event, once they are written."""
    private: dict[tuple[str, str, str], str] = field(default_factory=dict)
    stale: set[Due] = field(default_factory=set)
    """Timers that were found set though the state does not ask for them."""
    texts: dict[int, tuple[Any, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.current = dict(self.loaded)

    def origin(self, work: Work) -> str | None:
        """The trace that started the aggregate of the first command, if it is there already."""
        return self.current[work.to[0].aggregate.table, work.to[0].id].traceparent if work.to else None

    def run(self, work: Work, traceparent: str | None, hop: str | None) -> list[Written]:
        """Decide the commands of ``work``; keep all of their events, or none.

        Raises ``Rejected`` when a rule forbids, ``PreconditionFailed`` when ``If-Match`` names another version,
        ``Defect`` (or whatever a broken rule raises) otherwise.
        """
        draft = dict[Key, Snapshot]()
        recorded: list[Recorded] = []
        private: dict[tuple[str, str, str], str] = {}
        written: list[Written] = []
        for to in work.to:
            key = (to.aggregate.table, to.id)
            before = draft.get(key) or self.current[key]
            if to.expected_version is not None and to.expected_version != before.version:
                raise PreconditionFailed(before.version)
            command = to.command.make(written) if isinstance(to.command, After) else to.command
            events = self._decide(before, to, command, work.due)
            after = before
            for event in events:
                after = self._fold(after, event, traceparent)
                recorded.append(self._record(after, to, event, work, hop))
            if work.due:
                _check_rung(work.due, after)
            if events and to.private:
                private.update({(to.aggregate.name, to.id, name): text for name, text in to.private.items()})
            draft[key] = after
            written.append(Written(to.id, after.version, after.state))
        self.current.update(draft)
        self.events.extend(recorded)
        self.private.update(private)
        return written

    def _decide(self, before: Snapshot, to: To, command: Any, due: Due | None) -> list[Event]:
        aggregate = to.aggregate
        if due and aggregate.deadlines(before.state).get(due.name) != due.due_at:
            self.stale.add(due)
            return []
        return aggregate.decide(before.state, command, aggregate.context(to.id, self.now))

    def _fold(self, before: Snapshot, event: Event, traceparent: str | None) -> Snapshot:
        return Snapshot(
            before.aggregate,
            before.version + 1,
            before.aggregate.evolve(before.state, event),
            before.traceparent if before.version else traceparent,
        )

    def _record(self, after: Snapshot, to: To, event: Event, work: Work, hop: str | None) -> Recorded:
        name = to.aggregate.name
        return Recorded(
            aggregate=name,
            id=to.id,
            version=after.version,
            event_id=derived_id(name, to.id, str(after.version), work.identity),
            issue_id=to.aggregate.issue_id(to.id, after.state),
            event=event,
            data=event.model_dump_json(),
            traceparent=after.traceparent,
            hop=hop,
            actor=work.actor,
        )

    def text(self, aggregate: Aggregate[Any, Any, Any], state: Any) -> str:
        """A state as JSON. Most are stored twice, as a row and as the answer to whoever asked, and made once."""
        if (known := self.texts.get(id(state))) is None:  # it is kept with its text, so that no other has its id
            known = self.texts[id(state)] = (state, aggregate.adapter.dump_json(state).decode())
        return known[1]

    def changed(self) -> Iterable[tuple[Key, Snapshot, Snapshot]]:
        """Key, row before and row after, of every aggregate that moved, in lock order."""
        for key in sorted(self.current):
            before, after = self.loaded[key], self.current[key]
            if after.version != before.version:
                yield key, before, after


def _check_rung(due: Due, after: Snapshot) -> None:
    """Raises Defect if a deadline that was decided is still there: it would ring for ever."""
    if after.aggregate.deadlines(after.state).get(due.name) == due.due_at:
        raise Defect(f"{after.aggregate.name}: deadline {due.name} was decided and is still there")
