"""Laws of a recount that hold for any order, any two calendars and any moment of the change."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from chassis.calendar_history import CalendarHistory
from chassis.working_time import WORKING_UNITS
from contracts.codes import ObligationRole
from contracts.event import Event
from services.router import aggregates
from services.router.obligations import Assignment, Terms
from services.router.order_commands import Command, DeadlineReached, Routing, Sign
from services.router.order_recount import Moved, RecountLimits, running
from services.router.recount import recount
from services.router.work_order import WorkOrder
from tests.unit.order_life import ISSUE, LIMITS, STREET, opening

START = datetime(2026, 1, 1, tzinfo=UTC)
instants = st.timedeltas(timedelta(0), timedelta(days=60)).map(lambda later: START + later)
changes = st.dictionaries(st.dates(date(2026, 1, 1), date(2026, 4, 30)), st.booleans(), max_size=12)
waits = st.timedeltas(timedelta(0), timedelta(days=20))


def working(name: str) -> bool:
    return LIMITS[name].unit in WORKING_UNITS


class _Lived:
    """An order counted by one calendar, up to ``now``, with every timer that came due."""

    def __init__(self, opened: datetime, days: int, was: dict[date, bool], wait: timedelta) -> None:
        calendar = LIMITS.calendar
        self.old = replace(calendar, holidays=calendar.holidays.with_changes(was))
        self.orders = aggregates.orders(replace(LIMITS, calendar=self.old))
        self.order, self.now = WorkOrder(), opened
        self.history: list[tuple[datetime, Event]] = []
        routing = Routing((Assignment(STREET, ObligationRole.LEAD),), Terms(4, days), "locality", "v1")
        self.do(opening(routing))
        self.do(Sign(STREET, "U1"))
        until = opened + wait
        while due := sorted((at, name) for name, at in self.orders.deadlines(self.order).items() if at <= until):
            self.now = due[0][0]
            self.do(DeadlineReached(due[0][1]))
        self.now = until

    def do(self, command: Command) -> list[Event]:
        events = self.orders.decide(self.order, command, self.orders.context(ISSUE, self.now))
        for event in events:
            self.history.append((self.now, event))
            self.order = self.orders.evolve(self.order, event)
        return events

    def recount(self, new: dict[date, bool]) -> tuple[RecountLimits | None, CalendarHistory]:
        calendar = replace(LIMITS.calendar, holidays=LIMITS.calendar.holidays.with_changes(new))
        calendars = CalendarHistory([START, self.now], [self.old, calendar])
        return recount(self.history, calendars, working), calendars


@given(instants, st.integers(1, 15), changes, changes, waits)
def test_a_recount_gives_the_new_calendars_end_and_takes_time_from_nobody(
    opened: datetime, days: int, was: dict[date, bool], new: dict[date, bool], wait: timedelta
) -> None:
    lived = _Lived(opened, days, was, wait)
    before, promised = running(lived.order), lived.order.promised_at
    command, calendars = lived.recount(new)
    if command is None:
        return
    right = calendars.latest.add_working(opened, calendars.latest.hour * calendars.latest.hours_per_day * days)
    lived.do(command)
    after = running(lived.order)
    due = f"due:{STREET}"
    assert after[due] in (right, before[due])
    if right > before[due] or right > lived.now:
        assert after[due] == right, "to the minute, unless that would make somebody late"
    for name, end in after.items():
        assert end > lived.now or end >= before[name], "nobody becomes late"
    assert promised is not None
    assert lived.order.promised_at is not None
    assert lived.order.promised_at >= promised
    assert lived.do(command) == [], "already true"
    again = lived.recount(new)[0]
    assert again is None or lived.do(again) == [], "looked at again"
    for at in lived.orders.deadlines(lived.order).values():
        assert at > lived.now or at in before.values()


@given(instants, changes, waits, st.dictionaries(st.sampled_from(["promise", "step", f"due:{STREET}"]), instants))
def test_ends_that_are_not_the_orders_own_move_nothing(
    opened: datetime, was: dict[date, bool], wait: timedelta, ends: dict[str, datetime]
) -> None:
    lived = _Lived(opened, 5, was, wait)
    own = running(lived.order)
    strange = {name: Moved(end, end + timedelta(days=1)) for name, end in ends.items() if own.get(name) != end}
    assert lived.do(RecountLimits("2026-x", strange)) == []
