"""What the router does when intake, mediation, notify or a whistle says something."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from chassis.aggregate import After, Reactions, Received, To, Written
from chassis.ids import derived_beside
from chassis.reference import CITY
from contracts.codes import MediationOutcome
from contracts.intake import AppealAdded, IssueAccepted, IssueFollowedUp, IssueTransferred
from contracts.intake_turns import (
    AppealWithdrawn,
    IssueEmergencyAssessed,
    IssueMerged,
    IssueReopened,
    IssueUnmerged,
    IssueWithdrawn,
)
from contracts.mediation import CaseAccepted, CaseAgreed, CaseFailed, CaseReferredOut, CaseTerminated
from contracts.mediation_prestage import PrestageSettled
from contracts.notify import RevisitRecorded, RevisitUnreached
from contracts.router_whistles import WhistleCancelled, WhistleClosed
from services.router.aggregates import Orders
from services.router.at_once import at_once
from services.router.dispatch import Proposal, Proposals
from services.router.obligations import Assignment
from services.router.order_commands import (
    AddAppeal,
    Command,
    Open,
    RecordRevisit,
    Remind,
    ReturnFromMediation,
    Routing,
    SettleByMediation,
    SettleWhistle,
    StopClock,
)
from services.router.order_model import WorkOrder
from services.router.reference_data import RouterReference, Unit
from services.router.turn_commands import Cancel, CancelReason, PassOn, RaiseUrgency, WithdrawAppeal

OfIssue = (
    AppealAdded
    | IssueFollowedUp
    | IssueWithdrawn
    | AppealWithdrawn
    | IssueMerged
    | IssueTransferred
    | IssueEmergencyAssessed
)


def order_id_of(issue_id: str, number: int = 1) -> str:
    """The work order of an issue; an issue that was reopened has had more than one."""
    return derived_beside(issue_id, "order", str(number))


def reactions(orders: Orders, reference: Callable[[], RouterReference]) -> Reactions:
    """Event -> commands. ``reference`` gives the reference data in force."""
    proposed = Proposals(reference)

    def of_issue(received: Received[OfIssue], command: Command) -> list[To]:
        return [To(orders, order_id_of(received.aggregate_id, received.event.order_number), command)]

    def of_order(order_id: str | None, command: Command) -> list[To]:
        return [] if order_id is None else [To(orders, order_id, command)]  # no order: the case came through the door

    def opening(received: Received[IssueAccepted | IssueReopened | IssueUnmerged]) -> Open:
        issue = received.event
        on = received.time.astimezone(CITY).date()
        found = proposed(issue.item_code, issue.street_code, issue.urgency, on)
        return Open(
            issue_id=received.issue_id,
            kind=issue.kind,
            item_code=issue.item_code,
            street_code=issue.street_code,
            urgency=found.urgency,
            channel=issue.channel,
            appeals=tuple(issue.appeals),
            routing=found.routing if isinstance(found, Proposal) else None,
            queue_reason=None if isinstance(found, Proposal) else found.reason,
            number=issue.order_number,
            desk=None if isinstance(found, Proposal) else found.desk,
        )

    def accepted(received: Received[IssueAccepted]) -> list[To]:
        order_id = order_id_of(received.issue_id, received.event.order_number)
        return [To(orders, order_id, opening(received))]

    def reopened(received: Received[IssueReopened]) -> list[To]:
        issue = received.event
        return again(received, issue.order_number, issue.last_order_id, True)

    def unmerged(received: Received[IssueUnmerged]) -> list[To]:
        number = received.event.order_number
        earlier = order_id_of(received.issue_id, number - 1) if number > 1 else None
        return again(received, number, earlier, False)

    def again(
        received: Received[IssueReopened | IssueUnmerged], number: int, earlier: str | None, rework: bool
    ) -> list[To]:
        """A new order, to the units that had the earlier one last."""
        order_id, first = order_id_of(received.issue_id, number), opening(received)
        if earlier is None:  # answered before, which no unit reworks; the supervisor sees it all the same
            return [To(orders, order_id, replace(first, reopened=rework))]
        units = reference().units

        def follow(written: Sequence[Written]) -> Open:
            return _going_on(first, earlier, written[0].state, rework, units)

        return [To(orders, earlier, PassOn(order_id, rework)), To(orders, order_id, After(follow))]

    def withdrawn(received: Received[IssueWithdrawn]) -> list[To]:
        appeal_id = received.event.appeal_id
        if received.event.keep_for_safety:
            return of_issue(received, WithdrawAppeal(appeal_id))
        return of_issue(received, Cancel(CancelReason.WITHDRAWN, appeal_id=appeal_id))

    def appeal_withdrawn(received: Received[AppealWithdrawn]) -> list[To]:
        return of_issue(received, WithdrawAppeal(received.event.appeal_id))

    def merged(received: Received[IssueMerged]) -> list[To]:
        return of_issue(received, Cancel(CancelReason.MERGED, merged_into=received.event.into))

    def transferred(received: Received[IssueTransferred]) -> list[To]:
        return of_issue(received, Cancel(CancelReason.TRANSFERRED))

    def emergency_assessed(received: Received[IssueEmergencyAssessed]) -> list[To]:
        """What is accepted as an emergency stays one: the units are on their way."""
        seen, on = received.event, received.time.astimezone(CITY).date()
        if seen.emergency is None:
            return []
        order_id = order_id_of(received.aggregate_id, seen.order_number)
        return [*of_issue(received, RaiseUrgency(seen.by)), at_once(orders, order_id, proposed, on)]

    def appeal_added(received: Received[AppealAdded]) -> list[To]:
        return of_issue(received, AddAppeal(received.event.appeal_id))

    def followed_up(received: Received[IssueFollowedUp]) -> list[To]:
        if received.event.follow_up != "reminder":
            return []
        return of_issue(received, Remind(received.event.appeal_id, received.event.follow_up_id))

    def case_accepted(received: Received[CaseAccepted]) -> list[To]:
        case = received.event
        return of_order(case.order_id, StopClock(received.aggregate_id, case.accepted_at))

    def case_agreed(received: Received[CaseAgreed | PrestageSettled]) -> list[To]:
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
        answer = RecordRevisit(
            revisit.appeal_id,
            revisit.round,
            revisit.resolution,
            revisit.reason_class,
            received.aggregate_id,
            revisit.contacted,
            revisit.in_time,
            revisit.satisfaction,
        )
        return of_order(revisit.order_id, answer)

    def revisit_unreached(received: Received[RevisitUnreached]) -> list[To]:
        revisit = received.event
        answer = RecordRevisit(revisit.appeal_id, revisit.round, None, revisit_id=received.aggregate_id)
        return of_order(revisit.order_id, answer)

    def whistle_ended(received: Received[WhistleClosed | WhistleCancelled]) -> list[To]:
        return of_order(received.event.order_id, SettleWhistle(received.aggregate_id))

    return {
        IssueAccepted: accepted,
        IssueReopened: reopened,
        IssueUnmerged: unmerged,
        IssueWithdrawn: withdrawn,
        AppealWithdrawn: appeal_withdrawn,
        IssueMerged: merged,
        IssueTransferred: transferred,
        IssueEmergencyAssessed: emergency_assessed,
        AppealAdded: appeal_added,
        IssueFollowedUp: followed_up,
        CaseAccepted: case_accepted,
        CaseAgreed: case_agreed,
        PrestageSettled: case_agreed,
        CaseFailed: case_failed,
        CaseTerminated: case_terminated,
        CaseReferredOut: case_referred_out,
        RevisitRecorded: revisit_recorded,
        RevisitUnreached: revisit_unreached,
        WhistleClosed: whistle_ended,
        WhistleCancelled: whistle_ended,
    }


def _going_on(first: Open, earlier: str, order: WorkOrder, rework: bool, units: Mapping[str, Unit]) -> Open:
    """重新打开: to whom the earlier order had come last; where a unit of it is gone, as the rules propose."""
    last = replace(first, earlier_order_id=earlier, reworks=order.reworks + (1 if rework else 0), reopened=rework)
    if not order.duties or any(unit not in units for unit in order.units):
        return last
    routing = Routing(
        units=tuple(Assignment(duty.unit, duty.role) for duty in order.duties),
        terms=order.terms,
        rule="earlier_order",
        reference_version=order.reference_version or "",
        co_handlers=order.co_handlers,
    )
    return replace(last, routing=routing, queue_reason=None, desk=order.desk)
