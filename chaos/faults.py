"""The ways in which things break. Each returns when what was broken is there again."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from random import Random
from time import monotonic

import httpx

from chaos import records
from chaos.cluster import PROCESSES, Cluster, start_processes
from chaos.history import TABLES
from stack.kafka_embedded import NAME as BROKER

LONGEST_STOP = 20.0
"""Seconds; consumers are taken for dead after ten, so that a long stop makes a zombie."""
LONGEST_DOWN = 3.0
TRANSACTIONS = 6
PATIENCE = 10.0  # seconds to wait for the moment at which something is to be broken
LOOK_SECONDS = 0.02


@dataclass
class Breaker:
    """Breaks a cluster as dice say. ``scale`` shortens what is stopped or down."""

    cluster: Cluster
    http: httpx.AsyncClient
    random: Random
    scale: float = 1.0

    async def kill_service(self) -> None:
        """kill -9 of one process."""
        victim = self.random.choice(PROCESSES)
        await asyncio.to_thread(self.cluster.kill, victim)
        await self._pause(LONGEST_DOWN)
        await asyncio.to_thread(self.cluster.start, victim)

    async def kill_broker(self) -> None:
        """kill -9 of Kafka."""
        await asyncio.to_thread(self.cluster.kill_broker)
        await self._pause(LONGEST_DOWN)
        await self.cluster.start_broker()

    async def kill_database(self) -> None:
        """kill -9 of PostgreSQL."""
        await asyncio.to_thread(self.cluster.kill_database)
        await self._pause(LONGEST_DOWN)
        await self.cluster.start_database()

    async def stop_service(self) -> None:
        """SIGSTOP of one process, and SIGCONT: a zombie that does not know what it missed."""
        self.cluster.suspend(self.random.choice(PROCESSES))
        await self._stopped()

    async def stop_broker(self) -> None:
        """SIGSTOP of Kafka, and SIGCONT."""
        self.cluster.suspend(BROKER)
        await self._stopped()

    async def _stopped(self) -> None:
        try:
            await asyncio.sleep(self.random.uniform(1.0, max(1.0, LONGEST_STOP * self.scale)))
        finally:
            self.cluster.resume_all()

    async def cut_connections(self) -> None:
        """Every connection to the database server, at once."""
        self.cluster.proxy.cut_all()

    async def cut_transactions(self) -> None:
        """Connections in the middle of a transaction."""
        self.cluster.proxy.cut_open = self.random.randint(1, TRANSACTIONS)
        await self._until(lambda: self.cluster.proxy.cut_open == 0)
        self.cluster.proxy.cut_open = 0

    async def lose_answers(self) -> None:
        """Commits that take effect and are never heard of."""
        self.cluster.proxy.lose_answers = self.random.randint(1, TRANSACTIONS)
        await self._until(lambda: self.cluster.proxy.lose_answers == 0)
        self.cluster.proxy.lose_answers = 0

    async def depose_relay(self) -> None:
        """A relay has read what to publish, loses its lock, and publishes it after the next one has."""
        service = self.random.choice(sorted(TABLES))
        database = self.cluster.database_of(service)
        line = self.cluster.proxy.leader(database)
        if line is None:
            return
        line.passing.clear()
        await self._until(lambda: line.kept > 0)
        line.server.transport.abort()
        await self._until(lambda: self.cluster.proxy.leader(database) not in (None, line))
        await self._pause(1.0)
        line.passing.set()

    async def copy_records(self) -> None:
        """Records published again, byte for byte."""
        await records.copy_some(self.cluster.around.kafka, self.random)

    async def poison(self) -> None:
        """Records that nobody can handle."""
        await records.poison(self.cluster.around.kafka, self.random)

    async def fail_gateway(self) -> None:
        """The SMS gateway fails, is too slow, or asks for patience."""
        mode = self.random.choice(["error", "hang", "rate_limit"])
        faults = {"mode": mode, "rate": self.random.choice([0.5, 1.0]), "seconds": 6}
        await self._tell_gateway(faults)
        try:
            await asyncio.sleep(self.random.uniform(2.0, max(2.0, 10.0 * self.scale)))
        finally:
            await self._tell_gateway({"mode": "ok"})

    async def restart_everything(self) -> None:
        """A power cut: all processes, broker and database server at the same instant."""
        cluster = self.cluster
        kills: list[Callable[[], None]] = [cluster.kill_database, cluster.kill_broker]
        await asyncio.gather(
            *(asyncio.to_thread(cluster.kill, process) for process in PROCESSES),
            *(asyncio.to_thread(kill) for kill in kills),
        )
        await asyncio.gather(cluster.start_database(), cluster.start_broker(), start_processes(cluster, PROCESSES))

    async def _pause(self, longest: float) -> None:
        await asyncio.sleep(self.random.uniform(0.0, longest * self.scale))

    async def _until(self, holds: Callable[[], bool]) -> None:
        deadline = monotonic() + PATIENCE
        while monotonic() < deadline:
            if holds():
                return
            await asyncio.sleep(LOOK_SECONDS)

    async def _tell_gateway(self, faults: dict[str, object]) -> None:
        (await self.http.put(f"{self.cluster.around.sms_gateway}/faults", json=faults)).raise_for_status()


Fault = Callable[[Breaker], Awaitable[None]]
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


def schedule(random: Random) -> Iterator[tuple[str, ...]]:
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
