"""Whatever goes wrong with a call is said in httpx's words."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx
import pytest

from chassis.busy_http_client import BusyHttpClient
from chassis.http_client import HttpClient

CLIENTS = pytest.mark.parametrize("client", [HttpClient, BusyHttpClient])


@asynccontextmanager
async def answering(answer: bytes) -> AsyncGenerator[str]:
    """The URL of a server that answers every connection with ``answer`` and closes it."""

    async def answer_it(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        writer.close()

    async with await asyncio.start_server(answer_it, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"rubbish\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nabcd",
    ],
)
@CLIENTS
async def test_a_broken_answer_is_an_http_error(client: type[httpx.AsyncClient], answer: bytes) -> None:
    async with answering(answer) as url, client(timeout=5) as http:
        with pytest.raises(httpx.HTTPError):
            await http.post(url, json={"a": 1})


@CLIENTS
async def test_nobody_there_is_a_transport_error(client: type[httpx.AsyncClient]) -> None:
    async with answering(b"") as url:
        pass
    async with client(timeout=5) as http:
        with pytest.raises(httpx.TransportError):
            await http.get(url)


@CLIENTS
async def test_a_silent_server_is_a_timeout(client: type[httpx.AsyncClient]) -> None:
    async def be_silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(3600)
        writer.close()

    async with await asyncio.start_server(be_silent, "127.0.0.1", 0) as server, client(timeout=0.05) as http:
        with pytest.raises(httpx.TimeoutException):
            await http.get(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")


async def test_a_connection_closed_as_soon_as_made_is_a_transport_error(monkeypatch: pytest.MonkeyPatch) -> None:
    async def closed_at_once(transport: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        raise AttributeError("'NoneType' object has no attribute 'getpeername'")

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", closed_at_once)
    async with HttpClient() as http:
        with pytest.raises(httpx.TransportError, match="getpeername"):
            await http.get("http://127.0.0.1:9/")
