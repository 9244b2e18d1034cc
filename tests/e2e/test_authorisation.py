"""The whole matrix of route and role, and of own and other rows, over HTTP; the table is in authorisation.py."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from stack.fleet import SERVICES
from stack.tokens import Staff
from tests.e2e.api import MEDIATOR, OTHER_MEDIATOR, OTHER_PROXY, PROXY, STRANGER, STREET, SUPERVISOR, WATER
from tests.e2e.authorisation import ROLES, TABLE, Rule
from tests.e2e.surface import Operation, Refusals, operations, send
from tests.e2e.world import World

AT_ONCE = 8
FORBIDDEN = (403, "auth.forbidden_role")


@pytest.fixture(params=SERVICES)
async def surface(request: pytest.FixtureRequest, world: World) -> list[Operation]:
    return [one for one in await operations(world.api, request.param) if one.is_guarded]


def rule_of(operation: Operation) -> Rule:
    return TABLE[operation.service][f"{operation.method} {operation.path}"]


def body_of(operation: Operation, rows: dict[str, str] | None = None) -> dict[str, Any]:
    """The example; of an issue, that of the test's rows: nobody knows the example's."""
    if not operation.body:
        return {}
    example = operation.example()
    if rows and isinstance(example, dict) and "issue_id" in example:
        example |= {"issue_id": rows["issue_id"]}
    return {"json": example}


async def several(checks: Iterable[Awaitable[object]]) -> int:
    """Run all, some at a time; how many there were."""
    free = asyncio.Semaphore(AT_ONCE)

    async def check(one: Awaitable[object]) -> None:
        async with free:
            await one

    return len(await asyncio.gather(*map(check, checks)))


async def test_the_table_has_every_operation_and_no_other(surface: list[Operation]) -> None:
    assert {f"{one.method} {one.path}" for one in surface} == set(TABLE[surface[0].service])


async def test_roles(surface: list[Operation], world: World) -> None:
    """On rows that nobody has: what is not forbidden is not found, or is done."""
    refusals = Refusals(world.api)

    async def check(operation: Operation, role: str) -> None:
        who = Staff(f"X-{role}", (role,), "S150102001")
        answer = await send(world.api, operation, who, **body_of(operation))
        rule = rule_of(operation)
        if role in rule.roles:
            told = (answer.status_code, answer.json()["code"] if answer.is_error else "")
            not_theirs = rule.scope is not None and told == (rule.scope.status, rule.scope.code)
            assert answer.is_success or answer.status_code == 404 or not_theirs, (operation, role, told)
        else:
            found = await refusals.check(operation.service, answer, f"{operation}: {role}")
            assert found == FORBIDDEN, f"{operation}: {role}"

    asked = await several(check(operation, role) for operation in surface for role in (*ROLES, "nobody"))
    assert asked == len(surface) * (len(ROLES) + 1)


async def test_own_and_other_rows(surface: list[Operation], world: World, rows: dict[str, str]) -> None:
    refusals = Refusals(world.api)
    allowed = (200, 201, 409, 422)  # perhaps not now, or not so, but not because of who asks

    async def check(operation: Operation, who: Staff, refused: tuple[int, str] | None) -> None:
        answer = await send(world.api, operation, who, operation.fill(**rows), **body_of(operation, rows))
        if refused is None:
            assert answer.status_code in allowed, f"{operation}: {who}: {answer.status_code} {answer.text}"
        else:
            found = await refusals.check(operation.service, answer, f"{operation}: {who}")
            assert found == refused, f"{operation}: {who}"

    for operation in surface:
        rule = rule_of(operation)
        if rule.scope is None:
            continue
        scope, confined = rule.scope, {role for person in rule.scope.own for role in person.roles}
        refused = (scope.status, scope.code)
        others = [check(operation, person, refused) for person in scope.other]
        unrestricted = [Staff(f"X-{role}", (role,)) for role in sorted(rule.roles - confined)]
        await several([*others, *(check(operation, person, None) for person in (*unrestricted, *scope.own))])


@pytest.mark.parametrize(
    ("service", "path", "row", "own", "other"),
    [
        ("intake", "/v1/issues", "issue_id", STREET, WATER),
        ("router", "/v1/orders", "order_id", STREET, WATER),
        ("router", "/v1/whistles", "whistle_id", WATER, Staff("S150102002-1", ("unit_handler",), "S150102002")),
        ("mediation", "/v1/cases", "case_id", MEDIATOR, OTHER_MEDIATOR),
        ("mediation", "/v1/petitions", "petition_id", PROXY, OTHER_PROXY),
    ],
)
async def test_lists_show_own_rows_only(
    service: str, path: str, row: str, own: Staff, other: Staff, world: World, rows: dict[str, str]
) -> None:
    assert rows[row] in [shown async for shown in listed(world, service, path, own)]
    assert rows[row] not in [shown async for shown in listed(world, service, path, other)]
    assert [shown async for shown in listed(world, service, path, Staff("X", own.roles))] == []


async def test_a_deputy_finds_the_callers_of_the_unit_that_they_mind(world: World, rows: dict[str, str]) -> None:
    issue = f"/v1/issues/{rows['issue_id']}"
    reveal = f"{issue}/appeals/{rows['appeal_id']}/reveal"
    deputy, minding = STRANGER, {"Acting-For": str(STREET.unit)}

    async def told(method: str = "GET", path: str = issue, who: Staff = deputy, **more: Any) -> tuple[int, str]:
        answer = await world.api.ask(method, "intake", path, who, headers=minding, **more)
        return answer.status_code, answer.json()["code"] if answer.is_error else ""

    refused = (403, "deputy.not_appointed")
    assert await told() == refused, "nobody has appointed them"
    now = datetime.now(UTC)
    period = {"starts_at": now.isoformat(), "ends_at": (now + timedelta(hours=1)).isoformat()}
    path = f"/v1/units/{STREET.unit}/deputies"
    made = await world.api.post(SUPERVISOR, "router", path, {"deputy_id": deputy.id, **period})
    try:
        assert await told() == (200, "")
        assert await told(path=f"{issue}/timeline") == (200, "")
        assert await told("POST", reveal, json={"purpose": "handling"}) == (200, "")
        assert await told(who=WATER) == refused, "somebody else"
        assert await told(who=Staff(deputy.id, ("dispatcher",), deputy.unit)) == refused, "not as staff of a unit"
        own = await world.api.ask("GET", "intake", issue, deputy)
        assert (own.status_code, own.json()["code"]) == (404, "issue.not_found"), "without saying so"
        listing = await world.api.ask("GET", "intake", "/v1/issues?limit=200", deputy, headers=minding)
        assert rows["issue_id"] in [item["id"] for item in listing.json()["items"]]
    finally:
        await world.api.post(SUPERVISOR, "router", f"/v1/deputies/{made['id']}/revoke")
    assert await told() == refused, "revoked"


async def listed(world: World, service: str, path: str, who: Staff) -> AsyncIterator[str]:
    """Ids of every row that somebody sees, page by page."""
    cursor: dict[str, str] = {}
    while True:
        page = await world.api.get(who, service, path, limit=50, **cursor)
        for item in page["items"]:
            yield item["id"]
        if page["next_cursor"] is None:
            return
        cursor = {"cursor": page["next_cursor"]}
