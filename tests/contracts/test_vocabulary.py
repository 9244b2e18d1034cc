"""What every event owes to its readers: a type, a Chinese term, one topic, and no word about a person."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from contracts.event import Event
from contracts.generate import schema
from contracts.topics import EVENT_TYPES, TOPICS, event_class, topic_of, topic_of_event

TYPE = re.compile(r"qingcheng\.(intake|router|mediation|notify)\.[a-z_]+\.[a-z_]+\.v\d+")
CHINESE = re.compile("[\u4e00-\u9fff]")
# fmt: off
PERSONAL = frozenset((
    "name", "surname", "nickname", "phone", "mobile", "telephone", "tel", "card", "passport", "licence", "plate",
    "address", "street_address", "house", "room", "location", "place", "lat", "lon", "lng", "latitude", "longitude",
    "gps", "geo", "email", "mail", "wechat", "ip", "birth", "birthday", "birthdate", "age", "gender", "sex",
    "ethnicity", "nationality", "religion", "health", "text", "content", "body", "message", "note", "notes",
    "remark", "remarks", "comment", "opinion", "summary", "title", "description", "detail", "details", "transcript",
    "voice", "recording", "photo", "image", "idcard",
))
# fmt: on
LONGEST_CODE = 64
EVENTS = pytest.mark.parametrize("event", EVENT_TYPES.values(), ids=EVENT_TYPES.keys())


def faults(document: dict[str, Any]) -> list[str]:
    """Return where a schema could carry personal data: a property named for it, free text, or anything at all."""
    found = []
    for place, part in _subschemas(document, "#"):
        for name in part.get("properties", {}):
            if PERSONAL & {name, *name.split("_"), name.replace("_", "")}:
                found.append(f"{place}: {name} names personal data")
        if not {"type", "$ref", "anyOf", "oneOf", "allOf", "enum", "const"} & part.keys():
            found.append(f"{place}: anything is allowed")
        if part.get("type") == "object" and "properties" not in part and place != "#":
            found.append(f"{place}: any property is allowed")
        if part.get("type") == "array" and "items" not in part:
            found.append(f"{place}: any item is allowed")
        if part.get("type") == "string" and not _is_code(part):
            found.append(f"{place}: free text")
    return found


def _is_code(part: dict[str, Any]) -> bool:
    if "pattern" in part:
        return not any(
            re.search(part["pattern"], text) for text in ("张伟", "新华大街1号", "a b", "下水道堵了", "x" * 999)
        )
    return (
        "enum" in part or "const" in part or "format" in part or part.get("maxLength", LONGEST_CODE + 1) <= LONGEST_CODE
    )


def _subschemas(part: dict[str, Any], place: str) -> Iterator[tuple[str, dict[str, Any]]]:
    yield place, part
    for keyword in ("properties", "$defs", "patternProperties"):
        for name, below in part.get(keyword, {}).items():
            yield from _subschemas(below, f"{place}/{keyword}/{name}")
    for keyword in ("anyOf", "oneOf", "allOf", "prefixItems"):
        for index, below in enumerate(part.get(keyword, [])):
            yield from _subschemas(below, f"{place}/{keyword}/{index}")
    for keyword in ("items", "additionalProperties", "not", "contains"):
        if isinstance(part.get(keyword), dict):
            yield from _subschemas(part[keyword], f"{place}/{keyword}")


@EVENTS
def test_an_event_carries_no_personal_data(event: type[Event]) -> None:
    assert faults(schema(event)) == []


@pytest.mark.parametrize(
    ("part", "fault"),
    [
        ({"properties": {"caller_phone": {"type": "integer"}}}, "caller_phone names personal data"),
        ({"properties": {"id_card": {"type": "string", "pattern": "^[0-9]{18}$"}}}, "id_card names personal data"),
        ({"properties": {"a": {"anyOf": [{"type": "string"}, {"type": "null"}]}}}, "free text"),
        ({"properties": {"a": {"type": "array", "items": {"type": "string", "maxLength": 65}}}}, "free text"),
        ({"properties": {"a": {"type": "string", "pattern": "^.{1,64}$"}}}, "free text"),
        ({"properties": {"a": {"type": "object", "additionalProperties": {"type": "string"}}}}, "any property"),
        ({"properties": {"a": {}}}, "anything is allowed"),
        ({"$defs": {"X": {"type": "object", "properties": {"lat": {"type": "number"}}}}}, "lat names personal data"),
    ],
)
def test_the_walk_finds_personal_data(part: dict[str, Any], fault: str) -> None:
    assert any(fault in found for found in faults({"type": "object", **part}))


@EVENTS
def test_a_type_says_service_aggregate_fact_and_version(event: type[Event]) -> None:
    assert TYPE.fullmatch(event.type)
    topic = topic_of_event(event.type)
    assert topic is not None
    assert event.type.split(".")[1:3] == [topic.owner, topic.aggregate]
    assert event_class(event.type) is event


@EVENTS
def test_a_docstring_holds_the_chinese_term(event: type[Event]) -> None:
    assert CHINESE.search(event.__doc__ or "")


def test_every_event_is_in_one_topic() -> None:
    defined = [event for event in Event.__subclasses__() if event.__module__.startswith("contracts.")]
    listed = [event for topic in TOPICS.values() for event in topic.events]
    assert sorted(event.type for event in listed) == sorted(event.type for event in defined)
    assert len(listed) == len(EVENT_TYPES), "a type is used twice"


def test_topics_are_found_by_name_and_aggregate() -> None:
    assert set(TOPICS) == {
        "intake.issues",
        "intake.callers",
        "router.orders",
        "router.whistles",
        "mediation.cases",
        "mediation.petitions",
        "notify.revisits",
        "notify.deliveries",
        "notify.subscriptions",
        "notify.recipients",
    }
    for name, topic in TOPICS.items():
        assert topic.name == name
        assert name.startswith(f"{topic.owner}.")
        assert topic_of(topic.aggregate) is topic
    with pytest.raises(KeyError):
        topic_of("nothing")
    assert event_class("qingcheng.intake.issue.registered.v99") is None
