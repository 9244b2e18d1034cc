"""A consumer's aggregate that remembers every event in the order it was handled: whatever happens twice shows."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from chassis.aggregate import Aggregate, Reactions, Received, To
from contracts.event import Event
from contracts.intake import IssueFollowedUp
from contracts.rejected import Rejected
from contracts.router import OrderReminded


@dataclass(frozen=True, slots=True)
class Tally:
    """Ids of what was handled."""

    handled: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """Remember one more; deliberately not idempotent."""

    event_id: str


Tallies = Aggregate[Tally, Note, str]


def tallies(refused: frozenset[str]) -> Tallies:
    """The aggregate whose rule refuses these events: they are poison until the rule is mended."""

    def decide(_: Tally, note: Note, context: str) -> list[Event]:
        if note.event_id in refused:
            raise Rejected("tally.refused", "规则有误")
        return [OrderReminded(appeal_id=context, reminder_id=note.event_id)]

    return Aggregate(
        name="order",
        table="tallies",
        state=Tally,
        decide=decide,
        evolve=_evolve,
        deadlines=_deadlines,
        on_deadline=Note,
        issue_id=_issue_id,
        context=_context,
    )


def reactions(aggregate: Tallies) -> Reactions:
    """One command per event, to the tally of its issue."""

    def note(received: Received[IssueFollowedUp]) -> list[To]:
        return [To(aggregate, received.aggregate_id, Note(received.id))]

    table: dict[type[Event], Callable[[Received[IssueFollowedUp]], list[To]]] = {IssueFollowedUp: note}
    return table


def _evolve(tally: Tally, event: Event) -> Tally:
    match event:
        case OrderReminded(reminder_id=reminder):
            return replace(tally, handled=(*tally.handled, reminder))
    raise AssertionError(event)


def _deadlines(_: Tally) -> dict[str, datetime]:
    return {}


def _issue_id(id_: str, _: Tally) -> str:
    return id_


def _context(id_: str, _: datetime) -> str:
    return id_
