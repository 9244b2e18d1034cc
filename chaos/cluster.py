"""Everything that is broken here: broker, database server behind a proxy, and two processes of every service."""

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from chaos.proxy import Proxy, proxy_to
from stack import doubles, keys
from stack.children import Children
from stack.errors import StackError
from stack.fleet import SERVICES, Fleet, Surroundings
from stack.kafka_embedded import NAME as KAFKA
from stack.kafka_embedded import EmbeddedKafka
from stack.local import KEYS
from stack.net import is_free, wait_until
from stack.postgres_embedded import NAME as POSTGRES
from stack.postgres_embedded import EmbeddedPostgres

LIMITS = Path(__file__).parent / "limits"
SWEEP_SECONDS = "0.5"
SURVEY_URL = "http://127.0.0.1/survey"
"""One for both processes of notify: a gateway refuses a message that is repeated in other words."""
START_TRIES = 20
PAUSE = 1.0
PORT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Process:
    """One of the two processes of a service."""

    service: str
    which: int

    def __str__(self) -> str:
        return f"{self.service}/{self.which}"


PROCESSES = [Process(service, which) for which in (0, 1) for service in SERVICES]


@dataclass
class Cluster:
    """Kills, stops and starts. ``server_url`` leads to the database server past the proxy."""

    around: Surroundings
    proxy: Proxy
    fleets: tuple[Fleet, Fleet]
    families: tuple[Children, Children]
    kafka: EmbeddedKafka
    postgres: EmbeddedPostgres
    server_url: str
    down: set[Process] = field(default_factory=set)
    """Processes that are down because we put them down."""
    died: list[str] = field(default_factory=list)
    """Processes that ended without our doing, which none of them may."""
    _suspended: list[psutil.Process] = field(default_factory=list)

    @property
    def urls(self) -> dict[str, tuple[str, str]]:
        """Both addresses of every service."""
        return {name: (self.fleets[0].base_urls[name], self.fleets[1].base_urls[name]) for name in SERVICES}

    def database_of(self, service: str) -> str:
        """The name of a service's database."""
        return f"qc_{service}"

    def kill(self, process: Process) -> None:
        """kill -9."""
        self.down.add(process)
        self.fleets[process.which].kill(process.service)

    def start(self, process: Process) -> None:
        """Start it again; it need not be ready yet."""
        self.fleets[process.which].start(process.service)
        self.down.discard(process)

    def kill_broker(self) -> None:
        """kill -9."""
        self.families[0].kill(KAFKA)

    def kill_database(self) -> None:
        """kill -9 of the postmaster; its backends notice."""
        self.families[0].kill(POSTGRES)

    async def start_broker(self) -> None:
        """Start it again and wait until it answers."""
        port = int(self.around.kafka.rpartition(":")[2])
        await asyncio.to_thread(wait_until, lambda: is_free(port), PORT_SECONDS, "The broker's port")
        await asyncio.to_thread(self._persistently, KAFKA, self.kafka.start)

    async def start_database(self) -> None:
        """Start it again and wait until it answers: at first backends of the killed one may still be in the way."""
        self.server_url = await asyncio.to_thread(self._persistently, POSTGRES, self.postgres.start)

    def _persistently(self, name: str, start: Callable[[], str]) -> str:
        """Start until it is there: on a busy machine it may be late, and what is late must not be in its own way."""
        last = ""
        for _ in range(START_TRIES):
            try:
                return start()
            except StackError as error:
                last = str(error)
            if name in self.families[0].pids:
                self.families[0].kill(name)
            time.sleep(PAUSE)
        raise StackError(f"{name} did not come back: {last}")

    def suspend(self, name: Process | str) -> None:
        """SIGSTOP a process of a service, or the broker."""
        child = self._running(name)
        self._suspended.append(child)
        child.suspend()

    def resume_all(self) -> None:
        """SIGCONT whatever was stopped."""
        while self._suspended:
            child = self._suspended.pop()
            if child.is_running():
                child.resume()

    def _running(self, name: Process | str) -> psutil.Process:
        if isinstance(name, str):
            return psutil.Process(self.families[0].pids[name])
        return psutil.Process(self.families[name.which].pids[name.service])

    def revive(self) -> None:
        """Start again what has ended without our doing, and remember it."""
        for process in PROCESSES:
            if process not in self.down and process.service not in self.families[process.which].pids:
                self.died.append(f"{process} ended by itself")
                self.start(process)

    async def troubles(self, http: httpx.AsyncClient) -> list[str]:
        """Who does not say that it is ready, and what it says instead."""
        found = await asyncio.gather(*(self._trouble(http, process) for process in PROCESSES))
        return [trouble for trouble in found if trouble is not None]

    async def _trouble(self, http: httpx.AsyncClient, process: Process) -> str | None:
        url = self.fleets[process.which].base_urls[process.service]
        try:
            answer = await http.get(f"{url}/readyz", timeout=3)
        except (httpx.TransportError, AttributeError) as error:  # as in `client.py`
            return f"{process}: no answer ({type(error).__name__})"
        if answer.status_code == httpx.codes.OK:
            return None
        checks = answer.json().get("checks", {})
        return f"{process}: " + ", ".join(f"{name} {said['detail']}" for name, said in checks.items() if not said["ok"])


