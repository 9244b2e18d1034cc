"""What notify 回访 publishes: topics ``notify.revisits`` and ``notify.deliveries`` (``notify_deliveries.py`` too)."""

from typing import ClassVar

from pydantic import Field

from contracts.codes import Code, Id, ItemCode, ReasonClass, Resolution, Satisfaction, StaffId, Time
from contracts.event import Event
from contracts.notify_deliveries import WAITING_EVENTS


class RevisitOpened(Event):
    """回访任务: one caller of a completed order is to be called back."""

    type: ClassVar[str] = "qingcheng.notify.revisit.opened.v1"
    issue_id: Id
    order_id: Id
    appeal_id: Id
    round: int = Field(ge=1)
    due: Time
    basis: Code = Field(
        default="order",
        description="order 办结 | late_caller 归档后才并入: joined when the order had been closed already",
    )
    item_code: ItemCode | None = Field(default=None, description="What it is about; null: unknown.")
    completed_at: Time | None = Field(default=None, description="When the order was completed; null: unknown.")


class RevisitAttempted(Event):
    """未接通: an attempt that brought no answers."""

    type: ClassVar[str] = "qingcheng.notify.revisit.attempted.v1"
    attempt: int = Field(ge=1)
    next_attempt_from: Time
    by: StaffId
    outcome: Code = Field(
        default="no_answer",
        description="no_answer 无人接听 | busy 占线 | refused 拒绝回访 | wrong_number 号码有误 | "
        "call_back_later 约时再访",
    )
    part: Code | None = Field(default=None, description="时段 of the call: morning | afternoon | evening | night")
    wished_at: Time | None = Field(default=None, description="call_back_later: when the caller wishes to be called.")


class RevisitRecorded(Event):
    """回访结果: what the caller answered; the inputs of 四率."""

    type: ClassVar[str] = "qingcheng.notify.revisit.recorded.v1"
    order_id: Id
    appeal_id: Id
    round: int = Field(ge=1)
    contacted: bool = Field(description="Did the unit speak to the caller?")
    in_time: bool
    resolution: Resolution
    satisfaction: Satisfaction
    reason_class: ReasonClass
    by: StaffId
    basis: Code = Field(default="order", description="As when it was opened.")
    channel: Code = Field(default="phone", description="phone 电话 | survey_link 短信链接 | app 移动端")
    reason: Code | None = Field(default=None, description="The reason within its class, see GET /v1/revisit-reasons")
    commented: bool = Field(default=False, description="Whether the caller added words, private data of the revisit.")


class RevisitUnreached(Event):
    """未联系上 after all attempts, or when calling again is of no use; counted apart."""

    type: ClassVar[str] = "qingcheng.notify.revisit.unreached.v1"
    order_id: Id
    appeal_id: Id
    round: int = Field(ge=1)
    attempts: int
    reason: Code | None = Field(default=None, description="Outcome of the last attempt; null: not kept then.")
    basis: Code = Field(default="order", description="As when it was opened.")


class RevisitCancelled(Event):
    """取消回访: the order was cancelled or explained, or the caller withdrew; nobody is called any more."""

    type: ClassVar[str] = "qingcheng.notify.revisit.cancelled.v1"
    order_id: Id
    appeal_id: Id
    round: int = Field(ge=1)


class RevisitOverdue(Event):
    """回访逾期: not called within its limit; supervisors see it."""

    type: ClassVar[str] = "qingcheng.notify.revisit.overdue.v1"
    due_at: Time


class AnswerRevisitOpened(Event):
    """直接答复抽样回访: there is no order; one caller of a sampled direct answer is asked whether it helped."""

    type: ClassVar[str] = "qingcheng.notify.revisit.answer_opened.v1"
    issue_id: Id
    appeal_id: Id
    knowledge_id: Code
    item_code: ItemCode
    answered_at: Time
    due: Time


class AnswerRevisitRecorded(Event):
    """直接答复回访结果. No unit is scored by it; a "no" that is the hotline's to mend reopens the issue."""

    type: ClassVar[str] = "qingcheng.notify.revisit.answer_recorded.v1"
    appeal_id: Id
    resolution: Resolution
    satisfaction: Satisfaction
    reason_class: ReasonClass
    reason: Code | None = Field(default=None, description="The reason within its class, see GET /v1/revisit-reasons")
    channel: Code = Field(description="phone 电话 | survey_link 短信链接 | app 移动端")
    commented: bool = False
    by: StaffId


class AnswerRevisitUnreached(Event):
    """直接答复回访未联系上; the answer stands."""

    type: ClassVar[str] = "qingcheng.notify.revisit.answer_unreached.v1"
    appeal_id: Id
    attempts: int
    reason: Code


