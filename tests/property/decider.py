"""What every aggregate must keep, whatever is asked of it in whatever order (design: aggregates are deciders).

A subclass names the aggregate and how to draw a command; the six properties are inherited.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from chassis.aggregate import Aggregate
from contracts.event import Event
from contracts.rejected import Rejected

ID = "01900000-0000-7000-8000-000000000001"
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


# Only searched, not minimised: that would take minutes and nobody looks at the life that was found. Derandomised: that
# there is such a life is shown by one, and a search that is as long as chance has it is interrupted on a busy machine,
# which Hypothesis then reports as a life that was drawn inconsistently.
SEARCH = settings(
    max_examples=4000,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
    database=None,
)
WAITS = (0, 0, 0, 0, 20, 300, 3000, 60000)
"""Minutes between two steps: often none, one time in eight longer than most limits."""
SHORTER_WAITS = (0, 0, 0, 0, 0, *WAITS)
"""For a search: what comes after many steps is hardly ever reached when a limit runs out every few of them."""


class Walk:
    """One life of an aggregate: commands and due deadlines, with time passing in between."""

    def __init__(self, aggregate: Aggregate[Any, Any, Any]) -> None:
        self.aggregate = aggregate
        self.state: Any = aggregate.initial
        self.now = START
        self.statuses = [self.state.status]
        self.steps: list[tuple[Any, Any, list[Event]]] = []

    def decide(self, command: object) -> list[Event]:
        return self.aggregate.decide(self.state, command, self.aggregate.context(ID, self.now))

    def try_command(self, command: object) -> list[Event]:
        """Decide and fold; a rejected command is a step on which nothing happens."""
        before = self.state
        try:
            events = self.decide(command)
        except Rejected:
            return []
        for event in events:
            self.state = self.aggregate.evolve(self.state, event)
        self.steps.append((before, command, events))
        self.statuses.append(self.state.status)
        return events

    def pass_time(self, delta: timedelta) -> None:
        """Let time pass; every timer that comes due on the way is decided at its instant."""
        until = self.now + delta
        for _ in range(100):
            due = sorted((at, name) for name, at in self.aggregate.deadlines(self.state).items() if at <= until)
            if not due:
                break
            at, name = due[0]
            self.now = max(self.now, at)
            self.try_command(self.aggregate.on_deadline(name))
            assert self.aggregate.deadlines(self.state).get(name) != at, f"deadline {name} neither moved nor removed"
        else:
            raise AssertionError("deadlines never come to rest")
        self.now = until


class DeciderProperties:
    """Inherit, and set ``aggregate``, ``terminal`` (statuses), ``all_statuses`` and ``draw_command``."""

    aggregate: ClassVar[Aggregate[Any, Any, Any]]
    terminal: ClassVar[frozenset[Any]]
    all_statuses: ClassVar[frozenset[Any]]
    #: events that may still be recorded in a terminal state (an audited look, for instance)
    harmless: ClassVar[tuple[type[Event], ...]] = ()
    #: ``draw_command(draw, state) -> command``: mostly sensible for the state, sometimes not
    draw_command: ClassVar["staticmethod[[st.DrawFn, Any], Any]"]
    length: ClassVar[int] = 25

    @classmethod
    def walks(cls, waits: tuple[int, ...] = WAITS) -> st.SearchStrategy[Walk]:
        """Random lives, with waits from nothing to months between the steps."""

        @st.composite
        def build(draw: st.DrawFn) -> Walk:
            walk = Walk(cls.aggregate)
            for _ in range(draw(st.integers(1, cls.length))):
                walk.pass_time(timedelta(minutes=draw(st.sampled_from(waits))))
                walk.try_command(cls.draw_command(draw, walk.state))
            return walk

        return build()

    def _for_all(self, check: Callable[[Walk], None], examples: int = 60) -> None:
        @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
        @given(self.walks())
        def run(walk: Walk) -> None:
            check(walk)

        run()

    def test_folding_never_fails_and_state_survives_json(self) -> None:
        def check(walk: Walk) -> None:
            adapter = self.aggregate.adapter
            assert adapter.validate_json(adapter.dump_json(walk.state)) == walk.state
            for before, _, events in walk.steps:
                state = before
                for event in events:
                    state = self.aggregate.evolve(state, type(event).model_validate_json(event.model_dump_json()))

        self._for_all(check)

    def test_a_repeated_command_changes_nothing(self) -> None:
        def check(walk: Walk) -> None:
            for before, command, events in walk.steps:
                if not events:
                    continue
                state = before
                for event in events:
                    state = self.aggregate.evolve(state, event)
                context = self.aggregate.context(ID, walk.now)
                try:
                    again = self.aggregate.decide(state, command, context)
                except Rejected as rejected:
                    raise AssertionError(f"repeating {command} was refused: {rejected}") from rejected
                assert again == [], f"repeating {command} in {state.status} gave {again}"

        self._for_all(check)

    def test_terminal_states_stay_terminal(self) -> None:
        def check(walk: Walk) -> None:
            for before, command, events in walk.steps:
                if before.status in self.terminal:
                    late = [e for e in events if not isinstance(e, self.harmless)]
                    assert late == [], f"{command} moved a terminal {before.status}: {late}"

        self._for_all(check)

    def test_deadlines_belong_to_states_that_are_not_terminal(self) -> None:
        def check(walk: Walk) -> None:
            if walk.state.status in self.terminal:
                assert self.aggregate.deadlines(walk.state) == {}

        self._for_all(check)

    def test_every_status_is_reachable(self) -> None:
        """One search for all: every life that is looked at comes through several."""
        missing = set(self.all_statuses)

        def finds_the_last(walk: Walk) -> bool:
            missing.difference_update(walk.statuses)
            return not missing

        try:
            find(self.walks(SHORTER_WAITS), finds_the_last, settings=SEARCH)
        except NoSuchExample as error:
            raise AssertionError(f"no life reaches {', '.join(sorted(missing))}") from error
