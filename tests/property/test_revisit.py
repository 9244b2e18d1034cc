"""Whatever a revisitor does, in whatever order."""

from pathlib import Path

from hypothesis import strategies as st

from chassis.limits import load_limits
from contracts.codes import ReasonClass, Resolution, Satisfaction
from services.notify import aggregates
from services.notify.revisit import Answers, Attempt, Command, Open, Record, Revisit, Status
from tests.property.decider import ID, DeciderProperties

LIMITS = load_limits(Path(aggregates.__file__).parent / "limits.toml")


def draw_command(draw: st.DrawFn, revisit: Revisit) -> Command:
    answers = st.builds(
        Answers,
        st.booleans(),
        st.booleans(),
        st.sampled_from(Resolution),
        st.sampled_from(Satisfaction),
        st.sampled_from([*ReasonClass, None]),
    )
    next_attempt = st.builds(Attempt, st.just(revisit.attempts + 1), st.sampled_from(["R1", "R2"]))
    any_attempt = st.builds(Attempt, st.integers(1, 5), st.just("R1"))
    return draw(
        st.one_of(st.just(Open(ID, ID, ID, 1)), next_attempt, any_attempt, st.builds(Record, answers, st.just("R1")))
    )


class TestRevisit(DeciderProperties):
    aggregate = aggregates.revisits(LIMITS)
    terminal = frozenset({Status.RECORDED, Status.UNREACHED})
    all_statuses = frozenset(Status)
    draw_command = staticmethod(draw_command)
