"""The typed catalogue of topics: who owns them, what they carry, how long they keep it."""

from dataclasses import dataclass
from datetime import timedelta

from contracts.event import Event
from contracts.intake import ISSUE_EVENTS
from contracts.intake_callers import CALLER_EVENTS
from contracts.mediation import CASE_EVENTS
from contracts.mediation_course import CASE_COURSE_EVENTS
from contracts.mediation_petitions import PETITION_EVENTS
from contracts.notify import DELIVERY_EVENTS, REVISIT_EVENTS
from contracts.notify_deliveries import RECIPIENT_EVENTS
from contracts.notify_subscriptions import SUBSCRIPTION_EVENTS
from contracts.router import ORDER_EVENTS
from contracts.router_whistles import WHISTLE_EVENTS


@dataclass(frozen=True, slots=True)
class Topic:
    """A Kafka topic: the events of one aggregate, keyed by issue id.

    ``owner`` is the only service that publishes here (``ce_source`` is ``/<owner>``), ``aggregate`` the first
    part of ``ce_subject``. ``retention`` is how long records are kept; ``None`` means for ever, so that a new
    consumer can start from the first record.
    """

    name: str
    owner: str
    aggregate: str
    events: tuple[type[Event], ...]
    retention: timedelta | None = None


TOPICS: dict[str, Topic] = {
    topic.name: topic
    for topic in (
        Topic("intake.issues", "intake", "issue", ISSUE_EVENTS),
        Topic("intake.callers", "intake", "caller", CALLER_EVENTS),
        Topic("router.orders", "router", "order", ORDER_EVENTS),
        Topic("router.whistles", "router", "whistle", WHISTLE_EVENTS),
        Topic("mediation.cases", "mediation", "case", (*CASE_EVENTS, *CASE_COURSE_EVENTS)),
        Topic("mediation.petitions", "mediation", "petition", PETITION_EVENTS),
        Topic("notify.revisits", "notify", "revisit", REVISIT_EVENTS),
        Topic("notify.deliveries", "notify", "delivery", DELIVERY_EVENTS),
        Topic("notify.subscriptions", "notify", "subscription", SUBSCRIPTION_EVENTS),
        Topic("notify.recipients", "notify", "recipient", RECIPIENT_EVENTS),
    )
}
"""Every topic that exists today, by its name without the deployment's prefix."""

EVENT_TYPES: dict[str, type[Event]] = {event.type: event for topic in TOPICS.values() for event in topic.events}
"""Every event by its CloudEvents type."""

_BY_AGGREGATE = {topic.aggregate: topic for topic in TOPICS.values()}
_BY_EVENT = {event.type: topic for topic in TOPICS.values() for event in topic.events}


def topic_of(aggregate: str) -> Topic:
    """Return the topic that carries the events of ``aggregate`` (``"order"``); KeyError if there is none."""
    return _BY_AGGREGATE[aggregate]


def topic_of_event(type_: str) -> Topic | None:
    """Return the topic that carries events of this CloudEvents type, or None if nobody publishes it."""
    return _BY_EVENT.get(type_)


def event_class(type_: str) -> type[Event] | None:
    """Return the model of this CloudEvents type, or None for a type (or version) that is not known here."""
    return EVENT_TYPES.get(type_)
