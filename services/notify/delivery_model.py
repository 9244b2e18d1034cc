"""消息: what may be asked of one, what is known of it, and what it is measured by."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Create:
    """生成消息: ``cause`` is the id of the event that a caller is told of; ``urgent``: of an emergency."""

    issue_id: str
    appeal_id: str
    cause: str
    template: str
    template_version: str
    promised_at: datetime | None = None
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class CreateForParty:
    """生成致当事人的消息: a party of a mediation case is told of a date, unless ``promised_at`` has passed already."""

    issue_id: str
    case_id: str
    party_id: str
    cause: str
    template: str
    template_version: str
    promised_at: datetime


@dataclass(frozen=True, slots=True)
class CreateForPartner:
    """生成致合作方的消息, about one of its subscriptions; it goes to a machine's operators, so at any hour."""

    subscription_id: str
    cause: str
    template: str
    template_version: str
    promised_at: datetime


@dataclass(frozen=True, slots=True)
class Claim:
    """认领: a sender takes attempt ``attempt``; ``claim`` is its own id of this, so that no other takes it too."""

    attempt: int
    claim: str


@dataclass(frozen=True, slots=True)
class Address:
    """核对每日上限: the recipient is known now; ``within_cap``: this message is among those they may get today."""

    attempt: int
    within_cap: bool


@dataclass(frozen=True, slots=True)
class Submit:
    """已提交: it was taken under the key of ``round``; a receipt will say more, by mail only if it comes back 退信."""

    attempt: int
    channel: str
    round: int


@dataclass(frozen=True, slots=True)
class Succeed:
    """发送成功: the gateway, which gives no receipts, has taken it."""

    attempt: int
    channel: str = "sms"


@dataclass(frozen=True, slots=True)
class FailTemporarily:
    """暂时失败: worth another attempt, not before ``not_before`` if the gateway has named a time."""

    attempt: int
    failure: str
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class FailPermanently:
    """永久失败: another attempt would fare no better."""

    attempt: int
    failure: str


@dataclass(frozen=True, slots=True)
class ConfirmReceipt:
    """回执：已送达: the gateway says that what went out under the key of ``round`` arrived."""

    round: int


@dataclass(frozen=True, slots=True)
class ReportUndelivered:
    """回执：未送达: the gateway, or the mail server of the recipient, says that it did not arrive."""

    round: int
    permanent: bool


@dataclass(frozen=True, slots=True)
class Handle:
    """人工处理: a person has told the caller in another way."""

    how: str
    by: str


@dataclass(frozen=True, slots=True)
class Resend:
    """重新发送: a person sends again what had failed; ``corrected``: to another contact, given with this command."""

    corrected: bool
    by: str


@dataclass(frozen=True, slots=True)
class DeadlineReached:
    """到期: the timer ``name`` has come due."""

    name: str


Command = (
    Create
    | CreateForParty
    | CreateForPartner
    | Claim
    | Address
    | Submit
    | Succeed
    | FailTemporarily
    | FailPermanently
    | ConfirmReceipt
    | ReportUndelivered
    | Handle
    | Resend
    | DeadlineReached
)


@dataclass(frozen=True, slots=True)
class Context:
    """The time, and what is measured by.

    ``stuck_at``: limit ``delivery_stuck`` from now. ``retry_at(attempt)``: when to try again after that many attempts
    failed; ``latest_retry``: no gateway may put off longer. ``send_due(start)``: limit ``delivery_unsent`` from
    ``start``. ``allowed(ready)``: when an ordinary message may leave that is ready at that instant: itself, or the end
    of the quiet hours. ``next_day()``: when it may leave if today's cap is used up. ``receipt_due``, ``bounce_due`` (of
    a mail), ``handling_due()``: limits from now. ``max_attempts``: ``delivery_attempts``. What takes a calendar is
    worked out only when it is asked for, since every command has a context and hardly any needs that.
    """

    now: datetime
    stuck_at: datetime
    retry_at: Callable[[int], datetime]
    latest_retry: datetime
    send_due: Callable[[datetime], datetime]
    allowed: Callable[[datetime], datetime]
    next_day: Callable[[], datetime]
    receipt_due: datetime
    bounce_due: datetime
    handling_due: Callable[[], datetime]
    max_attempts: int


class Status(StrEnum):
    """发送状态."""

    NONE = "none"
    CREATED = "created"  # 待发送
    SCHEDULED = "scheduled"  # 定时发送
    SENDING = "sending"  # 发送中
    TEMPORARY_FAILURE = "temporary_failure"  # 暂时失败
    SUBMITTED = "submitted"  # 已提交，待回执
    DELIVERED = "delivered"  # 已送达
    FAILED = "failed"  # 发送失败: PERMANENT_FAILURE or TECHNICAL_FAILURE, as ``failure_class`` says
    HANDLED = "handled"  # 已人工处理


class Audience(StrEnum):
    """对象: whom a message is for, and so who looks after it when it fails."""

    CALLER = "caller"  # 诉求人
    PARTY = "party"  # 调解案件当事人
    PARTNER = "partner"  # 合作方


WAITING = (Status.CREATED, Status.SCHEDULED, Status.TEMPORARY_FAILURE)
"""A sender may take it."""


@dataclass(frozen=True)
class Delivery:
    """一条消息, to a caller (``appeal_id``), or to a party 当事人 of a case (``case_id``, ``party_id``), or to
    a partner 合作方 (``subscription_id``, which is its ``issue_id`` too).

    ``attempt`` is the last one begun; ``held`` of them do not count as tries: they found that it has to wait, or were
    made before a person sent it again. ``retry_at``: no sender takes it before. ``send_due`` is set while it waits for
    a sender. ``round`` tells keys at the gateway apart: it rises when what the last key stood for is known to be void.
    ``corrected``: its contact is private data of this message, and no longer the caller's at intake.
    """

    status: Status = Status.NONE
    issue_id: str = ""
    appeal_id: str | None = None
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
    urgent: bool = False
    held: int = 0
    wait_reason: str | None = None
    channel: str | None = None
    round: int = 1
    receipt_due: datetime | None = None
    handling_due: datetime | None = None
    corrected: bool = False
    resent_by: str | None = None
    handled: str | None = None
    handled_by: str | None = None
    case_id: str | None = None
    party_id: str | None = None
    subscription_id: str | None = None

    @property
    def at_any_hour(self) -> bool:
        """Neither quiet hours nor the daily cap hold it: of an emergency, or to those who run a partner's machine."""
        return self.urgent or self.subscription_id is not None

    @property
    def audience(self) -> Audience:
        """Whom it is for."""
        if self.case_id is not None:
            return Audience.PARTY
        return Audience.CALLER if self.subscription_id is None else Audience.PARTNER
