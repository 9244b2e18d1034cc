"""One signed call of a partner's receiver (Standard Webhooks), to the very address that was checked.

The URL of the request holds the address; name, SNI and certificate are the host's. No redirect is followed, and of what
the receiver says only the status is kept.
"""

import asyncio
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import httpx
from standardwebhooks.webhooks import Webhook

from services.notify.callback_rules import Answer
from services.notify.outcomes import retry_after
from services.notify.webhook_target import BadTarget, Resolve, Target, Unresolved, Where, check, resolve

_MOST_ANSWER = 4096  # bytes that are read, so that the connection can serve again; more of it is cut off
_LONGEST_ASKED = timedelta(days=1)  # the failing subscription is disabled by then
_CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"


class Receiver:
    """Calls one partner's URL; keeps connections to it open, and shares them with nobody.

    ``timeout``: seconds for the whole call, the look-up of the name included. ``trust``: whose certificates are good.
    """

    def __init__(
        self, url: str, where: Where, timeout: float, trust: ssl.SSLContext, *, ask: Resolve = resolve
    ) -> None:
        self._url = url
        self._where = where
        self._timeout = timeout
        self._ask = ask
        # No proxy and no netrc out of the environment: they would go elsewhere than was checked.
        self._http = httpx.AsyncClient(verify=trust, trust_env=False, follow_redirects=False, timeout=timeout)

    async def aclose(self) -> None:
        """Close its connections."""
        await self._http.aclose()

    async def call(self, event_id: str, body: str, secrets: Sequence[str]) -> Answer:
        """Send one event, signed with every secret; says what came of it and raises nothing for that."""
        try:
            async with asyncio.timeout(self._timeout):
                target = await check(self._url, self._where, self._ask)
                return await self._send(target, body.encode(), signed(event_id, body, secrets, datetime.now(UTC)))
        except Unresolved:
            return Answer("connection")
        except BadTarget:
            return Answer("refused_target")
        except (httpx.TimeoutException, TimeoutError):
            return Answer("timeout")
        except (httpx.HTTPError, httpx.InvalidURL, OSError, AttributeError):  # AttributeError: see chassis.http_client
            return Answer("connection")

    async def _send(self, target: Target, body: bytes, headers: dict[str, str]) -> Answer:
        host = target.url.netloc.decode("ascii")
        for number, address in enumerate(target.addresses, 1):
            request = self._http.build_request(
                "POST",
                target.url.copy_with(host=address),
                content=body,
                headers={**headers, "Host": host, "Content-Type": _CONTENT_TYPE, "User-Agent": "qingcheng-notify"},
                extensions={"sni_hostname": target.host},
            )
            try:
                answer = await self._http.send(request, stream=True)
            except httpx.ConnectError:
                if number == len(target.addresses):
                    raise
                continue
            try:
                await _read_a_little(answer)
            finally:
                await answer.aclose()
            return answer_of(answer.status_code, answer.headers.get("Retry-After"), datetime.now(UTC))
        raise httpx.ConnectError("no address")


def signed(event_id: str, body: str, secrets: Sequence[str], now: datetime) -> dict[str, str]:
    """The three headers of Standard Webhooks, with a signature by each secret."""
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(Webhook(secret).sign(event_id, now, body) for secret in secrets),
    }


def answer_of(status: int, asked: str | None, now: datetime) -> Answer:
    """What a status means; ``asked`` is the header ``Retry-After``, seconds or a date."""
    if 200 <= status < 300:
        return Answer()
    if 300 <= status < 400:
        return Answer("redirect")
    failure = "rate_limited" if status == httpx.codes.TOO_MANY_REQUESTS else f"http_{status}"
    return Answer(failure, _pause(asked, now) if status in (429, 503) else None)


def _pause(header: str | None, now: datetime) -> timedelta | None:
    named = retry_after(header, now)
    return None if named is None else min(max(named - now, timedelta()), _LONGEST_ASKED)


async def _read_a_little(answer: httpx.Response) -> None:
    read = 0
    async for part in answer.aiter_raw():
        read += len(part)
        if read > _MOST_ANSWER:
            return
