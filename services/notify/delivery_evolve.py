"""消息: how its events fold, and the timers that its state asks for."""

from datetime import datetime

from contracts.event import Event
from contracts.frozen import replace
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
from services.notify.delivery_model import Delivery, Status


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
                urgent=event.urgent,
            )
        case PartyDeliveryCreated():
            return Delivery(
                status=Status.CREATED,
                issue_id=event.issue_id,
                case_id=event.case_id,
                party_id=event.party_id,
                cause=event.cause,
                template=event.template,
                template_version=event.template_version,
                promised_at=event.promised_at,
                send_due=event.send_due,
            )
        case PartnerDeliveryCreated():
            return Delivery(
                status=Status.CREATED,
                issue_id=event.subscription_id,
                subscription_id=event.subscription_id,
                cause=event.cause,
                template=event.template,
                template_version=event.template_version,
                promised_at=event.promised_at,
                send_due=event.send_due,
            )
        case DeliveryScheduled():
            begun = event.attempt if delivery.status is Status.SENDING else delivery.attempt
            return replace(
                delivery,
                status=Status.SCHEDULED,
                held=delivery.held + (delivery.status is Status.SENDING),
                attempt=begun,
                claim=event.claim,
                stuck_at=None,
                retry_at=event.not_before,
                send_due=event.send_due,
                overdue=False,
                wait_reason=event.reason,
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
                wait_reason=None,
            )
        case DeliveryTemporarilyFailed():
            return replace(
                delivery,
                status=Status.TEMPORARY_FAILURE,
                failure=event.failure,
                stuck_at=None,
                receipt_due=None,
                retry_at=event.retry_at,
                send_due=event.send_due,
                round=event.round or delivery.round,
            )
        case DeliveryOverdue():
            return replace(delivery, overdue=True)
        case DeliveryHandled():
            return replace(delivery, status=Status.HANDLED, handled=event.how, handled_by=event.by, handling_due=None)
        case DeliveryResent():
            return replace(
                delivery,
                status=Status.CREATED,
                held=delivery.attempt,
                send_due=event.send_due,
                overdue=False,
                failure_class=None,
                failure=None,
                round=event.round,
                handling_due=None,
                corrected=delivery.corrected or event.corrected,
                resent_by=event.by,
            )
        case _:
            return _outcome(delivery, event)


def _outcome(delivery: Delivery, event: Event) -> Delivery:
    match event:
        case DeliverySubmitted():
            submitted = _ended(delivery, Status.SUBMITTED)
            return replace(submitted, channel=event.channel, receipt_due=event.receipt_due)
        case DeliveryDelivered():
            ended = replace(_ended(delivery, Status.DELIVERED), channel=event.channel)
            return replace(ended, failure_class=None, failure=None, handling_due=None)
        case DeliveryFailed():
            ended = _ended(delivery, Status.FAILED)
            return replace(
                ended, failure_class=event.failure_class, failure=event.failure, handling_due=event.handling_due
            )
        case _:
            raise TypeError(f"{type(event).__name__} is no event of a delivery")


def _ended(delivery: Delivery, status: Status) -> Delivery:
    return replace(
        delivery, status=status, stuck_at=None, retry_at=None, send_due=None, receipt_due=None, wait_reason=None
    )


def deadlines(delivery: Delivery) -> dict[str, datetime]:
    """What has to happen by when.

    ``unsent``: no sender took it in time, told once. ``stuck``: the sender that took it gave no outcome. ``receipt``:
    the gateway gave none, or nobody reported by then that the mail came back.
    """
    if delivery.send_due is not None and not delivery.overdue:
        return {"unsent": delivery.send_due}
    if delivery.stuck_at is not None:
        return {"stuck": delivery.stuck_at}
    if delivery.receipt_due is not None:
        return {"receipt": delivery.receipt_due}
    return {}
