"""The court's steps, article by article of 最高人民法院关于人民调解协议司法确认程序的若干规定 (2011)."""

from dataclasses import replace

import pytest

from contracts.event import Event
from contracts.mediation import CaseConfirmed, ConfirmationRequested
from contracts.mediation_course import (
    ConfirmationWithdrawn,
    CourtAccepted,
    CourtDeclined,
    CourtExtended,
    SupplementFiled,
    SupplementRequested,
)
from contracts.rejected import Rejected
from services.mediation.case import deadlines, decide
from services.mediation.case_course import CaseCommand
from services.mediation.case_court import (
    CourtAccepts,
    CourtAsks,
    CourtDeclines,
    CourtExtends,
    FileSupplement,
    WithdrawRequest,
)
from services.mediation.case_model import DeadlineReached, PerformInstalment, Rule, Status
from services.mediation.case_parts import Declined
from tests.unit.case_life import (
    AGREED,
    ASKED,
    CLERK,
    CONFIRMED,
    DAY,
    MEDIATOR,
    NEIGHBOUR,
    NOW,
    OTHER_MEDIATOR,
    PERFORMING,
    TENANT,
    ask_court,
    at,
    folded,
    lived,
)

takes = CourtAccepts(CLERK)
declines = CourtDeclines(Declined.JURISDICTION, CLERK)
longer = CourtExtends(CLERK)
asks = CourtAsks(NOW + 5 * DAY, CLERK)
files = FileSupplement(MEDIATOR)
withdraws = WithdrawRequest(TENANT, CLERK)
TAKEN = (*ASKED, takes)
MORE = (*TAKEN, asks)

ROAD = {
    "4: the court takes it": (ASKED, takes, [CourtAccepted], Status.CONFIRMATION_PENDING),
    "4: the court declines; the agreement binds as before": (
        ASKED,
        declines,
        [CourtDeclined],
        Status.AGREED_WRITTEN,
    ),
    "4: identity, adoption and marriage are not taken": (
        ASKED,
        replace(declines, reason=Declined.MARRIAGE),
        [CourtDeclined],
        Status.AGREED_WRITTEN,
    ),
    "4: declined when a part was performed": (
        (*PERFORMING, ask_court),
        declines,
        [CourtDeclined],
        Status.PERFORMING,
    ),
    "4: both at court get the decision at once": (ASKED, Rule(None, CLERK), [CaseConfirmed], Status.CONFIRMED),
    "5: ten days more": (TAKEN, longer, [CourtExtended], Status.CONFIRMATION_PENDING),
    "5: a party withdraws": (TAKEN, withdraws, [ConfirmationWithdrawn], Status.AGREED_WRITTEN),
    "5: withdrawn before it was taken": (ASKED, withdraws, [ConfirmationWithdrawn], Status.AGREED_WRITTEN),
    "6: the court asks for more": (TAKEN, asks, [SupplementRequested], Status.CONFIRMATION_PENDING),
    "6: and gets it": (MORE, files, [SupplementFiled], Status.CONFIRMATION_PENDING),
    "33: asked again, elsewhere, after it was declined": (
        (*ASKED, declines),
        replace(ask_court, court="F150103"),
        [ConfirmationRequested],
        Status.CONFIRMATION_PENDING,
    ),
    "33: asked again after it was withdrawn": (
        (*ASKED, withdraws),
        ask_court,
        [ConfirmationRequested],
        Status.CONFIRMATION_PENDING,
    ),
}


@pytest.mark.parametrize(("life", "command", "kinds", "status"), ROAD.values(), ids=ROAD)
def test_what_happens(
    life: tuple[CaseCommand, ...], command: CaseCommand, kinds: list[type[Event]], status: Status
) -> None:
    case = lived(*life)
    events = decide(case, command, at(NOW))
    assert [type(event) for event in events] == kinds
    after = folded(case, events)
    assert after.status is status
    assert decide(after, command, at(NOW)) == [], "the same command again is already true"


