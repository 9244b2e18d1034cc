"""代理: by which of the router's appointments somebody reads for another unit in intake."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from chassis.errors import Unavailable
from chassis.security import Actor
from services.intake.acting import _Appointment, _page

UNIT, OWN = "S150102001", "S150102002"
ACTOR = Actor("U1", frozenset({"unit_handler"}), OWN)
OF_NO_UNIT = Actor("U1", frozenset({"unit_handler"}), None)


@pytest.mark.parametrize(
    ("unit", "deputy_id", "deputy_unit", "in_force", "actor", "lets"),
    [
        pytest.param(UNIT, "U1", None, True, ACTOR, True, id="in person"),
        pytest.param(UNIT, None, OWN, True, ACTOR, True, id="as staff of the unit that minds it"),
        pytest.param(UNIT, "U1", None, False, ACTOR, False, id="not now"),
        pytest.param(OWN, "U1", None, True, ACTOR, False, id="another unit's desk"),
        pytest.param(UNIT, "U2", None, True, ACTOR, False, id="somebody else"),
        pytest.param(UNIT, None, "S150102003", True, ACTOR, False, id="another unit minds it"),
        pytest.param(UNIT, "U2", None, True, OF_NO_UNIT, False, id="staff of no unit are not staff of none"),
    ],
)
def test_who_minds_a_desk(
    unit: str, deputy_id: str | None, deputy_unit: str | None, in_force: bool, actor: Actor, lets: bool
) -> None:
    made = _Appointment(unit=unit, deputy_id=deputy_id, deputy_unit=deputy_unit, in_force=in_force)
    assert made.lets(actor, UNIT) is lets


def _away(_: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("nobody listens")


@pytest.mark.parametrize(
    "router",
    [
        pytest.param(_away, id="away"),
        pytest.param(lambda _: httpx.Response(503), id="cannot say"),
        pytest.param(lambda _: httpx.Response(200, json={"items": [{"unit": UNIT}]}), id="says something else"),
    ],
)
async def test_a_router_that_cannot_say_lets_nobody_in_and_is_asked_again(
    router: Callable[[httpx.Request], httpx.Response],
) -> None:
    async with httpx.AsyncClient(transport=httpx.MockTransport(router)) as http:
        runtime: Any = SimpleNamespace(http=http, settings=SimpleNamespace(router_timeout_seconds=1))
        with pytest.raises(Unavailable) as refusal:
            await _page(runtime, "http://router.example", "Bearer token", {})
    assert refusal.value.status == 503
