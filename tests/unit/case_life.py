"""A case's life in tests: its parties, its staff, and what has happened to it so far."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from contracts.event import Event
from contracts.mediation import (
    Party,
    Signature,
)
from services.mediation.case import decide, evolve
from services.mediation.case_course import CaseCommand
from services.mediation.case_model import (
    Agree,
    AssignMediator,
    Case,
    Consent,
    Context,
    Fail,
    Form,
    HoldSession,
    PerformInstalment,
    Register,
    ReportBreach,
    RequestConfirmation,
    Rule,
    Screen,
    Staff,
)
from services.mediation.case_parts import Paper, Refusal

CASE, ISSUE, ORDER, APPEAL, TENANT, OWNER, NEIGHBOUR, PAPER, PAPER_2 = (
    f"01900000-0000-7000-8000-00000000000{n}" for n in range(1, 10)
)
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
DAY = timedelta(days=1)
DAYS = {
    "screen": 1,
    "triangle": 7,
    "deliberation_collect": 3,
    "deliberation_decide": 4,
    "deliberation_deliberate": 5,
    "deliberation_publish": 6,
    "deliberation_carry_out": 8,
    "deliberation_evaluate": 9,
    "deliberation_outcome": 10,
    "consent": 5,
    "assign": 2,
    "mediation": 31,
    "guidance": 3,
    "confirmation_request": 30,
    "court_acceptance": 3,
    "court_ruling": 15,
    "performance": 28,
    "reminder": 3,
    "revisit": 14,
    "archive": 14,
    "court_extension": 10,
    "session_record": 1,
    "mediation_extension": 31,
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
signed = Paper(
    signatures=(Signature(party_id=TENANT, way="signature"), Signature(party_id=OWNER, way="fingerprint")),
    mediator_signed=True,
    committee_sealed=True,
)
agree = Agree(PAPER, Form.WRITTEN, None, (NOW + 10 * DAY, None), MEDIATOR, signed)
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


def lived(*commands: CaseCommand) -> Case:
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


def breached(*life: CaseCommand) -> Case:
    case = lived(*life)
    return folded(case, decide(case, ReportBreach(1, CLERK), at(NOW + 10 * DAY)))


def oral(number: int = 1) -> Agree:
    return Agree(PAPER_2, Form.ORAL, None, (None,) * number, MEDIATOR, Paper())
