"""A service process: puts the parts together, serves, and puts them away in order."""

import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

import httpx
import structlog
import typer
from asyncpg.pool import Pool
from fastapi import APIRouter

from chassis import check_api, logs, operations, schema, telemetry
from chassis.aggregate import Aggregate, Reactions
from chassis.api import create_app
from chassis.check import Checker
from chassis.claims import CLAIM_PROBLEMS
from chassis.consumer import Consumer
from chassis.database import POINT_ACCESS, open_pool
from chassis.dead_letters import DEAD_LETTER_PROBLEMS
from chassis.deadlines import Sweeper
from chassis.errors import document
from chassis.health import Check, Health
from chassis.http_client import HttpClient
from chassis.http_server import serve_http
from chassis.letter_sweeper import LetterSweeper
from chassis.pipeline import LANES, Pipeline
from chassis.private_data import Vault
from chassis.queues import QUEUE_PROBLEMS
from chassis.reader import Reader
from chassis.relay import Relay
from chassis.replies import IDEMPOTENCY_PROBLEMS
from chassis.security import TokenVerifier
from chassis.service_token import ServiceToken
from chassis.settings import Settings
from chassis.supervisor import Supervisor
from chassis.watch import Watch

T = TypeVar("T", bound=Settings)
log = structlog.get_logger()

COLLECT_AFTER = 20_000  # objects; with Python's 700 those of one batch would be looked through 70 times


@dataclass(frozen=True, slots=True)
class Runtime(Generic[T]):
    """What the chassis gives a service to build its parts with."""

    settings: T
    pool: Pool
    vault: Vault
    pipeline: Pipeline
    http: httpx.AsyncClient
    """For calls to the outside; give it ``auth=runtime.tokens`` where a sister service is called."""
    tokens: ServiceToken


@dataclass(frozen=True)
class Parts:
    """What a service consists of, beyond the chassis."""

    aggregates: Sequence[Aggregate[Any, Any, Any]]
    reactions: Reactions
    routers: Sequence[APIRouter]
    tasks: Mapping[str, Callable[[], Coroutine[Any, Any, None]]] = field(default_factory=dict)
    checks: Mapping[str, Check] = field(default_factory=dict)
    journal: bool = False
    """Keep every consumed event in ``journal``, for timelines."""


@dataclass(frozen=True)
class Service(Generic[T]):
    """A service as its ``__main__`` declares it. ``topics`` are those it subscribes to."""

    name: str
    title: str
    settings: type[T]
    topics: Sequence[str]
    build: Callable[[Runtime[T]], Awaitable[Parts]]
    revisions: Path
    http: type[httpx.AsyncClient] = HttpClient
    commands: Callable[[typer.Typer], None] = lambda _: None
    """Adds the service's own commands to its command line."""


@asynccontextmanager
async def assembled(service: Service[T], settings: T) -> AsyncIterator[tuple[Runtime[T], Parts]]:
    """The service's parts on its database. Nothing runs yet, the pipeline neither."""
    async with AsyncExitStack() as stack:
        dsn = settings.database_url.get_secret_value()
        pool = await open_pool(dsn)
        stack.push_async_callback(pool.close)
        writing = await open_pool(dsn, POINT_ACCESS, size=LANES)
        stack.push_async_callback(writing.close)
        http = await stack.enter_async_context(service.http(timeout=5))
        vault = Vault(settings.vault_keys(), settings.private_data_key_id)
        pipeline = Pipeline(writing, vault, gather=settings.gather_seconds)
        tokens = ServiceToken(settings.oidc_issuer, settings.client_id, settings.client_secret, http)
        runtime = Runtime(settings, pool, vault, pipeline, http, tokens)
        parts = await service.build(runtime)
        pipeline.journal = parts.journal
        yield runtime, parts


def checker(service: Service[T], runtime: Runtime[T], parts: Parts) -> Checker:
    """What checks the service's database."""
    settings, heads = runtime.settings, schema.heads([schema.CHASSIS_REVISIONS, service.revisions])
    days, age = settings.idempotency_key_days, settings.max_unpublished_seconds
    return Checker(runtime.pool, parts.aggregates, heads, age, days)


async def serve(service: Service[T], settings: T) -> None:
    """Serve until SIGINT or SIGTERM; then finish requests, then background work, then close connections."""
    logs.configure(service.name, settings.log_level)
    collector = settings.otel_exporter_otlp_endpoint
    provider = telemetry.configure(service.name, telemetry.otlp(collector) if collector else None)
    async with AsyncExitStack() as stack:
        stack.callback(provider.shutdown)
        runtime, parts = await stack.enter_async_context(assembled(service, settings))
        pool, pipeline = runtime.pool, runtime.pipeline
        verifier = TokenVerifier(settings.oidc_issuer, settings.oidc_audience, runtime.http)
        stack.push_async_callback(verifier.aclose)

        prefix, bootstrap = settings.topic_prefix, settings.kafka_bootstrap_servers
        reader = Reader(parts.reactions, prefix)
        topics = [prefix + topic for topic in service.topics]
        gather = settings.gather_seconds
        consumer = Consumer(bootstrap, settings.consumer_group, topics, reader, pipeline, gather=gather)
        relay = Relay(settings.database_url.get_secret_value(), bootstrap, service.name, prefix)
        pipeline.when_recorded.append(relay.recorded)
        sweeper = Sweeper(pool, pipeline, parts.aggregates, settings.sweep_seconds)
        letters = LetterSweeper(pool, pipeline, reader, settings.sweep_seconds)
        watch = Watch(pool, settings.max_unpublished_seconds, settings.idempotency_key_days)
        supervisor = Supervisor()
        check = checker(service, runtime, parts)
        checks: dict[str, Check] = {
            "tasks": supervisor.check,
            "database": watch.check_database,
            "schema": partial(schema.check, pool, check.expected),
            "pipeline": pipeline.check,
            "consumer": consumer.check,
            "relay": relay.check,
            "outbox": watch.check_outbox,
            **parts.checks,
        }
        document(IDEMPOTENCY_PROBLEMS | DEAD_LETTER_PROBLEMS | QUEUE_PROBLEMS | CLAIM_PROBLEMS)
        app = create_app(
            title=f"青城 {service.title}",
            version="1",
            description=f"Qingcheng {service.name}: {service.title}",
            routers=[*parts.routers, operations.router, check_api.router],
            settings=settings,
            verifier=verifier,
            health_checks=Health(checks),
        )
        app.state.runtime = runtime
        app.state.letters = letters
        app.state.checker = check

        # Stopped in the opposite order: whoever brings work first, the pipeline when nobody brings any more.
        background: dict[str, Coroutine[Any, Any, None]] = {
            "relay": relay.run(),
            "pipeline": pipeline.run(),
            "watch": watch.run(),
            "sweeper": sweeper.run(),
            "letter_sweeper": letters.run(),
            **{name: start() for name, start in parts.tasks.items()},
            "consumer": consumer.run(),
        }
        for name, work in background.items():
            supervisor.spawn(name, work)
            stack.push_async_callback(supervisor.stop, name)
        # What start-up has made stays: a full collection need not walk through it while somebody waits.
        gc.collect()
        gc.freeze()
        gc.set_threshold(COLLECT_AFTER, 5, 2)
        await serve_http(app, settings)
