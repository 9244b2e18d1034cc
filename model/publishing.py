"""Outbox and relay: events are committed one by one while two relays publish them, one of them perhaps a zombie."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any, NamedTuple

import asyncpg

import chassis.outbox
from chassis.relay import Relay
from model import history
from model.connection import CLOSE, CONNECT, LOST, Connection, Row, connect
from model.producer import APPEND, REFUSED, UNACKNOWLEDGED, Producer
from model.program import Head, Programs, Question
from model.swap import swapped

_LOCK = "SELECT pg_try_advisory_lock"
_MARK = "UPDATE events SET published_at"
_MARK_AND_NEXT = f"WITH marked AS ({_MARK}"


class Process(NamedTuple):
    """One relay process, and what the server knows of its session."""

    node: int
    leads: bool = False
    is_lost: bool = False
    """The session has ended, with its lock, and the process does not know yet."""


class State(NamedTuple):
    """Sets of events are bits, the first event lowest."""

    committed: int
    published: int
    acknowledged: int
    log: tuple[int, ...]
    relays: tuple[Process, ...]
    faults: int


class Publishing:
    """``events`` are (subject, version) in the order of their positions; ``faults`` is how much may go wrong."""

    def __init__(self, events: Sequence[tuple[str, int]], faults: int) -> None:
        self._events = events
        self._rows = [history.outbox_row(place, *event) for place, event in enumerate(events)]
        self._place = {history.event_id(*event): place for place, event in enumerate(events)}
        self._faults = faults
        self._longest_log = len(events) * (faults + 2)
        self._all = (1 << len(events)) - 1
        self._programs = Programs()
        self._stack = ExitStack()

    def __enter__(self) -> "Publishing":
        self._stack.enter_context(swapped(asyncpg, "connect", connect))
        self._stack.enter_context(swapped(chassis.outbox, "AIOKafkaProducer", Producer))
        self._stack.enter_context(
            swapped(Connection, "heads", dict.fromkeys((_LOCK, "SELECT true", _MARK_AND_NEXT), Head.LOOP))
        )
        self._stack.callback(self._programs.close)
        self._root = self._programs.start("relay", lambda: _relay)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def initial(self) -> State:
        """Nothing is committed, both relays start."""
        return State(0, 0, 0, (), (Process(self._root), Process(self._root)), self._faults)

    def steps(self, state: State) -> Iterator[tuple[str, State]]:
        """The writer commits; each relay goes on; something breaks."""
        if state.committed != self._all:
            yield "commit an event", state._replace(committed=2 * state.committed + 1)
        for who, process in enumerate(state.relays):
            question = self._programs.nodes[process.node].question
            if question is None or len(state.log) >= self._longest_log:
                continue
            name = f"relay {'AB'[who]}"
            for label, following, after, answer in self._answers(state, who, process, question):
                moved = after._replace(node=self._programs.next(process.node, answer))
                yield f"{name}: {label}", _with(following, who, moved)
            if state.faults:
                weaker = state._replace(faults=state.faults - 1)
                if process.node != self._root:
                    yield f"{name}: is killed and started again", _with(weaker, who, Process(self._root))
                    if not process.is_lost:
                        lost = process._replace(is_lost=True, leads=False)
                        yield f"{name}: its session ends, it does not know", _with(weaker, who, lost)

    def _answers(
        self, state: State, who: int, process: Process, question: Question
    ) -> Iterator[tuple[str, State, Process, Any]]:
        text = question.text
        if text == APPEND:
            yield from self._append(state, process, self._place[question.args[0]])
        elif text == CONNECT:
            yield "connects", state, Process(process.node), None
        elif text == CLOSE:
            yield "disconnects", state, Process(process.node), None
        elif process.is_lost:
            yield "notices that its session has ended", state, process, LOST
        elif text.startswith(_LOCK):
            free = not any(other.leads for other in state.relays)
            label = "takes the lock" if free else "finds the lock taken"
            yield label, state, process._replace(leads=free), (Row.of(locked=free),)
        elif text.startswith((_MARK, _MARK_AND_NEXT)):
            marked = question.args[0]
            following = state._replace(published=state.published | sum(1 << place for place in marked))
            rows = self._unpublished(following, text) if text.startswith(_MARK_AND_NEXT) else []
            label = f"marks {self._names(marked)}" + (f", selects {self._names(rows)}" if rows else "")
            yield label, following, process, tuple(self._rows[place] for place in rows)
            if state.faults:
                lost = process._replace(is_lost=True, leads=False)
                yield f"{label}, the answer is lost", following._replace(faults=state.faults - 1), lost, LOST
        else:
            yield text, state, process, (Row.of(value=1),)

    def _append(self, state: State, process: Process, place: int) -> Iterator[tuple[str, State, Process, Any]]:
        name = self._names([place])
        log = (*state.log, place)
        acknowledged = state.acknowledged | 1 << place
        yield f"publishes {name}", state._replace(log=log, acknowledged=acknowledged), process, None
        if state.faults:
            weaker = state._replace(faults=state.faults - 1)
            yield f"publishes {name}, the acknowledgement is lost", weaker._replace(log=log), process, UNACKNOWLEDGED
            yield f"does not get {name} published", weaker, process, REFUSED

    def _unpublished(self, state: State, text: str) -> list[int]:
        found = [place for place in range(len(self._events)) if (state.committed & ~state.published) >> place & 1]
        return found if "ORDER BY position" in text else found[::-1]

    def _names(self, places: Sequence[int]) -> str:
        return ", ".join(f"{self._events[place][0]}{self._events[place][1]}" for place in places) or "nothing"

    def likeness(self, state: State) -> State:
        """The two relays are alike."""
        return state._replace(relays=tuple(sorted(state.relays)))

    def broken(self, state: State) -> str | None:
        """What must hold at every moment."""
        if state.published & ~state.acknowledged:
            return "nothing counts as published that was not acknowledged"
        if not _is_prefix(self._versions(self._marked(state))):
            return "of each subject, a prefix counts as published"
        if not _is_prefix(self._versions(dict.fromkeys(state.log))):
            return "of each subject, the topic has a gapless history in order, once repetitions are dropped"
        if state.faults == self._faults and len(set(state.log)) < len(state.log):
            return "nothing is published twice while nothing fails"
        return None

    def _marked(self, state: State) -> list[int]:
        return [place for place in range(len(self._events)) if state.published >> place & 1]

    def _versions(self, places: Any) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for place in places:
            name, version = self._events[place]
            found.setdefault(name, []).append(version)
        return found

    def is_done(self, state: State) -> bool:
        """Everything is in the topic, and is known to be."""
        return state.published == self._all and set(state.log) == set(range(len(self._events)))


def _is_prefix(versions: dict[str, list[int]]) -> bool:
    return all(found == list(range(1, len(found) + 1)) for found in versions.values())


def _with(state: State, who: int, process: Process) -> State:
    relays = list(state.relays)
    relays[who] = process
    return state._replace(relays=tuple(relays))


def _relay() -> Any:
    return Relay("", "", history.SOURCE, "").run()
