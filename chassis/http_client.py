"""How a service calls others over HTTP now and then; ``chassis.busy_http_client`` is for those that do so all day."""

from typing import Any

import httpx
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor


class HttpClient(httpx.AsyncClient):
    """Passes on the current trace. Raises nothing but ``httpx.HTTPError`` for a connection that fails."""

    def __init__(self, **more: Any) -> None:
        """``more`` is what ``httpx.AsyncClient`` takes."""
        super().__init__(**more)
        HTTPXClientInstrumentor.instrument_client(self)

    async def send(self, request: httpx.Request, **more: Any) -> httpx.Response:
        """Send one request."""
        try:
            return await super().send(request, **more)
        except AttributeError as error:  # what anyio makes of a connection that is closed as soon as uvloop has made it
            raise httpx.ConnectError(str(error), request=request) from error
