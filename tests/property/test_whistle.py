"""Whatever a street and the departments it called do, in whatever order."""

from pathlib import Path

from hypothesis import strategies as st

from chassis.limits import load_limits
from services.router import aggregates
from services.router.whistle import Status, Whistle
from services.router.whistle_commands import Acknowledge, Blow, Command, Evaluate, Kind, RecordResult, ReportIn
from tests.property.decider import ID, DeciderProperties

LIMITS = load_limits(Path(aggregates.__file__).parent / "limits.toml")
STREET, ONE, TWO = "S150102001", "D15010001", "D15010002"

departments = st.sampled_from([ONE, TWO])
blows = st.builds(
    Blow,
    st.just(ID),
    st.just(ID),
    st.sampled_from(Kind),
    st.just(STREET),
    st.sampled_from([(ONE, TWO), (ONE, TWO), (ONE, ONE), (ONE, STREET), (ONE,)]),
    st.just("U1"),
)
scores = st.sampled_from([0, 100])
steps = st.one_of(
    st.builds(Acknowledge, departments, st.just("U2")),
    st.builds(ReportIn, departments, st.just("U2")),
    st.builds(RecordResult, departments, st.sampled_from(["result/1", "result/2"]), st.just("U2")),
    st.builds(Evaluate, st.sampled_from([STREET, STREET, ONE]), departments, scores, scores, scores, st.just("U1")),
)


def draw_command(draw: st.DrawFn, whistle: Whistle) -> Command:
    return draw(blows if whistle.status is Status.NONE else st.one_of(steps, steps, steps, steps, blows))


class TestWhistle(DeciderProperties):
    aggregate = aggregates.whistles(LIMITS)
    terminal = frozenset({Status.CLOSED})
    all_statuses = frozenset(Status)
    draw_command = staticmethod(draw_command)
    length = 30
