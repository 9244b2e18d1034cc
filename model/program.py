"""Real coroutines, one question at a time.

A program is a coroutine of the product whose only ways out are questions: to the database, to the broker. What it
asks next depends on the answers it got and on nothing else, so a tree of answers holds all that it can ever do: a
process's place in its code is a node of that tree, and coming to the same node again costs nothing.
"""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import Any

from model.loop import VirtualLoop


class Head(Enum):
    """Where a loop begins: who asks the same again there is where he was when he first asked."""

    LOOP = auto()
    """Of an endless loop."""
    RETRY = auto()
    """Of something that is tried again, if nothing was achieved meanwhile."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a program waits for: a statement with its arguments, or an operation of the broker."""

    text: str
    args: tuple[Any, ...] = ()
    head: "Head | None" = None
    memory: Hashable = None
    """What else decides what the program does next; see ``Desk``."""


@dataclass(frozen=True, slots=True)
class Told:
    """No answer: what a program hears while its question stays open."""

    what: Hashable


@dataclass(frozen=True, slots=True)
class Failure:
    """An answer that is an exception."""

    make: Callable[[], Exception]
    is_forgotten: bool = True
    """Whether the program then does the same again, and nothing else."""


class Silence:
    """The answer that never comes: time passes instead."""


COMMIT = "COMMIT"
Program = Callable[[], Coroutine[Any, Any, Hashable]]


class Desk:
    """Where a program's questions lie until they are answered. A program that can be told things says how, and what it
    remembers of them: a loop that begins with another memory is another loop.
    """

    def __init__(self) -> None:
        self.tell: Callable[[Any], None] = lambda _: None
        self.memory: Callable[[], Hashable] = lambda: None
        self.open: list[tuple[Question, asyncio.Future[Any]]] = []
        self.is_closed = False

    async def ask(self, text: str, *args: Any, head: Head | None = None) -> Any:
        """Wait for the explorer's answer."""
        if self.is_closed:
            raise asyncio.CancelledError
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.open.append((Question(text, args, head), future))
        return await future


DESK: ContextVar[Desk] = ContextVar("desk")
"""The desk of the program that runs."""


class Stalled(Exception):
    """A program that neither asks, nor sleeps, nor ends."""


class _Run:
    """One program under way."""

    def __init__(self, program: Program) -> None:
        self._desk = Desk()
        self._loop = VirtualLoop()
        token = DESK.set(self._desk)
        self._main: asyncio.Task[Hashable] = self._loop.create_task(program())
        DESK.reset(token)

    def advance(self) -> Question | None:
        """Run to the next question; None at the end of the program."""
        while True:
            self._loop.settle()
            if self._main.done():
                return None
            if self._desk.open:
                return replace(self._desk.open[0][0], memory=self._desk.memory())
            if self._loop.sleeps is None:
                raise Stalled(self._main)
            self._loop.pass_time()

    def answer(self, answer: Any) -> None:
        """Answer the first open question, or tell something meanwhile."""
        if isinstance(answer, Told):
            self._desk.tell(answer.what)
            return
        _, future = self._desk.open.pop(0)
        if isinstance(answer, Failure):
            future.set_exception(answer.make())
        elif not isinstance(answer, Silence):
            future.set_result(answer)

    def outcome(self) -> Hashable:
        """What the program returned, or the name of what it raised."""
        error = self._main.exception()
        return self._main.result() if error is None else getattr(error, "code", type(error).__name__)

    def close(self) -> None:
        """End it where it stands."""
        self._desk.is_closed = True
        while tasks := asyncio.all_tasks(self._loop):
            for task in tasks:
                task.cancel()  # again and again, because cleaning up waits, too
            self._loop.settle()
        self._loop.close()


@dataclass(slots=True)
class Node:
    """A place in a program: the question that is open there, or its outcome."""

    question: Question | None
    outcome: Hashable
    parent: int | None
    answer: Any
    root: int
    children: dict[Any, int] = field(default_factory=dict)


class Programs:
    """All nodes of all programs, by number."""

    def __init__(self) -> None:
        self._roots: dict[Hashable, int] = {}
        self._starts: dict[int, Program] = {}
        self.nodes: list[Node] = []
        self._live: tuple[int, _Run] | None = None

    def start(self, key: Hashable, program: Callable[[], Program]) -> int:
        """The first node of the program that ``key`` names."""
        if key not in self._roots:
            number = self._roots[key] = len(self.nodes)
            self._starts[number] = program()
            run = _Run(self._starts[number])
            self._add(run, None, None, number)
        return self._roots[key]

    def next(self, number: int, answer: Any) -> int:
        """The node that ``answer`` leads to."""
        node = self.nodes[number]
        if answer not in node.children:
            run = self._take(number)
            run.answer(answer)
            node.children[answer] = self._add(run, number, answer, node.root)
        return node.children[answer]

    def close(self) -> None:
        """Let go of what still runs."""
        if self._live:
            self._live[1].close()
        self._live = None

    def _add(self, run: _Run, parent: int | None, answer: Any, root: int) -> int:
        question = run.advance()
        if question and question.head and (seen := self._seen(question, parent, answer)) is not None:
            run.close()
            return seen
        number = len(self.nodes)
        self.nodes.append(Node(question, None if question else run.outcome(), parent, answer, root))
        if question is None:
            run.close()
        else:
            self.close()
            self._live = number, run
        return number

    def _seen(self, question: Question, number: int | None, answer: Any) -> int | None:
        """Where the loop that begins with ``question`` was begun already."""
        while number is not None:
            node = self.nodes[number]
            if question.head is Head.RETRY and _achieved(node, answer):
                return None
            if node.question == question:
                return number
            number, answer = node.parent, node.answer
        return None

    def _take(self, number: int) -> _Run:
        """The program at ``number``: the one that just came there, else run again with the same answers."""
        if self._live and self._live[0] == number:
            run = self._live[1]
            self._live = None
            return run
        answers = []
        node = self.nodes[number]
        while node.parent is not None:
            answers.append(node.answer)
            node = self.nodes[node.parent]
        run = _Run(self._starts[node.root])
        run.advance()
        for answer in reversed(answers):
            run.answer(answer)
            run.advance()
        return run


def _achieved(node: Node, answer: Any) -> bool:
    """Whether ``answer`` made the program go on to something else than the same once more."""
    if isinstance(answer, Failure):
        return not answer.is_forgotten
    return node.question is not None and node.question.text == COMMIT
