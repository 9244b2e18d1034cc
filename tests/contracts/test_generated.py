"""The generated files: up to date, valid, and true of the events themselves."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsoncompat import generate_value
from jsonschema import Draft202012Validator, FormatChecker
from typer.testing import CliRunner

from contracts.__main__ import app
from contracts.check import drift
from contracts.event import Event
from contracts.generate import ROOT, generate, schema
from contracts.topics import EVENT_TYPES, TOPICS

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
"""What git calls a revision without files: there the compatibility of an unfinished change is no concern."""
DOCUMENT: dict[str, Any] = yaml.safe_load((ROOT / "asyncapi.yaml").read_text("utf-8"))
EVENTS = pytest.mark.parametrize("event", EVENT_TYPES.values(), ids=EVENT_TYPES.keys())

REFERENCE = {"type": "object", "properties": {"$ref": {"type": "string"}}, "required": ["$ref"], "maxProperties": 1}
REFERENCES = {"type": "object", "additionalProperties": REFERENCE, "minProperties": 1}
SCHEMA = {"$ref": "https://json-schema.org/draft/2020-12/schema"}


def shape(required: list[str], **properties: Any) -> dict[str, Any]:
    """Return a schema that allows these properties and no other."""
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def every(part: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "propertyNames": {"pattern": r"^[\w.-]+$"},
        "additionalProperties": part,
        "minProperties": 1,
    }


TEXT = {"type": "string", "minLength": 1}
CHANNEL_BINDING = shape(
    ["topic", "bindingVersion"], topic=TEXT, topicConfiguration={}, bindingVersion={"const": "0.5.0"}
)
MESSAGE = shape(
    ["name", "title", "summary", "contentType", "headers", "payload", "bindings"],
    name=TEXT,
    title=TEXT,
    summary=TEXT,
    contentType={"const": "application/json"},
    headers={**SCHEMA, "properties": {"type": {"const": "object"}}, "required": ["type"]},
    payload=REFERENCE,
    bindings=shape(["kafka"], kafka=shape(["key", "bindingVersion"], key=SCHEMA, bindingVersion={"const": "0.5.0"})),
)
ASYNCAPI = shape(
    ["asyncapi", "info", "channels", "operations", "components"],
    asyncapi={"const": "3.0.0"},
    info=shape(["title", "version"], title=TEXT, version=TEXT, description=TEXT, license=shape(["name"], name=TEXT)),
    defaultContentType={"const": "application/json"},
    channels=every(
        shape(
            ["address", "messages"],
            address=TEXT,
            description=TEXT,
            messages=REFERENCES,
            bindings=shape(["kafka"], kafka=CHANNEL_BINDING),
        )
    ),
    operations=every(
        shape(
            ["action", "channel"],
            action={"enum": ["send", "receive"]},
            channel=REFERENCE,
            summary=TEXT,
            tags={"type": "array", "items": shape(["name"], name=TEXT)},
            messages={"type": "array", "items": REFERENCE},
        )
    ),
    components=shape(["messages", "schemas"], messages=every(MESSAGE), schemas=every(SCHEMA)),
)
"""The part of the AsyncAPI 3.0.0 specification that the document uses, and nothing beyond it."""


def resolve(reference: str, root: Path = ROOT) -> Any:
    """Follow a reference of the document: to a place in it or to a file beside it."""
    file, _, pointer = reference.partition("#")
    found: Any = json.loads((root / file).read_text("utf-8")) if file else DOCUMENT
    for step in pointer.split("/")[1:]:
        found = found[step]
    return found


def references(part: Any) -> list[str]:
    if isinstance(part, list):
        return [found for below in part for found in references(below)]
    if not isinstance(part, dict):
        return []
    own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
    return own + [found for below in part.values() for found in references(below)]


def sample(event: type[Event]) -> Event:
    """Return some event that its schema allows."""
    anonymous = {name: part for name, part in schema(event).items() if name != "$id"}
    return event.model_validate_json(generate_value(json.dumps(anonymous)))


def test_the_committed_files_are_up_to_date() -> None:
    assert drift() == [], "run: python -m contracts generate"


def test_drift_is_found_and_mended(tmp_path: Path) -> None:
    assert len(generate(tmp_path)) == len(EVENT_TYPES) + 1
    assert drift(tmp_path) == []
    first, second, *_ = sorted((tmp_path / "schemas").iterdir())
    first.write_text("{}")
    second.unlink()
    (tmp_path / "schemas" / "gone.v1.json").write_text("{}")
    found = [f"schemas/{name}" for name in (first.name, second.name, "gone.v1.json")]
    assert drift(tmp_path) == sorted(found)
    assert generate(tmp_path) == sorted(found)
    assert drift(tmp_path) == []
    assert generate(tmp_path) == []


def test_the_command_fails_where_something_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    good = CliRunner().invoke(app, ["check", "--against", EMPTY_TREE])
    assert good.exit_code == 0, good.output
    assert good.stdout.startswith("contracts are up to date")
    monkeypatch.setattr("contracts.check.documents", lambda: {"schemas/missing.v1.json": "{}"})
    bad = CliRunner().invoke(app, ["check", "--against", EMPTY_TREE])
    assert bad.exit_code == 1
    assert "contracts/schemas/missing.v1.json: not up to date" in bad.output


@EVENTS
def test_a_schema_is_valid_and_describes_itself(event: type[Event]) -> None:
    committed = json.loads((ROOT / "schemas" / f"{event.type}.json").read_text("utf-8"))
    Draft202012Validator.check_schema(committed)
    assert committed["$id"] == f"urn:qingcheng:schema:{event.type}"
    assert committed["title"] == event.__name__
    assert committed["description"]


@EVENTS
def test_what_an_event_writes_is_valid_by_its_schema(event: type[Event]) -> None:
    validator = Draft202012Validator(schema(event), format_checker=FormatChecker())
    for _ in range(3):
        some = sample(event)
        validator.validate(json.loads(some.model_dump_json()))
        assert event.model_validate_json(some.model_dump_json()) == some


def test_the_asyncapi_document_has_the_shape_of_the_specification() -> None:
    Draft202012Validator.check_schema(ASYNCAPI)
    assert [
        f"{error.json_path}: {error.message}" for error in Draft202012Validator(ASYNCAPI).iter_errors(DOCUMENT)
    ] == []


def test_every_reference_leads_somewhere() -> None:
    found = references(DOCUMENT)
    assert len(found) > len(EVENT_TYPES)
    for reference in found:
        assert isinstance(resolve(reference), dict), reference


def test_the_document_says_what_the_catalogue_says() -> None:
    assert DOCUMENT["channels"].keys() == TOPICS.keys()
    senders = {operation["channel"]["$ref"]: operation for operation in DOCUMENT["operations"].values()}
    for name, topic in TOPICS.items():
        types = {event.type for event in topic.events}
        assert DOCUMENT["channels"][name]["messages"].keys() == types
        sender = senders[f"#/channels/{name}"]
        assert (sender["action"], sender["tags"]) == ("send", [{"name": topic.owner}])
        assert [resolve(message["$ref"])["$ref"] for message in sender["messages"]] == [
            f"#/components/messages/{event.type}" for event in topic.events
        ]
    for type_, message in DOCUMENT["components"]["messages"].items():
        assert message["name"] == type_
        assert resolve(message["payload"]["$ref"])["$id"] == f"urn:qingcheng:schema:{type_}"
