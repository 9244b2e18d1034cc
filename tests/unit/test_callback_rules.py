"""Every row of domain.md's Subscription about attempts."""

from datetime import UTC, datetime, timedelta

import pytest

from services.notify.callback_rules import Answer, Health, Next, Outcome, Pace, judge
from services.notify.webhook_call import answer_of

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
PACE = Pace(timedelta(seconds=6), 2.0, timedelta(minutes=5), attempts=10, trouble=5)
BEFORE, SINCE = NOW - timedelta(hours=2), NOW - timedelta(hours=1)
DELIVERED, FAILED = Next(Outcome.DELIVERED), Next(Outcome.FAILED)


def again(**wait: float) -> Next:
    return Next(Outcome.WAITING, NOW + timedelta(**wait))


ROWS: list[tuple[str, Answer, int, datetime | None, Next]] = [
    ("taken", Answer(), 1, None, DELIVERED),
    ("taken at last", Answer(), 99, NOW, DELIVERED),
    ("network error: again", Answer("connection"), 1, None, again(seconds=6)),
    ("time-out: again", Answer("timeout"), 1, None, again(seconds=6)),
    ("5xx: again", Answer("http_503"), 1, None, again(seconds=6)),
    ("429: again", Answer("rate_limited"), 1, None, again(seconds=6)),
    ("429: when it is asked for", Answer("rate_limited", timedelta(minutes=7)), 1, None, again(minutes=7)),
    ("429: never sooner than our own wait", Answer("rate_limited", timedelta()), 3, None, again(seconds=24)),
    ("its name points inside: again, it may be mended", Answer("refused_target"), 1, None, again(seconds=6)),
    ("the wait doubles", Answer("timeout"), 4, None, again(seconds=48)),
    ("the wait is bounded", Answer("timeout"), 9, None, again(minutes=5)),
    ("other 4xx: failed at once", Answer("http_400"), 1, None, FAILED),
    ("not found: failed at once", Answer("http_404"), 1, NOW, FAILED),
    ("a redirect is not followed: failed at once", Answer("redirect"), 1, None, FAILED),
    ("410: waits, the subscription is disabled", Answer("http_410"), 1, None, again(seconds=6)),
    ("it alone fails: given up", Answer("http_500"), 10, NOW, FAILED),
    ("it alone fails: not before", Answer("http_500"), 9, NOW, again(minutes=5)),
    ("everything fails: never given up", Answer("http_500"), 10, BEFORE, again(minutes=5)),
    ("everything fails, however long", Answer("timeout"), 5000, None, again(minutes=5)),
]


@pytest.mark.parametrize(
    ("answer", "attempts", "last_success", "then"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_what_becomes_of_a_callback(answer: Answer, attempts: int, last_success: datetime | None, then: Next) -> None:
    assert judge(answer, attempts, SINCE, last_success, NOW, PACE) == then


def test_failures_in_a_row_count_until_one_is_taken() -> None:
    health = Health(last_success=BEFORE)
    health = health.after(Answer("timeout"), SINCE)
    health = health.after(Answer("http_500"), NOW)
    assert health == Health(2, SINCE, "http_500", BEFORE)
    assert health.after(Answer(), NOW) == Health(last_success=NOW)


STATUSES: list[tuple[int, str | None, Answer]] = [
    (200, None, Answer()),
    (204, None, Answer()),
    (202, "5", Answer()),
    (301, None, Answer("redirect")),
    (307, None, Answer("redirect")),
    (304, None, Answer("redirect")),
    (400, "5", Answer("http_400")),
    (410, None, Answer("http_410")),
    (429, None, Answer("rate_limited")),
    (429, "120", Answer("rate_limited", timedelta(minutes=2))),
    (429, "Mon, 02 Mar 2026 01:02:00 GMT", Answer("rate_limited", timedelta(minutes=2))),
    (429, "Mon, 02 Mar 2026 00:00:00 GMT", Answer("rate_limited", timedelta())),
    (429, "99999999999999999999", Answer("rate_limited", timedelta(days=1))),
    (429, "-5", Answer("rate_limited")),
    (429, "soon", Answer("rate_limited")),
    (429, "\uff11\uff12", Answer("rate_limited")),
    (500, None, Answer("http_500")),
    (503, "60", Answer("http_503", timedelta(minutes=1))),
]


@pytest.mark.parametrize(("status", "retry_after", "answer"), STATUSES)
def test_what_a_status_means(status: int, retry_after: str | None, answer: Answer) -> None:
    assert answer_of(status, retry_after, NOW) == answer
