"""Whistle in domain.md: a table of every situation and command, then guards and clocks. A test's name is its rule."""

from collections.abc import Iterator

import pytest

from contracts import router_whistles as happened
from services.router.turn_commands import SupervisionForm
from services.router.whistle import LineStatus, Status
from services.router.whistle_commands import (
    Acknowledge,
    Approve,
    Blow,
    CancelWithOrder,
    Command,
    Contact,
    DeadlineReached,
    Discard,
    Kind,
    RateWhistler,
    RecordResult,
    Refuse,
    ReportIn,
    Revise,
    Supervise,
)
from tests.unit.whistle_life import (
    APPROVE,
    COMMANDS,
    ISSUE,
    ORDER,
    REFUSE,
    ROADS,
    SITUATIONS,
    STREET,
    VILLAGE,
    WATER,
    WHISTLES,
    Life,
    at,
    blow,
    blown,
    drafted,
    ended,
    objection,
    outcome,
    rate,
    result,
    ruling,
    unsolved,
)

STREET_AND_LEADER = """
                   | approve     | refuse          | revise      | discard       | cancel
none               | not_found   | not_found       | not_found   | not_found     | =
draft              | Blown       | ApprovalRefused | not_refused | Cancelled     | Cancelled
refused            | not_pending | not_pending     | Drafted     | Cancelled     | Cancelled
notified           | =           | not_pending     | not_refused | blown_already | Cancelled
acknowledged       | =           | not_pending     | not_refused | blown_already | Cancelled
contacted          | =           | not_pending     | not_refused | blown_already | Cancelled
objected           | =           | not_pending     | not_refused | blown_already | Cancelled
objection_rejected | =           | not_pending     | not_refused | blown_already | Cancelled
reported_in        | =           | not_pending     | not_refused | blown_already | Cancelled
nobody_came        | =           | not_pending     | not_refused | blown_already | Cancelled
result             | =           | not_pending     | not_refused | blown_already | Cancelled
unsolved           | =           | not_pending     | not_refused | blown_already | Cancelled
unsolved_twice     | =           | not_pending     | not_refused | blown_already | Cancelled
evaluated          | =           | not_pending     | not_refused | blown_already | Cancelled
released           | =           | not_pending     | not_refused | blown_already | Cancelled
closed             | =           | not_pending     | not_refused | blown_already | =
cancelled          | =           | not_pending     | not_refused | =             | =
"""
DEPARTMENT = """
                   | acknowledge   | contact       | report_in     | result                  | object
none               | not_found     | not_found     | not_found     | not_found               | not_found
draft              | not_your_unit | not_your_unit | not_your_unit | not_your_unit           | not_your_unit
refused            | not_your_unit | not_your_unit | not_your_unit | not_your_unit           | not_your_unit
notified           | Acknowledged  | Contacted     | ReportedIn    | not_reported_in         | Objected
acknowledged       | =             | Contacted     | ReportedIn    | not_reported_in         | Objected
contacted          | =             | =             | ReportedIn    | not_reported_in         | Objected
objected           | Acknowledged  | Contacted     | ReportedIn    | not_reported_in         | objected_already
objection_rejected | Acknowledged  | Contacted     | ReportedIn    | not_reported_in         | objected_already
reported_in        | =             | =             | =             | ResultRecorded          | objection_too_late
nobody_came        | escalated     | escalated     | ReportedIn    | ResultRecorded          | objection_too_late
result             | =             | =             | =             | result_already_recorded | objection_too_late
unsolved           | =             | =             | =             | ResultRecorded          | objection_too_late
unsolved_twice     | =             | =             | =             | ResultRecorded          | objection_too_late
evaluated          | =             | =             | =             | result_already_recorded | objection_too_late
released           | released      | released      | released      | released                | released
closed             | =             | =             | =             | result_already_recorded | objection_too_late
cancelled          | cancelled     | cancelled     | cancelled     | cancelled               | cancelled
"""
PANEL_AND_STREET = """
                   | uphold          | reject            | solved            | not_solved
none               | not_found       | not_found         | not_found         | not_found
draft              | not_called      | not_called        | not_called        | not_called
refused            | not_called      | not_called        | not_called        | not_called
notified           | no_objection    | no_objection      | no_result         | no_result
acknowledged       | no_objection    | no_objection      | no_result         | no_result
contacted          | no_objection    | no_objection      | no_result         | no_result
objected           | ObjectionUpheld | ObjectionRejected | no_result         | no_result
objection_rejected | ruled_already   | ruled_already     | no_result         | no_result
reported_in        | no_objection    | no_objection      | no_result         | no_result
nobody_came        | no_objection    | no_objection      | no_result         | no_result
result             | no_objection    | no_objection      | Evaluated         | RatedUnsolved
unsolved           | no_objection    | no_objection      | no_result         | no_result
unsolved_twice     | no_objection    | no_objection      | no_result         | no_result
evaluated          | no_objection    | no_objection      | already_evaluated | already_evaluated
released           | ruled_already   | ruled_already     | released          | released
closed             | no_objection    | no_objection      | already_evaluated | already_evaluated
cancelled          | cancelled       | cancelled         | cancelled         | cancelled
"""
RATING_BACK_AND_SUPERVISION = """
                   | rate_street      | supervise
none               | not_found        | not_found
draft              | not_your_unit    | not_called
refused            | not_your_unit    | not_called
notified           | rating_too_early | not_escalated
acknowledged       | rating_too_early | not_escalated
contacted          | rating_too_early | not_escalated
objected           | rating_too_early | not_escalated
objection_rejected | rating_too_early | not_escalated
reported_in        | rating_too_early | not_escalated
nobody_came        | rating_too_early | Supervised
result             | WhistlerRated    | not_escalated
unsolved           | WhistlerRated    | not_escalated
unsolved_twice     | WhistlerRated    | Supervised
evaluated          | WhistlerRated    | not_escalated
released           | WhistlerRated    | not_escalated
closed             | WhistlerRated    | not_escalated
cancelled          | cancelled        | cancelled
"""
"""Who asks: the columns are commands, the rows situations of one department (the other is called, no more).

A cell holds the events that happen, ``=`` for what is already so, or the code of the refusal.
"""


