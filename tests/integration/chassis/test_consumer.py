"""The consumer never stops, skips nothing and commits only what was handled."""

import asyncio
from functools import partial
from time import monotonic

import asyncpg
from asyncpg.pool import Pool

from chassis.consumer import Consumer
from chassis.private_data import Vault
from chassis.reader import Reader
from contracts.intake_turns import IssueTransferRefused
from tests.integration.chassis.broker import committed, ends, publish
from tests.integration.chassis.process import KILL_OTHERS, Process, count, somebody_waits_for_a_lock
from tests.integration.chassis.records import Subject
from tests.integration.chassis.sample import FAR, reactions
from tests.polling import eventually

TOPIC = "intake.issues"


def consumer_of(process: Process, kafka: str, prefix: str) -> Consumer:
    """A member of this test's group."""
    return Consumer(kafka, prefix + "group", [prefix + TOPIC], Reader(reactions, prefix), process.pipeline)


async def reminders(pool: Pool | asyncpg.Connection, at_least: int) -> bool:
    found: bool = await pool.fetchval("SELECT coalesce(sum((state->>'reminders')::int), 0) >= $1 FROM orders", at_least)
    return found


async def test_offsets_are_those_of_handled_records(process: Process, pool: Pool, kafka: str, topics: str) -> None:
    issues = [Subject(topics) for _ in range(20)]
    await publish(kafka, [issue.accepted(1) for issue in issues])
    handled = await ends(kafka, topics + TOPIC)
    process.start(consumer_of(process, kafka, topics).run())

    async def all_committed() -> bool:
        return await committed(kafka, topics + "group", topics + TOPIC) == handled

    await eventually(all_committed)
    assert await count(pool, "orders") == 20
    async with pool.acquire() as other, other.transaction():
        await other.execute("LOCK TABLE events IN EXCLUSIVE MODE")
        await publish(kafka, [issue.reminded(2) for issue in issues])
        await eventually(partial(somebody_waits_for_a_lock, pool))  # they are fetched, but not handled
        assert await committed(kafka, topics + "group", topics + TOPIC) == handled
    handled = await ends(kafka, topics + TOPIC)
    await eventually(all_committed)
    assert await reminders(pool, 20)


async def test_what_is_read_ahead_counts_as_handled_after_its_commit(
    process: Process, pool: Pool, kafka: str, topics: str
) -> None:
    issues = [Subject(topics) for _ in range(1200)]
    await publish(kafka, [issue.accepted(1) for issue in issues])
    consumer = consumer_of(process, kafka, topics)
    async with pool.acquire() as other, other.transaction():
        await other.execute("LOCK TABLE events IN EXCLUSIVE MODE")
        process.start(consumer.run())
        await eventually(partial(_holds, consumer, 2))
        await eventually(partial(somebody_waits_for_a_lock, pool))
        assert consumer._reached == {}
    handled = await ends(kafka, topics + TOPIC)
    await eventually(partial(_has_handled, consumer, handled))
    assert await count(pool, "orders") == await count(pool, "events") == len(issues)


async def _holds(consumer: Consumer, batches: int) -> bool:
    return len(consumer._in_hand) == batches


async def test_what_comes_behind_a_record_that_had_to_wait_is_there_at_once(
    process: Process, pool: Pool, kafka: str, topics: str
) -> None:
    issue = Subject(topics)
    consumer = consumer_of(process, kafka, topics)
    process.start(consumer.run())
    await publish(kafka, [issue.accepted(1)])
    await eventually(partial(_orders, pool, 1))
    async with pool.acquire() as other, other.transaction():
        await other.execute("LOCK TABLE events IN EXCLUSIVE MODE")
        await publish(kafka, [issue.reminded(2)])
        await eventually(partial(somebody_waits_for_a_lock, pool))
        await publish(kafka, [issue.reminded(3)])  # fetched, and not read while the one before it is in hand
        await asyncio.sleep(0.4)
    await eventually(partial(reminders, pool, 2))
    sent = monotonic()
    await publish(kafka, [issue.reminded(4)])
    await eventually(partial(reminders, pool, 3))
    assert monotonic() - sent < 1


