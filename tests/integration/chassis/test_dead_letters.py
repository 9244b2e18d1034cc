"""A record that cannot be handled keeps its bytes and its place, until an operator replays it or gives it up."""

from datetime import UTC, datetime

import pytest
from asyncpg.pool import Pool

from chassis import dead_letters
from chassis.letter_sweeper import LetterSweeper
from chassis.reader import Reader
from contracts.intake import IssueClosed
from contracts.rejected import Rejected
from tests.integration.chassis.process import Process, count, letters
from tests.integration.chassis.records import Subject
from tests.integration.chassis.sample import reactions
from tests.integration.chassis.test_inbox import cursor, drained, reminders, waiting
from tests.polling import eventually

READER = Reader(reactions, "")
MENDED = Reader({**reactions, IssueClosed: lambda _: []}, "")


async def discard(pool: Pool, letter: str, note: str = "无法处理") -> None:
    await dead_letters.discard(pool, letter, by="admin-1", note=note, now=datetime.now(UTC))


def sweeper(process: Process, pool: Pool, reader: Reader = READER) -> LetterSweeper:
    return LetterSweeper(pool, process.pipeline, reader, 0.01)


async def test_the_original_record_is_kept_byte_for_byte(process: Process, pool: Pool) -> None:
    issue = Subject()
    record = issue.accepted(1, value=b"\xff\x00{", headers={"x-note": b"\x00\xfe", "x-empty": b""})
    await process.deliver(READER, record)
    (letter,) = await letters(pool)
    assert await dead_letters.fetch_record(pool, letter["letter"]) == record
    assert (letter["reason"], letter["source"], letter["subject"], letter["sequence"]) == (
        "malformed",
        "/intake",
        f"issue/{issue.id}",
        1,
    )


async def test_replay_goes_in_order(process: Process, pool: Pool) -> None:
    issue = Subject()
    await process.deliver(READER, issue.accepted(1), issue.poison(2), issue.reminded(3), issue.poison(4))
    second, third, fourth = [letter["letter"] for letter in await letters(pool)]
    mended = sweeper(process, pool, MENDED)
    for letter in (third, fourth):
        with pytest.raises(Rejected, match=r"dead_letter\.not_next"):
            await mended.replay(letter, by="admin-1")
    await mended.replay(second, by="admin-1")
    await mended.replay(third, by="admin-1")
    assert await reminders(pool, issue) == 1
    with pytest.raises(Rejected, match=r"dead_letter\.not_found"):
        await mended.replay(third, by="admin-1")
    await mended.replay(fourth, by="admin-2")
    assert await waiting(pool) == []
    assert await cursor(pool, issue) == (1, 4, False)
    assert [(row["resolution"], row["resolved_by"]) for row in await letters(pool)] == [
        ("replayed", "admin-1"),
        ("replayed", "admin-1"),
        ("replayed", "admin-2"),
    ]


async def test_a_replay_that_fails_leaves_the_letter_where_it_is(process: Process, pool: Pool) -> None:
    issue = Subject()
    await process.deliver(READER, issue.accepted(1), issue.poison(2), issue.reminded(3))
    letter = (await letters(pool))[0]["letter"]
    await sweeper(process, pool).replay(letter, by="admin-1")
    row = (await letters(pool))[0]
    assert (row["reason"], row["attempts"], row["resolution"]) == ("defect", 2, None)
    assert await waiting(pool) == [("defect", 2), ("parked", 3)]
    assert await cursor(pool, issue) == (1, 1, True)


async def test_after_a_replay_what_waited_goes_on_by_itself(process: Process, pool: Pool) -> None:
    issue = Subject()
    await process.deliver(READER, issue.accepted(1), issue.poison(2), *(issue.reminded(n) for n in range(3, 9)))
    await sweeper(process, pool, MENDED).replay((await letters(pool))[0]["letter"], by="admin-1")
    await drained(process, pool)
    assert await reminders(pool, issue) == 6
    assert await cursor(pool, issue) == (1, 8, False)


async def test_a_letter_that_fails_when_its_turn_comes_stops_the_rest(process: Process, pool: Pool) -> None:
    issue = Subject()
    await process.deliver(
        READER, issue.accepted(1), issue.poison(2), issue.reminded(3), issue.poison(4), issue.reminded(5)
    )
    await discard(pool, (await letters(pool))[0]["letter"])
    sweeping = process.start(sweeper(process, pool).run())

    async def stuck() -> bool:
        return await waiting(pool) == [("defect", 4), ("parked", 5)]

    await eventually(stuck)
    assert await reminders(pool, issue) == 1
    assert not sweeping.done()