REFUSED = {
    "taken without a request": (AGREED, takes, "case.wrong_status", 409),
    "declined once taken": (TAKEN, declines, "case.court_step", 409),
    "5: longer before it is taken": (ASKED, longer, "case.court_step", 409),
    "6: more before it is taken": (ASKED, asks, "case.court_step", 409),
    "6: supplemented without being asked": (TAKEN, files, "case.court_step", 409),
    "6: more until yesterday": (TAKEN, replace(asks, due=NOW), "case.supplement_date", 422),
    "5: a stranger withdraws": (TAKEN, WithdrawRequest(NEIGHBOUR, CLERK), "case.unknown_party", 422),
    "6: taken as withdrawn in time": (MORE, WithdrawRequest(None, CLERK), "case.nothing_to_supplement", 422),
    "6: taken as withdrawn without being asked": (
        TAKEN,
        WithdrawRequest(None, CLERK),
        "case.nothing_to_supplement",
        422,
    ),
    "withdrawn once confirmed": (CONFIRMED, withdraws, "case.wrong_status", 409),
    "a step of the court once all is performed": (
        (*PERFORMING, ask_court, PerformInstalment(2, CLERK)),
        takes,
        "case.wrong_status",
        409,
    ),
    "another mediator's court": (ASKED, CourtAccepts(OTHER_MEDIATOR), "case.not_your_case", 403),
}


@pytest.mark.parametrize(("life", "command", "code", "status"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(life: tuple[CaseCommand, ...], command: CaseCommand, code: str, status: int) -> None:
    with pytest.raises(Rejected) as refusal:
        decide(lived(*life), command, at(NOW))
    assert (refusal.value.code, refusal.value.status) == (code, status)


COURT = ("acceptance", "ruling", "supplement")
DEADLINES = {
    "4: three days to take it, and fifteen after those": (ASKED, {"acceptance": 3, "ruling": 18}),
    "5: fifteen from the taking": (TAKEN, {"ruling": 15}),
    "5: and ten": ((*TAKEN, longer), {"ruling": 25}),
    "6: more is due, and the court's clock runs on": (MORE, {"ruling": 15, "supplement": 5}),
    "6: it is there": ((*MORE, files), {"ruling": 15}),
    "none once declined": ((*ASKED, declines), {}),
    "none once withdrawn": ((*MORE, withdraws), {}),
    "none once ruled": ((*MORE, Rule(None, CLERK)), {}),
}


@pytest.mark.parametrize(("life", "days"), DEADLINES.values(), ids=DEADLINES)
def test_the_courts_limits(life: tuple[CaseCommand, ...], days: dict[str, int]) -> None:
    running = {step: due for step, due in deadlines(lived(*life)).items() if step in COURT}
    assert running == {step: NOW + n * DAY for step, n in days.items()}


@pytest.mark.parametrize(
    ("life", "step", "then"),
    [(ASKED, "acceptance", takes), (TAKEN, "ruling", longer), (MORE, "supplement", files)],
)
def test_a_late_step_of_the_court_shows_it_until_it_is_done(
    life: tuple[CaseCommand, ...], step: str, then: CaseCommand
) -> None:
    case = lived(*life)
    due = deadlines(case)[step]
    late = folded(case, decide(case, DeadlineReached(step), at(due)))
    assert late.late == {step: due}
    assert folded(late, decide(late, then, at(due + DAY))).late == {}


def test_5_ten_days_more_come_once() -> None:
    assert decide(lived(*TAKEN, longer), longer, at(NOW + 20 * DAY)) == []


def test_6_what_is_not_supplemented_in_time_may_be_taken_as_withdrawn() -> None:
    case = lived(*MORE)
    command = WithdrawRequest(None, CLERK)
    events = decide(case, command, at(NOW + 5 * DAY))
    assert events == [ConfirmationWithdrawn(party_id=None, by="C1")]
    assert decide(folded(case, events), command, at(NOW + 5 * DAY)) == []


def test_33_a_declined_request_moves_no_limit() -> None:
    with pytest.raises(Rejected, match=r"case\.confirmation_too_late"):
        decide(lived(*ASKED, declines), ask_court, at(NOW + 31 * DAY))


def test_a_new_request_starts_with_no_step_of_the_court() -> None:
    assert not lived(*MORE, withdraws, ask_court).court_steps.accepted
