"""What notify publishes about partners' subscriptions 合作方订阅: topic ``notify.subscriptions``.

There is no issue: the record key and ``ce_issueid`` are the subscription's id. Where callbacks go (the URL may hold a
token) and what signs them stay in notify.
"""

from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from contracts.codes import Code, Id, StaffId, Time
from contracts.event import Event

TypeFilter = Annotated[str, StringConstraints(pattern=r"^([a-z0-9_.]{1,96}\*?|\*)$")]
"""A CloudEvents type, or the beginning of one and a ``*``."""


class SubscriptionCreated(Event):
    """订阅: a partner wants to be told of what happens, from ``since`` on."""

    type: ClassVar[str] = "qingcheng.notify.subscription.created.v1"
    owner: StaffId = Field(description="The partner, as its token calls it.")
    types: list[TypeFilter] = Field(min_length=1)
    since: Time
    secret_id: Id
    target_id: Id = Field(description="Stands for the URL, which no event carries.")
    notice: bool = Field(default=False, description="Where to send a notice was said, which no event carries either.")


class SubscriptionMoved(Event):
    """改回调地址: callbacks go to another URL from now on."""

    type: ClassVar[str] = "qingcheng.notify.subscription.moved.v1"
    target_id: Id
    notice: bool = Field(default=False, description="It was said anew where to send a notice.")
    by: StaffId


class SubscriptionSecretRotated(Event):
    """换密钥: callbacks are signed with the new secret, and with the earlier ones until ``earlier_until``."""

    type: ClassVar[str] = "qingcheng.notify.subscription.secret_rotated.v1"
    secret_id: Id
    earlier_until: Time | None = Field(description="null: the earlier ones sign nothing any more.")
    by: StaffId


class SubscriptionPaused(Event):
    """暂停推送: nothing is sent until it is resumed; nothing is lost."""

    type: ClassVar[str] = "qingcheng.notify.subscription.paused.v1"
    by: StaffId


class SubscriptionResumed(Event):
    """恢复推送, after a pause or after it was disabled: what was missed is sent, in order."""

    type: ClassVar[str] = "qingcheng.notify.subscription.resumed.v1"
    by: StaffId


class SubscriptionFailing(Event):
    """回调持续失败: the receiver has taken nothing since ``since``; if it goes on, it is disabled."""

    type: ClassVar[str] = "qingcheng.notify.subscription.failing.v1"
    since: Time
    failure: Code = Field(description="timeout | connection | refused_target | rate_limited | redirect | http_<status>")
    disable_at: Time


class SubscriptionRecovered(Event):
    """回调恢复: the receiver has taken one again."""

    type: ClassVar[str] = "qingcheng.notify.subscription.recovered.v1"


class SubscriptionDisabled(Event):
    """停用: nothing is sent any more until the partner resumes it; this is the notice."""

    type: ClassVar[str] = "qingcheng.notify.subscription.disabled.v1"
    owner: StaffId
    reason: Code = Field(description="failing: nothing was taken for too long | gone: the receiver said 410")
    failing_since: Time | None
    notice: bool = Field(default=False, description="The partner is told by mail, too.")


class SubscriptionReplayed(Event):
    """重放: everything from ``since`` on is sent again, under the same event ids."""

    type: ClassVar[str] = "qingcheng.notify.subscription.replayed.v1"
    replay_id: Id
    round: int = Field(ge=2, description="The first round began with the subscription.")
    since: Time
    by: StaffId


class SubscriptionDeleted(Event):
    """退订."""

    type: ClassVar[str] = "qingcheng.notify.subscription.deleted.v1"
    by: StaffId


SUBSCRIPTION_EVENTS: tuple[type[Event], ...] = (
    SubscriptionCreated,
    SubscriptionMoved,
    SubscriptionSecretRotated,
    SubscriptionPaused,
    SubscriptionResumed,
    SubscriptionFailing,
    SubscriptionRecovered,
    SubscriptionDisabled,
    SubscriptionReplayed,
    SubscriptionDeleted,
)
