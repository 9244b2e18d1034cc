"""消息 and 收件人 as aggregates: pure functions of their files, measured by the limits file."""

from datetime import datetime, time, timedelta
from typing import NoReturn
from uuid import UUID

from chassis.aggregate import Aggregate
from chassis.limits import Limits
from services.notify import delivery, delivery_evolve, delivery_model, recipient
from services.notify.aggregates import plain
from services.notify.growing_wait import grown

Deliveries = Aggregate[delivery_model.Delivery, delivery_model.Command, delivery_model.Context]
Recipients = Aggregate[recipient.Recipient, recipient.Count, recipient.Context]


def deliveries(limits: Limits) -> Deliveries:
    """消息发送. Its limits are read once, so that a wrong one stops the start and not the first message."""
    stuck = plain(limits["delivery_stuck"])
    unsent = plain(limits["delivery_unsent"])
    backoff = plain(limits["delivery_backoff"])
    longest = plain(limits["delivery_backoff_longest"])
    spread = plain(limits["delivery_spread"])
    receipt = plain(limits["delivery_receipt"])
    bounce = plain(limits["delivery_bounce"])
    factor = limits.ratio("delivery_backoff_factor")
    attempts = limits.count("delivery_attempts")
    quiet, zone = limits.daily("delivery_quiet"), limits.calendar.zone

    def context(id_: str, now: datetime) -> delivery_model.Context:
        def allowed(ready: datetime) -> datetime:
            end = quiet.end(ready)
            return ready if end == ready else end + spread * share(id_)

        def next_day() -> datetime:
            midnight = datetime.combine(now.astimezone(zone).date() + timedelta(days=1), time(), zone)
            return quiet.end(midnight).astimezone(now.tzinfo)

        return delivery_model.Context(
            now=now,
            stuck_at=now + stuck,
            retry_at=lambda attempt: now + grown(backoff, factor, attempt - 1, longest),
            latest_retry=now + longest,
            send_due=lambda start: start + unsent,
            allowed=allowed,
            next_day=next_day,
            receipt_due=now + receipt,
            bounce_due=now + bounce,
            handling_due=lambda: limits.due("delivery_handling", now),
            max_attempts=attempts,
        )

    return Aggregate(
        name="delivery",
        table="deliveries",
        state=delivery_model.Delivery,
        decide=delivery.decide,
        evolve=delivery_evolve.evolve,
        deadlines=delivery_evolve.deadlines,
        on_deadline=delivery_model.DeadlineReached,
        issue_id=lambda _, state: state.issue_id,
        context=context,
    )


def recipients(limits: Limits) -> Recipients:
    """收件人, by pseudonym; a person has no issue, so that their events are keyed by their own id."""
    cap, zone = limits.count("delivery_daily_cap"), limits.calendar.zone

    def context(_: str, now: datetime) -> recipient.Context:
        return recipient.Context(day=now.astimezone(zone).date().isoformat(), cap=cap)

    def never(name: str) -> NoReturn:
        raise LookupError(f"a recipient has no deadline {name}")

    return Aggregate(
        name="recipient",
        table="recipients",
        state=recipient.Recipient,
        decide=recipient.decide,
        evolve=recipient.evolve,
        deadlines=lambda _: {},
        on_deadline=never,
        issue_id=lambda id_, _: id_,
        context=context,
    )


def share(id_: str) -> float:
    """A number from 0 to 1 that is the same for the same id: what is ready at one time leaves one after the other."""
    return (UUID(id_).int & 0xFFFF) / 0xFFFF
