"""Ways out of the house: what each takes, and the generic signed HTTP provider of text messages 短信.

How a provider (or the adapter before one) has to behave is in ``docs/sms-gateway.md``.
"""

import asyncio
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

import httpx

from services.notify.outcomes import Temporary, check

SIGNATURE = "Qingcheng-Signature"
TIMESTAMP = "Qingcheng-Timestamp"
TOLERANCE = 300  # seconds that the clocks of two houses may differ; the same as Standard Webhooks says


@dataclass(frozen=True, slots=True)
class Message:
    """A text for one person. ``key``: the same for every repetition, so that it is sent once.

    ``subject``: of a mail; None: the city's usual one.
    """

    key: str
    to: str
    template: str
    text: str
    subject: str | None = None


class Gateway(Protocol):
    """A way out."""

    receipts: bool
    """Whether it says later, by a receipt, what became of a message."""

    async def send(self, message: Message) -> None:
        """Return when the other side has taken the message; raise ``Temporary`` or ``Permanent`` otherwise."""


def sign(secret: bytes, key: str, timestamp: str, body: bytes) -> str:
    """``v1=`` and the HMAC-SHA256 over key, timestamp and body, with dots between them."""
    signed = key.encode() + b"." + timestamp.encode() + b"." + body
    return f"v1={hmac.new(secret, signed, hashlib.sha256).hexdigest()}"


def is_signed(secret: bytes, key: str, timestamp: str, body: bytes, signature: str, now: datetime) -> bool:
    """Whether one of the signatures (there may be several, one per secret, with blanks between) is right and fresh."""
    if not (timestamp.isascii() and timestamp.isdecimal()) or abs(int(timestamp) - now.timestamp()) > TOLERANCE:
        return False
    expected = sign(secret, key, timestamp, body).encode()
    return any(hmac.compare_digest(expected, given.encode()) for given in signature.split())


class HttpGateway:
    """Sends one message per key, however often it is asked to."""

    def __init__(
        self, http: httpx.AsyncClient, url: str, secret: bytes | None, timeout: float, *, receipts: bool
    ) -> None:
        """``timeout``: seconds for the whole call. Without a ``secret`` nothing is signed."""
        self.receipts = receipts
        self._http = http
        self._url = url.rstrip("/")
        self._secret = secret
        self._timeout = timeout

    async def send(self, message: Message) -> None:
        """Return when the gateway has taken the message."""
        content = {"to": message.to, "template": message.template, "text": message.text}
        body = json.dumps(content, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json", "Idempotency-Key": message.key}
        now = datetime.now(UTC)
        if self._secret is not None:
            headers[TIMESTAMP] = f"{now.timestamp():.0f}"
            headers[SIGNATURE] = sign(self._secret, message.key, headers[TIMESTAMP], body)
        try:
            async with asyncio.timeout(self._timeout):
                answer = await self._http.post(f"{self._url}/messages", content=body, headers=headers)
        except (httpx.TimeoutException, TimeoutError):
            raise Temporary("timeout") from None
        except httpx.TransportError:
            raise Temporary("connection") from None
        except httpx.HTTPError:
            raise Temporary("bad_answer") from None
        check(answer, now)
