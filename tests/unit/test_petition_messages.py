"""What petitioners are told: the notices of 信访工作条例 (2022), with the instant that matters to them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chassis.aggregate import Received
from chassis.ids import derived_beside
from chassis.limits import load_limits
from contracts.event import Event
from contracts.mediation_petitions import (
    PetitionAccepted,
    PetitionExtended,
    PetitionGuidedAway,
    PetitionNotAccepted,
    PetitionOpinionIssued,
    PetitionRecheckAnswered,
    PetitionReviewAnswered,
)
from services.notify import delivery_aggregates as aggregates
from services.notify.delivery_model import Create
from services.notify.petition_messages import petition_messages
from services.notify.templates import Templates

HERE = Path(aggregates.__file__).parent
LIMITS = load_limits(HERE / "limits.toml")
TEXTS = Templates.load(HERE / "templates.toml", LIMITS.calendar.zone)
REACTIONS = petition_messages(aggregates.deliveries(LIMITS), TEXTS)
PETITION, ISSUE, ORDER, ONE, TWO, FINDING, CAUSE = (f"01900000-0000-7000-8000-00000000000{n}" for n in range(1, 8))
NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
LATER = NOW + timedelta(days=30)
CALLERS = [ONE, TWO]
AUTHORITY = "D15010202"
NOTICES: list[tuple[Event, str, datetime | None]] = [
    (
        PetitionAccepted(
            order_id=ORDER,
            authority=AUTHORITY,
            accepted_at=NOW,
            in_time=True,
            handling_due=LATER,
            appeals=CALLERS,
            by="P1",
        ),
        "petition_accepted",
        LATER,
    ),
    (
        PetitionNotAccepted(
            order_id=ORDER,
            authority=AUTHORITY,
            reason="litigation",
            to="court",
            feedback_due=NOW,
            appeals=CALLERS,
            by="P1",
        ),
        "petition_not_accepted",
        None,
    ),
    (
        PetitionGuidedAway(order_id=ORDER, reason="litigation", to="court", appeals=CALLERS, by="C1"),
        "petition_guided_away",
        None,
    ),
    (
        PetitionExtended(
            handling_due=LATER, extension_id=FINDING, reason="hearing", approved_by="L9", appeals=CALLERS, by="P1"
        ),
        "petition_extended",
        LATER,
    ),
    (
        PetitionOpinionIssued(
            order_id=ORDER,
            authority=AUTHORITY,
            finding_id=FINDING,
            outcome="supported",
            in_time=True,
            delivered_at=NOW,
            review_until=LATER,
            feedback_due=NOW,
            appeals=CALLERS,
            by="P1",
        ),
        "petition_opinion",
        LATER,
    ),
    (
        PetitionReviewAnswered(
            authority=AUTHORITY,
            finding_id=FINDING,
            outcome="upheld",
            in_time=True,
            delivered_at=NOW,
            recheck_until=LATER,
            feedback_due=NOW,
            appeals=CALLERS,
            by="P1",
        ),
        "petition_review",
        LATER,
    ),
    (
        PetitionRecheckAnswered(
            authority=AUTHORITY,
            finding_id=FINDING,
            outcome="upheld",
            in_time=True,
            delivered_at=NOW,
            feedback_due=NOW,
            appeals=CALLERS,
            by="P1",
        ),
        "petition_recheck",
        None,
    ),
]


@pytest.mark.parametrize(("event", "template", "until"), NOTICES, ids=[template for _, template, _ in NOTICES])
def test_every_caller_is_told_once_and_until_when(event: Event, template: str, until: datetime | None) -> None:
    told = REACTIONS[type(event)](Received(CAUSE, PETITION, ISSUE, NOW, 1, event))
    assert [(to.id, to.command) for to in told] == [
        (derived_beside(ISSUE, "delivery", CAUSE, caller), Create(ISSUE, caller, CAUSE, template, "1", until))
        for caller in CALLERS
    ]


@pytest.mark.parametrize(("event", "template", "until"), NOTICES, ids=[template for _, template, _ in NOTICES])
def test_a_notice_names_the_issue_and_the_day_that_matters(event: Event, template: str, until: datetime | None) -> None:
    text = TEXTS.render(template, "1", issue_id=ISSUE, promised_at=until)
    assert "01900000" in text
    assert ("2026年04月01日 09:00" in text) is (until is not None)
    assert "{" not in text
