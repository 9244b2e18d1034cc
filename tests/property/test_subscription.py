"""Whatever partners ask and receivers do, in whatever order."""

from datetime import timedelta

from hypothesis import strategies as st

from services.notify import aggregates
from services.notify.subscription import Status, Subscription
from services.notify.subscription_commands import (
    Command,
    Create,
    Delete,
    Move,
    NoteFailing,
    NoteGone,
    NoteRecovered,
    Pause,
    Replay,
    Resume,
    RotateSecret,
)
from tests.property.decider import START, DeciderProperties
from tests.property.test_revisit import LIMITS

IDS = st.sampled_from([f"01900000-0000-7000-8000-00000000000{n}" for n in range(1, 6)])
SINCE = st.sampled_from([START - timedelta(days=1), START, START + timedelta(days=400)])
BY = st.just("partner-01")
COMMANDS: st.SearchStrategy[Command] = st.one_of(
    st.builds(Move, IDS, BY, st.booleans()),
    st.builds(RotateSecret, IDS, st.booleans(), BY),
    st.builds(Pause, BY),
    st.builds(Resume, BY),
    st.builds(Resume, BY),
    st.builds(Replay, IDS, SINCE, BY),
    st.builds(NoteFailing, st.just(START), st.sampled_from(["timeout", "http_500"])),
    st.builds(NoteFailing, st.just(START), st.just("connection")),
    st.builds(NoteRecovered),
    st.builds(NoteGone, IDS),
)
CREATE = st.builds(Create, BY, st.just(("*",)), st.none(), IDS, IDS, st.booleans())
RARELY = st.integers(0, 19)


def draw_command(draw: st.DrawFn, subscription: Subscription) -> Command:
    if subscription.status is Status.NONE and draw(RARELY) > 1:
        return draw(CREATE)
    if draw(RARELY) == 0:
        return Delete("partner-01")
    return draw(COMMANDS)


class TestSubscription(DeciderProperties):
    aggregate = aggregates.subscriptions(LIMITS)
    terminal = frozenset({Status.DELETED})
    all_statuses = frozenset(Status)
    draw_command = staticmethod(draw_command)
