"""撤并 in 吹哨报到: a whistle goes on with who comes after its street or a department. A test's name is its rule."""

from services.router.whistle_commands import (
    Acknowledge,
    Approve,
    Blow,
    Evaluate,
    HandOver,
    Kind,
    RecordResult,
    ReportIn,
)
from services.router.whistle_state import LineStatus, Status
from tests.unit.whistle_life import ISSUE, ORDER, ROADS, STREET, WATER, WHISTLES, Life

NEW_STREET, NEW_ROADS = "S150102002", "D15010003"


def drafted(*departments: str) -> Life:
    return Life().do(Blow(ORDER, ISSUE, Kind.CITIZEN_APPEAL, STREET, departments or (WATER, ROADS), "U1"))


def blown() -> Life:
    return drafted().do(Approve(STREET, "L1"))


def over(unit: str, successor: str | None) -> HandOver:
    return HandOver(unit, successor, "directory")


def test_a_departments_successor_goes_on_where_it_was_with_the_same_clocks() -> None:
    life = blown().do(Acknowledge(ROADS, "U2"))
    before = life.whistle.lines[1]
    life.do(over(ROADS, NEW_ROADS))
    after = life.whistle.lines[1]
    assert (after.unit, after.status, after.report_in_due) == (NEW_ROADS, before.status, before.report_in_due)
    assert f"report_in:{NEW_ROADS}" in WHISTLES.deadlines(life.whistle)
    assert life.do(over(ROADS, NEW_ROADS)).last == []
    life.do(ReportIn(NEW_ROADS, "U3"))


def test_a_streets_successor_rates_and_its_leader_approves() -> None:
    life = drafted().do(over(STREET, NEW_STREET), Approve(NEW_STREET, "L2"))
    for unit in (WATER, ROADS):
        life.do(ReportIn(unit, "U2"), RecordResult(unit, f"result/{unit}", "U2"))
        life.do(Evaluate(NEW_STREET, unit, 100, 100, 100, "U3"))
    assert life.whistle.status == Status.CLOSED


def test_a_department_that_nobody_succeeds_is_released_and_the_last_one_ends_the_whistle() -> None:
    life = blown().do(over(ROADS, None))
    assert life.whistle.lines[1].status == LineStatus.RELEASED
    life.do(over(WATER, None))
    assert life.happened == ["HandedOver", "Closed"]


def test_nobody_is_called_twice_or_by_themselves() -> None:
    joined = blown().do(over(ROADS, WATER))
    assert [line.status for line in joined.whistle.lines] == [LineStatus.NOTIFIED, LineStatus.RELEASED]
    own = blown().do(over(STREET, ROADS))
    assert [line.status for line in own.whistle.lines] == [LineStatus.NOTIFIED, LineStatus.RELEASED]
    assert drafted().do(over(ROADS, WATER)).whistle.called == (WATER,)


def test_a_draft_that_nobody_can_approve_or_answer_is_dropped() -> None:
    assert drafted().do(over(STREET, None)).happened == ["Cancelled"]
    life = drafted().do(over(ROADS, None), over(WATER, None))
    assert life.happened == ["HandedOver", "Cancelled"]


def test_what_a_street_that_nobody_succeeds_has_blown_goes_on() -> None:
    assert blown().do(over(STREET, None)).last == []