@asynccontextmanager
async def cluster(state: Path) -> AsyncGenerator[Cluster]:
    """Start everything anew with its files under ``state``, and stop it at the end of the block."""
    shutil.rmtree(state, ignore_errors=True)
    data, logs = state / "data", state / "logs"
    data.mkdir(parents=True)
    made = keys.make(state / KEYS)
    async with AsyncExitStack() as stack:
        # Short: a socket's whole path has about a hundred bytes.
        sockets = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="qingcheng-")))
        families = (stack.enter_context(Children()), stack.enter_context(Children()))
        kafka, postgres = EmbeddedKafka(families[0], data / "kafka"), EmbeddedPostgres(families[0], data / "postgres")
        bootstrap, server_url, issuer, gateway = await asyncio.gather(
            asyncio.to_thread(kafka.start),
            asyncio.to_thread(postgres.start),
            asyncio.to_thread(doubles.start_issuer, families[0], logs, made.client_secret),
            asyncio.to_thread(doubles.start_sms_gateway, families[0], logs),
        )
        made_cluster: list[Cluster] = []

        def current() -> str:
            return made_cluster[0].server_url if made_cluster else server_url

        proxy, through = await stack.enter_async_context(proxy_to(current, sockets))
        around = Surroundings(
            bootstrap, through, issuer, gateway, made.client_secret, private_data_keys=made.private_data_keys
        )
        env = {name: {"LIMITS_FILE": str(LIMITS / f"{name}.toml"), "SWEEP_SECONDS": SWEEP_SECONDS} for name in SERVICES}
        env["notify"]["SURVEY_URL"] = SURVEY_URL
        first = Fleet(families[0], around, logs / "0", extra_env=env)
        second = first.beside(families[1], logs / "1")
        running = Cluster(around, proxy, (first, second), families, kafka, postgres, server_url)
        made_cluster.append(running)
        stack.push_async_callback(_stop, running)
        await asyncio.to_thread(first.start_all)
        for name in SERVICES:
            second.start(name)
        await asyncio.to_thread(second.wait_ready)
        yield running


async def _stop(running: Cluster) -> None:
    running.resume_all()
    await asyncio.gather(*(asyncio.to_thread(fleet.stop_all) for fleet in running.fleets))
    await asyncio.to_thread(running.kafka.stop)
    await asyncio.to_thread(running.postgres.stop)


async def start_processes(cluster: Cluster, processes: Iterable[Process]) -> None:
    """Start several, without waiting until they are ready."""
    await asyncio.gather(*(asyncio.to_thread(cluster.start, process) for process in processes))
