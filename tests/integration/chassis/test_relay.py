"""What was committed is published, in order for each subject, by one relay at a time."""

import asyncio
import json
import secrets
from functools import partial
from typing import Any

import asyncpg
import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import KafkaError
from aiokafka.structs import RecordMetadata
from asyncpg.pool import Pool

from chassis.aggregate import To
from chassis.outbox import ROWS, Row
from chassis.relay import Relay, acknowledged_prefix
from contracts.envelope import encode, parse
from contracts.intake import IssueRegistered
from stack.topics import create_topics
from tests.integration.chassis.broker import envelope, read_all
from tests.integration.chassis.process import Process, count, events_of
from tests.integration.chassis.sample import FollowUp, Open, Register, an_id, issues, orders
from tests.polling import eventually

TOPIC = "intake.issues"
LEADERS = """
SELECT pid FROM pg_locks
WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


async def none_unpublished(pool: Pool) -> bool:
    return await count(pool, "events", "published_at IS NULL") == 0


async def test_events_of_a_subject_arrive_in_order(
    process: Process, pool: Pool, migrated: str, kafka: str, topics: str
) -> None:
    process.start(Relay(migrated, kafka, "intake", topics).run())
    ids = [an_id() for _ in range(20)]
    sent = [process.submit(To(issues, id_, command)) for command in (Register(), *[FollowUp()] * 30) for id_ in ids]
    await asyncio.gather(*sent)
    await eventually(partial(none_unpublished, pool))
    found = [envelope(record) for record in await read_all(kafka, topics + TOPIC)]
    for id_ in ids:
        assert [one.sequence for one in found if one.subject == f"issue/{id_}"] == list(range(1, 32))
    assert len(found) == 20 * 31


async def test_a_record_is_what_the_contract_says(
    process: Process, pool: Pool, migrated: str, kafka: str, topics: str
) -> None:
    issue = an_id()
    await pool.execute("UPDATE publisher SET epoch = 3")
    await process.execute(issues, issue, Register())
    process.start(Relay(migrated, kafka, "intake", topics).run())
    await eventually(partial(none_unpublished, pool))
    (record,) = await read_all(kafka, topics + TOPIC)
    (row,) = await events_of(pool, issue)
    found = envelope(record)
    assert isinstance(parse(found), IssueRegistered)
    assert (found.id, found.source, found.subject) == (str(row["event_id"]), "/intake", f"issue/{issue}")
    assert (found.sequence, found.epoch, found.issue_id) == (1, 3, issue)
    assert found.time == row["recorded_at"]
    key, value, headers = encode(found)
    hop = record.headers[-1]
    assert (record.key, record.value, list(record.headers[:-1])) == (key, value, headers)
    assert hop[0] == "traceparent"
    assert hop[1] is not None


async def test_events_from_before_a_crash_are_published_after_it(
    process: Process, pool: Pool, migrated: str, kafka: str, topics: str
) -> None:
    issue = an_id()
    await process.execute(issues, issue, Register())
    relay = process.start(Relay(migrated, kafka, "intake", topics).run())
    await eventually(partial(none_unpublished, pool))
    await process.stop(relay)
    await process.execute(issues, issue, FollowUp())
    await pool.execute("UPDATE events SET published_at = NULL")  # it was sent, but the crash came before the mark
    process.start(Relay(migrated, kafka, "intake", topics).run())
    await eventually(partial(none_unpublished, pool))
    found = [envelope(record) for record in await read_all(kafka, topics + TOPIC)]
    assert [one.sequence for one in found] == [1, 1, 2]
    assert found[0] == found[1]  # the same id, by which everybody knows a duplicate


async def test_one_leads_and_another_takes_over(
    process: Process, pool: Pool, migrated: str, kafka: str, topics: str
) -> None:
    relays = [Relay(migrated, kafka, "intake", topics) for _ in range(3)]
    tasks = [process.start(relay.run()) for relay in relays]

    async def one_leads() -> bool:
        found = [await relay.check() for relay in relays]
        return all(one.ok for one in found) and sum(one.detail["leads"] is True for one in found) == 1

    issue = an_id()
    await process.execute(issues, issue, Register())
    killer = await asyncpg.connect(migrated)
    for _ in range(3):
        await eventually(one_leads)
        (leader,) = [row["pid"] for row in await killer.fetch(LEADERS)]
        await process.execute(issues, issue, FollowUp())
        await killer.fetchval("SELECT pg_terminate_backend($1)", leader)
        await process.execute(issues, issue, FollowUp())
        await eventually(partial(none_unpublished, pool))
        assert leader not in [row["pid"] for row in await killer.fetch(LEADERS)]
    await killer.close()
    assert not any(task.done() for task in tasks)
    found = [envelope(record) for record in await read_all(kafka, topics + TOPIC)]
    first_seen = list(dict.fromkeys(one.sequence for one in found))
    assert first_seen == list(range(1, 8))  # nothing overtakes; what is there twice is a duplicate


async def test_whoever_commits_wakes_the_leader_wherever_it_is(
    process: Process, pool: Pool, migrated: str, kafka: str, topics: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.relay._POLL", 60.0)  # so that the net below cannot have done it
    relays = [Relay(migrated, kafka, "intake", topics) for _ in range(2)]
    for relay in relays:
        process.start(relay.run())

    async def one_leads() -> bool:
        return any([(await relay.check()).detail["leads"] is True for relay in relays])

    await eventually(one_leads)
    for relay in relays:  # one leads, the other has to pass it on
        process.pipeline.when_recorded = [relay.recorded]
        for _ in range(4):
            await process.execute(issues, an_id(), Register())
            await eventually(partial(none_unpublished, pool))


async def leads(relay: Relay) -> bool:
    return relay._handover.is_open


async def test_what_its_own_process_commits_is_published_without_asking_the_database(
    process: Process, pool: Pool, migrated: str, kafka: str, topics: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.relay._POLL", 60.0)
    relay = Relay(migrated, kafka, "intake", topics)
    process.pipeline.when_recorded = [relay.recorded]
    process.start(relay.run())
    await eventually(partial(leads, relay))
    monkeypatch.setattr("chassis.relay._MARK_AND_NEXT", "SELECT nothing FROM nowhere")
    issue, order = an_id(), an_id()
    for _ in range(3):
        await process.submit(To(issues, issue, Register()), To(orders, order, Open(issue)))
        await process.execute(issues, issue, FollowUp())
        await eventually(partial(none_unpublished, pool))
        issue, order = an_id(), an_id()
    found = [envelope(record) for record in await read_all(kafka, topics + TOPIC)]
    assert len(found) == 6
    rows = {str(row["event_id"]): row for row in await pool.fetch("SELECT * FROM events")}
    for one in found:
        row = rows[one.id]
        assert (one.subject, one.sequence) == (f"issue/{row['id']}", row["version"])
        assert (one.type, one.time, one.epoch) == (row["type"], row["recorded_at"], row["epoch"])
        assert json.loads(one.data) == json.loads(row["data"])
    assert (await relay.check()).ok


async def test_events_are_on_their_way_before_anybody_is_answered(
    process: Process, pool: Pool, migrated: str, kafka: str, topics: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    relay = Relay(migrated, kafka, "intake", topics)
    process.pipeline.when_recorded = [relay.recorded]
    process.start(relay.run())
    await process.execute(issues, an_id(), Register())
    await eventually(partial(none_unpublished, pool))
    await eventually(partial(leads, relay))
    seen: list[str] = []
    send = AIOKafkaConnection.send

    def noting_send(connection: AIOKafkaConnection, request: Any, *more: Any, **named: Any) -> Any:
        if type(request).__name__.startswith("Produce"):
            seen.append("published")
        return send(connection, request, *more, **named)

    monkeypatch.setattr(AIOKafkaConnection, "send", noting_send)
    asked = [process.submit(To(issues, an_id(), Register())) for _ in range(20)]
    for one in asked:
        one.add_done_callback(lambda _: seen.append("answered"))
    await asyncio.gather(*asked)
    assert seen[:2] == ["published", "answered"]


async def test_what_another_process_has_committed_before_is_asked_for(
    process: Process, pool: Pool, migrated: str, kafka: str, topics: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.relay._POLL", 60.0)
    relay = Relay(migrated, kafka, "intake", topics)
    process.start(relay.run())
    await eventually(partial(leads, relay))
    issue = an_id()
    for _ in range(3):  # nobody tells of the first: it is found because the second needs it
        process.pipeline.when_recorded = []
        await process.execute(issues, issue, FollowUp() if await events_of(pool, issue) else Register())
        process.pipeline.when_recorded = [relay.recorded]
        await process.execute(issues, issue, FollowUp())
    await eventually(partial(none_unpublished, pool))
    found = [envelope(record) for record in await read_all(kafka, topics + TOPIC)]
    assert [one.sequence for one in found] == [1, 2, 3, 4, 5, 6]


async def test_a_relay_that_is_stopped_leaves_nothing_for_the_next_to_publish_again(
    process: Process, pool: Pool, migrated: str, kafka: str, topics: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.relay._MARK_WITHIN", 60.0)  # so that its end has to do it
    relay = Relay(migrated, kafka, "intake", topics)
    running = process.start(relay.run())
    await process.execute(issues, an_id(), Register())

    async def is_published() -> bool:
        return len(await read_all(kafka, topics + TOPIC)) == 1

    await eventually(is_published)
    await process.stop(running)
    assert await none_unpublished(pool)


async def test_only_the_acknowledged_prefix_of_a_subject_counts_as_sent(
    process: Process, pool: Pool, migrated: str, kafka: str, topic_prefix: str
) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    await admin.create_topics([NewTopic(topic_prefix + TOPIC, 1, 1, topic_configs={"max.message.bytes": "2000"})])
    await admin.close()
    await create_topics(kafka, [topic_prefix + "router.orders"], partitions=1)
    issue, order = an_id(), an_id()
    await process.execute(issues, issue, Register())
    relay = Relay(migrated, kafka, "intake", topic_prefix)
    process.start(relay.run())
    await eventually(partial(none_unpublished, pool))

    await process.submit(
        To(issues, issue, FollowUp(secrets.token_hex(4000))),
        To(issues, issue, FollowUp()),
        To(orders, order, Open(issue)),
    )

    async def refused() -> bool:
        return (await relay.check()).detail["error"] == "NotAcknowledged"

    await eventually(refused)
    unpublished = await pool.fetch("SELECT aggregate, version FROM events WHERE published_at IS NULL ORDER BY position")
    assert [tuple(row) for row in unpublished] == [("issue", 2), ("issue", 3)]
    assert not (await relay.check()).ok
    await pool.execute("UPDATE events SET data = '{}' WHERE version = 2 AND aggregate = 'issue'")
    await eventually(partial(none_unpublished, pool), seconds=20)
    assert (await relay.check()).ok


async def test_what_overtook_a_failed_event_does_not_count_as_sent(process: Process, pool: Pool) -> None:
    first, second = an_id(), an_id()
    await process.submit(*(To(issues, id_, command) for command in (Register(), FollowUp()) for id_ in (first, second)))
    rows = [Row(*record) for record in await pool.fetch(f"{ROWS} ORDER BY position")]
    sent: list[asyncio.Future[RecordMetadata]] = [asyncio.get_running_loop().create_future() for _ in rows]
    for row, future in zip(rows, sent, strict=True):
        if row is rows[0]:
            future.set_exception(KafkaError())
        else:
            future.set_result(RecordMetadata(TOPIC, 0, TopicPartition(TOPIC, 0), 1, 1, 0, 0))
    assert acknowledged_prefix(rows, sent) == [row.position for row in rows if row.id == second]


async def test_without_a_broker_it_says_so_and_tries_again(process: Process, migrated: str) -> None:
    relay = Relay(migrated, "127.0.0.1:1", "intake", "")
    task = process.start(relay.run())

    async def fails() -> bool:
        return not (await relay.check()).ok

    await eventually(fails)
    assert not task.done()
