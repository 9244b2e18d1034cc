"""Who is a party, who joins late, who acts for whom and who may consent (人民调解法 17; 民法典 19–23, 165)."""

from dataclasses import replace

import pytest

from contracts.event import Event
from contracts.mediation import CaseAccepted, ConsentGiven, Party
from contracts.mediation_door import PartyJoined, RepresentationEnded, RepresentativeNamed
from contracts.rejected import Rejected
from services.mediation.case import deadlines, decide
from services.mediation.case_door import (
    Acting,
    Capacity,
    EndRepresentation,
    JoinParty,
    NameRepresentative,
    Representative,
)
from services.mediation.case_model import Command, Consent, Screen, Status
from services.mediation.case_parties import guardian_of
from tests.unit.case_life import (
    ACCEPTED,
    AGREED,
    APPEAL,
    ASSIGNED,
    CLERK,
    CONSENT_PENDING,
    DAY,
    ISSUE,
    MEDIATOR,
    NEIGHBOUR,
    NOW,
    ORDER,
    OTHER_MEDIATOR,
    OWNER,
    PAPER,
    PAPER_2,
    TENANT,
    at,
    folded,
    lived,
    owner_agrees,
    register,
    tenant_agrees,
)

CHILD = Party(party_id=TENANT, side="applicant", appeal_id=APPEAL, capacity=Capacity.NONE)
GUARDED = (register, Screen((CHILD, Party(party_id=OWNER, side="respondent")), CLERK))
joins = JoinParty(Party(party_id=NEIGHBOUR, side="respondent"), CLERK)
guardian = NameRepresentative(Representative(PAPER, TENANT, Acting.GUARDIAN, False), False, CLERK)
agent = NameRepresentative(Representative(PAPER_2, OWNER, Acting.AGENT, True), True, CLERK)
plain_agent = replace(agent, representative=replace(agent.representative, special=False))

ROAD: dict[str, tuple[tuple[Command, ...], Command, list[type[Event]], Status]] = {
    "somebody joins before acceptance": (CONSENT_PENDING, joins, [PartyJoined], Status.CONSENT_PENDING),
    "who joined is asked too": (
        (*CONSENT_PENDING, joins, tenant_agrees),
        owner_agrees,
        [ConsentGiven],
        Status.CONSENT_PENDING,
    ),
    "with the consent of who joined it is accepted": (
        (*CONSENT_PENDING, tenant_agrees, joins, owner_agrees),
        Consent(NEIGHBOUR, True, CLERK),
        [ConsentGiven, CaseAccepted],
        Status.ACCEPTED,
    ),
    "an agent with an authorisation": (CONSENT_PENDING, agent, [RepresentativeNamed], Status.CONSENT_PENDING),
    "an agent during the sessions, by the mediator": (
        ASSIGNED,
        replace(agent, by=MEDIATOR),
        [RepresentativeNamed],
        Status.MEDIATOR_ASSIGNED,
    ),
    "民法典 23: a guardian, who needs no authorisation": (
        GUARDED,
        guardian,
        [RepresentativeNamed],
        Status.CONSENT_PENDING,
    ),
    "民法典 23: a guardian consents for who has no capacity": (
        (*GUARDED, guardian),
        Consent(TENANT, True, CLERK, PAPER),
        [ConsentGiven],
        Status.CONSENT_PENDING,
    ),
    "an agent with a special authorisation consents": (
        (*CONSENT_PENDING, agent),
        Consent(OWNER, True, CLERK, PAPER_2),
        [ConsentGiven],
        Status.CONSENT_PENDING,
    ),
    "a party consents though an agent acts for them": (
        (*CONSENT_PENDING, plain_agent),
        owner_agrees,
        [ConsentGiven],
        Status.CONSENT_PENDING,
    ),
    "a representation ends": (
        (*ACCEPTED, agent),
        EndRepresentation(PAPER_2, CLERK),
        [RepresentationEnded],
        Status.ACCEPTED,
    ),
}


@pytest.mark.parametrize(("life", "command", "kinds", "status"), ROAD.values(), ids=ROAD)
def test_what_happens(life: tuple[Command, ...], command: Command, kinds: list[type[Event]], status: Status) -> None:
    case = lived(*life)
    events = decide(case, command, at(NOW))
    assert [type(event) for event in events] == kinds
    after = folded(case, events)
    assert after.status is status
    assert decide(after, command, at(NOW)) == [], "the same command again is already true"


