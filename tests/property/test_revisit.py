"""Whatever a revisitor does, in whatever order."""

from pathlib import Path

from hypothesis import strategies as st

from chassis.limits import load_limits
from contracts.codes import ReasonClass, Resolution, Satisfaction
from services.notify import aggregates
from services.notify.revisit import Answers, Attempt, Cancel, Command, Open, Record, Revisit, Status
from tests.property.decider import ID, DeciderProperties

LIMITS = load_limits(Path(aggregates.__file__).parent / "limits.toml")


KINDS = st.sampled_from([Open, Open, Attempt, Attempt, Attempt, Attempt, Record, Record, Cancel])
OFFSETS = st.sampled_from([0, 0, 0, 1, -1])
RECORDS = st.builds(
    Record,
    st.builds(
        Answers,
        st.booleans(),
        st.booleans(),
        st.sampled_from(Resolution),
        st.sampled_from(Satisfaction),
        st.sampled_from([*ReasonClass, None]),
    ),
    st.just("R1"),
)


def draw_command(draw: st.DrawFn, revisit: Revisit) -> Command:
    kind = draw(KINDS)
    if kind is Open:
        return Open(ID, ID, ID, 1)
    if kind is Cancel:
        return Cancel()
    if kind is Attempt:
        return Attempt(max(1, revisit.attempts + 1 + draw(OFFSETS)), "R1")
    return draw(RECORDS)


class TestRevisit(DeciderProperties):
    aggregate = aggregates.revisits(LIMITS)
    terminal = frozenset({Status.RECORDED, Status.UNREACHED, Status.CANCELLED})
    all_statuses = frozenset(Status)
    draw_command = staticmethod(draw_command)
