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
    PartnerDeliveryCreated,
    PartyDeliveryCreated,
)
from contracts.notify_deliveries import DeliveryHandled, DeliveryResent, DeliveryScheduled, DeliverySubmitted
from contracts.rejected import Rejected
from services.notify.delivery import decide
from services.notify.delivery_evolve import deadlines, evolve
from services.notify.delivery_model import (
    Address,
    Claim,
    Command,
    ConfirmReceipt,
    Context,
    Create,
    CreateForPartner,
    CreateForParty,
    DeadlineReached,
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

ISSUE, APPEAL, CAUSE, MINE, OTHERS = (f"01900000-0000-7000-8000-00000000000{n}" for n in range(1, 6))
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
STUCK, UNSENT = timedelta(minutes=2), timedelta(minutes=3)
RECEIPT_DUE, HANDLING_DUE, TOMORROW = NOW + timedelta(hours=48), NOW + timedelta(hours=7), NOW + timedelta(hours=23)
BOUNCE_DUE = NOW + timedelta(days=5)
LATEST_RETRY = NOW + timedelta(hours=1)
MORNING = NOW + timedelta(hours=10)
"""The end of the quiet hours, in the tests in which it is night."""

CREATE = Create(ISSUE, APPEAL, CAUSE, "order_dispatched", "1", NOW + timedelta(days=5))
FOR_PARTY = CreateForParty(ISSUE, CAUSE, APPEAL, CAUSE, "instalment_due_soon", "1", NOW + timedelta(days=3))
FOR_PARTNER = CreateForPartner(ISSUE, CAUSE, "subscription_failing", "1", NOW)
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
SUBMITTED = replace(SENDING, status=Status.SUBMITTED, stuck_at=None, channel="sms", receipt_due=RECEIPT_DUE)
MAILED = replace(SUBMITTED, channel="mail", receipt_due=BOUNCE_DUE)
DELIVERED = replace(SENDING, status=Status.DELIVERED, stuck_at=None, channel="sms")
FAILED = replace(
    SENDING,
    status=Status.FAILED,
    stuck_at=None,
    failure_class="permanent",
    failure="refused_400",
    handling_due=HANDLING_DUE,
)
EXHAUSTED = replace(FAILED, attempt=5, failure_class="technical", failure="timeout")
UNRECEIPTED = replace(FAILED, failure_class="technical", failure="no_receipt", channel="sms")
SCHEDULED = replace(
    CREATED,
    status=Status.SCHEDULED,
    retry_at=MORNING,
    send_due=MORNING + UNSENT,
    wait_reason="quiet_hours",
)
CAPPED = replace(
    SENDING,
    status=Status.SCHEDULED,
    held=1,
    stuck_at=None,
    retry_at=TOMORROW,
    send_due=TOMORROW + UNSENT,
    wait_reason="daily_cap",
)
URGENT = replace(CREATED, urgent=True)
HANDLED = replace(FAILED, status=Status.HANDLED, handling_due=None, handled="phone", handled_by="A1")
RESENT = replace(
    CREATED,
    attempt=1,
    held=1,
    claim=MINE,
    round=2,
    corrected=True,
    resent_by="A1",
)

created = DeliveryCreated(
    issue_id=ISSUE,
    appeal_id=APPEAL,
    cause=CAUSE,
    template="order_dispatched",
    template_version="1",
    promised_at=NOW + timedelta(days=5),
    send_due=NOW + UNSENT,
)
for_party = PartyDeliveryCreated(
    issue_id=ISSUE,
    case_id=CAUSE,
    party_id=APPEAL,
    cause=CAUSE,
    template="instalment_due_soon",
    template_version="1",
    promised_at=NOW + timedelta(days=3),
    send_due=NOW + UNSENT,
)
for_partner = PartnerDeliveryCreated(
    subscription_id=ISSUE,
    cause=CAUSE,
    template="subscription_failing",
    template_version="1",
    promised_at=NOW,
    send_due=NOW + UNSENT,
)
delivered = DeliveryDelivered(attempt=1)
confirmed = DeliveryDelivered(attempt=1, receipt=True)
submitted = DeliverySubmitted(attempt=1, channel="sms", receipt_due=RECEIPT_DUE)


def sending(attempt: int) -> DeliverySending:
    return DeliverySending(attempt=attempt, claim=MINE, stuck_at=NOW + STUCK)


def failed_temporarily(attempt: int, failure: str, minutes: int) -> DeliveryTemporarilyFailed:
    retry_at = NOW + timedelta(minutes=minutes)
    return DeliveryTemporarilyFailed(attempt=attempt, failure=failure, retry_at=retry_at, send_due=retry_at + UNSENT)


def failed(attempt: int, failure_class: str, failure: str) -> DeliveryFailed:
    return DeliveryFailed(attempt=attempt, failure_class=failure_class, failure=failure, handling_due=HANDLING_DUE)


def scheduled(attempt: int, reason: str, not_before: datetime, claim: str | None = None) -> DeliveryScheduled:
    return DeliveryScheduled(
        attempt=attempt, reason=reason, not_before=not_before, send_due=not_before + UNSENT, claim=claim
    )


def resent(round_: int, corrected: bool = False) -> DeliveryResent:
    return DeliveryResent(round=round_, corrected=corrected, send_due=NOW + UNSENT, by="A1")


def ask(delivery: Delivery, command: Command, *, at_night: bool = False) -> list[Event]:
    context = Context(
        now=NOW,
        stuck_at=NOW + STUCK,
        retry_at=lambda attempt: NOW + timedelta(minutes=2 ** (attempt - 1)),
        latest_retry=LATEST_RETRY,
        send_due=lambda start: start + UNSENT,
        allowed=lambda ready: max(ready, MORNING) if at_night else ready,
        next_day=lambda: TOMORROW,
        receipt_due=RECEIPT_DUE,
        bounce_due=BOUNCE_DUE,
        handling_due=lambda: HANDLING_DUE,
        max_attempts=5,
    )
    return decide(delivery, command, context)


HAPPENS: list[tuple[str, Delivery, Command, list[Event]]] = [
    ("an event creates it", NONE, CREATE, [created]),
    ("created once", CREATED, CREATE, []),
    ("not created anew", DELIVERED, CREATE, []),
    ("a party of a case is told", NONE, FOR_PARTY, [for_party]),
    ("a party is told once", CREATED, FOR_PARTY, []),
    ("nobody is told of a date that has passed", NONE, replace(FOR_PARTY, promised_at=NOW), []),
    ("a partner is told", NONE, FOR_PARTNER, [for_partner]),
    ("a partner is told once", CREATED, FOR_PARTNER, []),
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
    ("within the day's cap", SENDING, Address(1, within_cap=True), []),
    (
        "over the day's cap: the next day",
        SENDING,
        Address(1, within_cap=False),
        [scheduled(1, "daily_cap", TOMORROW, MINE)],
    ),
    ("over the day's cap, repeated", CAPPED, Address(1, within_cap=False), []),
    ("no cap holds an emergency", replace(SENDING, urgent=True), Address(1, within_cap=False), []),
    ("cap asked for an attempt that counted as stuck", FAILED_ONCE, Address(1, within_cap=False), []),
    (
        "claimed when the day has come",
        replace(CAPPED, retry_at=NOW),
        Claim(2, OTHERS),
        [DeliverySending(attempt=2, claim=OTHERS, stuck_at=NOW + STUCK)],
    ),
    (
        "an attempt that was only put off is no try",
        replace(SENDING, attempt=5, held=4),
        FailTemporarily(5, "timeout"),
        [failed_temporarily(5, "timeout", 1)],
    ),
    (
        "the gateway names a time: not before",
        SENDING,
        FailTemporarily(1, "rate_limited", NOW + timedelta(minutes=9)),
        [failed_temporarily(1, "rate_limited", 9)],
    ),
    (
        "the gateway names an early time: our own wait",
        SENDING,
        FailTemporarily(1, "rate_limited", NOW),
        [failed_temporarily(1, "rate_limited", 1)],
    ),
    (
        "no gateway puts off for days",
        SENDING,
        FailTemporarily(1, "rate_limited", NOW + timedelta(days=9)),
        [failed_temporarily(1, "rate_limited", 60)],
    ),
    ("submitted, a receipt will say", SENDING, Submit(1, "sms", 1), [submitted]),
    ("submitted, repeated", SUBMITTED, Submit(1, "sms", 1), []),
    ("submitted after it counted as stuck", FAILED_ONCE, Submit(1, "sms", 1), [submitted]),
    ("submitted, but its receipt was quicker", replace(FAILED_ONCE, round=2), Submit(1, "sms", 1), []),
    ("receipt: arrived", SUBMITTED, ConfirmReceipt(1), [confirmed]),
    ("receipt: arrived, replayed", DELIVERED, ConfirmReceipt(1), []),
    ("receipt: arrived, before the sender said so", SENDING, ConfirmReceipt(1), [confirmed]),
    ("receipt: arrived, after it was given up", UNRECEIPTED, ConfirmReceipt(1), [confirmed]),
    ("receipt: arrived at the wrong contact", RESENT, ConfirmReceipt(1), []),
    ("receipt: arrived after people told it", HANDLED, ConfirmReceipt(1), []),
    (
        "receipt: not arrived, for good",
        SUBMITTED,
        ReportUndelivered(1, permanent=True),
        [failed(1, "permanent", "undeliverable")],
    ),
    (
        "receipt: not arrived, again under another key",
        SUBMITTED,
        ReportUndelivered(1, permanent=False),
        [failed_temporarily(1, "undelivered", 1).model_copy(update={"round": 2})],
    ),
    ("receipt: not arrived, replayed", replace(FAILED_ONCE, round=2), ReportUndelivered(1, permanent=False), []),
    ("receipt: not arrived, after it did", DELIVERED, ReportUndelivered(1, permanent=True), []),
    (
        "receipt: not arrived, attempts are bounded",
        replace(SUBMITTED, attempt=5),
        ReportUndelivered(1, permanent=False),
        [failed(5, "technical", "undelivered")],
    ),
    (
        "no receipt in time: people look after it",
        SUBMITTED,
        DeadlineReached("receipt"),
        [failed(1, "technical", "no_receipt")],
    ),
    (
        "a mail was taken: it may come back",
        SENDING,
        Submit(1, "mail", 1),
        [DeliverySubmitted(attempt=1, channel="mail", receipt_due=BOUNCE_DUE)],
    ),
    (
        "a mail came back: people see it",
        MAILED,
        ReportUndelivered(1, permanent=True),
        [failed(1, "permanent", "undeliverable")],
    ),
    (
        "a mail came back for now: again under another key",
        MAILED,
        ReportUndelivered(1, permanent=False),
        [failed_temporarily(1, "undelivered", 1).model_copy(update={"round": 2})],
    ),
    (
        "a mail that has not come back in its time is delivered",
        MAILED,
        DeadlineReached("receipt"),
        [DeliveryDelivered(attempt=1, channel="mail")],
    ),
    ("no receipt in time: no longer", DELIVERED, DeadlineReached("receipt"), []),
    ("told by phone", FAILED, Handle("phone", "A1"), [DeliveryHandled(how="phone", by="A1")]),
    ("told by phone, repeated", HANDLED, Handle("phone", "A1"), []),
    ("sent again to a corrected contact: another key", EXHAUSTED, Resend(corrected=True, by="A1"), [resent(2, True)]),
    ("sent again after a refusal: another key", FAILED, Resend(corrected=False, by="A1"), [resent(2)]),
    ("sent again when no receipt came: another key", UNRECEIPTED, Resend(corrected=False, by="A1"), [resent(2)]),
    (
        "sent again when nobody knows: the same key, so that it is not doubled",
        EXHAUSTED,
        Resend(corrected=False, by="A1"),
        [resent(1)],
    ),
    ("sent again, repeated", RESENT, Resend(corrected=True, by="A1"), []),
    ("late success at the wrong contact", RESENT, Succeed(1), []),
]

AT_NIGHT: list[tuple[str, Delivery, Command, list[Event]]] = [
    ("created: waits for the morning", NONE, CREATE, [created, scheduled(0, "quiet_hours", MORNING)]),
    ("to a party: waits too", NONE, FOR_PARTY, [for_party, scheduled(0, "quiet_hours", MORNING)]),
    ("to a partner: at any hour", NONE, FOR_PARTNER, [for_partner]),
    ("to a partner: claimed at any hour", replace(CREATED, subscription_id=ISSUE), Claim(1, MINE), [sending(1)]),
    ("an emergency does not", NONE, replace(CREATE, urgent=True), [created.model_copy(update={"urgent": True})]),
    ("not claimed", CREATED, Claim(1, MINE), [scheduled(0, "quiet_hours", MORNING, MINE)]),
    ("not claimed, repeated", replace(SCHEDULED, claim=MINE), Claim(1, MINE), []),
    ("an emergency is claimed", URGENT, Claim(1, MINE), [sending(1)]),
    (
        "tried again in the morning only",
        SENDING,
        FailTemporarily(1, "timeout"),
        [failed_temporarily(1, "timeout", 600)],
    ),
    (
        "an emergency is tried again at once",
        replace(SENDING, urgent=True),
        FailTemporarily(1, "timeout"),
        [failed_temporarily(1, "timeout", 1)],
    ),
    (
        "sent again by a person: waits for the morning",
        FAILED,
        Resend(corrected=False, by="A1"),
        [resent(2), scheduled(1, "quiet_hours", MORNING)],
    ),
    ("what was under way is recorded", SENDING, Succeed(1), [delivered]),
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
    ("cap of an attempt not begun", CREATED, Address(1, within_cap=False), "delivery.wrong_attempt"),
    ("submission of an attempt not begun", CREATED, Submit(1, "sms", 1), "delivery.wrong_attempt"),
    ("receipt of what never left", SCHEDULED, ConfirmReceipt(1), "delivery.wrong_attempt"),
    ("receipt of nothing", NONE, ConfirmReceipt(1), "delivery.not_found"),
    ("claim before the quiet hours end", SCHEDULED, Claim(1, MINE), "delivery.too_early"),
    ("claim of a submitted one", SUBMITTED, Claim(2, OTHERS), "delivery.not_waiting"),
    ("told by phone what has not failed", DELIVERED, Handle("phone", "A1"), "delivery.not_failed"),
    ("told by two people", HANDLED, Handle("visit", "A2"), "delivery.not_failed"),
    ("sent again what arrived", DELIVERED, Resend(corrected=False, by="A1"), "delivery.not_failed"),
    ("sent again what was told by phone", HANDLED, Resend(corrected=False, by="A1"), "delivery.not_failed"),
    ("sent again by two people", RESENT, Resend(corrected=False, by="A2"), "delivery.not_failed"),
]


@pytest.mark.parametrize(("delivery", "command", "events"), [r[1:] for r in HAPPENS], ids=[r[0] for r in HAPPENS])
def test_what_happens(delivery: Delivery, command: Command, events: list[Event]) -> None:
    assert ask(delivery, command) == events


@pytest.mark.parametrize(("delivery", "command", "events"), [r[1:] for r in AT_NIGHT], ids=[r[0] for r in AT_NIGHT])
def test_what_happens_in_the_quiet_hours(delivery: Delivery, command: Command, events: list[Event]) -> None:
    assert ask(delivery, command, at_night=True) == events


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
    ("scheduled", CREATED, scheduled(0, "quiet_hours", MORNING), SCHEDULED),
    ("over the cap", SENDING, scheduled(1, "daily_cap", TOMORROW, MINE), CAPPED),
    ("sent when its time has come", SCHEDULED, sending(1), SENDING),
    ("submitted", SENDING, submitted, SUBMITTED),
    ("receipt", SUBMITTED, confirmed, DELIVERED),
    ("handled", FAILED, DeliveryHandled(how="phone", by="A1"), HANDLED),
    ("resent", FAILED, resent(2, corrected=True), RESENT),
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
        (SCHEDULED, {"unsent": MORNING + UNSENT}),
        (SUBMITTED, {"receipt": RECEIPT_DUE}),
        (HANDLED, {}),
    ],
    ids=[
        *("none", "created", "told once", "sending", "temporary failure", "delivered", "failed"),
        *("scheduled", "submitted", "handled"),
    ],
)
def test_timers(delivery: Delivery, timers: dict[str, datetime]) -> None:
    assert deadlines(delivery) == timers
