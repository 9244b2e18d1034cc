"""What a call to the outside came to, when it came to no success: classified where it arises.

``Temporary`` is worth another attempt, ``Permanent`` is not.
"""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import httpx

NOT_NOW = frozenset(
    {
        HTTPStatus.UNAUTHORIZED,  # of our own token or role: whoever set it up can mend it, the message is not at fault
        HTTPStatus.FORBIDDEN,
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.CONFLICT,
        HTTPStatus.TOO_EARLY,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)
"""Answers about the client that say nothing against the message."""
_LONGEST_WAIT = 10**6  # seconds; a longer one would only overflow, and limit delivery_backoff_longest cuts it anyway


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


def check(answer: httpx.Response, now: datetime) -> None:
    """Return if the answer is a success; raise what it is otherwise."""
    if answer.is_success:
        return
    wait = retry_after(answer.headers.get("Retry-After"), now)
    if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        raise Temporary("rate_limited", wait)
    if answer.is_client_error and answer.status_code not in NOT_NOW:
        raise Permanent(f"refused_{answer.status_code}")
    raise Temporary(f"http_{answer.status_code}", wait)


def retry_after(value: str | None, now: datetime) -> datetime | None:
    """What ``Retry-After`` (RFC 9110: seconds, or a date) names; None if nothing that can be meant."""
    if value is None:
        return None
    if value.isascii() and value.strip().isdigit():
        return now + timedelta(seconds=min(int(value.strip()[:9]), _LONGEST_WAIT))  # Python refuses thousands of digits
    try:
        named = parsedate_to_datetime(value)
    except ValueError:
        return None
    return named if named.tzinfo else named.replace(tzinfo=UTC)
