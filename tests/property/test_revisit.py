"""Whatever a revisitor does, in whatever order."""

from datetime import timedelta
from pathlib import Path

from hypothesis import strategies as st

from chassis.limits import load_limits
from contracts.codes import ReasonClass, Resolution, Satisfaction
from contracts.notify import RevisitAttempted
from services.notify import aggregates
from services.notify.reasons import Reason
from services.notify.revisit import Revisit, Status
from services.notify.revisit_commands import (
    Answers,
    Attempt,
    Cancel,
    Channel,
    Command,
    Open,
    OpenForAnswer,
    Outcome,
    Record,
)
from tests.property.decider import ID, START, DeciderProperties, Walk

LIMITS = load_limits(Path(aggregates.__file__).parent / "limits.toml")

OPENINGS: list[Command] = [Open(ID, ID, ID, 1), OpenForAnswer(ID, ID, "K1", "0101", START)]
HOURS = aggregates.call_hours(LIMITS)
KINDS = st.sampled_from([Attempt, Attempt, Attempt, Attempt, Record, Record, Cancel])
OFFSETS = st.sampled_from([0, 0, 0, 1, -1])
OUTCOMES = st.sampled_from([Outcome.NO_ANSWER, Outcome.NO_ANSWER, *Outcome])
WISHES = st.sampled_from([None, *(START + timedelta(hours=hours) for hours in (-1, 3, 30, 300, 1200))])
CONTACTS = st.sampled_from([True, False, None])
RECORDS = st.builds(
    Record,
    st.builds(
        Answers,
        CONTACTS,
        CONTACTS,
        st.sampled_from(Resolution),
        st.sampled_from(Satisfaction),
        st.sampled_from([*ReasonClass, None]),
        st.sampled_from([*Reason, None, None, None]),
    ),
    st.just("R1"),
    st.sampled_from(Channel),
    st.booleans(),
)


def draw_command(draw: st.DrawFn, revisit: Revisit) -> Command:
    if revisit.status is Status.NONE or draw(st.integers(0, 4)) == 0:
        return draw(st.sampled_from(OPENINGS))
    match draw(KINDS):
        case kind if kind is Attempt:
            number = max(1, revisit.attempts + 1 + draw(OFFSETS))
            outcome = draw(OUTCOMES)
            wished_at = draw(WISHES) if outcome is Outcome.CALL_BACK_LATER else None
            return Attempt(number, "R1", outcome, wished_at)
        case kind if kind is Record:
            return draw(RECORDS)
        case _:
            return Cancel()


class TestRevisit(DeciderProperties):
    aggregate = aggregates.revisits(LIMITS)
    terminal = frozenset({Status.RECORDED, Status.UNREACHED, Status.CANCELLED})
    all_statuses = frozenset(Status)
    draw_command = staticmethod(draw_command)

    def test_no_call_back_goes_on_for_ever(self) -> None:
        """At most as many calls as attempts and wishes together, whatever the outcomes."""
        most = LIMITS.count("revisit_attempts") + LIMITS.count("revisit_wishes")

        def check(walk: Walk) -> None:
            assert walk.state.attempts <= most

        self._for_all(check)

    def test_attempts_fall_in_different_parts_of_the_day(self) -> None:
        """Unless the caller wished for the time, no part of the day comes twice before enough others were tried."""

        def check(walk: Walk) -> None:
            for before, command, events in walk.steps:
                if isinstance(command, Attempt) and events and before.wished_at is None:
                    parts = {event.part for event in events if isinstance(event, RevisitAttempted)}
                    assert not parts & set(before.tried) or HOURS.is_free(before.tried)

        self._for_all(check)
