"""From a command in one process to an aggregate in another, over the real broker."""

from asyncpg.pool import Pool

from chassis.consumer import Consumer
from chassis.reader import Reader
from chassis.relay import Relay
from tests.integration.chassis.process import Process, state_of
from tests.integration.chassis.sample import Accept, FollowUp, Register, an_id, issues, order_of, orders, reactions
from tests.polling import eventually


async def test_an_event_becomes_a_command_elsewhere(
    process: Process, migrated: str, kafka: str, topics: str, pool: Pool
) -> None:
    issue = an_id()
    process.start(Relay(migrated, kafka, "intake", topics).run())
    consumer = Consumer(kafka, topics, [topics + "intake.issues"], Reader(reactions, topics), process.pipeline)
    process.start(consumer.run())
    await process.execute(issues, issue, Register())
    await process.execute(issues, issue, Accept())
    for _ in range(3):
        await process.execute(issues, issue, FollowUp())

    async def arrived() -> bool:
        return (await state_of(pool, orders, order_of(issue))).get("reminders") == 3

    await eventually(arrived)
