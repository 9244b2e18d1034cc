"""A service as its operators run it: a process of its own, on the run's broker and server."""

import asyncio
import base64
import os
import secrets
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
from aiokafka import AIOKafkaProducer

from chassis.ids import new_id
from contracts.envelope import Envelope, encode
from contracts.event import Event
from contracts.topics import TOPICS, topic_of_event
from stack import tokens
from stack.children import Children, run_to_end
from stack.databases import copy_database, create_database, database_url, drop_database
from stack.net import PLAIN_HTTP, free_port
from stack.tokens import OAuthClient, Staff
from stack.topics import create_topics
from tests.polling import eventually

READY_SECONDS = 60.0
COMMAND_SECONDS = 60.0
_UNSEEN = "exception was never retrieved"


@dataclass(frozen=True, slots=True)
class Issuer:
    """The development issuer of the test run."""

    url: str
    client_secret: str

    @property
    def client(self) -> OAuthClient:
        """The program in which the tests' people sign in."""
        return OAuthClient(self.url, "tests", self.client_secret)

    async def token(
        self,
        *roles: str,
        sub: str = "T001",
        unit: str | None = None,
        ttl: int = 3600,
        audience: str = "qingcheng",
    ) -> str:
        """A token that a person with these roles would hold; a negative ``ttl`` (seconds) makes an expired one."""
        form = self.client.form(Staff(sub, roles, unit), ttl=str(ttl), audience=audience)
        async with httpx.AsyncClient(verify=PLAIN_HTTP) as http:
            return tokens.read(await http.post(self.client.url, data=form))


