"""Whatever a centre's clerk and its mediators do, in whatever order."""

from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from hypothesis import strategies as st

from chassis.limits import load_limits
from contracts.mediation import Party, Signature
from contracts.mediation_course import CaseTextRevealed, RiskCleared, RiskReported
from contracts.mediation_door import PanelMember
from services.mediation import aggregates
from services.mediation.case_archive import ArchiveCase, VisitAgain
from services.mediation.case_course import CaseCommand
from services.mediation.case_court import (
    CourtAccepts,
    CourtAsks,
    CourtDeclines,
    CourtExtends,
    FileSupplement,
    WithdrawRequest,
)
from services.mediation.case_door import (
    Acting,
    AnswerProposal,
    Capacity,
    EndRepresentation,
    JoinParty,
    NameRepresentative,
    ProposeMediator,
    RecusalReason,
    Recuse,
    Representative,
)
from services.mediation.case_model import (
    TERMINAL,
    Agree,
    AssignMediator,
    Case,
    Consent,
    EndWithOrder,
    Fail,
    Form,
    Guide,
    HoldSession,
    PerformInstalment,
    ReferOut,
    Register,
    ReportBreach,
    RequestConfirmation,
    Rule,
    Screen,
    Staff,
    Status,
    Withdraw,
)
from services.mediation.case_parts import (
    Declined,
    Guidance,
    Measure,
    Outcome,
    Paper,
    Purpose,
    Refusal,
    RiskKind,
    Setting,
    Way,
)
from services.mediation.case_performance import ChangeInstalment, OverseePerformance, PerformPart
from services.mediation.case_sessions import ClearRisk, ExtendMediation, PlanSession, ReportRisk, RevealText
from services.mediation.prestage_words import BeginPrestage, EndPrestage, Participant, Prestage, RecordStep, Step
from tests.property.decider import ID, START, DeciderProperties

LIMITS = load_limits(Path(aggregates.__file__).parent / "limits.toml")
ONE, TWO, PAPER, PAPER_2 = (f"01900000-0000-7000-8000-00000000000{n}" for n in (2, 3, 4, 5))
CLERK, MEDIATOR = Staff("C1", True), Staff("M1", False)
SIGNED = Paper(
    signatures=(Signature(party_id=ONE, way="signature"), Signature(party_id=TWO, way="seal")),
    mediator_signed=True,
    committee_sealed=True,
)
PARTIES = (Party(party_id=ONE, side="applicant"), Party(party_id=TWO, side="respondent"))

