"""回调重试 — when a callback that was not taken is tried again, and when it is given up. Pure.

Rules: domain.md, Delivery and Subscription: retry on network error, 5xx and 429; anything else that is no success ends
at once. What fails together with everything else is the receiver's outage, and nothing is given up for that: a whole
day of it disables the subscription (``subscription.py``).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.notify.growing_wait import grown

RETRIED = frozenset({"timeout", "connection", "refused_target", "rate_limited"})
"""Failures besides ``http_5xx`` that another attempt may mend; a name can point elsewhere tomorrow."""


class Outcome(StrEnum):
    """What becomes of a callback after an attempt."""

    DELIVERED = "delivered"  # 已送达
    FAILED = "failed"  # 失败
    WAITING = "waiting"  # 等待重试


@dataclass(frozen=True, slots=True)
class Answer:
    """What an attempt showed. ``failure`` is None for a success; ``retry_after`` is what the receiver asked for."""

    failure: str | None = None
    retry_after: timedelta | None = None

    @property
    def is_gone(self) -> bool:
        """The receiver does not want to be called any more (Standard Webhooks)."""
        return self.failure == "http_410"


@dataclass(frozen=True, slots=True)
class Pace:
    """Limits ``callback_backoff`` and ``callback_backoff_most``, their ratio, counts ``…_attempts``, ``…_trouble``."""

    first: timedelta
    factor: float
    longest: timedelta
    attempts: int
    trouble: int

    def wait(self, failures: int) -> timedelta:
        """How long to wait after so many failures in a row."""
        return grown(self.first, self.factor, failures - 1, self.longest)


@dataclass(frozen=True, slots=True)
class Health:
    """How the receiver has been doing: failures in a row, since when and with what; and its last success."""

    failures: int = 0
    failing_since: datetime | None = None
    failure: str | None = None
    last_success: datetime | None = None

    def after(self, answer: Answer, now: datetime) -> "Health":
        """The same with one more answer."""
        if answer.failure is None:
            return Health(last_success=now)
        return Health(self.failures + 1, self.failing_since or now, answer.failure, self.last_success)


@dataclass(frozen=True, slots=True)
class Next:
    """What becomes of a callback, and when it is tried again if it is."""

    outcome: Outcome
    retry_at: datetime | None = None


def judge(
    answer: Answer, attempts: int, first_attempt_at: datetime, last_success: datetime | None, now: datetime, pace: Pace
) -> Next:
    """What becomes of a callback after its attempt number ``attempts``; ``last_success`` is the receiver's."""
    if answer.failure is None:
        return Next(Outcome.DELIVERED)
    if not (answer.is_gone or answer.failure in RETRIED or answer.failure.startswith("http_5")):
        return Next(Outcome.FAILED)
    takes_others = last_success is not None and last_success > first_attempt_at
    if attempts >= pace.attempts and takes_others:
        return Next(Outcome.FAILED)
    wait = pace.wait(attempts)
    return Next(Outcome.WAITING, now + max(wait, answer.retry_after or wait))
