"""All services on the run's broker and server, after one issue has gone down each road."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from contracts.topics import TOPICS
from stack import doubles, keys
from stack.children import Children
from stack.databases import drop_database
from stack.fleet import SERVICES, Fleet, Surroundings
from stack.local import KEYS
from tests.e2e.api import Api
from tests.e2e.collector import Collector, collecting
from tests.e2e.roads import Walk, go_everywhere
from tests.e2e.secret import Secrets
from tests.polling import eventually
from tests.running import Issuer

Ends = dict[tuple[str, int], int]
"""Where a topic's partition ended."""


@dataclass(frozen=True, slots=True)
class World:
    """``state`` is the folder of a stack's own files, ``logs`` are those in which processes write. ``ends`` is where
    the topics ended when every issue had: what comes later may be rubbish on purpose.
    """

    state: Path
    children: Children
    around: Surroundings
    fleet: Fleet
    prefix: str
    logs: list[Path]
    collector: Collector
    secrets: Secrets
    api: Api
    issues: dict[str, Walk]
    ends: Ends

    @property
    def topics(self) -> list[str]:
        """Names of all topics as they are on the broker."""
        return [self.prefix + topic for topic in TOPICS]

    async def fetch(self, service: str, query: str, *arguments: Any) -> list[asyncpg.Record]:
        """Rows of a service's database."""
        connection = await asyncpg.connect(self.fleet.database_url(service))
        try:
            rows: list[asyncpg.Record] = await connection.fetch(query, *arguments)
        finally:
            await connection.close()
        return rows


async def ends_of(bootstrap: str, topics: list[str]) -> Ends:
    """Where the topics end now."""
    consumer = AIOKafkaConsumer(*topics, bootstrap_servers=bootstrap)
    await consumer.start()
    try:
        ends = await consumer.end_offsets(consumer.assignment())
    finally:
        await consumer.stop()
    return {(partition.topic, partition.partition): end for partition, end in ends.items()}


async def read_all(bootstrap: str, ends: Ends) -> list[ConsumerRecord]:
    """Every record from the beginning up to ``ends``."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False)
    await consumer.start()
    records: list[ConsumerRecord] = []
    try:
        left = {TopicPartition(*place): end for place, end in ends.items() if end}
        consumer.assign(list(left))

        async def caught_up() -> bool:
            for batch in (await consumer.getmany(timeout_ms=200)).values():
                records.extend(batch)
            reached = [await consumer.position(partition) >= end for partition, end in left.items()]
            return all(reached)

        await eventually(caught_up, seconds=30)
    finally:
        await consumer.stop()
    return [record for record in records if record.offset < ends[record.topic, record.partition]]


@asynccontextmanager
async def living(kafka: str, postgres_url: str, servers: Path, folder: Path) -> AsyncIterator[World]:
    """Start everything, let every issue come to its end, and stop it at the end of the block.

    ``servers`` is the folder of the broker and the database server, ``folder`` that of everything else.
    """
    prefix, made = f"t{secrets.token_hex(6)}.", keys.make(folder / KEYS)
    async with AsyncExitStack() as stack:
        collector = stack.enter_context(collecting())
        children = stack.enter_context(Children())
        issuer = await asyncio.to_thread(doubles.start_issuer, children, folder / "logs", made.client_secret)
        gateway = await asyncio.to_thread(doubles.start_sms_gateway, children, folder / "logs")
        around = Surroundings(kafka, postgres_url, issuer, gateway, made.client_secret, made.private_data_keys)
        env = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "OTEL_BSP_SCHEDULE_DELAY": "200",
            "SWEEP_SECONDS": "0.2",
        }
        fleet = Fleet(
            children,
            around,
            folder / "logs",
            topic_prefix=prefix,
            extra_env=dict.fromkeys(SERVICES, env),
        )
        for name in SERVICES:
            stack.push_async_callback(drop_database, postgres_url, f"qc_{prefix}{name}")
        await asyncio.to_thread(fleet.start_all)
        stack.push_async_callback(asyncio.to_thread, fleet.stop_all)
        http = await stack.enter_async_context(httpx.AsyncClient(timeout=20))
        api = Api(http, {**fleet.base_urls, "sms_gateway": gateway}, Issuer(issuer, made.client_secret))
        private = Secrets()
        issues = await go_everywhere(api, private)
        logs = [folder / "logs", servers]
        world = World(folder, children, around, fleet, prefix, logs, collector, private, api, issues, {})
        await _settled(world)
        world.ends.update(await ends_of(kafka, world.topics))
        yield world


async def _settled(world: World) -> None:
    """Wait until every event is published and every message sent."""

    async def quiet() -> bool:
        waiting = "SELECT FROM events WHERE published_at IS NULL LIMIT 1"
        unsent = "SELECT FROM deliveries WHERE state->>'status' NOT IN ('delivered', 'failed') LIMIT 1"
        unread = "SELECT FROM inbox WHERE parked LIMIT 1"
        for service in SERVICES:
            if await world.fetch(service, waiting) or await world.fetch(service, unread):
                return False
        return not await world.fetch("notify", unsent)

    await eventually(quiet, seconds=30)
