"""铁三角 and 议事协商 before a mediation (domain.md, Mechanisms and Crossings): tried first, settled or passed on."""

from dataclasses import replace
from datetime import timedelta

import pytest

from contracts.event import Event
from contracts.mediation import CaseStepOverdue, CaseTerminated
from contracts.mediation_course import CaseRevisited
from contracts.mediation_prestage import DeliberationStepDone, PrestageBegun, PrestagePassedOn, PrestageSettled
from contracts.rejected import Rejected
from services.mediation.case import deadlines, decide
from services.mediation.case_archive import VisitAgain
from services.mediation.case_course import CaseCommand
from services.mediation.case_model import DeadlineReached, EndWithOrder, Status
from services.mediation.case_parts import Outcome
from services.mediation.prestage_words import BeginPrestage, EndPrestage, Participant, Prestage, RecordStep, Step
from tests.unit.case_life import (
    ASSIGNED,
    CLERK,
    CONSENT_PENDING,
    DAY,
    DAYS,
    MEDIATOR,
    NOW,
    ORDER,
    at,
    folded,
    lived,
    register,
    screen,
)

triangle = BeginPrestage(Prestage.TRIANGLE, (Participant.COMMUNITY, Participant.PROPERTY_COMPANY), CLERK)
deliberation = BeginPrestage(Prestage.DELIBERATION, (Participant.RESIDENTS,), CLERK)
settled, not_settled = EndPrestage(True, CLERK), EndPrestage(False, CLERK)
steps = tuple(RecordStep(step, NOW, CLERK) for step in Step)
TRYING: tuple[CaseCommand, ...] = (register, triangle)
TALKING: tuple[CaseCommand, ...] = (register, deliberation)
TALKED = (*TALKING, *steps)

ROAD: dict[str, tuple[tuple[CaseCommand, ...], CaseCommand, list[type[Event]], Status]] = {
    "铁三角 tries first": ((register,), triangle, [PrestageBegun], Status.PRE_STAGE),
    "铁三角 settles it": (TRYING, settled, [PrestageSettled], Status.SETTLED),
    "铁三角 does not settle it": (TRYING, not_settled, [PrestagePassedOn], Status.REGISTERED),
    "议事协商 begins": ((register,), deliberation, [PrestageBegun], Status.PRE_STAGE),
    "议事协商 after 铁三角": ((*TRYING, not_settled), deliberation, [PrestageBegun], Status.PRE_STAGE),
    **{
        f"step {number} {step.step}": (
            (*TALKING, *steps[: number - 1]),
            step,
            [DeliberationStepDone],
            Status.PRE_STAGE,
        )
        for number, step in enumerate(steps, 1)
    },
    "议事协商 settles it after the six steps": (TALKED, settled, [PrestageSettled], Status.SETTLED),
    "议事协商 passes it on after some steps": (
        (*TALKING, *steps[:2]),
        not_settled,
        [PrestagePassedOn],
        Status.REGISTERED,
    ),
    "the order is cancelled meanwhile": (TRYING, EndWithOrder(), [CaseTerminated], Status.TERMINATED),
    "what was settled is visited again": (
        (*TRYING, settled),
        VisitAgain(Outcome.SETTLED, CLERK),
        [CaseRevisited],
        Status.REVISITED,
    ),
}


@pytest.mark.parametrize(("life", "command", "kinds", "status"), ROAD.values(), ids=ROAD)
def test_what_happens(
    life: tuple[CaseCommand, ...], command: CaseCommand, kinds: list[type[Event]], status: Status
) -> None:
    case = lived(*life)
    events = decide(case, command, at(NOW))
    assert [type(event) for event in events] == kinds
    after = folded(case, events)
    assert after.status is status
    assert decide(after, command, at(NOW)) == [], "the same command again is already true"


