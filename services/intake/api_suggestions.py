"""What is proposed to an agent for an issue: items, danger, decline, place, same incident. Nothing is decided here."""

import asyncio
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from chassis.database import Db, PrivateData
from chassis.errors import problems
from chassis.security import Actor, actor_with
from contracts.codes import Agency, ExclusionCode, Id, IssueKind, ItemCode
from contracts.rejected import Rejected
from services.intake import neighbours, survivors, views
from services.intake.callers import Contact
from services.intake.classify import incidents
from services.intake.classify.decision import Assessment
from services.intake.classify.place import Certainty
from services.intake.issue_model import STATUS_ZH
from services.intake.reference_checks import Reference
from services.intake.reference_data import IntakeReference, Lead
from services.intake.suggesting import Suggesting, heard

Agent = Annotated[Actor, actor_with("agent", "supervisor")]
Probability = Annotated[float, Field(ge=0, le=1)]
Words = Annotated[list[str], Field(description="原文中起作用的字词")]
SHOWN = 5


class SuggestedItem(BaseModel):
    """派单目录 item that the appeal may be about."""

    item_code: ItemCode
    item_zh: str
    category_zh: str
    lead: Lead
    probability: Probability
    words: Words


class DangerSign(BaseModel):
    """突发警情迹象; ``certain`` false: by the other words it may be past, feared or harmless."""

    danger: str = Field(examples=["fire"])
    title: str = Field(examples=["火情"])
    agency: Agency
    certain: bool
    words: Words
    softened_by: list[str]


class SuggestedDecline(BaseModel):
    """拟不予受理的条目和去向: a person may propose it, a second one decides."""

    exclusion_code: ExclusionCode
    item_zh: str
    basis: str
    redirect: str
    probability: Probability
    words: Words


class SuggestedPlace(BaseModel):
    """地点. ``likely`` is a guess from a road's name or a neighbour."""

    street_code: str | None
    street_zh: str | None
    certainty: Certainty
    reason: str


class SameIncident(BaseModel):
    """An earlier issue that may be about the same incident."""

    issue_id: Id
    status_zh: str
    score: Probability
    reasons: list[str]


class Suggestions(BaseModel):
    """归类建议."""

    issue_id: Id
    kind: IssueKind | None
    items: list[SuggestedItem] = Field(description="五个事项，可能的在前")
    lead_probability: Probability = Field(description="主办单位正确的把握")
    emergency: list[DangerSign]
    emergency_item: ItemCode | None = Field(description="字词之外，归类也像突发事项")
    decline: SuggestedDecline | None
    place: SuggestedPlace
    held_because: list[str] = Field(description="须由人决定的原因；空：可自动受理")
    same_incident: list[SameIncident]


class IssueSuggestions:
    """Classifies when asked; keeps nothing but what makes the next question quicker."""

    def __init__(self, suggesting: Suggesting, reference: Reference) -> None:
        self._suggesting = suggesting
        self._reference = reference
        self._comparing = neighbours.Comparing(suggesting)
        self.router = APIRouter(prefix="/v1/issues", tags=["issues"])
        self.router.add_api_route(
            "/{issue_id}/suggestions",
            self.suggest,
            methods=["GET"],
            summary="归类建议",
            responses=problems(404),
        )

    async def suggest(self, issue_id: Id, _: Agent, db: Db, secrets: PrivateData, response: Response) -> Suggestions:
        """Propose items, danger, decline, place and earlier issues about the same incident, each with reasons."""
        row = await views.one(db, issue_id)
        if row is None:
            raise Rejected("issue.not_found", "没有这个诉求事项", status=404)
        contact = await survivors.contact(secrets, issue_id, row.state.appeals[0])
        hours = self._suggesting.incident_rule.incident_hours
        others = await neighbours.before(db, issue_id, row.state, row.state.street_code, hours)
        contacts = await survivors.first_contacts(secrets, {other.id: other.state for other in others})
        response.headers["Cache-Control"] = "no-store"
        return await asyncio.to_thread(self._suggest, row, contact, others, contacts)

    def _suggest(
        self, row: views.IssueRow, contact: Contact, others: list[views.IssueRow], contacts: dict[str, Contact]
    ) -> Suggestions:
        classifier = self._suggesting.classifier
        said = replace(heard(contact, row.state.street_code), neighbours=neighbours.accepted_points(others, contacts))
        found = classifier.assess(said)
        earlier = [self._comparing.of(other, contacts[other.id]) for other in others if other.id in contacts]
        same = incidents.candidates(
            self._comparing.of(row, contact),
            earlier,
            self._suggesting.incident_rule,
            classifier.gazetteer.administrative,
        )
        statuses = {other.id: STATUS_ZH[other.state.status] for other in others}
        return Suggestions(
            **_proposed(found, self._reference.snapshot),
            issue_id=row.id,
            same_incident=[
                SameIncident(issue_id=one.id, status_zh=statuses[one.id], score=one.score, reasons=list(one.reasons))
                for one in same[:SHOWN]
            ],
        )


def _proposed(found: Assessment, reference: IntakeReference) -> dict[str, object]:
    """What an assessment says, with the names of what it says it of."""
    decline, place = found.decline, found.place
    street = reference.streets.get(place.street_code or "")
    return {
        "kind": found.kind,
        "items": [
            SuggestedItem(
                item_code=guess.code,
                item_zh=reference.items[guess.code].item_zh,
                category_zh=reference.items[guess.code].category_zh,
                lead=reference.items[guess.code].lead,
                probability=guess.probability,
                words=list(guess.words),
            )
            for guess in found.guesses
        ],
        "lead_probability": min(found.lead_probability, 1.0),
        "emergency": [
            DangerSign(
                danger=sign.danger,
                title=sign.title,
                agency=sign.agency,
                certain=sign.certain,
                words=list(sign.words),
                softened_by=list(sign.softened),
            )
            for sign in found.signs
        ],
        "emergency_item": found.by_model.code if found.by_model else None,
        "decline": SuggestedDecline(
            exclusion_code=decline.code,
            item_zh=reference.exclusions[decline.code].item_zh,
            basis=reference.exclusions[decline.code].basis,
            redirect=reference.exclusions[decline.code].redirect,
            probability=decline.probability,
            words=list(decline.words),
        )
        if decline
        else None,
        "place": SuggestedPlace(
            street_code=place.street_code,
            street_zh=street.name if street else None,
            certainty=place.certainty,
            reason=place.reason,
        ),
        "held_because": list(found.held_because),
    }
