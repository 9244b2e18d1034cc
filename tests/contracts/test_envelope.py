"""The envelope against the CloudEvents SDK, and every way in which a record can be wrong."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event, to_binary_event
from cloudevents.core.v1.event import CloudEvent
from jsonschema import Draft202012Validator

from contracts.codes import Agency
from contracts.envelope import Envelope, Malformed, decode, encode, identity, parse
from contracts.generate import asyncapi, schema
from contracts.intake import IssueTransferred
from contracts.topics import TOPICS

ISSUE = "0190b7a2-0000-7000-8000-000000000001"
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
EVENT = IssueTransferred(agency=Agency.FIRE, by="A10086")
ENVELOPE = Envelope(
    id="0190b7a2-0000-7000-8000-00000000000e",
    source="/intake",
    type=IssueTransferred.type,
    subject=f"issue/{ISSUE}",
    time=datetime(2026, 11, 2, 8, 30, 0, 123456, tzinfo=UTC),
    sequence=7,
    issue_id=ISSUE,
    data=EVENT.model_dump_json().encode(),
    traceparent=TRACE,
    epoch=0,
)
Record = tuple[bytes | None, bytes | None, list[tuple[str, bytes | None]]]


def record(**changed: bytes | None) -> Record:
    """Return `ENVELOPE` as a record with headers (``ce_id``, ``content_type``) replaced, or dropped where None."""
    key, value, headers = encode(ENVELOPE)
    replaced = {name.replace("content_type", "content-type"): text for name, text in changed.items()}
    kept = [(name, replaced.get(name, text)) for name, text in headers]
    return key, value, [(name, text) for name, text in kept if text is not None]


def test_what_is_encoded_is_decoded() -> None:
    assert decode(*encode(ENVELOPE)) == ENVELOPE
    untraced = ENVELOPE._replace(traceparent=None)
    assert decode(*encode(untraced)) == untraced
    assert parse(decode(*encode(ENVELOPE))) == EVENT


def test_the_sdk_reads_what_is_encoded() -> None:
    key, value, headers = encode(ENVELOPE)
    event = from_binary_event(KafkaMessage(dict(headers), key, value))
    assert event.get_specversion() == "1.0"
    assert event.get_id() == ENVELOPE.id
    assert event.get_source() == "/intake"
    assert event.get_type() == ENVELOPE.type
    assert event.get_subject() == ENVELOPE.subject
    assert event.get_time() == ENVELOPE.time
    assert event.get_datacontenttype() == "application/json"
    assert event.get_dataschema() == schema(IssueTransferred)["$id"]
    assert event.get_data() == {"agency": "119", "by": "A10086", "reference": None, "order_number": 1}
    extensions = {"sequence": "7", "issueid": ISSUE, "epoch": "0", "traceparent": TRACE, "partitionkey": ISSUE}
    assert {name: event.get_extension(name) for name in extensions} == extensions


def test_what_the_sdk_encodes_is_decoded() -> None:
    attributes: dict[str, Any] = {
        "id": ENVELOPE.id,
        "source": ENVELOPE.source,
        "type": ENVELOPE.type,
        "specversion": "1.0",
        "subject": ENVELOPE.subject,
        "time": ENVELOPE.time,
        "datacontenttype": "application/json",
        "sequence": "7",
        "issueid": ISSUE,
        "epoch": "0",
        "traceparent": TRACE,
    }
    message = to_binary_event(CloudEvent(attributes, {"agency": "119", "by": "A10086"}), key_mapper=lambda _: ISSUE)
    envelope = decode(str(message.key).encode(), message.value, list(message.headers.items()))
    assert envelope._replace(data=ENVELOPE.data) == ENVELOPE
    assert parse(envelope) == EVENT


def test_headers_are_as_documented() -> None:
    headers = {name: text.decode() for name, text in encode(ENVELOPE)[2]}
    Draft202012Validator(asyncapi(TOPICS)["components"]["schemas"]["CloudEventHeaders"]).validate(headers)
    assert headers["ce_time"] == "2026-11-02T08:30:00.123456Z"


def test_a_time_is_written_in_utc_and_a_naive_one_refused() -> None:
    hohhot = ENVELOPE._replace(time=ENVELOPE.time.astimezone(timezone(timedelta(hours=8))))
    assert encode(hohhot) == encode(ENVELOPE)
    with pytest.raises(ValueError, match="time zone"):
        encode(ENVELOPE._replace(time=ENVELOPE.time.replace(tzinfo=None)))


@pytest.mark.parametrize("name", [name for name, _ in encode(ENVELOPE._replace(traceparent=None))[2]])
def test_every_header_but_trace_and_schema_is_needed(name: str) -> None:
    key, value, headers = encode(ENVELOPE)
    rest = [header for header in headers if header[0] != name]
    if name == "ce_dataschema":
        assert decode(key, value, rest) == ENVELOPE
    else:
        with pytest.raises(Malformed) as caught:
            decode(key, value, rest)
        assert (caught.value.field, caught.value.reason) == (name, "is missing")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ce_specversion", b"0.3"),
        ("ce_id", b""),
        ("ce_id", b"\xff"),
        ("ce_id", b"a\x00b"),
        ("ce_id", b"x" * 256),
        ("ce_subject", b"issue"),
        ("ce_subject", b"/1"),
        ("ce_subject", b"issue/"),
        ("ce_time", b"2026-11-02"),
        ("ce_time", b"2026-11-02T08:30:00"),
        ("ce_time", b"2026-02-30T08:30:00Z"),
        ("ce_time", b"0001-01-01T00:00:00+23:00"),
        ("ce_sequence", b"0"),
        ("ce_sequence", b"-1"),
        ("ce_sequence", b"01"),
        ("ce_sequence", b"1.0"),
        ("ce_sequence", b"\xef\xbc\x91"),
        ("ce_sequence", b"9223372036854775808"),
        ("ce_sequence", b"9" * 200),
        ("ce_epoch", b"-1"),
        ("content_type", b"application/cloudevents+json"),
        ("content_type", b"application/json; charset=gbk"),
    ],
)
def test_a_bad_header_is_named(name: str, text: bytes) -> None:
    with pytest.raises(Malformed) as caught:
        decode(*record(**{name: text}))
    assert caught.value.field == name.replace("content_type", "content-type")


def test_key_and_value_have_to_be_there_and_fit() -> None:
    key, value, headers = encode(ENVELOPE)
    for bad_key in (None, b"", b"another issue"):
        with pytest.raises(Malformed, match=r"^key: "):
            decode(bad_key, value, headers)
    with pytest.raises(Malformed, match=r"^value: is missing"):
        decode(key, None, headers)


def test_a_header_of_ours_may_not_repeat_and_others_may() -> None:
    key, value, headers = encode(ENVELOPE)
    with pytest.raises(Malformed) as caught:
        decode(key, value, [*headers, ("ce_sequence", b"8")])
    assert caught.value.field == "ce_sequence"
    assert decode(key, value, [*headers, ("hop", b"1"), ("hop", b"\xff"), ("null", None)]) == ENVELOPE


def test_a_bad_trace_does_not_stop_an_event() -> None:
    for trace in (b"", b"\xff", b"00-zz", TRACE.upper().encode()):
        assert decode(*record(ce_traceparent=trace)) == ENVELOPE._replace(traceparent=None)


@pytest.mark.parametrize(
    ("field", "envelope"),
    [
        ("ce_type", ENVELOPE._replace(type="qingcheng.intake.issue.transferred.v2")),
        ("ce_type", ENVELOPE._replace(type="rubbish")),
        ("ce_source", ENVELOPE._replace(source="/router")),
        ("ce_subject", ENVELOPE._replace(subject="order/1")),
        ("data", ENVELOPE._replace(data=b"")),
        ("data", ENVELOPE._replace(data=b"[]")),
        ("data", ENVELOPE._replace(data=b"\xff")),
        ("data", ENVELOPE._replace(data=b'{"agency": "119"')),
        ("data", ENVELOPE._replace(data=b'{"agency": "114", "by": "A10086"}')),
        ("data", ENVELOPE._replace(data=b'{"agency": "119"}')),
        ("data", ENVELOPE._replace(data=b"[" * 100_000)),
    ],
)
def test_parse_refuses_what_is_not_the_event(field: str, envelope: Envelope) -> None:
    with pytest.raises(Malformed) as caught:
        parse(envelope)
    assert caught.value.field == field


def test_a_refusal_never_quotes_the_data() -> None:
    with pytest.raises(Malformed) as caught:
        parse(ENVELOPE._replace(data=b'{"agency": "119", "by": "\xe5\xbc\xa0\xe4\xbc\x9f 13812345678"}'))
    assert str(caught.value) == "data: by: string_pattern_mismatch"
    assert caught.value.__cause__ is None


def test_an_unknown_field_is_no_fault() -> None:
    data = b'{"agency": "119", "by": "A10086", "added_later": 1}'
    assert parse(ENVELOPE._replace(data=data)) == EVENT


def test_identity_is_read_as_far_as_it_goes() -> None:
    _, _, headers = encode(ENVELOPE)
    assert identity(headers) == ("/intake", f"issue/{ISSUE}", 7)
    assert identity(record(ce_type=None, ce_time=b"\xff")[2]) == ("/intake", f"issue/{ISSUE}", 7)
    for bad in (None, b"x", b"\xff"):
        assert identity(record(ce_sequence=bad)[2]) == ("/intake", f"issue/{ISSUE}", None)
    assert identity([*headers, ("ce_sequence", b"8")]) == ("/intake", f"issue/{ISSUE}", None)
    assert identity([*headers, ("ce_source", b"/router")]) is None
    assert identity(record(ce_subject=b"\xff")[2]) is None
    assert identity([]) is None
