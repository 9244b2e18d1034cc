"""Who mediates: 人民调解法 19 (assigned or chosen, one or several), recusal and replacement (domain.md, Case)."""

from dataclasses import replace

import pytest

from contracts.event import Event
from contracts.mediation import MediatorAssigned
from contracts.mediation_door import (
    MediatorChoiceAccepted,
    MediatorChoiceDeclined,
    MediatorProposed,
    MediatorRecused,
    PanelMember,
)
from contracts.rejected import Rejected
from services.mediation.case import deadlines, decide
from services.mediation.case_door import AnswerProposal, Office, ProposeMediator, RecusalReason, Recuse
from services.mediation.case_model import Command, DeadlineReached, HoldSession, Status, Withdraw
from tests.unit.case_life import (
    ACCEPTED,
    AGREED,
    ASSIGNED,
    CLERK,
    CONSENT_PENDING,
    DAY,
    IN_MEDIATION,
    MEDIATOR,
    NEIGHBOUR,
    NOW,
    OTHER_MEDIATOR,
    OWNER,
    TENANT,
    assign,
    at,
    folded,
    lived,
)

COMMITTEE = "M150102001"
PANEL = (PanelMember(mediator_id="P1", office=Office.POLICE_STATION), PanelMember(mediator_id="L1", office="law_firm"))
wish = ProposeMediator("M2", COMMITTEE, TENANT, CLERK)
owner_likes_it = AnswerProposal("M2", OWNER, True, CLERK)
owner_objects = AnswerProposal("M2", OWNER, False, CLERK)
conflict = Recuse("M1", OWNER, RecusalReason.RELATIVE, MEDIATOR)
several = replace(assign, panel=PANEL)
WISHED = (*ACCEPTED, wish)

