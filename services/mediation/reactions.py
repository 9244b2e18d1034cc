"""What mediation does when another service says something."""

from chassis.aggregate import Reactions, Received, To
from chassis.ids import derived_beside
from contracts.codes import CaseOrigin
from contracts.intake_centre import IssueHandedToCentre
from contracts.intake_turns import IssueWithdrawn
from contracts.router import OrderReferred
from contracts.router_turns import OrderCancelled, OrderUrgencyRaised
from services.mediation.aggregates import Cases
from services.mediation.case_model import EndWithOrder, Register


def case_of_issue(issue_id: str) -> str:
    """The case of an issue that came through the centre's door; one of an order has the id that the router gave it."""
    return derived_beside(issue_id, "case")


def reactions(cases: Cases) -> Reactions:
    """Event -> commands: orders referred, cancelled or an emergency; issues that came to the centre, or withdrawn."""

    def referred(received: Received[OrderReferred]) -> list[To]:
        order = received.event
        return [To(cases, order.case_id, Register(order.issue_id, received.aggregate_id, tuple(order.appeals)))]

    def cancelled(received: Received[OrderCancelled]) -> list[To]:
        case_id = received.event.case_id
        return [To(cases, case_id, EndWithOrder())] if case_id else []

    def became_emergency(received: Received[OrderUrgencyRaised]) -> list[To]:
        """A petition is the citizen's right and goes on; only the order does not wait for it any more."""
        case_id = None if received.event.referred_to else received.event.case_id
        return [To(cases, case_id, EndWithOrder("order_emergency"))] if case_id else []

    def handed_to_centre(received: Received[IssueHandedToCentre]) -> list[To]:
        issue = received.event
        origin = CaseOrigin(issue.origin)
        command = Register(received.aggregate_id, None, tuple(issue.appeals), origin, issue.referred_by)
        return [To(cases, issue.case_id, command)]

    def withdrawn(received: Received[IssueWithdrawn]) -> list[To]:
        return [To(cases, case_of_issue(received.aggregate_id), EndWithOrder("issue_withdrawn"))]

    return {
        OrderReferred: referred,
        OrderCancelled: cancelled,
        OrderUrgencyRaised: became_emergency,
        IssueHandedToCentre: handed_to_centre,
        IssueWithdrawn: withdrawn,
    }
