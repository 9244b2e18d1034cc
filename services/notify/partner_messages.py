"""What partners 合作方 are told by mail: that a subscription was disabled, where they said where to send that."""

from chassis.aggregate import Reactions, Received, To
from chassis.ids import derived_id
from contracts.notify_subscriptions import SubscriptionDisabled
from services.notify.delivery_aggregates import Deliveries
from services.notify.delivery_model import CreateForPartner
from services.notify.templates import Templates

TOLD = ("subscription_failing", "subscription_gone")
"""The texts that partners are sent, by the reason why; there must be one of each name."""


def partner_messages(deliveries: Deliveries, templates: Templates) -> Reactions:
    """Event -> commands: one message for every time that a subscription is disabled.

    Raises ``ValueError`` if there is no text for something that they are told.
    """
    templates.require(TOLD)

    def disabled(received: Received[SubscriptionDisabled]) -> list[To]:
        event = received.event
        if not event.notice:
            return []
        template = "subscription_gone" if event.reason == "gone" else "subscription_failing"
        since = received.time if event.reason == "gone" else event.failing_since or received.time
        version = templates.version(template)
        command = CreateForPartner(received.aggregate_id, received.id, template, version, promised_at=since)
        return [To(deliveries, derived_id("delivery", received.id, received.aggregate_id), command)]

    return {SubscriptionDisabled: disabled}