async def test_discarding_moves_on_and_says_why(process: Process, pool: Pool) -> None:
    issue = Subject()
    await process.deliver(READER, issue.accepted(1), issue.poison(2), issue.reminded(3))
    second, third = [letter["letter"] for letter in await letters(pool)]
    with pytest.raises(Rejected, match=r"dead_letter\.not_next"):
        await discard(pool, third)
    await discard(pool, second, "重复登记")
    with pytest.raises(Rejected, match=r"dead_letter\.not_found"):
        await discard(pool, second)
    row = (await letters(pool))[0]
    assert (row["resolution"], row["resolved_by"], row["note"]) == ("discarded", "admin-1", "重复登记")
    await drained(process, pool)
    assert await reminders(pool, issue) == 1
    assert await cursor(pool, issue) == (1, 3, False)


async def test_a_record_that_nobody_can_place_waits_alone(process: Process, pool: Pool) -> None:
    issue = Subject()
    await process.deliver(READER, issue.accepted(1, headers={"ce_subject": None}), issue.accepted(1))
    (letter,) = await letters(pool)
    assert (letter["source"], letter["subject"], letter["sequence"]) == (None, None, None)
    assert await cursor(pool, issue) == (1, 1, False)
    await sweeper(process, pool).replay(letter["letter"], by="admin-1")
    assert (await letters(pool))[0]["attempts"] == 2
    await discard(pool, letter["letter"])
    assert await waiting(pool) == []


async def test_a_letter_that_is_delivered_again_is_kept_once(process: Process, pool: Pool) -> None:
    issue = Subject()
    rubbish, poison = issue.accepted(1, headers={"ce_type": None, "ce_subject": None}), issue.poison(2)
    for _ in range(2):
        await process.deliver(READER, rubbish, issue.accepted(1), poison)
    assert [row["reason"] for row in await letters(pool)] == ["malformed", "defect"]


async def test_of_two_records_with_one_sequence_none_is_lost(process: Process, pool: Pool) -> None:
    issue = Subject()
    await process.deliver(READER, issue.accepted(1), issue.reminded(2, value=b"{"), issue.reminded(2))
    assert await waiting(pool) == [("malformed", 2), ("parked", 2)]
    await discard(pool, (await letters(pool))[0]["letter"])
    await drained(process, pool)
    assert await reminders(pool, issue) == 1
    assert await cursor(pool, issue) == (1, 2, False)


async def test_a_letter_that_is_replayed_twice_at_once_leaves_its_double_alone(process: Process, pool: Pool) -> None:
    issue = Subject()
    await process.deliver(READER, issue.reminded(2), issue.accepted(1), issue.reminded(2))
    first, double = [letter["letter"] for letter in await letters(pool)]
    record = await dead_letters.fetch_record(pool, first)
    for _ in range(2):  # by two processes that had both fetched it before either was done
        await process.pipeline.submit(READER.read(record, letter=first))
    assert [row["letter"] for row in await letters(pool) if row["resolution"] is None] == [double]
    assert await cursor(pool, issue) == (1, 2, True)
    await drained(process, pool)
    assert await cursor(pool, issue) == (1, 2, False)
    assert await reminders(pool, issue) == 1


async def test_a_letter_that_can_be_placed_after_a_mend_is_handled(process: Process, pool: Pool) -> None:
    issue = Subject()
    records = [record._replace(topic="new.intake.issues") for record in (issue.accepted(1), issue.reminded(2))]
    await process.deliver(READER, *records)
    first, second = [letter["letter"] for letter in await letters(pool)]
    assert await count(pool, "dead_letters", "subject IS NULL") == 2
    for letter in (first, second):
        await sweeper(process, pool, Reader(reactions, "new.")).replay(letter, by="admin-1")
    assert await waiting(pool) == []
    assert await reminders(pool, issue) == 1
    assert await cursor(pool, issue) == (1, 2, False)


async def test_a_record_of_another_topics_subject_parks_nobody(process: Process, pool: Pool) -> None:
    issue = Subject()
    forged = issue.accepted(2, headers={"ce_source": b"/router"})
    misplaced = issue.accepted(2)._replace(topic="router.orders")
    await process.deliver(READER, issue.accepted(1), forged, misplaced, issue.reminded(2))
    assert await reminders(pool, issue) == 1
    assert {(row["reason"], row["subject"]) for row in await letters(pool)} == {("malformed", None)}