ROAD: dict[str, tuple[tuple[Command, ...], Command, list[type[Event]], Status]] = {
    "19: a party proposes": (ACCEPTED, wish, [MediatorProposed], Status.ACCEPTED),
    "19: all parties want the same: nobody has to assign": (
        WISHED,
        owner_likes_it,
        [MediatorChoiceAccepted, MediatorAssigned],
        Status.MEDIATOR_ASSIGNED,
    ),
    "19: proposing the same is consent": (
        WISHED,
        replace(wish, party_id=OWNER),
        [MediatorChoiceAccepted, MediatorAssigned],
        Status.MEDIATOR_ASSIGNED,
    ),
    "a party does not want them": (WISHED, owner_objects, [MediatorChoiceDeclined], Status.ACCEPTED),
    "another proposal takes the place of the first": (
        WISHED,
        ProposeMediator("M3", COMMITTEE, OWNER, CLERK),
        [MediatorProposed],
        Status.ACCEPTED,
    ),
    "19: several mediators, one presides": (ACCEPTED, several, [MediatorAssigned], Status.MEDIATOR_ASSIGNED),
    "the panel changes during the sessions": (IN_MEDIATION, several, [MediatorAssigned], Status.IN_MEDIATION),
    "the committee assigns whom a party proposed": (
        WISHED,
        replace(assign, mediator_id="M2"),
        [MediatorAssigned],
        Status.MEDIATOR_ASSIGNED,
    ),
    "recused before the first session": (ASSIGNED, conflict, [MediatorRecused], Status.ACCEPTED),
    "recused during the sessions": (IN_MEDIATION, conflict, [MediatorRecused], Status.ACCEPTED),
    "recused at a party's request, by the clerk": (
        IN_MEDIATION,
        replace(conflict, by=CLERK, party_id=None),
        [MediatorRecused],
        Status.ACCEPTED,
    ),
    "one of the panel is recused: who presides goes on": (
        (*ACCEPTED, several),
        Recuse("P1", OWNER, RecusalReason.INTEREST, CLERK),
        [MediatorRecused],
        Status.MEDIATOR_ASSIGNED,
    ),
    "recused before being assigned": (ACCEPTED, replace(conflict, by=CLERK), [MediatorRecused], Status.ACCEPTED),
    "replaced after a recusal, before the first session": (
        (*ASSIGNED, conflict),
        replace(assign, mediator_id="M2"),
        [MediatorAssigned],
        Status.MEDIATOR_ASSIGNED,
    ),
    "replaced after a recusal: the sessions go on": (
        (*IN_MEDIATION, conflict),
        replace(assign, mediator_id="M2"),
        [MediatorAssigned],
        Status.IN_MEDIATION,
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
    "19: a wish before all have consented": (CONSENT_PENDING, wish, "case.wrong_status", 409),
    "a wish when somebody is assigned": (ASSIGNED, wish, "case.wrong_status", 409),
    "a stranger's wish": (ACCEPTED, replace(wish, party_id=NEIGHBOUR), "case.unknown_party", 422),
    "a stranger's consent": (WISHED, replace(owner_likes_it, party_id=NEIGHBOUR), "case.unknown_party", 422),
    "a stranger's objection": (WISHED, replace(owner_objects, party_id=NEIGHBOUR), "case.unknown_party", 422),
    "nobody was proposed": (ACCEPTED, owner_likes_it, "case.no_such_proposal", 409),
    "somebody else was proposed": (WISHED, replace(owner_likes_it, mediator_id="M3"), "case.no_such_proposal", 409),
    "19: the committee does not go before an open choice": (WISHED, assign, "case.choice_pending", 409),
    "who is recused is not proposed": (
        (*ASSIGNED, conflict),
        replace(wish, mediator_id="M1"),
        "case.mediator_recused",
        422,
    ),
    "who is recused is not assigned": ((*ASSIGNED, conflict), assign, "case.mediator_recused", 422),
    "who is recused is in no panel": (
        (*ASSIGNED, conflict),
        replace(assign, mediator_id="M2", panel=(PanelMember(mediator_id="M1", office="committee"),)),
        "case.mediator_recused",
        422,
    ),
    "who presides is not beside themselves": (
        ACCEPTED,
        replace(assign, panel=(PanelMember(mediator_id="M1", office="court"),)),
        "case.panel_twice",
        422,
    ),
    "the same member twice": (ACCEPTED, replace(assign, panel=PANEL[:1] * 2), "case.panel_twice", 422),
    "another mediator declares no conflict for this one": (
        ASSIGNED,
        replace(conflict, by=OTHER_MEDIATOR),
        "case.not_your_case",
        403,
    ),
    "a conflict with a stranger": (ASSIGNED, replace(conflict, party_id=NEIGHBOUR), "case.unknown_party", 422),
    "a recusal after the agreement": (AGREED, conflict, "case.wrong_status", 409),
    "who is recused holds no session": (
        (*IN_MEDIATION, conflict),
        HoldSession(2, MEDIATOR),
        "case.not_your_case",
        403,
    ),
    "of a panel only who presides records a session": (
        (*ACCEPTED, several),
        HoldSession(1, replace(MEDIATOR, id="P1")),
        "case.not_your_case",
        403,
    ),
}


@pytest.mark.parametrize(("life", "command", "code", "status"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(life: tuple[Command, ...], command: Command, code: str, status: int) -> None:
    with pytest.raises(Rejected) as refusal:
        decide(lived(*life), command, at(NOW))
    assert (refusal.value.code, refusal.value.status) == (code, status)


def test_an_open_choice_does_not_hold_the_case_for_ever() -> None:
    case = lived(*WISHED)
    due = deadlines(case)["assign"]
    late = folded(case, decide(case, DeadlineReached("assign"), at(due)))
    assert [type(event) for event in decide(late, assign, at(due))] == [MediatorAssigned]


def test_the_event_says_whether_the_parties_chose() -> None:
    (_, chosen) = decide(lived(*WISHED), owner_likes_it, at(NOW))
    (assigned,) = decide(lived(*ACCEPTED), assign, at(NOW))
    assert isinstance(chosen, MediatorAssigned)
    assert isinstance(assigned, MediatorAssigned)
    assert (chosen.chosen, assigned.chosen) == (True, False)


def test_after_a_recusal_somebody_is_assigned_in_time_and_the_limit_of_the_mediation_stays() -> None:
    case = lived(*IN_MEDIATION, conflict)
    assert case.mediator is None
    assert deadlines(case) == {"mediation": NOW + 31 * DAY, "assign": NOW + 2 * DAY}
    replaced = folded(case, decide(case, replace(assign, mediator_id="M2"), at(NOW + DAY)))
    assert deadlines(replaced) == {"mediation": NOW + 31 * DAY}


def test_a_mediation_that_is_late_stays_late_with_another_mediator_and_is_recorded_once() -> None:
    case = lived(*IN_MEDIATION)
    late = folded(case, decide(case, DeadlineReached("mediation"), at(NOW + 31 * DAY)))
    left = folded(late, decide(late, conflict, at(NOW + 32 * DAY)))
    after = folded(left, decide(left, replace(assign, mediator_id="M2"), at(NOW + 32 * DAY)))
    assert (after.late, deadlines(after)) == ({"mediation": NOW + 31 * DAY}, {})


def test_a_member_of_the_panel_works_on_the_case() -> None:
    case = lived(*ACCEPTED, several)
    assert decide(case, Withdraw(OWNER, replace(MEDIATOR, id="P1")), at(NOW))
