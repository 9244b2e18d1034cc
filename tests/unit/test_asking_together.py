"""Who asks at the same time asks together: one question for all who wait, and for nobody another's answer."""

import asyncio
import gc
from collections.abc import Mapping
from collections.abc import Set as AbstractSet

import pytest

from chassis.asking_together import AskingTogether


class Questions:
    """Keeps what was asked, and answers once it is told to."""

    def __init__(self) -> None:
        self.asked: list[AbstractSet[str]] = []
        self.answers = asyncio.Event()
        self.together = AskingTogether(self._ask)

    async def _ask(self, keys: AbstractSet[str]) -> Mapping[str, str]:
        self.asked.append(keys)
        await self.answers.wait()
        if "broken" in keys:
            raise OSError
        return {"listed": "on a list"} if "listed" in keys else {}

    async def ask(self, *keys: str) -> "list[asyncio.Task[str | None]]":
        """All at once; returns when they wait."""
        tasks = [asyncio.create_task(self.together.about(key)) for key in keys]
        for _ in range(5):
            await asyncio.sleep(0)
        return tasks


@pytest.fixture
def questions() -> Questions:
    return Questions()


async def test_who_asks_while_a_question_is_under_way_is_in_the_next_one(questions: Questions) -> None:
    first = await questions.ask("plain")
    others = await questions.ask("listed", "plain", "other")
    assert questions.asked == [{"plain"}]
    questions.answers.set()
    assert await asyncio.gather(*first, *others) == [None, "on a list", None, None]
    assert questions.asked == [{"plain"}, {"listed", "plain", "other"}]


async def test_who_leaves_takes_nobody_along(questions: Questions) -> None:
    leaving, staying = await questions.ask("plain", "listed")
    leaving.cancel()
    questions.answers.set()
    assert await staying == "on a list"


async def test_a_failure_is_told_to_all_of_that_question_and_no_others(questions: Questions) -> None:
    failing = await questions.ask("broken", "plain")
    later = await questions.ask("listed")
    questions.answers.set()
    assert [type(found) for found in await asyncio.gather(*failing, return_exceptions=True)] == [OSError, OSError]
    assert await asyncio.gather(*later) == ["on a list"]


async def test_a_failure_that_nobody_waits_for_any_more_is_no_error(questions: Questions) -> None:
    told: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
    (leaving,) = await questions.ask("broken")
    leaving.cancel()
    questions.answers.set()
    for _ in range(5):
        await asyncio.sleep(0)
    assert leaving.cancelled()
    gc.collect()
    assert told == []
