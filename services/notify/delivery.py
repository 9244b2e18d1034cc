"""消息发送 — one message to a caller, party or partner: claimed, sent outside any transaction, its outcome recorded.

It waits for the end of the quiet hours (静默时段) or for the next day (每日上限), is tried again after what may pass,
and is handed to people when it has failed for good. What is asked is in ``delivery_model.py``, folding and timers are
in ``delivery_evolve.py``.
"""

from datetime import datetime

from contracts.event import Event
from contracts.notify import (
    DeliveryCreated,
    DeliveryDelivered,
    DeliveryFailed,
    DeliveryOverdue,
    DeliverySending,
    DeliveryTemporarilyFailed,
    PartnerDeliveryCreated,
    PartyDeliveryCreated,
)
from contracts.notify_deliveries import DeliveryHandled, DeliveryResent, DeliveryScheduled, DeliverySubmitted
from contracts.rejected import Rejected
from services.notify.delivery_model import (
    WAITING,
    Address,
    Claim,
    Command,
    ConfirmReceipt,
    Context,
    Create,
    CreateForPartner,
    CreateForParty,
    DeadlineReached,
    Delivery,
    FailPermanently,
    FailTemporarily,
    Handle,
    ReportUndelivered,
    Resend,
    Status,
    Submit,
    Succeed,
)

UNDER_WAY = (Status.SUBMITTED, Status.SENDING, Status.TEMPORARY_FAILURE)
MAIL = "mail"
_VOID = ("no_receipt", "undelivered")
"""Failures of attempts whose message is taken to be lost: sent again, it goes out under another key."""


def decide(delivery: Delivery, command: Command, context: Context) -> list[Event]:
    """What a command makes of the delivery. Raises ``Rejected`` with a code ``delivery.…``."""
    match command, delivery.status:
        case Create(), Status.NONE:
            return _created(command, context)
        case CreateForParty(), Status.NONE:
            return _created_for_party(command, context)
        case CreateForPartner(), Status.NONE:
            return [_created_for_partner(command, context)]
        case ((Create() | CreateForParty() | CreateForPartner()), _):
            return []
        case DeadlineReached(name), _:
            return _deadline(delivery, name, context)
        case _, Status.NONE:
            raise Rejected("delivery.not_found", "没有这条消息", status=404)
        case Claim(), _:
            return _claim(delivery, command, context)
        case ((ConfirmReceipt() | ReportUndelivered()), _):
            return _receipt(delivery, command, context)
        case ((Handle() | Resend()), _):
            return _by_hand(delivery, command, context)
        case ((Address(attempt) | Submit(attempt) | Succeed(attempt)), _) if attempt > delivery.attempt:
            raise _not_begun(attempt)
        case ((FailTemporarily(attempt) | FailPermanently(attempt)), _) if attempt > delivery.attempt:
            raise _not_begun(attempt)
        case _, (Status.DELIVERED | Status.FAILED | Status.HANDLED):
            return []
        case Address(attempt, within_cap), Status.SENDING if attempt == delivery.attempt:
            return [] if within_cap or delivery.at_any_hour else [_over_the_cap(delivery, context)]
        case Submit(attempt, channel, round_), (Status.SENDING | Status.TEMPORARY_FAILURE) if round_ == delivery.round:
            due = context.bounce_due if channel == MAIL else context.receipt_due
            return [DeliverySubmitted(attempt=attempt, channel=channel, receipt_due=due)]
        case Succeed(attempt), _ if delivery.corrected and attempt <= delivery.held:  # it went to the wrong contact
            return []
        case Succeed(attempt, channel), _:  # also after it counted as stuck: the gateway has it, whoever was slow
            return [DeliveryDelivered(attempt=attempt, channel=channel)]
        case FailPermanently(attempt, failure), _ if attempt == delivery.attempt:
            return [_given_up("permanent", attempt, failure, context)]
        case FailTemporarily(attempt, failure, not_before), Status.SENDING if attempt == delivery.attempt:
            return [_failed(delivery, failure, context, not_before=not_before)]
        case _:
            return []


def _not_begun(attempt: int) -> Rejected:
    return Rejected("delivery.wrong_attempt", f"第{attempt}次发送尚未开始")


def _created(command: Create, context: Context) -> list[Event]:
    created = DeliveryCreated(
        issue_id=command.issue_id,
        appeal_id=command.appeal_id,
        cause=command.cause,
        template=command.template,
        template_version=command.template_version,
        promised_at=command.promised_at,
        send_due=context.send_due(context.now),
        urgent=command.urgent,
    )
    return [created, *_held_by_quiet_hours(command.urgent, 0, None, context)]


def _created_for_party(command: CreateForParty, context: Context) -> list[Event]:
    """Nobody is told of a date that has passed: whoever reads old events for the first time sends nothing."""
    if command.promised_at <= context.now:
        return []
    created = PartyDeliveryCreated(
        issue_id=command.issue_id,
        case_id=command.case_id,
        party_id=command.party_id,
        cause=command.cause,
        template=command.template,
        template_version=command.template_version,
        promised_at=command.promised_at,
        send_due=context.send_due(context.now),
    )
    return [created, *_held_by_quiet_hours(False, 0, None, context)]


def _created_for_partner(command: CreateForPartner, context: Context) -> Event:
    return PartnerDeliveryCreated(
        subscription_id=command.subscription_id,
        cause=command.cause,
        template=command.template,
        template_version=command.template_version,
        promised_at=command.promised_at,
        send_due=context.send_due(context.now),
    )


