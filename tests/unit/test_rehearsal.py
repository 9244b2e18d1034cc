"""Rehearsal: where past orders would have gone, and which would have been late, by changed data or limits."""

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from chassis.limits import Limits, load_limits
from contracts.codes import Channel, IssueKind, MediationOutcome, ObligationRole, Urgency
from contracts.event import Event
from services.router import aggregates, reference_tables
from services.router.dispatch import Proposal, propose
from services.router.obligations import Assignment, Terms
from services.router.order_commands import (
    Command,
    Contact,
    Dispatch,
    Open,
    Refer,
    ReturnFromMediation,
    Routing,
    Sign,
    StopClock,
    Submit,
)
from services.router.reference_data import Lead, RouterReference
from services.router.rehearsal import Change, Lateness, Rehearsed, Report, Turn, rehearse
from services.router.rehearse import as_document
from services.router.work_order import WorkOrder
from tests.unit.order_life import A1, CASE, ISSUE, LIMITS, at

PLACE, ITEM = "150102001", "1801"
STREET = f"S{PLACE}"
NOW, TODAY = at("31T18:00"), date(2026, 3, 31)
REFERENCE = reference_tables.build("2026.1", reference_tables.read(reference_tables.DIRECTORY))
DAYS = REFERENCE.items[ITEM].limit_working_days


class Past:
    """An order that was opened on the 2nd at nine, as the rules had it, and its history."""

    def __init__(self, place: str | None = PLACE, item: str = ITEM) -> None:
        self.order, self.history = WorkOrder(), list[tuple[datetime, Event]]()
        found = propose(REFERENCE, item, place)
        routing = found.routing if isinstance(found, Proposal) else None
        why = None if routing else "unknown_place"
        self.do(
            at("02T09:00"),
            Open(
                ISSUE,
                IssueKind.COMPLAINT,
                item,
                place,
                Urgency.NORMAL,
                Channel.HOTLINE,
                (A1,),
                routing,
                why,
            ),
        )

    def do(self, now: datetime, *commands: Command) -> "Past":
        orders = aggregates.orders(LIMITS)
        for command in commands:
            for event in orders.decide(self.order, command, orders.context(ISSUE, now)):
                self.history.append((now, event))
                self.order = orders.evolve(self.order, event)
        return self

    def sent(self, unit: str) -> "Past":
        routing = Routing((Assignment(unit, ObligationRole.LEAD),), Terms(24, DAYS), "dispatcher", "2026.1")
        return self.do(at("02T10:00"), Dispatch(routing, "D1"))

    def done(self, day: str, unit: str = STREET) -> "Past":
        self.do(at("02T10:00"), Sign(unit, "U1"), Contact(unit, False, "U1"))
        return self.do(at(day), Submit(unit, "result/1", "U1"))

    def rehearsed(self, reference: RouterReference | None = REFERENCE, limits: Limits = LIMITS) -> Rehearsed:
        return rehearse(self.history, Change(reference, limits, TODAY, NOW))


def with_item(**changes: Any) -> RouterReference:
    return replace(REFERENCE, items={**REFERENCE.items, ITEM: replace(REFERENCE.items[ITEM], **changes)})


SECTOR = REFERENCE.items[ITEM].sector_unit
BY_SECTOR = with_item(lead=Lead.SECTOR)


def test_an_order_that_the_changed_data_send_elsewhere_is_found_with_both_ends() -> None:
    found = Past().rehearsed(BY_SECTOR)
    assert (found.turn, found.was, found.would) == (Turn.ELSEWHERE, (STREET,), (SECTOR,))
    assert Past().rehearsed().turn is Turn.UNCHANGED


def test_an_order_that_would_need_a_dispatcher_says_why() -> None:
    gone = replace(REFERENCE, items={code: item for code, item in REFERENCE.items.items() if code != ITEM})
    found = Past().rehearsed(gone)
    assert (found.turn, found.would, found.reason) == (Turn.TO_DISPATCHER, (), "unknown_item")


def test_an_order_that_would_need_a_dispatcher_says_whose() -> None:
    report = Report(3)
    for order in (ISSUE, A1):
        report.add(order, Past().done("03T10:00").rehearsed(replace(REFERENCE, streets={})))
    (unknown,) = [row for row in as_document(report)["needs_dispatcher"] if row["reason"] == "unknown_place"]
    assert unknown["desks"] == [{"desk": "G150102", "count": 2}]


