"""Each service's OpenAPI document is valid, says how it refuses, and keeps its word when strangers try everything."""

from collections import Counter
from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck
from schemathesis import Case
from schemathesis.core.result import Ok
from schemathesis.schemas import BaseSchema

from stack.fleet import SERVICES
from tests.e2e.api import EVERYBODY
from tests.e2e.surface import Operation, operations
from tests.e2e.world import World

EXAMPLES = 4
REFUSALS = ("401", "403", "409", "422")


@pytest.fixture(params=SERVICES)
async def surface(request: pytest.FixtureRequest, world: World) -> list[Operation]:
    return await operations(world.api, request.param)


def test_the_document_is_valid(surface: list[Operation]) -> None:
    document = surface[0].document
    assert document["openapi"].startswith("3.1")
    schemathesis.openapi.from_dict(document).validate()


def test_an_invalid_document_is_noticed(surface: list[Operation]) -> None:
    document = surface[0].document | {"paths": {"/v1": {"get": {"responses": 7}}}}
    with pytest.raises(Exception, match="7 is not of type"):
        schemathesis.openapi.from_dict(document).validate()


def test_operation_ids_are_unique_and_explained(surface: list[Operation]) -> None:
    ids = Counter(operation.spec["operationId"] for operation in surface)
    assert [name for name, count in ids.items() if count > 1] == []
    for operation in surface:
        assert operation.spec["summary"], operation
        assert operation.spec["tags"], operation


def test_every_post_says_how_it_refuses(surface: list[Operation]) -> None:
    posts = [operation for operation in surface if operation.method == "POST"]
    assert posts
    for operation in posts:
        for status in REFUSALS:
            content = operation.spec["responses"][status]["content"]["application/problem+json"]
            assert content["schema"] == {"$ref": "#/components/schemas/Problem"}, f"{operation}: {status}"


def test_every_body_has_an_example(surface: list[Operation]) -> None:
    for operation in surface:
        if operation.body is not None:
            assert operation.example(), operation


def tried(schema: BaseSchema, base_url: str, headers: dict[str, str]) -> Counter[int]:
    """Statuses that each operation answers to what its own schema allows; the same requests in every run."""
    statuses: Counter[int] = Counter()
    for result in schema.get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()
        if operation.method.upper() == "GET" and not operation.path.startswith("/v1/"):
            continue

        @hypothesis.seed(12345)
        @hypothesis.settings(
            max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck)
        )
        @hypothesis.given(case=operation.as_strategy())
        def attempt(case: Case[Any]) -> None:
            answer = case.call(base_url=base_url, headers=headers, timeout=10)
            statuses[answer.status_code] += 1
            assert answer.status_code < 500, f"{case.method} {case.path}: {answer.text}"

        attempt()
    return statuses


async def test_nothing_that_its_schema_allows_is_too_much(surface: list[Operation], world: World) -> None:
    headers, service = await world.api.headers(EVERYBODY), surface[0].service
    schema = schemathesis.openapi.from_dict(surface[0].document)
    statuses = tried(schema, world.api.base_urls[service], headers)
    assert statuses[200] > 0
    assert statuses[401] == statuses[403] == 0
