"""Whatever goes wrong with a call is said in httpx's words."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx
import pytest

from chassis.http_client import HttpClient


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
async def test_a_broken_answer_is_an_http_error(answer: bytes) -> None:
    async with answering(answer) as url, HttpClient(timeout=5) as http:
        with pytest.raises(httpx.HTTPError):
            await http.post(url, json={"a": 1})


async def test_nobody_there_is_a_transport_error() -> None:
    async with answering(b"") as url:
        pass
    async with HttpClient(timeout=5) as http:
        with pytest.raises(httpx.TransportError):
            await http.get(url)


async def test_a_silent_server_is_a_timeout() -> None:
    async def be_silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(3600)
        writer.close()

    async with await asyncio.start_server(be_silent, "127.0.0.1", 0) as server, HttpClient(timeout=0.05) as http:
        with pytest.raises(httpx.TimeoutException):
            await http.get(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