@dataclass(frozen=True, slots=True)
class Infrastructure:
    """What every service needs around it."""

    kafka: str
    postgres_url: str
    issuer: Issuer
    children: Children
    templates: dict[tuple[str, ...], str] = field(default_factory=dict)
    """Names of prepared databases, by the module and the commands that prepared them."""

    async def drop_templates(self) -> None:
        """Leave nothing on a server that outlives the run."""
        for name in self.templates.values():
            await drop_database(self.postgres_url, name)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command said."""

    code: int
    out: str
    err: str


class Running:
    """One service process with a database and topics of its own."""

    def __init__(
        self, name: str, around: Infrastructure, database_url: str, logs: Path, env: Mapping[str, str]
    ) -> None:
        self.name = name
        self.module = f"services.{name}"
        self.database_url = database_url
        self.topic_prefix = f"t{uuid.uuid4().hex[:12]}."
        self.log = logs / f"{name}.log"
        self._around = around
        self._children = around.children
        self._unique = f"{name} {self.topic_prefix}"
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.env = os.environ | {
            "DATABASE_URL": database_url,
            "KAFKA_BOOTSTRAP_SERVERS": around.kafka,
            "HTTP_PORT": str(port),
            "OIDC_ISSUER": around.issuer.url,
            "PRIVATE_DATA_KEYS": f'{{"k1": "{base64.b64encode(secrets.token_bytes(32)).decode()}"}}',
            "PRIVATE_DATA_KEY_ID": "k1",
            "PSEUDONYM_KEY": base64.b64encode(bytes(32)).decode(),
            "TOPIC_PREFIX": self.topic_prefix,
            "CONSUMER_GROUP": f"{self.topic_prefix}{name}",
            "CLIENT_ID": name,
            "CLIENT_SECRET": around.issuer.client_secret,
            "SWEEP_SECONDS": "0.1",
            **env,
        }

    def sibling(self) -> "Running":
        """A second process of the same service, on the same database and topics; the caller starts and stops it."""
        other = copy(self)
        port = free_port()
        other._unique = f"{self._unique} {port}"
        other.url = f"http://127.0.0.1:{port}"
        other.env = self.env | {"HTTP_PORT": str(port)}
        return other

    async def run(self, *command: str) -> None:
        """Run a command of the service to its end; it must succeed."""
        arguments = [sys.executable, "-m", self.module, *command]
        code, output = await asyncio.to_thread(run_to_end, arguments, self.env)
        assert code == 0, output

    async def ask(self, *command: str, **env: str) -> Answer:
        """Run a command of the service to its end, whatever that is; ``env`` is laid over the service's."""
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", self.module, *command],
            env=self.env | env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    def launch(self) -> None:
        """Start serving, whether or not it can become ready."""
        self._children.spawn(self._unique, [sys.executable, "-m", self.module, "serve"], self.log, env=self.env)

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._children.pids[self._unique]

    async def start(self) -> None:
        """Start serving and wait until it is ready."""
        self.launch()
        answer = ""
        async with httpx.AsyncClient(base_url=self.url, verify=PLAIN_HTTP) as http:

            async def ready() -> bool:
                nonlocal answer
                self._children.check()
                try:
                    answered = await http.get("/readyz")
                except httpx.TransportError:
                    return False
                answer = answered.text
                return answered.status_code == httpx.codes.OK

            try:
                await eventually(ready, seconds=READY_SECONDS)
            except AssertionError as error:
                raise AssertionError(f"{self.name} is not ready: {answer}; its log: {self.log}") from error

    async def stop(self) -> None:
        """Stop it in good order."""
        await asyncio.to_thread(self._children.stop, self._unique)

    async def kill(self) -> None:
        """End it as a crash would."""
        await asyncio.to_thread(self._children.kill, self._unique)

    async def publish(self, *events: tuple[str, int, str, Event]) -> None:
        """Publish ``(aggregate id, sequence, issue id, event)`` as the owners of their topics would."""
        producer = AIOKafkaProducer(bootstrap_servers=self._around.kafka, acks="all")
        await producer.start()
        try:
            for aggregate_id, sequence, issue_id, event in events:
                topic = topic_of_event(event.type)
                assert topic is not None
                key, value, headers = encode(
                    Envelope(
                        id=new_id(),
                        source=f"/{topic.owner}",
                        type=event.type,
                        subject=f"{topic.aggregate}/{aggregate_id}",
                        time=datetime.now(UTC),
                        sequence=sequence,
                        issue_id=issue_id,
                        data=event.model_dump_json().encode(),
                        traceparent=None,
                        epoch=1,
                    )
                )
                await producer.send_and_wait(self.topic_prefix + topic.name, value, key=key, headers=headers)
        finally:
            await producer.stop()

    async def client(self, *roles: str, sub: str = "T001", unit: str | None = None) -> httpx.AsyncClient:
        """A client of its API in the name of a person with these roles; the caller closes it."""
        token = await self._around.issuer.token(*roles, sub=sub, unit=unit)
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.AsyncClient(base_url=self.url, headers=headers, verify=PLAIN_HTTP)


@asynccontextmanager
async def running(
    name: str,
    around: Infrastructure,
    logs: Path,
    env: Mapping[str, str] | None = None,
    prepare: Sequence[str] = ("migrate",),
    module: str | None = None,
) -> AsyncIterator[Running]:
    """A service that is ready on a database that its commands ``prepare`` prepared; it is dropped afterwards.

    ``module`` is where it lives, unless among the services. The commands run once for all tests: a database is a copy.
    """
    database = f"test_{uuid.uuid4().hex}"
    service = Running(name, around, database_url(around.postgres_url, database), logs, env or {})
    service.module = module or service.module
    try:
        await copy_database(around.postgres_url, await _template(service, around, prepare), database)
        await create_topics(around.kafka, [service.topic_prefix + topic for topic in TOPICS], partitions=2)
        await service.start()
        yield service
    finally:
        await service.stop()
        await drop_database(around.postgres_url, database)
    unseen = [line for line in service.log.read_text(errors="replace").splitlines() if _UNSEEN in line]
    assert not unseen, f"a task of {name} failed and nobody looked at it: {unseen[0]}"


async def _template(service: Running, around: Infrastructure, prepare: Sequence[str]) -> str:
    key = (service.module, *prepare)
    if key not in around.templates:
        name = f"template_{uuid.uuid4().hex}"
        first = copy(service)
        first.env = service.env | {"DATABASE_URL": await create_database(around.postgres_url, name)}
        around.templates[key] = name
        for command in prepare:
            await first.run(command)
    return around.templates[key]
