"""How a service calls others over HTTP that does so all day."""

from typing import Any

import aiohttp
import httpx
from httpx_aiohttp import HttpxAiohttpClient
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.propagate import inject

from chassis import telemetry


class BusyHttpClient(HttpxAiohttpClient):
    """httpx over the connections of aiohttp: two fifths of the processor time that its own take, for 12 MB of memory.

    Passes on the current trace. Raises nothing but ``httpx.HTTPError`` for a call that fails.
    """

    def __init__(self, **more: Any) -> None:
        """``more`` is what ``httpx.AsyncClient`` takes."""
        super().__init__(**more)
        if telemetry.keeps_spans():
            HTTPXClientInstrumentor.instrument_client(self)

    async def send(self, request: httpx.Request, **more: Any) -> httpx.Response:
        """Send one request."""
        if not telemetry.keeps_spans():  # a span that is thrown away costs more than the header it is for
            inject(request.headers)
        try:
            return await super().send(request, **more)
        except aiohttp.ClientError as error:  # those that the transport does not name in httpx's words
            raise httpx.RemoteProtocolError(str(error), request=request) from error
