"""Every row of domain.md's PetitionProxy: what happens, what is refused. Articles: 信访工作条例 (2022)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from contracts import mediation_petitions as happened
from contracts.event import Event
from contracts.rejected import Rejected
from services.mediation.petition import decide, petition_code
from services.mediation.petition_commands import (
    Accept,
    Archive,
    AskAgain,
    Assign,
    Authorise,
    Command,
    DeadlineReached,
    EndWithOrder,
    GuideAway,
    MakeWay,
    ObjectToCompetence,
    RejectObjection,
    Request,
    Revisit,
    Route,
    ShowTexts,
    Submit,
    Withdraw,
)
from services.mediation.petition_model import (
    GOES_TO,
    GOES_TO_ZH,
    STATUS_ZH,
    TERMINAL,
    Away,
    Stage,
    Status,
    TakenBack,
)
from tests.unit.petition_life import (
    ACCEPTED,
    ASSIGNED,
    AUTHORISED,
    AUTHORITY,
    CASE,
    CLERK,
    DAY,
    HANDLING,
    HIGHER,
    HIGHEST,
    IN_RECHECK,
    IN_REVIEW,
    ISSUE,
    ISSUED,
    NOT_ACCEPTED,
    NOW,
    OBJECTED,
    OBJECTION,
    OFFICE,
    ORDER,
    OTHER_AUTHORITY,
    OTHER_PROXY,
    PAPER,
    PETITION,
    PROXY,
    RECHECKED,
    REGISTERED,
    REQUESTED,
    RESOLVED,
    REVEAL,
    REVIEWED,
    REVISITED,
    ROUTED,
    SUBMITTED,
    TOLD,
    accept,
    ask_recheck,
    ask_review,
    assign,
    at,
    authorise,
    begin,
    content,
    discontent,
    extend,
    feedback,
    folded,
    lived,
    not_accept,
    objection,
    opinion,
    recheck,
    register,
    request,
    resolve,
    review,
    route,
    submit,
)

elsewhere = Route(OTHER_AUTHORITY, None, CLERK)
stays = RejectObjection(CLERK)
takes_back = Withdraw(TakenBack.AUTHORISATION, CLERK)
REJECTED = (*OBJECTED, stays)
CONTENT = (*TOLD, content)
Row = tuple[tuple[Command, ...], Command, type[Event], Status]
ROAD: dict[str, Row] = {
    "requested: from an order": ((), request, happened.PetitionRequested, Status.REQUESTED),
    "requested: from a failed mediation": (
        (),
        Request(ISSUE, None, CASE),
        happened.PetitionRequested,
        Status.REQUESTED,
    ),
    "requested: through the door": ((), Request(ISSUE), happened.PetitionRequested, Status.REQUESTED),
    "REQUESTED -> AUTHORISED": (REQUESTED, authorise, happened.PetitionAuthorised, Status.AUTHORISED),
    "20: five representatives": (
        REQUESTED,
        Authorise(PAPER, None, 30, 5, CLERK),
        happened.PetitionAuthorised,
        Status.AUTHORISED,
    ),
    "22: AUTHORISED -> REGISTERED": (AUTHORISED, register, happened.PetitionRegistered, Status.REGISTERED),
    "REGISTERED -> ASSIGNED": (REGISTERED, assign, happened.PetitionAssigned, Status.ASSIGNED),
    "proxy replaced": (
        HANDLING,
        Assign("P2", "L1", False, CLERK),
        happened.PetitionAssigned,
        Status.HANDLING,
    ),
    "27: ASSIGNED -> RESOLVED_LOCALLY": (ASSIGNED, resolve, happened.PetitionResolvedLocally, Status.RESOLVED_LOCALLY),
    "ASSIGNED -> SUBMITTED": (ASSIGNED, submit, happened.PetitionSubmitted, Status.SUBMITTED),
    "22: SUBMITTED -> ROUTED": (SUBMITTED, route, happened.PetitionRouted, Status.ROUTED),
    "23: the authority objects": (ROUTED, objection, happened.PetitionCompetenceObjected, Status.ROUTED),
    "23: upheld, another authority": (OBJECTED, elsewhere, happened.PetitionRouted, Status.ROUTED),
    "23: rejected, the authority stays": (OBJECTED, stays, happened.PetitionObjectionRejected, Status.ROUTED),
    "23: ROUTED -> ACCEPTED": (ROUTED, accept, happened.PetitionAccepted, Status.ACCEPTED),
    "accepted after an objection was rejected": (REJECTED, accept, happened.PetitionAccepted, Status.ACCEPTED),
    "ROUTED -> not accepted": (ROUTED, not_accept, happened.PetitionNotAccepted, Status.NOT_ACCEPTED),
    "not accepted -> FEEDBACK": (NOT_ACCEPTED, feedback, happened.PetitionFeedbackGiven, Status.FEEDBACK),
    "31: ACCEPTED -> HANDLING": (ACCEPTED, begin, happened.PetitionHandlingBegan, Status.HANDLING),
    "34: extended by 30 days": (HANDLING, extend(30), happened.PetitionExtended, Status.HANDLING),
    "34: extended before it was begun": (ACCEPTED, extend(1), happened.PetitionExtended, Status.ACCEPTED),
    "32: HANDLING -> OPINION_ISSUED": (HANDLING, opinion, happened.PetitionOpinionIssued, Status.OPINION_ISSUED),
    "32: opinion at once": (ACCEPTED, opinion, happened.PetitionOpinionIssued, Status.OPINION_ISSUED),
    "OPINION_ISSUED -> FEEDBACK": (ISSUED, feedback, happened.PetitionFeedbackGiven, Status.FEEDBACK),
    "RESOLVED_LOCALLY -> FEEDBACK": (RESOLVED, feedback, happened.PetitionFeedbackGiven, Status.FEEDBACK),
    "FEEDBACK -> REVISITED": (TOLD, content, happened.PetitionRevisited, Status.REVISITED),
    "REVISITED -> ARCHIVED": (CONTENT, Archive(CLERK), happened.PetitionArchived, Status.ARCHIVED),
    "35: review asked before the feedback": (ISSUED, ask_review, happened.PetitionReviewRequested, Status.REVIEW),
    "35: review asked after the feedback": (TOLD, ask_review, happened.PetitionReviewRequested, Status.REVIEW),
    "35: review asked after the revisit": (REVISITED, ask_review, happened.PetitionReviewRequested, Status.REVIEW),
    "35: review answered": (IN_REVIEW, review, happened.PetitionReviewAnswered, Status.OPINION_ISSUED),
    "36: recheck asked": (REVIEWED, ask_recheck, happened.PetitionRecheckRequested, Status.RECHECK),
    "36: recheck answered": (IN_RECHECK, recheck, happened.PetitionRecheckAnswered, Status.OPINION_ISSUED),
    "31: guided away before anybody signed": (
        REQUESTED,
        GuideAway(Away.ARBITRATION, None, CLERK),
        happened.PetitionGuidedAway,
        Status.GUIDED,
    ),
    "31: guided away by the proxy": (
        ASSIGNED,
        GuideAway(Away.LITIGATION, "F150102", PROXY),
        happened.PetitionGuidedAway,
        Status.GUIDED,
    ),
    "31: guided away after submission": (
        SUBMITTED,
        GuideAway(Away.ADMINISTRATIVE_REVIEW, None, PROXY),
        happened.PetitionGuidedAway,
        Status.GUIDED,
    ),
    "texts are shown": (HANDLING, ShowTexts(REVEAL, "handling", "P1"), happened.PetitionTextsShown, Status.HANDLING),
    "the issue is withdrawn under way": (
        ROUTED,
        EndWithOrder(TakenBack.PETITION),
        happened.PetitionWithdrawn,
        Status.WITHDRAWN,
    ),
    "the order is cancelled under way": (HANDLING, EndWithOrder(), happened.PetitionWithdrawn, Status.WITHDRAWN),
}
OPEN = {
    "requested": REQUESTED,
    "authorised": AUTHORISED,
    "registered": REGISTERED,
    "assigned": ASSIGNED,
    "resolved locally": RESOLVED,
    "submitted": SUBMITTED,
    "routed": ROUTED,
    "objected": OBJECTED,
    "accepted": ACCEPTED,
    "not accepted": NOT_ACCEPTED,
    "handling": HANDLING,
    "opinion issued": ISSUED,
    "in review": IN_REVIEW,
    "in recheck": IN_RECHECK,
    "told": TOLD,
    "revisited": REVISITED,
}
ROAD |= {
    f"withdrawn at any time: {name}": (life, takes_back, happened.PetitionWithdrawn, Status.WITHDRAWN)
    for name, life in OPEN.items()
}


@pytest.mark.parametrize(("life", "command", "kind", "status"), ROAD.values(), ids=ROAD)
def test_what_happens(life: tuple[Command, ...], command: Command, kind: type[Event], status: Status) -> None:
    petition = lived(*life)
    events = decide(petition, command, at(NOW))
    assert [type(event) for event in events] == [kind]
    after = folded(petition, events)
    assert after.status is status
    assert decide(after, command, at(NOW)) == [], "the same command again is already true"


REFUSED: dict[str, tuple[tuple[Command, ...], Command, str, int]] = {
    "nothing but Request opens a petition": ((), authorise, "petition.not_found", 404),
    "19: the same matter as no petition": ((), MakeWay(), "petition.not_found", 404),
    "a deadline of no petition": ((), DeadlineReached("register"), "petition.not_found", 404),
    "20: six representatives": (
        REQUESTED,
        Authorise(PAPER, None, 30, 6, CLERK),
        "petition.too_many_representatives",
        422,
    ),
    "20: several people without representatives": (
        REQUESTED,
        Authorise(PAPER, None, 2, 0, CLERK),
        "petition.representatives",
        422,
    ),
    "20: a representative of one person": (
        REQUESTED,
        Authorise(PAPER, None, 1, 1, CLERK),
        "petition.representatives",
        422,
    ),
    "20: more representatives than people": (
        REQUESTED,
        Authorise(PAPER, None, 2, 3, CLERK),
        "petition.representatives",
        422,
    ),
    "signed tomorrow": (REQUESTED, Authorise(PAPER, NOW + DAY, 1, 0, CLERK), "petition.time_order", 422),
    "not registered before it is signed": (REQUESTED, register, "petition.wrong_status", 409),
    "no proxy before it is registered": (AUTHORISED, assign, "petition.wrong_status", 409),
    "28: the proxy has an interest": (
        REGISTERED,
        Assign("P1", "L1", True, CLERK),
        "petition.conflict_of_interest",
        422,
    ),
    "28: the same proxy declares an interest later": (
        ASSIGNED,
        Assign("P1", "L1", True, CLERK),
        "petition.conflict_of_interest",
        422,
    ),
    "submitted before the authorisation": (ASSIGNED, Submit(OFFICE, NOW - DAY, PROXY), "petition.time_order", 422),
    "routed before it is submitted": (ASSIGNED, route, "petition.wrong_status", 409),
    "routed before the office had it": (SUBMITTED, Route(AUTHORITY, NOW - DAY, CLERK), "petition.time_order", 422),
    "23: routed on without an objection": (ROUTED, elsewhere, "petition.wrong_status", 409),
    "23: upheld and sent to the same authority": (OBJECTED, route, "petition.same_authority", 422),
    "23: sent back to one that was not competent": (
        (*OBJECTED, elsewhere, ObjectToCompetence(PAPER, None, CLERK)),
        route,
        "petition.same_authority",
        422,
    ),
    "23: accepted while the objection waits": (OBJECTED, accept, "petition.objection_pending", 409),
    "23: not accepted while the objection waits": (OBJECTED, not_accept, "petition.objection_pending", 409),
    "23: a second objection while one waits": (
        OBJECTED,
        ObjectToCompetence(PAPER, None, CLERK),
        "petition.objection_pending",
        409,
    ),
    "23: objects again after it was rejected": (
        REJECTED,
        ObjectToCompetence(PAPER, None, CLERK),
        "petition.objected_before",
        409,
    ),
    "no objection to reject": (ROUTED, stays, "petition.no_objection", 409),
    "accepted before it was routed": (ROUTED, Accept(NOW - DAY, PROXY), "petition.time_order", 422),
    "handled before it is accepted": (ROUTED, begin, "petition.wrong_status", 409),
    "34: extended by more than 30 days": (HANDLING, extend(30.001), "petition.extension_too_long", 422),
    "34: extended to an earlier day": (HANDLING, extend(0), "petition.extension_too_long", 422),
    "34: extended twice": (
        (*HANDLING, extend(1)),
        replace(extend(2), extension_id=PAPER),
        "petition.extended_before",
        409,
    ),
    "no opinion before it is accepted": (ROUTED, opinion, "petition.wrong_status", 409),
    "no opinion by the proxy on a local result": (RESOLVED, opinion, "petition.wrong_status", 409),
    "feedback of nothing": (HANDLING, feedback, "petition.wrong_status", 409),
    "revisit before the feedback": (ISSUED, content, "petition.wrong_status", 409),
    "a proxy does not revisit": (TOLD, Revisit(True, PROXY), "petition.not_yours", 403),
    "35: reviewed by the authority itself": (
        ISSUED,
        replace(ask_review, authority=AUTHORITY),
        "petition.same_authority",
        422,
    ),
    "36: rechecked by the authority that reviewed": (
        REVIEWED,
        replace(ask_recheck, authority=HIGHER),
        "petition.same_authority",
        422,
    ),
    "36: recheck without a review": (ISSUED, ask_recheck, "petition.wrong_status", 409),
    "35: a second review": (
        REVIEWED,
        AskAgain(Stage.REVIEW, PAPER, HIGHEST, None, PROXY),
        "petition.wrong_status",
        409,
    ),
    "36: nothing is asked after a recheck": (
        RECHECKED,
        AskAgain(Stage.RECHECK, PAPER, "D11000001", None, PROXY),
        "petition.final_recheck",
        409,
    ),
    "no review of a local result": (RESOLVED, ask_review, "petition.wrong_status", 409),
    "no review of what was not accepted": (NOT_ACCEPTED, ask_review, "petition.wrong_status", 409),
    "review answered as a recheck": (IN_REVIEW, recheck, "petition.wrong_status", 409),
    "review answered before it was asked": (
        IN_REVIEW,
        replace(review, delivered_at=NOW - DAY),
        "petition.time_order",
        422,
    ),
    "35: archived while a review may be asked": (REVISITED, Archive(CLERK), "petition.may_still_ask", 409),
    "archived before the revisit": (TOLD, Archive(CLERK), "petition.wrong_status", 409),
    "guided away once it is routed": (
        ROUTED,
        GuideAway(Away.LITIGATION, None, CLERK),
        "petition.wrong_status",
        409,
    ),
    "withdrawn once it is archived": ((*CONTENT, Archive(CLERK)), takes_back, "petition.wrong_status", 409),
    "another proxy's": (ASSIGNED, replace(submit, by=OTHER_PROXY), "petition.not_yours", 403),
    "a proxy before one is assigned": (REGISTERED, Withdraw(TakenBack.PETITION, PROXY), "petition.not_yours", 403),
    "a proxy does not authorise": (REQUESTED, replace(authorise, by=PROXY), "petition.not_yours", 403),
    "a proxy does not register": (AUTHORISED, replace(register, by=PROXY), "petition.not_yours", 403),
    "a proxy names no proxy": (ASSIGNED, Assign("P2", "L1", False, PROXY), "petition.not_yours", 403),
    "a proxy does not archive": (CONTENT, Archive(PROXY), "petition.not_yours", 403),
    "19: the same matter is in hand": (HANDLING, MakeWay(), "petition.already_in_hand", 409),
    "36: the same matter was rechecked": (
        (*RECHECKED, replace(feedback, feedback_id=PAPER), content, Archive(CLERK)),
        MakeWay(),
        "petition.final_recheck",
        409,
    ),
}


@pytest.mark.parametrize(("life", "command", "code", "status"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(life: tuple[Command, ...], command: Command, code: str, status: int) -> None:
    with pytest.raises(Rejected) as refusal:
        decide(lived(*life), command, at(NOW))
    assert (refusal.value.code, refusal.value.status) == (code, status)


def test_whoever_carried_it_once_does_not_revisit_as_a_clerk() -> None:
    first_proxy = replace(CLERK, id="P1")
    replaced = lived(*ISSUED, Assign("P2", "L1", False, CLERK), replace(feedback, by=OTHER_PROXY))
    with pytest.raises(Rejected, match=r"petition\.own_revisit"):
        decide(replaced, Revisit(True, first_proxy), at(NOW))
    assert decide(replaced, content, at(NOW))


@pytest.mark.parametrize(
    "life",
    [REQUESTED, AUTHORISED, (*HANDLING, takes_back), (*CONTENT, Archive(CLERK))],
    ids=["requested", "authorised", "withdrawn", "archived without a recheck"],
)
def test_19_what_is_not_in_hand_makes_way_for_another_petition_in_the_matter(life: tuple[Command, ...]) -> None:
    assert decide(lived(*life), MakeWay(), at(NOW)) == []


@pytest.mark.parametrize("life", [RESOLVED, ISSUED, NOT_ACCEPTED, TOLD], ids=["local", "opinion", "refused", "told"])
def test_what_has_had_an_outcome_goes_on_when_the_order_is_cancelled(life: tuple[Command, ...]) -> None:
    assert decide(lived(*life), EndWithOrder(), at(NOW)) == []


@pytest.mark.parametrize("reason", Away)
def test_31_whoever_is_guided_away_is_told_where_to_turn(reason: Away) -> None:
    (guided,) = decide(lived(*AUTHORISED), GuideAway(reason, None, CLERK), at(NOW))
    assert isinstance(guided, happened.PetitionGuidedAway)
    assert (guided.reason, guided.to, guided.order_id) == (reason, GOES_TO[reason], ORDER)
    assert GOES_TO_ZH[guided.to]


def test_four_firsts_are_recorded_and_a_replaced_proxy_stays_the_first_handler() -> None:
    petition = lived(*SUBMITTED, Assign("P2", "L2", False, CLERK))
    firsts = petition.firsts
    assert (firsts.asked, firsts.received, firsts.handled, firsts.responsible) == ("U1", "C1", "P1", "L2")
    assert petition.proxy == "P2"
    with pytest.raises(Rejected, match=r"petition\.not_yours"):
        decide(petition, replace(submit, by=PROXY), at(NOW))


def test_a_second_objection_is_of_another_authority() -> None:
    again = ObjectToCompetence(PAPER, None, CLERK)
    petition = lived(*OBJECTED, elsewhere, again)
    assert (petition.objections, petition.released) == ((OBJECTION, PAPER), (AUTHORITY,))


def test_an_order_referred_twice_makes_one_petition() -> None:
    assert decide(lived(*HANDLING), request, at(NOW)) == []


def test_one_petition_one_code() -> None:
    assert lived(request).code == petition_code(PETITION)
    assert len(petition_code(PETITION)) == 12
    assert petition_code(PETITION) != petition_code(ISSUE)


def test_every_status_has_a_chinese_name_and_is_met_by_a_row() -> None:
    assert set(STATUS_ZH) == set(Status)
    assert {status for _, _, _, status in ROAD.values()} == set(Status) - {Status.NONE}


@pytest.mark.parametrize("life", OPEN.values(), ids=OPEN)
def test_every_open_state_has_a_deadline(life: tuple[Command, ...]) -> None:
    petition = lived(*life)
    assert petition.status not in TERMINAL
    assert petition.timers


def test_a_citizen_who_does_not_accept_keeps_it_open_until_nothing_can_be_asked_any_more() -> None:
    petition = lived(*TOLD)
    (revisited,) = decide(petition, discontent, at(NOW))
    assert isinstance(revisited, happened.PetitionRevisited)
    assert revisited.archive_due == NOW + 31 * DAY
    petition = folded(petition, [revisited])
    assert decide(petition, Archive(CLERK), at(NOW + 31 * DAY + timedelta(microseconds=1)))
    (archived,) = decide(petition, DeadlineReached("archive"), at(NOW + 31 * DAY))
    assert archived == happened.PetitionArchived(automatic=True, by=None)
