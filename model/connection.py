"""What stands where asyncpg's pool and connection stand: every statement becomes a question."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from chassis.writes import Writes
from model.program import COMMIT, DESK, Failure, Head

LOST = Failure(lambda: asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"))
DEADLOCK = Failure(lambda: asyncpg.DeadlockDetectedError("deadlock detected"))
TAKEN = Failure(lambda: asyncpg.UniqueViolationError("duplicate key value"), is_forgotten=False)
BEGIN, ROLLBACK, CONNECT, CLOSE = "BEGIN", "ROLLBACK", "CONNECT", "CLOSE"


class Row(tuple[Any, ...]):
    """A row of an answer: by place or, like asyncpg's records, by name."""

    names: Sequence[str]

    @classmethod
    def of(cls, **columns: Any) -> "Row":
        """A row with these columns."""
        row = cls(columns.values())
        row.names = tuple(columns)
        return row

    def __getitem__(self, place: Any) -> Any:
        return super().__getitem__(self.names.index(place) if isinstance(place, str) else place)


class Connection:
    """One session."""

    rewrite: Callable[[str], str] = staticmethod(lambda sql: sql)
    """What becomes of a statement on its way; a rule that lives in SQL is removed here."""
    heads: Mapping[str, Head] = {}
    """Statements, by how they begin, with which loops begin."""

    def __init__(self) -> None:
        self._desk = DESK.get()
        self._is_lost = False

    async def _ask(self, sql: str, *args: Any) -> Any:
        text = type(self).rewrite(" ".join(sql.split()))
        head = next((head for beginning, head in type(self).heads.items() if text.startswith(beginning)), None)
        try:
            return await self._desk.ask(text, *args, head=head)
        except asyncpg.ConnectionDoesNotExistError:
            self._is_lost = True
            raise

    async def fetch(self, sql: str, *args: Any) -> list[Row]:
        """All rows."""
        return list(await self._ask(sql, *args))

    async def fetchrow(self, sql: str, *args: Any) -> Row | None:
        """The first row."""
        return next(iter(await self._ask(sql, *args)), None)

    async def fetchval(self, sql: str, *args: Any) -> Any:
        """The first column of the first row."""
        row = await self.fetchrow(sql, *args)
        return row[0] if row else None

    async def execute(self, sql: str, *args: Any) -> str:
        """The status of a statement."""
        return str(await self._ask(sql, *args))

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """Commits, or rolls back what raised."""
        await self._ask(BEGIN)
        try:
            yield
        except Exception:
            if not self._is_lost:
                await self._ask(ROLLBACK)
            raise
        await self._ask(COMMIT)

    async def add_listener(self, _channel: str, _callback: Callable[..., None]) -> None:
        """Nobody is woken here: the net below, looking again and again, has to be enough."""

    def add_termination_listener(self, _callback: Callable[..., None]) -> None:
        """The same."""

    async def close(self, **_options: float) -> None:
        """End the session, and its locks."""
        if not self._is_lost:
            await self._desk.ask(CLOSE)


async def connect(_dsn: str, **_options: Any) -> Connection:
    """In place of ``asyncpg.connect``."""
    connection = Connection()
    await connection._desk.ask(CONNECT, head=Head.LOOP)
    return connection


async def one_by_one(writes: Writes, connection: Connection) -> None:
    """In place of ``Writes.run``: what may happen between its parts, too."""
    for part in writes.parts:
        touched = int((await connection.execute(part.sql, *part.values)).rpartition(" ")[2])
        part.check(touched)
        if part.keep:  # positions and epochs, which nobody looks at here
            part.keep[1].extend([(0, 0)] * touched)


class Pool:
    """In place of asyncpg's pool: every task has a connection of its own."""

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[Connection]:
        """Lend a connection."""
        yield Connection()

    async def fetch(self, sql: str, *args: Any) -> list[Row]:
        """All rows, outside any transaction."""
        return await Connection().fetch(sql, *args)

    async def fetchrow(self, sql: str, *args: Any) -> Row | None:
        """The first row, outside any transaction."""
        return await Connection().fetchrow(sql, *args)
