"""Whatever is asked of an issue, in whatever order."""

from datetime import timedelta
from pathlib import Path

from hypothesis import strategies as st

from chassis.limits import load_limits
from contracts.codes import Agency, Channel, ClosingOutcome, IssueKind, Urgency
from contracts.intake import ContactRevealed
from services.intake import aggregates
from services.intake.issue_model import (
    TERMINAL,
    Accept,
    AddAppeal,
    Answer,
    Close,
    Command,
    ConfirmDecline,
    DeadlineReached,
    FollowUp,
    FollowUpKind,
    Issue,
    ProposeDecline,
    Purpose,
    RefuseDecline,
    Register,
    RevealContact,
    Status,
    Transfer,
)
from tests.property.decider import START, DeciderProperties

IDS = [f"01900000-0000-7000-8000-{number:012d}" for number in range(5)]
LIMITS = load_limits(Path(aggregates.__file__).parent / "limits.toml")
ids = st.sampled_from(IDS)
staff = st.sampled_from(["agent-1", "agent-2", "supervisor-1"])
channels = st.sampled_from(Channel)
kinds = st.sampled_from(IssueKind)
items = st.sampled_from(["0101", "1904"])
streets = st.sampled_from([None, "150105004"])
REGISTERS: st.SearchStrategy[Command] = st.builds(
    Register, channels, ids, ids, st.sampled_from([None, START, START + timedelta(days=900)]), streets
)
COMMANDS: st.SearchStrategy[Command] = st.one_of(
    REGISTERS,
    st.builds(Transfer, st.sampled_from(Agency), staff),
    st.builds(Answer, kinds, items, st.sampled_from(["K001", "K002"]), st.just("v1"), staff),
    st.builds(ProposeDecline, st.sampled_from(["X0101", "X0802"]), st.just("v1"), staff),
    st.builds(ConfirmDecline, staff),
    st.builds(RefuseDecline, staff),
    st.builds(Accept, kinds, items, streets, st.sampled_from(Urgency), staff),
    st.builds(AddAppeal, channels, ids, ids),
    st.builds(FollowUp, ids, ids, st.sampled_from(FollowUpKind)),
    st.builds(RevealContact, ids, ids, st.sampled_from(Purpose), staff),
    st.builds(Close, ids, st.sampled_from(ClosingOutcome)),
    st.builds(DeadlineReached, st.sampled_from(["triage", "decline_review", "handling", "unheard_of"])),
)


def draw_command(draw: st.DrawFn, state: Issue) -> Command:
    return draw(REGISTERS if state.status is Status.NONE else COMMANDS)


class TestIssue(DeciderProperties):
    aggregate = aggregates.issues(LIMITS)
    terminal = TERMINAL
    all_statuses = frozenset(Status)
    harmless = (ContactRevealed,)
    draw_command = staticmethod(draw_command)
