"""What the router does when a petition 信访代办 moves: the order waits for it, and comes back (domain.md)."""

from chassis.aggregate import Reactions, Received, To
from contracts.codes import MediationOutcome
from contracts.mediation_petitions import (
    PetitionAccepted,
    PetitionGuidedAway,
    PetitionNotAccepted,
    PetitionOpinionIssued,
    PetitionResolvedLocally,
    PetitionWithdrawn,
)
from services.router.aggregates import Orders
from services.router.order_commands import Heard, ReturnFromMediation, SettleByMediation, StopClock


def petition_reactions(orders: Orders) -> Reactions:
    """Event -> commands. A petition that came another way has no order."""

    def of_order(order_id: str | None, command: Heard) -> list[To]:
        return [] if order_id is None else [To(orders, order_id, command)]

    def accepted(received: Received[PetitionAccepted]) -> list[To]:
        petition = received.event
        return of_order(petition.order_id, StopClock(received.aggregate_id, petition.accepted_at))

    def settled(received: Received[PetitionResolvedLocally | PetitionOpinionIssued]) -> list[To]:
        """The order never waits for a review, a recheck or the revisit."""
        return of_order(received.event.order_id, SettleByMediation(received.aggregate_id))

    def not_taken(received: Received[PetitionGuidedAway | PetitionNotAccepted]) -> list[To]:
        command = ReturnFromMediation(received.aggregate_id, MediationOutcome.OUT_OF_SCOPE)
        return of_order(received.event.order_id, command)

    def withdrawn(received: Received[PetitionWithdrawn]) -> list[To]:
        command = ReturnFromMediation(received.aggregate_id, MediationOutcome.REFUSED)
        return of_order(received.event.order_id, command)

    return {
        PetitionAccepted: accepted,
        PetitionResolvedLocally: settled,
        PetitionOpinionIssued: settled,
        PetitionGuidedAway: not_taken,
        PetitionNotAccepted: not_taken,
        PetitionWithdrawn: withdrawn,
    }
