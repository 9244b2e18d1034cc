"""Each event of a subject is handled once and in its turn, whatever the order in which records come."""

import asyncio

from asyncpg.pool import Pool

from chassis.aggregate import To
from chassis.letter_sweeper import LetterSweeper
from chassis.private_data import Vault
from chassis.reader import Reader
from contracts.intake import IssueFollowedUp
from tests.integration.chassis.process import Process, count, letters, state_of
from tests.integration.chassis.records import Subject
from tests.integration.chassis.sample import Remind, order_of, orders, reactions
from tests.polling import eventually

READER = Reader(reactions, "")


async def reminders(pool: Pool, subject: Subject) -> int | None:
    found: int | None = (await state_of(pool, orders, order_of(subject.id))).get("reminders")
    return found


async def waiting(pool: Pool) -> list[tuple[str, int]]:
    rows = await pool.fetch("SELECT reason, sequence FROM dead_letters WHERE resolution IS NULL ORDER BY sequence, id")
    return [(row["reason"], row["sequence"]) for row in rows]


async def cursor(pool: Pool, subject: Subject) -> tuple[int | None, int, bool]:
    epoch, sequence, parked = await pool.fetchrow(
        "SELECT epoch, sequence, parked FROM inbox WHERE source = '/intake' AND subject = $1", f"issue/{subject.id}"
    ) or (None, 0, False)
    return epoch, sequence, parked


async def drained(process: Process, pool: Pool) -> None:
    """Let the sweeper go on with what waits, until nothing of that is left."""
    sweeper = process.start(LetterSweeper(pool, process.pipeline, READER, 0.01).run())

    async def none_left() -> bool:
        return await count(pool, "dead_letters", "resolution IS NULL AND reason IN ('gap', 'parked')") == 0

    await eventually(none_left)
    await process.stop(sweeper)


async def test_a_duplicate_is_skipped(process: Process, pool: Pool) -> None:
    issue = Subject()
    accepted, first, second = issue.accepted(1), issue.reminded(2), issue.reminded(3)
    await process.deliver(READER, accepted, first, first, second)
    await process.deliver(READER, accepted, first, second, issue.reminded(2))
    assert await reminders(pool, issue) == 2
    assert await count(pool, "dead_letters") == 0
    assert await cursor(pool, issue) == (1, 3, False)


async def test_after_a_gap_records_are_held_until_the_missing_one_comes(process: Process, pool: Pool) -> None:
    issue, other = Subject(), Subject()
    late = issue.reminded(2)
    await process.deliver(READER, issue.accepted(1), issue.reminded(3), other.accepted(1), issue.reminded(4))
    assert await waiting(pool) == [("gap", 3), ("gap", 4)]
    assert await cursor(pool, issue) == (1, 1, True)
    assert await cursor(pool, other) == (1, 1, False)
    await process.deliver(READER, late, issue.reminded(5))
    await drained(process, pool)
    assert await reminders(pool, issue) == 4
    assert await cursor(pool, issue) == (1, 5, False)
    rows = await pool.fetch("SELECT meta->>'actor' AS actor FROM events WHERE aggregate = 'order' ORDER BY position")
    handled = [row["actor"] for row in rows]
    assert handled.index(_actor(late)) == 2  # after both issues' first events
    assert await count(pool, "dead_letters", "resolution = 'replayed' AND resolved_by = 'sweeper'") >= 2


def _actor(record: object) -> str:
    headers = dict(getattr(record, "headers", []))
    return f"event:{headers['ce_id'].decode()}"


async def test_held_records_are_handled_in_their_order(process: Process, pool: Pool) -> None:
    issue = Subject()
    records = [issue.accepted(1), *(issue.reminded(sequence) for sequence in range(2, 12))]
    await process.deliver(READER, *reversed(records))
    await drained(process, pool)
    rows = await pool.fetch("SELECT meta->>'actor' AS actor FROM events ORDER BY version")
    assert [row["actor"] for row in rows] == [_actor(record) for record in records]


async def test_poison_parks_its_subject_and_nobody_else(process: Process, pool: Pool) -> None:
    bad, good = Subject(), Subject()
    await process.deliver(
        READER, bad.accepted(1), good.accepted(1), bad.poison(2), good.reminded(2), bad.reminded(3), good.reminded(3)
    )
    assert await waiting(pool) == [("defect", 2), ("parked", 3)]
    assert await reminders(pool, bad) == 0
    assert await reminders(pool, good) == 2
    await process.deliver(READER, bad.reminded(4))
    assert await waiting(pool) == [("defect", 2), ("parked", 3), ("parked", 4)]
    assert await cursor(pool, bad) == (1, 1, True)


