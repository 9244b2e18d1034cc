"""收件人: how many messages a person, known by a pseudonym, got on the city's day; the daily cap 每日上限 counts here.

One row per person holds the latest day only. It is decided in the transaction that also moves the message on, with
this row locked, so that two senders cannot both give out the last place of a day (docs/adr/0020).
"""

from dataclasses import dataclass

from contracts.event import Event
from contracts.frozen import replace
from contracts.notify_deliveries import RecipientCounted


@dataclass(frozen=True, slots=True)
class Count:
    """计数: this message wants to go out today."""

    delivery_id: str


@dataclass(frozen=True, slots=True)
class Context:
    """``day``: the city's day, as ISO 8601 writes it. ``cap``: count ``delivery_daily_cap``."""

    day: str
    cap: int


@dataclass(frozen=True)
class Recipient:
    """``counted``: the messages of ``day``, in the order in which they were let through."""

    day: str = ""
    counted: tuple[str, ...] = ()


def decide(recipient: Recipient, command: Count, context: Context) -> list[Event]:
    """Let the message through, or nothing happens: it is through already, or the day's places are taken.

    Which of both it was is in the state: ``is_within_cap``. A clock behind that of another process counts on the later
    day.
    """
    day = max(context.day, recipient.day)
    counted = recipient.counted if day == recipient.day else ()
    if command.delivery_id in counted or len(counted) >= context.cap:
        return []
    return [RecipientCounted(delivery_id=command.delivery_id, day=day)]


def is_within_cap(recipient: Recipient, delivery_id: str) -> bool:
    """Whether the message has a place of the latest day."""
    return delivery_id in recipient.counted


def evolve(recipient: Recipient, event: Event) -> Recipient:
    """The state after an event."""
    match event:
        case RecipientCounted(delivery_id=delivery, day=day):
            counted = recipient.counted if day == recipient.day else ()
            return replace(recipient, day=day, counted=(*counted, delivery))
        case _:
            raise TypeError(f"{type(event).__name__} is no event of a recipient")
