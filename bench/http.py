"""`http`: six-step lifecycles of an issue over HTTP with tokens, beside a bare route with the same group commit.

Both servers run through all rounds, each with a database of its own; whoever is not asked does nothing. Intake's relay
is kept away by its own lock: publishing is measured by itself.
"""

import asyncio
import json
import uuid
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from time import perf_counter
from urllib.parse import urlsplit

from bench import contenders, databases
from bench.clients import Connection, Json, connect
from bench.contenders.issue_rows import IssueRows, Step
from bench.contest import Try
from stack.doubles import trouble
from stack.fleet import Fleet
from stack.local import Ground
from stack.net import free_port, wait_until
from stack.tokens import OAuthClient, Staff

CLIENTS = 64
AGENT = Staff("12345-001", ("agent",))
REGISTER: Json = {
    "channel": "hotline",
    "text": "屋里只有十五度，暖气片摸着是凉的。",
    "street_code": "150105004",
    "appellant": {"name": "赵示例", "phone": "13800001001"},
}
ACCEPT: Json = {"kind": "complaint", "item_code": "0403", "street_code": "150105004"}
FOLLOW_UPS: tuple[Json, ...] = (
    {"follow_up": "reminder"},
    {"follow_up": "supplement", "text": "老人在家，请尽快。"},
    {"follow_up": "reminder"},
    {"follow_up": "reminder"},
)
STEPS = 2 + len(FOLLOW_UPS)
START_SECONDS = 60.0
Walk = Callable[[Connection], AsyncGenerator[None]]
_STATE = "SELECT state::text, traceparent FROM issues"
_EVENT = "SELECT type, data::text, meta::text FROM events ORDER BY version DESC LIMIT 1"
_DEADLINES = (
    "SELECT d.name, extract(epoch FROM d.due_at - i.updated_at)::float8 FROM deadlines d JOIN issues i USING (id)"
)
_PRIVATE = "SELECT name, length(ciphertext) FROM private_data"
_RESPONSE = "SELECT response::text FROM idempotency_keys ORDER BY created_at DESC LIMIT 1"


async def walk_ours(connection: Connection, token: str) -> AsyncGenerator[None]:
    """An issue is registered, accepted, and called about four times; yields after each step."""

    def headers() -> dict[str, str]:
        return {"authorization": f"Bearer {token}", "idempotency-key": uuid.uuid4().hex}

    issue = await connection.ask("POST", "/v1/issues", REGISTER, headers())
    yield
    path = f"/v1/issues/{issue['id']}"
    await connection.ask("POST", f"{path}/accept", ACCEPT, headers())
    yield
    for follow_up in FOLLOW_UPS:
        body = {"appeal_id": issue["appeal_id"], **follow_up}
        await connection.ask("POST", f"{path}/follow-ups", body, headers())
        yield


async def walk_bare(connection: Connection) -> AsyncGenerator[None]:
    """Six steps of nothing but rows."""
    issue = await connection.ask("POST", "/issues", {"text": REGISTER["text"]}, {"idempotency-key": uuid.uuid4().hex})
    yield
    for number in range(1, STEPS):
        path = f"/issues/{issue['id']}/steps/{number}"
        await connection.ask("POST", path, {"text": "x"}, {"idempotency-key": uuid.uuid4().hex})
        yield


@asynccontextmanager
async def contest(ground: Ground, original: Fleet, folder: Path, seconds: float) -> AsyncGenerator[dict[str, Try]]:
    """Start both servers; a try lasts ``seconds``. ``original`` is a fleet whose databases are prepared, not in use."""
    around = ground.surroundings
    template = urlsplit(original.database_url("intake")).path.removeprefix("/")
    token = await asyncio.to_thread(OAuthClient(around.issuer, "bench", around.client_secret).fetch, AGENT)
    file = folder / "issue_rows.json"
    async with (
        databases.copy_of(around.database_url, template, "qc_http_ours") as ours,
        databases.copy_of(around.database_url, template, "qc_http_bare") as bare,
        databases.without_relay(ours),
    ):
        env = {"intake": {"DATABASE_URL": ours, "CONSUMER_GROUP": "http", "MAX_UNPUBLISHED_SECONDS": "3600"}}
        fleet = Fleet(ground.children, around, ground.logs, topic_prefix=original.topic_prefix, extra_env=env)
        await asyncio.to_thread(fleet.start, "intake")
        await asyncio.to_thread(fleet.wait_ready, ["intake"])
        url = fleet.base_urls["intake"]
        file.write_text(json.dumps(asdict(await _sample(ours, url, token))))
        port = free_port()
        bare_url = f"http://127.0.0.1:{port}"
        with contenders.running(ground, "bare_http", str(port), bare, str(file)) as child:
            await asyncio.to_thread(
                wait_until, lambda: trouble(child, f"{bare_url}/readyz") is None, START_SECONDS, "bare_http"
            )
            yield {
                "ours": _attempt(url, lambda connection: walk_ours(connection, token), seconds),
                "bare": _attempt(bare_url, walk_bare, seconds),
            }
        await asyncio.to_thread(fleet.stop, "intake")


def _attempt(url: str, walk: Walk, seconds: float) -> Try:
    async def attempt(_: int) -> Mapping[str, float]:
        return {"http": await lifecycles_per_second(url, walk, seconds)}

    return attempt


async def lifecycles_per_second(url: str, walk: Walk, seconds: float) -> float:
    """What ``CLIENTS`` clients get done: steps that were answered in time, in lifecycles."""
    return len(await steps(url, walk, seconds)) / STEPS / seconds


async def steps(url: str, walk: Walk, seconds: float) -> list[float]:
    """What ``CLIENTS`` clients get done: how many seconds each step took that was answered in time."""
    connections = await asyncio.gather(*(connect(url) for _ in range(CLIENTS)))
    end = perf_counter() + seconds
    took: list[float] = []

    async def client(connection: Connection) -> None:
        while (begun := perf_counter()) < end:
            async for _ in walk(connection):
                if (answered := perf_counter()) < end:
                    took.append(answered - begun)
                begun = perf_counter()

    try:
        await asyncio.gather(*map(client, connections))
    finally:
        for connection in connections:
            connection.close()
    return took


async def _sample(dsn: str, url: str, token: str) -> IssueRows:
    """Go through the first issue of an empty database and see what each step writes."""
    connection = await connect(url)
    steps: list[Step] = []
    traceparent: str | None = None
    timers: dict[str, float] = {}
    texts: dict[str, int] = {}
    async for _ in walk_ours(connection, token):
        ((state, traceparent),) = await databases.rows(dsn, _STATE)
        ((type_, data, meta),) = await databases.rows(dsn, _EVENT)
        running = {row[0]: row[1] for row in await databases.rows(dsn, _DEADLINES)}
        sealed = {row[0]: row[1] for row in await databases.rows(dsn, _PRIVATE)}
        new_timers = {name: after for name, after in running.items() if name not in timers}
        new_texts = {name: size for name, size in sealed.items() if name not in texts}
        response = await databases.value(dsn, _RESPONSE)
        steps.append(Step(state, type_, data, meta, new_timers, new_texts, response))
        timers, texts = running, sealed
    connection.close()
    return IssueRows(traceparent, steps)