def test_what_a_dispatcher_decided_is_set_against_what_the_rules_would_do() -> None:
    assert Past(place=None).rehearsed(BY_SECTOR).turn is Turn.UNDISPATCHED
    assert Past(place=None).sent(STREET).rehearsed().turn is Turn.STILL_DISPATCHER
    assert Past(place=None).sent(STREET).rehearsed(BY_SECTOR).turn is Turn.OTHER_THAN_DISPATCHER
    assert Past(place=None).sent(SECTOR).rehearsed(BY_SECTOR).turn is Turn.AS_DISPATCHER


def test_only_limits_leave_the_way_alone() -> None:
    found = Past().rehearsed(reference=None)
    assert (found.turn, found.would) == (None, (STREET,))


def test_a_shorter_limit_makes_late_and_a_longer_one_makes_in_time() -> None:
    due = Past().order.duties[0].due
    in_time = Past().done("03T10:00")
    assert in_time.rehearsed().result is Lateness.NEVER
    assert DAYS > 1
    assert in_time.rehearsed(with_item(limit_working_days=1, contact_hours=1)).result is Lateness.NEWLY
    late = Past().do(at("02T10:00"), Sign(STREET, "U1"), Contact(STREET, False, "U1"))
    late.do(due.replace(hour=due.hour + 1), Submit(STREET, "result/1", "U1"))
    assert late.rehearsed().result is Lateness.ALWAYS
    assert late.rehearsed(with_item(limit_working_days=DAYS + 1)).result is Lateness.NO_MORE


def test_the_time_to_contact_the_caller_is_rehearsed_too() -> None:
    past = Past().done("03T10:00")
    assert past.rehearsed(with_item(contact_hours=1)).contact is Lateness.NEVER, "contacted at the very minute"
    slow = Past().do(at("02T10:00"), Sign(STREET, "U1")).do(at("02T10:01"), Contact(STREET, False, "U1"))
    assert slow.rehearsed(with_item(contact_hours=1)).contact is Lateness.NEWLY


def test_changed_office_hours_move_the_limits(tmp_path: Path) -> None:
    file = tmp_path / "limits.toml"
    days = "\n".join(f"2026-03-{day:02} = false" for day in range(3, 28))
    file.write_text(f"[calendar.changes]\n{days}\n", encoding="utf-8")
    longer = load_limits(Path(aggregates.__file__).parent / "limits.toml", file)
    late = Past().do(at("02T10:00"), Sign(STREET, "U1"), Contact(STREET, False, "U1"))
    late.do(at("27T18:00"), Submit(STREET, "result/1", "U1"))
    assert late.rehearsed(reference=None).result is Lateness.ALWAYS
    assert late.rehearsed(reference=None, limits=longer).result is Lateness.NO_MORE


def test_what_is_still_open_is_late_once_its_end_has_passed() -> None:
    assert Past().rehearsed().result is Lateness.ALWAYS
    assert Past().rehearsed(with_item(limit_working_days=100)).result is Lateness.NO_MORE


def test_time_in_mediation_counts_for_nobody() -> None:
    past = Past().do(at("02T10:00"), Sign(STREET, "U1"), Contact(STREET, False, "U1"), Refer(CASE, STREET, "U1"))
    past.do(at("02T11:00"), StopClock(CASE, at("02T11:00")))
    past.do(at("23T11:00"), ReturnFromMediation(CASE, MediationOutcome.FAILED))
    past.do(at("23T15:00"), Submit(STREET, "result/1", "U1"))
    assert past.rehearsed().result is Lateness.NEVER
    assert past.rehearsed(with_item(limit_working_days=1)).result is Lateness.NEVER, "3.5 of 7 hours were used"
    half = replace(LIMITS, calendar=replace(LIMITS.calendar, hour=LIMITS.calendar.hour / 7))
    assert past.rehearsed(with_item(limit_working_days=1), half).result is Lateness.NEWLY


@pytest.mark.parametrize("rules", [REFERENCE, BY_SECTOR, None])
def test_every_order_is_counted_once_and_examples_are_bounded(rules: RouterReference | None) -> None:
    report = Report(shown=2)
    pasts = [Past(), Past(None), Past(None).sent(STREET), Past().done("03T10:00"), Past("150102"), Past(item="0101")]
    for number, past in enumerate(pasts * 3):
        report.add(f"order-{number}", past.rehearsed(rules))
    shown = as_document(report)
    assert shown["orders"] == len(pasts) * 3
    assert shown["routing"] is None if rules is None else sum(shown["routing"].values()) == shown["orders"]
    assert all(len(kept) <= 2 for kept in report.examples.values())
    assert (
        sum(pair["count"] for pair in shown["pairs"])
        == report.turns[Turn.ELSEWHERE] + report.turns[Turn.OTHER_THAN_DISPATCHER]
    )
