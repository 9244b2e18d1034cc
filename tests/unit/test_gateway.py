"""Signatures, and what an answer of a gateway means."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from services.notify.gateway import TOLERANCE, is_signed, sign
from services.notify.outcomes import Permanent, Temporary, check, retry_after

SECRET, KEY, BODY = bytes(32), "01900000-0000-7000-8000-000000000001", b'{"to":"13800001001"}'
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
OTHER = bytes(range(32))
STAMP = f"{NOW.timestamp():.0f}"


def test_a_signature_is_the_documented_one() -> None:
    signed = f"{KEY}.{STAMP}.".encode() + BODY
    assert sign(SECRET, KEY, STAMP, BODY) == "v1=" + hmac.new(SECRET, signed, hashlib.sha256).hexdigest()


def test_a_right_and_fresh_signature_counts_also_beside_an_older_ones() -> None:
    right = sign(SECRET, KEY, STAMP, BODY)
    assert is_signed(SECRET, KEY, STAMP, BODY, right, NOW)
    assert is_signed(SECRET, KEY, STAMP, BODY, f"{sign(OTHER, KEY, STAMP, BODY)} {right}", NOW)


@pytest.mark.parametrize(
    ("secret", "key", "stamp", "body", "signature", "now"),
    [
        (OTHER, KEY, STAMP, BODY, None, NOW),
        (SECRET, KEY[:-1] + "2", STAMP, BODY, None, NOW),
        (SECRET, KEY, str(int(STAMP) + 1), BODY, None, NOW),
        (SECRET, KEY, STAMP, BODY + b" ", None, NOW),
        (SECRET, KEY, STAMP, BODY, "", NOW),
        (SECRET, KEY, STAMP, BODY, "v1=\u00e9", NOW),
        (SECRET, KEY, "soon", BODY, None, NOW),
        (SECRET, KEY, "", BODY, None, NOW),
        (SECRET, KEY, STAMP, BODY, None, NOW + timedelta(seconds=TOLERANCE + 1)),
        (SECRET, KEY, STAMP, BODY, None, NOW - timedelta(seconds=TOLERANCE + 1)),
    ],
    ids=["secret", "key", "time", "body", "none", "no ascii", "no number", "no time", "played back", "future"],
)
def test_anything_else_does_not(
    secret: bytes, key: str, stamp: str, body: bytes, signature: str | None, now: datetime
) -> None:
    given = sign(SECRET, KEY, STAMP, BODY) if signature is None else signature
    assert not is_signed(secret, key, stamp, body, given, now)


@pytest.mark.parametrize("status", [200, 202])
def test_a_success_is_one(status: int) -> None:
    check(httpx.Response(status), NOW)


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        (429, "rate_limited"),
        (500, "http_500"),
        (503, "http_503"),
        (401, "http_401"),
        (409, "http_409"),
        (302, "http_302"),
    ],
)
def test_what_may_pass_is_temporary(status: int, failure: str) -> None:
    with pytest.raises(Temporary) as raised:
        check(httpx.Response(status, headers={"Retry-After": "7"}), NOW)
    assert (raised.value.failure, raised.value.not_before) == (failure, NOW + timedelta(seconds=7))


@pytest.mark.parametrize("status", [400, 404, 422])
def test_what_is_refused_is_permanent(status: int) -> None:
    with pytest.raises(Permanent) as raised:
        check(httpx.Response(status), NOW)
    assert raised.value.failure == f"refused_{status}"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("120", NOW + timedelta(minutes=2)),
        ("Mon, 02 Mar 2026 02:00:00 GMT", NOW + timedelta(hours=1)),
        ("Mon, 02 Mar 2026 02:00:00 -0000", NOW + timedelta(hours=1)),
        ("9" * 40, NOW + timedelta(seconds=10**6)),
        ("soon", None),
        ("-5", None),
        (None, None),
    ],
)
def test_retry_after_is_read_in_both_forms(value: str | None, expected: datetime | None) -> None:
    assert retry_after(value, NOW) == expected
