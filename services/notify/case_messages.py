"""What parties of a mediation case 当事人 are told: that an instalment falls due [人民调解法 31]. Callers or not."""

from chassis.aggregate import Reactions, Received, To
from chassis.ids import derived_beside
from contracts.mediation_course import InstalmentDueSoon
from services.notify.delivery_aggregates import Deliveries
from services.notify.delivery_model import CreateForParty
from services.notify.templates import Templates

TOLD = ("instalment_due_soon",)
"""The texts that parties are sent; there must be one of each name."""


def case_messages(deliveries: Deliveries, templates: Templates) -> Reactions:
    """Event -> commands: every party is told, who owes and who is owed, since the event says no more than the date.

    Raises ``ValueError`` if there is no text for something that they are told.
    """
    templates.require(TOLD)

    def due_soon(received: Received[InstalmentDueSoon]) -> list[To]:
        version = templates.version("instalment_due_soon")
        return [
            To(
                deliveries,
                derived_beside(received.issue_id, "delivery", received.id, party_id),
                CreateForParty(
                    issue_id=received.issue_id,
                    case_id=received.aggregate_id,
                    party_id=party_id,
                    cause=received.id,
                    template="instalment_due_soon",
                    template_version=version,
                    promised_at=received.event.due,
                ),
            )
            for party_id in received.event.parties
        ]

    return {InstalmentDueSoon: due_soon}
