"""How services call others over HTTP."""

from typing import Any

import httpx


class HttpClient(httpx.AsyncClient):
    """Raises nothing but ``httpx.HTTPError`` for a connection that fails."""

    async def send(self, request: httpx.Request, **more: Any) -> httpx.Response:
        """Send one request."""
        try:
            return await super().send(request, **more)
        except AttributeError as error:  # what anyio makes of a connection that is closed as soon as uvloop has made it
            raise httpx.ConnectError(str(error), request=request) from error
