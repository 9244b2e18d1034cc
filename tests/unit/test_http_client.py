"""A connection that is closed as soon as it was made is a failed call, not a defect."""

import httpx
import pytest

from chassis.http_client import HttpClient


async def test_a_connection_closed_as_soon_as_made_is_a_transport_error(monkeypatch: pytest.MonkeyPatch) -> None:
    async def closed_at_once(transport: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        raise AttributeError("'NoneType' object has no attribute 'getpeername'")

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", closed_at_once)
    async with HttpClient() as http:
        with pytest.raises(httpx.TransportError, match="getpeername"):
            await http.get("http://127.0.0.1:9/")