register = Register(ID, ID)
agreements = st.builds(
    Agree,
    st.sampled_from([PAPER, PAPER_2]),
    st.sampled_from(Form),
    st.none(),
    st.sampled_from([(None,), (None, None)]),
    st.just(MEDIATOR),
    st.just(SIGNED),
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
members = st.sampled_from([(), (PanelMember(mediator_id="P1", office="court"),)])
assignments = st.one_of(
    assignments,
    st.builds(
        AssignMediator, st.sampled_from(["M1", "M2"]), st.just("M150102001"), st.just(()), st.just(CLERK), members
    ),
)
mediators = st.sampled_from(["M1", "M2", "P1"])
choices: st.SearchStrategy[CaseCommand] = st.one_of(
    st.builds(ProposeMediator, mediators, st.just("M150102001"), parties, st.just(CLERK)),
    st.builds(AnswerProposal, mediators, parties, st.booleans(), st.just(CLERK)),
    st.builds(Recuse, mediators, st.sampled_from([None, ONE]), st.sampled_from(RecusalReason), staff),
)
consents = st.builds(Consent, parties, st.sampled_from([True, True, True, False]), st.just(CLERK))
whens = st.sampled_from([START + timedelta(days=n) for n in (10, 40, 70, 100, 400)])
both = st.sampled_from([(ONE, TWO), (ONE, TWO), (ONE,)])
parts = st.builds(PerformPart, instalments, st.sampled_from([30, 60]), staff)
changes = st.builds(ChangeInstalment, instalments, whens, both, staff)
checks = st.builds(OverseePerformance, parties, instalments, st.sampled_from(Way), staff)
joined = st.builds(
    Party,
    party_id=st.sampled_from([ONE, PAPER]),
    side=st.sampled_from(["applicant", "respondent"]),
    capacity=st.sampled_from([None, *Capacity]),
)
representatives = st.builds(
    Representative, st.sampled_from([PAPER, PAPER_2]), parties, st.sampled_from(Acting), st.booleans()
)
door: st.SearchStrategy[CaseCommand] = st.one_of(
    st.builds(JoinParty, joined, st.just(CLERK)),
    st.builds(NameRepresentative, representatives, st.booleans(), staff),
    st.builds(EndRepresentation, st.sampled_from([PAPER, PAPER_2]), staff),
    st.builds(
        Consent, st.sampled_from([ONE, TWO, PAPER]), st.just(True), st.just(CLERK), st.sampled_from([PAPER, PAPER_2])
    ),
)
prestages = st.builds(
    BeginPrestage,
    st.sampled_from(Prestage),
    st.sampled_from([(Participant.COMMUNITY, Participant.OWNERS_COMMITTEE), (Participant.OFFICE,)]),
    st.just(CLERK),
)
prestage_ends = st.builds(EndPrestage, st.booleans(), st.just(CLERK))


@cache
def prestage_steps(following: Step, earliest: datetime) -> st.SearchStrategy[CaseCommand]:
    """The next step, the end, or any step at an odd time."""
    return st.one_of(
        st.builds(RecordStep, st.just(following), st.just(earliest), st.just(CLERK)),
        st.builds(RecordStep, st.just(following), st.just(earliest), st.just(CLERK)),
        st.builds(RecordStep, st.sampled_from(Step), whens, st.just(CLERK)),
        prestage_ends,
    )


kept = st.one_of(performed, asked, breaches, parts, changes, checks)
court = st.one_of(
    st.builds(CourtAccepts, staff),
    st.builds(CourtDeclines, st.sampled_from(Declined), staff),
    st.builds(CourtExtends, staff),
    st.builds(CourtAsks, whens, staff),
    st.builds(FileSupplement, staff),
    st.builds(WithdrawRequest, st.sampled_from([ONE, None]), staff),
)
risks = st.builds(
    ReportRisk,
    parties,
    st.sampled_from(RiskKind),
    st.sampled_from(["P150102001", None]),
    st.none(),
    st.sampled_from(Measure),
    staff,
)
talking = st.one_of(
    risks,
    st.builds(ClearRisk, parties, staff),
    st.builds(ExtendMediation, whens, both, staff),
    st.builds(RevealText, parties, st.just("sessions"), st.sampled_from(Purpose), staff),
)
visits = st.builds(VisitAgain, st.sampled_from(Outcome), staff)
archives = st.builds(ArchiveCase, staff)
screen = Screen(PARTIES, CLERK)


def usually(
    often: st.SearchStrategy[CaseCommand], seldom: st.SearchStrategy[CaseCommand]
) -> st.SearchStrategy[CaseCommand]:
    """One time in ten something else."""
    return st.integers(0, 9).flatmap(lambda chance: often if chance else seldom)


#: What usually comes next: without it a walk of some twenty steps would hardly ever reach an agreement.
USUAL: dict[Status, st.SearchStrategy[CaseCommand]] = {
    Status.NONE: st.just(register),
    Status.REGISTERED: usually(
        st.sampled_from([screen, screen, screen, ReferOut(Guidance.COURT, CLERK)]), st.one_of(prestages, prestage_ends)
    ),
    Status.CONSENT_PENDING: usually(consents, door),
    Status.ACCEPTED: usually(st.just(AssignMediator("M1", "M150102001", (), CLERK)), st.one_of(assignments, choices)),
    Status.IN_MEDIATION: st.one_of(agreements, agreements, st.just(Fail(MEDIATOR))),
    Status.AGREED_WRITTEN: kept,
    Status.AGREED_ORAL: kept,
    Status.CONFIRMATION_PENDING: st.one_of(rulings, court),
    Status.CONFIRMED: kept,
    Status.PERFORMING: kept,
    Status.FAILED: guides,
    Status.BREACHED: guides,
    Status.GUIDED: visits,
    Status.PERFORMED: visits,
    Status.SETTLED: visits,
    Status.REVISITED: st.one_of(archives, archives, st.builds(ClearRisk, parties, staff)),
}


@cache
def session(number: int) -> st.SearchStrategy[CaseCommand]:
    return st.just(HoldSession(number, MEDIATOR))


@cache
def unusual(number: int) -> st.SearchStrategy[CaseCommand]:
    """Anything, at whatever time; ``number`` is the next session's."""
    mediating = st.one_of(consents, assignments, session(number), agreements, withdrawals, guides)
    once: st.SearchStrategy[CaseCommand] = st.sampled_from([register, screen, Fail(MEDIATOR), EndWithOrder()])
    plans = st.builds(PlanSession, st.just(number), whens, st.sampled_from(Setting), staff)
    later = st.one_of(court, talking, plans, visits, archives)
    return st.one_of(once, mediating, choices, door, prestages, prestage_ends, rulings, kept, later)


def draw_command(draw: st.DrawFn, case: Case) -> CaseCommand:
    following = case.sessions + 1
    if case.status is Status.PRE_STAGE:
        tried = case.prestage
        following_step = (tried and tried.next_step) or Step.COLLECT
        earliest = tried.steps[-1][1] if tried and tried.steps else START
        trying: CaseCommand = draw(prestage_steps(following_step, earliest))
        return trying
    if draw(st.integers(0, 7)):
        usual: CaseCommand = draw(USUAL.get(case.status, session(following)))
        return usual
    odd: CaseCommand = draw(unusual(following))
    return odd


class TestCase(DeciderProperties):
    aggregate = aggregates.cases(LIMITS)
    terminal = TERMINAL
    all_statuses = frozenset(Status)
    harmless = (RiskReported, RiskCleared, CaseTextRevealed)
    draw_command = staticmethod(draw_command)
