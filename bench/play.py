"""One run: what all stand on is started once, and every contest is held on it."""

import asyncio
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from bench import consumer, http
from bench.contest import Figures, Try, interleave
from stack.fleet import Fleet
from stack.local import Ground, local_ground

PREFIX = "bench."


@dataclass(frozen=True, slots=True)
class Length:
    """How long everything goes on."""

    rounds: int
    records: int
    one_by_one: int
    http_seconds: float


FULL = Length(rounds=5, records=20_000, one_by_one=1_500, http_seconds=10)
QUICK = Length(rounds=1, records=4_000, one_by_one=300, http_seconds=4)


@dataclass(frozen=True, slots=True)
class Bench:
    """Ground to stand on, a fleet whose databases are prepared for copying, and a folder for files."""

    ground: Ground
    original: Fleet
    folder: Path
    length: Length
    console: Console

    async def run(self) -> dict[str, dict[str, Figures]]:
        """All contests, one after the other."""
        length = self.length
        work = consumer.Work(length.records, length.one_by_one)
        router = consumer.Contest(self.ground, self.original, self.folder, work)
        await router.prepare()
        measured = await self._contest(router.tries)
        async with http.contest(self.ground, self.original, self.folder, length.http_seconds) as tries:
            measured |= await self._contest(tries)
        return measured

    async def _contest(self, tries: Mapping[str, Try]) -> dict[str, dict[str, Figures]]:
        return await interleave(tries, self.length.rounds, self._tell)

    def _tell(self, name: str, number: int, rates: Mapping[str, float]) -> None:
        counted = f"round {number}" if number else "warm-up"
        said = ", ".join(f"{what} {rate:,.0f}/s" for what, rate in rates.items())
        self.console.print(f"{counted:>8}  {name:<11} {said}", highlight=False)


def play(state: Path, length: Length, console: Console, runner: asyncio.Runner) -> dict[str, dict[str, Figures]]:
    """Everything anew under ``state``. Blocks; raises `StackError`."""
    shutil.rmtree(state, ignore_errors=True)
    with local_ground(state) as ground:
        original = Fleet(ground.children, ground.surroundings, ground.logs, topic_prefix=PREFIX)
        original.prepare_all()
        return runner.run(Bench(ground, original, state, length, console).run())
