"""Every row of domain.md's Case (mediation) up to an agreement; articles are those of 人民调解法."""

from dataclasses import replace

import pytest

from contracts.codes import CaseOrigin, MediationOutcome
from contracts.event import Event
from contracts.mediation import (
    CaseAccepted,
    CaseFailed,
    CaseGuided,
    CaseReferredOut,
    CaseRegistered,
    CaseStepOverdue,
    CaseTerminated,
    ConsentGiven,
    ConsentRequested,
    MediatorAssigned,
    Party,
    SessionHeld,
)
from contracts.rejected import Rejected
from services.mediation.case import case_code, deadlines, decide
from services.mediation.case_door import ScopeReason
from services.mediation.case_model import (
    STATUS_ZH,
    AssignMediator,
    Command,
    Consent,
    DeadlineReached,
    EndWithOrder,
    Fail,
    Guide,
    HoldSession,
    ReferOut,
    Register,
    Screen,
    Status,
    Withdraw,
)
from services.mediation.case_parts import Guidance
from tests.unit.case_life import (
    ACCEPTED,
    AGREED,
    ASKED,
    ASSIGNED,
    CASE,
    CLERK,
    CONSENT_PENDING,
    DAY,
    FAILED,
    IN_MEDIATION,
    ISSUE,
    MEDIATOR,
    NEIGHBOUR,
    NOT_CONFIRMED,
    NOW,
    ORDER,
    OTHER_MEDIATOR,
    OWNER,
    PARTIES,
    TENANT,
    agree,
    assign,
    at,
    folded,
    lived,
    owner_agrees,
    register,
    screen,
    session,
    tenant_agrees,
)

ROAD = {
    "registered: from an order": ((), register, [CaseRegistered], Status.REGISTERED),
    "registered: through the door": ((), Register(ISSUE, None), [CaseRegistered], Status.REGISTERED),
    "registered: sent by a court": (
        (),
        Register(ISSUE, None, (), CaseOrigin.COURT, "F150105"),
        [CaseRegistered],
        Status.REGISTERED,
    ),
    "REGISTERED -> REFERRED: out of scope": (
        (register,),
        ReferOut(Guidance.COURT, CLERK),
        [CaseReferredOut],
        Status.REFERRED,
    ),
    "REGISTERED -> CONSENT_PENDING": ((register,), screen, [ConsentRequested], Status.CONSENT_PENDING),
    "consent of one of two": (CONSENT_PENDING, tenant_agrees, [ConsentGiven], Status.CONSENT_PENDING),
    "every party consents -> ACCEPTED": (
        (*CONSENT_PENDING, tenant_agrees),
        owner_agrees,
        [ConsentGiven, CaseAccepted],
        Status.ACCEPTED,
    ),
    "17: one refuses -> TERMINATED": (
        (*CONSENT_PENDING, tenant_agrees),
        Consent(OWNER, False, CLERK),
        [CaseTerminated],
        Status.TERMINATED,
    ),
    "17: who had consented takes it back -> TERMINATED": (
        (*CONSENT_PENDING, tenant_agrees),
        Withdraw(TENANT, CLERK),
        [CaseTerminated],
        Status.TERMINATED,
    ),
    "19: mediator assigned": (ACCEPTED, assign, [MediatorAssigned], Status.MEDIATOR_ASSIGNED),
    "mediator replaced": (
        IN_MEDIATION,
        AssignMediator("M2", "M150102001", (), CLERK),
        [MediatorAssigned],
        Status.IN_MEDIATION,
    ),
    "first session": (ASSIGNED, session, [SessionHeld], Status.IN_MEDIATION),
    "second session": (IN_MEDIATION, HoldSession(2, MEDIATOR), [SessionHeld], Status.IN_MEDIATION),
    "26: failed": (IN_MEDIATION, Fail(MEDIATOR), [CaseFailed], Status.FAILED),
    "23: a party withdraws before a mediator is there": (
        ACCEPTED,
        Withdraw(OWNER, CLERK),
        [CaseFailed],
        Status.FAILED,
    ),
    "23: a party withdraws from the session": (IN_MEDIATION, Withdraw(OWNER, MEDIATOR), [CaseFailed], Status.FAILED),
    "the order is cancelled before anybody has consented": (
        CONSENT_PENDING,
        EndWithOrder(),
        [CaseTerminated],
        Status.TERMINATED,
    ),
    "the order is cancelled during the sessions": (IN_MEDIATION, EndWithOrder(), [CaseTerminated], Status.TERMINATED),
    "the order is cancelled after a failure: nothing is left to end": (FAILED, EndWithOrder(), [], Status.FAILED),
    "26: FAILED -> GUIDED": (FAILED, Guide(Guidance.PETITION_PROXY, MEDIATOR), [CaseGuided], Status.GUIDED),
}


