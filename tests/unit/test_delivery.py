"""Every row of domain.md's Delivery."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from contracts.event import Event
from contracts.notify import (
    DeliveryCreated,
    DeliveryDelivered,
    DeliveryFailed,
    DeliveryOverdue,
    DeliverySending,
    DeliveryTemporarilyFailed,
)
from contracts.rejected import Rejected
from services.notify.delivery import (
    Claim,
    Command,
    Context,
    Create,
    DeadlineReached,
    Delivery,
    FailPermanently,
    FailTemporarily,
    Status,
    Succeed,
    deadlines,
    decide,
    evolve,
)

ISSUE, APPEAL, CAUSE, MINE, OTHERS = (f"01900000-0000-7000-8000-00000000000{n}" for n in range(1, 6))
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
STUCK, UNSENT = timedelta(minutes=2), timedelta(minutes=3)

CREATE = Create(ISSUE, APPEAL, CAUSE, "order_dispatched", "1", NOW + timedelta(days=5))
NONE = Delivery()
CREATED = Delivery(
    Status.CREATED,
    ISSUE,
    APPEAL,
    CAUSE,
    "order_dispatched",
    "1",
    NOW + timedelta(days=5),
    send_due=NOW + UNSENT,
)
CREATED_OVERDUE = replace(CREATED, overdue=True)
SENDING = replace(CREATED, status=Status.SENDING, attempt=1, claim=MINE, stuck_at=NOW + STUCK, send_due=None)
SENDING_AGAIN = replace(SENDING, attempt=2, failure="timeout")
SENDING_LAST = replace(SENDING, attempt=5, failure="timeout")
FAILED_ONCE = replace(
    SENDING,
    status=Status.TEMPORARY_FAILURE,
    failure="timeout",
    stuck_at=None,
    retry_at=NOW + timedelta(minutes=1),
    send_due=NOW + timedelta(minutes=1) + UNSENT,
)
RETRY_NOW = replace(FAILED_ONCE, retry_at=NOW)
DELIVERED = replace(SENDING, status=Status.DELIVERED, stuck_at=None)
FAILED = replace(DELIVERED, status=Status.FAILED, failure_class="permanent", failure="refused_400")

created = DeliveryCreated(
    issue_id=ISSUE,
    appeal_id=APPEAL,
    cause=CAUSE,
    template="order_dispatched",
    template_version="1",
    promised_at=NOW + timedelta(days=5),
    send_due=NOW + UNSENT,
)
delivered = DeliveryDelivered(attempt=1)


def sending(attempt: int) -> DeliverySending:
    return DeliverySending(attempt=attempt, claim=MINE, stuck_at=NOW + STUCK)


def failed_temporarily(attempt: int, failure: str, minutes: int) -> DeliveryTemporarilyFailed:
    retry_at = NOW + timedelta(minutes=minutes)
    return DeliveryTemporarilyFailed(attempt=attempt, failure=failure, retry_at=retry_at, send_due=retry_at + UNSENT)


def failed(attempt: int, failure_class: str, failure: str) -> DeliveryFailed:
    return DeliveryFailed(attempt=attempt, failure_class=failure_class, failure=failure)


def ask(delivery: Delivery, command: Command) -> list[Event]:
    context = Context(
        now=NOW,
        stuck_at=NOW + STUCK,
        retry_at=lambda attempt: NOW + timedelta(minutes=2 ** (attempt - 1)),
        send_due=lambda start: start + UNSENT,
        max_attempts=5,
    )
    return decide(delivery, command, context)


HAPPENS: list[tuple[str, Delivery, Command, list[Event]]] = [
    ("an event creates it", NONE, CREATE, [created]),
    ("created once", CREATED, CREATE, []),
    ("not created anew", DELIVERED, CREATE, []),
    ("claimed", CREATED, Claim(1, MINE), [sending(1)]),
    ("claimed although overdue", CREATED_OVERDUE, Claim(1, MINE), [sending(1)]),
    ("same claim repeated", SENDING, Claim(1, MINE), []),
    ("claimed again when its wait is over", RETRY_NOW, Claim(2, MINE), [sending(2)]),
    ("delivered", SENDING, Succeed(1), [delivered]),
    ("delivered, repeated", DELIVERED, Succeed(1), []),
    ("delivered after it counted as stuck", FAILED_ONCE, Succeed(1), [delivered]),
    ("delivered by the first while the second is on its way", SENDING_AGAIN, Succeed(1), [delivered]),
    ("temporary failure: retry", SENDING, FailTemporarily(1, "http_503"), [failed_temporarily(1, "http_503", 1)]),
    ("the wait grows", SENDING_AGAIN, FailTemporarily(2, "timeout"), [failed_temporarily(2, "timeout", 2)]),
    ("attempts are bounded", SENDING_LAST, FailTemporarily(5, "timeout"), [failed(5, "technical", "timeout")]),
    ("temporary failure, repeated", FAILED_ONCE, FailTemporarily(1, "timeout"), []),
    ("temporary failure of an earlier attempt", SENDING_AGAIN, FailTemporarily(1, "timeout"), []),
    ("refused for good", SENDING, FailPermanently(1, "refused_400"), [failed(1, "permanent", "refused_400")]),
    (
        "refused for good after it counted as stuck",
        FAILED_ONCE,
        FailPermanently(1, "refused_400"),
        [failed(1, "permanent", "refused_400")],
    ),
    ("refusal of an earlier attempt", SENDING_AGAIN, FailPermanently(1, "refused_400"), []),
    ("refusal, repeated", FAILED, FailPermanently(1, "refused_400"), []),
    ("outcome after the end", FAILED, Succeed(1), []),
    ("stuck: as a temporary failure", SENDING, DeadlineReached("stuck"), [failed_temporarily(1, "stuck", 1)]),
    ("stuck: bounded too", SENDING_LAST, DeadlineReached("stuck"), [failed(5, "technical", "stuck")]),
    ("stuck: no longer", DELIVERED, DeadlineReached("stuck"), []),
    ("unsent: told", CREATED, DeadlineReached("unsent"), [DeliveryOverdue(due_at=NOW + UNSENT)]),
    ("unsent: told once", CREATED_OVERDUE, DeadlineReached("unsent"), []),
    ("unsent: no longer", SENDING, DeadlineReached("unsent"), []),
]

REFUSED: list[tuple[str, Delivery, Command, str]] = [
    ("claim of nothing", NONE, Claim(1, MINE), "delivery.not_found"),
    ("outcome of nothing", NONE, Succeed(1), "delivery.not_found"),
    ("claimed by another", SENDING, Claim(1, OTHERS), "delivery.not_waiting"),
    ("claim of a delivered one", DELIVERED, Claim(2, OTHERS), "delivery.not_waiting"),
    ("claim of a failed one", FAILED, Claim(2, OTHERS), "delivery.not_waiting"),
    ("claim of a later attempt", CREATED, Claim(2, MINE), "delivery.not_waiting"),
    ("claim before its wait is over", FAILED_ONCE, Claim(2, MINE), "delivery.too_early"),
    ("outcome of an attempt not begun", CREATED, Succeed(1), "delivery.wrong_attempt"),
    ("failure of an attempt not begun", SENDING, FailTemporarily(2, "timeout"), "delivery.wrong_attempt"),
]


@pytest.mark.parametrize(("delivery", "command", "events"), [r[1:] for r in HAPPENS], ids=[r[0] for r in HAPPENS])
def test_what_happens(delivery: Delivery, command: Command, events: list[Event]) -> None:
    assert ask(delivery, command) == events


@pytest.mark.parametrize(("delivery", "command", "code"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_what_is_refused(delivery: Delivery, command: Command, code: str) -> None:
    with pytest.raises(Rejected) as refused:
        ask(delivery, command)
    assert refused.value.code == code


FOLDS: list[tuple[str, Delivery, Event, Delivery]] = [
    ("created", NONE, created, CREATED),
    ("sending", CREATED_OVERDUE, sending(1), SENDING),
    ("sending again", RETRY_NOW, sending(2), SENDING_AGAIN),
    ("temporarily failed", SENDING, failed_temporarily(1, "timeout", 1), FAILED_ONCE),
    ("overdue", CREATED, DeliveryOverdue(due_at=NOW + UNSENT), CREATED_OVERDUE),
    ("delivered", SENDING, delivered, DELIVERED),
    ("delivered late", FAILED_ONCE, delivered, DELIVERED),
    ("failed", SENDING, failed(1, "permanent", "refused_400"), FAILED),
]


@pytest.mark.parametrize(("before", "event", "after"), [f[1:] for f in FOLDS], ids=[f[0] for f in FOLDS])
def test_what_is_remembered(before: Delivery, event: Event, after: Delivery) -> None:
    assert evolve(before, event) == after


@pytest.mark.parametrize(
    ("delivery", "timers"),
    [
        (NONE, {}),
        (CREATED, {"unsent": NOW + UNSENT}),
        (CREATED_OVERDUE, {}),
        (SENDING, {"stuck": NOW + STUCK}),
        (FAILED_ONCE, {"unsent": NOW + timedelta(minutes=1) + UNSENT}),
        (DELIVERED, {}),
        (FAILED, {}),
    ],
    ids=["none", "created", "told once", "sending", "temporary failure", "delivered", "failed"],
)
def test_timers(delivery: Delivery, timers: dict[str, datetime]) -> None:
    assert deadlines(delivery) == timers
