"""A database in the hand: rows, transactions, row locks. READ COMMITTED, as PostgreSQL has it.

It is a value: whoever looks a step ahead takes a ``View``, which is thrown away or frozen into the next value.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

Key = tuple[Any, ...]
"""Table and primary key."""
Value = tuple[Any, ...]
Rows = tuple[tuple[Key, Value], ...]


class Transaction(NamedTuple):
    """What one session has written and locked, and not yet committed."""

    writes: Rows = ()
    locks: frozenset[Key] = frozenset()


class Blocked(Exception):
    """Somebody else holds the row; ``by`` says who."""

    def __init__(self, by: int) -> None:
        super().__init__(by)
        self.by = by


class View:
    """The database as session ``who`` sees it during one statement."""

    def __init__(self, rows: Rows, transactions: tuple[Transaction | None, ...], who: int) -> None:
        self._rows = rows
        self._committed = dict(rows)
        self._transactions = transactions
        self._who = who
        mine = transactions[who]
        self.is_open = mine is not None
        self._writes = dict(mine.writes) if mine else {}
        self._locks = set(mine.locks) if mine else set()
        self.is_visible = False
        """Whether the statement read, locked or wrote anything that was not this session's own already."""

    def copy(self) -> "View":
        """The same, to try the next statement on."""
        return View(self._rows, self.transactions(), self._who)

    def contents(self) -> dict[Key, Value]:
        """All rows that this session can see."""
        return self._committed | self._writes

    def get(self, key: Key) -> Value | None:
        """A row, or None."""
        self.is_visible |= key not in self._locks
        return self._writes.get(key, self._committed.get(key))

    def scan(self, table: str) -> Iterator[tuple[Key, Value]]:
        """All rows of a table, by key."""
        self.is_visible = True
        merged = self.contents()
        return ((key, merged[key]) for key in sorted(key for key in merged if key[0] == table))

    def lock(self, key: Key) -> None:
        """Take a row's lock. Raises Blocked."""
        for who, other in enumerate(self._transactions):
            if who != self._who and other and key in other.locks:
                raise Blocked(who)
        self.is_visible |= key not in self._locks
        self._locks.add(key)

    def put(self, key: Key, value: Value) -> None:
        """Write a row, new or old. Raises Blocked."""
        self.lock(key)
        self._writes[key] = value

    def begin(self) -> None:
        """Open a transaction."""
        self.is_open = True

    def commit(self) -> None:
        """Make everything visible, let go of the locks."""
        self._committed |= self._writes
        self._rows = tuple(sorted(self._committed.items()))
        self.roll_back()

    def roll_back(self) -> None:
        """Forget everything, let go of the locks."""
        self.is_open = False
        self._writes, self._locks = {}, set()

    def rows(self) -> Rows:
        """What is committed."""
        return self._rows

    def transactions(self) -> tuple[Transaction | None, ...]:
        """What is not."""
        mine = Transaction(tuple(sorted(self._writes.items())), frozenset(self._locks)) if self.is_open else None
        return (*self._transactions[: self._who], mine, *self._transactions[self._who + 1 :])