REFUSED: dict[str, tuple[tuple[Command, ...], Command, str, int]] = {
    "nobody joins after acceptance": (ACCEPTED, joins, "case.wrong_status", 409),
    "nobody joins before the screening": ((register,), joins, "case.wrong_status", 409),
    "another party under the same id": (
        CONSENT_PENDING,
        JoinParty(Party(party_id=OWNER, side="applicant"), CLERK),
        "case.parties_incomplete",
        422,
    ),
    "who joins brings an appeal of another issue": (
        CONSENT_PENDING,
        JoinParty(Party(party_id=NEIGHBOUR, side="applicant", appeal_id=ORDER), CLERK),
        "case.unknown_appeal",
        422,
    ),
    "an agent of a stranger": (
        CONSENT_PENDING,
        replace(agent, representative=replace(agent.representative, party_id=NEIGHBOUR)),
        "case.unknown_party",
        422,
    ),
    "民法典 165: an agent without an authorisation in writing": (
        CONSENT_PENDING,
        replace(agent, written=False),
        "case.authorisation_missing",
        422,
    ),
    "a guardian of who needs none": (CONSENT_PENDING, guardian, "case.guardian_not_needed", 422),
    "another representative under the same id": (
        (*CONSENT_PENDING, agent),
        replace(agent, representative=replace(agent.representative, party_id=TENANT)),
        "case.representative_twice",
        422,
    ),
    "a representative after the agreement": (AGREED, agent, "case.wrong_status", 409),
    "another mediator names no representative": (
        ASSIGNED,
        replace(agent, by=OTHER_MEDIATOR),
        "case.not_your_case",
        403,
    ),
    "民法典 23: who has no capacity does not consent": (GUARDED, tenant_agrees, "case.guardian_required", 422),
    "民法典 23: nor does an agent for them": (
        (*GUARDED, replace(agent, representative=replace(agent.representative, party_id=TENANT))),
        Consent(TENANT, True, CLERK, PAPER_2),
        "case.guardian_required",
        422,
    ),
    "who represents another party does not consent": (
        (*CONSENT_PENDING, agent),
        Consent(TENANT, True, CLERK, PAPER_2),
        "case.unknown_representative",
        422,
    ),
    "who represents nobody does not consent": (
        CONSENT_PENDING,
        Consent(TENANT, True, CLERK, ISSUE),
        "case.unknown_representative",
        422,
    ),
    "an agent without a special authorisation does not consent": (
        (*CONSENT_PENDING, plain_agent),
        Consent(OWNER, True, CLERK, PAPER_2),
        "case.special_authorisation",
        422,
    ),
    "a representation that ended does not consent": (
        (*CONSENT_PENDING, agent, EndRepresentation(PAPER_2, CLERK)),
        Consent(OWNER, True, CLERK, PAPER_2),
        "case.unknown_representative",
        422,
    ),
}


@pytest.mark.parametrize(("life", "command", "code", "status"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(life: tuple[Command, ...], command: Command, code: str, status: int) -> None:
    with pytest.raises(Rejected) as refusal:
        decide(lived(*life), command, at(NOW))
    assert (refusal.value.code, refusal.value.status) == (code, status)


def test_17_one_refusal_ends_it_whoever_speaks_for_the_party() -> None:
    case = lived(*GUARDED)
    assert folded(case, decide(case, Consent(TENANT, False, CLERK), at(NOW))).status is Status.TERMINATED


def test_who_joins_late_has_the_whole_limit() -> None:
    case = lived(*CONSENT_PENDING)
    later = folded(case, decide(case, joins, at(NOW + 4 * DAY)))
    assert deadlines(later) == {"consent": NOW + 9 * DAY}


def test_the_event_says_who_consented_for_the_party() -> None:
    (given,) = decide(lived(*GUARDED, guardian), Consent(TENANT, True, CLERK, PAPER), at(NOW))
    assert given == ConsentGiven(party_id=TENANT, representative_id=PAPER)


@pytest.mark.parametrize("capacity", [Capacity.LIMITED, Capacity.NONE])
def test_minors_and_whoever_lacks_capacity_act_through_a_guardian(capacity: Capacity) -> None:
    party = CHILD.model_copy(update={"capacity": capacity})
    case = lived(register, Screen((party, Party(party_id=OWNER, side="respondent")), CLERK), guardian)
    with pytest.raises(Rejected, match=r"case\.guardian_required"):
        decide(case, tenant_agrees, at(NOW))


def test_23_who_acts_through_a_guardian_is_told_through_the_guardian() -> None:
    case = lived(*GUARDED, guardian, agent)
    assert (guardian_of(case, TENANT), guardian_of(case, OWNER)) == (PAPER, None)
    assert guardian_of(lived(*GUARDED), TENANT) is None
