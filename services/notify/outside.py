"""The two calls that a sender makes: intake for the contact, the SMS gateway for the message.

Each outcome that is no success is classified here, where it arises: ``Temporary`` is worth another attempt,
``Permanent`` is not. Telephone numbers pass through and are neither kept nor logged.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

_LONGEST_WAIT = 10**6  # seconds; a longer one would only overflow, and limit delivery_backoff_longest cuts it anyway
_NOT_NOW = frozenset(
    {
        HTTPStatus.UNAUTHORIZED,  # of our own token or role: whoever set it up can mend it, the message is not at fault
        HTTPStatus.FORBIDDEN,
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.CONFLICT,
        HTTPStatus.TOO_EARLY,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)


class Temporary(Exception):
    """暂时失败; ``failure`` is the code that is recorded. ``not_before``: the other side has named a time."""

    def __init__(self, failure: str, not_before: datetime | None = None) -> None:
        super().__init__(failure)
        self.failure = failure
        self.not_before = not_before


class Permanent(Exception):
    """永久失败; ``failure`` is the code that is recorded."""

    def __init__(self, failure: str) -> None:
        super().__init__(failure)
        self.failure = failure


class _Contact(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    phone: str | None


class Contacts:
    """Asks intake for a caller's telephone number; every answer is an audited event there."""

    def __init__(self, http: httpx.AsyncClient, auth: httpx.Auth, intake_url: str, timeout: float) -> None:
        """``timeout``: seconds for the whole call."""
        self._http = http
        self._auth = auth
        self._url = intake_url.rstrip("/")
        self._timeout = timeout

    async def phone(self, issue_id: str, appeal_id: str, *, key: str) -> str:
        """The number to send to. ``key`` makes a repeated question the same one."""
        try:
            async with asyncio.timeout(self._timeout):
                answer = await self._http.post(
                    f"{self._url}/v1/issues/{issue_id}/appeals/{appeal_id}/reveal",
                    json={"purpose": "message"},
                    headers={"Idempotency-Key": key},
                    auth=self._auth,
                )
        except (httpx.HTTPError, TimeoutError):
            raise Temporary("contact_unavailable") from None
        if answer.is_client_error and answer.status_code not in _NOT_NOW:
            raise Permanent("contact_refused")
        try:
            contact = _Contact.model_validate_json(answer.content) if answer.is_success else None
        except ValidationError:
            contact = None
        if contact is None:
            raise Temporary("contact_unavailable")
        if not contact.phone:
            raise Permanent("no_phone")
        return contact.phone


class SmsGateway:
    """Sends one message per key, however often it is asked to."""

    def __init__(self, http: httpx.AsyncClient, url: str, timeout: float) -> None:
        """``timeout``: seconds for the whole call."""
        self._http = http
        self._url = url.rstrip("/")
        self._timeout = timeout

    async def send(self, *, key: str, to: str, template: str, text: str) -> None:
        """Return when the gateway has taken the message."""
        try:
            async with asyncio.timeout(self._timeout):
                answer = await self._http.post(
                    f"{self._url}/messages",
                    json={"to": to, "template": template, "text": text},
                    headers={"Idempotency-Key": key},
                )
        except (httpx.TimeoutException, TimeoutError):
            raise Temporary("timeout") from None
        except httpx.TransportError:
            raise Temporary("connection") from None
        except httpx.HTTPError:
            raise Temporary("bad_answer") from None
        if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            raise Temporary("rate_limited", retry_after(answer.headers.get("Retry-After"), datetime.now(UTC)))
        if answer.is_client_error and answer.status_code not in _NOT_NOW:
            raise Permanent(f"refused_{answer.status_code}")
        if not answer.is_success:
            wait = retry_after(answer.headers.get("Retry-After"), datetime.now(UTC))
            raise Temporary(f"http_{answer.status_code}", wait)


def retry_after(value: str | None, now: datetime) -> datetime | None:
    """What ``Retry-After`` (RFC 9110: seconds, or a date) names; None if nothing that can be meant."""
    if value is None:
        return None
    if value.strip().isdecimal():
        return now + timedelta(seconds=min(int(value), _LONGEST_WAIT))
    try:
        named = parsedate_to_datetime(value)
    except ValueError:
        return None
    return named if named.tzinfo else named.replace(tzinfo=UTC)
