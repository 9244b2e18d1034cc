"""A made-up history in which everything is as it must be: one issue, from the call to the call-back."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from chaos.history import SUBSCRIBED, Command, Event, History, Record, Row

ISSUE, ORDER, APPEAL, REVISIT, CASE, WHISTLE = "issue-1", "order-1", "appeal-1", "revisit-1", "case-1", "whistle-1"
PHONE, UNIT = "13900000001", "S150102001"
MESSAGES = {"issue_accepted": "delivery-1", "order_dispatched": "delivery-2", "order_completed": "delivery-3"}
TOPICS = {
    "issue": "intake.issues",
    "order": "router.orders",
    "whistle": "router.whistles",
    "case": "mediation.cases",
    "revisit": "notify.revisits",
    "delivery": "notify.deliveries",
}


class Story:
    """Events as they happen, each with the next version of its aggregate."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._versions: Counter[str] = Counter()

    def tell(self, aggregate: str, id_: str, name: str, actor: str = "somebody", **data: Any) -> str:
        """One more event; returns its id."""
        self._versions[id_] += 1
        service, version = TOPICS[aggregate].split(".")[0], self._versions[id_]
        type_, event_id = f"qingcheng.{service}.{aggregate}.{name}.v1", f"event-{id_}-{version}"
        self.events.append(Event(service, aggregate, id_, version, event_id, type_, ISSUE, data, actor))
        return event_id


def _message(story: Story, template: str, cause: str) -> None:
    id_ = MESSAGES[template]
    story.tell("delivery", id_, "created", cause=cause, appeal_id=APPEAL, template=template)
    story.tell("delivery", id_, "sending", attempt=1)
    story.tell("delivery", id_, "delivered", attempt=1)


def _told() -> list[Event]:
    story = Story()
    story.tell("issue", ISSUE, "registered", appeal_id=APPEAL, appellant_id="caller-1")
    _message(story, "issue_accepted", story.tell("issue", ISSUE, "accepted", appeals=[APPEAL]))
    story.tell("order", ORDER, "opened", issue_id=ISSUE)
    duties = [{"unit": UNIT, "role": "lead"}]
    dispatched = story.tell("order", ORDER, "dispatched", appeals=[APPEAL], obligations=duties)
    _message(story, "order_dispatched", dispatched)
    reminder: dict[str, Any] = {"appeal_id": APPEAL, "follow_up": "reminder", "follow_up_id": "reminder-1"}
    story.tell("issue", ISSUE, "followed_up", **reminder)
    story.tell("order", ORDER, "reminded", appeal_id=APPEAL, reminder_id="reminder-1")
    story.tell("order", ORDER, "signed", f"deadline:sign:{UNIT}", unit=UNIT, automatic=True)
    story.tell("order", ORDER, "whistle_blown", whistle_id=WHISTLE)
    story.tell("whistle", WHISTLE, "blown", order_id=ORDER)
    story.tell("whistle", WHISTLE, "closed", order_id=ORDER)
    story.tell("order", ORDER, "whistle_settled", whistle_id=WHISTLE)
    story.tell("order", ORDER, "referred", case_id=CASE)
    story.tell("case", CASE, "registered", order_id=ORDER)
    story.tell("case", CASE, "consent_given", party_id="party-1")
    story.tell("case", CASE, "failed", order_id=ORDER)
    story.tell("case", CASE, "guided")
    story.tell("order", ORDER, "returned_from_mediation", case_id=CASE)
    story.tell("order", ORDER, "result_submitted", unit=UNIT, source="unit", result_id="result-1")
    completed = story.tell("order", ORDER, "completed", appeals=[APPEAL], round=1)
    _message(story, "order_completed", completed)
    called: dict[str, Any] = {"order_id": ORDER, "appeal_id": APPEAL, "round": 1}
    story.tell("revisit", REVISIT, "opened", **called)
    story.tell("revisit", REVISIT, "recorded", **called, resolution="yes")
    story.tell("order", ORDER, "revisit_noted", appeal_id=APPEAL, round=1)
    story.tell("order", ORDER, "closed", issue_id=ISSUE)
    story.tell("issue", ISSUE, "closed", order_id=ORDER)
    return story.events


STATES: Mapping[tuple[str, str], dict[str, Any]] = {
    ("issue", ISSUE): {"status": "closed", "appeals": [{"id": APPEAL, "channel": "hotline"}]},
    ("order", ORDER): {
        "status": "closed",
        "reworks": 0,
        "round": 1,
        "reminders": 1,
        "open_whistles": [],
        "case_id": None,
    },
    ("whistle", WHISTLE): {"status": "closed"},
    ("case", CASE): {"status": "guided", "consented": ["party-1"], "sessions": 0},
    ("revisit", REVISIT): {"status": "recorded", "attempts": 0},
    **{("delivery", id_): {"status": "delivered", "attempt": 1} for id_ in MESSAGES.values()},
}


def record_of(event: Event, offset: int) -> Record:
    """An event as its relay publishes it."""
    source, subject = event.subject
    headers = {
        "ce_id": event.event_id,
        "ce_source": source,
        "ce_subject": subject,
        "ce_sequence": str(event.version),
        "ce_type": event.type,
    }
    return Record(TOPICS[event.aggregate], 3, offset, event.issue_id.encode(), headers, event.data)


def sound() -> History:
    """Nothing is wrong with it."""
    events = _told()
    last = {(event.aggregate, event.id): event for event in events}
    history = History(
        commands=[Command("router", "order", ORDER, "qingcheng.router.order.signed.v1", {"unit": UNIT})],
        phones={APPEAL: PHONE},
        events=events,
        rows={key: Row(event.version, dict(STATES[key])) for key, event in last.items()},
        records=[record_of(event, offset) for offset, event in enumerate(events)],
        poison=[Record("intake.issues", 0, 99, None, {}, None)],
        sent=[{"key": id_, "to": PHONE, "template": template, "calls": 1} for template, id_ in MESSAGES.items()],
    )
    for topic, services in SUBSCRIBED.items():
        for service in services:
            history.inbox.setdefault(service, {}).update(
                {event.subject: (event.version, False) for event in last.values() if TOPICS[event.aggregate] == topic}
            )
    history.letters = [(service, ("intake.issues", 0, 99), "malformed") for service in SUBSCRIBED["intake.issues"]]
    history.journal = [
        (*event.subject, event.version, event.data)
        for event in events
        if "intake" in SUBSCRIBED[TOPICS[event.aggregate]]
    ]
    return history
