"""回访链接: one-time tokens by which a caller answers a call-back in a browser.

A token is an HMAC of the message that carries it, so that a repeated attempt says the same; what is kept is its
digest, which leads back to none, and until the message has ended its text, encrypted. It is good for one answer (a
call-back is recorded once) and for a limited time.
"""

import base64
import hashlib
import hmac
import re
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from asyncpg.pool import Pool

_TOKEN_BYTES = 24  # 192 bits: nobody guesses one, and a link still fits into a message
_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")
_MOST_ADDRESSES = 10_000


@dataclass(frozen=True, slots=True)
class Found:
    """What a token stands for."""

    revisit_id: str
    expires_at: datetime


class SurveyLinks:
    """Makes links and finds what they stand for."""

    def __init__(self, pool: Pool, page: str, key: bytes, expiry: Callable[[datetime], datetime]) -> None:
        """``page``: URL of the survey page. ``expiry``: until when a link is good that is made at an instant."""
        self._pool = pool
        self._page = page
        self._key = key
        self._expiry = expiry

    async def link(self, delivery_id: str, issue_id: str, appeal_id: str, now: datetime) -> str:
        """The link that this message carries, the same at every attempt; its time begins with the first.

        It stands for the caller's latest call-back, which was opened together with the message.
        """
        digest = hmac.digest(self._key, f"survey/{delivery_id}".encode(), "sha256")
        token = base64.urlsafe_b64encode(digest[:_TOKEN_BYTES]).decode()
        await self._pool.execute(
            """
            INSERT INTO survey_links (digest, revisit_id, expires_at)
            SELECT $1, id, $4 FROM revisits WHERE state->>'issue_id' = $2 AND state->>'appeal_id' = $3
            ORDER BY notify_instant(state->>'due') DESC LIMIT 1
            ON CONFLICT DO NOTHING
            """,
            *(_digest(token), issue_id, appeal_id, self._expiry(now)),
        )
        # In the query, which neither logs nor spans keep; a path would be in both.
        return f"{self._page}?t={token}"

    async def find(self, token: str) -> Found | None:
        """What a token stands for; None for one that was never given out."""
        if not _TOKEN.fullmatch(token):
            return None
        row = await self._pool.fetchrow(
            "SELECT revisit_id::text, expires_at FROM survey_links WHERE digest = $1", _digest(token)
        )
        return None if row is None else Found(row["revisit_id"], row["expires_at"])


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


class Guesses:
    """How many wrong tokens came from an address lately, kept in this process only and never logged.

    Beyond ``most`` within ``window`` an address is not looked up any more, so that it learns nothing.
    """

    def __init__(self, most: int, window: timedelta) -> None:
        self._most = most
        self._window = window
        self._wrong: OrderedDict[str, deque[datetime]] = OrderedDict()

    def wait(self, address: str, now: datetime) -> int:
        """Seconds until the address may try again; 0: it may."""
        times = self._wrong.get(address, deque())
        while times and times[0] <= now - self._window:
            times.popleft()
        if len(times) < self._most:
            return 0
        return int((times[0] + self._window - now).total_seconds()) + 1

    def wrong(self, address: str, now: datetime) -> None:
        """Note a wrong token."""
        times = self._wrong.setdefault(address, deque(maxlen=self._most))
        times.append(now)
        self._wrong.move_to_end(address)
        if len(self._wrong) > _MOST_ADDRESSES:
            self._wrong.popitem(last=False)
