"""The queue of callbacks as SQL: who goes first, what is kept, and what is put away by which rule."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiokafka import TopicPartition
from asyncpg.pool import Pool

from chassis.ids import new_id
from services.notify import __main__ as notify
from services.notify import callbacks
from services.notify.callback_rules import Next, Outcome
from services.notify.callbacks import Event
from tests.migrated import migrated

NOW = datetime.now(UTC)
PLACE = TopicPartition("intake.issues", 0)
DELIVERED, FAILED = Next(Outcome.DELIVERED), Next(Outcome.FAILED)
DAY = timedelta(days=1)


@pytest.fixture
async def pool(database: str) -> AsyncGenerator[Pool]:
    async with migrated(database, Path(notify.__file__).parent / "migrations") as opened:
        yield opened


def events(issue: str, *names: str, at: datetime = NOW) -> list[Event]:
    return [Event(name, "a.type", f"issue/{issue}", issue, at, f'{{"id": "{name}"}}') for name in names]


async def heads(pool: Pool, subscription: str, *busy: str, now: datetime = NOW) -> list[str]:
    return [one.event_id for one in await callbacks.heads(pool, subscription, now, busy, 10)]


async def end(pool: Pool, subscription: str, event: str, then: Next, now: datetime = NOW) -> None:
    (one,) = [one for one in await callbacks.heads(pool, subscription, NOW, [], 10) if one.event_id == event]
    await callbacks.record(pool, one, now, None if then is DELIVERED else "http_400", then, now)


async def test_the_first_of_each_issue_goes_and_the_others_wait_behind_it(pool: Pool) -> None:
    subscription, other = new_id(), new_id()
    await callbacks.queue(pool, subscription, 1, [*events("i", "a", "b"), *events("j", "c"), *events("i", "d")], {})
    await callbacks.queue(pool, other, 1, events("i", "z"), {})
    assert await heads(pool, subscription) == ["a", "c"]
    assert await heads(pool, subscription, "i") == ["c"]
    (first, _) = await callbacks.heads(pool, subscription, NOW, [], 10)
    again = Next(Outcome.WAITING, NOW + DAY)
    await callbacks.record(pool, first, NOW, "timeout", again, NOW)
    assert await heads(pool, subscription) == ["c"]
    assert await callbacks.next_due(pool, subscription, NOW) == NOW + DAY
    assert await heads(pool, subscription, now=NOW + DAY) == ["a", "c"]
    await callbacks.retry_now(pool, subscription)
    assert await heads(pool, subscription) == ["a", "c"]
    await end(pool, subscription, "a", DELIVERED)
    assert await heads(pool, subscription) == ["b", "c"]


async def test_an_event_is_queued_once_and_its_place_with_it(pool: Pool) -> None:
    subscription = new_id()
    await callbacks.queue(pool, subscription, 1, events("i", "a", "b"), {PLACE: 2})
    await end(pool, subscription, "a", DELIVERED)
    await callbacks.queue(pool, subscription, 1, events("i", "a", "b", "c"), {PLACE: 3})
    assert await heads(pool, subscription) == ["b"]
    assert await callbacks.waiting(pool, subscription, 100) == 2
    assert await callbacks.positions(pool, subscription, 1) == {PLACE: 3}


async def test_a_new_round_takes_the_place_of_what_it_reads_again(pool: Pool) -> None:
    subscription = new_id()
    early, late = events("i", "early", at=NOW - 2 * DAY), events("i", "late", at=NOW)
    await callbacks.queue(pool, subscription, 1, [*early, *late], {PLACE: 2})
    await callbacks.begin_round(pool, subscription, 2, NOW - DAY)
    assert await heads(pool, subscription) == ["early"]
    assert await callbacks.waiting(pool, subscription, 100) == 1
    assert await callbacks.positions(pool, subscription, 2) == {}
    await callbacks.queue(pool, subscription, 2, late, {PLACE: 2})
    await end(pool, subscription, "early", DELIVERED)
    assert await heads(pool, subscription) == ["late"]


async def test_the_body_is_kept_while_it_waits_only(pool: Pool) -> None:
    subscription = new_id()
    await callbacks.queue(pool, subscription, 1, [*events("i", "a"), *events("j", "b"), *events("k", "c")], {})
    await end(pool, subscription, "a", DELIVERED)
    await end(pool, subscription, "b", FAILED)
    rows = await pool.fetch("SELECT event_id, body IS NULL, attempts FROM callbacks ORDER BY position")
    assert [tuple(row) for row in rows] == [("a", True, 1), ("b", True, 1), ("c", False, 0)]


async def test_the_log_is_put_away_after_its_time_and_nothing_that_waits(pool: Pool) -> None:
    subscription = new_id()
    await callbacks.queue(pool, subscription, 1, [*events("i", "old"), *events("j", "new"), *events("k", "waits")], {})
    await end(pool, subscription, "old", FAILED, now=NOW - 8 * DAY)
    await end(pool, subscription, "new", DELIVERED, now=NOW - 6 * DAY)
    await pool.execute("UPDATE callbacks SET event_time = now() - interval '1 year'")
    assert await callbacks.prune(pool, 7 * DAY) == 1
    assert [row[0] for row in await pool.fetch("SELECT event_id FROM callbacks ORDER BY 1")] == ["new", "waits"]


async def test_what_waits_for_a_deleted_subscription_is_put_away(pool: Pool) -> None:
    subscription, kept = new_id(), new_id()
    for id_, status in ((subscription, "deleted"), (kept, "paused")):
        await callbacks.queue(pool, id_, 1, [*events("i", f"{status} ended"), *events("j", f"{status} waits")], {})
        await end(pool, id_, f"{status} ended", DELIVERED)
        await pool.execute(
            "INSERT INTO subscriptions (id, version, state, updated_at)"
            " VALUES ($1::text::uuid, 1, jsonb_build_object('status', $2::text), now())",
            id_,
            status,
        )
    assert await callbacks.prune(pool, DAY) == 1
    left = [row[0] for row in await pool.fetch("SELECT event_id FROM callbacks ORDER BY 1")]
    assert left == ["deleted ended", "paused ended", "paused waits"]


async def test_a_full_queue_behind_one_issue_is_looked_through_by_index(pool: Pool) -> None:
    """The worst there is: everything waits behind one event, and another subscription's log is long."""
    subscription, other = new_id(), new_id()
    for id_ in (subscription, other):
        await pool.execute(
            """
            INSERT INTO callbacks (subscription_id, round, event_id, type, subject, issue_id, event_time, status)
            SELECT $1::text::uuid, 1, n::text, 't', 's', CASE WHEN $2 THEN 'i' ELSE 'i' || n END, now(),
                   CASE WHEN $2 THEN 'waiting' ELSE 'delivered' END
            FROM generate_series(1, 10000) n
            """,
            id_,
            id_ == subscription,
        )
    await pool.execute("ANALYZE callbacks")
    assert await heads(pool, subscription) == ["1"]
    plan = await pool.fetch(f"EXPLAIN {callbacks.HEADS}", subscription, NOW, [], 4)
    told = "\n".join(row[0] for row in plan)
    assert "Seq Scan" not in told, told
