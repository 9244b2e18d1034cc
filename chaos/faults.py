"""The ways in which things break. Each returns when what was broken is there again, and how much of it was broken."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from time import monotonic

import httpx

from chaos import records
from chaos.cluster import PROCESSES, Cluster, start_processes
from chaos.history import TABLES
from chaos.proxy import Harm
from stack.dice import Dice
from stack.kafka_embedded import NAME as BROKER

LONGEST_STOP = 20.0
"""Seconds; consumers are taken for dead after ten, so that a long stop makes a zombie."""
LONGEST_DOWN = 3.0
TRANSACTIONS = 6
PATIENCE = 6.0  # seconds to wait for the moment at which something is to be broken
LOOK_SECONDS = 0.02
LEAST_EVENT = 500
"""Bytes: an answer that is longer has events in it, and is not only a word that there are some."""


@dataclass
class Breaker:
    """Breaks a cluster as dice say. ``scale`` shortens what is stopped or down."""

    cluster: Cluster
    http: httpx.AsyncClient
    random: Dice
    scale: float = 1.0
    _broker: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by who takes the broker away, and by who publishes: that needs it for seconds on end."""

    async def kill_service(self) -> int:
        """kill -9 of one process."""
        victim = self.random.choice(PROCESSES)
        await asyncio.to_thread(self.cluster.kill, victim)
        await self._pause(LONGEST_DOWN)
        await asyncio.to_thread(self.cluster.start, victim)
        return 1

    async def kill_broker(self) -> int:
        """kill -9 of Kafka."""
        async with self._broker:
            await asyncio.to_thread(self.cluster.kill_broker)
            await self._pause(LONGEST_DOWN)
            await self.cluster.start_broker()
        return 1

    async def kill_database(self) -> int:
        """kill -9 of PostgreSQL."""
        await asyncio.to_thread(self.cluster.kill_database)
        await self._pause(LONGEST_DOWN)
        await self.cluster.start_database()
        return 1

    async def stop_service(self) -> int:
        """SIGSTOP of one process, and SIGCONT: a zombie that does not know what it missed."""
        self.cluster.suspend(self.random.choice(PROCESSES))
        return await self._stopped()

    async def stop_broker(self) -> int:
        """SIGSTOP of Kafka, and SIGCONT."""
        async with self._broker:
            self.cluster.suspend(BROKER)
            return await self._stopped()

    async def _stopped(self) -> int:
        try:
            await asyncio.sleep(self.random.uniform(1.0, max(1.0, LONGEST_STOP * self.scale)))
        finally:
            self.cluster.resume_all()
        return 1

    async def cut_connections(self) -> int:
        """Every connection to the database server, at once."""
        return self.cluster.proxy.cut_all()

    async def cut_transactions(self) -> int:
        """Connections in the middle of a transaction."""
        return await self._harm(Harm.CUT_OPEN)

    async def lose_answers(self) -> int:
        """Commits that take effect and are never heard of."""
        return await self._harm(Harm.LOSE_ANSWER)

    async def _harm(self, harm: Harm) -> int:
        """Harm some connections; returns how many there were."""
        pending, wanted = self.cluster.proxy.pending, self.random.randint(1, TRANSACTIONS)
        pending[harm] = wanted
        await self._until(lambda: pending[harm] == 0)
        return wanted - pending.pop(harm)

    async def depose_relay(self) -> int:
        """A relay has read what to publish, loses its lock, and publishes it after the next one has."""
        services = sorted(TABLES)
        self.random.shuffle(services)
        for service in services:
            if await self._depose(self.cluster.database_of(service)):
                return 1
        return 0

    async def _depose(self, database: str) -> bool:
        """Whether it could be done: somebody leads, has something to publish, and somebody else takes over."""
        leaders = self.cluster.proxy.leaders(database)
        if len(leaders) != 1:
            return False
        (line,) = leaders
        line.keep_answers()
        reading = await self._until(lambda: line.longest > LEAST_EVENT)
        if reading:
            line.server.transport.abort()
        took_over = reading and await self._until(lambda: self.cluster.proxy.leaders(database) > leaders)
        await self._pause(1.0)
        line.release()
        return took_over

    async def copy_records(self) -> int:
        """Records published again, byte for byte."""
        async with self._broker:
            return await records.copy_some(self.cluster.around.kafka, self.random)

    async def poison(self) -> int:
        """Records that nobody can handle."""
        async with self._broker:
            return await records.poison(self.cluster.around.kafka, self.random)

    async def fail_gateway(self) -> int:
        """The SMS gateway fails, is too slow, or asks for patience."""
        mode = self.random.choice(["error", "hang", "rate_limit"])
        faults = {"mode": mode, "rate": self.random.choice([0.5, 1.0]), "seconds": 6}
        await self._tell_gateway(faults)
        try:
            await asyncio.sleep(self.random.uniform(2.0, max(2.0, 10.0 * self.scale)))
        finally:
            await self._tell_gateway({"mode": "ok"})
        return 1

    async def restart_everything(self) -> int:
        """A power cut: all processes, broker and database server at the same instant."""
        cluster = self.cluster
        kills: list[Callable[[], None]] = [cluster.kill_database, cluster.kill_broker]
        async with self._broker:
            await asyncio.gather(
                *(asyncio.to_thread(cluster.kill, process) for process in PROCESSES),
                *(asyncio.to_thread(kill) for kill in kills),
            )
            await asyncio.gather(cluster.start_database(), cluster.start_broker(), start_processes(cluster, PROCESSES))
        return 1

    async def _pause(self, longest: float) -> None:
        await asyncio.sleep(self.random.uniform(0.0, longest * self.scale))

    async def _until(self, holds: Callable[[], bool]) -> bool:
        deadline = monotonic() + PATIENCE
        while monotonic() < deadline:
            if holds():
                return True
            await asyncio.sleep(LOOK_SECONDS)
        return False

    async def _tell_gateway(self, faults: dict[str, object]) -> None:
        (await self.http.put(f"{self.cluster.around.sms_gateway}/faults", json=faults)).raise_for_status()


Fault = Callable[[Breaker], Awaitable[int]]
FAULTS: dict[str, Fault] = {
    fault.__name__: fault
    for fault in (
        Breaker.kill_service,
        Breaker.kill_broker,
        Breaker.kill_database,
        Breaker.stop_service,
        Breaker.stop_broker,
        Breaker.cut_connections,
        Breaker.cut_transactions,
        Breaker.lose_answers,
        Breaker.depose_relay,
        Breaker.copy_records,
        Breaker.poison,
        Breaker.fail_gateway,
        Breaker.restart_everything,
    )
}
LIGHT = ("cut_transactions", "lose_answers", "depose_relay", "copy_records", "poison", "fail_gateway")
"""Faults that go together with any other."""


def schedule(random: Dice) -> Iterator[tuple[str, ...]]:
    """What to break next, for ever: every kind once in each round, sometimes two at a time."""
    while True:
        kinds = list(FAULTS)
        random.shuffle(kinds)
        while kinds:
            first = kinds.pop()
            second = next((kind for kind in kinds if kind in LIGHT), None) if random.random() < 0.5 else None
            if second is not None:
                kinds.remove(second)
            yield (first,) if second is None else (first, second)
