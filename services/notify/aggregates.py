"""The service's aggregates: pure functions of their files, measured by the limits file."""

from datetime import datetime, timedelta

from chassis.aggregate import Aggregate
from chassis.limits import Limits
from chassis.working_time import Limit, Unit
from services.notify import revisit, revisit_commands, subscription, subscription_commands
from services.notify.call_hours import CallHours, Part
from services.notify.callback_rules import Pace

Revisits = Aggregate[revisit.Revisit, revisit_commands.Command, revisit_commands.Context]
Subscriptions = Aggregate[subscription.Subscription, subscription_commands.Command, subscription.Context]

PLAIN = {Unit.MINUTES: timedelta(minutes=1), Unit.HOURS: timedelta(hours=1), Unit.DAYS: timedelta(days=1)}


def call_hours(limits: Limits) -> CallHours:
    """回访时段 of the city. Raises ``ValueError`` for parts of a day that do not follow each other."""
    starts = tuple(
        (timedelta(hours=limits[f"revisit_{name}_from"].amount), part)
        for name, part in (
            ("morning", Part.MORNING),
            ("afternoon", Part.AFTERNOON),
            ("evening", Part.EVENING),
            ("night", Part.NIGHT),
        )
    )
    return CallHours(limits.calendar.zone, starts, limits.count("revisit_day_parts"))


def revisits(limits: Limits) -> Revisits:
    """回访."""
    hours = call_hours(limits)
    attempts, wishes = limits.count("revisit_attempts"), limits.count("revisit_wishes")

    def context(_: str, now: datetime) -> revisit_commands.Context:
        return revisit_commands.Context(
            now=now,
            due=lambda name: limits.due(name, now),
            hours=hours,
            max_attempts=attempts,
            max_wishes=wishes,
        )

    return Aggregate(
        name="revisit",
        table="revisits",
        state=revisit.Revisit,
        decide=revisit.decide,
        evolve=revisit.evolve,
        deadlines=revisit.deadlines,
        on_deadline=revisit_commands.DeadlineReached,
        issue_id=lambda _, state: state.issue_id,
        context=context,
    )


def subscriptions(limits: Limits) -> Subscriptions:
    """合作方订阅."""
    disable = plain(limits["callback_disable"])
    overlap = plain(limits["callback_secret_overlap"])
    secrets = limits.count("callback_secrets")

    def context(_: str, now: datetime) -> subscription.Context:
        return subscription.Context(
            now=now, disable_at=lambda since: since + disable, overlap_until=now + overlap, most_secrets=secrets
        )

    return Aggregate(
        name="subscription",
        table="subscriptions",
        state=subscription.Subscription,
        decide=subscription.decide,
        evolve=subscription.evolve,
        deadlines=subscription.deadlines,
        on_deadline=subscription_commands.DeadlineReached,
        issue_id=lambda id_, _: id_,
        context=context,
    )


def callback_pace(limits: Limits) -> Pace:
    """回调重试."""
    return Pace(
        first=plain(limits["callback_backoff"]),
        factor=limits.ratio("callback_backoff_factor"),
        longest=plain(limits["callback_backoff_most"]),
        attempts=limits.count("callback_attempts"),
        trouble=limits.count("callback_trouble"),
    )


def plain(limit: Limit) -> timedelta:
    """A limit of machines as a duration: no office hours, and a calendar's shorter hour does not shorten a call.

    Raises ``ValueError`` for working time and months, which have no fixed length.
    """
    if limit.unit not in PLAIN:
        raise ValueError(f"a limit of deliveries is in {', '.join(PLAIN)}, not in {limit.unit}")
    return PLAIN[limit.unit] * limit.amount