class AnswerRevisitCancelled(Event):
    """取消直接答复回访: the caller had it reopened before being asked."""

    type: ClassVar[str] = "qingcheng.notify.revisit.answer_cancelled.v1"
    appeal_id: Id


class DeliveryCreated(Event):
    """待发消息: a message to one caller, caused by one event."""

    type: ClassVar[str] = "qingcheng.notify.delivery.created.v1"
    issue_id: Id
    appeal_id: Id
    cause: Id = Field(description="Id of the event that caused it")
    template: Code
    template_version: Code
    promised_at: Time | None = Field(default=None, description="承诺时间, where the template tells it.")
    send_due: Time = Field(description="A sender should have taken it by then.")
    urgent: bool = Field(default=False, description="突发: neither quiet hours nor the daily cap hold it.")


class PartyDeliveryCreated(Event):
    """待发消息 to a party of a mediation case 当事人, who may never have called; mediation alone knows who they are."""

    type: ClassVar[str] = "qingcheng.notify.delivery.party_created.v1"
    issue_id: Id
    case_id: Id
    party_id: Id
    cause: Id = Field(description="Id of the event that caused it")
    template: Code
    template_version: Code
    promised_at: Time | None = Field(description="The date that the text tells.")
    send_due: Time = Field(description="A sender should have taken it by then.")


class PartnerDeliveryCreated(Event):
    """待发消息 to a partner 合作方, about a subscription; there is no issue: key and ``ce_issueid`` are its id."""

    type: ClassVar[str] = "qingcheng.notify.delivery.partner_created.v1"
    subscription_id: Id
    cause: Id = Field(description="Id of the event that caused it")
    template: Code
    template_version: Code
    promised_at: Time = Field(description="The time that the text tells.")
    send_due: Time = Field(description="A sender should have taken it by then.")


class DeliverySending(Event):
    """发送中: claimed by a sender; the gateway is called after this is committed."""

    type: ClassVar[str] = "qingcheng.notify.delivery.sending.v1"
    attempt: int = Field(ge=1)
    claim: Id = Field(description="Whose attempt it is: two senders never hold the same one.")
    stuck_at: Time = Field(description="Without an outcome by then it counts as a temporary failure.")


class DeliveryDelivered(Event):
    """已送达: to the caller, by a receipt; to the gateway where it gives none."""

    type: ClassVar[str] = "qingcheng.notify.delivery.delivered.v1"
    attempt: int = Field(ge=1)
    channel: Code = Field(default="sms", description="sms | mail")
    receipt: bool = Field(default=False, description="The gateway's receipt says so.")


class DeliveryTemporarilyFailed(Event):
    """暂时失败: tried again at ``retry_at``."""

    type: ClassVar[str] = "qingcheng.notify.delivery.temporarily_failed.v1"
    attempt: int = Field(ge=1)
    failure: Code = Field(
        description="timeout | connection | rate_limited | http_<status> | smtp_<reply> | bad_answer | stuck | "
        "contact_unavailable | undelivered"
    )
    retry_at: Time
    send_due: Time = Field(description="A sender should have taken it again by then.")
    round: int | None = Field(default=None, ge=1, description="The next key at the gateway, if the last is void.")


class DeliveryOverdue(Event):
    """待发逾期: no sender took it in its time; it stays in the queue and operators see it."""

    type: ClassVar[str] = "qingcheng.notify.delivery.overdue.v1"
    due_at: Time


class DeliveryFailed(Event):
    """发送失败, for good and shown to people: permanent (refused) or technical (attempts used up)."""

    type: ClassVar[str] = "qingcheng.notify.delivery.failed.v1"
    attempt: int = Field(ge=1)
    failure_class: Code = Field(description="permanent | technical")
    failure: Code = Field(
        description="As for a temporary failure, or contact_refused | no_phone | no_mail | refused_<status> | "
        "undeliverable | no_receipt"
    )
    handling_due: Time | None = Field(default=None, description="A person should have looked after it by then.")


REVISIT_EVENTS: tuple[type[Event], ...] = (
    RevisitOpened,
    RevisitAttempted,
    RevisitRecorded,
    RevisitUnreached,
    RevisitCancelled,
    RevisitOverdue,
    AnswerRevisitOpened,
    AnswerRevisitRecorded,
    AnswerRevisitUnreached,
    AnswerRevisitCancelled,
)
DELIVERY_EVENTS: tuple[type[Event], ...] = (
    DeliveryCreated,
    PartyDeliveryCreated,
    PartnerDeliveryCreated,
    DeliverySending,
    DeliveryDelivered,
    DeliveryTemporarilyFailed,
    DeliveryOverdue,
    DeliveryFailed,
    *WAITING_EVENTS,
)
