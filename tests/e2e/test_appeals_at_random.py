"""Appeals of all sorts, and random commands of everybody: no failure of ours, nothing stuck, and the queues add up.

``APPEALS=10000`` makes it the long run; ``APPEALS_SEED`` throws other dice. What was answered how often, and where
everything is in the end, is written to ``build/reports/appeals.json``.
"""

import asyncio
import json
import os
import uuid
from collections import Counter
from collections.abc import Awaitable, Iterable

import pytest

from stack.dice import Dice
from stack.fleet import SERVICES
from tests.e2e.adding_up import differences, wrong
from tests.e2e.lives import ROOT, Lives
from tests.e2e.one_life import Life
from tests.e2e.roads import LOCALITY, begin
from tests.e2e.surface import operations
from tests.e2e.world import World

APPEALS = int(os.environ.get("APPEALS", "100"))
SEED = int(os.environ.get("APPEALS_SEED", "7"))
STEPS = 8
AT_ONCE = 16
REPORT = ROOT / "build" / "reports" / "appeals.json"
SECONDS_TO_SETTLE = 60 + APPEALS / 20


async def several(work: Iterable[Awaitable[object]]) -> None:
    """Do all of it, some at a time."""
    free = asyncio.Semaphore(AT_ONCE)

    async def one(part: Awaitable[object]) -> None:
        async with free:
            await part

    await asyncio.gather(*map(one, work))


@pytest.mark.timeout(300 + APPEALS)
async def test_no_failure_nothing_stuck_and_the_queues_add_up(world: World) -> None:
    known = [one for service in SERVICES for one in await operations(world.api, service)]
    lives = Lives(world.api, known, world.api.issuer.client_secret)
    await lives.put_on_lists(f"1380000{number:04d}" for number in range(6))
    everybody = []

    async def begin(number: int) -> None:
        dice = Dice(SEED * 1_000_000 + number)
        everybody.append(Life(lives, dice, await lives.register(dice)))

    await several(begin(number) for number in range(APPEALS))
    assert len(set(lives.issues)) == APPEALS
    for _ in range(STEPS):
        await several(life.step() for life in everybody)
    assert lives.failures == []
    assert sum(count for (status, _), count in lives.told.items() if status >= 500) == 0
    assert await _settled(world) == []

    been = {"issue": await _statuses(world, "intake", "issues"), "order": await _statuses(world, "router", "orders")}
    _report(lives, been)
    assert len(been["issue"]) >= 8, "the dice have been to many places"
    assert len(been["order"]) >= 6
    done = sum(count for (status, _), count in lives.told.items() if status < 300)
    assert done > len(lives.issues) * STEPS / 2, lives.told.most_common(12)


def _report(lives: Lives, been: dict[str, Counter[str]]) -> None:
    answers = {f"{status} {code}".strip(): count for (status, code), count in sorted(lives.told.items())}
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    told = {"appeals": APPEALS, "seed": SEED, "steps": STEPS, "answers": answers, "failures": lives.failures}
    REPORT.write_text(json.dumps(told | {"statuses": been}, indent=2) + "\n", "utf-8")


async def _statuses(world: World, service: str, table: str) -> Counter[str]:
    rows = await world.fetch(service, "SELECT state->>'status' FROM <table>".replace("<table>", table))
    return Counter(row[0] for row in rows)


async def _settled(world: World) -> list[str]:
    """What is still wrong when everything that was under way has arrived."""
    found = await wrong(world)
    deadline = asyncio.get_running_loop().time() + SECONDS_TO_SETTLE
    while found and asyncio.get_running_loop().time() < deadline:
        found = await wrong(world)
    return found


async def test_an_issue_that_nothing_watches_is_noticed(world: World) -> None:
    walk = await begin(world.api, world.secrets, uuid.uuid4().hex)
    await walk.accepted(LOCALITY)
    taken = "DELETE FROM deadlines WHERE aggregate = 'issue' AND id = $1::text::uuid RETURNING name, due_at"
    back = "INSERT INTO deadlines (aggregate, id, name, due_at) VALUES ('issue', $1::text::uuid, $2, $3)"
    [timer] = await world.fetch("intake", taken, walk.id)
    try:
        told = f"issue/{walk.id} is accepted, without a deadline and in no queue"
        assert told in await wrong(world)
    finally:
        await world.fetch("intake", back, walk.id, *timer)
    assert told not in await wrong(world)


def test_a_queue_that_shows_others_than_it_should_is_noticed() -> None:
    assert differences("router", {"unit": {"a", "b"}}, {"unit": {"a", "b"}}) == []
    [told] = differences("router", {"unit": {"a", "b"}}, {"unit": {"b", "c"}})
    assert told == "router: unit lacks ['a'], has too many ['c']"