def cells() -> Iterator[tuple[str, str, str]]:
    for table in (STREET_AND_LEADER, DEPARTMENT, PANEL_AND_STREET, RATING_BACK_AND_SUPERVISION):
        heading, *rows = ([cell.strip() for cell in line.split("|")] for line in table.strip().splitlines())
        for situation, *expected in rows:
            yield from ((situation, command, cell) for command, cell in zip(heading[1:], expected, strict=True))


def test_the_table_has_every_situation_and_every_command() -> None:
    assert {(situation, command) for situation, command, _ in cells()} == {
        (situation, command) for situation in SITUATIONS for command in COMMANDS
    }


@pytest.mark.parametrize(("situation", "command", "expected"), list(cells()))
def test_every_command_in_every_situation(situation: str, command: str, expected: str) -> None:
    assert outcome(situation, command) == expected


def test_all_but_emergencies_wait_for_the_streets_leader() -> None:
    life = drafted()
    assert (life.whistle.status, life.whistle.lines) == (Status.DRAFT, ())
    assert WHISTLES.deadlines(life.whistle) == {"approve": at("03T09:00")}
    assert life.do(APPROVE, now=at("02T15:00")).happened == ["Blown"]
    assert life.line().acknowledge_due == at("02T16:00"), "the clocks start with the approval"
    assert (life.whistle.drafted_by, life.whistle.approved_by) == ("U1", "L1")
    assert blown(Kind.EMERGENCY).happened == ["Blown"]


@pytest.mark.parametrize("by", ["approve", "refuse"])
def test_the_leader_of_that_street_decides_and_not_on_their_own_draft(by: str) -> None:
    def decision(street: str | None, who: str) -> Command:
        return Approve(street, who) if by == "approve" else Refuse(street, "reason/0", who)

    life = drafted()
    life.refuses(decision("S150102002", "L2"), "whistle.not_your_unit", 403)
    life.refuses(decision(STREET, "U1"), "whistle.own_draft", 403)
    life.refuses(decision(None, "V1"), "whistle.not_overdue", 403)
    life.miss("approve")
    assert life.last == [happened.WhistleStepOverdue(unit=STREET, step="approve", due_at=at("03T09:00"))]
    assert WHISTLES.deadlines(life.whistle) == {}
    life.do(decision(None, "V1"))
    assert life.happened == ["Blown" if by == "approve" else "ApprovalRefused"]


