"""Whatever is asked by whoever: no failure of ours, and only such answers as the OpenAPI document tells of.

Requests are made by schemathesis, those that the document allows and those that it forbids; each is sent by somebody
who has every role, and by people with one role each in turn. ``FUZZ_EXAMPLES`` makes it a long run (``make fuzz``).
"""

import itertools
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import hypothesis
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from stack.fleet import SERVICES
from stack.tokens import Staff
from tests.e2e.api import EVERYBODY
from tests.e2e.authorisation import ROLES, TABLE
from tests.e2e.surface import operations
from tests.e2e.world import World

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "0"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
SHARE = {GenerationMode.POSITIVE: EXAMPLES or 2, GenerationMode.NEGATIVE: EXAMPLES or 1}
AT_A_TIME = -(-len(ROLES) // sum(SHARE.values())) if not EXAMPLES else 2
"""So that each role comes to each operation."""


class Asker:
    """Sends requests to one service and checks what is answered."""

    def __init__(self, service: str, base_url: str, headers: Mapping[str, dict[str, str]]) -> None:
        self.seen: Counter[tuple[str, int]] = Counter()
        self._service = service
        self._base_url = base_url
        self._headers = headers
        self._session = requests.Session()

    def ask(self, case: Case[Any], role: str) -> int:
        """The status that somebody with this role is answered."""
        answer = case.call(self._base_url, self._session, self._headers[role], timeout=30)
        case.validate_response(answer, checks=CHECKS)
        self.seen[role, answer.status_code] += 1
        return answer.status_code

    def try_all(self, operation: APIOperation[Any, Any, Any, Any], rows: Mapping[str, str]) -> None:
        """Make requests of both kinds, half of them for rows that are there; the same ones in every run."""
        rule = TABLE[self._service].get(f"{operation.method.upper()} {operation.path}")
        turns = itertools.cycle(ROLES)
        for mode, share in SHARE.items():
            for case in _cases(operation, mode, share):
                if self.seen.total() % 2:
                    case.path_parameters.update({n: row for n, row in rows.items() if n in case.path_parameters})
                self.ask(case, "everybody")
                for role in itertools.islice(turns, AT_A_TIME):
                    status = self.ask(case, role)
                    if mode is GenerationMode.POSITIVE:  # what is forbidden may be the token itself
                        assert status != 401, f"{operation.label}: {role}"
                        if rule is not None and role not in rule.roles:
                            assert status == 403, f"{operation.label}: {role}: {status}"


def _cases(operation: APIOperation[Any, Any, Any, Any], mode: GenerationMode, share: int) -> Iterator[Case[Any]]:
    found: list[Case[Any]] = []

    @hypothesis.seed(SEED)
    @hypothesis.settings(
        max_examples=share,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy(mode))
    def collect(case: Case[Any]) -> None:
        found.append(case)

    _unless_there_is_none(collect)
    return iter(found)


def _unless_there_is_none(collect: Callable[[], None]) -> None:
    """An operation without parameters can be asked in no wrong way."""
    try:
        collect()
    except (hypothesis.errors.Unsatisfiable, schemathesis.errors.SchemathesisError):
        return


@pytest.mark.timeout(0 if EXAMPLES else 300)
@pytest.mark.parametrize("service", SERVICES)
async def test_answers_are_as_documented(service: str, world: World, rows: dict[str, str]) -> None:
    people = {role: Staff(f"X-{role}", (role,), "S150102001") for role in ROLES} | {"everybody": EVERYBODY}
    headers = {role: await world.api.headers(person) for role, person in people.items()}
    document = (await operations(world.api, service))[0].document
    asker = Asker(service, world.api.base_urls[service], headers)
    for result in schemathesis.openapi.from_dict(document).get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()
        if operation.path.startswith("/v1/"):
            asker.try_all(operation, rows)
    assert {role for role, _ in asker.seen} == set(people)
    assert asker.seen["everybody", 200] > 0
