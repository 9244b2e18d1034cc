"""Commands: two processes, callers of one aggregate. Whoever gets no answer asks again under the same key."""

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import permutations
from typing import Any, NamedTuple

from chassis.writes import Writes
from model import history, service
from model.connection import Connection, one_by_one
from model.database import Database, Place
from model.program import Head, Programs
from model.swap import swapped
from model.tally import tallies

_IDLE = -1
_AGGREGATE = tallies(frozenset())


class Process(NamedTuple):
    """``batch`` are the callers whose requests it has in hand."""

    node: int = _IDLE
    batch: tuple[int, ...] = ()


class State(NamedTuple):
    """The database, the processes, and what each caller was told."""

    place: Place
    processes: tuple[Process, ...]
    answers: tuple[Any, ...]
    is_wasted: bool
    """Somebody decided on a row that another was changing, and had to throw the decision away."""
    faults: int


class Commanding:
    """``callers`` ask for one command each; ``faults`` is how much may go wrong."""

    def __init__(self, callers: int, faults: int) -> None:
        self._callers = range(callers)
        self._faults = faults
        self._ids = {history.event_id("caller", caller): caller for caller in self._callers}
        self._programs = Programs()
        self._database = Database(self._programs, processes=2)
        self._stack = ExitStack()

    def __enter__(self) -> "Commanding":
        self._stack.enter_context(swapped(Connection, "heads", {"SELECT i.principal": Head.RETRY}))
        self._stack.enter_context(swapped(Writes, "run", one_by_one))
        self._stack.callback(self._programs.close)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def initial(self) -> State:
        """Nothing was asked."""
        nobody = (None,) * len(self._callers)
        return State(self._database.empty(), (Process(), Process()), nobody, False, self._faults)

    def likeness(self, state: State) -> State:
        """The two processes are alike."""
        first, second = state.processes
        if first <= second:
            return state
        return state._replace(processes=(second, first), place=self._database.mirrored(state.place))

    def steps(self, state: State) -> Iterator[tuple[str, State]]:
        """Callers ask; each process goes on; something breaks."""
        for who, process in enumerate(state.processes):
            name = f"process {'AB'[who]}"
            if process.node == _IDLE:
                yield from self._ask(state, who, name)
                continue
            if state.faults:
                weaker = state._replace(faults=state.faults - 1, place=self._database.abort(state.place, who))
                yield f"{name} is killed", _with(weaker, who, Process())
            others = tuple(-1 if who == one else other.node for one, other in enumerate(state.processes))
            for step in self._database.steps(state.place, who, process.node, others, can_fail=state.faults > 0):
                after = state._replace(
                    place=step.place,
                    faults=state.faults - step.is_fault,
                    is_wasted=state.is_wasted or step.is_wasted,
                )
                yield f"{name} {step.label}", self._arrived(after, who, process, step.node)

    def _ask(self, state: State, who: int, name: str) -> Iterator[tuple[str, State]]:
        """Any of the callers who still wait may be in one batch, in any order; asking twice at once is a fault."""
        waiting = [caller for caller in self._callers if state.answers[caller] is None]
        for number in range(1, len(waiting) + 1):
            for batch in permutations(waiting, number):
                again = any(caller in other.batch for other in state.processes for caller in batch)
                if state.faults >= again:
                    step = self._database.enter(state.place, who, self._programs.start(batch, _asking(batch)))
                    after = state._replace(faults=state.faults - again, place=step.place)
                    label = " and ".join(f"caller {caller + 1}" for caller in batch)
                    yield f"{name} takes what {label} asks", _with(after, who, Process(step.node, batch))

    def _arrived(self, state: State, who: int, process: Process, number: int) -> State:
        node = self._programs.nodes[number]
        if node.question is not None:
            return _with(state, who, process._replace(node=number))
        answers = list(state.answers)
        outcomes = node.outcome if isinstance(node.outcome, tuple) else (node.outcome,) * len(process.batch)
        for caller, answer in zip(process.batch, outcomes, strict=True):
            if answers[caller] is None:
                answers[caller] = answer
            elif answers[caller] != answer:
                answers[caller] = answer if isinstance(answer, str) else "two answers"
        return _with(state, who, Process())._replace(answers=tuple(answers))

    def _done(self, state: State) -> list[int]:
        for _, (_, text) in self._database.table(state.place, "tallies"):
            return [self._ids[part] for part in text.split('"') if part in self._ids]
        return []

    def broken(self, state: State) -> str | None:
        """What must hold at every moment."""
        done = self._done(state)
        versions = [key[3] for key, _ in self._database.table(state.place, "events")]
        if len(set(done)) < len(done):
            return "a command takes effect once, however often it is asked for"
        if versions != list(range(1, len(done) + 1)):
            return "history has one event per effect"
        for caller, answer in enumerate(state.answers):
            if isinstance(answer, str):
                return f"a caller gets one answer, and no race is his fault ({answer})"
            if answer is not None and done[answer - 1 : answer] != [caller]:
                return "what was answered is in history"
        return "no decision on a row that is there is thrown away" if state.is_wasted else None

    def is_done(self, state: State) -> bool:
        """Everybody has an answer."""
        return None not in state.answers


def _asking(batch: tuple[int, ...]) -> Any:
    return lambda: service.command(
        _AGGREGATE, history.subject("a"), [history.event_id("caller", caller) for caller in batch]
    )


def _with(state: State, who: int, process: Process) -> State:
    processes = list(state.processes)
    processes[who] = process
    return state._replace(processes=tuple(processes))