async def test_what_a_rule_rejects_is_put_aside_with_the_reason(process: Process, pool: Pool) -> None:
    issue = Subject()
    await process.deliver(READER, issue.reminded(1))
    (letter,) = await letters(pool)
    assert letter["reason"] == "rejected"
    assert "order.unknown" in letter["error"]


async def test_what_the_database_cannot_store_is_put_aside_alone(pool: Pool, vault: Vault) -> None:
    issues = [Subject() for _ in range(9)]
    records = [issue.reminded(1) for issue in issues]
    records[4] = issues[4].reminded(1, issue_id="no-uuid")
    async with Process(pool, vault, journal=True) as process:
        await process.deliver(Reader({}, ""), *records, *(issue.reminded(2) for issue in issues))
    assert await waiting(pool) == [("data", 1), ("parked", 2)]
    assert await count(pool, "journal") == 16
    assert [await cursor(pool, issue) for issue in issues] == [(1, 0 if n == 4 else 2, n == 4) for n in range(9)]


async def test_records_of_a_restored_history_wait_for_an_operator(process: Process, pool: Pool) -> None:
    issue = Subject()
    await process.deliver(READER, issue.accepted(1), issue.reminded(2), issue.reminded(2, epoch=2))
    await process.deliver(READER, issue.reminded(3, epoch=2))
    assert await waiting(pool) == [("epoch", 2), ("epoch", 3)]
    assert await reminders(pool, issue) == 1
    assert await cursor(pool, issue) == (1, 2, True)


async def test_an_unreadable_first_record_does_not_decide_the_epoch(process: Process, pool: Pool) -> None:
    issue = Subject()
    await process.deliver(READER, issue.accepted(1, epoch=2, value=b"{"), issue.reminded(2, epoch=2))
    assert await waiting(pool) == [("malformed", 1), ("parked", 2)]
    assert await cursor(pool, issue) == (2, 0, True)


async def test_an_event_without_a_reaction_moves_the_cursor(process: Process, pool: Pool) -> None:
    issue = Subject()
    await process.deliver(Reader({}, ""), issue.accepted(1), issue.poison(2))
    assert await cursor(pool, issue) == (1, 2, False)
    assert await count(pool, "events") == 0


async def test_two_members_that_hold_the_same_records_handle_them_once(
    process: Process, pool: Pool, vault: Vault
) -> None:
    issues = [Subject() for _ in range(20)]
    records = [issue.accepted(1) for issue in issues] + [issue.reminded(2) for issue in issues]
    async with Process(pool, vault) as other:
        await asyncio.gather(*(each.deliver(READER, *records) for each in (process, other)))
    assert [await reminders(pool, issue) for issue in issues] == [1] * 20
    assert await count(pool, "dead_letters") == 0


async def test_two_members_that_meet_new_subjects_at_once_handle_them_once(
    process: Process, pool: Pool, vault: Vault
) -> None:
    known, subjects = Subject(), [Subject() for _ in range(40)]
    await process.deliver(READER, known.accepted(1))
    order = order_of(known.id)
    reader = Reader({IssueFollowedUp: lambda received: [To(orders, order, Remind(received.id))]}, "")
    async with Process(pool, vault) as other:
        for subject in subjects:
            record = subject.reminded(1)
            await asyncio.gather(process.deliver(reader, record), other.deliver(reader, record))
    assert (await state_of(pool, orders, order))["reminders"] == 40


async def test_the_journal_keeps_what_was_handled(pool: Pool, vault: Vault) -> None:
    issue = Subject()
    async with Process(pool, vault, journal=True) as process:
        await process.deliver(READER, issue.accepted(1), issue.reminded(2), issue.poison(3), issue.reminded(2))
    rows = await pool.fetch("SELECT *, issue_id::text AS issue, data::text AS text FROM journal ORDER BY sequence")
    assert [(row["source"], row["subject"], row["sequence"], row["issue"]) for row in rows] == [
        ("/intake", f"issue/{issue.id}", sequence, issue.id) for sequence in (1, 2)
    ]
    assert [row["type"] for row in rows] == [
        "qingcheng.intake.issue.accepted.v1",
        "qingcheng.intake.issue.followed_up.v1",
    ]
    assert '"follow_up": "reminder"' in rows[1]["text"]
