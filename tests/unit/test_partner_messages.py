"""What partners are told: that a subscription was disabled, once for each time, where they gave an address."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chassis.aggregate import Received
from chassis.ids import derived_id
from chassis.limits import load_limits
from contracts.notify_subscriptions import SubscriptionDisabled
from services.notify import delivery_aggregates as aggregates
from services.notify.delivery_model import CreateForPartner
from services.notify.partner_messages import partner_messages
from services.notify.templates import Templates

HERE = Path(aggregates.__file__).parent
LIMITS = load_limits(HERE / "limits.toml")
TEXTS = Templates.load(HERE / "templates.toml", LIMITS.calendar.zone)
REACTIONS = partner_messages(aggregates.deliveries(LIMITS), TEXTS)
SUBSCRIPTION, CAUSE = (f"01900000-0000-7000-8000-00000000000{n}" for n in range(1, 3))
NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
SINCE = NOW - timedelta(days=1)
FAILING = SubscriptionDisabled(owner="partner-01", reason="failing", failing_since=SINCE, notice=True)
GONE = SubscriptionDisabled(owner="partner-01", reason="gone", failing_since=None, notice=True)


@pytest.mark.parametrize(
    ("event", "template", "since", "told"),
    [
        (FAILING, "subscription_failing", SINCE, "2026年03月01日 09:00"),
        (GONE, "subscription_gone", NOW, "2026年03月02日 09:00"),
    ],
    ids=["failing", "gone"],
)
def test_a_partner_is_told_once_why_since_when_and_how_to_go_on(
    event: SubscriptionDisabled, template: str, since: datetime, told: str
) -> None:
    (to,) = REACTIONS[SubscriptionDisabled](Received(CAUSE, SUBSCRIPTION, SUBSCRIPTION, NOW, 3, event))
    assert to.id == derived_id("delivery", CAUSE, SUBSCRIPTION)
    assert to.command == CreateForPartner(SUBSCRIPTION, CAUSE, template, "1", since)
    text = TEXTS.render(template, "1", issue_id=SUBSCRIPTION, promised_at=since)
    assert told in text
    assert f"/v1/subscriptions/{SUBSCRIPTION}/resume" in text
    assert TEXTS.subject(template) == "青城：您的事件订阅已停用"


def test_whoever_gave_no_address_is_told_by_the_event_alone() -> None:
    event = FAILING.model_copy(update={"notice": False})
    assert REACTIONS[SubscriptionDisabled](Received(CAUSE, SUBSCRIPTION, SUBSCRIPTION, NOW, 3, event)) == []
