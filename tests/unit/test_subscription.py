"""Every row of domain.md's Subscription that concerns the partner and the receiver."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from contracts.event import Event
from contracts.notify_subscriptions import (
    SubscriptionCreated,
    SubscriptionDeleted,
    SubscriptionDisabled,
    SubscriptionFailing,
    SubscriptionMoved,
    SubscriptionPaused,
    SubscriptionRecovered,
    SubscriptionReplayed,
    SubscriptionResumed,
    SubscriptionSecretRotated,
)
from contracts.rejected import Rejected
from services.notify.subscription import Context, Secret, Status, Subscription, deadlines, decide, evolve
from services.notify.subscription_commands import (
    Command,
    Create,
    DeadlineReached,
    Delete,
    Move,
    NoteFailing,
    NoteGone,
    NoteRecovered,
    Pause,
    Replay,
    Resume,
    RotateSecret,
)

S1, S2, S3, T1, T2, R1, R2 = (f"01900000-0000-7000-8000-00000000000{n}" for n in range(1, 8))
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
EARLIER, LATER = NOW - timedelta(hours=3), NOW + timedelta(hours=3)
DAY = timedelta(days=1)
TYPES = ("qingcheng.router.order.*",)
OWNER, ADMIN = "partner-01", "ops-01"

NONE = Subscription()
ACTIVE = Subscription(Status.ACTIVE, OWNER, TYPES, NOW, 1, target_id=T1, secrets=(Secret(S1, None),))
FAILING = replace(ACTIVE, failing_since=EARLIER, failure="timeout", disable_at=EARLIER + DAY)
PAUSED = replace(ACTIVE, status=Status.PAUSED)
DISABLED = replace(FAILING, status=Status.DISABLED, disable_at=None, disabled_for="failing")
GONE = replace(ACTIVE, status=Status.DISABLED, disabled_for="gone")
DELETED = replace(ACTIVE, status=Status.DELETED, secrets=())
TWO_SECRETS = replace(ACTIVE, secrets=(Secret(S2, None), Secret(S1, NOW + DAY)))
REPLAYED = replace(ACTIVE, since=EARLIER, round=2, replay_id=R1)

CREATE = Create(OWNER, TYPES, None, S1, T1)
created = SubscriptionCreated(owner=OWNER, types=list(TYPES), since=NOW, secret_id=S1, target_id=T1)
failing = SubscriptionFailing(since=EARLIER, failure="timeout", disable_at=EARLIER + DAY)
disabled = SubscriptionDisabled(owner=OWNER, reason="failing", failing_since=EARLIER)
gone = SubscriptionDisabled(owner=OWNER, reason="gone", failing_since=None)
NOTICED = replace(FAILING, notice=True)
disabled_with_notice = disabled.model_copy(update={"notice": True})
gone_with_notice = gone.model_copy(update={"notice": True})
moved_with_notice = SubscriptionMoved(target_id=T2, notice=True, by=OWNER)
moved = SubscriptionMoved(target_id=T2, by=OWNER)
rotated = SubscriptionSecretRotated(secret_id=S2, earlier_until=NOW + DAY, by=OWNER)
rotated_at_once = SubscriptionSecretRotated(secret_id=S2, earlier_until=None, by=OWNER)
replayed = SubscriptionReplayed(replay_id=R1, round=2, since=EARLIER, by=OWNER)
resumed = SubscriptionResumed(by=OWNER)


def ask(subscription: Subscription, command: Command) -> list[Event]:
    context = Context(NOW, lambda since: since + DAY, NOW + DAY, most_secrets=2)
    return decide(subscription, command, context)


HAPPENS: list[tuple[str, Subscription, Command, list[Event]]] = [
    ("a partner subscribes, from now on", NONE, CREATE, [created]),
    (
        "a partner subscribes, from an earlier time on",
        NONE,
        replace(CREATE, since=EARLIER),
        [created.model_copy(update={"since": EARLIER})],
    ),
    ("with an address for notices", NONE, replace(CREATE, notice=True), [created.model_copy(update={"notice": True})]),
    ("subscribed once", ACTIVE, CREATE, []),
    ("moved", ACTIVE, Move(T2, OWNER), [moved]),
    ("moved, and notices go elsewhere", ACTIVE, Move(T2, OWNER, notice=True), [moved_with_notice]),
    ("a notice where there is an address for it", NOTICED, DeadlineReached("failing"), [disabled_with_notice]),
    ("a notice when the receiver said 410", replace(ACTIVE, notice=True), NoteGone(T1), [gone_with_notice]),
    ("moved there already", ACTIVE, Move(T1, OWNER), []),
    ("moved while disabled", DISABLED, Move(T2, OWNER), [moved]),
    ("secret rotated with overlap", ACTIVE, RotateSecret(S2, True, OWNER), [rotated]),
    ("secret rotated at once", ACTIVE, RotateSecret(S2, False, OWNER), [rotated_at_once]),
    ("rotated already", TWO_SECRETS, RotateSecret(S2, True, OWNER), []),
    (
        "a leaked one ends at once, however many there are",
        TWO_SECRETS,
        RotateSecret(S3, False, OWNER),
        [SubscriptionSecretRotated(secret_id=S3, earlier_until=None, by=OWNER)],
    ),
    (
        "what has ended is not counted",
        replace(TWO_SECRETS, secrets=(Secret(S2, None), Secret(S1, EARLIER))),
        RotateSecret(S3, True, OWNER),
        [SubscriptionSecretRotated(secret_id=S3, earlier_until=NOW + DAY, by=OWNER)],
    ),
    ("paused", ACTIVE, Pause(OWNER), [SubscriptionPaused(by=OWNER)]),
    ("paused already", PAUSED, Pause(OWNER), []),
    ("resumed", PAUSED, Resume(OWNER), [resumed]),
    ("resumed after it was disabled", DISABLED, Resume(OWNER), [resumed]),
    ("resumed after the receiver said 410", GONE, Resume(OWNER), [resumed]),
    ("running already", ACTIVE, Resume(OWNER), []),
    ("replayed", ACTIVE, Replay(R1, EARLIER, OWNER), [replayed]),
    ("replayed while paused: when it is resumed", PAUSED, Replay(R1, EARLIER, OWNER), [replayed]),
    ("replayed already", REPLAYED, Replay(R1, EARLIER, OWNER), []),
    (
        "replayed once more",
        REPLAYED,
        Replay(R2, NOW, OWNER),
        [SubscriptionReplayed(replay_id=R2, round=3, since=NOW, by=OWNER)],
    ),
    ("deleted", ACTIVE, Delete(ADMIN), [SubscriptionDeleted(by=ADMIN)]),
    ("deleted while disabled", DISABLED, Delete(OWNER), [SubscriptionDeleted(by=OWNER)]),
    ("deleted already", DELETED, Delete(OWNER), []),
    ("the receiver takes nothing", ACTIVE, NoteFailing(EARLIER, "timeout"), [failing]),
    ("that is known", FAILING, NoteFailing(NOW, "http_500"), []),
    ("the receiver takes nothing, but it is paused", PAUSED, NoteFailing(EARLIER, "timeout"), []),
    ("the receiver is back", FAILING, NoteRecovered(), [SubscriptionRecovered()]),
    ("it was never away", ACTIVE, NoteRecovered(), []),
    ("a day of failure: disabled, with notice", FAILING, DeadlineReached("failing"), [disabled]),
    ("no longer failing", ACTIVE, DeadlineReached("failing"), []),
    ("disabled already", DISABLED, DeadlineReached("failing"), []),
    ("410: disabled at once", ACTIVE, NoteGone(T1), [gone]),
    ("410 of the place before", ACTIVE, NoteGone(T2), []),
    ("410 again", GONE, NoteGone(T1), []),
]

REFUSED: list[tuple[str, Subscription, Command, str]] = [
    ("nothing to pause", NONE, Pause(OWNER), "subscription.not_found"),
    ("deleted for good: resume", DELETED, Resume(OWNER), "subscription.wrong_status"),
    ("deleted for good: replay", DELETED, Replay(R1, EARLIER, OWNER), "subscription.wrong_status"),
    ("deleted for good: move", DELETED, Move(T2, OWNER), "subscription.wrong_status"),
    ("nothing to delete", NONE, Delete(OWNER), "subscription.not_found"),
    ("pause of a disabled one", DISABLED, Pause(OWNER), "subscription.wrong_status"),
    ("replay of the future", ACTIVE, Replay(R1, LATER, OWNER), "subscription.since_in_future"),
    ("subscription from the future on", NONE, replace(CREATE, since=LATER), "subscription.since_in_future"),
    ("secrets are bounded", TWO_SECRETS, RotateSecret(S3, True, OWNER), "subscription.too_many_secrets"),
]


@pytest.mark.parametrize(("subscription", "command", "events"), [r[1:] for r in HAPPENS], ids=[r[0] for r in HAPPENS])
def test_what_happens(subscription: Subscription, command: Command, events: list[Event]) -> None:
    assert ask(subscription, command) == events


@pytest.mark.parametrize(("subscription", "command", "code"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_what_is_refused(subscription: Subscription, command: Command, code: str) -> None:
    with pytest.raises(Rejected) as refused:
        ask(subscription, command)
    assert refused.value.code == code


FOLDS: list[tuple[str, Subscription, Event, Subscription]] = [
    ("created", NONE, created, ACTIVE),
    ("moved: the new place has done nothing wrong", FAILING, moved, replace(ACTIVE, target_id=T2)),
    ("secret rotated", ACTIVE, rotated, TWO_SECRETS),
    ("secret rotated at once", TWO_SECRETS, rotated_at_once, replace(ACTIVE, secrets=(Secret(S2, None),))),
    ("paused", FAILING, SubscriptionPaused(by=OWNER), PAUSED),
    ("resumed", DISABLED, resumed, ACTIVE),
    ("failing", ACTIVE, failing, FAILING),
    ("recovered", FAILING, SubscriptionRecovered(), ACTIVE),
    ("disabled", FAILING, disabled, DISABLED),
    ("gone", ACTIVE, gone, GONE),
    ("replayed", ACTIVE, replayed, REPLAYED),
    ("deleted", ACTIVE, SubscriptionDeleted(by=OWNER), DELETED),
]


@pytest.mark.parametrize(("before", "event", "after"), [f[1:] for f in FOLDS], ids=[f[0] for f in FOLDS])
def test_what_is_remembered(before: Subscription, event: Event, after: Subscription) -> None:
    assert evolve(before, event) == after


def test_an_overlap_is_not_prolonged_by_the_next_rotation() -> None:
    third = SubscriptionSecretRotated(secret_id=S3, earlier_until=NOW + 2 * DAY, by=OWNER)
    assert evolve(TWO_SECRETS, third).secrets == (Secret(S3, None), Secret(S2, NOW + 2 * DAY), Secret(S1, NOW + DAY))


@pytest.mark.parametrize(
    ("subscription", "timers"),
    [(ACTIVE, {}), (FAILING, {"failing": EARLIER + DAY}), (PAUSED, {}), (DISABLED, {}), (DELETED, {})],
    ids=["active", "failing", "paused", "disabled", "deleted"],
)
def test_timers(subscription: Subscription, timers: dict[str, datetime]) -> None:
    assert deadlines(subscription) == timers
