"""What intake does when another service says something."""

from chassis.aggregate import Reactions, Received, To
from contracts.router import OrderClosed
from services.intake.aggregates import Issues
from services.intake.issue_commands import Close


def reactions(issues: Issues) -> Reactions:
    """Event -> commands. All other events are only kept for the timeline."""

    def close(received: Received[OrderClosed]) -> list[To]:
        order = received.event
        return [To(issues, order.issue_id, Close(received.aggregate_id, order.outcome, order.order_number))]

    return {OrderClosed: close}
