"""What rules forbid: each its own documented code; and every code that the sources raise is explained."""

import ast
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from stack.fleet import SERVICES
from stack.tokens import Staff
from tests.e2e.api import (
    AGENT,
    CLERK,
    DISPATCHER,
    MEDIATOR,
    OTHER_MEDIATOR,
    REVIEWER,
    REVISITOR,
    ROADS,
    SECTOR,
    STRANGER,
    STREET,
    SUPERVISOR,
    WATER,
    Json,
)
from tests.e2e.roads import LOCALITY, begin
from tests.e2e.surface import Refusals
from tests.e2e.world import World

ROOT = Path(__file__).parents[2]
ACCEPT = {"kind": "complaint", "item_code": LOCALITY, "street_code": "150102001"}
SIGN_NOW = {"obligations": [{"unit": "S150102001"}]}
BLOW = {"kind": "emergency", "departments": ["D15010004", "D15010005"]}
RECORD = {
    "contacted": True,
    "in_time": True,
    "resolution": "no",
    "satisfaction": "neutral",
    "reason_class": "unit_work",
}
INTAKE: dict[str, tuple[Staff, str, Json | None, int, str]] = {
    "unknown item": (AGENT, "{new}/accept", ACCEPT | {"item_code": "0000"}, 422, "issue.unknown_item"),
    "unknown street": (AGENT, "{new}/accept", ACCEPT | {"street_code": "150102999"}, 422, "issue.unknown_street"),
    "unknown exclusion": (AGENT, "{new}/propose-decline", {"exclusion_code": "X0000"}, 422, "issue.unknown_exclusion"),
    "unknown knowledge": (
        AGENT,
        "{new}/answer",
        {"kind": "consultation", "item_code": "1904", "knowledge_id": "K000"},
        422,
        "issue.unknown_knowledge",
    ),
    "nothing proposed": (SUPERVISOR, "{new}/confirm-decline", None, 409, "issue.wrong_status"),
    "answered already": (AGENT, "{answered}/accept", ACCEPT, 409, "issue.wrong_status"),
    "closed": (AGENT, "{dual}/transfer", {"agency": "110"}, 409, "issue.wrong_status"),
    "another issue's appeal": (
        AGENT,
        "{new}/follow-ups",
        {"follow_up": "reminder", "appeal_id": "{dual_appeal}"},
        404,
        "issue.unknown_appeal",
    ),
    "another unit's caller": (
        STRANGER,
        "{dual}/appeals/{dual_appeal}/reveal",
        {"purpose": "handling"},
        403,
        "issue.not_your_unit",
    ),
}
ROUTER: dict[str, tuple[Staff, str, Json | None, int, str]] = {
    "another unit's order": (STRANGER, "orders/{new}/sign", None, 403, "order.not_your_unit"),
    "not signed": (STREET, "orders/{new}/contact", {"visit": True}, 409, "order.not_signed"),
    "dispatched already": (
        DISPATCHER,
        "orders/{new}/dispatch",
        {"obligations": [{"unit": "S150102002"}]},
        409,
        "order.wrong_status",
    ),
    "unknown unit": (
        DISPATCHER,
        "orders/{new}/dispatch",
        {"obligations": [{"unit": "S999999999"}]},
        422,
        "order.unknown_unit",
    ),
    "nothing to review": (REVIEWER, "orders/{new}/review", {"passed": True}, 409, "order.wrong_status"),
    "no reason": (REVIEWER, "orders/{new}/review", {"passed": False}, 422, "order.reason_required"),
    "submitted already": (STREET, "orders/{dual}/submit", {"text": "再交一次"}, 409, "order.already_submitted"),
    "only streets whistle": (SECTOR, "orders/{dual}/whistles", BLOW, 409, "order.already_submitted"),
    "unknown department": (
        STREET,
        "orders/{new}/whistles",
        BLOW | {"departments": ["D15010004", "D99999999"]},
        422,
        "order.unknown_unit",
    ),
    "not called": (SECTOR, "whistles/{whistle}/report-in", None, 403, "whistle.not_your_unit"),
    "evaluated already": (
        STREET,
        "whistles/{whistle}/evaluate",
        {"unit": "D15010004", "reported_in_score": 1, "acted_score": 1, "solved_score": 1},
        409,
        "whistle.already_evaluated",
    ),
    "result given already": (
        WATER,
        "whistles/{whistle}/result",
        {"text": "再反馈一次"},
        409,
        "whistle.result_already_recorded",
    ),
    "departments do not evaluate": (
        ROADS,
        "whistles/{whistle}/evaluate",
        {"unit": "D15010004", "reported_in_score": 1, "acted_score": 1, "solved_score": 1},
        403,
        "whistle.not_your_unit",
    ),
}
OTHERS: dict[str, tuple[str, Staff, str, Json | None, int, str]] = {
    "guided already": (
        "mediation",
        CLERK,
        "cases/{case}/guidance",
        {"guidance": "arbitration"},
        409,
        "case.wrong_status",
    ),
    "agreement too late": (
        "mediation",
        MEDIATOR,
        "cases/{case}/sessions",
        {"number": 2, "notes": "迟"},
        409,
        "case.wrong_status",
    ),
    "another mediator's case": ("mediation", OTHER_MEDIATOR, "cases/{case}/failure", None, 403, "case.not_your_case"),
    "recorded already": ("notify", REVISITOR, "revisits/{revisit}/record", RECORD, 409, "revisit.wrong_status"),
    "attempt after the end": (
        "notify",
        REVISITOR,
        "revisits/{revisit}/attempts",
        {"number": 1},
        409,
        "revisit.wrong_status",
    ),
}


