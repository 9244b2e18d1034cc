"""CloudEvents 1.0 in Kafka's binary mode: an envelope <-> key, value and headers of a record.

Written by hand and without a model, because every record that is consumed or relayed passes here.
Source: CloudEvents specification 1.0.2 and its Kafka protocol binding, section 3.2.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import NamedTuple

from pydantic import ValidationError

from contracts.event import Event
from contracts.topics import event_class, topic_of_event

Headers = Sequence[tuple[str, bytes | None]]
"""Headers of a Kafka record as clients hand them over: ordered, names may repeat, values may be null."""

_REQUIRED = (
    "ce_specversion",
    "ce_id",
    "ce_source",
    "ce_type",
    "ce_subject",
    "ce_time",
    "ce_sequence",
    "ce_issueid",
    "ce_epoch",
    "content-type",
)
_KNOWN = frozenset((*_REQUIRED, "ce_traceparent", "ce_dataschema"))
_LONGEST = 255  # a B-tree entry of PostgreSQL holds 2,700 bytes; three of these (UTF-8) have to fit into one key
_LARGEST = 2**63 - 1  # bigint
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
_TRACEPARENT = re.compile(rb"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


class Malformed(Exception):
    """A record that is no event of ours; it can only be put aside, trying again cannot help.

    ``reason`` says what is wrong with ``field``: a header, ``key``, ``value`` or ``data``. It never quotes what was
    found.
    """

    def __init__(self, reason: str, field: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.reason = reason
        self.field = field


class Identity(NamedTuple):
    """Whose record it is, and the how-manyth; ``sequence`` is None where it cannot be read."""

    source: str
    subject: str
    sequence: int | None


class Envelope(NamedTuple):
    """One event on its way: CloudEvents attributes, and the JSON in ``data``.

    ``sequence`` is the aggregate's version, gapless from 1 per (``source``, ``subject``). ``epoch`` rises when the
    producer's database was restored to an earlier time. ``traceparent`` is of the trace that started it (W3C), not
    of the hop. ``time`` is aware.
    """

    id: str
    source: str
    type: str
    subject: str
    time: datetime
    sequence: int
    issue_id: str
    data: bytes
    traceparent: str | None
    epoch: int


def schema_uri(type_: str) -> str:
    """Return the ``ce_dataschema`` of a type, which is the ``$id`` of its JSON Schema.

    A URN, because CloudEvents asks for an absolute URI and no host may be part of the contract.
    """
    return f"urn:qingcheng:schema:{type_}"


def encode(envelope: Envelope) -> tuple[bytes, bytes, list[tuple[str, bytes]]]:
    """Return key, value and headers of the Kafka record. ValueError if ``time`` is naive."""
    if envelope.time.tzinfo is None:
        raise ValueError("envelope.time has no time zone")
    time = envelope.time.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
    key = envelope.issue_id.encode()
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", envelope.id.encode()),
        ("ce_source", envelope.source.encode()),
        ("ce_type", envelope.type.encode()),
        ("ce_subject", envelope.subject.encode()),
        ("ce_time", time.encode()),
        ("ce_sequence", b"%d" % envelope.sequence),
        ("ce_issueid", key),
        ("ce_epoch", b"%d" % envelope.epoch),
        ("ce_dataschema", schema_uri(envelope.type).encode()),
        ("content-type", b"application/json"),
    ]
    if envelope.traceparent is not None:
        headers.append(("ce_traceparent", envelope.traceparent.encode()))
    return key, envelope.data, headers


def decode(key: bytes | None, value: bytes | None, headers: Headers) -> Envelope:
    """Read a Kafka record; raise Malformed, and nothing else, if it is no CloudEvent of ours.

    Headers that are not ours are ignored, and so is a ``ce_traceparent`` that is not well formed: W3C Trace Context
    asks for that, and a trace is no reason to stop an issue. ``data`` is not looked into; see `parse`.
    """
    found = dict(headers)
    if len(found) != len(headers):
        _refuse_repeated(headers)
    specversion, id_, source, type_, subject, time, sequence, issue_id, epoch, content_type = _texts(found)
    if specversion != "1.0":
        raise Malformed("is not 1.0", "ce_specversion")
    if content_type != "application/json" and not _is_json(content_type):
        raise Malformed("is not application/json", "content-type")
    aggregate, _, aggregate_id = subject.partition("/")
    if not (aggregate and aggregate_id):
        raise Malformed("is not <aggregate>/<id>", "ce_subject")
    if key is None:
        raise Malformed("is missing", "key")
    if key != found["ce_issueid"]:
        raise Malformed("differs from ce_issueid", "key")
    if value is None:
        raise Malformed("is missing", "value")
    return Envelope(
        id_,
        source,
        type_,
        subject,
        _time(time),
        _number(sequence, 1, "ce_sequence"),
        issue_id,
        value,
        _traceparent(found.get("ce_traceparent")),
        _number(epoch, 0, "ce_epoch"),
    )


def parse(envelope: Envelope) -> Event:
    """Return the event in ``data``.

    Raise Malformed if the type or its version is not known, if source or subject are not those of the type, or if
    ``data`` is not valid by its model.
    """
    model = event_class(envelope.type)
    topic = topic_of_event(envelope.type)
    if model is None or topic is None:
        raise Malformed("is not known", "ce_type")
    if envelope.source != f"/{topic.owner}":
        raise Malformed("does not publish this type", "ce_source")
    if not envelope.subject.startswith(f"{topic.aggregate}/"):
        raise Malformed("is not an aggregate of this type", "ce_subject")
    try:
        return model.model_validate_json(envelope.data)
    except ValidationError as error:
        raise Malformed(_places(error), "data") from None  # the cause would quote the data


def identity(headers: Headers) -> Identity | None:
    """Read whose record it is out of headers that may be malformed otherwise, so that its subject can be parked.

    None if source or subject cannot be told; then nothing of the record says what would have to wait behind it.
    """
    source, subject = _only(headers, "ce_source"), _only(headers, "ce_subject")
    if source is None or subject is None:
        return None
    try:
        return Identity(source, subject, _number(_only(headers, "ce_sequence") or "", 1, "ce_sequence"))
    except Malformed:
        return Identity(source, subject, None)


def _only(headers: Headers, name: str) -> str | None:
    values = {value for header, value in headers if header == name}
    try:
        return _text({name: values.pop()}, name) if len(values) == 1 else None
    except Malformed:
        return None


def _refuse_repeated(headers: Headers) -> None:
    seen = set()
    for name, _ in headers:
        if name in seen and name in _KNOWN:
            raise Malformed("is there twice", name)
        seen.add(name)


def _texts(found: dict[str, bytes | None]) -> list[str]:
    """Return the values of the required headers: all at once, and one by one only to tell which is at fault."""
    with suppress(UnicodeDecodeError):
        texts = [(found.get(name) or b"").decode() for name in _REQUIRED]
        if all(texts) and max(map(len, texts)) <= _LONGEST and "".join(texts).isprintable():
            return texts
    return [_text(found, name) for name in _REQUIRED]


def _text(found: dict[str, bytes | None], name: str) -> str:
    raw = found.get(name)
    if not raw:
        raise Malformed("is missing", name)
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise Malformed("is not UTF-8", name) from None
    if len(text) > _LONGEST:
        raise Malformed("is too long", name)
    if not text.isprintable():  # CloudEvents forbids control characters, and PostgreSQL cannot store a NUL
        raise Malformed("has characters that are not printable", name)
    return text


def _number(text: str, least: int, name: str) -> int:
    if _NUMBER.fullmatch(text) and least <= (number := int(text)) <= _LARGEST:
        return number
    raise Malformed(f"is not a decimal number from {least} to {_LARGEST}", name)


def _time(text: str) -> datetime:
    if not _TIME.fullmatch(text):
        raise Malformed("is not RFC 3339", "ce_time")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Malformed("is no time", "ce_time") from None


def _traceparent(raw: bytes | None) -> str | None:
    return raw.decode() if raw and _TRACEPARENT.fullmatch(raw) else None


def _is_json(content_type: str) -> bool:
    media_type, _, parameter = content_type.partition(";")
    return media_type.strip().lower() == "application/json" and parameter.strip().lower() in ("", "charset=utf-8")


def _places(error: ValidationError) -> str:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(f"{'.'.join(str(part) for part in place['loc']) or '$'}: {place['type']}" for place in found[:5])
