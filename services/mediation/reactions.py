"""What mediation does when another service says something."""

from chassis.aggregate import Reactions, Received, To
from contracts.router import OrderReferred
from services.mediation.aggregates import Cases
from services.mediation.case_model import Register


def reactions(cases: Cases) -> Reactions:
    """Event -> commands. Of everything that happens to orders, only being referred concerns mediation."""

    def referred(received: Received[OrderReferred]) -> list[To]:
        order = received.event
        return [To(cases, order.case_id, Register(order.issue_id, received.aggregate_id, tuple(order.appeals)))]

    return {OrderReferred: referred}
