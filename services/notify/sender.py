"""The sender: claims what waits, commits, calls outside of any transaction, records what came of it.

A sender that dies between claim and outcome leaves a message in SENDING; the deadline ``stuck`` brings it back, and
the gateway knows the message by its id, so that it is not sent twice. What a message says under a key is kept with the
first claim, as private data of the message, until it has ended: a gateway refuses another text under the same key.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from time import monotonic
from types import MappingProxyType

import structlog
from asyncpg.pool import Pool
from opentelemetry import context, trace

from chassis.aggregate import After, To, Written
from chassis.database import Secrets
from chassis.ids import new_id
from chassis.pipeline import TRANSIENT, Pipeline
from chassis.pseudonyms import pseudonym
from chassis.telemetry import context_from
from chassis.woken import woken
from chassis.work import Work
from contracts.rejected import Rejected
from services.notify import views
from services.notify.contacts import CORRECTED, Channel, Contacts, Reach
from services.notify.delivery_aggregates import Deliveries, Recipients
from services.notify.delivery_model import (
    Address,
    Claim,
    Command,
    Delivery,
    FailPermanently,
    FailTemporarily,
    Status,
    Submit,
    Succeed,
)
from services.notify.gateway import Gateway, Message
from services.notify.outcomes import Permanent, Temporary
from services.notify.recipient import Count, is_within_cap
from services.notify.subscription_commands import NOTICE
from services.notify.survey_links import SurveyLinks
from services.notify.templates import Templates, UnknownTemplate
from services.notify.views import Waiting

_NOTHING: Mapping[str, str] = MappingProxyType({})
log = structlog.get_logger()
tracer = trace.get_tracer("qingcheng.sender")

_LOOK_ANYHOW = 1.0  # seconds; commits of this process wake it, this is for others' and for what waits until its time
_PAUSE_AFTER_DEFECT = 30.0  # seconds: one message that cannot be handled must not keep the sender from the others
_FORGET_EVERY = 5.0  # seconds: texts may hold a link of their recipient's own
_PATIENCE = 8.0  # seconds that a stopping sender gives to what is under way; less than the supervisor gives to it


class Sender:
    """Keeps up to ``concurrency`` messages on their way.

    When nothing waits it looks again once its process has committed something, ``idle`` seconds later at the soonest.
    """

    def __init__(
        self,
        pool: Pool,
        pipeline: Pipeline,
        deliveries: Deliveries,
        recipients: Recipients,
        templates: Templates,
        contacts: Contacts,
        gateways: Mapping[Channel, Gateway],
        secrets: Secrets,
        links: SurveyLinks | None,
        *,
        pseudonym_key: bytes,
        concurrency: int,
        idle: float,
    ) -> None:
        self._pool = pool
        self._pipeline = pipeline
        self._deliveries = deliveries
        self._recipients = recipients
        self._pseudonym_key = pseudonym_key
        self._templates = templates
        self._contacts = contacts
        self._gateways = gateways
        self._secrets = secrets
        self._links = links
        self._concurrency = concurrency
        self._idle = idle
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._woken = asyncio.Event()
        pipeline.when_recorded.append(lambda _: self._woken.set())
        self._forgot_at = 0.0
        self._paused: dict[str, float] = {}
        """Messages whose handling failed by a defect, and until when (monotonic seconds) they are left alone."""

    async def run(self) -> None:
        """Send for ever; cancel to stop, which lets what is under way come to its outcome."""
        try:
            while True:
                self._woken.clear()
                if not await self._start_what_waits():
                    await asyncio.sleep(self._idle)
                    await woken(self._woken, _LOOK_ANYHOW)
        finally:
            if self._under_way:
                await asyncio.wait(self._under_way.values(), timeout=_PATIENCE)
            for task in self._under_way.values():
                task.cancel()

    async def _start_what_waits(self) -> bool:
        """Fill the free places; False if nothing was found to do."""
        free = self._concurrency - len(self._under_way)
        if not free:
            await asyncio.wait(self._under_way.values(), return_when=asyncio.FIRST_COMPLETED)
            return True
        now = monotonic()
        self._paused = {id_: until for id_, until in self._paused.items() if until > now}
        left_alone = [*self._under_way, *self._paused]
        try:
            if now - self._forgot_at > _FORGET_EVERY:
                await views.forget_ended(self._pool)
                self._forgot_at = now
            waiting = await views.waiting(self._pool, self._deliveries, datetime.now(UTC), left_alone, free)
        except TRANSIENT as error:
            log.warning("sender.retried", error=type(error).__name__)
            self._woken.set()
            return False
        for message in waiting:
            self._under_way[message.id] = asyncio.create_task(self._handle(message), name=f"send {message.id}")
        return bool(waiting)

    async def _handle(self, message: Waiting) -> None:
        try:
            with tracer.start_as_current_span("delivery.send", context=context_from(message.traceparent)):
                await self._deliver(message)
        except Rejected as refusal:  # another sender was faster
            log.info("delivery.left", delivery=message.id, code=refusal.code)
        except Exception:  # a defect with one message; it stays in the queue and its deadline makes it known
            self._paused[message.id] = monotonic() + _PAUSE_AFTER_DEFECT
            log.exception("delivery.defect", delivery=message.id)
        finally:
            del self._under_way[message.id]

    async def _deliver(self, message: Waiting) -> None:
        attempt, claim, text = message.delivery.attempt + 1, new_id(), await self._text(message)
        kept = {} if text is None else {_text_of(message.delivery.round): text}
        claimed = await self._record(message, Claim(attempt, claim), kept)
        if not _is_ours(claimed, claim):
            log.info("delivery.waits", delivery=message.id, reason=claimed.wait_reason)
            return
        outcome = await self._send(message, text, attempt, claim)
        if outcome is None:
            log.info("delivery.waits", delivery=message.id, reason="daily_cap")
            return
        await self._record(message, outcome)
        log.info("delivery.attempted", delivery=message.id, attempt=attempt, outcome=type(outcome).__name__)

    async def _text(self, message: Waiting) -> str | None:
        """What it says: what it said first under the same key; None if there are no words for it."""
        delivery = message.delivery
        if delivery.attempt and (kept := await self._secrets.read("delivery", message.id, _text_of(delivery.round))):
            return kept
        try:
            return self._templates.render(
                delivery.template,
                delivery.template_version,
                issue_id=delivery.issue_id,
                promised_at=delivery.promised_at,
                link=await self._link(message),
            )
        except UnknownTemplate:
            return None

    async def _send(self, message: Waiting, text: str | None, attempt: int, claim: str) -> Command | None:
        """What came of it; None if it is not to go out today."""
        delivery = message.delivery
        if text is None:
            return FailTemporarily(attempt, "unknown_template")
        try:
            reach = await self._reach(message, attempt)
            if not delivery.at_any_hour and not _is_ours(await self._address(message, attempt, reach.address), claim):
                return None
            gateway = self._gateways[reach.channel]
            subject = self._templates.subject(delivery.template)
            await gateway.send(Message(gateway_key(message), reach.address, delivery.template, text, subject))
        except Temporary as failure:
            return FailTemporarily(attempt, failure.failure, failure.not_before)
        except Permanent as failure:
            return FailPermanently(attempt, failure.failure)
        if gateway.receipts:
            return Submit(attempt, reach.channel, delivery.round)
        return Succeed(attempt, reach.channel)

    async def _reach(self, message: Waiting, attempt: int) -> Reach:
        """Where to: what a person has corrected for this message, else what intake, mediation or the partner said."""
        delivery = message.delivery
        if delivery.corrected and (text := await self._secrets.read("delivery", message.id, CORRECTED)):
            return self._contacts.corrected(text)
        if delivery.subscription_id is not None:
            notice = await self._secrets.read("subscription", delivery.subscription_id, NOTICE)
            return self._contacts.reach_partner(notice)
        if delivery.case_id and delivery.party_id:
            key = f"delivery:{message.id}:{attempt}"
            return await self._contacts.reach_party(delivery.case_id, delivery.party_id, key=key)
        return await self._contacts.reach(delivery.issue_id, delivery.appeal_id or "")

    async def _link(self, message: Waiting) -> str:
        """回访链接, where the text carries one."""
        delivery = message.delivery
        if (
            self._links is None
            or delivery.appeal_id is None
            or not self._templates.has_link(delivery.template, delivery.template_version)
        ):
            return ""
        return await self._links.link(message.id, delivery.issue_id, delivery.appeal_id, datetime.now(UTC))

    async def _address(self, message: Waiting, attempt: int, address: str) -> Delivery:
        """Count it among the recipient's messages of the day, or put it off, in one transaction."""

        def moved(written: Sequence[Written]) -> Address:
            return Address(attempt, is_within_cap(written[0].state, message.id))

        recipient = pseudonym(self._pseudonym_key, address)
        return await self._submit(
            message,
            [To(self._recipients, recipient, Count(message.id)), To(self._deliveries, message.id, After(moved))],
            step="Address",
        )

    async def _record(self, message: Waiting, command: Command, private: Mapping[str, str] = _NOTHING) -> Delivery:
        step = command.claim if isinstance(command, Claim) else type(command).__name__
        return await self._submit(message, [To(self._deliveries, message.id, command, private)], step)

    async def _submit(self, message: Waiting, to: list[To], step: str) -> Delivery:
        """Run the commands in one transaction; the message as the last of them left it."""
        written = await self._pipeline.submit(
            Work(
                to=to,
                actor="sender",
                identity=f"delivery/{message.id}/{message.delivery.attempt + 1}/{step}",
                parent=context.get_current(),
            )
        )
        left: Delivery = written[-1].state
        return left


def gateway_key(message: Waiting) -> str:
    """What the gateway knows it by: the message's id, and the round once one is known to be void."""
    round_ = message.delivery.round
    return message.id if round_ == 1 else f"{message.id}.{round_}"


def _text_of(round_: int) -> str:
    """The name of the text of a round among the private data of its message."""
    return f"text/{round_}"


def _is_ours(delivery: Delivery, claim: str) -> bool:
    """Whether this sender has it in hand."""
    return delivery.status is Status.SENDING and delivery.claim == claim
