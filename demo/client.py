"""The services' HTTP APIs as a careful client uses them."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from time import monotonic
from typing import Any

import httpx

from chassis.busy_http_client import BusyHttpClient
from stack.tokens import Staff, Tokens

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 1.0
PATIENCE = 60.0  # seconds that a service may be away: it can be killed and started again
PAGE = 100
AGAIN = (httpx.codes.BAD_GATEWAY, httpx.codes.SERVICE_UNAVAILABLE, httpx.codes.GATEWAY_TIMEOUT)
Json = dict[str, Any]


class Refused(Exception):
    """A service said no; ``code`` is that of its problem details."""

    def __init__(self, what: str, status: int, code: str, detail: str) -> None:
        super().__init__(f"{what}: {status} {code} {detail}")
        self.status = status
        self.code = code


class Away(Exception):
    """A service did not answer for ``PATIENCE`` seconds."""


class Api:
    """Speaks to every service in the name of somebody.

    What gets no answer, or is told to come back later, is repeated with the same ``Idempotency-Key``: whether the
    first try had taken effect or not, it takes effect once.
    """

    def __init__(self, http: BusyHttpClient, base_urls: Mapping[str, str], tokens: Tokens) -> None:
        self._http = http
        self._base_urls = base_urls
        self._tokens = tokens
        self._refused: Counter[tuple[Staff, str]] = Counter()

    async def get(self, staff: Staff, service: str, path: str, **query: Any) -> Json:
        """The document at ``path``. Raises ``Refused`` or ``Away``."""
        return await self._send(staff, service, "GET", path, params=query)

    async def list(self, staff: Staff, service: str, path: str, **query: Any) -> AsyncIterator[Json]:
        """Every item of a list, page by page."""
        cursor: str | None = None
        while True:
            page = await self.get(staff, service, path, limit=PAGE, **query, **({"cursor": cursor} if cursor else {}))
            for item in page["items"]:
                yield item
            cursor = page.get("next_cursor")
            if cursor is None:
                return

    async def post(self, staff: Staff, service: str, path: str, body: Json, key: str) -> Json:
        """Do something once; ``key`` names it among all that ``staff`` ever does. Raises ``Refused`` or ``Away``.

        A refusal is an answer, which the key would bring back: who tries again later tries under a new one.
        """
        tried = self._refused[staff, key]
        headers = {"Idempotency-Key": f"{key}/{tried}" if tried else key}
        try:
            return await self._send(staff, service, "POST", path, json=body, headers=headers)
        except Refused:
            self._refused[staff, key] += 1
            raise

    async def _send(
        self,
        staff: Staff,
        service: str,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> Json:
        url, until, pause = self._base_urls[service] + path, monotonic() + PATIENCE, FIRST_PAUSE
        signed = {"Authorization": f"Bearer {await self._tokens.of(staff)}", **(headers or {})}
        while True:
            answer = await self._try(method, url, headers=signed, **more)
            if answer is not None and answer.status_code not in AGAIN:
                return _read(answer, f"{method} {service}{path}")
            if monotonic() > until:
                raise Away(f"{service} did not answer {method} {path} for {PATIENCE:.0f} s")
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _try(self, method: str, url: str, **more: Any) -> httpx.Response | None:
        try:
            return await self._http.request(method, url, **more)
        except httpx.TransportError:
            return None


def _read(answer: httpx.Response, what: str) -> Json:
    document: Json = answer.json() if answer.content else {}
    if answer.is_success:
        return document
    raise Refused(what, answer.status_code, document.get("code", "?"), document.get("detail", ""))
