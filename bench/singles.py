"""`singles`: one command at a time while nothing else happens, beside a request for nothing and a bare commit."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Any

import asyncpg

from bench.clients import Json
from bench.lifecycle import ACCEPT, AGENT, City, appeal
from bench.percentiles import percentiles

REMINDER = {"follow_up": "reminder"}
SETTLED = 5.0
"""Seconds after which orders are dispatched and messages are sent."""
APART = 0.1
"""Seconds between two: what a registration or a reminder sets going is over by then."""
_COMMIT = "SELECT pg_logical_emit_message(true, 'bench', repeat('x', 1024))"
"""The least that is written and flushed by a durable commit; `true`: it is part of the transaction."""


@dataclass(frozen=True, slots=True)
class Singles:
    """Seconds that each took: `register` 登记, `follow_up` 催办, `nothing` (`GET /livez`), `commit` (1 KiB)."""

    register: list[float]
    follow_up: list[float]
    nothing: list[float]
    commit: list[float]


async def measure(people: City, database_url: str, count: int) -> Singles:
    """``count`` of each, in turns; ``database_url`` is intake's, so that the bare commit goes to the same disk."""
    found = Singles([], [], [], [])

    async def register() -> Json:
        return await people.post(AGENT, "intake", "/v1/issues", appeal())

    accepted = [await register() for _ in range(count)]
    for issue in accepted:
        await people.post(AGENT, "intake", f"/v1/issues/{issue['id']}/accept", ACCEPT)
    await asyncio.sleep(SETTLED)
    connection = await asyncpg.connect(database_url)
    try:
        for issue in accepted:
            path, reminder = f"/v1/issues/{issue['id']}/follow-ups", {"appeal_id": issue["appeal_id"], **REMINDER}
            await _timed(found.register, register)
            await _timed(found.follow_up, partial(people.post, AGENT, "intake", path, reminder))
            await _timed(found.nothing, partial(people.get, "intake", "/livez"))
            await _timed(found.commit, partial(connection.execute, _COMMIT))
    finally:
        await connection.close()
    return found


async def _timed(times: list[float], act: Callable[[], Awaitable[Any]]) -> Any:
    started = perf_counter()
    answer = await act()
    times.append(perf_counter() - started)
    await asyncio.sleep(APART)
    return answer


def report(found: Singles) -> Mapping[str, Any]:
    """Percentiles in milliseconds, by what was done."""
    return {
        "register_ms": percentiles(found.register),
        "follow_up_ms": percentiles(found.follow_up),
        "nothing_ms": percentiles(found.nothing),
        "bare_commit_ms": percentiles(found.commit),
    }
