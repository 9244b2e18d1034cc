"""Laws of rehearsal: the rules as they are change nothing, and more time makes nobody late."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from chassis.limits import Limits
from contracts.codes import Channel, IssueKind, MediationOutcome
from contracts.event import Event
from contracts.rejected import Rejected
from services.router import aggregates, reference_tables
from services.router.dispatch import Proposal, propose
from services.router.order_commands import (
    Command,
    Contact,
    DeadlineReached,
    Open,
    Refer,
    ReturnFromMediation,
    SettleByMediation,
    Sign,
    StopClock,
    Submit,
)
from services.router.reference_data import RouterReference
from services.router.rehearsal import Change, Lateness, Rehearsed, Turn, rehearse
from services.router.work_order import WorkOrder
from tests.unit.order_life import A1, CASE, ISSUE, LIMITS, MONDAY

REFERENCE = reference_tables.build("2026.1", reference_tables.read(reference_tables.DIRECTORY))
ORDERS = aggregates.orders(LIMITS)
STEPS = ("sign", "contact", "submit", "refer", "accept", "settle", "fail")
lives = st.lists(st.tuples(st.integers(0, 4000), st.sampled_from(STEPS), st.integers(0, 1)), max_size=12)
items = st.sampled_from(sorted(REFERENCE.items))
places = st.none() | st.sampled_from(sorted(REFERENCE.streets))
Past = tuple[list[tuple[datetime, Event]], datetime]


def lived(item: str, place: str | None, life: list[tuple[int, str, int]]) -> Past:
    """The history of an order by the rules as they are, and when it was last looked at."""
    order, history, now = WorkOrder(), list[tuple[datetime, Event]](), MONDAY

    def do(command: Command) -> None:
        nonlocal order
        try:
            events = ORDERS.decide(order, command, ORDERS.context(ISSUE, now))
        except Rejected:
            return
        for event in events:
            history.append((now, event))
            order = ORDERS.evolve(order, event)

    found = propose(REFERENCE, item, place)
    routing = found.routing if isinstance(found, Proposal) else None
    do(
        Open(
            ISSUE,
            IssueKind.COMPLAINT,
            item,
            place,
            found.urgency,
            Channel.HOTLINE,
            (A1,),
            routing,
            None if routing else "unknown_place",
        )
    )
    for minutes, step, which in life:
        until = now + timedelta(minutes=minutes)
        while due := sorted((at, name) for name, at in ORDERS.deadlines(order).items() if at <= until):
            now = due[0][0]
            do(DeadlineReached(due[0][1]))
        now = until
        units = order.units or [""]
        unit = units[which % len(units)]
        commands: dict[str, Command] = {
            "sign": Sign(unit, "U1"),
            "contact": Contact(unit, False, "U1"),
            "submit": Submit(unit, "result/1", "U1"),
            "refer": Refer(CASE, unit, "U1"),
            "accept": StopClock(CASE, now),
            "settle": SettleByMediation(CASE),
            "fail": ReturnFromMediation(CASE, MediationOutcome.FAILED),
        }
        do(commands[step])
    return history, now


def rehearsed(past: Past, reference: RouterReference, limits: Limits = LIMITS) -> Rehearsed:
    history, now = past
    return rehearse(history, Change(reference, limits, MONDAY.date(), now))


@given(items, places, lives)
def test_the_rules_as_they_are_change_nothing(item: str, place: str | None, life: list[tuple[int, str, int]]) -> None:
    found = rehearsed(lived(item, place, life), REFERENCE)
    assert found.turn in (Turn.UNCHANGED, Turn.UNDISPATCHED)
    assert found.was == found.would
    for kept in (found.contact, found.result):
        assert kept in (None, Lateness.NEVER, Lateness.ALWAYS)


@given(items, places, lives, st.integers(0, 10), st.integers(0, 48))
def test_more_time_makes_nobody_late_and_less_time_saves_nobody(
    item: str, place: str | None, life: list[tuple[int, str, int]], days: int, hours: int
) -> None:
    past, row = lived(item, place, life), REFERENCE.items[item]
    longer = replace(row, limit_working_days=row.limit_working_days + days, contact_hours=row.contact_hours + hours)
    found = rehearsed(past, replace(REFERENCE, items={**REFERENCE.items, item: longer}))
    assert Lateness.NEWLY not in (found.contact, found.result)
    shorter = replace(row, limit_working_days=1, contact_hours=1)
    found = rehearsed(past, replace(REFERENCE, items={**REFERENCE.items, item: shorter}))
    assert Lateness.NO_MORE not in (found.contact, found.result)


@given(items, places)
def test_an_order_goes_where_the_changed_rules_send_new_ones(item: str, place: str | None) -> None:
    changed = replace(REFERENCE, version="other", streets={})
    history, now = lived(item, place, [])
    found = rehearse(history, Change(changed, LIMITS, MONDAY.date(), now))
    opened = propose(REFERENCE, item, place).urgency
    expected = propose(changed, item, place, opened)
    units = tuple(unit.unit for unit in expected.routing.units) if isinstance(expected, Proposal) else ()
    assert found.would == units
