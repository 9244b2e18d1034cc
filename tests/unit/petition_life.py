"""A petition's life in tests: its staff, and what has happened to it so far."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from contracts.event import Event
from services.mediation.petition import decide
from services.mediation.petition_commands import (
    Accept,
    AnswerAgain,
    AskAgain,
    Assign,
    Authorise,
    BeginHandling,
    Command,
    Extend,
    GiveFeedback,
    IssueOpinion,
    NotAccept,
    ObjectToCompetence,
    Register,
    Request,
    ResolveLocally,
    Revisit,
    Route,
    Submit,
)
from services.mediation.petition_evolve import evolve
from services.mediation.petition_model import Answer, Away, Context, Delay, Outcome, Petition, Stage
from services.mediation.staff import Staff

IDS = [f"01900000-0000-7000-8000-0000000001{n:02}" for n in range(20)]
PETITION, ISSUE, ORDER, APPEAL, PAPER, RESULT, OPINION, OPINION_2, OPINION_3, OBJECTION, REQUEST, REQUEST_2 = IDS[:12]
FEEDBACK, EXTENSION, CASE, REVEAL = IDS[12:16]
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
DAY = timedelta(days=1)
DAYS = {
    "petition_authorise": 7,
    "petition_register": 1,
    "petition_assign": 2,
    "petition_local": 8,
    "petition_route": 15,
    "petition_objection": 6,
    "petition_objection_ruling": 3,
    "petition_acceptance": 14,
    "petition_handling": 60,
    "petition_extension": 30,
    "petition_review_request": 31,
    "petition_review": 29,
    "petition_feedback": 4,
    "petition_revisit": 5,
    "petition_archive": 9,
}
CLERK, PROXY, OTHER_PROXY = Staff("C1", True), Staff("P1", False), Staff("P2", False)
OFFICE, AUTHORITY, OTHER_AUTHORITY, HIGHER, HIGHEST = "D15010201", "D15010202", "D15010203", "D15010001", "D15000001"

request = Request(ISSUE, ORDER, None, (APPEAL,), "U1")
authorise = Authorise(PAPER, None, 1, 0, CLERK)
register = Register(CLERK)
assign = Assign("P1", "L1", False, CLERK)
resolve = ResolveLocally(RESULT, PROXY)
submit = Submit(OFFICE, None, PROXY)
route = Route(AUTHORITY, None, CLERK)
objection = ObjectToCompetence(OBJECTION, None, CLERK)
accept = Accept(None, PROXY)
not_accept = NotAccept(Away.LITIGATION, PROXY)
begin = BeginHandling(PROXY)
opinion = IssueOpinion(OPINION, Outcome.NOT_SUPPORTED, None, PROXY)
feedback = GiveFeedback(FEEDBACK, PROXY)
content, discontent = Revisit(True, CLERK), Revisit(False, CLERK)
ask_review = AskAgain(Stage.REVIEW, REQUEST, HIGHER, None, PROXY)
review = AnswerAgain(Stage.REVIEW, OPINION_2, Answer.UPHELD, None, PROXY)
ask_recheck = AskAgain(Stage.RECHECK, REQUEST_2, HIGHEST, None, PROXY)
recheck = AnswerAgain(Stage.RECHECK, OPINION_3, Answer.CHANGED, None, PROXY)

REQUESTED = (request,)
AUTHORISED = (*REQUESTED, authorise)
REGISTERED = (*AUTHORISED, register)
ASSIGNED = (*REGISTERED, assign)
RESOLVED = (*ASSIGNED, resolve)
SUBMITTED = (*ASSIGNED, submit)
ROUTED = (*SUBMITTED, route)
OBJECTED = (*ROUTED, objection)
ACCEPTED = (*ROUTED, accept)
NOT_ACCEPTED = (*ROUTED, not_accept)
HANDLING = (*ACCEPTED, begin)
ISSUED = (*HANDLING, opinion)
TOLD = (*ISSUED, feedback)
REVISITED = (*TOLD, discontent)
IN_REVIEW = (*TOLD, ask_review)
REVIEWED = (*IN_REVIEW, review)
IN_RECHECK = (*REVIEWED, ask_recheck)
RECHECKED = (*IN_RECHECK, recheck)


def extend(days: float, by: Staff = PROXY) -> Extend:
    """Of an acceptance at ``NOW``, beyond its 60 days."""
    return Extend(EXTENSION, NOW + (60 + days) * DAY, Delay.COMPLEX, "L9", by)


def at(now: datetime) -> Context:
    return Context(PETITION, now, lambda limit, start: start + DAYS[limit] * DAY, 5)


def lived(*commands: Command) -> Petition:
    """A petition to which all of this has happened at one instant."""
    petition = Petition()
    for command in commands:
        events = decide(petition, command, at(NOW))
        assert events, f"{command} did nothing in {petition.status}"
        petition = folded(petition, events)
    return petition


def folded(petition: Petition, events: Sequence[Event]) -> Petition:
    for event in events:
        petition = evolve(petition, event)
    return petition
