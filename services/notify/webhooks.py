"""合作方回调 — runs a feed and a worker for each active subscription, in one process of the service.

One by an advisory lock, as the relay: what is under way is known in memory, and no event is sent by two. Whoever loses
the connection that holds it stops; at worst a callback is made twice, under the same id.
"""

import asyncio
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

import asyncpg
import structlog
from asyncpg.pool import Pool

from chassis.aggregate import To
from chassis.backoff import Backoff
from chassis.database import DATABASE_ERRORS, SESSION_SETTINGS, Secrets
from chassis.ids import new_id
from chassis.pipeline import TRANSIENT, Pipeline
from chassis.work import Work
from contracts.rejected import Rejected
from services.notify import callbacks
from services.notify.aggregates import Subscriptions
from services.notify.callback_feed import Feed
from services.notify.callback_rules import Pace
from services.notify.subscription import Subscription
from services.notify.subscription_commands import NOTICE, Command
from services.notify.webhook_call import Receiver
from services.notify.webhook_target import Where
from services.notify.webhook_worker import Worker

log = structlog.get_logger()

LOCK = 7_113_002
"""The advisory lock of whoever makes the callbacks: one per database. Any constant would do."""
_PRUNE_EVERY = 3600.0  # seconds
_LONGEST_STOP = 30.0  # seconds; calls under way have six
_PRIVATE = "url"
_SECRET = "secret:"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Settings:
    """``most_waiting``: count ``callback_waiting``. ``log_kept``: limit ``callback_log``. ``idle``: seconds."""

    where: Where
    timeout: float
    concurrency: int
    idle: float
    pace: Pace
    most_waiting: int
    log_kept: timedelta


@dataclass(slots=True)
class _Running:
    subscription: Subscription
    task: asyncio.Task[None]