@pytest.mark.parametrize(("life", "command", "kinds", "status"), ROAD.values(), ids=ROAD)
def test_what_happens(life: tuple[Command, ...], command: Command, kinds: list[type[Event]], status: Status) -> None:
    case = lived(*life)
    events = decide(case, command, at(NOW))
    assert [type(event) for event in events] == kinds
    after = folded(case, events)
    assert after.status is status
    assert decide(after, command, at(NOW)) == [], "the same command again is already true"


REFUSED = {
    "nothing but Register opens a case": ((), screen, "case.not_found", 404),
    "a deadline of no case": ((), DeadlineReached("screen"), "case.not_found", 404),
    "only one side": (
        (register,),
        Screen((PARTIES[0], Party(party_id=OWNER, side="applicant")), CLERK),
        "case.parties_incomplete",
        422,
    ),
    "the same party twice": ((register,), Screen((*PARTIES, PARTIES[1]), CLERK), "case.parties_incomplete", 422),
    "an appeal of another issue": (
        (register,),
        Screen((Party(party_id=TENANT, side="applicant", appeal_id=ORDER), PARTIES[1]), CLERK),
        "case.unknown_appeal",
        422,
    ),
    "parties changed once asked": (
        CONSENT_PENDING,
        Screen((*PARTIES, Party(party_id=NEIGHBOUR, side="respondent")), CLERK),
        "case.wrong_status",
        409,
    ),
    "referred out once screened": (CONSENT_PENDING, ReferOut(Guidance.COURT, CLERK), "case.wrong_status", 409),
    "consent of a stranger": (CONSENT_PENDING, Consent(NEIGHBOUR, True, CLERK), "case.unknown_party", 422),
    "refusal of a stranger": (CONSENT_PENDING, Consent(NEIGHBOUR, False, CLERK), "case.unknown_party", 422),
    "withdrawal of a stranger": (ACCEPTED, Withdraw(NEIGHBOUR, CLERK), "case.unknown_party", 422),
    "refusal after acceptance is a withdrawal": (ACCEPTED, Consent(OWNER, False, CLERK), "case.wrong_status", 409),
    "mediator before consent": (CONSENT_PENDING, assign, "case.wrong_status", 409),
    "19: conflict of interest": (
        ACCEPTED,
        AssignMediator("M1", "M150102001", (OWNER,), CLERK),
        "case.conflict_of_interest",
        422,
    ),
    "conflict with a stranger": (
        ACCEPTED,
        AssignMediator("M1", "M150102001", (NEIGHBOUR,), CLERK),
        "case.unknown_party",
        422,
    ),
    "a session is left out": (ASSIGNED, HoldSession(2, MEDIATOR), "case.session_number", 422),
    "another mediator's session": (ASSIGNED, HoldSession(1, OTHER_MEDIATOR), "case.not_your_case", 403),
    "the clerk holds no session": (ASSIGNED, HoldSession(1, CLERK), "case.not_your_case", 403),
    "the clerk concludes no agreement": (IN_MEDIATION, replace(agree, by=CLERK), "case.not_your_case", 403),
    "another mediator's guidance": (FAILED, Guide(Guidance.COURT, OTHER_MEDIATOR), "case.not_your_case", 403),
    "a mediator before one is assigned": (ACCEPTED, Withdraw(OWNER, MEDIATOR), "case.not_your_case", 403),
    "failure without a session": (ASSIGNED, Fail(MEDIATOR), "case.wrong_status", 409),
    "guidance before a failure": (IN_MEDIATION, Guide(Guidance.COURT, CLERK), "case.wrong_status", 409),
}


