"""Each service's OpenAPI document is valid and says how it refuses; that it keeps its word: test_api_fuzz.py."""

from collections import Counter

import pytest
import schemathesis

from stack.fleet import SERVICES
from tests.e2e.surface import Operation, operations
from tests.e2e.world import World

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
