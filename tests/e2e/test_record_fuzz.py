"""Thousands of spoilt records on every topic: the consumer lives, and each record is handled or set aside as it came.

Counted from outside, by SQL. ``FUZZ_RECORDS`` a topic make it a long run, with all of its readers (``make fuzz``).
"""

import asyncio
import json
import os
import zlib
from base64 import b64decode, b64encode
from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from functools import partial
from itertools import islice
from typing import Any

import asyncpg
import httpx
import pytest
from aiokafka import ConsumerRecord

from chassis.ids import new_id
from stack.dice import Dice
from stack.fleet import SERVICES
from tests.e2e.mutations import MUTATIONS, lives, mutated
from tests.e2e.test_rubbish import READERS, well_formed
from tests.e2e.test_rubbish import raw as raw_event
from tests.e2e.world import World, read_all
from tests.polling import eventually
from tests.raw_producer import RawRecord, raw_producer
from tests.running import Infrastructure, Running, running

RECORDS = int(os.environ.get("FUZZ_RECORDS", "0"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))
PARTITIONS = 2
BATCH = 50
BATCH_BYTES = 300_000  # a record of 200,000 may come on top; the broker takes a million
CHEAPEST = ("intake", "router", "notify", "mediation")
"""Which reader stands for all in the short run: two services are enough for nearly every topic."""
PAIRS = (
    [(service, topic) for topic, services in READERS.items() for service in services]
    if RECORDS
    else [(min(services, key=CHEAPEST.index), topic) for topic, services in READERS.items()]
)
Place = tuple[int, int]
"""Partition and offset."""


