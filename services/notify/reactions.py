"""What notify does when another service says something."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from chassis.aggregate import Reactions, Received, To
from chassis.ids import derived_beside
from contracts.codes import Urgency
from contracts.event import Event
from contracts.intake import IssueAccepted, IssueAnswered, IssueDeclined
from contracts.intake_turns import IssueMerged, IssueObjectionRejected, IssueReopened
from contracts.router import OrderCompleted, OrderDispatched, OrderLimitsRecomputed
from contracts.router_requests import OrderExcluded, OrderExtensionApproved, OrderSuspended, OrderSuspensionRenewed
from contracts.router_turns import OrderAppealWithdrawn, OrderCancelled, OrderLateCallerJoined
from services.notify.aggregates import Revisits
from services.notify.delivery_aggregates import Deliveries
from services.notify.delivery_model import Create
from services.notify.revisit_commands import Basis, Cancel, Open, OpenForAnswer
from services.notify.templates import Templates

TOLD = (
    *("issue_accepted", "issue_declined", "objection_rejected", "issue_merged", "issue_reopened"),
    *("order_dispatched", "promise_moved", "order_completed", "order_extended", "order_suspended", "order_explained"),
    *("order_completed_survey", "answer_survey"),
)
"""The texts that callers are sent here; there must be one of each name."""


def revisit_id(order_id: str, appeal_id: str, round_: int) -> str:
    """The call-back of one caller in one round."""
    return derived_beside(order_id, "revisit", appeal_id, str(round_))


def late_revisit_id(order_id: str, appeal_id: str) -> str:
    """The call-back of a caller who joined when the order was closed."""
    return derived_beside(order_id, "revisit", appeal_id, "late")


def answer_revisit_id(issue_id: str, appeal_id: str) -> str:
    """The call-back of one caller of a direct answer."""
    return derived_beside(issue_id, "revisit", appeal_id, "answer")


def in_sample(issue_id: str, rate: float) -> bool:
    """抽样: whether a direct answer is among those that are called back; the same whenever it is asked."""
    return int.from_bytes(sha256(f"answer/{issue_id}".encode()).digest()[:8]) < rate * 2**64


def reactions(
    revisits: Revisits, deliveries: Deliveries, templates: Templates, answer_rate: float, *, survey: bool = False
) -> Reactions:
    """Event -> commands: every caller is told of each step that concerns them, and called back at the end.

    ``answer_rate``: the part of direct answers whose callers are called back, too. ``survey``: whoever is to be called
    back is sent a link to answer by. Raises ``ValueError`` if there is no text for something that they are told.
    """
    templates.require(TOLD)

    def tell(
        received: Received[Event],
        appeals: Sequence[str],
        template: str,
        promised_at: datetime | None = None,
        urgency: Urgency = Urgency.NORMAL,
    ) -> list[To]:
        return [
            To(
                deliveries,
                derived_beside(received.issue_id, "delivery", received.id, appeal_id),
                Create(
                    issue_id=received.issue_id,
                    appeal_id=appeal_id,
                    cause=received.id,
                    template=template,
                    template_version=templates.version(template),
                    promised_at=promised_at,
                    urgent=urgency is Urgency.EMERGENCY,
                ),
            )
            for appeal_id in appeals
        ]

    def accepted(received: Received[IssueAccepted]) -> list[To]:
        return tell(received, received.event.appeals, "issue_accepted", urgency=received.event.urgency)

    def declined(received: Received[IssueDeclined]) -> list[To]:
        return tell(received, received.event.appeals, "issue_declined")

    def objection_rejected(received: Received[IssueObjectionRejected]) -> list[To]:
        return tell(received, received.event.appeals, "objection_rejected")

    def merged(received: Received[IssueMerged]) -> list[To]:
        return tell(received, received.event.appeals, "issue_merged")

    def reopened(received: Received[IssueReopened]) -> list[To]:
        """Whoever is still to be called about what it was before is called about what becomes of it now."""
        issue, last = received.event, received.event.last_order_id
        before = [
            answer_revisit_id(received.issue_id, appeal) if last is None else late_revisit_id(last, appeal)
            for appeal in issue.appeals
        ]
        told = tell(received, issue.appeals, "issue_reopened", urgency=issue.urgency)
        return [*(To(revisits, id_, Cancel()) for id_ in before), *told]

    def answered(received: Received[IssueAnswered]) -> list[To]:
        answer = received.event
        if not in_sample(received.issue_id, answer_rate):
            return []
        call_backs = [
            To(
                revisits,
                answer_revisit_id(received.issue_id, appeal_id),
                OpenForAnswer(
                    received.issue_id, appeal_id, answer.knowledge_id, answer.item_code, answered_at=received.time
                ),
            )
            for appeal_id in answer.appeals
        ]
        return [*call_backs, *(tell(received, answer.appeals, "answer_survey") if survey else [])]

    def late_caller(received: Received[OrderLateCallerJoined]) -> list[To]:
        order_id, late = received.aggregate_id, received.event
        command = Open(
            received.issue_id,
            order_id,
            late.appeal_id,
            late.round,
            Basis.LATE_CALLER,
            late.item_code,
            completed_at=received.time,
        )
        return [To(revisits, late_revisit_id(order_id, late.appeal_id), command)]

    def dispatched(received: Received[OrderDispatched]) -> list[To]:
        order = received.event
        return tell(received, order.appeals, "order_dispatched", order.promised_at, order.urgency)

    def limits_recomputed(received: Received[OrderLimitsRecomputed]) -> list[To]:
        return tell(received, received.event.appeals, "promise_moved", received.event.promised_at)

    def completed(received: Received[OrderCompleted]) -> list[To]:
        order_id, order = received.aggregate_id, received.event
        call_backs = [
            To(
                revisits,
                revisit_id(order_id, appeal_id, order.round),
                Open(
                    received.issue_id,
                    order_id,
                    appeal_id,
                    order.round,
                    item_code=order.item_code,
                    completed_at=received.time,
                ),
            )
            for appeal_id in order.appeals
        ]
        return [
            *call_backs,
            *tell(
                received,
                order.appeals,
                "order_completed_survey" if survey else "order_completed",
                urgency=order.urgency,
            ),
        ]

    def extended(received: Received[OrderExtensionApproved]) -> list[To]:
        return tell(received, received.event.appeals, "order_extended", received.event.due)

    def suspended(received: Received[OrderSuspended | OrderSuspensionRenewed]) -> list[To]:
        return tell(received, received.event.appeals, "order_suspended", received.event.recheck_due)

    def excluded(received: Received[OrderExcluded]) -> list[To]:
        order = received.event
        told = tell(received, order.appeals, "order_explained") if order.explained else []
        return [*told, *unasked(received.aggregate_id, order.called, order.round)]

    def cancelled(received: Received[OrderCancelled]) -> list[To]:
        return unasked(received.aggregate_id, received.event.called, received.event.round)

    def appeal_withdrawn(received: Received[OrderAppealWithdrawn]) -> list[To]:
        order = received.event
        if order.late:
            return [To(revisits, late_revisit_id(received.aggregate_id, order.appeal_id), Cancel())]
        return unasked(received.aggregate_id, [order.appeal_id], order.round) if order.round else []

    def unasked(order_id: str, appeals: Sequence[str], round_: int) -> list[To]:
        return [To(revisits, revisit_id(order_id, appeal, round_), Cancel()) for appeal in appeals]

    return {
        IssueAnswered: answered,
        IssueAccepted: accepted,
        IssueDeclined: declined,
        IssueObjectionRejected: objection_rejected,
        IssueMerged: merged,
        IssueReopened: reopened,
        OrderDispatched: dispatched,
        OrderLimitsRecomputed: limits_recomputed,
        OrderCompleted: completed,
        OrderExtensionApproved: extended,
        OrderSuspended: suspended,
        OrderSuspensionRenewed: suspended,
        OrderExcluded: excluded,
        OrderCancelled: cancelled,
        OrderAppealWithdrawn: appeal_withdrawn,
        OrderLateCallerJoined: late_caller,
    }
