"""Whatever is asked of a caller's place on the lists, in whatever order."""

from datetime import timedelta
from functools import cache
from pathlib import Path

from hypothesis import strategies as st

from chassis.limits import load_limits
from services.intake import aggregates
from services.intake.caller_list import (
    AppealAgainstList,
    Caller,
    Command,
    DeadlineReached,
    JudgeAppeal,
    ListReason,
    PutOnList,
    Status,
    TakeOffList,
)
from services.intake.issue_model import Desk
from tests.property.decider import START, DeciderProperties, Walk

IDS = [f"01900000-0000-7000-8000-{number:012d}" for number in range(4)]
ids = st.sampled_from(IDS)
staff = st.sampled_from(["S1", "S2", "A1"])


@cache
def commands(rule_id: str | None) -> st.SearchStrategy[Command]:
    rules = st.sampled_from([rule_id or IDS[0], *IDS])
    untils = st.sampled_from([START, START + timedelta(days=30), START + timedelta(days=90)])
    return st.one_of(
        st.builds(PutOnList, ids, st.sampled_from(Desk), st.sampled_from(ListReason), untils, staff),
        st.builds(TakeOffList, rules, staff),
        st.builds(AppealAgainstList, rules, staff),
        st.builds(JudgeAppeal, rules, st.booleans(), staff),
        st.builds(DeadlineReached, st.sampled_from(["expiry", "list_appeal_review", "unheard_of"])),
    )


def draw_command(draw: st.DrawFn, caller: Caller) -> Command:
    return draw(commands(caller.rule_id))


class TestCaller(DeciderProperties):
    aggregate = aggregates.callers(load_limits(Path(aggregates.__file__).parent / "limits.toml"))
    terminal = frozenset()
    all_statuses = frozenset(Status)
    draw_command = staticmethod(draw_command)

    def test_whoever_is_on_a_list_is_on_it_to_an_end(self) -> None:
        def check(walk: Walk) -> None:
            assert (walk.state.status is Status.PLAIN) == ("expiry" not in self.aggregate.deadlines(walk.state))

        self._for_all(check)
