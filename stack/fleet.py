"""The services as processes, each with a database of its own."""

import asyncio
import copy
import hashlib
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from contracts.topics import TOPICS
from stack.children import Child, Children, run_to_end
from stack.databases import create_database, database_url
from stack.doubles import trouble
from stack.errors import StackError
from stack.net import POLL_SECONDS, free_port
from stack.progress import say
from stack.topics import create_topics

SERVICES = ("intake", "router", "mediation", "notify")
WITH_REFERENCE_DATA = ("intake", "router")
READY_SECONDS = 120
MAX_REVIVALS = 5
LIMITS = Path(__file__).parent / "limits"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What services find around them: addresses, and the secrets that a stack makes for them.

    `private_data_keys` are the keys that encrypt personal data, base64 by key id; the last one encrypts.
    """

    kafka: str
    database_url: str
    issuer: str
    sms_gateway: str
    client_secret: str
    private_data_keys: Mapping[str, str]


def service_environment(
    name: str, around: Surroundings, base_urls: Mapping[str, str], topic_prefix: str = ""
) -> dict[str, str]:
    """What a service's process, or a command of the service, is told about its surroundings."""
    limits = LIMITS / f"{name}.toml"
    return ({"LIMITS_FILE": str(limits)} if limits.exists() else {}) | {
        "DATABASE_URL": database_url(around.database_url, f"qc_{topic_prefix}{name}"),
        "KAFKA_BOOTSTRAP_SERVERS": around.kafka,
        "HTTP_HOST": "127.0.0.1",
        "HTTP_PORT": str(urlsplit(base_urls[name]).port),
        "OIDC_ISSUER": around.issuer,
        "PRIVATE_DATA_KEYS": json.dumps(dict(around.private_data_keys)),
        "PSEUDONYM_KEY": next(iter(around.private_data_keys.values())),  # the first one never changes
        "OPEN311_KEYS": json.dumps(
            {hashlib.sha256(around.client_secret.encode()).hexdigest(): {"id": "P001", "phone": "13800009001"}}
        ),
        "PRIVATE_DATA_KEY_ID": list(around.private_data_keys)[-1],
        "TOPIC_PREFIX": topic_prefix,
        "CONSUMER_GROUP": f"{topic_prefix}{name}",
        "CLIENT_ID": name,
        "CLIENT_SECRET": around.client_secret,
        "INTAKE_URL": base_urls["intake"],
        "ROUTER_URL": base_urls["router"],
        "MEDIATION_URL": base_urls["mediation"],
        "SMS_GATEWAY_URL": around.sms_gateway,
        "CALLBACK_LOCAL_NETWORKS": "127.0.0.0/8",  # here partners' receivers are on this machine, without certificates
        "SURVEY_URL": f"{base_urls['notify']}/survey",
    }


