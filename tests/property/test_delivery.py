"""Whatever senders do, however late and often they say it."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from contracts.rejected import Rejected
from services.notify import delivery_aggregates
from services.notify.delivery_model import (
    Address,
    Claim,
    Command,
    ConfirmReceipt,
    Create,
    CreateForPartner,
    CreateForParty,
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
from tests.property.decider import ID, START, DeciderProperties
from tests.property.test_revisit import LIMITS

CREATE = Create(ID, ID, ID, "issue_accepted", "1")
FOR_PARTY = CreateForParty(ID, ID, ID, ID, "instalment_due_soon", "1", START + timedelta(days=3))
FOR_PARTNER = CreateForPartner(ID, ID, "subscription_failing", "1", START)
DELIVERIES = delivery_aggregates.deliveries(LIMITS)
CLAIMS = ("01900000-0000-7000-8000-00000000000a", "01900000-0000-7000-8000-00000000000b")


KINDS = st.sampled_from(
    [
        *(Create, CreateForParty, CreateForPartner, Claim, Claim, Claim, Address, Submit, Succeed),
        *(FailTemporarily, FailTemporarily, FailPermanently),
        *(ConfirmReceipt, ReportUndelivered, Handle, Resend),
    ]
)
OFFSETS = st.sampled_from([0, 0, 0, 0, 1, -1])
CLAIM_IDS = st.sampled_from(CLAIMS)
FAILURES = st.sampled_from(["timeout", "http_503"])
PEOPLE = st.sampled_from(["A1", "A2"])


def draw_command(draw: st.DrawFn, delivery: Delivery) -> Command:
    kind = draw(KINDS)
    if kind is Create:
        return replace(CREATE, urgent=draw(st.booleans()))
    if kind is CreateForParty:
        return FOR_PARTY
    if kind is CreateForPartner:
        return FOR_PARTNER
    if kind is ConfirmReceipt:
        return ConfirmReceipt(max(1, delivery.round - draw(st.integers(0, 1))))
    if kind is ReportUndelivered:
        return ReportUndelivered(max(1, delivery.round - draw(st.integers(0, 1))), draw(st.booleans()))
    if kind is Handle:
        return Handle(draw(st.sampled_from(["phone", "visit"])), draw(PEOPLE))
    if kind is Resend:
        return Resend(draw(st.booleans()), draw(PEOPLE))
    if kind is Claim:
        return Claim(delivery.attempt + 1 + draw(OFFSETS), draw(CLAIM_IDS))
    attempt = max(1, delivery.attempt + draw(OFFSETS))
    if kind is Succeed:
        return Succeed(attempt)
    if kind is Address:
        return Address(attempt, draw(st.booleans()))
    if kind is Submit:
        return Submit(attempt, draw(st.sampled_from(["sms", "mail"])), delivery.round)
    if kind is FailTemporarily:
        return FailTemporarily(attempt, draw(FAILURES))
    return FailPermanently(attempt, draw(FAILURES))


class TestDelivery(DeciderProperties):
    aggregate = DELIVERIES
    terminal = frozenset({Status.DELIVERED, Status.HANDLED})
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


@given(st.lists(st.sampled_from([Claim, Address, FailTemporarily]), max_size=30))
def test_being_put_off_never_uses_up_the_attempts(kinds: list[type]) -> None:
    """However often a message waits for another day, it fails for good only after all of its tries."""
    delivery, now, tries = Delivery(), START, 0
    steps: list[Command] = [CREATE]
    for kind in kinds:
        steps += [
            Claim(0, CLAIMS[0]),
            Address(0, within_cap=False) if kind is Address else FailTemporarily(0, "timeout"),
        ]
    for number, step in enumerate(steps):
        if delivery.status is Status.FAILED:
            assert tries == LIMITS.count("delivery_attempts")
            return
        now = max(now, delivery.retry_at or now)
        match step:
            case Claim():
                step = Claim(delivery.attempt + 1, f"01900000-0000-7000-8000-{number:012x}")
            case Address():
                step = Address(delivery.attempt, within_cap=False)
            case FailTemporarily():
                step = FailTemporarily(delivery.attempt, "timeout")
                tries += 1
        for event in DELIVERIES.decide(delivery, step, DELIVERIES.context(ID, now)):
            delivery = DELIVERIES.evolve(delivery, event)
    assert tries < LIMITS.count("delivery_attempts") or delivery.status is Status.FAILED


@given(st.datetimes(START.replace(tzinfo=None), datetime(2100, 1, 1), timezones=st.just(UTC)), st.uuids())  # noqa: DTZ001
def test_no_ordinary_message_is_begun_in_the_quiet_hours(now: datetime, id_: UUID) -> None:
    context = DELIVERIES.context(str(id_), now)
    delivery = Delivery()
    for event in DELIVERIES.decide(delivery, CREATE, context):
        delivery = DELIVERIES.evolve(delivery, event)
    start = delivery.retry_at or now
    local = start.astimezone(LIMITS.calendar.zone)
    assert time(8) <= local.time() < time(21)
    assert start - now <= timedelta(hours=11, minutes=15)
    assert delivery.send_due == start + timedelta(minutes=3)  # GB/T: from when it could first be sent
    assert DELIVERIES.decide(delivery, Claim(1, CLAIMS[0]), DELIVERIES.context(str(id_), start)) != []