@dataclass(frozen=True, slots=True)
class Places:
    """Ids of what has ended on its road, and of what has just begun."""

    issues: dict[str, str]
    orders: dict[str, str]
    others: dict[str, str]


@pytest.fixture(scope="module")
async def places(world: World) -> Places:
    api = world.api
    walk = await begin(api, world.secrets, uuid.uuid4().hex)
    fresh = await begin(api, world.secrets, uuid.uuid4().hex)
    order = await walk.accepted(LOCALITY)
    issues = {name: gone.id for name, gone in world.issues.items()} | {"new": fresh.id}
    dual = await api.get(AGENT, "intake", world.issues["dual"].path)
    whistles = await api.get(SUPERVISOR, "router", "/v1/whistles", status="closed")
    cases = await api.get(CLERK, "mediation", "/v1/cases", issue_id=issues["failed"])
    revisits = await api.get(REVISITOR, "notify", "/v1/revisits", issue_id=issues["dual"])
    return Places(
        issues=issues | {"dual_appeal": dual["appeals"][0]},
        orders={"new": order["id"], "dual": dual["order_id"], "whistle": whistles["items"][0]["id"]},
        others={"case": cases["items"][0]["id"], "revisit": revisits["items"][0]["id"]},
    )


@pytest.fixture(scope="module")
def refusals(world: World) -> Refusals:
    return Refusals(world.api)


@pytest.mark.parametrize("what", [*INTAKE, *ROUTER, *OTHERS])
async def test_what_rules_forbid(what: str, world: World, places: Places, refusals: Refusals) -> None:
    if what in INTAKE:
        (who, path, body, status, code), service, ids, path_of = INTAKE[what], "intake", places.issues, "/v1/issues/"
    elif what in ROUTER:
        (who, path, body, status, code), service, ids, path_of = ROUTER[what], "router", places.orders, "/v1/"
    else:
        service, who, path, body, status, code = OTHERS[what]
        ids, path_of = places.others, "/v1/"
    filled = {key: _filled(value, ids) for key, value in (body or {}).items()} or None
    answer = await world.api.ask("POST", service, path_of + path.format(**ids), who, json=filled)
    assert await refusals.check(service, answer, what) == (status, code)


def _filled(value: Any, ids: dict[str, str]) -> Any:
    return value.format(**ids) if isinstance(value, str) else value


async def test_the_proposer_does_not_decide(world: World, refusals: Refusals) -> None:
    walk = await begin(world.api, world.secrets, uuid.uuid4().hex)
    await walk.act(AGENT, "propose-decline", {"exclusion_code": "X0101"})
    answer = await world.api.ask("POST", "intake", f"{walk.path}/confirm-decline", AGENT)
    assert await refusals.check("intake", answer, "same person") == (403, "issue.same_person")


async def test_a_key_serves_one_request_only(world: World, refusals: Refusals) -> None:
    path, key = "/v1/cases", {"Idempotency-Key": uuid.uuid4().hex}
    bodies = [{"issue_id": str(uuid.uuid4())} for _ in range(2)]
    first = await world.api.ask("POST", "mediation", path, CLERK, json=bodies[0], headers=key)
    again = await world.api.ask("POST", "mediation", path, CLERK, json=bodies[0], headers=key)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["Idempotency-Replayed"] == "true"
    other = await world.api.ask("POST", "mediation", path, CLERK, json=bodies[1], headers=key)
    assert await refusals.check("mediation", other, "reused key") == (422, "idempotency.key_reused")


async def test_a_stale_version_is_refused_with_the_current_one(
    world: World, places: Places, refusals: Refusals
) -> None:
    path, body = f"/v1/issues/{places.issues['new']}/accept", ACCEPT
    stale = await world.api.ask("POST", "intake", path, AGENT, json=body, headers={"If-Match": '"17"'})
    assert await refusals.check("intake", stale, "stale") == (412, "request.version_mismatch")
    assert stale.headers["ETag"] == '"1"'


CODE = re.compile(r"[a-z_]+\.[a-z_]+")
RAISED = ("Rejected", "ProblemError", "Invalid", "Unauthenticated")
NAMES = ("problem", "code")


def codes_in(source: str) -> Iterator[str]:
    """Problem codes that a module's text raises: arguments of what is raised, or variables that are handed to it."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in RAISED:
                values = [*node.args, *(keyword.value for keyword in node.keywords if keyword.arg == "code")]
            case ast.Assign(targets=[ast.Name(id=name)]) if name in NAMES:
                values = [node.value]
            case _:
                continue
        for value in values:
            if isinstance(value, ast.Constant) and CODE.fullmatch(str(value.value)):
                yield str(value.value)


@pytest.mark.parametrize("service", SERVICES)
async def test_every_code_of_the_sources_is_explained(service: str, world: World) -> None:
    sources = [*(ROOT / "services" / service).rglob("*.py"), *(ROOT / "chassis").rglob("*.py")]
    codes = {code for file in sources for code in codes_in(file.read_text("utf-8"))}
    assert len({code for code in codes if not code.startswith(("request.", "auth."))}) > 4
    unknown = [code for code in codes if not (await world.api.ask("GET", service, f"/problems/{code}")).is_success]
    assert sorted(unknown) == []