def _held_by_quiet_hours(urgent: bool, attempt: int, claim: str | None, context: Context) -> list[Event]:
    not_before = context.now if urgent else context.allowed(context.now)
    if not_before <= context.now:
        return []
    return [
        DeliveryScheduled(
            attempt=attempt,
            reason="quiet_hours",
            not_before=not_before,
            send_due=context.send_due(not_before),
            claim=claim,
        )
    ]


def _claim(delivery: Delivery, command: Claim, context: Context) -> list[Event]:
    next_ = command.attempt == delivery.attempt + 1
    found_it_must_wait = next_ and delivery.status is Status.SCHEDULED
    if command.claim == delivery.claim and (command.attempt == delivery.attempt or found_it_must_wait):
        return []
    if delivery.status not in WAITING or not next_:
        raise Rejected("delivery.not_waiting", "该消息已被认领或已有结果")
    if delivery.retry_at is not None and context.now < delivery.retry_at:
        raise Rejected("delivery.too_early", "未到重试时间")
    held = _held_by_quiet_hours(delivery.at_any_hour, delivery.attempt, command.claim, context)
    return held or [DeliverySending(attempt=command.attempt, claim=command.claim, stuck_at=context.stuck_at)]


def _over_the_cap(delivery: Delivery, context: Context) -> DeliveryScheduled:
    next_day = context.next_day()
    return DeliveryScheduled(
        attempt=delivery.attempt,
        reason="daily_cap",
        not_before=next_day,
        send_due=context.send_due(next_day),
        claim=delivery.claim,
    )


def _deadline(delivery: Delivery, name: str, context: Context) -> list[Event]:
    match name, delivery.status:
        case "unsent", _ if delivery.send_due is not None and not delivery.overdue:
            return [DeliveryOverdue(due_at=delivery.send_due)]
        case "stuck", Status.SENDING:
            return [_failed(delivery, "stuck", context)]
        case "receipt", Status.SUBMITTED if delivery.channel == MAIL:  # nobody reports a mail that arrives
            return [DeliveryDelivered(attempt=delivery.attempt, channel=MAIL)]
        case "receipt", Status.SUBMITTED:
            return [_given_up("technical", delivery.attempt, "no_receipt", context)]
        case _:
            return []


def _failed(
    delivery: Delivery,
    failure: str,
    context: Context,
    *,
    not_before: datetime | None = None,
    round_: int | None = None,
) -> Event:
    """Try again after a wait that grows with each try; when all are used up, people must see it.

    A gateway that names a time is heard, but not for longer than the longest wait; quiet hours hold for retries too.
    """
    tries = max(1, delivery.attempt - delivery.held)
    if tries >= context.max_attempts:
        return _given_up("technical", delivery.attempt, failure, context)
    retry_at = context.retry_at(tries)
    if not_before is not None:
        retry_at = max(retry_at, min(not_before, context.latest_retry))
    if not delivery.at_any_hour:
        retry_at = context.allowed(retry_at)
    return DeliveryTemporarilyFailed(
        attempt=delivery.attempt,
        failure=failure,
        retry_at=retry_at,
        send_due=context.send_due(retry_at),
        round=round_,
    )


def _given_up(failure_class: str, attempt: int, failure: str, context: Context) -> DeliveryFailed:
    return DeliveryFailed(
        attempt=attempt, failure_class=failure_class, failure=failure, handling_due=context.handling_due()
    )


def _receipt(delivery: Delivery, command: ConfirmReceipt | ReportUndelivered, context: Context) -> list[Event]:
    """A receipt may come twice, late, and before the sender has recorded what it is about."""
    if delivery.attempt == 0:
        raise Rejected("delivery.wrong_attempt", "这条消息尚未发送，不应有回执")
    match command, delivery.status:
        case _, (Status.DELIVERED | Status.HANDLED):
            return []
        case ConfirmReceipt(round_), _ if round_ == delivery.round or not delivery.corrected:
            return [DeliveryDelivered(attempt=delivery.attempt, channel=delivery.channel or "sms", receipt=True)]
        case ReportUndelivered(round_, permanent), status if round_ == delivery.round and status in UNDER_WAY:
            if permanent:
                return [_given_up("permanent", delivery.attempt, "undeliverable", context)]
            return [_failed(delivery, "undelivered", context, round_=round_ + 1)]
        case _:
            return []


def _by_hand(delivery: Delivery, command: Handle | Resend, context: Context) -> list[Event]:
    match command, delivery.status:
        case Handle(how, by), Status.FAILED:
            return [DeliveryHandled(how=how, by=by)]
        case Handle(how, by), Status.HANDLED if (how, by) == (delivery.handled, delivery.handled_by):
            return []
        case Resend(corrected, by), Status.FAILED:
            void = corrected or delivery.failure_class == "permanent" or delivery.failure in _VOID
            resent = DeliveryResent(
                round=delivery.round + void, corrected=corrected, send_due=context.send_due(context.now), by=by
            )
            return [resent, *_held_by_quiet_hours(delivery.at_any_hour, delivery.attempt, None, context)]
        case Resend(by=by), status if by == delivery.resent_by and status in (*WAITING, *UNDER_WAY):
            return []
        case _:
            raise Rejected("delivery.not_failed", "只有发送失败且尚未处理的消息可以人工处理或重新发送")
