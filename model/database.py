"""The scheduled database: what the next statement of a process can lead to. Its contents are known by number."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from model.connection import DEADLOCK, LOST
from model.program import COMMIT, Programs, Question
from model.statements import execute, words
from model.store import Blocked, Rows, Transaction, View

Place = int
"""The number of what is committed and what is not."""


class Step(NamedTuple):
    """One way in which a statement can end."""

    label: str
    place: Place
    node: int
    is_fault: bool
    is_wasted: bool = False
    """A decision was made on a row that was not locked, and comes too late."""


class Database:
    """Runs the statements of ``processes`` sessions, each at a node of its program."""

    def __init__(self, programs: Programs, processes: int) -> None:
        self._programs = programs
        self._processes = processes
        self._contents: list[tuple[Rows, tuple[Transaction | None, ...]]] = []
        self._numbers: dict[tuple[Rows, tuple[Transaction | None, ...]], Place] = {}
        self._steps: dict[tuple[Place, int, int, tuple[int, ...], bool], tuple[Step, ...]] = {}
        self._mirrored: dict[Place, Place] = {}
        self._tables: dict[tuple[Place, str], Rows] = {}

    def empty(self) -> Place:
        """Without rows and transactions."""
        return self._number((), (None,) * self._processes)

    def table(self, place: Place, name: str) -> Rows:
        """The committed rows of a table."""
        if (place, name) not in self._tables:
            self._tables[place, name] = tuple(row for row in self._contents[place][0] if row[0][0] == name)
        return self._tables[place, name]

    def mirrored(self, place: Place) -> Place:
        """The same with the sessions in reversed order."""
        if place not in self._mirrored:
            rows, transactions = self._contents[place]
            self._mirrored[place] = self._number(rows, transactions[::-1])
        return self._mirrored[place]

    def abort(self, place: Place, who: int) -> Place:
        """The session has ended without a commit."""
        rows, transactions = self._contents[place]
        return self._number(rows, (*transactions[:who], None, *transactions[who + 1 :]))

    def steps(self, place: Place, who: int, node: int, others: tuple[int, ...], *, can_fail: bool) -> tuple[Step, ...]:
        """How the statement at ``node`` can end; nothing if it has to wait. ``others``: where everybody else is."""
        key = (place, who, node, others, can_fail)
        if key not in self._steps:
            self._steps[key] = tuple(self._ways(place, who, node, others, can_fail))
        return self._steps[key]

    def enter(self, place: Place, who: int, node: int) -> Step:
        """Begin a program, up to its first statement that somebody else could notice."""
        return self._go_on("begins", self._view(place, who), who, node)

    def _ways(self, place: Place, who: int, node: int, others: tuple[int, ...], can_fail: bool) -> Iterator[Step]:
        question = self._programs.nodes[node].question
        if question is None:
            return
        label = words(question.text)
        view = self._view(place, who)
        try:
            answer = execute(view, question.text, question.args)
        except Blocked as blocked:
            if self._waits(place, blocked.by, others[blocked.by]) == who:
                yield self._fail(f"{label}, a deadlock", place, who, node, DEADLOCK)
            return
        step = self._go_on(label, view, who, self._programs.next(node, answer))
        yield step._replace(is_wasted=step.is_wasted or _is_too_late(question, answer))
        if not can_fail:
            return
        yield self._fail(f"{label}, the connection is lost before", place, who, node, LOST, is_fault=True)
        if question.text == COMMIT:
            after = self._number(view.rows(), view.transactions())
            yield self._fail(f"{label}, the answer is lost", after, who, node, LOST, is_fault=True)

    def _go_on(self, label: str, view: View, who: int, node: int, *, is_fault: bool = False) -> Step:
        """Run on to the next statement that somebody else could notice, or have an influence on."""
        is_wasted = False
        while (question := self._programs.nodes[node].question) is not None and question.text != COMMIT:
            trial = view.copy()
            try:
                answer = execute(trial, question.text, question.args)
            except Blocked:
                break
            if trial.is_visible:
                break
            is_wasted |= _is_too_late(question, answer)
            view, node = trial, self._programs.next(node, answer)
        return Step(label, self._number(view.rows(), view.transactions()), node, is_fault, is_wasted)

    def _fail(self, label: str, place: Place, who: int, node: int, answer: Any, *, is_fault: bool = False) -> Step:
        view = self._view(self.abort(place, who), who)
        return self._go_on(label, view, who, self._programs.next(node, answer), is_fault=is_fault)

    def _waits(self, place: Place, who: int, node: int) -> int | None:
        """For whom ``who`` waits at ``node``."""
        question = self._programs.nodes[node].question if node >= 0 else None
        if question is not None:
            try:
                execute(self._view(place, who), question.text, question.args)
            except Blocked as blocked:
                return blocked.by
        return None

    def _view(self, place: Place, who: int) -> View:
        return View(*self._contents[place], who)

    def _number(self, rows: Rows, transactions: tuple[Transaction | None, ...]) -> Place:
        contents = (rows, transactions)
        if contents not in self._numbers:
            self._numbers[contents] = len(self._contents)
            self._contents.append(contents)
        return self._numbers[contents]


def _is_too_late(question: Question, answer: Any) -> bool:
    return question.text.startswith("UPDATE tallies") and answer != f"UPDATE {len(question.args[0])}"