async def test_a_restart_goes_on_where_it_stopped(process: Process, pool: Pool, kafka: str, topics: str) -> None:
    issues = [Subject(topics) for _ in range(10)]
    await publish(kafka, [issue.accepted(1) for issue in issues])
    for sequence in range(2, 5):
        await publish(kafka, [issue.reminded(sequence) for issue in issues])
        handled = await ends(kafka, topics + TOPIC)
        consumer = consumer_of(process, kafka, topics)
        running = process.start(consumer.run())
        await eventually(partial(_has_handled, consumer, handled))  # which it hears a little later than the database
        await process.stop(running)
        assert await committed(kafka, topics + "group", topics + TOPIC) == handled
    assert await reminders(pool, 30)
    assert await count(pool, "events") == 40


async def _has_handled(consumer: Consumer, ends: dict[int, int]) -> bool:
    reached = {place.partition: offset for place, offset in consumer._reached.items()}
    return all(reached.get(partition, 0) == end for partition, end in ends.items())


async def test_what_a_crash_left_uncommitted_is_not_done_twice(
    process: Process, pool: Pool, kafka: str, topics: str
) -> None:
    issues = [Subject(topics) for _ in range(10)]
    await publish(kafka, [r for issue in issues for r in (issue.accepted(1), issue.reminded(2))])
    for group in ("one", "two"):  # the second one knows nothing of the first one's offsets
        reader = Reader(reactions, topics)
        running = process.start(Consumer(kafka, topics + group, [topics + TOPIC], reader, process.pipeline).run())

        async def all_committed(group: str = group) -> bool:
            return await committed(kafka, topics + group, topics + TOPIC) == await ends(kafka, topics + TOPIC)

        await eventually(all_committed)
        await process.stop(running)
    assert await count(pool, "events") == 20
    assert await count(pool, "dead_letters") == 0


async def test_a_rebalance_loses_and_doubles_nothing(
    process: Process, pool: Pool, vault: Vault, kafka: str, topics: str
) -> None:
    issues = [Subject(topics) for _ in range(30)]
    first = consumer_of(process, kafka, topics)
    process.start(first.run())
    await publish(kafka, [issue.accepted(1) for issue in issues])
    rounds = 12
    async with Process(pool, vault) as other:
        second = consumer_of(other, kafka, topics)
        for sequence in range(2, rounds + 2):
            await publish(kafka, [issue.reminded(sequence) for issue in issues])
            if sequence == 4:
                joined = other.start(second.run())
            if sequence == 8:
                await eventually(partial(_share, first, second))
                await other.stop(joined)
        await eventually(partial(reminders, pool, 30 * rounds), seconds=30)
    assert await count(pool, "events") == 30 * (rounds + 1)
    assert await count(pool, "dead_letters", "resolution IS NULL") == 0
    assert await count(pool, "orders", f"state->>'reminders' = '{rounds}'") == 30


async def _share(first: Consumer, second: Consumer) -> bool:
    found = [await each.check() for each in (first, second)]
    return all(one.ok for one in found) and {one.detail["partitions"] for one in found} == {1, 2}


async def test_an_outage_of_the_database_is_waited_out(
    process: Process, pool: Pool, migrated: str, kafka: str, topics: str
) -> None:
    issues = [Subject(topics) for _ in range(10)]
    running = process.start(consumer_of(process, kafka, topics).run())
    await publish(kafka, [issue.accepted(1) for issue in issues])
    killer = await asyncpg.connect(migrated)
    for sequence in range(2, 7):
        await publish(kafka, [issue.reminded(sequence) for issue in issues])
        await killer.execute(KILL_OTHERS)
    await eventually(partial(reminders, killer, 50))  # the pool still has lines that were cut
    await killer.close()
    await pool.expire_connections()
    assert not running.done()
    assert await count(pool, "events") == 60
    assert await count(pool, "dead_letters") == 0


async def test_a_member_without_partitions_is_ready(
    process: Process, pool: Pool, vault: Vault, kafka: str, topics: str
) -> None:
    members = [consumer_of(process, kafka, topics) for _ in range(4)]  # of three partitions
    assert not (await members[0].check()).ok
    for member in members:
        process.start(member.run())

    async def settled() -> bool:
        found = [await member.check() for member in members]
        return all(one.ok for one in found) and sorted(str(one.detail["partitions"]) for one in found) == list("0111")

    await eventually(settled, seconds=20)


