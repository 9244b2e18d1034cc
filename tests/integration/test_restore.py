"""The router's database is put back to an earlier copy while intake goes on: what is noticed, what is done about it.

The steps are those of docs/runbooks/restore-from-backup.md.
"""

import asyncio
import base64
import json
import secrets
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest

from chassis.ids import derived_beside
from stack.databases import database_url
from tests.integration.intake.desk import APPEAL
from tests.integration.router.order_desk import LOCALITY_ITEM, PREPARE, STREET, done
from tests.polling import eventually
from tests.running import Infrastructure, Running, running

ACCEPT = {"kind": "complaint", "item_code": LOCALITY_ITEM, "street_code": STREET[1:]}
TOLD = "SELECT subject, sequence, type FROM journal WHERE source = '/router' ORDER BY 1, 2"
HAPPENED = "SELECT aggregate || '/' || id AS subject, version, type FROM events ORDER BY 1, 2"
LETTERS = "SELECT reason, subject, sequence FROM dead_letters WHERE resolution IS NULL ORDER BY 1, 2, 3"
SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class City:
    """Two services that talk with each other, and two people."""

    postgres_url: str
    intake: Running
    router: Running
    agent: httpx.AsyncClient
    street: httpx.AsyncClient

    async def accepted(self) -> tuple[str, str, str]:
        """An issue, its appeal and its order, which is dispatched, as intake knows."""
        issue = (await done(self.agent.post("/v1/issues", json=APPEAL)))["id"]
        appeal = (await done(self.agent.post(f"/v1/issues/{issue}/accept", json=ACCEPT)))["appeals"][0]
        order = derived_beside(issue, "order", "1")
        await self.told(order, 2)
        return issue, appeal, order

    async def told(self, order: str, events: int) -> None:
        """Wait until intake knows so many events of an order."""

        async def known() -> bool:
            rows = await rows_of(self.intake, "SELECT FROM journal WHERE subject = 'order/' || $1", order)
            return len(rows) == events

        await eventually(known, seconds=SECONDS)

    async def letters(self, service: Running, *expected: tuple[str, str, int]) -> None:
        """Wait until these letters wait in a service, and no others."""

        async def wait() -> bool:
            return [tuple(row) for row in await rows_of(service, LETTERS)] == sorted(expected)

        await eventually(wait, seconds=SECONDS)

    async def copy(self, source: str, target: str) -> None:
        """Copy a database while its users are locked out for a moment, as a snapshot of its disk would be."""
        admin = await asyncpg.connect(self.postgres_url)
        try:
            await admin.execute(f'ALTER DATABASE "{source}" ALLOW_CONNECTIONS false')
            await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", source)
            await admin.execute(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')
            await admin.execute(f'ALTER DATABASE "{source}" ALLOW_CONNECTIONS true')
        finally:
            await admin.close()

    async def drop(self, name: str) -> None:
        admin = await asyncpg.connect(self.postgres_url)
        try:
            await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        finally:
            await admin.close()


async def rows_of(service: Running, query: str, *arguments: object) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(service.database_url)
    try:
        return await connection.fetch(query, *arguments)
    finally:
        await connection.close()


@pytest.fixture
async def city(infrastructure: Infrastructure, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[City]:
    logs, key = tmp_path_factory.mktemp("city"), base64.b64encode(secrets.token_bytes(32)).decode()
    async with running("intake", infrastructure, logs, {"PSEUDONYM_KEY": key}, prepare=PREPARE) as intake:
        env = {"TOPIC_PREFIX": intake.topic_prefix}
        async with (
            running("router", infrastructure, logs, env, prepare=PREPARE) as router,
            await intake.client("agent") as agent,
            await router.client("unit_handler", sub="U1", unit=STREET) as street,
        ):
            yield City(infrastructure.postgres_url, intake, router, agent, street)


@pytest.mark.timeout(180)
async def test_a_service_is_put_back_while_the_others_went_on(city: City) -> None:
    live = urlsplit(city.router.database_url).path[1:]
    backup = f"{live}_backup"
    _, _, old = await city.accepted()
    moment = datetime.now(UTC)
    await city.copy(live, backup)
    # The backup was taken after the events were sent and before they were marked.
    backed_up = await asyncpg.connect(database_url(city.postgres_url, backup))
    await backed_up.execute("UPDATE events SET published_at = NULL")
    await backed_up.close()

    issue, appeal, young = await city.accepted()
    await done(city.street.post(f"/v1/orders/{old}/sign"))
    await city.told(old, 3)

    await city.router.stop()
    await city.drop(live)
    await city.copy(backup, live)
    await city.drop(backup)
    raised = await city.router.ask("epoch", "--raise", "--json")
    assert (raised.code, json.loads(raised.out)) == (0, {"own": 2})

    # Its place in the topics is later than its memory: the next event of what it forgot shows the gap.
    await city.router.start()
    await done(
        city.agent.post(f"/v1/issues/{issue}/follow-ups", json={"appeal_id": appeal, "follow_up": "reminder"}),
    )
    await city.letters(city.router, ("gap", f"issue/{issue}", 3))
    await city.router.stop()
    back = await city.router.ask("rewind", "--to", (moment - timedelta(minutes=5)).isoformat(), "--json")
    assert back.code == 0, back.err
    assert json.loads(back.out)["moves"]
    await city.router.start()
    await city.letters(city.router)  # the missing event has come, and the held one went on by itself
    await done(city.street.post(f"/v1/orders/{old}/sign"))

    # Intake has handled a sign that the router forgot, and an order that it has now made anew.
    contradictions = [("epoch", f"order/{young}", number) for number in (1, 2, 3)]
    await city.letters(city.intake, ("epoch", f"order/{old}", 3), *contradictions)
    looked = await city.intake.ask("epoch", "--accept", "/router", "2", "--json")
    shown = {row["subject"]: (row["handled"], row["first"]) for row in json.loads(looked.out)["subjects"]}
    assert (looked.code, shown) == (1, {f"order/{old}": (3, 3), f"order/{young}": (2, 1)})
    taken = await city.intake.ask("epoch", "--accept", "/router", "2", "--diverged")
    assert taken.code == 0, taken.err
    await city.letters(city.intake)

    async def in_agreement() -> bool:
        return [tuple(row) for row in await rows_of(city.intake, TOLD)] == [
            tuple(row) for row in await rows_of(city.router, HAPPENED)
        ]

    await eventually(in_agreement, seconds=SECONDS)
    await city.told(young, 3)
    for checked in await asyncio.gather(city.intake.ask("check"), city.router.ask("check")):
        assert (checked.code, checked.err) == (0, ""), checked.out