def test_a_refused_draft_is_changed_or_dropped_by_its_street() -> None:
    life = drafted().do(REFUSE)
    assert (life.whistle.status, life.whistle.approve_due) == (Status.DRAFT, None)
    assert life.do(REFUSE).last == []
    life.refuses(Revise("S150102002", (WATER, ROADS), "U9"), "whistle.not_your_unit", 403)
    life.refuses(Revise(STREET, (WATER,), "U1"), "whistle.two_departments", 422)
    assert life.do(Revise(STREET, (ROADS, "D15010003"), "U1"), now=at("02T11:00")).happened == ["Drafted"]
    assert (life.whistle.called, life.whistle.order_id) == ((ROADS, "D15010003"), ORDER)
    assert life.do(Revise(STREET, (ROADS, "D15010003"), "U1")).last == []
    life.do(APPROVE)
    assert [line.unit for line in life.whistle.lines] == [ROADS, "D15010003"]
    dropped = drafted().do(Discard(STREET, "U1"))
    assert dropped.last == [
        happened.WhistleCancelled(order_id=ORDER, issue_id=ISSUE, reason="discarded", by="U1"),
    ]
    assert dropped.whistle.status is Status.CANCELLED
    assert WHISTLES.deadlines(dropped.whistle) == {}


@pytest.mark.parametrize(
    ("kind", "report_in", "result_due"),
    [
        (Kind.CITIZEN_APPEAL, "05T09:00", "16T09:00"),
        (Kind.JOINT_ENFORCEMENT, "05T09:00", "09T09:00"),
        (Kind.KEY_PROJECT, "09T09:00", "16T09:00"),
        (Kind.EMERGENCY, "02T09:30", "03T09:00"),
    ],
)
def test_blowing_calls_the_departments_with_the_clocks_of_its_kind(kind: Kind, report_in: str, result_due: str) -> None:
    life = blown(kind)
    assert life.whistle.status is Status.BLOWN
    assert [line.unit for line in life.whistle.lines] == [WATER, ROADS]
    for line in life.whistle.lines:
        assert (line.acknowledge_due, line.contact_due) == (at("02T10:00"), at("03T09:00"))
        assert (line.report_in_due, line.result_due) == (at(report_in), at(result_due))
    assert life.do(blow(kind)).last == []


@pytest.mark.parametrize("kind", [Kind.CITIZEN_APPEAL, Kind.EMERGENCY])
@pytest.mark.parametrize(
    "departments",
    [
        pytest.param((WATER,), id="one department only"),
        pytest.param((WATER, WATER), id="the same twice"),
        pytest.param((WATER, STREET), id="the street itself"),
    ],
)
def test_blow_needs_two_departments(departments: tuple[str, ...], kind: Kind) -> None:
    Life().refuses(blow(kind, departments), "whistle.two_departments", 422)


def test_villages_and_communities_blow_through_their_own_street() -> None:
    life = Life().do(blow(requested_by=VILLAGE), APPROVE)
    assert life.whistle.requested_by == VILLAGE
    Life().refuses(blow(requested_by="150102002001"), "whistle.not_of_this_street", 422)
    Life().refuses(Blow(None, ISSUE, Kind.EMERGENCY, WATER, (ROADS, "D15010003"), "U2"), "whistle.street_only", 403)


def test_a_whistle_without_an_order_has_its_issue() -> None:
    life = Life().do(blow(Kind.JOINT_ENFORCEMENT, order=None), APPROVE)
    assert life.happened == ["BlownWithoutOrder"]
    assert (life.whistle.order_id, life.whistle.issue_id) == (None, ISSUE)
    ended(ROADS, ended(WATER, life))
    assert life.last[-1] == happened.WhistleClosedWithoutOrder(issue_id=ISSUE)
    assert life.whistle.status is Status.CLOSED


def test_acknowledge_in_time_and_late() -> None:
    life = blown().do(Acknowledge(WATER, "U2"), now=at("02T10:00"))
    assert life.last == [happened.WhistleAcknowledged(unit=WATER, in_time=True, by="U2")]
    assert life.do(Acknowledge(WATER, "U2")).last == []
    life.do(Acknowledge(ROADS, "U3"), now=at("02T10:01"))
    assert life.last == [happened.WhistleAcknowledged(unit=ROADS, in_time=False, by="U3")]


def test_contact_within_a_day() -> None:
    life = blown().do(Contact(WATER, "U2"), now=at("03T09:00"))
    assert life.last == [happened.WhistleContacted(unit=WATER, in_time=True, by="U2")]
    assert life.do(Contact(WATER, "U2"), Acknowledge(WATER, "U2")).last == []
    life.do(Contact(ROADS, "U3"), now=at("03T09:01"))
    assert life.last == [happened.WhistleContacted(unit=ROADS, in_time=False, by="U3")]


