"""The parties of a case 调解案件: who joins late, who acts for whom, and who may consent. Pure.

A person without full capacity acts through a guardian, who is their legal representative [民法典 19–23]; whoever else
acts for a party shows an authorisation in writing [民法典 165], and consents or settles only with a special one
[I, as before a court: 民事诉讼法 62].
"""

from contracts.event import Event
from contracts.frozen import replace
from contracts.mediation import Party
from contracts.mediation_door import PartyJoined, RepresentationEnded, RepresentativeNamed
from contracts.rejected import Rejected
from services.mediation.case_door import (
    AboutParties,
    Acting,
    Capacity,
    EndRepresentation,
    JoinParty,
    NameRepresentative,
    Representative,
)
from services.mediation.case_model import Case, Consent, Context, Status
from services.mediation.refusals import known_party, wrong_status

PartyEvent = PartyJoined | RepresentativeNamed | RepresentationEnded
_REPRESENTED = (Status.CONSENT_PENDING, Status.ACCEPTED, Status.MEDIATOR_ASSIGNED, Status.IN_MEDIATION)


def decide_parties(case: Case, command: AboutParties, context: Context) -> list[Event]:
    """What happens. Raises ``Rejected`` with code ``case.*``."""
    match command:
        case JoinParty(party):
            return [] if _as_kept(party) in case.parties else _joined(case, command, context)
        case NameRepresentative(new, written, by):
            special = new.special or new.kind is Acting.GUARDIAN
            one = Representative(new.representative_id, new.party_id, new.kind, special)
            return [] if one in case.representatives else _named(case, one, written, by.id)
        case EndRepresentation(representative_id, by):
            if not any(one.representative_id == representative_id for one in case.representatives):
                return []
            if case.status not in _REPRESENTED:
                raise wrong_status(case)
            return [RepresentationEnded(representative_id=representative_id, by=by.id)]


def _joined(case: Case, command: JoinParty, context: Context) -> list[Event]:
    """Before acceptance: afterwards all would have to be asked again, which is another case."""
    party = command.party
    if case.status is not Status.CONSENT_PENDING:
        raise wrong_status(case)
    if any(other.party_id == party.party_id for other in case.parties):
        raise Rejected("case.parties_incomplete", "该当事人编号已用于另一当事人", field="party_id", status=422)
    check_appeals(case, (party,))
    return [
        PartyJoined(
            party_id=party.party_id,
            side=party.side,
            appeal_id=party.appeal_id,
            capacity=party.capacity or Capacity.FULL,
            consent_due=context.due("consent", context.now),
            by=command.by.id,
        )
    ]


def _as_kept(party: Party) -> Party:
    """Of full capacity is who has no other: so it is kept, whether it was said or not."""
    return party.model_copy(update={"capacity": None}) if party.capacity == Capacity.FULL else party


def _named(case: Case, new: Representative, written: bool, by: str) -> list[Event]:
    if case.status not in _REPRESENTED:
        raise wrong_status(case)
    known_party(case, new.party_id)
    if any(one.representative_id == new.representative_id for one in case.representatives):
        raise Rejected("case.representative_twice", "该代理人编号已登记", field="representative_id", status=422)
    if new.kind is Acting.AGENT and not written:
        raise Rejected("case.authorisation_missing", "委托代理应提交书面授权委托书", field="authorisation", status=422)
    if new.kind is Acting.GUARDIAN and capacity_of(case, new.party_id) is Capacity.FULL:
        raise Rejected(
            "case.guardian_not_needed", "该当事人有完全民事行为能力，不由监护人代理", field="kind", status=422
        )
    return [
        RepresentativeNamed(
            representative_id=new.representative_id,
            party_id=new.party_id,
            kind=new.kind,
            special=new.special,
            by=by,
        )
    ]


def check_consent(case: Case, command: Consent) -> None:
    """Raises what ``check_acting`` raises."""
    check_acting(case, command.party_id, command.through, "through")


def check_acting(case: Case, party_id: str, representative_id: str | None, field: str) -> None:
    """Whether a party may consent or sign itself (None) or by this representative.

    Raises ``case.guardian_required``, ``case.unknown_representative`` or ``case.special_authorisation``.
    """
    through = None
    if representative_id is not None:
        through = next((one for one in case.representatives if one.representative_id == representative_id), None)
        if through is None or through.party_id != party_id:
            raise Rejected("case.unknown_representative", "不是该当事人的代理人", field=field, status=422)
    guarded = capacity_of(case, party_id) is not Capacity.FULL
    if guarded and (through is None or through.kind is not Acting.GUARDIAN):
        message = "无民事行为能力或限制民事行为能力的当事人由监护人代为同意和签署"
        raise Rejected("case.guardian_required", message, field=field, status=422)
    if through is not None and not through.special:
        raise Rejected("case.special_authorisation", "代为同意调解、签署协议须有特别授权", field=field, status=422)


def check_appeals(case: Case, parties: tuple[Party, ...]) -> None:
    """Raises ``case.unknown_appeal``: of an order only its own callers are parties by their appeal."""
    if case.order_id and any(party.appeal_id not in {None, *case.appeals} for party in parties):
        raise Rejected("case.unknown_appeal", "该诉求不属于本案", field="parties", status=422)


def capacity_of(case: Case, party_id: str) -> Capacity:
    """民事行为能力 of a party; full if nothing else was written down."""
    found = next((party.capacity for party in case.parties if party.party_id == party_id), None)
    return Capacity(found or Capacity.FULL)


def guardian_of(case: Case, party_id: str) -> str | None:
    """The representative who is told what a party has to do, because it acts through a guardian [民法典 23]."""
    if capacity_of(case, party_id) is Capacity.FULL:
        return None
    guardians = (one for one in case.representatives if one.party_id == party_id and one.kind is Acting.GUARDIAN)
    return next((one.representative_id for one in guardians), None)


def evolve_parties(case: Case, event: PartyEvent) -> Case:
    """The case after an event about its parties."""
    match event:
        case PartyJoined():
            said = {"party_id": event.party_id, "side": event.side, "appeal_id": event.appeal_id}
            party = _as_kept(Party(**said, capacity=event.capacity))
            timers = {**case.timers, "consent": event.consent_due}
            return replace(case, parties=(*case.parties, party), timers=timers)
        case RepresentativeNamed():
            one = Representative(event.representative_id, event.party_id, Acting(event.kind), event.special)
            return replace(case, representatives=(*case.representatives, one))
        case RepresentationEnded():
            left = tuple(one for one in case.representatives if one.representative_id != event.representative_id)
            return replace(case, representatives=left)
