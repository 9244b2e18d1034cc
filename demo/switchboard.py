"""Tells operators that there is work in their queue, as a screen at their desk would.

What there is to do they read from the services' queues; a bell only spares them asking all the time.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress

from contracts import intake, mediation, notify, router
from contracts.event import Event
from demo.facts import Record

AGENTS, SECOND_PERSON, DISPATCHER, REVIEWER, CENTRE, REVISITOR = (
    "agents",
    "second person",
    "dispatcher",
    "reviewer",
    "centre",
    "revisitor",
)
"""Desks that are not a unit's; a unit's bell is its code, a mediator's their id."""
DESKS: dict[type[Event], str] = {
    intake.IssueRegistered: AGENTS,
    intake.IssueDeclineRefused: AGENTS,
    intake.IssueDeclineProposed: SECOND_PERSON,
    router.OrderOpened: DISPATCHER,
    router.OrderResultSubmitted: REVIEWER,
    notify.RevisitOpened: REVISITOR,
}
TO_UNITS: tuple[type[Event], ...] = (
    router.OrderDispatched,
    router.OrderWhistleSettled,
    router.OrderReturnedFromMediation,
    router.OrderReturnedForRework,
    router.OrderReworked,
    router.OrderSupervised,
    router.WhistleBlown,
    router.WhistleResultRecorded,
)
"""Events that give the units of their order or whistle something to do."""


class Switchboard:
    """A bell per desk and unit. Units become known, to ``hired``, when they get their first work."""

    def __init__(self) -> None:
        self.hired: asyncio.Queue[str] = asyncio.Queue()
        self._bells: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._units: dict[str, list[str]] = {}
        self._known: set[str] = set()

    def hear(self, record: Record, event: Event) -> None:
        """Ring whoever has to do something now that this has happened."""
        subject = record.envelope.subject
        match event:
            case router.OrderDispatched():
                self._units[subject] = [obligation.unit for obligation in event.obligations]
            case router.WhistleBlown():
                self._units[subject] = [event.street, *(department.unit for department in event.departments)]
        if isinstance(event, TO_UNITS):
            self._ring(self._units[subject])
        if type(event) in DESKS:
            self._ring([DESKS[type(event)]])
        if isinstance(event, mediation.MediatorAssigned):
            self._ring([event.mediator_id])
        if isinstance(event, mediation.CASE_EVENTS):
            self._ring([CENTRE])

    async def wait(self, desk: str, seconds: float | None) -> None:
        """Wait for the bell of a desk or unit, at most so long."""
        bell = self._bells[desk]
        with suppress(TimeoutError):
            await asyncio.wait_for(bell.wait(), seconds)
        bell.clear()

    def _ring(self, desks: Iterable[str]) -> None:
        for desk in desks:
            self._bells[desk].set()
            if desk[1:].isdigit() and desk not in self._known:
                self._known.add(desk)
                self.hired.put_nowait(desk)
