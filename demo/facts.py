"""What the services' topics say has happened: ends, routes, doubles and delays. Pure; fed record by record."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from contracts import (
    intake,
    intake_callers,
    intake_centre,
    mediation,
    mediation_course,
    mediation_petitions,
    notify,
    notify_deliveries,
    router,
    router_whistles,
)
from contracts.envelope import Envelope, parse
from contracts.event import Event
from contracts.notify_subscriptions import SUBSCRIPTION_EVENTS

ISSUE_ENDS: dict[type[Event], str] = {
    intake.IssueAnswered: "answered",
    intake.IssueDeclined: "declined",
    intake.IssueTransferred: "transferred",
    intake.IssueClosed: "closed",
    intake_centre.IssueClosedAtCentre: "closed",
}
ENDS: tuple[type[Event], ...] = (
    *ISSUE_ENDS,
    intake_callers.CallerListed,
    router.OrderClosed,
    router_whistles.WhistleClosed,
    router_whistles.WhistleClosedWithoutOrder,
    router_whistles.WhistleCancelled,
    mediation.CaseReferredOut,
    mediation.CaseTerminated,
    mediation_course.CaseArchived,
    mediation_petitions.PetitionGuidedAway,
    mediation_petitions.PetitionWithdrawn,
    mediation_petitions.PetitionArchived,
    notify.RevisitRecorded,
    notify.RevisitUnreached,
    notify.AnswerRevisitRecorded,
    notify.AnswerRevisitUnreached,
    notify.DeliveryDelivered,
    notify.DeliveryFailed,
    notify_deliveries.RecipientCounted,
)
"""The events with which something ends; as long as a subject has none, somebody owes it a next step."""
ROUTES: dict[type[Event], str] = {
    intake.IssueAnswered: "answered",
    intake.IssueDeclined: "declined",
    intake.IssueTransferred: "transferred",
    router_whistles.WhistleClosed: "whistle",
    mediation.CaseAgreed: "mediation_agreed",
    mediation.CaseFailed: "mediation_failed",
    mediation.CaseTerminated: "mediation_failed",
    mediation.CaseConfirmed: "judicial_confirmation",
    mediation.CasePerformed: "mediation_performed",
    mediation_petitions.PetitionResolvedLocally: "petition_proxy",
    mediation_petitions.PetitionOpinionIssued: "petition_proxy",
    router.OrderReworked: "rework",
    router.OrderSupervised: "supervised",
}
"""The route that an issue has gone once this has happened to it."""
ORDINARY = "ordinary"
"""The route of an order that was closed without whistle or mediation."""
PARTNER_CALLBACK = "partner_callback"
"""The route of an issue whose end a partner was called about, and believed it; no topic says so."""
EVERY_ROUTE = (*dict.fromkeys(ROUTES.values()), ORDINARY, PARTNER_CALLBACK)


@dataclass(frozen=True, slots=True)
class Record:
    """An event as it was read from a topic; ``published_at`` is when it was handed to the broker."""

    envelope: Envelope
    published_at: datetime


class Facts:
    """What is known of all issues. Topics may be read in any order between each other, as a partner reads them."""

    def __init__(self) -> None:
        self.happened: defaultdict[str, set[type[Event]]] = defaultdict(set)
        """By issue."""
        self.begun: dict[str, str] = {}
        """Subject -> issue, of everything that has begun."""
        self.last: dict[str, str] = {}
        """Subject -> type of the last event that was read of it."""
        self.ended: set[str] = set()
        """Subjects that have come to an end."""
        self._read: set[tuple[str, str, int, str]] = set()
        self._effects: Counter[tuple[str, ...]] = Counter()
        self._accepted_at: dict[str, datetime] = {}
        self._dispatched_at: dict[str, datetime] = {}

    def add(self, record: Record) -> Event | None:
        """Note a record and return its event; None if the same one was published before, which has no effect."""
        envelope = record.envelope
        step = (envelope.source, envelope.subject, envelope.sequence)
        if (*step, envelope.id) in self._read:
            return None
        self._read.add((*step, envelope.id))
        self._effects["step", *map(str, step)] += 1
        event = parse(envelope)
        if isinstance(event, SUBSCRIPTION_EVENTS):  # of no issue, and it has no end
            return event
        self.happened[envelope.issue_id].add(type(event))
        self.begun[envelope.subject] = envelope.issue_id
        self.last[envelope.subject] = envelope.type
        if isinstance(event, ENDS):
            self.ended.add(envelope.subject)
        self._note(record, event)
        return event

    def _note(self, record: Record, event: Event) -> None:
        envelope = record.envelope
        match event:
            case intake.IssueAccepted():
                self._accepted_at[envelope.issue_id] = envelope.time
            case router.OrderOpened():
                self._effects["order", event.issue_id] += 1
            case router.OrderDispatched(by=None):
                self._dispatched_at[envelope.issue_id] = record.published_at
            case notify.RevisitOpened():
                self._effects["revisit", event.order_id, event.appeal_id, str(event.round)] += 1
            case notify.DeliveryCreated():
                self._effects["delivery", event.appeal_id, event.cause] += 1
            case notify.DeliveryDelivered():
                self._effects["delivered", envelope.subject] += 1

    @property
    def unfinished(self) -> dict[str, str]:
        """Subject -> issue, of everything that has begun and not ended."""
        return {subject: issue for subject, issue in self.begun.items() if subject not in self.ended}

    @property
    def issues_that_ended(self) -> set[str]:
        """Ids of the issues that have come to an end."""
        return {subject.removeprefix("issue/") for subject in self.ended if subject.startswith("issue/")}

    @property
    def ended_issues(self) -> int:
        """How many issues have come to an end."""
        return sum(subject.startswith("issue/") for subject in self.ended)

    @property
    def deliveries(self) -> set[str]:
        """Ids of all messages that notify has made."""
        return {subject.removeprefix("delivery/") for subject in self.begun if subject.startswith("delivery/")}

    @property
    def duplicates(self) -> int:
        """Effects that were had twice.

        Two different events as the same step of one subject, a second order of an issue, a second call-back of a
        caller in one round, a second message to a caller about one event, a message recorded as delivered again.
        """
        return sum(times - 1 for times in self._effects.values())

    def routes(self, issue_id: str) -> set[str]:
        """The routes that an issue has gone."""
        happened = self.happened[issue_id]
        gone = {route for type_, route in ROUTES.items() if type_ in happened}
        detours = {router.OrderWhistleBlown, router.OrderReferred}
        return gone | {ORDINARY} if router.OrderClosed in happened and not happened & detours else gone

    def dispatch_milliseconds(self) -> list[float]:
        """From acceptance until the order dispatched by rule was published, so that anybody could see it; sorted."""
        return sorted(
            (dispatched_at - self._accepted_at[issue]).total_seconds() * 1000
            for issue, dispatched_at in self._dispatched_at.items()
            if issue in self._accepted_at
        )


def percentile(ordered: list[float], share: float) -> float | None:
    """The nearest-rank percentile of sorted values; None if there are none."""
    return ordered[max(0, ceil(share * len(ordered)) - 1)] if ordered else None
