"""Stands between the services and PostgreSQL, and cuts, mutes or forgets connections at the worst moment."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path
from urllib.parse import parse_qs, urlsplit, urlunsplit

_SOCKET = ".s.PGSQL.5432"
_CHUNK = 65536
_BEGIN, _COMMIT, _LISTEN = b"BEGIN;\0", b"COMMIT;\0", b"LISTEN"
_AWAY = (OSError, EOFError)


class Harm(Enum):
    """What is done to some connections at a moment of its own."""

    CUT_OPEN = auto()
    """The next ones that have a transaction open are cut."""
    LOSE_ANSWER = auto()
    """The next commits reach the server, but who asked for them never hears of it."""


@dataclass(eq=False)
class Line:
    """One connection. ``leads`` once it belongs to a relay that holds the lock."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    database: str = ""
    leads: bool = False
    in_transaction: bool = False
    passing: asyncio.Event = field(default_factory=asyncio.Event)
    """Whether answers reach the client; while they do not, they are kept."""
    kept: list[bytes] = field(default_factory=list)
    asked: bool = False
    """Whether something was asked since answers have been kept."""
    longest: int = 0
    """Bytes of the longest answer to that."""

    def keep_answers(self) -> None:
        """Let the client ask, and hear nothing until ``passing`` is set again."""
        self.asked, self.longest = False, 0
        self.passing.clear()

    def release(self) -> None:
        """Let the client hear what was kept, and everything from now on."""
        self.passing.set()
        self.hear(b"")

    def hear(self, answer: bytes) -> None:
        """Pass an answer on, or keep it."""
        if not self.passing.is_set():
            self.kept.append(answer)
            self.longest = max(self.longest, len(answer)) if self.asked else 0
        elif not self.client.is_closing():
            self.client.write(b"".join(self.kept) + answer)
            self.kept.clear()

    def cut(self) -> None:
        """End it for both sides at once."""
        self.passing.set()
        for writer in (self.client, self.server):
            writer.transport.abort()


@dataclass
class Proxy:
    """``pending``: how many connections are still to be harmed; ``done``: how many have been."""

    lines: set[Line] = field(default_factory=set)
    pending: Counter[Harm] = field(default_factory=Counter)
    done: Counter[Harm] = field(default_factory=Counter)

    def cut_all(self, database: str | None = None) -> int:
        """Cut every connection, or those to one database; returns how many there were."""
        chosen = [line for line in self.lines if database in (None, line.database)]
        for line in chosen:
            line.cut()
        return len(chosen)

    def leaders(self, database: str) -> set[Line]:
        """The lines of relays that hold the lock in a database, or have held it."""
        return {line for line in self.lines if line.leads and line.database == database}

    async def serve(self, line: Line, reader: asyncio.StreamReader, server: asyncio.StreamReader) -> None:
        """Pass bytes on until one side ends."""
        self.lines.add(line)
        line.passing.set()
        answers = asyncio.create_task(self._answers(line, server))
        try:
            while data := await reader.read(_CHUNK):
                if not await self._ask(line, data, answers, server):
                    break
        finally:
            answers.cancel()
            self.lines.discard(line)
            line.cut()

    async def _ask(self, line: Line, data: bytes, answers: "asyncio.Task[None]", server: asyncio.StreamReader) -> bool:
        """Pass one request on, or do to it what was asked for; False when the line has ended."""
        line.database = line.database or _database(data)
        line.leads = line.leads or _LISTEN in data
        line.asked = line.asked or not line.passing.is_set()
        if line.in_transaction and self._is_due(Harm.CUT_OPEN):
            return False
        line.in_transaction = _COMMIT not in data and (line.in_transaction or _BEGIN in data)
        if _COMMIT in data and self._is_due(Harm.LOSE_ANSWER):
            answers.cancel()
            with suppress(asyncio.CancelledError):
                await answers
            line.server.write(data)
            await server.read(_CHUNK)  # the server has committed and says so
            return False
        if line.server.is_closing():
            return False
        line.server.write(data)
        await line.server.drain()
        return True

    def _is_due(self, harm: Harm) -> bool:
        if not self.pending[harm]:
            return False
        self.pending[harm] -= 1
        self.done[harm] += 1
        return True

    async def _answers(self, line: Line, server: asyncio.StreamReader) -> None:
        with suppress(*_AWAY):
            while data := await server.read(_CHUNK):
                line.hear(data)
                await line.client.drain()
            await line.passing.wait()
            line.hear(b"")
            await line.client.drain()
        line.cut()


def _database(startup: bytes) -> str:
    """The database that a startup packet names; nothing for a request to encrypt or to cancel."""
    words = startup[8:].split(b"\0")
    return words[words.index(b"database") + 1].decode() if b"database" in words else ""


async def _connect(server_url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    parts = urlsplit(server_url)
    for host in parse_qs(parts.query).get("host", ()):
        return await asyncio.open_unix_connection(f"{host}/{_SOCKET}")
    return await asyncio.open_connection(parts.hostname, parts.port or 5432)


@asynccontextmanager
async def proxy_to(server_url: Callable[[], str], folder: Path) -> AsyncGenerator[tuple[Proxy, str]]:
    """A proxy to the server that ``server_url`` names at the time, and the URL that leads through it.

    Its socket lies in ``folder``, which must be there.
    """
    proxy = Proxy()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            answers, server_writer = await _connect(server_url())
        except OSError:
            writer.close()
            return
        # Cancelled only when the program is told to end; what asyncio says about that helps nobody.
        with suppress(*_AWAY, asyncio.CancelledError):
            await proxy.serve(Line(writer, server_writer), reader, answers)

    server = await asyncio.start_unix_server(connected, folder / _SOCKET)
    parts = urlsplit(server_url())
    login, _, _ = parts.netloc.rpartition("@")
    try:
        yield proxy, urlunsplit(parts._replace(netloc=f"{login}@", query=f"host={folder}"))
    finally:
        server.close()
        proxy.cut_all()
