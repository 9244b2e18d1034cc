"""What notify publishes about messages that wait, are answered for later, or are in people's hands.

``notify.deliveries`` carries it beside what ``contracts/notify.py`` has; how many messages somebody got on a day is
in ``notify.recipients``.
"""

from typing import ClassVar

from pydantic import Field

from contracts.codes import Code, Id, StaffId, Time
from contracts.event import Event


class DeliveryScheduled(Event):
    """定时发送: it may not leave now (静默时段, 每日上限) and leaves by itself from ``not_before`` on."""

    type: ClassVar[str] = "qingcheng.notify.delivery.scheduled.v1"
    attempt: int = Field(ge=0, description="Attempts begun so far, those included that only found that it must wait.")
    reason: Code = Field(description="quiet_hours 静默时段 | daily_cap 每日上限")
    not_before: Time
    send_due: Time = Field(description="A sender should have taken it by then.")
    claim: Id | None = Field(default=None, description="The sender that found out; null: known from the start.")


class DeliverySubmitted(Event):
    """已提交: the gateway has taken it and will say by a receipt whether it arrived."""

    type: ClassVar[str] = "qingcheng.notify.delivery.submitted.v1"
    attempt: int = Field(ge=1)
    channel: Code = Field(description="sms | mail")
    receipt_due: Time = Field(description="Without a receipt by then people look after it.")


class DeliveryHandled(Event):
    """人工处理: what could not be delivered was told in another way, or need not be told any more."""

    type: ClassVar[str] = "qingcheng.notify.delivery.handled.v1"
    how: Code = Field(description="phone 电话告知 | visit 上门告知 | other_contact 经他人告知 | moot 无需再告知")
    by: StaffId


class DeliveryResent(Event):
    """重新发送: a person sends it again after it had failed, perhaps to a corrected contact (private, with notify)."""

    type: ClassVar[str] = "qingcheng.notify.delivery.resent.v1"
    round: int = Field(ge=1, description="Part of the key at the gateway; a new one where the last is void.")
    corrected: bool = Field(description="To another number or address than the one that failed.")
    send_due: Time
    by: StaffId


class RecipientCounted(Event):
    """计数: one message of the day to one person, who is known by a pseudonym only."""

    type: ClassVar[str] = "qingcheng.notify.recipient.counted.v1"
    delivery_id: Id
    day: Code = Field(description="The city's day, 2026-03-02.")


WAITING_EVENTS: tuple[type[Event], ...] = (DeliveryScheduled, DeliverySubmitted, DeliveryHandled, DeliveryResent)
RECIPIENT_EVENTS: tuple[type[Event], ...] = (RecipientCounted,)
