"""Many clients in one process, each on a connection of its own, as cheap as can be: they share the processors."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlsplit

import httptools

Json = dict[str, Any]


class Failed(Exception):
    """A request that was not answered as it should."""


class Connection(asyncio.Protocol):
    """HTTP/1.1 over one connection, one request at a time."""

    def __init__(self) -> None:
        self._answer: asyncio.Future[bytes] | None = None
        self._body: list[bytes] = []
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is open."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Part of an answer."""
        self._parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """It was closed; whoever waits hears of it."""
        self._transport = None
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(Failed(f"connection lost: {exc}"))

    def on_body(self, body: bytes) -> None:
        """The parser has found a part of a body."""
        self._body.append(body)

    def on_message_complete(self) -> None:
        """The parser has come to the end of an answer."""
        answer, self._answer = self._answer, None
        body, self._body = b"".join(self._body), []
        if answer is not None and not answer.done():
            answer.set_result(body)

    @property
    def is_open(self) -> bool:
        """Whether neither side has ended it, as far as is known here."""
        return self._transport is not None and not self._transport.is_closing()

    async def ask(self, method: str, path: str, body: Json | None, headers: Mapping[str, str]) -> Json:
        """Send a request and return the answer's body. Raises ``Failed`` unless it is a success."""
        if self._transport is None:
            raise Failed("not connected")
        content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        head = [f"{method} {path} HTTP/1.1", "host: bench", f"content-length: {len(content)}"]
        head += ["content-type: application/json", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write("\r\n".join(head).encode() + content)
        answered = await self._answer
        if self._parser.get_status_code() >= 300:
            raise Failed(f"{method} {path}: {self._parser.get_status_code()} {answered.decode(errors='replace')}")
        found: Json = json.loads(answered)
        return found

    def close(self) -> None:
        """End it."""
        if self._transport is not None:
            self._transport.close()


async def connect(url: str) -> Connection:
    """A connection to the server at ``url``."""
    host, _, port = urlsplit(url).netloc.partition(":")
    _, connection = await asyncio.get_running_loop().create_connection(Connection, host, int(port))
    return connection