@pytest.mark.parametrize(("life", "command", "code", "status"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(life: tuple[Command, ...], command: Command, code: str, status: int) -> None:
    with pytest.raises(Rejected) as refusal:
        decide(lived(*life), command, at(NOW))
    assert (refusal.value.code, refusal.value.status) == (code, status)


DEADLINES = {
    "screen": ((register,), {"screen": 1}),
    "consent": (CONSENT_PENDING, {"consent": 5}),
    "assign": (ACCEPTED, {"assign": 2}),
    "mediation, from the assignment": (ASSIGNED, {"mediation": 31}),
    "mediation goes on with the sessions": (IN_MEDIATION, {"mediation": 31}),
    "guidance after a failure": (FAILED, {"guidance": 3}),
}


@pytest.mark.parametrize(("life", "days"), DEADLINES.values(), ids=DEADLINES)
def test_deadlines(life: tuple[Command, ...], days: dict[str, int]) -> None:
    assert deadlines(lived(*life)) == {step: NOW + n * DAY for step, n in days.items()}


@pytest.mark.parametrize(
    ("life", "step"),
    [
        ((register,), "screen"),
        (ACCEPTED, "assign"),
        (IN_MEDIATION, "mediation"),
        (FAILED, "guidance"),
        (NOT_CONFIRMED, "guidance"),
        (ASKED, "ruling"),
        (AGREED, "performance:2"),
    ],
)
def test_a_step_overdue_is_recorded_once_and_stays_late_until_it_is_done(life: tuple[Command, ...], step: str) -> None:
    case = lived(*life)
    due = deadlines(case)[step]
    assert decide(case, DeadlineReached(step), at(due - DAY)) == []
    events = decide(case, DeadlineReached(step), at(due))
    assert events == [CaseStepOverdue(step=step, due_at=due)]
    after = folded(case, events)
    assert after.status is case.status
    assert step not in deadlines(after)
    assert after.late == {step: due}
    assert decide(after, DeadlineReached(step), at(due)) == []


def test_consent_that_does_not_come_in_time_terminates() -> None:
    case = lived(*CONSENT_PENDING, tenant_agrees)
    events = decide(case, DeadlineReached("consent"), at(NOW + 5 * DAY))
    assert events == [CaseTerminated(order_id=ORDER, outcome=MediationOutcome.OVERDUE, party_id=None)]
    assert deadlines(folded(case, events)) == {}


def test_a_replaced_mediator_does_not_move_the_limit_and_may_act_no_more() -> None:
    case = lived(*IN_MEDIATION)
    events = decide(case, AssignMediator("M2", "M150102001", (), CLERK), at(NOW + 7 * DAY))
    assert isinstance(events[0], MediatorAssigned)
    assert events[0].mediation_due == NOW + 31 * DAY
    after = folded(case, events)
    assert deadlines(after) == deadlines(case)
    with pytest.raises(Rejected, match=r"case\.not_your_case"):
        decide(after, HoldSession(2, MEDIATOR), at(NOW))


def test_an_order_referred_twice_makes_one_case() -> None:
    assert decide(lived(*IN_MEDIATION), register, at(NOW)) == []


def test_the_event_says_who_left() -> None:
    (failed,) = decide(lived(*ACCEPTED), Withdraw(OWNER, CLERK), at(NOW))
    assert isinstance(failed, CaseFailed)
    assert (failed.reason, failed.party_id) == ("party_withdrew", OWNER)


@pytest.mark.parametrize("origin", [origin for origin in CaseOrigin if origin is not CaseOrigin.ORDER])
def test_one_door_for_everything_that_comes_each_with_its_own_origin(origin: CaseOrigin) -> None:
    (registered,) = decide(lived(), Register(ISSUE, None, (), origin, "F150105"), at(NOW))
    assert isinstance(registered, CaseRegistered)
    assert (registered.origin, registered.order_id, registered.referred_by) == (origin, None, "F150105")
    assert folded(lived(), [registered]).origin is origin


def test_what_the_router_refers_comes_from_an_order() -> None:
    assert lived(register).origin is CaseOrigin.ORDER


@pytest.mark.parametrize("reason", ScopeReason)
def test_out_of_scope_says_why_and_where_to_go(reason: ScopeReason) -> None:
    case = lived(register, ReferOut(Guidance.POLICE, CLERK, reason, "D15010009"))
    assert (case.scope_reason, case.guidance, case.office) == (reason, Guidance.POLICE, "D15010009")


def test_a_withdrawn_issue_ends_what_is_under_way() -> None:
    (ended,) = decide(lived(register), EndWithOrder("issue_withdrawn"), at(NOW))
    assert isinstance(ended, CaseTerminated)
    assert ended.cause == "issue_withdrawn"


def test_one_case_one_code() -> None:
    assert case_code(CASE) == lived(register).code
    assert len(case_code(CASE)) == 12
    assert case_code(CASE) != case_code(ISSUE)


def test_every_status_has_a_chinese_name() -> None:
    assert set(STATUS_ZH) == set(Status)
