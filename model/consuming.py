"""Inbox, rebalance, dead letters: two consumers read one partition, one of them perhaps a zombie with a batch in hand.

The topic may hold any sequence of the events: in order, repeated, or out of order as only a broken producer would
leave it. It is complete from the start, because a fetch may bring as little as one record of it. One event is
poison until its rule is mended.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any, NamedTuple

from chassis.writes import Writes
from model import history, service
from model.connection import Connection, one_by_one
from model.database import Database, Place
from model.program import Head, Programs
from model.statements import letter_id
from model.swap import swapped
from model.tally import tallies

_HEADS = {"SELECT d.id::text FROM inbox": Head.LOOP, "SELECT i.source, i.subject, i.epoch": Head.RETRY}
"""The sweeper's look, and the first statement of a transaction that may be tried again."""
_IDLE = -1
_NONE, _STALE, _CURRENT = 0, 1, 2


class Member(NamedTuple):
    """One consumer process. ``node`` is where it is in its program, ``handled`` the offset that it may commit."""

    node: int = _IDLE
    claim: int = _NONE
    """Whether it believes that the partition is its own, and whether it is."""
    position: int = 0
    handled: int = 0


class State(NamedTuple):
    """The topic, the database, the group, the processes."""

    log: tuple[int, ...]
    place: Place
    members: tuple[Member, ...]
    committed: int
    is_mended: bool
    faults: int


