"""`flow`: whole lifecycles through all services: how many, what each costs, and how long people wait under load."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any, NamedTuple

import psutil

from bench import databases
from bench.events import reading
from bench.idle import cpu_seconds
from bench.lifecycle import EVERYBODY, TOPICS, City, Connections, Waits
from bench.percentiles import percentiles
from stack.fleet import SERVICES, Fleet
from stack.local import Ground
from stack.tokens import OAuthClient

WALKERS = 128
"""As many as keep both processors busy although what nobody waits for gathers; with 64 they were idle for a quarter."""
QUIET = 1.0  # seconds without a new event anywhere: nothing is under way any more
SHARES = (0.1, 0.5, 0.8)
"""Of the highest rate."""
HANDLED = "SELECT COALESCE(sum(sequence), 0)::bigint FROM inbox"
RECORDED = "SELECT count(*) FROM events"
LATEST = "SELECT coalesce(max(position), 0) FROM events"


class Events(NamedTuple):
    """How many are recorded and published, and how often a service takes one in."""

    recorded: float
    handled: float


@dataclass(frozen=True, slots=True)
class Full:
    """As many as possible at once: lifecycles per second, and what one lifecycle takes of everything to its last event.

    ``by_then``: which of its events were done when the last lifecycle had ended; messages come later. ``processes``:
    processor seconds by process; ``kafka_bytes``: what its records take on the broker's disk, None where that cannot be
    seen.
    """

    rate: float
    cpu_seconds: float
    events: Events
    by_then: Events
    processes: Mapping[str, float] = field(default_factory=dict)
    kafka_bytes: float | None = None

    def share_of_bare(self, consumer: float, relay: float) -> float:
        """The rate in parts of what bare loops allow that handle ``consumer`` and publish ``relay`` events a second."""
        return self.rate * (self.by_then.recorded / relay + self.by_then.handled / consumer)


@dataclass(frozen=True, slots=True)
class Paced:
    """Arrivals by a Poisson process of ``rate`` per second."""

    share: float
    rate: float
    waits: list[Waits]


@asynccontextmanager
async def city(ground: Ground, fleet: Fleet) -> AsyncGenerator[City]:
    """Everybody signed in, at services that run."""
    around = ground.surroundings
    issuer = OAuthClient(around.issuer, "bench", around.client_secret)
    tokens = {who: await asyncio.to_thread(issuer.fetch, who) for who in EVERYBODY}
    services = {name: Connections(fleet.base_urls[name]) for name in SERVICES}
    async with reading(around.kafka, [f"{fleet.topic_prefix}{topic}" for topic in TOPICS]) as events:
        try:
            yield City(services, tokens, events)
        finally:
            for connections in services.values():
                connections.close()


async def at_full(ground: Ground, folder: Path, fleet: Fleet, people: City, seconds: float) -> Full:
    """``WALKERS`` lifecycles at any time; begin and end, where there are fewer, do not count.

    ``folder`` is the ground's.
    Raises `StackError` when none ended in between: there is no rate to go on with.
    """
    processes = {name: psutil.Process(pid) for name, pid in ground.children.pids.items()}
    counted, cpu, kept = await _counted(fleet), _cpu(processes), _kept(folder, fleet.topic_prefix)
    rate, walked = await full_rate(people, seconds)
    by_then = _each(await _counted(fleet), counted, walked)
    await settled(fleet)
    took = {name: (after - cpu[name]) / walked for name, after in _cpu(processes).items()}
    bytes_ = None if kept is None else ((_kept(folder, fleet.topic_prefix) or 0) - kept) / walked
    events = _each(await _counted(fleet), counted, walked)
    return Full(rate, sum(took.values()), events, by_then, took, bytes_)


def _each(now: Events, before: Events, walked: int) -> Events:
    return Events((now.recorded - before.recorded) / walked, (now.handled - before.handled) / walked)


def _cpu(processes: Mapping[str, psutil.Process]) -> dict[str, float]:
    return {name: cpu_seconds([process]) for name, process in processes.items()}


def _kept(folder: Path, prefix: str) -> int | None:
    """Bytes of the embedded broker's records; None where the broker is another."""
    logs = [file for file in (folder / "data").rglob("*.log") if file.parent.name.startswith(prefix)]
    return sum(file.stat().st_size for file in logs) if logs else None


async def full_rate(people: City, seconds: float) -> tuple[float, int]:
    """Lifecycles per second with ``WALKERS`` at any time, and how many there were.

    Where none ended but at the begin or at the end, because the machine is too busy, those count.
    """
    warm = seconds / 4
    begun = perf_counter()
    ended: list[float] = []

    async def walker() -> None:
        while perf_counter() - begun < warm + seconds:
            await people.live()
            ended.append(perf_counter() - begun)

    await asyncio.gather(*(walker() for _ in range(WALKERS)))
    counted = sum(warm <= at <= warm + seconds for at in ended)
    return (counted / seconds if counted else len(ended) / max(ended)), len(ended)


async def settled(fleet: Fleet) -> None:
    """Wait until all that the load has led to is done: messages come after the last lifecycle has ended."""
    latest: list[int] = []
    while (now := [await databases.value(fleet.database_url(name), LATEST) for name in SERVICES]) != latest:
        latest = now
        await asyncio.sleep(QUIET)


async def paced(people: City, share: float, rate: float, seconds: float, dice: Random) -> Paced:
    """Lifecycles that begin whether those before have ended or not."""
    walks: list[asyncio.Task[Waits]] = []
    begun = perf_counter()
    due = dice.expovariate(rate)
    while due < seconds:
        await asyncio.sleep(max(0.0, begun + due - perf_counter()))
        walks.append(asyncio.create_task(people.live()))
        due += dice.expovariate(rate)
    return Paced(share, rate, list(await asyncio.gather(*walks)))


async def _counted(fleet: Fleet) -> Events:
    """In all services."""
    recorded = [await databases.value(fleet.database_url(name), RECORDED) for name in SERVICES]
    handled = [await databases.value(fleet.database_url(name), HANDLED) for name in SERVICES]
    return Events(sum(recorded), sum(handled))


def report(full: Full, paces: list[Paced]) -> Mapping[str, Any]:
    """Rates per second, processor time in milliseconds, waits in milliseconds."""
    return {
        "lifecycles_per_second": round(full.rate, 2),
        "cpu_ms_per_lifecycle": round(full.cpu_seconds * 1e3, 1),
        "cpu_ms_by_process": {name: round(seconds * 1e3, 2) for name, seconds in full.processes.items()},
        "kafka_bytes_per_lifecycle": None if full.kafka_bytes is None else round(full.kafka_bytes),
        "events_per_lifecycle": round(full.events.recorded, 1),
        "handled_per_lifecycle": round(full.events.handled, 1),
        "events_per_lifecycle_by_then": round(full.by_then.recorded, 1),
        "handled_per_lifecycle_by_then": round(full.by_then.handled, 1),
        "at": {
            f"{pace.share:.0%}": {
                "rate": round(pace.rate, 2),
                "lifecycles": len(pace.waits),
                "accept_to_dispatched_ms": percentiles([wait.dispatched for wait in pace.waits]),
                "complete_to_revisit_ms": percentiles([wait.revisit for wait in pace.waits]),
            }
            for pace in paces
        },
    }
