"""事件过滤 — which events a subscription is told of: CloudEvents types, or beginnings of types with a ``*``.

Only the type is filtered by, because it is the only thing that every event carries and a partner knows beforehand: it
names the service, the kind of subject and what happened. Item, county and street stand in some events only.
"""

from collections.abc import Iterable, Sequence

from contracts.topics import TOPICS, Topic

WITHHELD = frozenset({"intake.callers", "notify.recipients", "notify.subscriptions"})
"""Topics that no partner is sent: two concern persons, and subscriptions are other partners' business."""


def matches(filters: Iterable[str], type_: str) -> bool:
    """Whether an event of ``type_`` is wanted."""
    return any(_matches(one, type_) for one in filters)


def topics_of(filters: Sequence[str]) -> list[Topic]:
    """The topics that can have something for these filters; the others need not be read."""
    return [topic for topic in _offered() if any(matches(filters, event.type) for event in topic.events)]


def unknown(filters: Iterable[str]) -> list[str]:
    """Those of the filters that no event matches which a partner may have."""
    types = [event.type for topic in _offered() for event in topic.events]
    return [one for one in filters if not any(_matches(one, type_) for type_ in types)]


def _offered() -> list[Topic]:
    return [topic for topic in TOPICS.values() if topic.name not in WITHHELD]


def _matches(one: str, type_: str) -> bool:
    return type_.startswith(one[:-1]) if one.endswith("*") else type_ == one
