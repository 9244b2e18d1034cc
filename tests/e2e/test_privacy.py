"""What callers, units and parties said is where it belongs, and nowhere else."""

import asyncio
import io
import json
import sys
from collections.abc import AsyncIterator, Callable

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer

from chassis.ids import new_id
from contracts.topics import TOPICS
from stack.children import run_to_end
from stack.fleet import SERVICES
from tests.e2e.api import ADMIN, AGENT, EVERYBODY, REVIEWER, REVISITOR, Json
from tests.e2e.secret import Secrets
from tests.e2e.surface import operations
from tests.e2e.test_rubbish import raw, well_formed
from tests.e2e.world import World, ends_of, read_all
from tests.polling import eventually

USER_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"


async def topics(world: World) -> AsyncIterator[bytes]:
    """Key, value and headers of every record."""
    for record in await read_all(world.around.kafka, await ends_of(world.around.kafka, world.topics)):
        headers = [part for name, value in record.headers for part in (name.encode(), value or b"")]
        yield b"\n".join([record.key or b"", record.value or b"", *headers])


async def logs(world: World) -> AsyncIterator[bytes]:
    """Everything that any process of this run has written down."""
    for folder in world.logs:
        for file in folder.rglob("*.log"):
            yield file.read_bytes() if file.is_file() else b""


async def spans(world: World) -> AsyncIterator[bytes]:
    """Every span with all that it says."""
    await eventually(lambda: world.collector.services() == set(SERVICES))
    for export in list(world.collector.exports):
        yield export


async def metrics(world: World) -> AsyncIterator[bytes]:
    """What Prometheus is told."""
    for service in SERVICES:
        yield (await world.api.ask("GET", service, "/metrics")).content


async def tables(world: World) -> AsyncIterator[bytes]:
    """Every row of every table, as the server sends it in binary: text as it is, bytes as they are."""
    for service in SERVICES:
        connection = await asyncpg.connect(world.fleet.database_url(service))
        try:
            for (table,) in await connection.fetch(USER_TABLES):
                content = io.BytesIO()
                await connection.copy_from_table(table, output=content, format="binary")
                yield table.encode() + content.getvalue()
        finally:
            await connection.close()


async def exports(world: World) -> AsyncIterator[bytes]:
    """Every list that a spreadsheet may be made of, as somebody sees it who may see everything."""
    for service in SERVICES:
        paths = {one.path for one in await operations(world.api, service) if one.method == "GET"}
        listed = [path for path in sorted(paths) if path.startswith("/v1/") and "{" not in path]
        if "/v1/queues" in paths:
            queues = await world.api.get(EVERYBODY, service, "/v1/queues")
            listed += [f"/v1/queues/{queue['name']}" for queue in queues["items"]]
        headers = {**await world.api.headers(EVERYBODY), "Accept": "text/csv"}
        for path in listed:
            answer = await world.api.http.get(f"{world.api.base_urls[service]}{path}?limit=200", headers=headers)
            if answer.headers["content-type"].startswith("text/csv"):
                yield path.encode() + answer.content


async def republished(world: World) -> AsyncIterator[bytes]:
    """What the command says that sends history out again, and what it sends."""
    before = await ends_of(world.around.kafka, world.topics)
    for topic in TOPICS.values():
        yield topic.name.encode()
        yield await command(world, topic.owner, "republish", "--aggregate", topic.aggregate, "--from", "1", "--json")
    after = await ends_of(world.around.kafka, world.topics)
    for record in await read_all(world.around.kafka, after):
        if record.offset >= before[record.topic, record.partition]:
            yield b"\n".join([record.key or b"", record.value or b"", *(value or b"" for _, value in record.headers)])


async def command(world: World, service: str, *arguments: str) -> bytes:
    """What a command of a service writes; it must succeed."""
    line = [sys.executable, "-m", f"services.{service}", *arguments]
    code, output = await asyncio.to_thread(run_to_end, line, world.fleet.environment(service))
    assert code == 0, output
    return output.encode()


PLACES: dict[str, tuple[Callable[[World], AsyncIterator[bytes]], tuple[str, ...]]] = {
    "topics": (topics, ("S150102001", "/mediation", "ce_traceparent")),
    "logs": (logs, ("relay.leads", "case.", "delivery.attempted")),
    "spans": (spans, ("POST /v1/issues", "RecordRevisit", "delivery.send", "/survey")),
    "metrics": (metrics, ("http_request", "/v1/cases", "/survey")),
    "exports": (exports, ("/v1/issues", "/v1/orders", "/v1/cases", "/v1/revisits", "/v1/deliveries", "消息编号")),
    "republished": (republished, ("intake.issues", "notify.recipients", "/mediation", "S150102001")),
    "tables": (tables, ("idempotency_keys", "private_data", "S150102001", "M150105001")),
}
"""Where to look, and what is there when one really looks there."""