def test_report_in_without_acknowledging_first() -> None:
    life = blown().do(ReportIn(WATER, "U2"))
    assert life.last == [happened.WhistleReportedIn(unit=WATER, in_time=True, by="U2")]
    assert life.do(Acknowledge(WATER, "U2")).last == []
    assert life.do(ReportIn(WATER, "U2")).last == []


def test_result_only_after_reporting_in_and_only_once() -> None:
    life = blown()
    life.refuses(RecordResult(WATER, "result/1", "U2"), "whistle.not_reported_in")
    life.do(ReportIn(WATER, "U2"), RecordResult(WATER, "result/1", "U2"))
    assert life.last == [
        happened.WhistleResultRecorded(
            unit=WATER, result_id="result/1", in_time=True, evaluate_due=at("05T09:00"), by="U2"
        )
    ]
    assert life.do(RecordResult(WATER, "result/1", "U2")).last == []
    life.refuses(RecordResult(WATER, "result/2", "U2"), "whistle.result_already_recorded")


@pytest.mark.parametrize(
    "command",
    [
        Acknowledge("D15010003", "U9"),
        Contact("D15010003", "U9"),
        ReportIn("D15010003", "U9"),
        RecordResult("D15010003", "result/1", "U9"),
        objection("D15010003"),
        RateWhistler("D15010003", 1, 1, "U9"),
    ],
    ids=lambda command: type(command).__name__,
)
def test_only_the_called_department_acts(command: Command) -> None:
    blown().refuses(command, "whistle.not_your_unit", 403)


def test_an_objection_upheld_releases_that_department_only() -> None:
    life = blown().do(objection())
    assert (life.line().status, life.line().ruling_due) == (LineStatus.NOTIFIED, at("03T09:00"))
    life.do(ruling(True), now=at("02T16:00"))
    assert life.happened == ["ObjectionUpheld"]
    assert (life.line().status, life.line(ROADS).status) == (LineStatus.RELEASED, LineStatus.NOTIFIED)
    assert not [name for name in WHISTLES.deadlines(life.whistle) if name.endswith(WATER)]
    assert ended(ROADS, life).happened == ["Evaluated", "Closed"]


def test_all_released_closes_the_whistle() -> None:
    life = blown().do(objection(), objection(ROADS), ruling(True))
    assert life.do(ruling(True, ROADS, "reason/3")).happened == ["ObjectionUpheld", "Closed"]
    assert life.whistle.status is Status.CLOSED


def test_an_objection_rejected_keeps_the_clocks() -> None:
    life = blown()
    clocks = {name: due for name, due in WHISTLES.deadlines(life.whistle).items() if name.endswith(WATER)}
    life.do(objection())
    assert {**clocks, f"ruling:{WATER}": at("03T09:00")}.items() <= WHISTLES.deadlines(life.whistle).items()
    life.do(ruling(False), now=at("02T17:00"))
    assert clocks.items() <= WHISTLES.deadlines(life.whistle).items()
    assert life.do(ruling(False)).last == []
    life.refuses(objection(name="reason/9"), "whistle.objected_already")


def test_parties_do_not_rule_and_a_late_ruling_is_said() -> None:
    life = blown().do(objection())
    life.refuses(ruling(True, member=WATER), "whistle.panel_is_party", 403)
    life.refuses(ruling(True, member=STREET), "whistle.panel_is_party", 403)
    life.refuses(ruling(True, unit="D15010003"), "whistle.not_called", 422)
    life.miss(f"acknowledge:{WATER}").miss(f"ruling:{WATER}")
    assert life.last == [happened.WhistleStepOverdue(unit=WATER, step="ruling", due_at=at("03T09:00"))]
    assert life.do(ruling(True, member=ROADS)).happened == ["ObjectionUpheld"]


def test_whoever_comes_has_dropped_the_objection() -> None:
    life = blown().do(objection(), ReportIn(WATER, "U2"))
    assert life.line().ruling_due is None
    life.refuses(ruling(True), "whistle.no_objection")


