"""Which change of a schema breaks somebody, and how a landed schema is found."""

import json
from pathlib import Path
from typing import Any

import pytest

from contracts.check import NoHistory, compatibility, git, incompatible
from contracts.generate import schema
from contracts.topics import EVENT_TYPES

CODE = {"type": "string", "pattern": "^[a-z]+$"}
Fields = dict[str, Any]


def event(fields: Fields, required: list[str]) -> Fields:
    """Return a schema as the generator writes them: a nested object by reference, open to unknown fields."""
    nested = {"type": "object", "properties": fields, "required": required}
    top = {
        "type": "object",
        "properties": {"part": {"$ref": "#/$defs/Part"}, **fields},
        "required": ["part", *required],
    }
    dialect = "https://json-schema.org/draft/2020-12/schema"
    return {"$schema": dialect, "$id": "urn:test:event", "$defs": {"Part": nested}, **top}


OLD = event({"a": CODE, "b": {"enum": ["x", "y"], "type": "string"}, "n": {"type": "integer"}}, ["a", "b"])


def changed(required: list[str] | None = None, without: str = "", **fields: Fields) -> Fields:
    kept = {name: part for name, part in OLD["$defs"]["Part"]["properties"].items() if name != without}
    return event({**kept, **fields}, ["a", "b"] if required is None else required)


@pytest.mark.parametrize(
    "new",
    [
        OLD,
        {**OLD, "description": "said better"},
        changed(added=CODE),
        changed(added={"anyOf": [CODE, {"type": "null"}]}),
        changed(added={"type": "array", "items": CODE}),
    ],
)
def test_what_may_change(new: Fields) -> None:
    assert incompatible(OLD, new) == []


@pytest.mark.parametrize(
    "new",
    [
        pytest.param(changed(["b"], without="a"), id="a required field removed"),
        pytest.param(changed(without="n"), id="an optional field removed"),
        pytest.param(changed(["a", "b", "added"], added=CODE), id="a required field added"),
        pytest.param(changed(["a", "b", "n"]), id="an optional field made required"),
        pytest.param(changed(["a"]), id="a required field made optional"),
        pytest.param(changed(a={"type": "integer"}), id="another type"),
        pytest.param(changed(a={"anyOf": [CODE, {"type": "null"}]}), id="null allowed"),
        pytest.param(changed(b={"enum": ["x", "y", "z"], "type": "string"}), id="a value added"),
        pytest.param(changed(b={"enum": ["x"], "type": "string"}), id="a value removed"),
        pytest.param(changed(a={"type": "string", "pattern": "^[a-z0-9]+$"}), id="another pattern"),
        pytest.param(changed(a={"type": "string"}), id="a pattern removed"),
        pytest.param(changed(a={**CODE, "format": "uuid"}), id="a format added"),
        pytest.param(changed(n={"type": "integer", "minimum": 1}), id="a bound added"),
    ],
)
def test_what_needs_a_new_version(new: Fields) -> None:
    assert incompatible(OLD, new)


def test_every_schema_is_compatible_with_itself() -> None:
    for model in EVENT_TYPES.values():
        assert incompatible(schema(model), schema(model)) == []


def test_schemas_are_compared_with_a_revision(tmp_path: Path) -> None:
    def run(*arguments: str) -> None:
        git(tmp_path, "-c", "user.name=t", "-c", "user.email=t@example.org", *arguments)

    run("init", "-q", "-b", "main")
    with pytest.raises(NoHistory):
        compatibility(tmp_path)
    run("commit", "-q", "--allow-empty", "-m", "Begin")
    assert compatibility(tmp_path) == []

    file = tmp_path / "schemas" / "e.v1.json"
    file.parent.mkdir()
    file.write_text(json.dumps(OLD))
    run("add", ".")
    run("commit", "-q", "-m", "Land")
    assert compatibility(tmp_path) == []
    file.write_text(json.dumps(changed(["b"], without="a")))
    assert compatibility(tmp_path)
    run("commit", "-q", "-a", "-m", "Break")
    assert compatibility(tmp_path) == []
    assert compatibility(tmp_path, "HEAD~1")
    run("update-ref", "refs/remotes/origin/main", "HEAD~1")
    assert compatibility(tmp_path), "origin/main is what has landed"
    file.unlink()
    assert compatibility(tmp_path) == ["e.v1.json: a landed type cannot be removed"]
    with pytest.raises(NoHistory):
        compatibility(tmp_path, "nowhere")
