"""History that was published can be published again, and is the same to the byte."""

import asyncio
from functools import partial

import pytest
from aiokafka.structs import ConsumerRecord
from asyncpg.pool import Pool

from chassis.aggregate import To
from chassis.relay import Relay
from chassis.republish import Part, Published, republish
from tests.integration.chassis.broker import envelope, read_all
from tests.integration.chassis.process import Process
from tests.integration.chassis.sample import FollowUp, Open, Register, an_id, issues, orders
from tests.integration.chassis.test_relay import none_unpublished
from tests.polling import eventually

TOPIC = "intake.issues"


def content(record: ConsumerRecord) -> tuple[object, ...]:
    return record.partition, record.key, record.value, tuple(record.headers)


@pytest.fixture
async def ids(process: Process, pool: Pool, migrated: str, kafka: str, topics: str) -> list[str]:
    """Issues of which six events each are published, and one is not."""
    ids = [an_id() for _ in range(4)]
    relay = process.start(Relay(migrated, kafka, "intake", topics).run())
    for command in (Register(), *[FollowUp()] * 5):
        await asyncio.gather(*(process.submit(To(issues, id_, command)) for id_ in ids))
    await process.execute(orders, an_id(), Open(ids[0]))
    await eventually(partial(none_unpublished, pool))
    await process.stop(relay)
    await process.execute(issues, ids[0], FollowUp())
    return ids


async def again(pool: Pool, kafka: str, topics: str, part: Part) -> tuple[Published, list[ConsumerRecord]]:
    """Publish again; how far it came, and the records that were there before and are there now."""
    done = Published()
    await republish(pool, kafka, "intake", topics, part, done)
    return done, await read_all(kafka, topics + TOPIC)


async def test_everything_is_told_again_in_order_and_alike(pool: Pool, kafka: str, topics: str, ids: list[str]) -> None:
    await pool.execute("UPDATE publisher SET epoch = 5")
    before = await read_all(kafka, topics + TOPIC)
    done, after = await again(pool, kafka, topics, Part("issue", 0))
    assert done.events == len(before) == 24
    for partition in range(3):
        told = [content(record) for record in after if record.partition == partition]
        once, twice = told[: len(told) // 2], told[len(told) // 2 :]
        assert once == twice == [content(record) for record in before if record.partition == partition]


async def test_a_part_can_be_chosen(pool: Pool, kafka: str, topics: str, ids: list[str]) -> None:
    rows = await pool.fetch("SELECT position, recorded_at FROM events WHERE id = $1::text::uuid ORDER BY 1", ids[1])
    places = [row["position"] for row in rows]
    done, after = await again(pool, kafka, topics, Part("issue", places[1], places[3], ids[1]))
    assert (done.events, done.position, len(after)) == (3, places[3], 27)
    twice = [envelope(record) for record in after]
    assert sorted(one.sequence for one in twice if twice.count(one) == 2) == [2, 2, 3, 3, 4, 4]
    last = rows[-1]["recorded_at"]
    assert (await again(pool, kafka, topics, Part("issue", last, last, ids[1])))[0].events == 1
