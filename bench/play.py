"""One run: what all stand on is started once, and everything is measured on it, one thing after the other."""

import asyncio
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from bench import consumer, flow, http, idle, singles
from bench.contest import Figures, Try, interleave
from bench.flow import Full, Paced
from bench.idle import Usage
from bench.singles import Singles
from stack.dice import Dice
from stack.fleet import Fleet
from stack.local import Ground, local_ground

SEED = 1
CONTESTS, FLOW = "bench.", "flow."
"""Prefixes of topics: contests have other databases than the services that run all together."""


@dataclass(frozen=True, slots=True)
class Length:
    """How long everything goes on; times are in seconds."""

    rounds: int
    records: int
    one_by_one: int
    http: float
    idle: float
    singles: int
    flow: float


FULL = Length(rounds=5, records=20_000, one_by_one=1_500, http=10, idle=60, singles=200, flow=60)
QUICK = Length(rounds=1, records=4_000, one_by_one=300, http=4, idle=5, singles=20, flow=8)


@dataclass(frozen=True, slots=True)
class Results:
    """``contests``: what was measured -> contender -> figures."""

    contests: dict[str, dict[str, Figures]]
    idle: dict[str, Usage]
    singles: Singles
    full: Full
    paces: list[Paced]


@dataclass(frozen=True, slots=True)
class Bench:
    """Ground to stand on, a folder for files, and whoever is told how it goes."""

    ground: Ground
    folder: Path
    length: Length
    console: Console

    def run(self, runner: asyncio.Runner) -> Results:
        """Contests first, since the flow is compared with what they show."""
        contests = self._fleet(CONTESTS)
        contests.prepare_all()
        measured = runner.run(self._contests(contests))
        together = self._fleet(FLOW)
        together.start_all()
        try:
            quiet = runner.run(idle.measure(self.ground.children.pids, self.length.idle))
            one_by_one, full, paces = runner.run(self._flow(together))
        finally:
            together.stop_all()
        return Results(measured, quiet, one_by_one, full, paces)

    async def _contests(self, original: Fleet) -> dict[str, dict[str, Figures]]:
        length = self.length
        work = consumer.Work(length.records, length.one_by_one)
        router = consumer.Contest(self.ground, original, self.folder, work)
        await router.prepare()
        measured = await self._contest(router.tries)
        async with http.contest(self.ground, original, self.folder, length.http) as tries:
            measured |= await self._contest(tries)
        return measured

    async def _contest(self, tries: Mapping[str, Try]) -> dict[str, dict[str, Figures]]:
        return await interleave(tries, self.length.rounds, self._tell)

    async def _flow(self, fleet: Fleet) -> tuple[Singles, Full, list[Paced]]:
        async with flow.city(self.ground, fleet) as people:
            one_by_one = await singles.measure(people, fleet.database_url("intake"), self.length.singles)
            full = await flow.at_full(self.ground, fleet, people, self.length.flow)
            self.console.print(f"    full  flow        {full.rate:,.1f}/s", highlight=False)
            dice = Dice(SEED)
            paces = [
                await flow.paced(people, share, full.rate * share, self.length.flow, dice) for share in flow.SHARES
            ]
            return one_by_one, full, paces

    def _fleet(self, prefix: str) -> Fleet:
        return Fleet(self.ground.children, self.ground.surroundings, self.ground.logs, topic_prefix=prefix)

    def _tell(self, name: str, number: int, rates: Mapping[str, float]) -> None:
        counted = f"round {number}" if number else "warm-up"
        said = ", ".join(f"{what} {rate:,.0f}/s" for what, rate in rates.items())
        self.console.print(f"{counted:>8}  {name:<11} {said}", highlight=False)


def play(state: Path, length: Length, console: Console, runner: asyncio.Runner) -> Results:
    """Everything anew under ``state``. Blocks; raises `StackError`."""
    shutil.rmtree(state, ignore_errors=True)
    with local_ground(state) as ground:
        return Bench(ground, state, length, console).run(runner)