REFUSED: dict[str, tuple[tuple[CaseCommand, ...], CaseCommand, str, int]] = {
    "a pre-stage once the parties were asked": (CONSENT_PENDING, triangle, "case.wrong_status", 409),
    "a pre-stage during a pre-stage": (TRYING, deliberation, "case.wrong_status", 409),
    "each is tried once": ((*TRYING, not_settled), triangle, "case.prestage_tried", 409),
    "铁三角 without the community": (
        (register,),
        replace(triangle, participants=(Participant.PROPERTY_COMPANY,)),
        "case.triangle_incomplete",
        422,
    ),
    "铁三角 of the community alone": (
        (register,),
        replace(triangle, participants=(Participant.COMMUNITY, Participant.RESIDENTS)),
        "case.triangle_incomplete",
        422,
    ),
    "a step is left out": (TALKING, steps[1], "case.step_order", 422),
    "铁三角 has no steps": (TRYING, steps[0], "case.wrong_status", 409),
    "a step without a deliberation": ((register,), steps[0], "case.wrong_status", 409),
    "a step that is still to come": (
        TALKING,
        replace(steps[0], held_at=NOW + timedelta(minutes=1)),
        "case.step_time",
        422,
    ),
    "a step before the one before it": (
        (*TALKING, steps[0]),
        replace(steps[1], held_at=NOW - DAY),
        "case.step_time",
        422,
    ),
    "settled before the six steps": ((*TALKING, *steps[:5]), settled, "case.steps_open", 409),
    "an end without a pre-stage": ((register,), settled, "case.wrong_status", 409),
    "the parties are asked during a pre-stage": (TRYING, screen, "case.wrong_status", 409),
    "a mediator who is none of the case": ((register,), replace(triangle, by=MEDIATOR), "case.not_your_case", 403),
    "a pre-stage when a mediator is there": (ASSIGNED, triangle, "case.wrong_status", 409),
}


@pytest.mark.parametrize(("life", "command", "code", "status"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(life: tuple[CaseCommand, ...], command: CaseCommand, code: str, status: int) -> None:
    with pytest.raises(Rejected) as refusal:
        decide(lived(*life), command, at(NOW))
    assert (refusal.value.code, refusal.value.status) == (code, status)


def test_the_order_is_told_which_pre_stage_settled_it() -> None:
    (event,) = decide(lived(*TRYING), settled, at(NOW))
    assert isinstance(event, PrestageSettled)
    assert (event.order_id, event.kind) == (ORDER, "triangle")


def test_a_triangle_that_takes_too_long_passes_the_case_on_by_itself() -> None:
    case = lived(*TRYING)
    assert deadlines(case) == {"triangle": NOW + 7 * DAY}
    assert decide(case, DeadlineReached("triangle"), at(NOW + 6 * DAY)) == []
    (event,) = decide(case, DeadlineReached("triangle"), at(NOW + 7 * DAY))
    assert event == PrestagePassedOn(kind="triangle", cause="overdue", screen_due=NOW + 8 * DAY, by=None)
    after = folded(case, [event])
    assert (after.status, deadlines(after)) == (Status.REGISTERED, {"screen": NOW + 8 * DAY})


@pytest.mark.parametrize("done", range(6))
def test_every_step_of_a_deliberation_has_a_limit_and_is_seen_when_it_is_late(done: int) -> None:
    case = lived(*TALKING, *steps[:done])
    due = NOW + DAYS[f"deliberation_{list(Step)[done]}"] * DAY
    assert deadlines(case) == {"deliberation": due}
    late = folded(case, decide(case, DeadlineReached("deliberation"), at(due)))
    assert (late.late, deadlines(late)) == ({"deliberation": due}, {})
    assert decide(case, DeadlineReached("deliberation"), at(due)) == [CaseStepOverdue(step="deliberation", due_at=due)]


def test_after_the_six_steps_the_outcome_has_a_limit() -> None:
    assert deadlines(lived(*TALKED)) == {"deliberation": NOW + 10 * DAY}


def test_each_step_keeps_its_time() -> None:
    case = lived(*TALKED)
    assert case.prestage is not None
    assert case.prestage.steps == tuple((step, NOW) for step in Step)
    assert case.prestage.next_step is None
