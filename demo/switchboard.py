"""Tells operators that there is work in their queue, as a screen at their desk would.

What there is to do they read from the services' queues; a bell only spares them asking all the time.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from contracts import intake, mediation, mediation_course, mediation_petitions, notify, router, router_whistles
from contracts.event import Event
from demo.facts import Record

AGENTS, SUPERVISOR, DISPATCHER, REVIEWER, REVISITOR, CENTRE, PETITION_DESK = (
    "agents",
    "supervisor",
    "dispatcher",
    "reviewer",
    "revisitor",
    "centre",
    "petition_desk",
)
"""Desks that are not a unit's; a unit's bell is its code, a mediator's or a proxy's their id."""
DESKS: dict[type[Event], tuple[str, str]] = {
    intake.IssueRegistered: (AGENTS, "registered"),
    intake.IssueDeclineProposed: (SUPERVISOR, "decline_review"),
    router.OrderOpened: (DISPATCHER, "dispatch"),
    router.OrderResultSubmitted: (REVIEWER, "review"),
    notify.RevisitOpened: (REVISITOR, "open"),
    mediation.CaseRegistered: (CENTRE, "screen"),
    mediation.ConsentRequested: (CENTRE, "consent"),
    mediation.CaseAccepted: (CENTRE, "assign"),
    mediation.CaseFailed: (CENTRE, "guidance"),
    mediation.CaseAgreed: (CENTRE, "performance"),
    mediation.ConfirmationRequested: (CENTRE, "confirmation"),
    mediation.CaseConfirmed: (CENTRE, "performance"),
    mediation.CasePerformed: (CENTRE, "revisit"),
    mediation.CaseGuided: (CENTRE, "revisit"),
    mediation_course.CaseRevisited: (CENTRE, "archive"),
    mediation_petitions.PetitionRequested: (PETITION_DESK, "petition_desk"),
    mediation_petitions.PetitionFeedbackGiven: (PETITION_DESK, "petition_desk"),
}
"""Who has to do something after an event, and in which queue it waits."""
UNITS: dict[type[Event], str] = {
    router.OrderDispatched: "sign",
    router.OrderWhistleSettled: "handle",
    router.OrderReturnedFromMediation: "handle",
    router.OrderReworked: "handle",
    router.OrderSupervised: "handle",
}
"""The same, for the units of the order."""


@dataclass(slots=True)
class Bell:
    """Rings until it is heard, and says for which queues."""

    rung: asyncio.Event = field(default_factory=asyncio.Event)
    queues: set[str] = field(default_factory=set)


class Switchboard:
    """A bell per desk, unit and mediator. Units become known, to ``hired``, when they get their first work."""

    def __init__(self) -> None:
        self.hired: asyncio.Queue[str] = asyncio.Queue()
        self._bells: defaultdict[str, Bell] = defaultdict(Bell)
        self._units: dict[str, list[str]] = {}
        self._streets: dict[str, str] = {}
        self._known: set[str] = set()

    def hear(self, record: Record, event: Event) -> None:
        """Ring whoever has to do something now that this has happened."""
        subject = record.envelope.subject
        if type(event) in DESKS and not (isinstance(event, router.OrderOpened) and event.queue_reason is None):
            desk, queue = DESKS[type(event)]
            self._ring(desk, queue)
        match event:
            case router.OrderDispatched():
                self._units[subject] = [obligation.unit for obligation in event.obligations]
            case router_whistles.WhistleDrafted():
                self._ring_units([event.street], "drafts")
            case router_whistles.WhistleBlown():
                self._streets[subject] = event.street
                self._ring_units((department.unit for department in event.departments), "whistles")
            case router_whistles.WhistleEscalated() | router_whistles.WhistleRatedUnsolved():
                self._ring_units([event.unit], "whistles")
            case router_whistles.WhistleResultRecorded():
                self._ring_units([self._streets[subject]], "whistles")
            case mediation.MediatorAssigned():
                self._ring(event.mediator_id, "mediation")
            case mediation_petitions.PetitionAssigned():
                self._ring(event.proxy_id, "petition_proxy")
        if type(event) in UNITS:
            self._ring_units(self._units[subject], UNITS[type(event)])

    async def wait(self, desk: str, seconds: float) -> set[str]:
        """Wait for the bell of a desk, at most so long; the queues that it named, none if it has not rung."""
        bell = self._bells[desk]
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await bell.rung.wait()
        bell.rung.clear()
        named, bell.queues = bell.queues, set()
        return named

    def _ring_units(self, units: Iterable[str], queue: str) -> None:
        for unit in units:
            self._ring(unit, queue)
            if unit not in self._known:
                self._known.add(unit)
                self.hired.put_nowait(unit)

    def _ring(self, desk: str, queue: str) -> None:
        self._bells[desk].queues.add(queue)
        self._bells[desk].rung.set()
