"""What petitions 信访代办 do when the router or a mediation says something.

A mediation that failed, or was none, can become a petition (domain.md, crossings): its case is guided there, and what
it says on its own topic begins the petition.
"""

from chassis.aggregate import Reaction, Reactions, Received, To
from chassis.ids import derived_beside
from contracts.event import Event
from contracts.intake_turns import IssueWithdrawn
from contracts.mediation import CaseGuided, CaseReferredOut
from contracts.router import OrderReferred
from contracts.router_turns import OrderCancelled
from services.mediation.aggregates import Petitions
from services.mediation.case_parts import Guidance
from services.mediation.petition_commands import EndWithOrder, Request
from services.mediation.petition_model import TakenBack
from services.mediation.reactions import case_of_issue

PETITION_PROXY = "petition_proxy"


def petition_of_case(case_id: str) -> str:
    """The petition that a mediation goes on as."""
    return derived_beside(case_id, "petition")


def petition_reactions(petitions: Petitions, cases: Reactions) -> Reactions:
    """Event -> commands: those of ``cases``, but what was referred to a petition is the petition's."""

    def guided(received: Received[CaseGuided | CaseReferredOut]) -> list[To]:
        if received.event.guidance != Guidance.PETITION_PROXY:
            return []
        case_id = received.aggregate_id
        request = Request(received.issue_id, None, case_id, tuple(received.event.appeals), received.event.by)
        return [To(petitions, petition_of_case(case_id), request)]

    def referred(received: Received[OrderReferred]) -> list[To]:
        order = received.event
        if order.to != PETITION_PROXY:
            return cases[OrderReferred](received)
        request = Request(order.issue_id, received.aggregate_id, None, tuple(order.appeals), order.by)
        return [To(petitions, order.case_id, request)]

    def cancelled(received: Received[OrderCancelled]) -> list[To]:
        order = received.event
        if order.referred_to != PETITION_PROXY or order.case_id is None:
            return cases[OrderCancelled](received)
        return [To(petitions, order.case_id, EndWithOrder())]

    def withdrawn(received: Received[IssueWithdrawn]) -> list[To]:
        """Of an issue that came through the centre's door; one that has an order is cancelled with it."""
        petition_id = petition_of_case(case_of_issue(received.aggregate_id))
        return [*cases[IssueWithdrawn](received), To(petitions, petition_id, EndWithOrder(TakenBack.PETITION))]

    mine: dict[type[Event], Reaction] = {
        CaseGuided: guided,
        CaseReferredOut: guided,
        OrderReferred: referred,
        OrderCancelled: cancelled,
        IssueWithdrawn: withdrawn,
    }
    return {**cases, **mine}
