"""合作方订阅 — a partner's wish to be told by webhook, from a time on, of events of certain types. Pure.

Rules: domain.md, Delivery and Subscription. What is sent, tried and logged are rows beside it (``callbacks.py``); the
aggregate holds what the partner decides, and whether the receiver has been failing for too long.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from contracts.event import Event
from contracts.frozen import replace
from contracts.notify_subscriptions import (
    SubscriptionCreated,
    SubscriptionDeleted,
    SubscriptionDisabled,
    SubscriptionFailing,
    SubscriptionMoved,
    SubscriptionPaused,
    SubscriptionRecovered,
    SubscriptionReplayed,
    SubscriptionResumed,
    SubscriptionSecretRotated,
)
from contracts.rejected import Rejected
from services.notify.subscription_commands import (
    Command,
    Create,
    DeadlineReached,
    Delete,
    Move,
    NoteFailing,
    NoteGone,
    NoteRecovered,
    Pause,
    Replay,
    Resume,
    RotateSecret,
)


@dataclass(frozen=True, slots=True)
class Context:
    """The time, and what is measured by.

    ``disable_at(since)``: limit ``callback_disable`` from ``since``. ``overlap_until``: limit
    ``callback_secret_overlap`` from now. ``most_secrets``: count ``callback_secrets``.
    """

    now: datetime
    disable_at: Callable[[datetime], datetime]
    overlap_until: datetime
    most_secrets: int


class Status(StrEnum):
    """订阅状态."""

    NONE = "none"
    ACTIVE = "active"  # 推送中
    PAUSED = "paused"  # 已暂停
    DISABLED = "disabled"  # 已停用
    DELETED = "deleted"  # 已退订


class Secret(NamedTuple):
    """A secret by its id; ``until`` is when it signs nothing any more, None for the present one."""

    id: str
    until: datetime | None


@dataclass(frozen=True)
class Subscription:
    """一项订阅. ``since`` is where the present ``round`` of sending began; ``secrets`` are the newest first.

    ``notice``: it is known where to send a notice.
    """

    status: Status = Status.NONE
    owner: str = ""
    types: tuple[str, ...] = ()
    since: datetime | None = None
    round: int = 0
    replay_id: str | None = None
    target_id: str = ""
    secrets: tuple[Secret, ...] = ()
    failing_since: datetime | None = None
    failure: str | None = None
    disable_at: datetime | None = None
    disabled_for: str | None = None
    notice: bool = False

    def valid_secrets(self, now: datetime) -> list[Secret]:
        """Those that sign at ``now``."""
        return [secret for secret in self.secrets if secret.until is None or secret.until > now]


def decide(subscription: Subscription, command: Command, context: Context) -> list[Event]:
    """What a command makes of the subscription. Raises ``Rejected`` with a code ``subscription.…``."""
    match command, subscription.status:
        case Create(), Status.NONE:
            return [_created(command, context)]
        case Create(), _:
            return []
        case Delete(), Status.DELETED:
            return []
        case ((NoteFailing() | NoteRecovered() | NoteGone() | DeadlineReached()), _):
            return _noted(subscription, command, context)
        case _, Status.NONE:
            raise Rejected("subscription.not_found", "没有这项订阅", status=404)
        case _, Status.DELETED:
            raise Rejected("subscription.wrong_status", "已退订")
        case Delete(by), _:
            return [SubscriptionDeleted(by=by)]
        case Move(target_id, by, notice), _:
            if target_id == subscription.target_id:
                return []
            return [SubscriptionMoved(target_id=target_id, notice=notice, by=by)]
        case RotateSecret(), _:
            return _rotated(subscription, command, context)
        case Replay(), _:
            return _replayed(subscription, command, context)
        case Pause(), Status.PAUSED:
            return []
        case Pause(by), Status.ACTIVE:
            return [SubscriptionPaused(by=by)]
        case Resume(), Status.ACTIVE:
            return []
        case Resume(by), _:
            return [SubscriptionResumed(by=by)]
        case _:
            raise Rejected("subscription.wrong_status", f"订阅{subscription.status}，不能这样做")


def _created(command: Create, context: Context) -> Event:
    since = context.now if command.since is None else command.since
    _check_past(since, context)
    return SubscriptionCreated(
        owner=command.owner,
        types=list(command.types),
        since=since,
        secret_id=command.secret_id,
        target_id=command.target_id,
        notice=command.notice,
    )


def _check_past(since: datetime, context: Context) -> None:
    if since > context.now:
        raise Rejected("subscription.since_in_future", "起点不能晚于现在", field="since", status=422)


def _rotated(subscription: Subscription, command: RotateSecret, context: Context) -> list[Event]:
    if command.secret_id in {secret.id for secret in subscription.secrets}:
        return []
    if command.overlap and len(subscription.valid_secrets(context.now)) >= context.most_secrets:
        raise Rejected("subscription.too_many_secrets", f"同时有效的密钥不超过{context.most_secrets}个，请等旧密钥失效")
    until = context.overlap_until if command.overlap else None
    return [SubscriptionSecretRotated(secret_id=command.secret_id, earlier_until=until, by=command.by)]


def _replayed(subscription: Subscription, command: Replay, context: Context) -> list[Event]:
    if command.replay_id == subscription.replay_id:
        return []
    _check_past(command.since, context)
    return [
        SubscriptionReplayed(
            replay_id=command.replay_id, round=subscription.round + 1, since=command.since, by=command.by
        )
    ]


def _noted(
    subscription: Subscription, command: NoteFailing | NoteRecovered | NoteGone | DeadlineReached, context: Context
) -> list[Event]:
    """What callbacks showed. It may be late: whoever paused or moved it meanwhile has begun anew."""
    if subscription.status is not Status.ACTIVE:
        return []
    failing_since, disable_at = subscription.failing_since, subscription.disable_at
    match command:
        case NoteGone(target_id) if target_id == subscription.target_id:
            return [_disabled(subscription, "gone")]
        case DeadlineReached("failing") if disable_at is not None:
            return [_disabled(subscription, "failing")]
        case NoteFailing(since, failure) if failing_since is None:
            return [SubscriptionFailing(since=since, failure=failure, disable_at=context.disable_at(since))]
        case NoteRecovered() if failing_since is not None:
            return [SubscriptionRecovered()]
        case _:
            return []


def _disabled(subscription: Subscription, reason: str) -> Event:
    return SubscriptionDisabled(
        owner=subscription.owner,
        reason=reason,
        failing_since=subscription.failing_since,
        notice=subscription.notice,
    )


def evolve(subscription: Subscription, event: Event) -> Subscription:
    """The state after an event."""
    match event:
        case SubscriptionCreated():
            return Subscription(
                status=Status.ACTIVE,
                owner=event.owner,
                types=tuple(event.types),
                since=event.since,
                round=1,
                target_id=event.target_id,
                notice=event.notice,
                secrets=(Secret(event.secret_id, None),),
            )
        case SubscriptionMoved():
            notice = subscription.notice or event.notice
            return replace(_well(subscription), target_id=event.target_id, notice=notice)
        case SubscriptionSecretRotated():
            return replace(subscription, secrets=_secrets(subscription, event))
        case SubscriptionPaused():
            return replace(_well(subscription), status=Status.PAUSED)
        case SubscriptionResumed():
            return replace(_well(subscription), status=Status.ACTIVE, disabled_for=None)
        case SubscriptionFailing():
            return replace(subscription, failing_since=event.since, failure=event.failure, disable_at=event.disable_at)
        case SubscriptionRecovered():
            return _well(subscription)
        case SubscriptionDisabled():
            return replace(subscription, status=Status.DISABLED, disable_at=None, disabled_for=event.reason)
        case SubscriptionReplayed():
            return replace(subscription, since=event.since, round=event.round, replay_id=event.replay_id)
        case SubscriptionDeleted():
            return replace(_well(subscription), status=Status.DELETED, secrets=())
        case _:
            raise TypeError(f"{type(event).__name__} is no event of a subscription")


def _well(subscription: Subscription) -> Subscription:
    return replace(subscription, failing_since=None, failure=None, disable_at=None)


def _secrets(subscription: Subscription, event: SubscriptionSecretRotated) -> tuple[Secret, ...]:
    new = Secret(event.secret_id, None)
    if event.earlier_until is None:
        return (new,)
    return (new, *(Secret(id_, until or event.earlier_until) for id_, until in subscription.secrets))


def deadlines(subscription: Subscription) -> dict[str, datetime]:
    """``failing``: the receiver has taken nothing for too long."""
    return {} if subscription.disable_at is None else {"failing": subscription.disable_at}
