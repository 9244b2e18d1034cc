"""名单 before a call: one question for all who wait, and for nobody another's answer."""

import asyncio
from collections.abc import Iterable
from typing import cast

import pytest
from asyncpg.pool import Pool

from services.intake import caller_views
from services.intake.caller_list import Caller, Status
from services.intake.caller_lookup import CallerLookup

NO_POOL = cast(Pool, None)
LISTED = Caller(status=Status.LISTED)


class Questions:
    """Stands for the statement: keeps what was asked, and answers once it is told to."""

    def __init__(self) -> None:
        self.asked: list[set[str]] = []
        self.answers = asyncio.Event()

    async def states(self, _: Pool, appellant_ids: Iterable[str]) -> dict[str, Caller]:
        self.asked.append(set(appellant_ids))
        await self.answers.wait()
        if "broken" in self.asked[-1]:
            raise OSError
        return {"listed": LISTED} if "listed" in self.asked[-1] else {}


@pytest.fixture
def questions(monkeypatch: pytest.MonkeyPatch) -> Questions:
    asked = Questions()
    monkeypatch.setattr(caller_views, "states", asked.states)
    return asked


async def _ask(lookup: CallerLookup, *ids: str) -> list[asyncio.Task[Caller]]:
    tasks = [asyncio.create_task(lookup.state(NO_POOL, id_)) for id_ in ids]
    for _ in range(5):
        await asyncio.sleep(0)
    return tasks


async def test_who_asks_while_a_question_is_under_way_is_in_the_next_one(questions: Questions) -> None:
    lookup = CallerLookup()
    first = await _ask(lookup, "plain")
    others = await _ask(lookup, "listed", "plain", "other")
    assert questions.asked == [{"plain"}]
    questions.answers.set()
    assert await asyncio.gather(*first, *others) == [Caller(), LISTED, Caller(), Caller()]
    assert questions.asked == [{"plain"}, {"listed", "plain", "other"}]


async def test_who_leaves_takes_nobody_along(questions: Questions) -> None:
    leaving, staying = await _ask(CallerLookup(), "plain", "listed")
    leaving.cancel()
    questions.answers.set()
    assert await staying == LISTED


async def test_a_failure_is_told_to_all_of_that_question_and_no_others(questions: Questions) -> None:
    lookup = CallerLookup()
    failing = await _ask(lookup, "broken", "plain")
    later = await _ask(lookup, "listed")
    questions.answers.set()
    assert [type(found) for found in await asyncio.gather(*failing, return_exceptions=True)] == [OSError, OSError]
    assert await asyncio.gather(*later) == [LISTED]