def test_evaluate_by_the_street_after_the_result() -> None:
    life = blown()
    life.refuses(rate(WATER), "whistle.no_result")
    life.do(ReportIn(WATER, "U2"), result())
    life.refuses(rate(WATER, street=WATER), "whistle.not_your_unit", 403)
    life.refuses(rate("D15010003"), "whistle.not_called", 422)
    assert [type(event) for event in life.do(rate(WATER)).last] == [happened.WhistleEvaluated]
    assert life.do(rate(WATER)).last == []
    life.refuses(rate(WATER, 10), "whistle.already_evaluated")


def test_all_evaluated_closes_the_whistle() -> None:
    life = blown()
    for unit in (WATER, ROADS):
        life.do(ReportIn(unit, "U2"), RecordResult(unit, f"result/{unit}", "U2"), rate(unit))
    assert life.last[-1] == happened.WhistleClosed(order_id=ORDER)
    assert life.whistle.status is Status.CLOSED
    assert WHISTLES.deadlines(life.whistle) == {}


def test_not_rated_in_three_working_days_goes_to_the_supervisor() -> None:
    life = blown().do(ReportIn(WATER, "U2"), result())
    assert WHISTLES.deadlines(life.whistle)[f"evaluate:{WATER}"] == at("05T09:00")
    life.refuses(rate(street=None), "whistle.not_overdue", 403)
    life.miss(f"evaluate:{WATER}")
    assert life.last == [happened.WhistleStepOverdue(unit=WATER, step="evaluate", due_at=at("05T09:00"))]
    (rated,) = life.do(rate(street=None)).last
    assert isinstance(rated, happened.WhistleEvaluated)
    assert rated.instead_of_street


def test_rated_unsolved_a_result_is_due_once_more() -> None:
    life = unsolved()
    (rated,) = life.last
    assert isinstance(rated, happened.WhistleRatedUnsolved)
    assert (rated.count, rated.result_due) == (1, at("05T09:00"))
    assert (life.line().status, life.line().result_due) == (LineStatus.REPORTED_IN, at("05T09:00"))
    assert life.do(rate(score=10)).last == [], "said already"
    assert life.do(result(name="result/2"), rate()).happened == ["Evaluated"]
    assert blown().do(ReportIn(WATER, "U2"), result(), rate(score=60)).happened == ["Evaluated"]
    assert blown().do(ReportIn(WATER, "U2"), result(), rate(score=59)).happened == ["RatedUnsolved"]


def test_a_rework_that_is_late_is_said_anew() -> None:
    life = blown().do(ReportIn(WATER, "U2"))
    due = life.line().result_due
    life.miss(f"result:{WATER}").do(result(), rate(score=10))
    assert WHISTLES.deadlines(life.whistle)[f"result:{WATER}"] > due
    assert life.miss(f"result:{WATER}").happened == ["StepOverdue"]
    life.do(result(name="result/2"), now=at("25T09:00"))
    assert f"evaluate:{WATER}" in WHISTLES.deadlines(life.whistle)


def test_rated_unsolved_twice_is_escalated_and_the_next_rating_is_the_last() -> None:
    life = unsolved().do(result(name="result/2"), rate(score=10))
    assert life.happened == ["RatedUnsolved", "Escalated"]
    assert life.last[-1] == happened.WhistleEscalated(
        unit=WATER, county="G150102", reason="unsolved_twice", result_due=at("05T09:00")
    )
    assert life.line().status is LineStatus.ESCALATED
    life.do(result(name="result/3"))
    (rated,) = life.do(rate(score=10)).last
    assert isinstance(rated, happened.WhistleEvaluated)
    assert rated.solved is False


def test_nobody_came_is_escalated_to_the_county_and_goes_on_to_a_result() -> None:
    life = blown()
    due = life.line().report_in_due
    life.miss(f"report_in:{WATER}")
    assert life.last == [
        happened.WhistleStepOverdue(unit=WATER, step="report_in", due_at=due),
        happened.WhistleEscalated(
            unit=WATER, county="G150102", reason="nobody_came", result_due=life.line().result_due
        ),
    ]
    assert (life.line().status, life.line(ROADS).status) == (LineStatus.ESCALATED, LineStatus.NOTIFIED)
    life.do(ReportIn(WATER, "U2"), now=at("05T09:01"))
    assert life.last == [happened.WhistleReportedIn(unit=WATER, in_time=False, by="U2")]
    assert life.line().status is LineStatus.ESCALATED
    assert life.do(ReportIn(WATER, "U2")).last == []
    assert life.do(result()).happened == ["ResultRecorded"]
    assert life.do(rate()).happened == ["Evaluated"]


