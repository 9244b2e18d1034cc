"""The daily cap, whatever messages ask for a place in whatever order and however often."""

from collections import defaultdict
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.notify import delivery_aggregates
from services.notify.recipient import Count, Recipient, is_within_cap
from tests.property.decider import ID, START
from tests.property.test_revisit import LIMITS

RECIPIENTS = delivery_aggregates.recipients(LIMITS)
CAP = LIMITS.count("delivery_daily_cap")
ASKS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3 * CAP)), max_size=80)
"""Days to wait before, and the number of a message."""


@given(ASKS)
def test_nobody_gets_more_than_the_cap_on_a_day(asks: list[tuple[int, int]]) -> None:
    recipient, now = Recipient(), START
    granted: defaultdict[str, set[str]] = defaultdict(set)
    for days, number in asks:
        now += timedelta(days=days)
        message, context = f"{ID[:-4]}{number:04}", RECIPIENTS.context(ID, now)
        for event in RECIPIENTS.decide(recipient, Count(message), context):
            recipient = RECIPIENTS.evolve(recipient, event)
        if is_within_cap(recipient, message):
            granted[context.day].add(message)
        assert RECIPIENTS.decide(recipient, Count(message), context) == []
    assert all(len(messages) <= CAP for messages in granted.values())


@given(st.integers(1, 3 * CAP))
def test_what_is_over_the_cap_goes_out_on_a_later_day(messages: int) -> None:
    waiting, recipient, days = [f"{ID[:-4]}{number:04}" for number in range(messages)], Recipient(), 0
    while waiting:
        context = RECIPIENTS.context(ID, START + timedelta(days=days))
        for message in waiting:
            for event in RECIPIENTS.decide(recipient, Count(message), context):
                recipient = RECIPIENTS.evolve(recipient, event)
        waiting = [message for message in waiting if not is_within_cap(recipient, message)]
        days += 1
    assert days == -(-messages // CAP)
