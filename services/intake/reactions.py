"""What intake does when another service says something."""

from chassis.aggregate import Reactions, Received, To
from contracts.codes import CaseOrigin, ReasonClass, Resolution
from contracts.event import Event
from contracts.mediation import CaseGuided, CasePerformed, CaseReferredOut, CaseRegistered, CaseTerminated
from contracts.mediation_prestage import PrestageSettled
from contracts.notify import AnswerRevisitRecorded, RevisitRecorded
from contracts.router import OrderClosed
from services.intake.aggregates import Issues
from services.intake.issue_centre import CaseEnded, CaseOpened
from services.intake.issue_commands import Close
from services.intake.issue_model import Centre, HearUnsolved

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

    def revisit_recorded(received: Received[RevisitRecorded]) -> list[To]:
        """What an order's own callers say is for the router; who joined too late for that is heard here."""
        revisit = received.event
        if revisit.basis != "late_caller" or not is_unsolved(revisit):
            return []
        return [To(issues, received.issue_id, HearUnsolved(revisit.appeal_id, revisit.order_id))]

    def answer_revisit_recorded(received: Received[AnswerRevisitRecorded]) -> list[To]:
        revisit = received.event
        return [To(issues, received.issue_id, HearUnsolved(revisit.appeal_id, None))] if is_unsolved(revisit) else []

    return {
        OrderClosed: close,
        RevisitRecorded: revisit_recorded,
        AnswerRevisitRecorded: answer_revisit_recorded,
        CaseRegistered: opened,
        **dict.fromkeys(ENDS, ended),
    }


def is_unsolved(revisit: RevisitRecorded | AnswerRevisitRecorded) -> bool:
    """Whether something is still to be done: a wish beyond law or policy was explained, and stays so."""
    return revisit.resolution is not Resolution.YES and revisit.reason_class is not ReasonClass.BEYOND_POLICY
