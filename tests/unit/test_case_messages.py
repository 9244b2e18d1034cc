"""What parties of a mediation case are told: an instalment falls due [人民调解法 31], who owes and who is owed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from chassis.aggregate import Received
from chassis.ids import derived_beside
from chassis.limits import load_limits
from contracts.mediation_course import InstalmentDueSoon
from services.notify import delivery_aggregates as aggregates
from services.notify.case_messages import case_messages
from services.notify.delivery_model import CreateForParty
from services.notify.templates import Templates

HERE = Path(aggregates.__file__).parent
LIMITS = load_limits(HERE / "limits.toml")
TEXTS = Templates.load(HERE / "templates.toml", LIMITS.calendar.zone)
REACTIONS = case_messages(aggregates.deliveries(LIMITS), TEXTS)
CASE, ISSUE, ORDER, APPEAL, ONE, TWO, CAUSE = (f"01900000-0000-7000-8000-00000000000{n}" for n in range(1, 8))
NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
DUE = NOW + timedelta(days=3)
SOON = InstalmentDueSoon(number=2, due=DUE, order_id=ORDER, appeals=[APPEAL], parties=[ONE, TWO])


def test_31_every_party_is_reminded_once_for_every_date() -> None:
    told = REACTIONS[InstalmentDueSoon](Received(CAUSE, CASE, ISSUE, NOW, 9, SOON))
    assert [(to.id, to.command) for to in told] == [
        (
            derived_beside(ISSUE, "delivery", CAUSE, party),
            CreateForParty(ISSUE, CASE, party, CAUSE, "instalment_due_soon", "1", DUE),
        )
        for party in (ONE, TWO)
    ]


def test_the_reminder_says_which_matter_and_by_when_and_nothing_of_the_agreement() -> None:
    text = TEXTS.render("instalment_due_soon", TEXTS.version("instalment_due_soon"), issue_id=ISSUE, promised_at=DUE)
    assert "01900000" in text
    assert "2026年03月05日 09:00" in text
    assert "{" not in text


def test_an_event_from_before_parties_were_named_tells_nobody() -> None:
    before = SOON.model_copy(update={"parties": []})
    assert REACTIONS[InstalmentDueSoon](Received(CAUSE, CASE, ISSUE, NOW, 9, before)) == []
