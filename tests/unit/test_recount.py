"""Limits counted anew when a year's notice is known: to the minute, said to the citizen, and nobody late by it."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from chassis.calendar_history import CalendarHistory
from chassis.holidays import OFFICIAL, HolidayTable
from chassis.limits import Limits
from chassis.working_time import WORKING_UNITS
from contracts.codes import MediationOutcome, ObligationRole, SupervisionLevel, Urgency
from contracts.event import Event
from contracts.router import OrderLimitsRecomputed, OrderSupervised
from services.router import aggregates
from services.router.obligations import Assignment, Terms
from services.router.order_commands import (
    Command,
    Contact,
    DeadlineReached,
    Open,
    Refer,
    ReturnFromMediation,
    Routing,
    Sign,
    StopClock,
    Submit,
)
from services.router.order_recount import Moved, RecountLimits
from services.router.recount import recount
from services.router.work_order import WorkOrder, evolve
from tests.unit.order_asides import wants_return
from tests.unit.order_life import CASE, ISSUE, LIMITS, STREET, opening

SHANGHAI = ZoneInfo("Asia/Shanghai")
KNOWN = LIMITS.calendar
_EARLIER = {day: worked for day, worked in OFFICIAL.exceptions.items() if day.year != 2026}
UNKNOWN = replace(KNOWN, holidays=HolidayTable(OFFICIAL.years - {2026}, _EARLIER))
FIVE_DAYS, TWO_DAYS = Terms(4, 5), Terms(4, 2)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=SHANGHAI)


NOTICE = at("02-13 09:00")
CALENDARS = CalendarHistory([at("01-01 00:00"), NOTICE], [UNKNOWN, KNOWN])


def in_working_time(name: str) -> bool:
    return LIMITS[name].unit in WORKING_UNITS


class Life:
    """An order that lived under the provisional calendar until the notice, and its history."""

    def __init__(self, start: str, opened: Open, calendars: CalendarHistory = CALENDARS) -> None:
        self.calendars = calendars
        self.order = WorkOrder()
        self.history: list[tuple[datetime, Event]] = []
        self.do(start, opened)

    def do(self, now: str, command: Command) -> list[Event]:
        instant = at(now)
        limits: Limits = replace(LIMITS, calendar=self.calendars.at(instant))
        orders = aggregates.orders(limits)
        events = orders.decide(self.order, command, orders.context(ISSUE, instant))
        for event in events:
            self.history.append((instant, event))
            self.order = evolve(self.order, event)
        return events

    def found(self) -> RecountLimits | None:
        return recount(self.history, self.calendars, in_working_time)

    def recount(self, now: str) -> OrderLimitsRecomputed | None:
        command = self.found()
        events = self.do(now, command) if command else []
        assert len(events) <= 1
        return next((event for event in events if isinstance(event, OrderLimitsRecomputed)), None)


def dispatched(terms: Terms, urgency: Urgency = Urgency.NORMAL) -> Open:
    return opening(Routing((Assignment(STREET, ObligationRole.LEAD),), terms, "locality", "v1"), urgency)


def signed(terms: Terms, start: str) -> Life:
    life = Life(start, dispatched(terms))
    life.do(start, Sign(STREET, "U1"))
    return life


def test_a_holiday_moves_the_end_to_where_the_notice_puts_it_and_the_citizen_is_told() -> None:
    life = signed(FIVE_DAYS, "02-12 10:00")
    assert life.order.duties[0].due == at("02-19 10:00"), "provisional: Monday to Friday"
    event = life.recount("02-13 10:00")
    assert event is not None
    assert life.order.duties[0].due == at("02-26 10:00")
    assert life.order.duties[0].yellow_at == at("02-25 10:00")
    assert life.order.promised_at == event.promised_at == at("02-26 10:00")
    assert event.promised_before == at("02-19 10:00")
    assert event.appeals == list(life.order.appeals)
    assert event.calendar.startswith("2026-")


def test_a_worked_saturday_shortens_the_units_limit_but_never_the_citizens_promise() -> None:
    life = signed(TWO_DAYS, "02-12 10:00")
    assert life.order.promised_at == at("02-16 10:00")
    event = life.recount("02-13 10:00")
    assert life.order.duties[0].due == at("02-14 10:00")
    assert life.order.promised_at == at("02-16 10:00")
    assert event is not None
    assert (event.promised_before, event.promised_at, event.appeals) == (None, None, [])


def test_nobody_becomes_late_by_a_recount() -> None:
    life = signed(TWO_DAYS, "02-12 10:00")
    assert life.recount("02-14 10:00") is None, "by the notice the limit is over this very minute"
    assert life.order.duties[0].due == at("02-16 10:00")


def test_a_unit_that_was_late_by_the_provisional_calendar_only_is_not_late_any_more() -> None:
    life = signed(FIVE_DAYS, "02-12 10:00")
    life.do("02-18 10:00", DeadlineReached(f"yellow:{STREET}"))
    life.do("02-19 10:00", DeadlineReached(f"red:{STREET}"))
    assert life.order.supervision is SupervisionLevel.RED
    life.recount("02-19 11:00")
    assert life.order.supervision is None
    assert life.order.duties[0].due == at("02-26 10:00")
    kept = [event.level for _, event in life.history if isinstance(event, OrderSupervised)]
    assert kept == [SupervisionLevel.YELLOW, SupervisionLevel.RED], "history is kept"


def test_a_contact_that_was_missing_by_the_provisional_calendar_only_is_not_missed_any_more() -> None:
    late_notice = replace(CALENDARS, since=[at("01-01 00:00"), at("02-16 12:00")])
    life = Life("02-14 17:30", dispatched(FIVE_DAYS), late_notice)
    assert life.order.duties[0].contact_end == life.order.duties[0].sign_due == at("02-16 10:30")
    life.do("02-14 18:00", wants_return())
    life.do("02-16 10:30", DeadlineReached(f"contact:{STREET}"))
    assert life.order.duties[0].contact_overdue
    assert life.recount("02-16 12:30") is not None
    assert life.order.duties[0].contact_end == at("02-24 10:00")
    assert not life.order.duties[0].contact_overdue


def test_the_time_to_sign_moves_only_where_it_is_working_time() -> None:
    in_the_evening = replace(CALENDARS, since=[at("01-01 00:00"), at("02-13 20:00")])
    normal = Life("02-13 17:30", dispatched(FIVE_DAYS), in_the_evening).found()
    assert normal is not None
    assert normal.moved[f"sign:{STREET}"].after == at("02-14 10:00"), "Saturday is worked"
    urgent = Life("02-13 17:30", dispatched(FIVE_DAYS, Urgency.URGENT), in_the_evening).found()
    assert urgent is not None
    assert sorted(urgent.moved) == [f"due:{STREET}", "promise", f"yellow:{STREET}"]


def test_the_queue_of_the_dispatcher_moves_too() -> None:
    day_off = KNOWN.holidays.with_changes({at("02-13 00:00").date(): False})
    life = Life("02-12 17:00", opening(None), replace(CALENDARS, calendars=[KNOWN, replace(KNOWN, holidays=day_off)]))
    assert life.order.due_at == at("02-13 09:30")
    assert life.recount("02-13 09:00") is not None
    assert life.order.due_at == at("02-14 09:30")


def test_what_was_counted_after_the_notice_stays() -> None:
    assert signed(FIVE_DAYS, "02-13 10:00").found() is None


def test_a_recount_is_done_once() -> None:
    life = signed(FIVE_DAYS, "02-12 10:00")
    command = life.found()
    assert command is not None
    assert life.do("02-13 10:00", command)
    assert life.do("02-13 10:05", command) == [], "the same command again"
    assert life.found() is None, "looked at again"


def test_a_clock_that_stands_still_keeps_the_working_time_it_had() -> None:
    life = signed(FIVE_DAYS, "02-12 10:00")
    life.do("02-12 10:00", Refer(CASE, STREET, "U1"))
    life.do("02-12 17:00", StopClock(CASE, at("02-12 17:00")))
    left = UNKNOWN.remaining(life.order.duties[0].due, at("02-12 17:00"))
    life.recount("02-13 10:00")
    life.do("03-02 08:30", ReturnFromMediation(CASE, MediationOutcome.FAILED))
    assert KNOWN.remaining(life.order.duties[0].due, at("03-02 08:30")) == left > timedelta(0)


def test_a_result_that_is_in_and_an_order_that_changed_meanwhile_are_left_alone() -> None:
    life = signed(FIVE_DAYS, "02-12 10:00")
    command = life.found()
    assert command is not None
    life.do("02-12 11:00", Contact(STREET, False, "U1"))
    life.do("02-12 12:00", Submit(STREET, "result/1", "U1"))
    assert life.do("02-13 10:00", command) == []


def test_an_order_that_is_not_there_has_no_limits() -> None:
    orders = aggregates.orders(LIMITS)
    moved = {"promise": Moved(NOTICE, NOTICE + timedelta(days=1))}
    assert orders.decide(WorkOrder(), RecountLimits("2026-x", moved), orders.context(ISSUE, NOTICE)) == []
