"""Everything that can be asked of a service, as its own OpenAPI document says, and what a refusal has to look like."""

import copy
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from stack.tokens import Staff
from tests.e2e.api import Api, Json

METHODS = ("get", "post", "put", "patch", "delete")
PROBLEM_FIELDS = {"type", "title", "status", "detail", "instance", "code", "errors"}


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path. ``document`` is the whole API's."""

    service: str
    method: str
    path: str
    spec: Json
    document: Json

    def __str__(self) -> str:
        return f"{self.method} {self.service}{self.path}"

    @property
    def is_guarded(self) -> bool:
        """Whether a token is needed."""
        return bool(self.spec.get("security"))

    def parameters(self, place: str) -> list[Json]:
        """Its parameters in the path, the query or the headers."""
        return [parameter for parameter in self.spec.get("parameters", ()) if parameter["in"] == place]

    @property
    def body(self) -> Json | None:
        """The resolved schema of the request body."""
        if "requestBody" not in self.spec:
            return None
        return self.resolved(self.spec["requestBody"]["content"]["application/json"]["schema"])

    def resolved(self, schema: Json) -> Json:
        """A schema, or what it refers to."""
        while "$ref" in schema:
            schema = self.document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return schema

    def example(self) -> Any:
        """The first example of the body, to be spoilt."""
        return copy.deepcopy((self.body or {})["examples"][0])

    def fill(self, **values: str) -> str:
        """The path with an id that nobody has, or with these values."""
        names = [parameter["name"] for parameter in self.parameters("path")]
        return self.path.format(**{name: values.get(name, _unknown(name)) for name in names})


def _unknown(name: str) -> str:
    known = {"number": "1", "kind": "agreement", "name": "nowhere", "unit": "D15019999", "code": "D15019999"}
    return known.get(name) or str(uuid.uuid4())


OTHER_PROTOCOLS = "/open311/"
"""What answers by a specification that is not ours; tests/integration/intake/test_open311.py asks it everything."""


async def operations(api: Api, service: str) -> list[Operation]:
    """All operations of a service that answer in our form."""
    document = (await api.ask("GET", service, "/openapi.json")).json()
    return [
        Operation(service, method.upper(), path, spec, document)
        for path, methods in document["paths"].items()
        if not path.startswith(OTHER_PROTOCOLS)
        for method, spec in methods.items()
        if method in METHODS
    ]


async def send(api: Api, operation: Operation, who: Staff | None, path: str = "", **more: Any) -> httpx.Response:
    """Ask for an operation, at an id that nobody has if no ``path`` is given."""
    return await api.ask(operation.method, operation.service, path or operation.fill(), who, **more)


class Refusals:
    """Checks refusals and remembers their codes. A code must be explained where it was answered."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._explained: set[tuple[str, str]] = set()

    async def check(self, service: str, answer: httpx.Response, what: object) -> tuple[int, str]:
        """Status and code of an answer that has to be a documented problem, and no failure of ours."""
        told = f"{what}: {answer.status_code} {answer.text[:300]}"
        assert 400 <= answer.status_code < 500, told
        assert answer.headers["content-type"] == "application/problem+json", told
        problem = answer.json()
        assert set(problem) == PROBLEM_FIELDS, told
        assert problem["status"] == answer.status_code, told
        code: str = problem["code"]
        if (service, code) not in self._explained:
            page = await self._api.ask("GET", service, problem["type"])
            assert page.status_code == httpx.codes.OK, f"{code} is not explained by {service}"
            assert page.json()["description"], code
            self._explained.add((service, code))
        return answer.status_code, code


def spoilt(operation: Operation) -> Iterator[tuple[str, Any]]:
    """The body in ways that its schema forbids: what is wrong, and the body."""
    schema = operation.body
    assert schema is not None
    yield "unknown field", operation.example() | {"surprise": 1}
    for nonsense in ("[]", '"text"', "7", "null"):
        yield f"body is {nonsense}", json.loads(nonsense)
    for name in schema.get("required", ()):
        yield f"{name} is missing", {key: value for key, value in operation.example().items() if key != name}
    for name, field in schema["properties"].items():
        yield f"{name} is an object", operation.example() | {name: {"surprise": 1}}
        for option in field.get("anyOf", [field]):
            yield from _beyond(operation, name, operation.resolved(option))


def _beyond(operation: Operation, name: str, field: Json) -> Iterator[tuple[str, Any]]:
    match field.get("type"):
        case "string" if "enum" not in field:
            yield f"{name} has a NUL", operation.example() | {name: "a\x00b"}
            yield f"{name} has half a character", operation.example() | {name: "a\ud800"}
            yield f"{name} is too long", operation.example() | {name: "1" * (field.get("maxLength", 1000) + 1)}
            yield f"{name} is a number", operation.example() | {name: 1}
        case "string":
            yield f"{name} is none of the values", operation.example() | {name: "nonsense"}
        case "integer" | "number":
            yield f"{name} is a text", operation.example() | {name: "1"}
            yield f"{name} is huge", operation.example() | {name: 10**30}
            yield f"{name} is negative", operation.example() | {name: -(10**30)}
        case "boolean":
            yield f"{name} is a text", operation.example() | {name: "yes"}
        case "array":
            yield f"{name} holds nonsense", operation.example() | {name: [{"surprise": "a\x00b"}]}
            yield f"{name} is too long", operation.example() | {name: [1] * 2000}
