"""Whatever a centre's clerk and its proxies do with a petition, in whatever order."""

from datetime import datetime
from functools import cache
from pathlib import Path

from hypothesis import strategies as st

from chassis.limits import load_limits
from contracts.mediation_petitions import PetitionTextsShown
from services.mediation import aggregates
from services.mediation.petition_commands import (
    Accept,
    AnswerAgain,
    Archive,
    AskAgain,
    Assign,
    Authorise,
    BeginHandling,
    Command,
    EndWithOrder,
    Extend,
    GiveFeedback,
    GuideAway,
    IssueOpinion,
    MakeWay,
    NotAccept,
    ObjectToCompetence,
    Register,
    RejectObjection,
    Request,
    ResolveLocally,
    Revisit,
    Route,
    ShowTexts,
    Submit,
    Withdraw,
)
from services.mediation.petition_model import TERMINAL, Answer, Away, Delay, Outcome, Petition, Stage, Status, TakenBack
from services.mediation.staff import Staff
from tests.property.decider import ID, START, DeciderProperties

LIMITS = load_limits(Path(aggregates.__file__).parent / "limits.toml")
IDS = st.sampled_from([f"01900000-0000-7000-8000-0000000001{n:02}" for n in range(8)])
CLERK, PROXY = Staff("C1", True), Staff("P1", False)
staff = st.sampled_from([CLERK, PROXY])
authorities = st.sampled_from([f"D1501020{n}" for n in range(1, 5)])

request = Request(ID, ID, None, (ID,), "U1")
authorise = Authorise(ID, None, 1, 0, CLERK)
register, assign = Register(CLERK), Assign("P1", "L1", False, CLERK)
resolved = st.builds(ResolveLocally, IDS, staff)
submitted = st.builds(Submit, authorities, st.none(), staff)
routed = st.builds(Route, authorities, st.none(), staff)
objected = st.builds(ObjectToCompetence, IDS, st.none(), staff)
rejected = st.builds(RejectObjection, staff)
accepted = st.builds(Accept, st.sampled_from([None, START]), staff)
not_accepted = st.builds(NotAccept, st.sampled_from(Away), staff)
opinions = st.builds(IssueOpinion, IDS, st.sampled_from(Outcome), st.none(), staff)
told = st.builds(GiveFeedback, IDS, staff)
revisited = st.builds(Revisit, st.booleans(), st.just(CLERK))
reviews = st.builds(AskAgain, st.just(Stage.REVIEW), IDS, authorities, st.none(), staff)
rechecks = st.builds(AskAgain, st.just(Stage.RECHECK), IDS, authorities, st.none(), staff)
answered = st.builds(AnswerAgain, st.sampled_from(Stage), IDS, st.sampled_from(Answer), st.none(), staff)
after_opinion = st.one_of(told, reviews, rechecks)

#: What usually comes next: without it a walk of some twenty steps would hardly ever reach a recheck.
USUAL: dict[Status, st.SearchStrategy[Command]] = {
    Status.NONE: st.just(request),
    Status.REQUESTED: st.just(authorise),
    Status.AUTHORISED: st.just(register),
    Status.REGISTERED: st.just(assign),
    Status.ASSIGNED: st.one_of(submitted, submitted, resolved),
    Status.SUBMITTED: routed,
    Status.ROUTED: st.one_of(accepted, accepted, not_accepted, objected, rejected, routed),
    Status.ACCEPTED: st.one_of(st.just(BeginHandling(PROXY)), opinions),
    Status.HANDLING: opinions,
    Status.OPINION_ISSUED: after_opinion,
    Status.RESOLVED_LOCALLY: told,
    Status.NOT_ACCEPTED: told,
    Status.REVIEW: answered,
    Status.RECHECK: answered,
    Status.FEEDBACK: st.one_of(revisited, reviews, rechecks),
    Status.REVISITED: st.one_of(st.just(Archive(CLERK)), reviews, rechecks),
}
away = st.builds(GuideAway, st.sampled_from(Away), st.none(), staff)
withdrawn = st.builds(Withdraw, st.sampled_from(TakenBack), staff)
shown = st.builds(ShowTexts, IDS, st.just("handling"), st.just("C1"))
again = st.builds(Assign, st.sampled_from(["P1", "P2"]), st.sampled_from(["L1", "L2"]), st.booleans(), st.just(CLERK))
others: st.SearchStrategy[Command] = st.sampled_from([request, authorise, register, EndWithOrder(), MakeWay()])


@cache
def anything(until: datetime) -> st.SearchStrategy[Command]:
    """Whatever may be asked at an odd time; ``until`` is when handling is due."""
    longer = st.builds(
        Extend, IDS, st.just(LIMITS.due("petition_extension", until)), st.sampled_from(Delay), st.just("L9"), staff
    )
    return st.one_of(others, away, withdrawn, shown, again, longer, after_opinion, routed, objected)


def draw_command(draw: st.DrawFn, petition: Petition) -> Command:
    if draw(st.integers(0, 7)):
        usual: Command = draw(USUAL.get(petition.status, others))
        return usual
    odd: Command = draw(anything(petition.handling_due or START))
    return odd


class TestPetition(DeciderProperties):
    aggregate = aggregates.petitions(LIMITS)
    terminal = TERMINAL
    all_statuses = frozenset(Status)
    harmless = (PetitionTextsShown,)
    draw_command = staticmethod(draw_command)
