"""Whatever a centre's clerk and its mediators do, in whatever order."""

from pathlib import Path

from hypothesis import strategies as st

from chassis.limits import load_limits
from contracts.mediation import Party
from services.mediation import aggregates
from services.mediation.case_model import (
    TERMINAL,
    Agree,
    AssignMediator,
    Case,
    Command,
    Consent,
    EndWithOrder,
    Fail,
    Form,
    Guidance,
    Guide,
    HoldSession,
    PerformInstalment,
    ReferOut,
    Refusal,
    Register,
    ReportBreach,
    RequestConfirmation,
    Rule,
    Screen,
    Staff,
    Status,
    Withdraw,
)
from tests.property.decider import ID, DeciderProperties

LIMITS = load_limits(Path(aggregates.__file__).parent / "limits.toml")
ONE, TWO, PAPER, PAPER_2 = (f"01900000-0000-7000-8000-00000000000{n}" for n in (2, 3, 4, 5))
CLERK, MEDIATOR = Staff("C1", True), Staff("M1", False)
PARTIES = (Party(party_id=ONE, side="applicant"), Party(party_id=TWO, side="respondent"))

register = Register(ID, ID)
agreements = st.builds(
    Agree,
    st.sampled_from([PAPER, PAPER_2]),
    st.sampled_from(Form),
    st.none(),
    st.sampled_from([(None,), (None, None)]),
    st.just(MEDIATOR),
)
rulings = st.builds(Rule, st.sampled_from([None, Refusal.UNCLEAR]), st.just(CLERK))
parties = st.sampled_from([ONE, TWO])
instalments = st.integers(1, 2)
staff = st.sampled_from([CLERK, MEDIATOR])
guides = st.builds(Guide, st.sampled_from(Guidance), staff)
performed = st.builds(PerformInstalment, instalments, staff)
breaches = st.builds(ReportBreach, instalments, staff)
withdrawals = st.builds(Withdraw, parties, staff)
asked = st.builds(
    RequestConfirmation, st.just((ONE, TWO)), st.sampled_from(["F150102", "F150103"]), st.just(False), staff
)
assignments = st.builds(
    AssignMediator, st.sampled_from(["M1", "M2"]), st.just("M150102001"), st.sampled_from([(), (ONE,)]), st.just(CLERK)
)
consents = st.builds(Consent, parties, st.sampled_from([True, True, True, False]), st.just(CLERK))
kept = st.one_of(performed, asked, breaches)
screen = Screen(PARTIES, CLERK)

#: What usually comes next: without it a walk of some twenty steps would hardly ever reach an agreement.
USUAL: dict[Status, st.SearchStrategy[Command]] = {
    Status.NONE: st.just(register),
    Status.REGISTERED: st.sampled_from([screen, screen, screen, ReferOut(Guidance.COURT, CLERK)]),
    Status.CONSENT_PENDING: consents,
    Status.ACCEPTED: st.just(AssignMediator("M1", "M150102001", (), CLERK)),
    Status.IN_MEDIATION: st.one_of(agreements, agreements, st.just(Fail(MEDIATOR))),
    Status.AGREED_WRITTEN: kept,
    Status.AGREED_ORAL: kept,
    Status.CONFIRMATION_PENDING: rulings,
    Status.CONFIRMED: kept,
    Status.PERFORMING: kept,
    Status.FAILED: guides,
    Status.BREACHED: guides,
}


def draw_command(draw: st.DrawFn, case: Case) -> Command:
    session = st.just(HoldSession(case.sessions + 1, MEDIATOR))
    if draw(st.integers(0, 7)):
        return draw(USUAL.get(case.status, session))
    mediating = st.one_of(consents, assignments, session, agreements, withdrawals, guides)
    once: st.SearchStrategy[Command] = st.sampled_from([register, screen, Fail(MEDIATOR), EndWithOrder()])
    return draw(st.one_of(once, mediating, rulings, kept))


class TestCase(DeciderProperties):
    aggregate = aggregates.cases(LIMITS)
    terminal = TERMINAL
    all_statuses = frozenset(Status)
    draw_command = staticmethod(draw_command)
