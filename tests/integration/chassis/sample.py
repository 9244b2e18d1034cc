"""Two small aggregates to drive the chassis with. They record contract events, because nothing else can travel.

Their rules are deliberately not idempotent where a count is kept: whatever the chassis does twice shows.
"""

import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from chassis.aggregate import Aggregate, Reactions, Received, To
from chassis.ids import derived_id
from contracts.codes import Channel, ClosingOutcome, IssueKind, Urgency
from contracts.event import Event
from contracts.intake import IssueAccepted, IssueClosed, IssueFollowedUp, IssueRegistered, IssueStepOverdue
from contracts.rejected import Rejected
from contracts.router import OrderOpened, OrderReminded

FAR = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Context:
    """The aggregate's id and the time."""

    id: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Issue:
    """How often something happened, and a timer."""

    registered: bool = False
    follow_ups: int = 0
    overdue: int = 0
    closed: bool = False
    triage_due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Register:
    """Idempotent, like every good rule."""

    due: datetime = FAR


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Counts each time. ``text`` stands where a rule forgot to check what it records."""

    text: str | None = None


@dataclass(frozen=True, slots=True)
class Accept:
    """Records an event that another service reacts to."""


@dataclass(frozen=True, slots=True)
class Check:
    """Records nothing: it only refuses what is closed."""


@dataclass(frozen=True, slots=True)
class Close:
    """Whatever comes later is rejected."""


@dataclass(frozen=True, slots=True)
class Break:
    """A defect of a rule."""


@dataclass(frozen=True, slots=True)
class Ring:
    """A deadline."""

    name: str


Command = Register | FollowUp | Accept | Check | Close | Break | Ring


def decide_issue(issue: Issue, command: Command, context: Context) -> list[Event]:
    """The rules."""
    match command:
        case Break():
            raise RuntimeError("a rule is broken")
        case Register() if issue.registered:
            return []
        case Register(due):
            return [
                IssueRegistered(
                    channel=Channel.WEB,
                    appeal_id=context.id,
                    appellant_id=context.id,
                    received_at=context.now,
                    street_code=None,
                    triage_due=due,
                )
            ]
        case _ if not issue.registered:
            raise Rejected("issue.unknown", "没有这件诉求", status=404)
        case _ if issue.closed:
            raise Rejected("issue.closed", "已经办结", field="status")
        case Check():
            return []
        case FollowUp(None):
            return [IssueFollowedUp(follow_up_id=context.id, appeal_id=context.id, follow_up="reminder")]
        case FollowUp(str(text)):
            return [IssueFollowedUp.model_construct(follow_up_id=context.id, appeal_id=context.id, follow_up=text)]
        case Accept():
            return [
                IssueAccepted(
                    kind=IssueKind.COMPLAINT,
                    item_code="0101",
                    street_code=None,
                    urgency=Urgency.NORMAL,
                    channel=Channel.WEB,
                    appeals=[context.id],
                    handling_due=FAR,
                    by="agent-1",
                )
            ]
        case Close():
            return [IssueClosed(order_id=context.id, outcome=ClosingOutcome.RESOLVED)]
        case Ring(name) if issue.triage_due is not None:
            return [IssueStepOverdue(step=name, due_at=issue.triage_due)]
    raise AssertionError(command)


def evolve_issue(issue: Issue, event: Event) -> Issue:
    """The fold."""
    match event:
        case IssueRegistered(triage_due=due):
            return replace(issue, registered=True, triage_due=due)
        case IssueFollowedUp():
            return replace(issue, follow_ups=issue.follow_ups + 1)
        case IssueStepOverdue():
            return replace(issue, overdue=issue.overdue + 1, triage_due=None)
        case IssueClosed():
            return replace(issue, closed=True)
    return issue


def issue_deadlines(issue: Issue) -> dict[str, datetime]:
    """One timer while the issue is open."""
    return {"triage": issue.triage_due} if issue.triage_due and not issue.closed else {}


@dataclass(frozen=True, slots=True)
class Order:
    """What arrived from intake."""

    issue_id: str = ""
    reminders: int = 0
    dispatch_due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Open:
    """The reaction to an accepted issue."""

    issue_id: str
    due: datetime = FAR


@dataclass(frozen=True, slots=True)
class Remind:
    """The reaction to a reminder; counts each time."""

    event_id: str


def decide_order(order: Order, command: Open | Remind | Ring, context: Context) -> list[Event]:
    """The rules: its deadline's is broken."""
    match command:
        case Open() if order.issue_id:
            return []
        case Open(issue_id, due):
            return [
                OrderOpened(
                    issue_id=issue_id,
                    kind=IssueKind.COMPLAINT,
                    item_code="0101",
                    street_code=None,
                    urgency=Urgency.NORMAL,
                    channel=Channel.WEB,
                    appeals=[issue_id],
                    queue_reason=None,
                    dispatch_due=due,
                )
            ]
        case Remind(event_id) if order.issue_id:
            return [OrderReminded(appeal_id=context.id, reminder_id=event_id)]
        case Remind():
            raise Rejected("order.unknown", "还没有工单")
        case Ring():
            raise RuntimeError("the rule of this deadline is broken")


def evolve_order(order: Order, event: Event) -> Order:
    """The fold."""
    match event:
        case OrderOpened(issue_id=issue_id, dispatch_due=due):
            return replace(order, issue_id=issue_id, dispatch_due=due)
        case OrderReminded():
            return replace(order, reminders=order.reminders + 1)
    return order


def order_deadlines(order: Order) -> dict[str, datetime]:
    """One timer."""
    return {"dispatch": order.dispatch_due} if order.dispatch_due else {}


issues = Aggregate[Issue, Command, Context](
    name="issue",
    table="issues",
    state=Issue,
    decide=decide_issue,
    evolve=evolve_issue,
    deadlines=issue_deadlines,
    on_deadline=Ring,
    issue_id=lambda id_, _: id_,
    context=Context,
)
orders = Aggregate[Order, Open | Remind | Ring, Context](
    name="order",
    table="orders",
    state=Order,
    decide=decide_order,
    evolve=evolve_order,
    deadlines=order_deadlines,
    on_deadline=Ring,
    issue_id=lambda _, order: order.issue_id,
    context=Context,
)


def order_of(issue_id: str) -> str:
    """The id of the order that an issue becomes."""
    return derived_id("order", issue_id)


def _open(received: Received[IssueAccepted]) -> list[To]:
    return [To(orders, order_of(received.issue_id), Open(received.issue_id))]


def _remind(received: Received[IssueFollowedUp]) -> list[To]:
    return [To(orders, order_of(received.issue_id), Remind(received.id))]


def _break(received: Received[IssueClosed]) -> list[To]:
    raise RuntimeError("a reaction is broken")


reactions: Reactions = {IssueAccepted: _open, IssueFollowedUp: _remind, IssueClosed: _break}


def an_id() -> str:
    """A fresh aggregate id."""
    return str(uuid.uuid4())