class Fleet:
    """Starts, stops and kills services. Its methods block: call them from a thread where an event loop runs.

    `topic_prefix` keeps the topics, consumer groups and databases of several fleets on one broker and server apart.
    `extra_env` adds environment variables, by service.
    """

    def __init__(
        self,
        children: Children,
        surroundings: Surroundings,
        logs: Path,
        *,
        topic_prefix: str = "",
        extra_env: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self._children = children
        self._surroundings = surroundings
        self._logs = logs
        self.topic_prefix = topic_prefix
        self._extra_env = extra_env or {}
        self._running: dict[str, Child] = {}
        self._revivals: Counter[str] = Counter()
        self._ports = {name: free_port() for name in SERVICES}
        self.base_urls = {name: f"http://127.0.0.1:{port}" for name, port in self._ports.items()}

    def start_all(self, timeout: float = READY_SECONDS) -> None:
        """Make topics and databases, migrate, load reference data, start every service and wait until all are ready."""
        self._prepare(then=self.start)
        self.wait_ready(SERVICES, timeout)

    def prepare_all(self) -> None:
        """Make topics and databases, migrate and load reference data; start nothing."""
        self._prepare(then=lambda _: None)

    def _prepare(self, then: Callable[[str], None]) -> None:
        asyncio.run(self._make_topics_and_databases())
        with ThreadPoolExecutor(len(SERVICES)) as pool:
            for done in [pool.submit(self._prepare_one, name, then) for name in SERVICES]:
                done.result()

    def beside(self, children: Children, logs: Path) -> "Fleet":
        """A second process of each service, on the same databases and topics and in the same consumer groups.

        Nothing is started. `children` must be others than this fleet's, whose names they would take.
        """
        other = copy.copy(self)
        other._children, other._logs = children, logs
        other._running, other._revivals = {}, Counter()
        other._ports = {name: free_port() for name in SERVICES}
        other.base_urls = {name: f"http://127.0.0.1:{port}" for name, port in other._ports.items()}
        return other

    def start(self, name: str) -> None:
        """Start a service whose database exists; see `wait_ready`."""
        command = [sys.executable, "-m", f"services.{name}", "serve"]
        self._running[name] = self._children.spawn(name, command, self._log(name), env=self.environment(name))

    def stop(self, name: str) -> None:
        """Stop a service in good order."""
        del self._running[name]
        self._children.stop(name)

    def kill(self, name: str) -> None:
        """End a service with SIGKILL."""
        del self._running[name]
        self._children.kill(name)

    def stop_all(self) -> None:
        """Stop every service that runs, side by side."""
        with ThreadPoolExecutor(len(SERVICES)) as pool:
            for done in [pool.submit(self.stop, name) for name in list(self._running)]:
                done.result()

    def restart(self, name: str) -> None:
        """Stop a service and start it again at the same address."""
        self.stop(name)
        self.start(name)

    def wait_ready(self, names: Iterable[str] = SERVICES, timeout: float = READY_SECONDS) -> None:
        """Wait until all of `names` say they are ready; raises `StackError` when one ends or is late."""
        deadline = time.monotonic() + timeout
        waiting = list(names)
        while troubles := {name: said for name in waiting if (said := self._not_ready(name)) is not None}:
            waiting = list(troubles)
            if time.monotonic() > deadline:
                said = "; ".join(f"{name} (log {self._log(name)}): {said}" for name, said in troubles.items())
                raise StackError(f"Not ready within {timeout:.0f} s: {said}")
            time.sleep(POLL_SECONDS)

    def _not_ready(self, name: str) -> str | None:
        return trouble(self._running[name], f"{self.base_urls[name]}/readyz")

    def revive(self) -> list[str]:
        """Start those again that ended without being told, and return their names.

        Raises `StackError` when one has done so more than `MAX_REVIVALS` times.
        """
        ended = [name for name, child in list(self._running.items()) if child.process.poll() is not None]
        for name in ended:
            self._revivals[name] += 1
            if self._revivals[name] > MAX_REVIVALS:
                self._running[name].check()
            say(f"{name} has ended and is started again.")
            self.start(name)
        return ended

    def database_url(self, name: str) -> str:
        """URL of the database of a service that was prepared by `start_all`."""
        return database_url(self._surroundings.database_url, f"qc_{self.topic_prefix}{name}")

    def environment(self, name: str) -> dict[str, str]:
        """The whole environment of a service's process."""
        common = service_environment(name, self._surroundings, self.base_urls, self.topic_prefix)
        return os.environ | common | dict(self._extra_env.get(name, {}))

    async def _make_topics_and_databases(self) -> None:
        await create_topics(self._surroundings.kafka, [f"{self.topic_prefix}{topic}" for topic in TOPICS])
        for name in SERVICES:
            await create_database(self._surroundings.database_url, f"qc_{self.topic_prefix}{name}")

    def _prepare_one(self, name: str, then: Callable[[str], None]) -> None:
        self._run(name, "migrate")
        if name in WITH_REFERENCE_DATA:
            self._run(name, "load-reference")
        then(name)

    def _run(self, name: str, task: str) -> None:
        code, output = run_to_end([sys.executable, "-m", f"services.{name}", task], self.environment(name))
        with self._log(name).open("a") as log:
            log.write(output)
        if code != 0:
            tail = " / ".join(line.strip() for line in output.splitlines()[-3:])
            raise StackError(f"services.{name} {task} ended with code {code}: {tail}")

    def _log(self, name: str) -> Path:
        self._logs.mkdir(parents=True, exist_ok=True)
        return self._logs / f"{name}.log"
