"""What callers, units and parties said is where it belongs, and nowhere else."""

import io
from collections.abc import AsyncIterator, Callable

import asyncpg
import pytest

from stack.fleet import SERVICES
from tests.e2e.api import AGENT, REVIEWER
from tests.e2e.secret import Secrets
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


PLACES: dict[str, tuple[Callable[[World], AsyncIterator[bytes]], tuple[str, ...]]] = {
    "topics": (topics, ("S150102001", "/mediation", "ce_traceparent")),
    "logs": (logs, ("relay.leads", "case.", "delivery.attempted")),
    "spans": (spans, ("POST /v1/issues", "RecordRevisit", "delivery.send")),
    "metrics": (metrics, ("http_request", "/v1/cases")),
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
    assert called
    assert called <= set(world.secrets.phones)
    issue = await world.api.get(AGENT, "intake", world.issues["dual"].path)
    for appeal in issue["appeals"]:
        path = f"{world.issues['dual'].path}/appeals/{appeal}/reveal"
        shown = await world.api.ask("POST", "intake", path, AGENT, json={"purpose": "handling"})
        assert len(world.secrets.found_in(shown.content)) >= 5  # name, number, words, place, latitude
    result = await world.api.ask("GET", "router", f"/v1/orders/{issue['order_id']}/result", REVIEWER)
    assert len(world.secrets.found_in(result.content)) == 2


@pytest.mark.parametrize("form", ["{}", '{{"a":"{}"}}', "&x={}&y"])
def test_the_search_finds_what_there_is(form: str) -> None:
    secrets = Secrets()
    text, phone = secrets.text("姓名"), secrets.phone()
    for secret in (text, text.encode("unicode-escape").decode(), phone):
        assert len(secrets.found_in(form.format(secret).encode())) == 1
