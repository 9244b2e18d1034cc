"""What notify does when another service says something."""

from collections.abc import Sequence
from datetime import datetime

from chassis.aggregate import Reactions, Received, To
from chassis.ids import derived_id
from contracts.codes import Urgency
from contracts.event import Event
from contracts.intake import IssueAccepted, IssueDeclined
from contracts.intake_turns import IssueMerged, IssueObjectionRejected, IssueReopened
from contracts.router import OrderCompleted, OrderDispatched, OrderLimitsRecomputed
from contracts.router_requests import OrderExcluded, OrderExtensionApproved, OrderSuspended, OrderSuspensionRenewed
from contracts.router_turns import OrderAppealWithdrawn, OrderCancelled
from services.notify.aggregates import Revisits
from services.notify.delivery_aggregates import Deliveries
from services.notify.delivery_model import Create
from services.notify.revisit_commands import Cancel, Open
from services.notify.templates import Templates

TOLD = (
    *("issue_accepted", "issue_declined", "objection_rejected", "issue_merged", "issue_reopened"),
    *("order_dispatched", "promise_moved", "order_completed", "order_extended", "order_suspended", "order_explained"),
)
"""The texts that callers are sent here; there must be one of each name."""


def revisit_id(order_id: str, appeal_id: str, round_: int) -> str:
    """The call-back of one caller in one round."""
    return derived_id("revisit", order_id, appeal_id, str(round_))


def reactions(revisits: Revisits, deliveries: Deliveries, templates: Templates) -> Reactions:
    """Event -> commands: every caller is told of each step that concerns them, and called back at the end.

    Raises ``ValueError`` if there is no text for something that they are told.
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
                derived_id("delivery", received.id, appeal_id),
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
        return tell(received, received.event.appeals, "issue_reopened", urgency=received.event.urgency)

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
                Open(received.issue_id, order_id, appeal_id, order.round),
            )
            for appeal_id in order.appeals
        ]
        return [*call_backs, *tell(received, order.appeals, "order_completed", urgency=order.urgency)]

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
        return unasked(received.aggregate_id, [order.appeal_id], order.round) if order.round else []

    def unasked(order_id: str, appeals: Sequence[str], round_: int) -> list[To]:
        return [To(revisits, revisit_id(order_id, appeal, round_), Cancel()) for appeal in appeals]

    return {
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
    }
