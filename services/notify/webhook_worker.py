"""Sends the callbacks of one subscription: in order per issue, several issues at once, outside of any transaction.

An event of an issue waits behind the one before it until that is taken or given up; other issues go on. While the
receiver takes nothing at all it is asked by one call at a time, after waits that grow, and nothing is given up for it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import structlog
from asyncpg.pool import Pool
from prometheus_client import Counter

from chassis.database import DATABASE_ERRORS
from chassis.woken import woken
from services.notify import callbacks
from services.notify.callback_rules import Answer, Health, Outcome, Pace, judge
from services.notify.callbacks import Callback
from services.notify.subscription import Subscription
from services.notify.subscription_commands import Command, NoteFailing, NoteGone, NoteRecovered
from services.notify.webhook_call import Receiver

log = structlog.get_logger()
ATTEMPTS = Counter("qingcheng_callbacks_total", "Callbacks to partners by what became of them", ["outcome"])

_LONGEST_SLEEP = timedelta(seconds=30)  # whoever queues something wakes it; this is the net below
_PATIENCE = 6.0  # seconds that a stopping worker gives to calls that are under way; a call has five


class Worker:
    """``submit`` sends a command to the subscription; ``secrets`` are whsec_… by id."""

    def __init__(
        self,
        pool: Pool,
        id_: str,
        subscription: Subscription,
        receiver: Receiver,
        secrets: dict[str, str],
        submit: Callable[[Command], Awaitable[None]],
        *,
        pace: Pace,
        concurrency: int,
    ) -> None:
        self._pool = pool
        self._id = id_
        self._subscription = subscription
        self._receiver = receiver
        self._secrets = secrets
        self._submit = submit
        self._pace = pace
        self._concurrency = concurrency
        self._health = Health()
        self._is_noted = subscription.failing_since is not None
        self._hold_until = datetime.min.replace(tzinfo=UTC)
        self._under_way: dict[str, asyncio.Task[None]] = {}
        """By issue."""
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Tell that something waits."""
        self._woken.set()

    async def run(self) -> None:
        """Send for ever; cancel to stop, which lets calls that are under way come to their end."""
        try:
            self._health = await callbacks.last_health(
                self._pool, self._id, self._subscription.failing_since, self._pace.trouble
            )
            while True:
                self._woken.clear()
                until = await self._start_what_may_go()
                seconds = (min(until, datetime.now(UTC) + _LONGEST_SLEEP) - datetime.now(UTC)).total_seconds()
                await woken(self._woken, seconds)
        finally:
            if self._under_way:
                await asyncio.wait(self._under_way.values(), timeout=_PATIENCE)
            for task in self._under_way.values():
                task.cancel()
            await self._receiver.aclose()

    @property
    def _in_trouble(self) -> bool:
        return self._health.failures >= self._pace.trouble

    async def _start_what_may_go(self) -> datetime:
        """Fill the free places; returns when to look again if nobody wakes us."""
        now = datetime.now(UTC)
        if now < self._hold_until:
            return self._hold_until
        free = (1 if self._in_trouble else self._concurrency) - len(self._under_way)
        if free <= 0:
            return now + _LONGEST_SLEEP
        for callback in await callbacks.heads(self._pool, self._id, now, list(self._under_way), free):
            task = asyncio.create_task(self._handle(callback), name=f"callback {callback.event_id}")
            self._under_way[callback.issue_id] = task
        return await callbacks.next_due(self._pool, self._id, now) or now + _LONGEST_SLEEP

    async def _handle(self, callback: Callback) -> None:
        try:
            await self._attempt(callback)
        except DATABASE_ERRORS as error:  # what came of it is not noted: it is called again, under the same id
            log.warning("callback.retried", subscription=self._id, error=type(error).__name__)
            self._hold_until = datetime.now(UTC) + self._pace.first
        except Exception:  # a defect: seen, and not tried again without a pause
            log.exception("callback.defect", subscription=self._id, event_id=callback.event_id)
            self._hold_until = datetime.now(UTC) + self._pace.longest
        finally:
            del self._under_way[callback.issue_id]
            self._woken.set()

    async def _attempt(self, callback: Callback) -> None:
        began = datetime.now(UTC)
        valid = [self._secrets[secret.id] for secret in self._subscription.valid_secrets(began)]
        answer = await self._receiver.call(callback.event_id, callback.body, valid)
        now = datetime.now(UTC)
        was_in_trouble = self._in_trouble
        self._health = self._health.after(answer, now)
        first = callback.first_attempt_at or began
        then = judge(answer, callback.attempts + 1, first, self._health.last_success, now, self._pace)
        ATTEMPTS.labels(then.outcome.value).inc()
        await callbacks.record(self._pool, callback, began, answer.failure, then, now)
        if then.outcome is Outcome.FAILED:
            log.warning("callback.failed", subscription=self._id, event_id=callback.event_id, failure=answer.failure)
        await self._tell(answer, now, was_in_trouble)

    async def _tell(self, answer: Answer, now: datetime, was_in_trouble: bool) -> None:
        """What the answer says of the receiver, beyond this one event."""
        health = self._health
        if answer.failure is None:
            if was_in_trouble:
                await callbacks.retry_now(self._pool, self._id)
            if self._is_noted:
                await self._submit(NoteRecovered())
                self._is_noted = False
            return
        if answer.retry_after is not None:
            self._hold_until = max(self._hold_until, now + answer.retry_after)
        if answer.is_gone:
            await self._submit(NoteGone(self._subscription.target_id))
        if self._in_trouble:
            self._hold_until = max(self._hold_until, now + self._pace.wait(health.failures - self._pace.trouble + 1))
            if not self._is_noted and health.failing_since is not None:
                await self._submit(NoteFailing(health.failing_since, answer.failure))
                self._is_noted = True
