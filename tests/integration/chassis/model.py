"""What the sample's aggregates and the inbox ought to be, in memory: lists of what happened, and nothing else."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime

from tests.integration.chassis.sample import Accept, Break, Check, Close, Command, FollowUp, Register, Ring

Answer = tuple[object, ...]
"""What whoever asked is told: ("written", (version, follow-ups, overdue, closed), …) or why nothing was written."""
Entry = tuple[str, str]
"""Which issue, and the type of what happened to it."""

REUSED: Answer = ("rejected", "idempotency.key_reused")
DEFECT: Answer = ("defect",)
DATA: Answer = ("data",)


@dataclass(frozen=True)
class Ask:
    """Commands that stand or fall together. ``due_at`` is that of a deadline which rings."""

    commands: tuple[tuple[str, Command], ...]
    expected: int | None = None
    due_at: datetime | None = None

    @property
    def body(self) -> str:
        """The same for the same request only."""
        return repr(self)


@dataclass
class Issues:
    """What happened to each issue, in order, and the timers that were set."""

    histories: dict[str, list[str]] = field(default_factory=dict)
    timers: dict[str, datetime] = field(default_factory=dict)

    def copy(self) -> "Issues":
        """As it is now."""
        return deepcopy(self)

    def ask(self, ask: Ask) -> tuple[Answer, list[Entry]]:
        """Do what is asked, all of it or nothing: the answer, and what happened."""
        after, told, entries = self.copy(), [], list[Entry]()
        for place, (issue, command) in enumerate(ask.commands):
            history = after.histories.setdefault(issue, [])
            if place == 0 and ask.expected not in (None, len(history)):
                return ("stale", len(history)), []
            found = after._decide(issue, command, ask.due_at)
            if not isinstance(found, str):
                return found, []
            history.extend([found] if found else [])
            entries.extend([(issue, found)] if found else [])
            told.append(after.shown(issue))
        self.histories, self.timers = after.histories, after.timers
        return ("written", *told), entries

    def shown(self, issue: str) -> tuple[int, int, int, bool]:
        """What an answer tells of an issue."""
        history = self.histories.get(issue, [])
        return len(history), history.count("followed_up"), history.count("step_overdue"), "closed" in history

    def _decide(self, issue: str, command: Command, due_at: datetime | None) -> str | Answer:
        history = self.histories[issue]
        match command:
            case Ring():
                return "step_overdue" if due_at is not None and self._stop(issue, due_at) else ""
            case Break():
                return DEFECT
            case Register(due) if not history:
                self.timers[issue] = due
                return "registered"
            case Register():
                return ""
            case _ if not history:
                return "rejected", "issue.unknown"
            case _ if "closed" in history:
                return "rejected", "issue.closed"
            case FollowUp(str()):
                return DATA
            case FollowUp():
                return "followed_up"
            case Accept():
                return "accepted"
            case Close():
                self.timers.pop(issue, None)
                return "closed"
            case Check():
                return ""

    def _stop(self, issue: str, due_at: datetime) -> bool:
        if self.timers.get(issue) != due_at:
            return False
        del self.timers[issue]
        return True


@dataclass
class Subjects:
    """Which events of each subject have come, which of them are poison, and which poison was given up."""

    poison: Mapping[str, int]
    delivered: dict[str, set[int]] = field(default_factory=dict)
    discarded: set[str] = field(default_factory=set)

    def handled(self, subject: str) -> int:
        """Up to which sequence it is handled: as far as there is no gap and no poison."""
        sequence = 0
        while sequence + 1 in self.delivered.get(subject, ()):
            if sequence + 1 == self.poison.get(subject) and subject not in self.discarded:
                break
            sequence += 1
        return sequence

    def waiting(self, subject: str) -> set[int]:
        """What is set aside."""
        return {sequence for sequence in self.delivered.get(subject, ()) if sequence > self.handled(subject)}

    def counted(self, subject: str) -> Sequence[int]:
        """The events that were counted, in order: the first one opens, poison has no effect."""
        return [n for n in range(2, self.handled(subject) + 1) if n != self.poison.get(subject)]
