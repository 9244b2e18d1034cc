"""The token by which one service calls another (OAuth 2 client credentials)."""

import asyncio
import time
from collections.abc import AsyncGenerator

import httpx
from pydantic import BaseModel, SecretStr

from chassis.oidc import discover


class _Grant(BaseModel):
    access_token: str
    expires_in: float


class ServiceToken(httpx.Auth):
    """Gives requests a bearer token: ``httpx.AsyncClient(auth=ServiceToken(...))``.

    The token is renewed shortly before it expires, and once more if it is refused. While the issuer is away the
    present token serves to its end. Getting one raises what httpx raises, like the call that it is for.
    """

    def __init__(self, issuer: str, client_id: str, client_secret: SecretStr, client: httpx.AsyncClient) -> None:
        """``client`` talks to the issuer and must not itself use this token."""
        self._issuer = issuer
        self._credentials = {"client_id": client_id, "client_secret": client_secret.get_secret_value()}
        self._client = client
        self._lock = asyncio.Lock()
        self._token = ""
        self._renew_at = self._expires_at = 0.0

    async def value(self) -> str:
        """A token that is valid now; raises ``httpx.HTTPError`` if none can be had."""
        async with self._lock:
            if time.monotonic() >= self._renew_at:
                await self._renew()
            return self._token

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Add the token; on 401 get another one and try once more."""
        token = await self.value()
        request.headers["Authorization"] = f"Bearer {token}"
        response = yield request
        if response.status_code == 401:
            if token == self._token:
                self._renew_at = self._expires_at = 0.0
            request.headers["Authorization"] = f"Bearer {await self.value()}"
            yield request

    async def _renew(self) -> None:
        try:
            grant = await self._ask()
        except httpx.HTTPError:
            if time.monotonic() >= self._expires_at:
                raise
            return
        margin = min(30.0, grant.expires_in / 5)
        self._token = grant.access_token
        self._expires_at = time.monotonic() + grant.expires_in
        self._renew_at = self._expires_at - margin

    async def _ask(self) -> _Grant:
        form = {"grant_type": "client_credentials", **self._credentials}
        try:
            found = await discover(self._client, self._issuer)
            answer = await self._client.post(found.token_endpoint, data=form)
            return _Grant.model_validate_json(answer.raise_for_status().content)
        except ValueError:  # one family of errors for callers: the answer was none of an issuer's
            raise httpx.DecodingError("the issuer's answer is not understood") from None
