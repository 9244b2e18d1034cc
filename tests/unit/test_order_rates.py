"""四率 formula v1: appeal × obligation with its latest call-back, every input with its event (domain.md, Revisit)."""

from datetime import datetime, timedelta

import pytest

from contracts.codes import ReasonClass, Resolution, Satisfaction
from services.router import rates
from services.router.api_order_rates import rates_formula
from services.router.order_commands import AddAppeal, Command, Contact, RecordRevisit, Review, Routing, Sign, Submit
from services.router.order_model import Suspension, aside
from services.router.rates import Beside, Line, RatesFormula, Told
from services.router.turn_commands import WithdrawAppeal
from tests.unit.order_life import (
    A1,
    A2,
    BOTH,
    LIMITS,
    MONDAY,
    SECTOR,
    STREET,
    STREET_LEADS,
    Life,
    opening,
    signed,
    work,
)

FORMULA = rates_formula(LIMITS)
YES, PARTLY, NO = Resolution.YES, Resolution.PARTLY, Resolution.NO


class Chronicle(Life):
    """A life whose events are kept with their place in the order's history."""

    def __init__(self, now: datetime = MONDAY) -> None:
        super().__init__(now)
        self.history: list[Told] = []

    def do(self, *commands: Command, now: datetime | None = None) -> "Chronicle":
        for command in commands:
            super().do(command, now=now)
            for event in self.last:
                self.history.append(Told(len(self.history) + 1, self.now, event))
        return self

    def lines(self, now: datetime | None = None) -> list[Line]:
        return rates.lines(self.order, self.history, now or self.now)

    def source(self, sequence: int | None) -> str:
        """Which event an input is said to come from."""
        return "" if sequence is None else type(self.history[sequence - 1].event).__name__


def handled(appeals: tuple[str, ...] = (A1,), routing: Routing = STREET_LEADS) -> Chronicle:
    """Completed and waiting for the call-backs."""
    life = Chronicle().do(opening(routing, appeals=appeals))
    units = [assignment.unit for assignment in routing.units]
    life.do(*signing(units))
    for unit in units:
        life.do(Contact(unit, False, "U1"), Submit(unit, f"result/{unit}", "U1"))
    return life.do(Review(None, None, "R1"))


def signing(units: list[str]) -> list[Command]:
    return [Sign(unit, "U1") for unit in units]


def said(
    life: Chronicle,
    appeal: str,
    resolution: Resolution | None,
    satisfaction: Satisfaction = Satisfaction.SATISFIED,
    contacted: tuple[bool, bool] = (True, True),
    reason: ReasonClass = ReasonClass.UNIT_WORK,
) -> Chronicle:
    """One caller's answer, None: not reached."""
    command = RecordRevisit(appeal, life.order.round, resolution, reason, A2)
    if resolution is not None:
        command = RecordRevisit(appeal, life.order.round, resolution, reason, A2, *contacted, satisfaction)
    return life.do(command)


def test_the_formula_says_which_version_it_is() -> None:
    assert RatesFormula("rates-v1", 0.5, 0.5) == FORMULA


def test_the_unit_of_counting_is_appeal_by_obligation() -> None:
    life = handled((A1, A2), BOTH)
    assert [(line.appeal_id, line.unit) for line in life.lines()] == [
        (A1, STREET),
        (A1, SECTOR),
        (A2, STREET),
        (A2, SECTOR),
    ]


def test_every_input_names_the_event_that_it_comes_from() -> None:
    life = said(handled(), A1, YES)
    [line] = life.lines()
    sources = [line.dispatched_by, line.responded_by, line.completed_by, line.revisit_by]
    assert [life.source(one) for one in sources] == [
        "OrderDispatched",
        "OrderRevisitNoted",
        "OrderResultSubmitted",
        "OrderRevisitNoted",
    ]


def test_the_callers_word_goes_before_the_units() -> None:
    before = handled()
    assert rates.response(before.lines()) == rates.Rate(1, 1), "the unit says that it called in time"
    assert before.source(before.lines()[0].responded_by) == "OrderContacted"
    after = said(handled(), A1, YES, contacted=(True, False))
    assert rates.response(after.lines()) == rates.Rate(0, 1), "the caller says that it was late"


def test_whoever_was_not_reached_is_counted_apart() -> None:
    life = said(handled((A1, A2)), A1, YES)
    said(life, A2, None)
    found = life.lines()
    assert rates.resolution(found, FORMULA) == rates.Rate(1, 1)
    assert rates.response(found).denominator == 2
    assert [line.is_reached for line in found] == [True, False]


