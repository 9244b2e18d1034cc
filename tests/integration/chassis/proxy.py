"""Stands between a process and PostgreSQL, and can cut the line at the worst moment."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit, urlunsplit

_NAME = ".s.PGSQL.5432"
_COMMIT = b"COMMIT;\0"


class Proxy:
    """Passes bytes on. ``lose_answers`` of the next commits reach the server, but their answer is never heard."""

    def __init__(self, connect: Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]) -> None:
        self._connect = connect
        self.lose_answers = 0
        self.lost = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        server_reader, server_writer = await self._connect()
        answers = asyncio.create_task(_copy(server_reader, writer))
        try:
            while data := await reader.read(65536):
                if _COMMIT in data and self.lose_answers:
                    self.lose_answers -= 1
                    answers.cancel()
                    await asyncio.wait([answers])
                    server_writer.write(data)
                    await server_reader.read(65536)  # the server has committed and says so
                    self.lost += 1
                    return
                server_writer.write(data)
        finally:
            answers.cancel()
            server_writer.close()
            writer.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
    writer.close()


@asynccontextmanager
async def proxy_to(url: str, folder: Path) -> AsyncGenerator[tuple[Proxy, str]]:
    """A proxy to the server of ``url`` and the URL that leads through it; its socket lies in ``folder``."""
    parts = urlsplit(url)
    host = parse_qs(parts.query).get("host", [""])[0]

    async def connect() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if host:
            return await asyncio.open_unix_connection(f"{host}/{_NAME}")
        return await asyncio.open_connection(parts.hostname, parts.port or 5432)

    proxy = Proxy(connect)
    server = await asyncio.start_unix_server(proxy.serve, folder / _NAME)
    login, _, _ = parts.netloc.rpartition("@")
    try:
        yield proxy, urlunsplit(parts._replace(netloc=f"{login}@", query=f"host={folder}"))
    finally:
        server.close()
