"""Whatever a street, its leader, the departments it called and the panel do, in whatever order."""

from hypothesis import strategies as st

from contracts.router_whistles import WhistleWhistlerRated
from services.router.turn_commands import SupervisionForm
from services.router.whistle import Line, LineStatus, Status, Whistle
from services.router.whistle_commands import (
    Acknowledge,
    Approve,
    Blow,
    CancelWithOrder,
    Command,
    Contact,
    Discard,
    Evaluate,
    HandOver,
    Kind,
    Object,
    ObjectionReason,
    RateWhistler,
    RecordResult,
    Refuse,
    ReportIn,
    Revise,
    Rule,
    Supervise,
)
from tests.property.decider import ID, DeciderProperties, Walk
from tests.unit.whistle_life import WHISTLES

STREET, ONE, TWO = "S150102001", "D15010001", "D15010002"

departments = st.sampled_from([ONE, TWO])
calls = st.sampled_from([(ONE, TWO), (ONE, TWO), (ONE, ONE), (ONE, STREET), (ONE,)])
blows = st.builds(
    Blow,
    st.sampled_from([ID, None]),
    st.just(ID),
    st.sampled_from(Kind),
    st.just(STREET),
    calls,
    st.just("U1"),
    st.sampled_from([None, "150102001001", "150102002001"]),
)
scores = st.sampled_from([0, 100])
texts = st.sampled_from(["reason/1", "reason/2", "reason/3"])
streets = st.sampled_from([STREET, STREET, ONE, None])
counties = st.sampled_from(["G150102", "G150103", None])
drafts = st.one_of(
    st.builds(Approve, streets, st.sampled_from(["L1", "U1"])),
    st.builds(Refuse, streets, texts, st.just("L1")),
    st.builds(Revise, st.just(STREET), calls, st.just("U1")),
    st.builds(Discard, st.just(STREET), st.just("U1")),
)
steps = st.one_of(
    st.builds(Acknowledge, departments, st.just("U2")),
    st.builds(Contact, departments, st.just("U2")),
    st.builds(ReportIn, departments, st.just("U2")),
    st.builds(RecordResult, departments, st.sampled_from(["result/1", "result/2", "result/3"]), st.just("U2")),
    st.builds(Evaluate, streets, departments, scores, scores, scores, st.just("U1")),
)
disputes = st.one_of(
    st.builds(Object, departments, st.sampled_from(ObjectionReason), texts, st.just("U2")),
    st.builds(Rule, departments, st.booleans(), texts, st.sampled_from([None, ONE]), st.just("P1")),
    st.builds(RateWhistler, departments, scores, scores, st.just("U2")),
    st.builds(Supervise, counties, departments, st.sampled_from(SupervisionForm), texts, st.just("C1")),
)
often = st.one_of(steps, steps, steps, steps, disputes, disputes, blows, drafts)
rarely = st.one_of(
    st.builds(CancelWithOrder, st.just("withdrawn")),
    st.builds(HandOver, st.sampled_from([ONE, TWO, STREET]), st.none(), st.just("directory")),
)


def draw_command(draw: st.DrawFn, whistle: Whistle) -> Command:
    if whistle.status is Status.NONE:
        return draw(blows)
    if whistle.status is Status.DRAFT:
        return draw(st.one_of(drafts, drafts, drafts, often))
    onward: list[Command] = [command for line in whistle.lines if (command := forward(line)) is not None]
    if draw(st.booleans()) and onward:
        return draw(st.sampled_from(onward))
    return draw(rarely) if draw(st.integers(0, 60)) == 0 else draw(often)


def forward(line: Line) -> Command | None:
    """What takes a department's line one step on; None once it has ended."""
    match line.status:
        case LineStatus.EVALUATED | LineStatus.RELEASED:
            return None
        case LineStatus.RESULT:
            return Evaluate(STREET, line.unit, 100, 100, 100, "U1")
        case LineStatus.REPORTED_IN | LineStatus.ESCALATED:
            return RecordResult(line.unit, f"result/after-{line.unsolved}", "U2")
        case _:
            return ReportIn(line.unit, "U2")


class TestWhistle(DeciderProperties):
    aggregate = WHISTLES
    terminal = frozenset({Status.CLOSED, Status.CANCELLED})
    all_statuses = frozenset(Status)
    harmless = (WhistleWhistlerRated,)
    draw_command = staticmethod(draw_command)
    length = 30

    def test_every_line_can_go_on_to_its_end_whatever_the_others_are_in(self) -> None:
        """One department's lateness never blocks another, and nothing is ever stuck."""

        def check(walk: Walk) -> None:
            if walk.state.status is not Status.BLOWN:
                return
            for unit in [line.unit for line in walk.state.lines]:
                state = walk.state
                for _ in range(5):
                    line = next(line for line in state.lines if line.unit == unit)
                    command = forward(line)
                    if command is None:
                        break
                    events = WHISTLES.decide(state, command, WHISTLES.context(ID, walk.now))
                    assert events, f"{command} does nothing for {line}"
                    for event in events:
                        state = WHISTLES.evolve(state, event)
                else:
                    raise AssertionError(f"{unit} never comes to its end")

        self._for_all(check, 200)

    def test_another_department_changes_nothing_of_a_line(self) -> None:
        def check(walk: Walk) -> None:
            for before, command, events in walk.steps:
                unit = getattr(command, "unit", None)
                if unit not in (ONE, TWO) or before.status is not Status.BLOWN:
                    continue
                state = before
                for event in events:
                    state = WHISTLES.evolve(state, event)
                others = [line for line in before.lines if line.unit != unit]
                assert [line for line in state.lines if line.unit != unit] == others, command

        self._for_all(check)

    def test_an_emergency_never_waits_for_approval(self) -> None:
        def check(walk: Walk) -> None:
            for before, command, _ in walk.steps:
                if isinstance(command, Blow) and command.kind is Kind.EMERGENCY and before.status is Status.NONE:
                    assert Status.DRAFT not in walk.statuses

        self._for_all(check, 100)

    def test_who_is_owed_something_sees_it(self) -> None:
        """Open: a due date to sort by, or a refused draft, which is in its street's queue."""

        def check(walk: Walk) -> None:
            state = walk.state
            if state.status is Status.BLOWN:
                assert state.due_at is not None
                assert any(not line.ended for line in state.lines)
            elif state.status is Status.DRAFT:
                assert (state.due_at is not None) is (state.approve_due is not None)
            else:
                assert state.due_at is None

        self._for_all(check, 100)
