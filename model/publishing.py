"""Outbox and relay: events are committed one by one while two relays publish them, one of them perhaps a zombie.

The process of a relay may commit some of them, and hand them over a moment later.
"""

import asyncio
from collections.abc import Hashable, Iterator, Sequence
from contextlib import ExitStack
from typing import Any, NamedTuple

import asyncpg

import chassis.outbox
from chassis.outbox import Row
from chassis.relay import Relay
from model import history
from model.connection import CLOSE, CONNECT, LOST, Connection, connect
from model.producer import APPEND, REFUSED, UNACKNOWLEDGED, Producer
from model.program import DESK, Head, Programs, Question, Told
from model.swap import swapped

_LOCK = "SELECT pg_try_advisory_lock"
_MARK = "UPDATE events SET published_at"
_MARK_AND_NEXT = f"WITH marked AS ({_MARK}"
_WAIT = "wait"


class Process(NamedTuple):
    """One relay process, and what the server knows of its session."""

    node: int
    leads: bool = False
    is_lost: bool = False
    """The session has ended, with its lock, and the process does not know yet."""
    commits: tuple[int, ...] = ()
    """Events that the process has committed, and of which its relay does not know yet."""


class State(NamedTuple):
    """Sets of events are bits, the first event lowest."""

    committed: int
    published: int
    acknowledged: int
    log: tuple[int, ...]
    relays: tuple[Process, ...]
    faults: int


class Publishing:
    """``events`` are (subject, version) in the order of their positions; ``faults`` is how much may go wrong.

    ``by_hand`` is how many of the two processes commit events themselves; else somebody else does.
    """

    def __init__(self, events: Sequence[tuple[str, int]], faults: int, *, by_hand: int = 0) -> None:
        self._events = events
        self._by_hand = by_hand
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
        self._root = self._programs.start("relay", lambda: self._relay)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def initial(self) -> State:
        """Nothing is committed, both relays start."""
        return State(0, 0, 0, (), (Process(self._root), Process(self._root)), self._faults)

    def steps(self, state: State) -> Iterator[tuple[str, State]]:
        """An event is committed, or handed over; each relay goes on; something breaks."""
        if state.committed != self._all:
            committed = state._replace(committed=2 * state.committed + 1)
            yield "commit an event", committed
            for who, process in enumerate(state.relays[: self._by_hand]):
                commits = (*process.commits, state.committed.bit_length())
                name = f"the process of relay {'AB'[who]}"
                yield f"{name} commits an event", _with(committed, who, process._replace(commits=commits))
        for who, process in enumerate(state.relays):
            question = self._programs.nodes[process.node].question
            if question is None or len(state.log) >= self._longest_log:
                continue
            name = f"relay {'AB'[who]}"
            if process.commits:
                place, *others = process.commits
                node = self._programs.next(process.node, Told(place))
                handed = process._replace(node=node, commits=tuple(others))
                yield f"{name}: is handed {self._names([place])}", _with(state, who, handed)
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
            yield "connects", state, process._replace(leads=False, is_lost=False), None
        elif text == CLOSE:
            yield "disconnects", state, process._replace(leads=False, is_lost=False), None
        elif text == _WAIT:
            yield "goes on", state, process, None
        elif process.is_lost:
            yield "notices that its session has ended", state, process, LOST
        elif text.startswith(_LOCK):
            free = not any(other.leads for other in state.relays)
            label = "takes the lock" if free else "finds the lock taken"
            yield label, state, process._replace(leads=free), ((free,),)
        elif text.startswith((_MARK, _MARK_AND_NEXT)):
            marked = question.args[0]
            following = state._replace(published=state.published | sum(1 << place for place in marked))
            rows = self._unpublished(following, question) if text.startswith(_MARK_AND_NEXT) else []
            label = f"marks {self._names(marked)}" + (f", selects {self._names(rows)}" if rows else "")
            yield label, following, process, tuple(self._rows[place] for place in rows)
            if state.faults:
                lost = process._replace(is_lost=True, leads=False)
                yield f"{label}, the answer is lost", following._replace(faults=state.faults - 1), lost, LOST
        else:
            yield text, state, process, ((1,),)

    def _append(self, state: State, process: Process, place: int) -> Iterator[tuple[str, State, Process, Any]]:
        name = self._names([place])
        log = (*state.log, place)
        acknowledged = state.acknowledged | 1 << place
        yield f"publishes {name}", state._replace(log=log, acknowledged=acknowledged), process, None
        if state.faults:
            weaker = state._replace(faults=state.faults - 1)
            yield f"publishes {name}, the acknowledgement is lost", weaker._replace(log=log), process, UNACKNOWLEDGED
            yield f"does not get {name} published", weaker, process, REFUSED

    def _unpublished(self, state: State, question: Question) -> list[int]:
        in_hand = question.args[1]
        waiting = state.committed & ~state.published
        found = [place for place in range(len(self._events)) if waiting >> place & 1 and place not in in_hand]
        return found if "ORDER BY position" in question.text else found[::-1]

    def _names(self, places: Sequence[int]) -> str:
        return ", ".join(f"{self._events[place][0]}{self._events[place][1]}" for place in places) or "nothing"

    def _relay(self) -> Any:
        relay = _Handed(self._rows) if self._by_hand else Relay("", "", history.SOURCE, "")
        return relay.run()

    def likeness(self, state: State) -> State:
        """The two relays are alike, unless only one of them is handed events."""
        return state if self._by_hand == 1 else state._replace(relays=tuple(sorted(state.relays)))

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
        if any(self._programs.nodes[process.node].question is None for process in state.relays):
            return "no relay ends, or sleeps over what it has to ask for"
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


class _Handed(Relay):
    """A relay that hears of commits, and ends if it goes to sleep over one for which it has to ask."""

    def __init__(self, rows: Sequence[Row]) -> None:
        super().__init__("", "", history.SOURCE, "")
        self._rows = rows
        self._left: set[int] = set()
        desk = DESK.get()
        desk.tell, desk.memory = self._hear, self._memory

    def _hear(self, place: int) -> None:
        self._handover.offer([self._rows[place]])
        self._woken.set()
        if not self._handover.is_open:
            self._left.add(place)

    def _memory(self) -> Hashable:
        handed = tuple(row.position for row in self._handover._rows)
        known = tuple(sorted(self._handover._last.items()))
        return self._woken.is_set(), self._handover.is_open, handed, known, frozenset(self._left)

    async def _ask(self, conn: Any) -> list[Row]:
        self._left.clear()
        return await super()._ask(conn)

    async def _wait(self, seconds: float) -> bool:
        if not self._woken.is_set():
            await DESK.get().ask(_WAIT)
        if not self._woken.is_set():
            if self._leads and self._left:
                raise AssertionError(self._left)
            await asyncio.sleep(max(0.0, seconds))
        return self._woken.is_set()