RESOLVED = [(YES, 1.0), (PARTLY, 0.5), (NO, 0.0)]
SATISFIED = [
    (Satisfaction.VERY_SATISFIED, 1.0),
    (Satisfaction.SATISFIED, 1.0),
    (Satisfaction.NEUTRAL, 0.5),
    (Satisfaction.DISSATISFIED, 0.0),
    (Satisfaction.VERY_DISSATISFIED, 0.0),
]


@pytest.mark.parametrize(("answer", "worth"), RESOLVED)
def test_resolution_is_yes_and_half_of_partly(answer: Resolution, worth: float) -> None:
    found = said(handled(), A1, answer, reason=ReasonClass.BEYOND_POLICY).lines()
    assert rates.resolution(found, FORMULA) == rates.Rate(worth, 1)


@pytest.mark.parametrize(("answer", "worth"), SATISFIED)
def test_satisfaction_is_very_yes_and_half_of_neutral(answer: Satisfaction, worth: float) -> None:
    assert rates.satisfaction(said(handled(), A1, YES, answer).lines(), FORMULA) == rates.Rate(worth, 1)


def test_a_city_weighs_otherwise() -> None:
    found = said(handled(), A1, PARTLY, Satisfaction.NEUTRAL, reason=ReasonClass.BEYOND_POLICY).lines()
    harsh = RatesFormula("rates-v2", 0.25, 0.125)
    assert rates.resolution(found, harsh).numerator == 0.25
    assert rates.satisfaction(found, harsh).numerator == 0.125


def test_only_the_latest_call_back_counts() -> None:
    life = said(handled(), A1, NO)
    work(life, result="result/again").do(Review(None, None, "R1"))
    [line] = said(life, A1, YES).lines()
    assert line.revisit is not None
    assert (line.revisit.round, line.revisit.resolution) == (2, YES)


def test_what_a_late_caller_says_counts_like_everybodys() -> None:
    """归档后并入: the unit of counting is appeal × obligation with its latest call-back, whenever the caller joined."""
    life = said(handled(), A1, YES).do(AddAppeal(A2))
    assert rates.resolution(life.lines(), FORMULA) == rates.Rate(1, 1)
    answer = RecordRevisit(A2, 2, PARTLY, ReasonClass.UNIT_WORK, A1, False, False, Satisfaction.NEUTRAL)
    found = life.do(answer).lines()
    assert rates.response(found) == rates.Rate(1, 2)
    assert rates.resolution(found, FORMULA) == rates.Rate(1.5, 2)
    assert rates.satisfaction(found, FORMULA) == rates.Rate(1.5, 2)
    late = found[1]
    assert late.revisit is not None
    assert (late.appeal_id, late.revisit.revisit_id, late.revisit.round) == (A2, A1, 2)
    assert life.source(late.revisit_by) == life.source(late.responded_by) == "OrderRevisitNoted"


def test_a_late_caller_who_withdraws_is_not_counted() -> None:
    life = said(handled(), A1, YES).do(AddAppeal(A2))
    assert rates.response(life.lines()).denominator == 2
    assert rates.response(life.do(WithdrawAppeal(A2)).lines()).denominator == 1


def test_what_is_not_due_is_not_counted_as_late() -> None:
    life = Chronicle().do(opening(), *signing([STREET]))
    due = life.order.duties[0].due
    assert rates.completion(life.lines(due - timedelta(minutes=1))) == rates.Rate(0, 0)
    assert rates.completion(life.lines(due)) == rates.Rate(0, 1)
    assert rates.Rate(0, 0).value is None


@pytest.mark.parametrize("beside", Beside)
def test_excluded_and_suspended_leave_the_denominators_and_are_listed_beside(beside: Beside) -> None:
    life = said(handled(), A1, NO, reason=ReasonClass.BEYOND_POLICY)
    if beside is Beside.EXCLUDED:
        life.order = aside(life.order, excluded=(STREET,))
    else:
        life.order = aside(life.order, suspended={STREET: Suspension(MONDAY, MONDAY, "season")})
    [line] = life.lines()
    assert line.beside is beside
    found = life.lines()
    for rate in (
        rates.response(found),
        rates.completion(found),
        rates.resolution(found, FORMULA),
        rates.satisfaction(found, FORMULA),
    ):
        assert rate.denominator == 0


def test_a_wish_beyond_law_or_policy_waits_for_exclusion_review_and_is_shown_as_that() -> None:
    [line] = said(handled(), A1, NO, reason=ReasonClass.BEYOND_POLICY).lines()
    assert (line.exclusion_pending, line.beside) == (True, None)


def test_who_was_dispatched_signed_and_forgot_is_all_there() -> None:
    assert rates.response(rates.lines(signed().order, [], MONDAY)) == rates.Rate(0, 1)
