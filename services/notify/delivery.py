"""消息发送 — one message to one caller: claimed, sent outside any transaction, its outcome recorded."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contracts.event import Event
from contracts.frozen import replace
from contracts.notify import (
    DeliveryCreated,
    DeliveryDelivered,
    DeliveryFailed,
    DeliveryOverdue,
    DeliverySending,
    DeliveryTemporarilyFailed,
)
from contracts.rejected import Rejected


@dataclass(frozen=True, slots=True)
class Create:
    """生成消息: ``cause`` is the id of the event that a caller is told of."""

    issue_id: str
    appeal_id: str
    cause: str
    template: str
    template_version: str
    promised_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """认领: a sender takes attempt ``attempt``; ``claim`` is its own id of this, so that no other takes it too."""

    attempt: int
    claim: str


@dataclass(frozen=True, slots=True)
class Succeed:
    """发送成功: the gateway has taken it."""

    attempt: int


@dataclass(frozen=True, slots=True)
class FailTemporarily:
    """暂时失败: worth another attempt."""

    attempt: int
    failure: str


@dataclass(frozen=True, slots=True)
class FailPermanently:
    """永久失败: another attempt would fare no better."""

    attempt: int
    failure: str


@dataclass(frozen=True, slots=True)
class DeadlineReached:
    """到期: the timer ``name`` has come due."""

    name: str


Command = Create | Claim | Succeed | FailTemporarily | FailPermanently | DeadlineReached


@dataclass(frozen=True, slots=True)
class Context:
    """The time, and what is measured by.

    ``stuck_at``: limit ``delivery_stuck`` from now. ``retry_at(attempt)``: when to try again after that attempt
    failed. ``send_due(start)``: limit ``delivery_unsent`` from ``start``. ``max_attempts``: ``delivery_attempts``.
    """

    now: datetime
    stuck_at: datetime
    retry_at: Callable[[int], datetime]
    send_due: Callable[[datetime], datetime]
    max_attempts: int


class Status(StrEnum):
    """发送状态."""

    NONE = "none"
    CREATED = "created"  # 待发送
    SENDING = "sending"  # 发送中
    TEMPORARY_FAILURE = "temporary_failure"  # 暂时失败
    DELIVERED = "delivered"  # 已送达
    FAILED = "failed"  # 发送失败


@dataclass(frozen=True)
class Delivery:
    """一条消息. ``attempt`` is the last one begun; ``send_due`` is set while it waits for a sender."""

    status: Status = Status.NONE
    issue_id: str = ""
    appeal_id: str = ""
    cause: str = ""
    template: str = ""
    template_version: str = ""
    promised_at: datetime | None = None
    attempt: int = 0
    claim: str | None = None
    stuck_at: datetime | None = None
    retry_at: datetime | None = None
    send_due: datetime | None = None
    overdue: bool = False
    failure_class: str | None = None
    failure: str | None = None


WAITING = (Status.CREATED, Status.TEMPORARY_FAILURE)


def decide(delivery: Delivery, command: Command, context: Context) -> list[Event]:
    """What a command makes of the delivery. Raises ``Rejected`` with a code ``delivery.…``."""
    match command, delivery.status:
        case Create(), Status.NONE:
            return [_created(command, context)]
        case Create(), _:
            return []
        case DeadlineReached("unsent"), _ if delivery.send_due is not None and not delivery.overdue:
            return [DeliveryOverdue(due_at=delivery.send_due)]
        case DeadlineReached("stuck"), Status.SENDING:
            return [_failed(delivery.attempt, "stuck", context)]
        case DeadlineReached(), _:
            return []
        case _, Status.NONE:
            raise Rejected("delivery.not_found", "没有这条消息", status=404)
        case Claim(), _:
            return _claim(delivery, command, context)
        case _, _ if command.attempt > delivery.attempt:
            raise Rejected("delivery.wrong_attempt", f"第{command.attempt}次发送尚未开始")
        case _, Status.DELIVERED | Status.FAILED:
            return []
        case Succeed(attempt), _:  # also after it counted as stuck: the gateway has the message, whoever was slow
            return [DeliveryDelivered(attempt=attempt)]
        case ((FailTemporarily(attempt) | FailPermanently(attempt)), _) if attempt < delivery.attempt:
            return []
        case FailPermanently(attempt, failure), _:
            return [DeliveryFailed(attempt=attempt, failure_class="permanent", failure=failure)]
        case FailTemporarily(attempt, failure), Status.SENDING:
            return [_failed(attempt, failure, context)]
        case _:
            return []


def _created(command: Create, context: Context) -> DeliveryCreated:
    return DeliveryCreated(
        issue_id=command.issue_id,
        appeal_id=command.appeal_id,
        cause=command.cause,
        template=command.template,
        template_version=command.template_version,
        promised_at=command.promised_at,
        send_due=context.send_due(context.now),
    )


def _claim(delivery: Delivery, command: Claim, context: Context) -> list[Event]:
    if command.claim == delivery.claim and command.attempt == delivery.attempt:
        return []
    if delivery.status not in WAITING or command.attempt != delivery.attempt + 1:
        raise Rejected("delivery.not_waiting", "该消息已被认领或已有结果")
    if delivery.retry_at is not None and context.now < delivery.retry_at:
        raise Rejected("delivery.too_early", "未到重试时间")
    return [DeliverySending(attempt=command.attempt, claim=command.claim, stuck_at=context.stuck_at)]


def _failed(attempt: int, failure: str, context: Context) -> Event:
    """Try again after a wait that grows with each attempt; when all are used up, people must see it."""
    if attempt >= context.max_attempts:
        return DeliveryFailed(attempt=attempt, failure_class="technical", failure=failure)
    retry_at = context.retry_at(attempt)
    return DeliveryTemporarilyFailed(
        attempt=attempt, failure=failure, retry_at=retry_at, send_due=context.send_due(retry_at)
    )


def evolve(delivery: Delivery, event: Event) -> Delivery:
    """The state after an event."""
    match event:
        case DeliveryCreated():
            return Delivery(
                status=Status.CREATED,
                issue_id=event.issue_id,
                appeal_id=event.appeal_id,
                cause=event.cause,
                template=event.template,
                template_version=event.template_version,
                promised_at=event.promised_at,
                send_due=event.send_due,
            )
        case DeliverySending():
            return replace(
                delivery,
                status=Status.SENDING,
                attempt=event.attempt,
                claim=event.claim,
                stuck_at=event.stuck_at,
                retry_at=None,
                send_due=None,
                overdue=False,
            )
        case DeliveryTemporarilyFailed():
            return replace(
                delivery,
                status=Status.TEMPORARY_FAILURE,
                failure=event.failure,
                stuck_at=None,
                retry_at=event.retry_at,
                send_due=event.send_due,
            )
        case DeliveryOverdue():
            return replace(delivery, overdue=True)
        case DeliveryDelivered():
            return replace(_ended(delivery, Status.DELIVERED), failure_class=None, failure=None)
        case DeliveryFailed():
            ended = _ended(delivery, Status.FAILED)
            return replace(ended, failure_class=event.failure_class, failure=event.failure)
        case _:
            raise TypeError(f"{type(event).__name__} is no event of a delivery")


def _ended(delivery: Delivery, status: Status) -> Delivery:
    return replace(delivery, status=status, stuck_at=None, retry_at=None, send_due=None)


def deadlines(delivery: Delivery) -> dict[str, datetime]:
    """``unsent``: no sender took it in time, told once. ``stuck``: the sender that took it gave no outcome."""
    if delivery.send_due is not None and not delivery.overdue:
        return {"unsent": delivery.send_due}
    if delivery.stuck_at is not None:
        return {"stuck": delivery.stuck_at}
    return {}
