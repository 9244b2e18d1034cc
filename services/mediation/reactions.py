"""What mediation does when another service says something."""

from chassis.aggregate import Reactions, Received, To
from contracts.router import OrderReferred
from contracts.router_turns import OrderCancelled
from services.mediation.aggregates import Cases
from services.mediation.case_model import EndWithOrder, Register


def reactions(cases: Cases) -> Reactions:
    """Event -> commands. Of everything that happens to orders, being referred and cancelled concern mediation."""

    def referred(received: Received[OrderReferred]) -> list[To]:
        order = received.event
        return [To(cases, order.case_id, Register(order.issue_id, received.aggregate_id, tuple(order.appeals)))]

    def cancelled(received: Received[OrderCancelled]) -> list[To]:
        case_id = received.event.case_id
        return [To(cases, case_id, EndWithOrder())] if case_id else []

    return {OrderReferred: referred, OrderCancelled: cancelled}