@pytest.fixture(scope="module")
async def services(world: World, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[dict[str, Running]]:
    """Those that are tried, beside the world: what is done to them is not to be seen there."""
    around = Infrastructure(world.around.kafka, world.around.database_url, world.api.issuer, world.children)
    env = {
        "INTAKE_URL": world.api.base_urls["intake"],
        "MEDIATION_URL": world.api.base_urls["mediation"],
        "SMS_GATEWAY_URL": world.around.sms_gateway,
        "PSEUDONYM_KEY": b64encode(bytes(32)).decode(),
    }
    names = [name for name in SERVICES if name in {service for service, _ in PAIRS}]
    async with AsyncExitStack() as stack:
        stack.push_async_callback(around.drop_templates)

        async def start(name: str) -> Running:
            prepare = ("migrate", "load-reference") if name in ("intake", "router") else ("migrate",)
            return await stack.enter_async_context(running(name, around, tmp_path_factory.mktemp(name), env, prepare))

        yield dict(zip(names, await asyncio.gather(*map(start, names)), strict=True))


@pytest.fixture(scope="module")
async def originals(world: World) -> dict[str, list[ConsumerRecord]]:
    """The world's records by topic."""
    found = defaultdict(list)
    for record in await read_all(world.around.kafka, world.ends):
        found[record.topic.removeprefix(world.prefix)].append(record)
    return found


@pytest.mark.timeout(0 if RECORDS else 300)
@pytest.mark.parametrize(("service", "topic"), PAIRS)
async def test_each_record_is_handled_or_set_aside(
    service: str, topic: str, world: World, services: dict[str, Running], originals: dict[str, list[ConsumerRecord]]
) -> None:
    process, dice = services[service], Dice(f"{SEED} {service} {topic}")
    pid, name = process.pid, process.topic_prefix + topic
    stream = islice(mutated(dice, lives(originals[topic])), RECORDS // len(READERS[topic]) or 500)
    batches: dict[int, list[RawRecord]] = {partition: [] for partition in range(PARTITIONS)}
    size = dict.fromkeys(range(PARTITIONS), 0)
    sent: dict[Place, RawRecord] = {}
    after = [well_formed(topic, new_id()) for _ in range(PARTITIONS)]
    async with raw_producer(world.around.kafka) as producer:

        async def send(partition: int) -> None:
            batch, batches[partition], size[partition] = batches[partition], [], 0
            first = await producer.send(name, partition, batch)
            sent.update({(partition, first + place): record for place, record in enumerate(batch)})

        for issue, record in stream:
            partition = zlib.crc32(issue) % PARTITIONS
            batches[partition].append(record)
            size[partition] += len(record.value or b"") + sum(len(text or b"") + 20 for _, text in record.headers)
            if size[partition] > BATCH_BYTES or len(batches[partition]) == BATCH:
                await send(partition)
        for partition, envelope in enumerate(after):
            key, value, headers = raw_event(envelope).key, raw_event(envelope).value, raw_event(envelope).headers
            batches[partition].append(RawRecord(key, value, [(name.encode(), text) for name, text in headers]))
            await send(partition)
    connection = await asyncpg.connect(process.database_url)
    try:
        for envelope in after:
            await eventually(partial(_handled, connection, envelope.subject), seconds=60 + len(sent) / 100)
        async with connection.transaction(isolation="repeatable_read", readonly=True):  # what was held still goes on
            await _account(connection, name, sent)
    finally:
        await connection.close()
    assert process.pid == pid
    async with httpx.AsyncClient(base_url=process.url) as http:
        assert (await http.get("/readyz")).status_code == httpx.codes.OK
    assert "task.died" not in process.log.read_text()


async def _handled(connection: asyncpg.Connection, subject: str) -> bool:
    found: int | None = await connection.fetchval("SELECT sequence FROM inbox WHERE subject = $1", subject)
    return found == 1


async def _account(connection: asyncpg.Connection, topic: str, sent: dict[Place, RawRecord]) -> None:
    rows = await connection.fetch(
        "SELECT partition, record_offset, key, value, headers::text, resolution FROM dead_letters WHERE topic = $1",
        topic,
    )
    aside = {(row["partition"], row["record_offset"]): row for row in rows}
    assert len(aside) == len(rows)
    assert set(aside) <= set(sent)
    assert all(_record(row) == sent[place] for place, row in aside.items())
    cursors = {
        (row["source"], row["subject"]): row["sequence"]
        for row in await connection.fetch("SELECT source, subject, sequence FROM inbox")
    }
    came = defaultdict(set)
    for place, record in sent.items():
        letter = aside.get(place)
        if letter is None or letter["resolution"] is not None:
            whose, sequence = _identity(record)
            assert sequence <= cursors[whose], f"lost: {place} {record}"
            came[whose].add(sequence)
    for whose, sequences in came.items():  # nothing is handled that did not come
        assert sequences >= set(range(1, cursors[whose] + 1)), whose
    assert len(aside) > len(sent) / 10, "too little is spoilt"
    assert len(came) > len(sent) / 50, "too much is spoilt"


def _record(row: Any) -> RawRecord:
    headers = [
        (b64decode(name), None if text is None else b64decode(text)) for name, text in json.loads(row["headers"])
    ]
    return RawRecord(row["key"], row["value"], headers)


def _identity(record: RawRecord) -> tuple[tuple[str, str], int]:
    """Whose a record is that was not set aside: then it can be told."""
    found = {name: text or b"" for name, text in record.headers}
    return (found[b"ce_source"].decode(), found[b"ce_subject"].decode()), int(found[b"ce_sequence"])


def test_every_kind_of_damage_is_done() -> None:
    whole = RawRecord(
        b"key", b'{"a": 1}', [(b"ce_type", b"qingcheng.x.v1"), (b"ce_sequence", b"7"), (b"ce_epoch", b"1")]
    )
    dice = Dice(SEED)
    for place, mutation in enumerate(MUTATIONS):
        assert any(mutation(dice, whole) != whole for _ in range(5)), place


def test_every_topic_is_tried() -> None:
    assert {topic for _, topic in PAIRS} == set(READERS)
