"""The demo counts routes, ends and doubles by records alone: what it would not see, nobody would."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts import intake, mediation, mediation_course, notify, router, router_whistles
from contracts.codes import Agency, ClosingOutcome, MediationOutcome, SupervisionLevel
from contracts.envelope import Envelope
from contracts.event import Event
from contracts.topics import topic_of_event
from demo.facts import Facts, Record, percentile

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
ISSUE, ORDER, APPEAL, CAUSE = (f"01900000-0000-7000-8000-00000000000{n}" for n in range(4))


def record(event: Event, sequence: int, *, id_: str | None = None, subject: str | None = None, at: int = 0) -> Record:
    topic = topic_of_event(event.type)
    assert topic is not None
    whose = subject or f"{topic.aggregate}/{ORDER}"
    envelope = Envelope(
        id=id_ or f"{whose}/{sequence}",
        source=f"/{topic.owner}",
        type=event.type,
        subject=whose,
        time=NOON + timedelta(milliseconds=at),
        sequence=sequence,
        issue_id=ISSUE,
        data=event.model_dump_json().encode(),
        traceparent=None,
        epoch=1,
    )
    return Record(envelope, NOON + timedelta(milliseconds=at + 5))


def opened_delivery() -> notify.DeliveryCreated:
    return notify.DeliveryCreated(
        issue_id=ISSUE, appeal_id=APPEAL, cause=CAUSE, template="t", template_version="1", send_due=NOON
    )


def opened_revisit(round_: int) -> notify.RevisitOpened:
    return notify.RevisitOpened(issue_id=ISSUE, order_id=ORDER, appeal_id=APPEAL, round=round_, due=NOON)


CLOSED = router.OrderClosed(issue_id=ISSUE, outcome=ClosingOutcome.RESOLVED, reworks=0)
BLOWN = router.OrderWhistleBlown(whistle_id=CAUSE, unit="S150102001")
TRANSFERRED = intake.IssueTransferred(agency=Agency.FIRE, by="a")
DELIVERED = notify.DeliveryDelivered(attempt=1)


def test_a_record_published_twice_is_one_effect() -> None:
    facts = Facts()
    assert facts.add(record(TRANSFERRED, 1)) == TRANSFERRED
    assert facts.add(record(TRANSFERRED, 1)) is None
    assert facts.duplicates == 0


def test_two_events_as_the_same_step_are_a_duplicate() -> None:
    facts = Facts()
    facts.add(record(TRANSFERRED, 1))
    facts.add(record(TRANSFERRED, 1, id_="another"))
    assert facts.duplicates == 1


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        pytest.param(opened_revisit(1), opened_revisit(1), 1, id="two call-backs of one caller in one round"),
        pytest.param(opened_revisit(1), opened_revisit(2), 0, id="a call-back after a rework is no double"),
        pytest.param(opened_delivery(), opened_delivery(), 1, id="two messages about one event"),
    ],
)
def test_effects_that_must_happen_once(first: Event, second: Event, expected: int) -> None:
    facts = Facts()
    facts.add(record(first, 1, subject=f"{_aggregate(first)}/one"))
    facts.add(record(second, 1, subject=f"{_aggregate(second)}/two"))
    assert facts.duplicates == expected


def test_a_message_delivered_again_is_a_duplicate() -> None:
    facts = Facts()
    facts.add(record(DELIVERED, 1))
    facts.add(record(DELIVERED, 2))
    assert facts.duplicates == 1


@pytest.mark.parametrize(
    ("happened", "routes"),
    [
        pytest.param([TRANSFERRED], {"transferred"}, id="transferred"),
        pytest.param([CLOSED], {"ordinary"}, id="ordinary"),
        pytest.param(
            [CLOSED, router.OrderSupervised(level=SupervisionLevel.RED, unit=None, reason="overdue")],
            {"ordinary", "supervised"},
            id="supervised",
        ),
        pytest.param(
            [
                router.OrderWhistleBlown(whistle_id=CAUSE, unit="S150102001"),
                router_whistles.WhistleClosed(order_id=ORDER),
                CLOSED,
            ],
            {"whistle"},
            id="whistle",
        ),
        pytest.param(
            [mediation.CaseTerminated(order_id=ORDER, outcome=MediationOutcome.REFUSED, party_id=None)],
            {"mediation_failed"},
            id="mediation refused",
        ),
        pytest.param([mediation.CaseConfirmed(by="C1")], {"judicial_confirmation"}, id="confirmed by a court"),
        pytest.param([mediation.CasePerformed(order_id=ORDER)], {"mediation_performed"}, id="performed"),
    ],
)
def test_routes_follow_from_what_happened(happened: list[Event], routes: set[str]) -> None:
    facts = Facts()
    for sequence, event in enumerate(happened, 1):
        facts.add(record(event, sequence))
    assert facts.routes(ISSUE) == routes


def test_whoever_has_not_ended_is_unfinished() -> None:
    facts = Facts()
    facts.add(record(opened_revisit(1), 1))
    assert facts.unfinished == {f"revisit/{ORDER}": ISSUE}
    unreached = notify.RevisitUnreached(order_id=ORDER, appeal_id=APPEAL, round=1, attempts=3)
    facts.add(record(unreached, 2))
    assert not facts.unfinished


def test_a_mediated_case_ends_in_the_archive() -> None:
    facts = Facts()
    facts.add(record(mediation.CasePerformed(order_id=ORDER), 1))
    assert facts.unfinished == {f"case/{ORDER}": ISSUE}
    facts.add(record(mediation_course.CaseArchived(by="C1"), 2))
    assert not facts.unfinished


def test_percentiles_are_values_that_were_seen() -> None:
    values = [float(n) for n in range(1, 101)]
    assert (percentile(values, 0.5), percentile(values, 0.99), percentile([], 0.5)) == (50.0, 99.0, None)


def _aggregate(event: Event) -> str:
    topic = topic_of_event(event.type)
    assert topic is not None
    return topic.aggregate