class Webhooks:
    """Looks every ``idle`` seconds which subscriptions are active."""

    def __init__(
        self,
        dsn: str,
        pool: Pool,
        secrets: Secrets,
        pipeline: Pipeline,
        subscriptions: Subscriptions,
        bootstrap: str,
        prefix: str,
        settings: Settings,
    ) -> None:
        self._dsn = dsn
        self._pool = pool
        self._private = secrets
        self._pipeline = pipeline
        self._subscriptions = subscriptions
        self._bootstrap = bootstrap
        self._prefix = prefix
        self._settings = settings
        self._trust = ssl.create_default_context()
        self._running: dict[str, _Running] = {}
        self._lock: asyncpg.Connection[asyncpg.Record] | None = None
        self._pruned_at = 0.0

    async def run(self) -> None:
        """Call back for ever; cancel to stop."""
        backoff = Backoff(0.5, 5.0)
        try:
            while True:
                try:
                    await self._look()
                    backoff.reset()
                except TRANSIENT as error:
                    log.warning("webhooks.retried", error=type(error).__name__)
                    await self._stop_all()
                    await backoff.pause()
                await asyncio.sleep(self._settings.idle)
        finally:
            await self._stop_all()
            await self._release()

    async def _look(self) -> None:
        rows = await self._pool.fetch("SELECT id::text, state FROM subscriptions WHERE state->>'status' = 'active'")
        active = {id_: self._subscriptions.adapter.validate_json(state) for id_, state in rows}
        if active and not await self._leads():
            active = {}
        for id_, running in list(self._running.items()):
            if running.task.done() or id_ not in active or _key(active[id_]) != _key(running.subscription):
                await self._stop(id_)
        for id_, subscription in active.items():
            if id_ not in self._running:
                task = asyncio.create_task(self._serve(id_, subscription), name=f"callbacks {id_}")
                self._running[id_] = _Running(subscription, task)
        if not active:
            await self._release()
        if monotonic() - self._pruned_at > _PRUNE_EVERY:
            await self._prune()
            self._pruned_at = monotonic()

    async def _leads(self) -> bool:
        """Whether this process holds the lock, or could take it."""
        if self._lock is not None and not self._lock.is_closed():
            return True
        conn = await asyncpg.connect(self._dsn, server_settings=SESSION_SETTINGS, timeout=5, command_timeout=30)
        if await conn.fetchval("SELECT pg_try_advisory_lock($1)", LOCK):
            self._lock = conn
            log.info("webhooks.leads")
            return True
        await conn.close(timeout=2)
        return False

    async def _release(self) -> None:
        conn, self._lock = self._lock, None
        if conn is not None:
            with suppress(*DATABASE_ERRORS):
                await conn.close(timeout=2)

    async def _serve(self, id_: str, subscription: Subscription) -> None:
        """One subscription; a defect of it is nobody else's, and is tried again when it is looked for next."""
        settings = self._settings
        try:
            private = await self._private.read_all("subscription", id_, "")
            receiver = Receiver(private[_PRIVATE], settings.where, settings.timeout, self._trust)
            secrets = {name.removeprefix(_SECRET): text for name, text in private.items() if name.startswith(_SECRET)}
            worker = Worker(
                self._pool,
                id_,
                subscription,
                receiver,
                secrets,
                lambda command: self._submit(id_, command),
                pace=settings.pace,
                concurrency=settings.concurrency,
            )
            feed = Feed(
                self._pool,
                self._bootstrap,
                self._prefix,
                id_,
                subscription,
                most=settings.most_waiting,
                queued=worker.wake,
            )
            async with asyncio.TaskGroup() as group:
                group.create_task(feed.run())
                group.create_task(worker.run())
        except Exception:
            log.exception("webhooks.defect", subscription=id_)
            await asyncio.sleep(settings.pace.longest.total_seconds())

    async def _submit(self, id_: str, command: Command) -> None:
        work = Work(to=[To(self._subscriptions, id_, command)], actor="webhooks", identity=new_id())
        try:
            await self._pipeline.submit(work)
        except Rejected as refusal:  # deleted meanwhile
            log.info("webhooks.refused", subscription=id_, code=refusal.code)

    async def _stop(self, id_: str) -> None:
        task = self._running.pop(id_).task
        task.cancel()
        _, pending = await asyncio.wait([task], timeout=_LONGEST_STOP)
        if pending:  # else nobody would be told anything any more, and nobody would know
            raise RuntimeError(f"what was cancelled does not end: {task.get_name()}")

    async def _stop_all(self) -> None:
        await asyncio.gather(*(self._stop(id_) for id_ in list(self._running)))

    async def _prune(self) -> None:
        gone = await callbacks.prune(self._pool, self._settings.log_kept)
        for (id_,) in await self._pool.fetch("SELECT id::text FROM subscriptions"):
            await self._forget_secrets(id_)
        log.info("webhooks.pruned", callbacks=gone)

    async def _forget_secrets(self, id_: str) -> None:
        """Delete private data that no longer sign or lead anywhere; the row is locked, so that none is just coming."""
        async with self._pool.acquire() as conn, conn.transaction():
            state = await conn.fetchval("SELECT state FROM subscriptions WHERE id = $1::text::uuid FOR UPDATE", id_)
            await conn.execute(
                "DELETE FROM private_data WHERE aggregate = 'subscription' AND id = $1::text::uuid"
                " AND name <> ALL ($2::text[])",
                id_,
                _kept(self._subscriptions.adapter.validate_json(state), datetime.now(UTC)),
            )


def _key(subscription: Subscription) -> tuple[Any, ...]:
    """What a feed and a worker were made of; when it changes, others take their place."""
    return subscription.round, subscription.types, subscription.target_id, subscription.secrets


def _kept(subscription: Subscription, now: datetime) -> list[str]:
    """Names of the private data that are still needed."""
    valid = subscription.valid_secrets(now)
    return [_PRIVATE, NOTICE, *(f"{_SECRET}{secret.id}" for secret in valid)] if valid else []


def private(
    url: str | None = None, secret: tuple[str, str] | None = None, notice: str | None = None
) -> Mapping[str, str]:
    """Private data of a command: the URL, a secret by its id, and where notices go."""
    named = {} if secret is None else {f"{_SECRET}{secret[0]}": secret[1]}
    return named | {name: text for name, text in ((_PRIVATE, url), (NOTICE, notice)) if text is not None}