async def test_what_comes_while_a_transaction_is_under_way_goes_into_the_next_one(
    process: Process, pool: Pool, kafka: str, topics: str
) -> None:
    issues = [Subject(topics) for _ in range(4)]
    process.start(consumer_of(process, kafka, topics).run())
    await publish(kafka, [issues[0].accepted(1)])
    await eventually(partial(_orders, pool, 1))
    async with pool.acquire() as other, other.transaction():
        await other.execute("LOCK TABLE events IN EXCLUSIVE MODE")
        await publish(kafka, [issues[0].reminded(2)])
        await eventually(partial(somebody_waits_for_a_lock, pool))
        for number, issue in enumerate(issues[1:], 1):
            await publish(kafka, [issue.accepted(1)])

            async def is_queued(at_least: int = number) -> bool:
                return int(str((await process.pipeline.check()).detail["waiting"])) >= at_least

            await eventually(is_queued)
    await eventually(partial(_orders, pool, 4))
    subjects = [f"issue/{issue.id}" for issue in issues[1:]]
    moved = "SELECT count(DISTINCT xmin::text) FROM inbox WHERE subject = ANY($1)"
    assert await pool.fetchval(moved, subjects) == 1


async def test_few_records_gather_into_few_transactions(process: Process, pool: Pool, kafka: str, topics: str) -> None:
    issues = [Subject(topics) for _ in range(20)]
    reader = Reader(reactions, topics)
    consumer = Consumer(kafka, topics + "group", [topics + TOPIC], reader, process.pipeline, gather=1.0)
    await publish(kafka, [issues[0].accepted(1)])
    process.start(consumer.run())
    await eventually(partial(_orders, pool, 1))
    for issue in issues[1:]:
        await publish(kafka, [issue.accepted(1)])
    await eventually(partial(_orders, pool, 20))
    assert await pool.fetchval("SELECT count(DISTINCT xmin::text) FROM events") <= 10


async def test_what_asks_for_nothing_waits_for_others_and_comes_before_what_follows_it(
    process: Process, pool: Pool, kafka: str, topics: str
) -> None:
    issues = [Subject(topics) for _ in range(20)]
    process.start(consumer_of(process, kafka, topics).run())
    await publish(kafka, [Subject(topics).accepted(1)])
    await eventually(partial(_orders, pool, 1))
    for issue in issues:
        await publish(kafka, [issue.record(IssueTransferRefused(agency="110", by="agent-1", triage_due=FAR), 1)])
    await publish(kafka, [issues[0].accepted(2)])
    await eventually(partial(_orders, pool, 2))
    moved = "SELECT count(*), count(DISTINCT xmin::text) FROM inbox WHERE subject = ANY($1)"
    subjects = [f"issue/{issue.id}" for issue in issues]
    ((cursors, transactions),) = await pool.fetch(moved, subjects)
    assert cursors == 20, "what had waited is handled with the first that asks for something"
    assert transactions <= 10
    await publish(kafka, [issues[1].record(IssueTransferRefused(agency="110", by="agent-1", triage_due=FAR), 2)])

    async def moved_on() -> bool:
        found: int = await pool.fetchval("SELECT sequence FROM inbox WHERE subject = $1", subjects[1])
        return found == 2

    await eventually(moved_on)  # with nobody after it


async def _orders(pool: Pool, number: int) -> bool:
    return await count(pool, "orders") == number


async def test_a_consumer_whose_client_has_stopped_to_fetch_begins_anew(
    process: Process, pool: Pool, kafka: str, topics: str
) -> None:
    issue = Subject(topics)
    consumer = consumer_of(process, kafka, topics)
    running = process.start(consumer.run())
    await publish(kafka, [issue.accepted(1)])
    for sequence in (2, 3, 4):
        await publish(kafka, [issue.reminded(sequence)])
        await eventually(partial(reminders, pool, sequence - 1), seconds=20)
        assert consumer._consumer is not None
        consumer._consumer._fetcher.error_future.cancel()
    assert not running.done()
    assert await count(pool, "events") == 4


async def test_a_request_that_a_client_has_cancelled_itself_does_not_end_the_consumer(
    process: Process, pool: Pool, kafka: str, topics: str
) -> None:
    issue = Subject(topics)
    consumer = consumer_of(process, kafka, topics)
    running = process.start(consumer.run())
    await publish(kafka, [issue.accepted(1), issue.reminded(2)])
    await eventually(partial(reminders, pool, 1), seconds=20)
    client = consumer._consumer
    assert client is not None
    client._fetcher._pending_tasks.add(asyncio.create_task(asyncio.Event().wait()))  # its stop() raises CancelledError
    client._fetcher.error_future.cancel()
    await publish(kafka, [issue.reminded(3)])
    await eventually(partial(reminders, pool, 2), seconds=20)
    assert not running.done()
    assert not any(connection.connected() for connection in client._client._conns.values())