def test_the_countys_leader_supervises_who_was_escalated() -> None:
    life = blown().miss(f"report_in:{WATER}")
    first, second = (
        Supervise("G150102", WATER, form, f"reason/{form}", "C1")
        for form in (SupervisionForm.WRITTEN, SupervisionForm.ON_SITE)
    )
    life.refuses(Supervise("G150103", WATER, SupervisionForm.WRITTEN, "reason/1", "C2"), "whistle.not_your_unit", 403)
    life.refuses(Supervise(None, ROADS, SupervisionForm.WRITTEN, "reason/1", "V1"), "whistle.not_escalated")
    assert life.do(first).last == [
        happened.WhistleSupervised(unit=WATER, form="written", supervision_id="reason/written", by="C1")
    ]
    assert life.do(first).last == []
    life.do(second)
    assert life.line().supervisions == ("reason/written", "reason/on_site")


def test_one_departments_lateness_is_said_once_and_holds_nobody_up() -> None:
    life = blown().do(Acknowledge(ROADS, "U3"))
    for step in ("acknowledge", "contact", "report_in", "result"):
        due = WHISTLES.deadlines(life.whistle)[f"{step}:{WATER}"]
        life.miss(f"{step}:{WATER}")
        assert life.last[0] == happened.WhistleStepOverdue(unit=WATER, step=step, due_at=due)
        assert f"{step}:{WATER}" not in WHISTLES.deadlines(life.whistle)
    assert life.do(DeadlineReached(f"result:{WATER}")).last == []
    life.do(ReportIn(ROADS, "U3"), RecordResult(ROADS, "result/1", "U3"))
    assert life.line(ROADS).status is LineStatus.RESULT


def test_a_whistle_ends_with_its_order_but_an_emergency_goes_on() -> None:
    for life in (drafted(), blown()):
        life.do(CancelWithOrder("withdrawn"))
        assert life.last == [
            happened.WhistleCancelled(order_id=ORDER, issue_id=ISSUE, reason="withdrawn", by=None),
        ]
        assert WHISTLES.deadlines(life.whistle) == {}
        assert life.whistle.due_at is None
    emergency = blown(Kind.EMERGENCY).do(CancelWithOrder("withdrawn"))
    assert (emergency.last, emergency.whistle.status) == ([], Status.BLOWN)


def test_both_sides_are_scored_and_the_formulas_version_is_kept() -> None:
    life = blown().do(ReportIn(WATER, "U2"), result(), RateWhistler(WATER, 100, 81, "U2"))
    assert life.last == [
        happened.WhistleWhistlerRated(
            unit=WATER,
            street=STREET,
            needed_score=100,
            precise_score=81,
            score=91,
            formula="whistle-v1",
            by="U2",
        )
    ]
    assert life.do(RateWhistler(WATER, 100, 81, "U2")).last == []
    life.refuses(RateWhistler(WATER, 0, 0, "U2"), "whistle.whistler_already_rated")
    ended(ROADS, life.do(rate(score=90)))
    assert (life.line().score, life.line().formula, life.whistle.street_score) == (90, "whistle-v1", 91)
    life.do(RateWhistler(ROADS, 50, 0, "U3"))
    assert (life.whistle.status, life.whistle.street_score) == (Status.CLOSED, 58), "also after the end"


@pytest.mark.parametrize(("scores", "expected"), [((100, 0, 0), 30), ((0, 100, 0), 30), ((0, 0, 100), 40)])
def test_a_departments_score_is_the_weighted_mean_of_the_three(scores: tuple[int, int, int], expected: int) -> None:
    assert WHISTLES.context(ORDER, at("02T09:00")).formula.of_department(*scores) == expected


def test_what_was_stored_before_contact_was_measured_still_folds() -> None:
    life = blown(Kind.EMERGENCY)
    (event,) = life.last
    document = event.model_dump(mode="json", exclude={"approved_by", "requested_by"})
    for department in document["departments"]:
        del department["contact_due"]
    old = WHISTLES.evolve(WHISTLES.initial, happened.WhistleBlown.model_validate(document))
    assert f"contact:{WATER}" not in WHISTLES.deadlines(old)
    assert f"report_in:{WATER}" in WHISTLES.deadlines(old)


def test_commands_to_an_unknown_whistle() -> None:
    Life().refuses(Acknowledge(WATER, "U2"), "whistle.not_found", 404)
    assert Life().do(DeadlineReached("result:D15010001")).last == []
