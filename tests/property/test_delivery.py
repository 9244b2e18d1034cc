"""Whatever senders do, however late and often they say it."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from contracts.rejected import Rejected
from services.notify import aggregates
from services.notify.delivery import (
    Claim,
    Command,
    Create,
    Delivery,
    FailPermanently,
    FailTemporarily,
    Status,
    Succeed,
)
from tests.property.decider import ID, START, DeciderProperties
from tests.property.test_revisit import LIMITS

CREATE = Create(ID, ID, ID, "issue_accepted", "1")
DELIVERIES = aggregates.deliveries(LIMITS)
CLAIMS = ("01900000-0000-7000-8000-00000000000a", "01900000-0000-7000-8000-00000000000b")


KINDS = st.sampled_from([Create, Claim, Claim, Succeed, FailTemporarily, FailTemporarily, FailPermanently])
OFFSETS = st.sampled_from([0, 0, 0, 0, 1, -1])
CLAIM_IDS = st.sampled_from(CLAIMS)
FAILURES = st.sampled_from(["timeout", "http_503"])


def draw_command(draw: st.DrawFn, delivery: Delivery) -> Command:
    kind = draw(KINDS)
    if kind is Create:
        return CREATE
    if kind is Claim:
        return Claim(delivery.attempt + 1 + draw(OFFSETS), draw(CLAIM_IDS))
    attempt = max(1, delivery.attempt + draw(OFFSETS))
    if kind is Succeed:
        return Succeed(attempt)
    if kind is FailTemporarily:
        return FailTemporarily(attempt, draw(FAILURES))
    return FailPermanently(attempt, draw(FAILURES))


class TestDelivery(DeciderProperties):
    aggregate = DELIVERIES
    terminal = frozenset({Status.DELIVERED, Status.FAILED})
    all_statuses = frozenset(Status)
    draw_command = staticmethod(draw_command)


@given(st.integers(1, 6), st.sampled_from(Status), st.booleans())
def test_no_attempt_is_held_by_two_senders(attempt: int, status: Status, second_is_first: bool) -> None:
    delivery = Delivery(status, ID, ID, ID, "issue_accepted", "1", attempt=attempt - 1)
    context = DELIVERIES.context(ID, START)
    try:
        events = DELIVERIES.decide(delivery, Claim(attempt, CLAIMS[0]), context)
    except Rejected:
        return
    for event in events:
        delivery = DELIVERIES.evolve(delivery, event)
    second = Claim(attempt, CLAIMS[0] if second_is_first else CLAIMS[1])
    try:
        assert DELIVERIES.decide(delivery, second, context) == []
        assert second_is_first
    except Rejected:
        assert not second_is_first


def test_each_wait_is_twice_the_one_before() -> None:
    sending = Delivery(Status.SENDING, ID, ID, ID, "issue_accepted", "1", claim=CLAIMS[0], stuck_at=START)
    waits = []
    for attempt in range(1, LIMITS.count("delivery_attempts")):
        state = replace(sending, attempt=attempt)
        for event in DELIVERIES.decide(state, FailTemporarily(attempt, "timeout"), DELIVERIES.context(ID, START)):
            state = DELIVERIES.evolve(state, event)
        assert state.retry_at is not None
        waits.append(state.retry_at - START)
    assert waits == [timedelta(minutes=minutes) for minutes in (1, 2, 4, 8)]