class Consuming:
    """``logs`` are all that the topic may hold, as versions; ``poison`` is the version that is refused at first.

    ``discards``: operators may discard letters; ``mixes``: they may be replayed in one transaction with new records.
    """

    def __init__(
        self,
        logs: Sequence[tuple[int, ...]],
        poison: int | None,
        faults: int,
        *,
        discards: bool = False,
        mixes: bool = False,
    ) -> None:
        self._logs = logs
        self._last = max(logs[0])
        self._has_poison = poison is not None
        self._faults = faults
        self._discards = discards
        self._mixes = mixes
        refused = frozenset({history.event_id("a", poison)} if poison else ())
        self._aggregates = {False: tallies(refused), True: tallies(frozenset())}
        self._ids = {history.event_id("a", version): version for version in range(1, self._last + 1)}
        self._programs = Programs()
        self._database = Database(self._programs, processes=2)
        self._stack = ExitStack()

    def __enter__(self) -> "Consuming":
        self._stack.enter_context(swapped(Connection, "heads", _HEADS))
        self._stack.enter_context(swapped(Writes, "run", one_by_one))
        self._stack.callback(self._programs.close)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def initial(self) -> State:
        """Nobody has the partition, and nobody knows the topic."""
        return State((), self._database.empty(), (Member(), Member()), 0, not self._has_poison, self._faults)

    def likeness(self, state: State) -> State:
        """The two consumers are alike."""
        first, second = state.members
        if first <= second:
            return state
        return state._replace(members=(second, first), place=self._database.mirrored(state.place))

    def steps(self, state: State) -> Iterator[tuple[str, State]]:
        """The group gives the partition out; each process goes on; something breaks."""
        if not state.log:
            for log in self._logs:
                yield f"the topic holds {_names(log)}", state._replace(log=log)
            return
        if not state.is_mended and self._letters(state):
            yield "the rule is mended", state._replace(is_mended=True)
        for who, member in enumerate(state.members):
            name = f"consumer {'AB'[who]}"
            for label, following in self._member_steps(state, who, member):
                yield f"{name} {label}", following

    def _member_steps(self, state: State, who: int, member: Member) -> Iterator[tuple[str, State]]:
        yield from self._group_steps(state, who, member)
        if member.node == _IDLE:
            yield from self._idle_steps(state, who, member)
        else:
            yield from self._go_on(state, who, member)

    def _group_steps(self, state: State, who: int, member: Member) -> Iterator[tuple[str, State]]:
        others = any(other.claim == _CURRENT for other in state.members)
        if member.claim != _CURRENT and (not others or state.faults):
            members = [one._replace(claim=_STALE) if one.claim == _CURRENT else one for one in state.members]
            members[who] = member._replace(claim=_CURRENT, position=state.committed, handled=0)
            label = f"is given the partition, from offset {state.committed} on"
            yield label, state._replace(members=tuple(members), faults=state.faults - others)
        if state.faults and member != Member():
            dead = _with(state, who, Member())
            yield "is killed", dead._replace(place=self._database.abort(state.place, who), faults=state.faults - 1)

    def _idle_steps(self, state: State, who: int, member: Member) -> Iterator[tuple[str, State]]:
        if member.claim != _NONE:
            for end in range(member.position + 1, len(state.log) + 1):
                step = self._database.enter(state.place, who, self._handling(state, range(member.position, end)))
                label = f"fetches {_names(state.log[member.position : end])}"
                busy = self._arrived(member._replace(position=end), step.node)
                yield label, _with(state._replace(place=step.place), who, busy)
                if self._mixes:
                    yield from self._mixed(state, who, member, range(member.position, end))
        if member.handled:
            yield self._commit(state, who, member)
        for label, node in self._chores(state):
            for words, following in self._go_on(state, who, member._replace(node=node)):
                yield f"{label}, {words}", following

    def _mixed(self, state: State, who: int, member: Member, offsets: range) -> Iterator[tuple[str, State]]:
        """Records and the replay of a letter, in one batch."""
        found = tuple((offset, state.log[offset]) for offset in offsets)
        records = [history.record(offset, "a", version) for offset, version in found]
        for key, row in self._letters(state):
            for first in (True, False):
                name = ("mixed", found, letter_id(key), first, state.is_mended)
                node = self._programs.start(name, _mixing(self._aggregates[state.is_mended], records, key, first))
                busy = member._replace(node=node, position=offsets.stop)
                for words, following in self._go_on(state, who, busy):
                    label = f"fetches {_names([version for _, version in found])} beside the letter of a{row[2]}"
                    yield f"{label}, {words}", following

    def _handling(self, state: State, offsets: range) -> int:
        found = tuple((offset, state.log[offset]) for offset in offsets)
        aggregate = self._aggregates[state.is_mended]
        records = [history.record(offset, "a", version) for offset, version in found]
        return self._programs.start(("handle", found, state.is_mended), lambda: service.handle(aggregate, records))

    def _chores(self, state: State) -> Iterator[tuple[str, int]]:
        """What else an idle process can be busy with: letters."""
        aggregate, mended = self._aggregates[state.is_mended], state.is_mended
        start = self._programs.start
        letters = self._letters(state)
        if any(row[3] in ("gap", "parked") and row[2] <= self._cursor(state)[0] + 1 for _, row in letters):
            yield "sweeps", start(("sweep", mended), lambda: service.sweep(aggregate))
        for id_, name in [(letter_id(key), f"the letter of a{row[2]}") for key, row in letters]:
            yield f"is told to replay {name}", start(("replay", id_, mended), _replaying(aggregate, id_))
            if self._discards:
                yield f"is told to discard {name}", start(("discard", id_), _discarding(id_))

    def _commit(self, state: State, who: int, member: Member) -> tuple[str, State]:
        node = self._programs.start(("commit", member.handled), lambda: service.commit(member.handled))
        question = self._programs.nodes[node].question
        after = member._replace(handled=0)
        if question is None:
            return "commits nothing", _with(state, who, after)
        if member.claim == _CURRENT:
            return f"commits offset {question.args[0]}", _with(state, who, after)._replace(committed=question.args[0])
        self._programs.next(node, service.FENCED)
        return "may not commit: the partition is another's", _with(state, who, Member())

    def _go_on(self, state: State, who: int, member: Member) -> Iterator[tuple[str, State]]:
        others = tuple(-1 if who == one else other.node for one, other in enumerate(state.members))
        for step in self._database.steps(state.place, who, member.node, others, can_fail=state.faults > 0):
            after = state._replace(place=step.place, faults=state.faults - step.is_fault)
            yield step.label, _with(after, who, self._arrived(member, step.node))

    def _arrived(self, member: Member, number: int) -> Member:
        node = self._programs.nodes[number]
        if node.question is None:
            handled = node.outcome if isinstance(node.outcome, int) and member.claim != _NONE else member.handled
            return member._replace(node=_IDLE, handled=handled)
        return member._replace(node=_IDLE if node.question.head is Head.LOOP else number)

    def _letters(self, state: State) -> list[tuple[Any, Any]]:
        return [(key, row) for key, row in self._database.table(state.place, "dead_letters") if row[4] is None]

    def _cursor(self, state: State) -> tuple[int, bool]:
        """Sequence handled last, and whether something is parked."""
        for _, (_, sequence, parked) in self._database.table(state.place, "inbox"):
            return sequence, parked
        return 0, False

    def _handled(self, state: State) -> list[int]:
        for _, (_, text) in self._database.table(state.place, "tallies"):
            return [self._ids[part] for part in text.split('"') if part in self._ids]
        return []

    def broken(self, state: State) -> str | None:
        """What must hold at every moment."""
        handled, letters = self._handled(state), self._database.table(state.place, "dead_letters")
        sequence, parked = self._cursor(state)
        if handled != sorted(set(handled)):
            return "every event takes effect once, in order"
        discarded = {row[2] for _, row in letters if row[4] == "discarded"}
        if set(range(1, sequence + 1)) - set(handled) - discarded:
            return "no event is passed over"
        if handled and handled[-1] > sequence:
            return "the cursor moves with the effect"
        if parked != any(row[4] is None for _, row in letters):
            return "a subject is parked while one of its letters waits, and no longer"
        kept = {key[3] for key, _ in letters}
        if any(state.log[offset] > sequence and offset not in kept for offset in range(state.committed)):
            return "offsets are committed of what was handled or kept"
        return None

    def is_done(self, state: State) -> bool:
        """Everything was handled, or discarded by an operator; nothing waits."""
        return self._cursor(state)[0] == self._last and not self._letters(state)


def _replaying(aggregate: Any, letter: str) -> Any:
    return lambda: service.replay(aggregate, letter)


def _mixing(aggregate: Any, records: Any, key: Any, first: bool) -> Any:
    return lambda: service.handle_and_replay(aggregate, records, letter_id(key), letter_first=first)


def _discarding(letter: str) -> Any:
    return lambda: service.discard(letter)


def _names(log: Sequence[int]) -> str:
    return ", ".join(f"a{version}" for version in log)


def _with(state: State, who: int, member: Member) -> State:
    members = list(state.members)
    members[who] = member
    return state._replace(members=tuple(members))
