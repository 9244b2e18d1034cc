"""The broker goes away and comes back at the same address: nothing is lost, nothing is done twice."""

import asyncio
import os
from collections.abc import Generator
from functools import partial
from pathlib import Path

import pytest
from asyncpg.pool import Pool

from chassis.consumer import Consumer
from chassis.reader import Reader
from chassis.relay import Relay
from contracts.topics import TOPICS
from stack.children import Children
from stack.kafka_embedded import EmbeddedKafka
from stack.topics import create_topics
from tests.integration.chassis.process import Process, count
from tests.integration.chassis.sample import Accept, FollowUp, Register, an_id, issues, reactions
from tests.polling import eventually

pytestmark = pytest.mark.skipif(
    os.environ.get("STACK", "embedded") != "embedded", reason="only a broker of our own can be stopped"
)


@pytest.fixture
def broker(tmp_path: Path) -> Generator[EmbeddedKafka]:
    """A broker that nobody else uses."""
    with Children() as children:
        broker = EmbeddedKafka(children, tmp_path / "kafka")
        yield broker
        broker.stop()


async def test_an_outage_of_the_broker_is_waited_out(
    process: Process, pool: Pool, migrated: str, broker: EmbeddedKafka
) -> None:
    kafka = await asyncio.to_thread(broker.start)
    await create_topics(kafka, TOPICS, partitions=3)
    relay = Relay(migrated, kafka, "intake", "")
    consumer = Consumer(kafka, "group", ["intake.issues"], Reader(reactions, ""), process.pipeline)
    tasks = [process.start(relay.run()), process.start(consumer.run())]
    ids = [an_id() for _ in range(5)]

    async def reminders(wanted: int) -> bool:
        return await count(pool, "orders", f"state->>'reminders' = '{wanted}'") == 5

    for id_ in ids:
        await process.execute(issues, id_, Register())
        await process.execute(issues, id_, Accept())
        await process.execute(issues, id_, FollowUp())
    await eventually(partial(reminders, 1), seconds=30)

    async def ready(wanted: bool) -> bool:
        return (await relay.check()).ok is wanted

    await asyncio.to_thread(broker.stop)
    await eventually(partial(ready, False), seconds=30)  # with nothing to publish, too
    for id_ in ids:
        await process.execute(issues, id_, FollowUp())  # commands need no broker
    assert await asyncio.to_thread(broker.start) == kafka
    await eventually(partial(reminders, 2), seconds=45)
    await eventually(partial(ready, True), seconds=30)
    assert not any(task.done() for task in tasks)
    assert await count(pool, "dead_letters") == 0
