"""突发先派: an emergency that has come to wait for a dispatcher goes on by the rules, in the same transaction."""

from collections.abc import Sequence
from datetime import date

from chassis.aggregate import After, To, Written
from services.router.aggregates import Orders
from services.router.dispatch import Proposal, Proposals
from services.router.order_commands import DispatchAtOnce
from services.router.order_model import WorkOrder


def at_once(orders: Orders, order_id: str, proposed: Proposals, on: date) -> To:
    """To stand behind the command that may have brought it there; of other orders it changes nothing."""

    def follow(written: Sequence[Written]) -> DispatchAtOnce:
        order: WorkOrder = written[-1].state
        found = proposed(order.item_code, order.street_code, order.urgency, on)
        return DispatchAtOnce(found.routing if isinstance(found, Proposal) else None)

    return To(orders, order_id, After(follow))