@pytest.mark.parametrize("place", PLACES)
async def test_no_secret_is_found_in(world: World, place: str) -> None:
    look, proofs = PLACES[place]
    content = b"\n".join([part async for part in look(world)])
    assert [proof for proof in proofs if proof.encode() not in content] == []
    assert world.secrets.found_in(content) == set()


async def test_answers_to_repeated_requests_are_kept_without_secrets(world: World) -> None:
    kept = await world.fetch("intake", "SELECT response::text AS text FROM idempotency_keys WHERE response IS NOT NULL")
    assert len(kept) >= len(world.issues)
    assert world.secrets.found_in("\n".join(row["text"] for row in kept).encode()) == set()


async def test_what_was_said_is_found_where_it_belongs(world: World) -> None:
    told = await world.api.http.get(f"{world.around.sms_gateway}/messages")
    called = world.secrets.found_in(told.content)
    assert world.secrets.tokens
    assert called > set(world.secrets.tokens)
    assert called <= {*world.secrets.phones, *world.secrets.tokens}
    [revisit] = (await world.api.get(REVISITOR, "notify", "/v1/revisits", issue_id=world.issues["whistle"].id))["items"]
    assert revisit["channel"] == "survey_link"
    comment = await world.api.ask("GET", "notify", f"/v1/revisits/{revisit['id']}/comment", REVISITOR)
    assert len(world.secrets.found_in(comment.content)) == 1
    issue = await world.api.get(AGENT, "intake", world.issues["dual"].path)
    for appeal in issue["appeals"]:
        path = f"{world.issues['dual'].path}/appeals/{appeal}/reveal"
        shown = await world.api.ask("POST", "intake", path, AGENT, json={"purpose": "handling"})
        assert len(world.secrets.found_in(shown.content)) >= 5  # name, number, words, place, latitude
    result = await world.api.ask("GET", "router", f"/v1/orders/{issue['order_id']}/result", REVIEWER)
    assert len(world.secrets.found_in(result.content)) == 2


async def test_a_record_that_is_set_aside_is_told_of_without_what_it_says(world: World) -> None:
    """Its bytes are kept; lists, logs, spans and metrics name where it lies and what is wrong with it."""
    private = Secrets()
    said, phone, issue = private.text("内容"), private.phone(), new_id()
    content = json.dumps({"step": said, "due_at": phone, "caller": {"phone": phone}}).encode()
    record = raw(well_formed("intake.issues", issue)._replace(data=content))
    producer = AIOKafkaProducer(bootstrap_servers=world.around.kafka, acks="all")
    await producer.start()
    try:
        await producer.send_and_wait(f"{world.prefix}intake.issues", record.value, record.key, headers=record.headers)
    finally:
        await producer.stop()
    letters: list[Json] = []

    async def set_aside() -> bool:
        page = await world.api.get(ADMIN, "router", "/v1/dead-letters", limit=200)
        letters[:] = [one for one in page["items"] if one["reason"] == "malformed"]
        kept = await world.fetch("router", "SELECT value FROM dead_letters")
        return bool(letters) and any(private.found_in(row["value"] or b"") for row in kept)

    await eventually(set_aside, seconds=20)
    shown = [json.dumps(letters).encode(), await command(world, "router", "dead-letters", "list", "--all")]
    shown += [await command(world, "router", "dead-letters", "list", "--all", "--json")]
    shown += [file.read_bytes() for file in world.logs[0].rglob("*.log")]  # the broker's segments are called so, too
    for look in (spans, metrics):
        shown += [part async for part in look(world)]
    assert private.found_in(b"\n".join(shown)) == set()
    for letter in letters:
        answer = await world.api.ask(
            "POST", "router", f"/v1/dead-letters/{letter['id']}/discard", ADMIN, json={"note": "测试"}
        )
        assert answer.status_code == 204


@pytest.mark.parametrize("place", ["topics", "logs", "spans"])
async def test_a_leak_would_be_found_in(world: World, place: str) -> None:
    """One of each kind is planted where a careless line of code would leave it."""
    leaked = Secrets()
    said, phone = leaked.text("泄露"), leaked.phone()
    line = json.dumps({"event": "issue.registered", "text": said, "phone": phone}).encode()
    match place:
        case "topics":
            producer = AIOKafkaProducer(bootstrap_servers=world.around.kafka, acks="all")
            await producer.start()
            try:
                await producer.send_and_wait(f"{world.prefix}notify.recipients", b"{}", b"k", headers=[("x", line)])
            finally:
                await producer.stop()
        case "logs":
            (world.logs[0] / "leak.log").write_bytes(line)
        case _:
            world.collector.exports.append(line)
    look, _ = PLACES[place]
    content = b"\n".join([part async for part in look(world)])
    assert leaked.found_in(content) == {said, phone}


@pytest.mark.parametrize("form", ["{}", '{{"a":"{}"}}', "&x={}&y"])
def test_the_search_finds_what_there_is(form: str) -> None:
    secrets = Secrets()
    text, phone = secrets.text("姓名"), secrets.phone()
    for secret in (text, text.encode("unicode-escape").decode(), phone):
        assert len(secrets.found_in(form.format(secret).encode())) == 1
