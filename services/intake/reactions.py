"""What intake does when another service says something."""

from chassis.aggregate import Reactions, Received, To
from contracts.codes import CaseOrigin
from contracts.event import Event
from contracts.mediation import CaseGuided, CasePerformed, CaseReferredOut, CaseRegistered, CaseTerminated
from contracts.mediation_prestage import PrestageSettled
from contracts.router import OrderClosed
from services.intake.aggregates import Issues
from services.intake.issue_centre import CaseEnded, CaseOpened
from services.intake.issue_commands import Close
from services.intake.issue_model import Centre

ENDS: dict[type[Event], str] = {
    PrestageSettled: "settled",
    CasePerformed: "performed",
    CaseGuided: "guided",
    CaseReferredOut: "referred_out",
    CaseTerminated: "terminated",
}
"""How a case ends that came to the centre's door; one of an order ends with its order."""


def reactions(issues: Issues) -> Reactions:
    """Event -> commands. All other events are only kept for the timeline."""

    def close(received: Received[OrderClosed]) -> list[To]:
        order = received.event
        return [To(issues, order.issue_id, Close(received.aggregate_id, order.outcome, order.order_number))]

    def opened(received: Received[CaseRegistered]) -> list[To]:
        case = received.event
        if case.order_id is not None:
            return []
        centre = Centre(received.aggregate_id, CaseOrigin(case.origin), case.referred_by)
        return [To(issues, case.issue_id, CaseOpened(centre))]

    def ended(received: Received[Event]) -> list[To]:
        outcome = ENDS[type(received.event)]
        return [To(issues, received.issue_id, CaseEnded(received.aggregate_id, outcome))]

    return {OrderClosed: close, CaseRegistered: opened, **dict.fromkeys(ENDS, ended)}
