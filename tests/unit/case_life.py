"""A case's life in tests: its parties, its staff, and what has happened to it so far."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from contracts.event import Event
from contracts.mediation import (
    Party,
)
from services.mediation.case import decide, evolve
from services.mediation.case_model import (
    Agree,
    AssignMediator,
    Case,
    Command,
    Consent,
    Context,
    Fail,
    Form,
    HoldSession,
    PerformInstalment,
    Refusal,
    Register,
    ReportBreach,
    RequestConfirmation,
    Rule,
    Screen,
    Staff,
)

CASE, ISSUE, ORDER, APPEAL, TENANT, OWNER, NEIGHBOUR, PAPER, PAPER_2 = (
    f"01900000-0000-7000-8000-00000000000{n}" for n in range(1, 10)
)
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
DAY = timedelta(days=1)
DAYS = {
    "screen": 1,
    "consent": 5,
    "assign": 2,
    "mediation": 31,
    "guidance": 3,
    "confirmation_request": 30,
    "court_acceptance": 3,
    "court_ruling": 15,
    "performance": 28,
}
CLERK, MEDIATOR, OTHER_MEDIATOR = Staff("C1", True), Staff("M1", False), Staff("M2", False)
PARTIES = (
    Party(party_id=TENANT, side="applicant", appeal_id=APPEAL),
    Party(party_id=OWNER, side="respondent"),
)

register = Register(ISSUE, ORDER, (APPEAL,))
screen = Screen(PARTIES, CLERK)
tenant_agrees = Consent(TENANT, True, CLERK)
owner_agrees = Consent(OWNER, True, CLERK)
assign = AssignMediator("M1", "M150102001", (), CLERK)
session = HoldSession(1, MEDIATOR)
agree = Agree(PAPER, Form.WRITTEN, None, (NOW + 10 * DAY, None), MEDIATOR)
ask_court = RequestConfirmation((OWNER, TENANT), "F150102", False, CLERK)
refuse = Rule(Refusal.UNCLEAR, CLERK)

CONSENT_PENDING = (register, screen)
ACCEPTED = (*CONSENT_PENDING, tenant_agrees, owner_agrees)
ASSIGNED = (*ACCEPTED, assign)
IN_MEDIATION = (*ASSIGNED, session)
AGREED = (*IN_MEDIATION, agree)
FAILED = (*IN_MEDIATION, Fail(MEDIATOR))
ASKED = (*AGREED, ask_court)
CONFIRMED = (*ASKED, Rule(None, CLERK))
NOT_CONFIRMED = (*ASKED, refuse)
PERFORMING = (*AGREED, PerformInstalment(1, MEDIATOR))


def at(now: datetime) -> Context:
    return Context(CASE, now, lambda limit, start: start + DAYS[limit] * DAY)


def lived(*commands: Command) -> Case:
    """A case to which all of this has happened at one instant."""
    case = Case()
    for command in commands:
        events = decide(case, command, at(NOW))
        assert events, f"{command} did nothing in {case.status}"
        case = folded(case, events)
    return case


def folded(case: Case, events: Sequence[Event]) -> Case:
    for event in events:
        case = evolve(case, event)
    return case


def breached(*life: Command) -> Case:
    case = lived(*life)
    return folded(case, decide(case, ReportBreach(1, CLERK), at(NOW + 10 * DAY)))


def oral(number: int = 1) -> Agree:
    return Agree(PAPER_2, Form.ORAL, None, (None,) * number, MEDIATOR)
