"""Whatever bytes arrive: an envelope or Malformed, and nothing else."""

from contextlib import suppress
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from contracts.envelope import Envelope, Malformed, decode, encode, identity, parse
from contracts.topics import EVENT_TYPES

NAMES = st.sampled_from([name for name, _ in encode(Envelope("", "", "", "", datetime.now(UTC), 1, "", b"", "", 0))[2]])
PRINTABLE = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=60)
HEADERS = st.lists(st.tuples(NAMES | st.text(max_size=5), st.none() | st.binary(max_size=40)), max_size=14)
ENVELOPES = st.builds(
    Envelope,
    id=PRINTABLE,
    source=PRINTABLE,
    type=st.sampled_from(sorted(EVENT_TYPES)) | PRINTABLE,
    subject=st.builds("{}/{}".format, st.from_regex("[a-z_]{1,20}", fullmatch=True), PRINTABLE),
    time=st.datetimes(timezones=st.just(UTC)),
    sequence=st.integers(1, 2**63 - 1),
    issue_id=PRINTABLE,
    data=st.binary(max_size=60),
    traceparent=st.none() | st.from_regex(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", fullmatch=True),
    epoch=st.integers(0, 2**63 - 1),
)


@given(ENVELOPES)
def test_encode_and_decode_are_inverse(envelope: Envelope) -> None:
    key, value, headers = encode(envelope)
    assert decode(key, value, headers) == envelope
    assert identity(headers) == (envelope.source, envelope.subject, envelope.sequence)


@given(st.none() | st.binary(max_size=20), st.none() | st.binary(max_size=20), HEADERS)
def test_rubbish_is_malformed_and_nothing_else(
    key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes | None]]
) -> None:
    identity(headers)
    with suppress(Malformed):
        decode(key, value, headers)


@given(ENVELOPES, NAMES, st.none() | st.binary(max_size=40), st.booleans())
def test_one_spoilt_header_is_an_envelope_or_malformed(
    envelope: Envelope, name: str, spoilt: bytes | None, repeated: bool
) -> None:
    key, value, whole = encode(envelope)
    headers = [(header, spoilt if header == name else text) for header, text in whole]
    if repeated:
        headers.append((name, spoilt))
    identity(headers)
    with suppress(Malformed):
        parse(decode(key, value, headers))
