"""Connections of the benchmark's people."""

import asyncio

from bench.lifecycle import Connections
from tests.polling import eventually

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"


async def test_a_connection_that_the_service_has_closed_is_not_used_again() -> None:
    opened: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opened.append(writer)
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(ANSWER)

    async with await asyncio.start_server(serve, "127.0.0.1") as server:
        host, port = server.sockets[0].getsockname()
        connections = Connections(f"http://{host}:{port}")
        for used in (1, 1):
            async with connections.one() as connection:
                assert await connection.ask("GET", "/", None, {}) == {}
            assert len(opened) == used
        opened[0].close()
        await eventually(lambda: not connection.is_open)
        async with connections.one() as connection:
            assert await connection.ask("GET", "/", None, {}) == {}
        assert len(opened) == 2
        connections.close()
