"""What the router does when intake, mediation, notify or a whistle says something."""

from collections.abc import Callable

from chassis.aggregate import Reactions, Received, To
from chassis.ids import derived_id
from contracts.codes import MediationOutcome
from contracts.intake import AppealAdded, IssueAccepted, IssueFollowedUp
from contracts.mediation import CaseAccepted, CaseAgreed, CaseFailed, CaseReferredOut, CaseTerminated
from contracts.notify import RevisitRecorded, RevisitUnreached
from contracts.router_whistles import WhistleCancelled, WhistleClosed
from services.router.aggregates import Orders
from services.router.dispatch import Proposal, Proposals
from services.router.order_commands import (
    AddAppeal,
    Command,
    Open,
    RecordRevisit,
    Remind,
    ReturnFromMediation,
    SettleByMediation,
    SettleWhistle,
    StopClock,
)
from services.router.reference_data import RouterReference


def order_id_of(issue_id: str) -> str:
    """The work order of an issue."""
    return derived_id("order", issue_id)


def reactions(orders: Orders, reference: Callable[[], RouterReference]) -> Reactions:
    """Event -> commands. ``reference`` gives the reference data in force."""
    proposed = Proposals(reference)

    def of_issue(received: Received[AppealAdded | IssueFollowedUp], command: Command) -> list[To]:
        return [To(orders, order_id_of(received.aggregate_id), command)]

    def of_order(order_id: str | None, command: Command) -> list[To]:
        return [] if order_id is None else [To(orders, order_id, command)]  # no order: the case came through the door

    def accepted(received: Received[IssueAccepted]) -> list[To]:
        issue = received.event
        found = proposed(issue.item_code, issue.street_code, issue.urgency)
        opening = Open(
            issue_id=received.issue_id,
            kind=issue.kind,
            item_code=issue.item_code,
            street_code=issue.street_code,
            urgency=found.urgency,
            channel=issue.channel,
            appeals=tuple(issue.appeals),
            routing=found.routing if isinstance(found, Proposal) else None,
            queue_reason=None if isinstance(found, Proposal) else found.reason,
        )
        return [To(orders, order_id_of(received.issue_id), opening)]

    def appeal_added(received: Received[AppealAdded]) -> list[To]:
        return of_issue(received, AddAppeal(received.event.appeal_id))

    def followed_up(received: Received[IssueFollowedUp]) -> list[To]:
        if received.event.follow_up != "reminder":
            return []
        return of_issue(received, Remind(received.event.appeal_id, received.event.follow_up_id))

    def case_accepted(received: Received[CaseAccepted]) -> list[To]:
        case = received.event
        return of_order(case.order_id, StopClock(received.aggregate_id, case.accepted_at))

    def case_agreed(received: Received[CaseAgreed]) -> list[To]:
        return of_order(received.event.order_id, SettleByMediation(received.aggregate_id))

    def case_failed(received: Received[CaseFailed]) -> list[To]:
        command = ReturnFromMediation(received.aggregate_id, MediationOutcome.FAILED)
        return of_order(received.event.order_id, command)

    def case_terminated(received: Received[CaseTerminated]) -> list[To]:
        case = received.event
        return of_order(case.order_id, ReturnFromMediation(received.aggregate_id, case.outcome))

    def case_referred_out(received: Received[CaseReferredOut]) -> list[To]:
        command = ReturnFromMediation(received.aggregate_id, MediationOutcome.OUT_OF_SCOPE)
        return of_order(received.event.order_id, command)

    def revisit_recorded(received: Received[RevisitRecorded]) -> list[To]:
        revisit = received.event
        answer = RecordRevisit(revisit.appeal_id, revisit.round, revisit.resolution, revisit.reason_class)
        return of_order(revisit.order_id, answer)

    def revisit_unreached(received: Received[RevisitUnreached]) -> list[To]:
        revisit = received.event
        return of_order(revisit.order_id, RecordRevisit(revisit.appeal_id, revisit.round, None))

    def whistle_ended(received: Received[WhistleClosed | WhistleCancelled]) -> list[To]:
        return of_order(received.event.order_id, SettleWhistle(received.aggregate_id))

    return {
        IssueAccepted: accepted,
        AppealAdded: appeal_added,
        IssueFollowedUp: followed_up,
        CaseAccepted: case_accepted,
        CaseAgreed: case_agreed,
        CaseFailed: case_failed,
        CaseTerminated: case_terminated,
        CaseReferredOut: case_referred_out,
        RevisitRecorded: revisit_recorded,
        RevisitUnreached: revisit_unreached,
        WhistleClosed: whistle_ended,
        WhistleCancelled: whistle_ended,
    }
