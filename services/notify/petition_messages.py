"""What petitioners are told 信访代办: the statutory notices of 信访工作条例 (2022), and where a petition was guided."""

from collections.abc import Sequence
from datetime import datetime

from chassis.aggregate import Reactions, Received, To
from chassis.ids import derived_beside
from contracts.event import Event
from contracts.mediation_petitions import (
    PetitionAccepted,
    PetitionExtended,
    PetitionGuidedAway,
    PetitionNotAccepted,
    PetitionOpinionIssued,
    PetitionRecheckAnswered,
    PetitionReviewAnswered,
)
from services.notify.delivery_aggregates import Deliveries
from services.notify.delivery_model import Create
from services.notify.templates import Templates

TOLD = (
    *("petition_accepted", "petition_not_accepted", "petition_guided_away", "petition_extended"),
    *("petition_opinion", "petition_review", "petition_recheck"),
)
"""The texts that petitioners are sent; there must be one of each name."""


def petition_messages(deliveries: Deliveries, templates: Templates) -> Reactions:
    """Event -> commands: everybody who called about the matter is told, whom the proxy tells in person too.

    Raises ``ValueError`` if there is no text for something that they are told.
    """
    templates.require(TOLD)

    def tell(
        received: Received[Event], appeals: Sequence[str], template: str, until: datetime | None = None
    ) -> list[To]:
        version = templates.version(template)
        return [
            To(
                deliveries,
                derived_beside(received.issue_id, "delivery", received.id, appeal_id),
                Create(received.issue_id, appeal_id, received.id, template, version, until),
            )
            for appeal_id in appeals
        ]

    def accepted(received: Received[PetitionAccepted]) -> list[To]:
        return tell(received, received.event.appeals, "petition_accepted", received.event.handling_due)

    def not_accepted(received: Received[PetitionNotAccepted]) -> list[To]:
        return tell(received, received.event.appeals, "petition_not_accepted")

    def guided_away(received: Received[PetitionGuidedAway]) -> list[To]:
        return tell(received, received.event.appeals, "petition_guided_away")

    def extended(received: Received[PetitionExtended]) -> list[To]:
        return tell(received, received.event.appeals, "petition_extended", received.event.handling_due)

    def opinion(received: Received[PetitionOpinionIssued]) -> list[To]:
        return tell(received, received.event.appeals, "petition_opinion", received.event.review_until)

    def review(received: Received[PetitionReviewAnswered]) -> list[To]:
        return tell(received, received.event.appeals, "petition_review", received.event.recheck_until)

    def recheck(received: Received[PetitionRecheckAnswered]) -> list[To]:
        return tell(received, received.event.appeals, "petition_recheck")

    return {
        PetitionAccepted: accepted,
        PetitionNotAccepted: not_accepted,
        PetitionGuidedAway: guided_away,
        PetitionExtended: extended,
        PetitionOpinionIssued: opinion,
        PetitionReviewAnswered: review,
        PetitionRecheckAnswered: recheck,
    }
