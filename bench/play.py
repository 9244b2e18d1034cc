"""One run: what all stand on is started once, and everything is measured on it, one thing after the other."""

import asyncio
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from rich.console import Console

from bench import consumer, flow, growth, http, idle, singles
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


class Part(StrEnum):
    """What can be measured by itself. ``consumer`` is both ways between topics and tables: it has the relay, too."""

    CONSUMER = "consumer"
    HTTP = "http"
    IDLE = "idle"
    SINGLES = "singles"
    FLOW = "flow"
    GROWTH = "growth"


TOGETHER = {Part.IDLE, Part.SINGLES, Part.FLOW}
"""For these all services run."""


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
    growth: growth.Length


FULL = Length(
    rounds=5,
    records=20_000,
    one_by_one=1_500,
    http=10,
    idle=60,
    singles=200,
    flow=60,
    growth=growth.Length((0, 100_000, 1_000_000), rounds=4, looks=50, http=10, flow=15, paced=20, settled=30),
)
QUICK = Length(
    rounds=3,  # of one round alone, a ratio has been seen to be halved by what else the machine did
    records=3_000,
    one_by_one=200,
    http=2,
    idle=3,
    singles=10,
    flow=5,
    growth=growth.Length((0, 5_000), rounds=2, looks=10, http=2, flow=3, paced=2, settled=0),
)


@dataclass(slots=True)
class Results:
    """What was measured, and empty what was not. ``contests``: what was measured -> contender -> figures."""

    contests: dict[str, dict[str, Figures]] = field(default_factory=dict)
    idle: dict[str, Usage] = field(default_factory=dict)
    singles: Singles | None = None
    full: Full | None = None
    paces: list[Paced] = field(default_factory=list)
    grown: growth.Grown | None = None


@dataclass(frozen=True, slots=True)
class Bench:
    """Ground to stand on, a folder for files, and whoever is told how it goes."""

    ground: Ground
    folder: Path
    length: Length
    console: Console

    def run(self, runner: asyncio.Runner, parts: set[Part], results: Results) -> None:
        """Contests first, since the flow is compared with what they show."""
        if contests := parts & {Part.CONSUMER, Part.HTTP}:
            original = self._fleet(CONTESTS)
            original.prepare_all()
            results.contests = runner.run(self._contests(original, contests))
        if not parts & TOGETHER:
            return
        together = self._fleet(FLOW)
        together.start_all()
        try:
            if Part.IDLE in parts:
                results.idle = runner.run(idle.measure(self.ground.children.pids, self.length.idle))
            runner.run(self._together(together, parts, results))
        finally:
            together.stop_all()

    async def _contests(self, original: Fleet, parts: set[Part]) -> dict[str, dict[str, Figures]]:
        length = self.length
        measured: dict[str, dict[str, Figures]] = {}
        if Part.CONSUMER in parts:
            work = consumer.Work(length.records, length.one_by_one)
            router = consumer.Contest(self.ground, original, self.folder, work)
            await router.prepare()
            measured |= await self._contest(router.tries)
        if Part.HTTP in parts:
            async with http.contest(self.ground, original, self.folder, length.http) as tries:
                measured |= await self._contest(tries)
        return measured

    async def _contest(self, tries: Mapping[str, Try]) -> dict[str, dict[str, Figures]]:
        return await interleave(tries, self.length.rounds, self._tell)

    async def _together(self, fleet: Fleet, parts: set[Part], results: Results) -> None:
        async with flow.city(self.ground, fleet) as people:
            if Part.SINGLES in parts:
                results.singles = await singles.measure(people, fleet.database_url("intake"), self.length.singles)
            if Part.FLOW in parts:
                results.full = full = await flow.at_full(self.ground, self.folder, fleet, people, self.length.flow)
                self.console.print(f"    full  flow        {full.rate:,.1f}/s", highlight=False)
                dice = Dice(SEED)
                results.paces = [
                    await flow.paced(people, share, full.rate * share, self.length.flow, dice) for share in flow.SHARES
                ]

    def _fleet(self, prefix: str) -> Fleet:
        return Fleet(self.ground.children, self.ground.surroundings, self.ground.logs, topic_prefix=prefix)

    def _tell(self, name: str, number: int, rates: Mapping[str, float]) -> None:
        counted = f"round {number}" if number else "warm-up"
        said = ", ".join(f"{what} {rate:,.0f}/s" for what, rate in rates.items())
        self.console.print(f"{counted:>8}  {name:<11} {said}", highlight=False)


def play(
    state: Path, length: Length, console: Console, runner: asyncio.Runner, parts: set[Part], *, keep: bool = False
) -> Results:
    """Measure ``parts`` under ``state``, everything anew; ``keep``: take the databases of `growth` that are there.

    Blocks; raises `StackError`.
    """
    results = Results()
    grown = state / "growth"
    shutil.rmtree(state / "run", ignore_errors=True)
    if not keep:
        shutil.rmtree(grown, ignore_errors=True)
    if parts - {Part.GROWTH}:
        with local_ground(state / "run") as ground:
            Bench(ground, state / "run", length, console).run(runner, parts, results)
    if Part.GROWTH in parts:
        results.grown = growth.play(grown, length.growth, lambda visit: _tell_visit(console, visit), runner)
    return results


def _tell_visit(console: Console, visit: growth.Visit) -> None:
    said = f"http {visit.http:,.0f}/s, flow {visit.flow:,.1f}/s, ready after {visit.start:.1f} s"
    console.print(f"  growth  {visit.size:<11,} {said}", highlight=False)
