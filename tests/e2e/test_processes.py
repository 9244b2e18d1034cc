"""The services as processes: how much they take, how fast they are, how they end, and what they lose: nothing."""

import asyncio
import json
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from time import perf_counter

import asyncpg
import psutil
import pytest

from stack.fleet import SERVICES
from tests.e2e.api import AGENT, CLERK, Json
from tests.e2e.roads import LOCALITY, begin
from tests.e2e.world import World, ends_of, read_all
from tests.polling import eventually

MEGABYTE = 1024 * 1024
MOST_RESIDENT = 150 * MEGABYTE
COMMANDS, ROUNDS = 200, 3
QUICK, TIMES_NOTHING = 10.0, 10  # milliseconds; and how often a request that does nothing may fit into a command
STOP_SECONDS = 10
LOCKS = (
    "SELECT pid, (classid::bigint << 32) | objid::bigint AS key, granted FROM pg_locks WHERE locktype = 'advisory' "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
CLIENT_LIBRARY = "aiokafka"
"""Says at first, loudly, that a broker which has just begun has no group coordinator yet, and tries again."""


def complaints(log: Path, start: int = 0) -> list[str]:
    """Log entries that tell of an error, and whatever else has the look of one."""
    found = []
    for line in log.read_bytes()[start:].decode().splitlines():
        entry = json.loads(line) if line.startswith("{") else {"level": "error" if "Traceback" in line else "info"}
        if entry["level"] in ("error", "critical") and not entry.get("logger", "").startswith(CLIENT_LIBRARY):
            found.append(line)
    return found


def log_of(world: World, service: str) -> Path:
    """Where a service writes."""
    return world.logs[0] / f"{service}.log"


@pytest.mark.parametrize("service", SERVICES)
async def test_nothing_so_far_was_an_error(service: str, world: World) -> None:
    assert "relay.leads" in log_of(world, service).read_text()
    assert complaints(log_of(world, service)) == []


@pytest.mark.parametrize("service", SERVICES)
async def test_memory(service: str, world: World) -> None:
    resident = psutil.Process(world.children.pids[service]).memory_info().rss
    assert resident <= MOST_RESIDENT, f"{service}: {resident / MEGABYTE:.0f} MB"


async def test_a_single_command_at_idle(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """The bound is on medians, and on a busy machine in proportion to a request that does nothing."""
    for _ in range(ROUNDS):
        times, nothing = await _timed(world)
        p50, p99, least = (
            1000 * value for value in (median(times), sorted(times)[int(0.99 * COMMANDS)], median(nothing))
        )
        with capsys.disabled():
            sys.stdout.write(f"\n{COMMANDS} commands: p50 {p50:.1f} ms, p99 {p99:.1f} ms; nothing: p50 {least:.1f} ms ")
        if p50 <= max(QUICK, TIMES_NOTHING * least):
            return
    pytest.fail(f"never quick in {ROUNDS} rounds of {COMMANDS} commands")


async def _timed(world: World) -> tuple[list[float], list[float]]:
    """Seconds that each command took, and that each request for nothing took which was made between them."""
    walk = await begin(world.api, world.secrets, uuid.uuid4().hex)
    issue = await walk.act(AGENT, "accept", {"kind": "complaint", "item_code": LOCALITY, "street_code": "150102001"})
    body: Json = {"appeal_id": issue["appeals"][0], "follow_up": "supplement"}
    times, nothing = [], []
    for _ in range(COMMANDS):
        started = perf_counter()
        await walk.act(AGENT, "follow-ups", body)
        done = perf_counter()
        await world.api.ask("GET", "intake", "/livez")
        times.append(done - started)
        nothing.append(perf_counter() - done)
    return times, nothing


@asynccontextmanager
async def database(url: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A connection of our own."""
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def test_readiness_says_that_the_database_is_away_and_that_it_is_back(world: World) -> None:
    name = f'"qc_{world.prefix}mediation"'
    readiness: Json = {}

    async def is_ready() -> bool:
        nonlocal readiness
        answer = await world.api.ask("GET", "mediation", "/readyz")
        readiness = answer.json()
        assert answer.status_code == (200 if readiness["ok"] else 503)
        return bool(readiness["ok"])

    async def is_not_ready() -> bool:
        return not await is_ready()

    assert await is_ready()
    async with database(world.around.database_url) as admin:
        await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        try:
            await admin.fetch(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name.strip('"')
            )
            await eventually(is_not_ready, seconds=15)
            assert readiness["checks"]["database"]["ok"] is False
            assert readiness["checks"]["database"]["detail"]["error"]
            assert readiness["checks"]["tasks"]["ok"] is True
            assert (await world.api.ask("GET", "mediation", "/livez")).is_success
        finally:
            await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    await eventually(is_ready, seconds=30)
    await world.api.post(CLERK, "mediation", "/v1/cases", {"issue_id": str(uuid.uuid4())})


@asynccontextmanager
async def relay_held_up(world: World, service: str) -> AsyncIterator[None]:
    """Take the relay's lock away from it: what is committed meanwhile waits to be published."""
    async with (
        database(world.fleet.database_url(service)) as ours,
        database(world.fleet.database_url(service)) as other,
    ):
        ((relay, key, _),) = await other.fetch(LOCKS)
        taking = asyncio.create_task(ours.execute("SELECT pg_advisory_lock($1)", key))

        async def in_line() -> bool:
            return len(await other.fetch(LOCKS)) == 2

        await eventually(in_line)
        await other.execute("SELECT pg_terminate_backend($1)", relay)
        await taking
        yield


async def test_a_kill_between_commit_and_publishing_loses_nothing(world: World) -> None:
    async with relay_held_up(world, "mediation"):
        case = await world.api.post(CLERK, "mediation", "/v1/cases", {"issue_id": str(uuid.uuid4())})
        published = "SELECT published_at IS NOT NULL AS published FROM events WHERE id = $1::text::uuid"
        assert [row["published"] for row in await world.fetch("mediation", published, case["id"])] == [False]
        await asyncio.to_thread(world.fleet.kill, "mediation")
    await asyncio.to_thread(world.fleet.start, "mediation")
    await asyncio.to_thread(world.fleet.wait_ready, ["mediation"])

    async def is_published() -> bool:
        return [row["published"] for row in await world.fetch("mediation", published, case["id"])] == [True]

    await eventually(is_published, seconds=15)
    topic = f"{world.prefix}mediation.cases"
    records = await read_all(world.around.kafka, await ends_of(world.around.kafka, [topic]))
    of_case = [record for record in records if ("ce_subject", f"case/{case['id']}".encode()) in record.headers]
    assert [dict(record.headers)["ce_sequence"] for record in of_case] == [b"1"]
    assert (await world.api.get(CLERK, "mediation", f"/v1/cases/{case['id']}")) == case


async def test_a_service_ends_in_good_order(world: World) -> None:
    ended = {service: psutil.Process(world.children.pids[service]) for service in SERVICES}
    starts = {service: log_of(world, service).stat().st_size for service in SERVICES}
    for process in ended.values():
        process.terminate()
    try:
        codes = [await asyncio.to_thread(process.wait, STOP_SECONDS) for process in ended.values()]
    finally:
        for service in SERVICES:
            await asyncio.to_thread(world.fleet.restart, service)
        await asyncio.to_thread(world.fleet.wait_ready)
    assert codes == [0, 0, 0, 0]
    for service in SERVICES:
        assert complaints(log_of(world, service), starts[service]) == []
