"""The statutory clocks of a petition to the minute, holidays included, and what may no longer be done after them.

Every row has the article of 信访工作条例 (2022) that sets it; times are those of Hohhot. Holidays of 2025:
国庆节、中秋节 from 1 to 8 October (28 September and 11 October are worked), 春节 from 28 January to 4 February.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from chassis.limits import load_limits
from contracts import mediation_petitions as happened
from contracts.rejected import Rejected
from services.mediation import aggregates
from services.mediation.petition_commands import Accept, Command, DeadlineReached, ObjectToCompetence, Route, Submit
from services.mediation.petition_model import Petition
from tests.unit.petition_life import (
    ACCEPTED,
    ASSIGNED,
    AUTHORISED,
    AUTHORITY,
    CLERK,
    HANDLING,
    IN_RECHECK,
    IN_REVIEW,
    ISSUED,
    NOT_ACCEPTED,
    OBJECTED,
    OBJECTION,
    OFFICE,
    PETITION,
    PROXY,
    REGISTERED,
    REQUESTED,
    RESOLVED,
    REVIEWED,
    REVISITED,
    ROUTED,
    SUBMITTED,
    TOLD,
    ask_recheck,
    ask_review,
    content,
    extend,
    opinion,
    recheck,
    review,
)

LIMITS = load_limits(Path(aggregates.__file__).parent / "limits.toml")
PETITIONS = aggregates.petitions(LIMITS)
ZONE = ZoneInfo("Asia/Shanghai")
BEFORE_NATIONAL_DAY = datetime(2025, 9, 30, 17, 20, tzinfo=ZONE)
INSTANT = timedelta(microseconds=1)


def lived(commands: tuple[Command, ...], now: datetime = BEFORE_NATIONAL_DAY) -> Petition:
    """A petition to which all of this has happened at one instant."""
    petition = Petition()
    for command in commands:
        petition = then(petition, command, now)
    return petition


def then(petition: Petition, command: Command, now: datetime) -> Petition:
    events = PETITIONS.decide(petition, command, PETITIONS.context(PETITION, now))
    assert events, f"{command} did nothing in {petition.status}"
    for event in events:
        petition = PETITIONS.evolve(petition, event)
    return petition


# Five working days from Tuesday 30 September 17:20: 9, 10, 11 (a worked Saturday), 13 and 14 October.
CLOCKS: dict[str, tuple[tuple[Command, ...], str, str]] = {
    "[I] authorise, 5 working days": (REQUESTED, "authorise", "2025-10-14 17:20"),
    "[I] register, 1 working day": (AUTHORISED, "register", "2025-10-09 17:20"),
    "[I] assign, 1 working day": (REGISTERED, "assign", "2025-10-09 17:20"),
    "[I] 27: settle where it arose, 5 working days": (ASSIGNED, "local", "2025-10-14 17:20"),
    "[A] 22: route, 15 days, holidays included": (SUBMITTED, "route", "2025-10-15 17:20"),
    "[A] 23: tell of acceptance, 15 days": (ROUTED, "acceptance", "2025-10-15 17:20"),
    "[I] 23: look into an objection, 3 working days": (OBJECTED, "objection_ruling", "2025-10-11 17:20"),
    "[A] 34: handle, 60 days": (ACCEPTED, "handling", "2025-11-29 17:20"),
    "[A] 34: handle, begun": (HANDLING, "handling", "2025-11-29 17:20"),
    "[A] 35: review, 30 days": (IN_REVIEW, "review", "2025-10-30 17:20"),
    "[A] 36: recheck, 30 days": (IN_RECHECK, "recheck", "2025-10-30 17:20"),
    "[I] feedback of an opinion, 3 working days": (ISSUED, "feedback", "2025-10-11 17:20"),
    "[I] feedback of a local result": (RESOLVED, "feedback", "2025-10-11 17:20"),
    "[I] feedback of a refusal": (NOT_ACCEPTED, "feedback", "2025-10-11 17:20"),
    "[I] revisit, 5 working days": (TOLD, "revisit", "2025-10-14 17:20"),
    "[I] archive, content, 5 working days": ((*TOLD, content), "archive", "2025-10-14 17:20"),
    "[A] 35: archive, not content, when no review may be asked": (REVISITED, "archive", "2025-10-30 17:20"),
}


@pytest.mark.parametrize(("life", "step", "due"), CLOCKS.values(), ids=CLOCKS)
def test_each_step_ends_to_the_minute(life: tuple[Command, ...], step: str, due: str) -> None:
    timers = PETITIONS.deadlines(lived(life))
    assert f"{timers[step].astimezone(ZONE):%Y-%m-%d %H:%M}" == due
    assert set(timers) - {step} <= {"acceptance"}, "an objection does not stop the authority's 15 days"


STEPS = {step: life for life, step, _ in CLOCKS.values() if step != "archive"}


@pytest.mark.parametrize(("step", "life"), STEPS.items(), ids=STEPS)
def test_a_step_overdue_is_recorded_once_and_stays_late_until_it_is_done(step: str, life: tuple[Command, ...]) -> None:
    petition = lived(life)
    due = PETITIONS.deadlines(petition)[step]
    early = PETITIONS.context(PETITION, due - INSTANT)
    assert PETITIONS.decide(petition, DeadlineReached(step), early) == []
    context = PETITIONS.context(PETITION, due)
    events = PETITIONS.decide(petition, DeadlineReached(step), context)
    assert events == [happened.PetitionStepOverdue(step=step, due_at=due)]
    after = PETITIONS.evolve(petition, events[0])
    assert (after.status, after.late) == (petition.status, {step: due})
    assert step not in PETITIONS.deadlines(after)
    assert PETITIONS.decide(after, DeadlineReached(step), context) == []


@pytest.mark.parametrize(
    ("days", "in_time"), [(timedelta(days=15), True), (timedelta(days=15) + INSTANT, False)], ids=["in time", "late"]
)
def test_22_23_routing_and_acceptance_say_whether_they_were_in_time(days: timedelta, in_time: bool) -> None:
    began = BEFORE_NATIONAL_DAY
    submitted = lived((*ASSIGNED, Submit(OFFICE, None, PROXY)))
    context = PETITIONS.context(PETITION, began + days)
    (routed,) = PETITIONS.decide(submitted, Route(AUTHORITY, None, CLERK), context)
    assert isinstance(routed, happened.PetitionRouted)
    assert routed.in_time is in_time
    (accepted,) = PETITIONS.decide(lived(ROUTED), Accept(None, PROXY), context)
    assert isinstance(accepted, happened.PetitionAccepted)
    assert (accepted.in_time, accepted.handling_due) == (in_time, began + days + timedelta(days=60))


def test_what_is_written_down_afterwards_counts_from_when_it_was() -> None:
    noticed = BEFORE_NATIONAL_DAY + timedelta(days=3)
    petition = then(lived(ROUTED), Accept(noticed, PROXY), BEFORE_NATIONAL_DAY + timedelta(days=20))
    assert petition.timers == {"handling": noticed + timedelta(days=60)}


def test_23_the_authority_objects_within_five_working_days_of_receipt() -> None:
    petition = lived(ROUTED)
    last = datetime(2025, 10, 14, 17, 20, tzinfo=ZONE)
    assert petition.objection_until == last
    objection = ObjectToCompetence(OBJECTION, None, CLERK)
    assert PETITIONS.decide(petition, objection, PETITIONS.context(PETITION, last))
    refused(petition, objection, last + INSTANT, "petition.objection_too_late")
    afterwards = replace(objection, at=last)
    assert PETITIONS.decide(petition, afterwards, PETITIONS.context(PETITION, last + timedelta(days=1)))


def test_23_another_authority_has_its_own_15_days() -> None:
    later = BEFORE_NATIONAL_DAY + timedelta(days=10)
    petition = then(lived(OBJECTED), Route("D15010203", None, CLERK), later)
    assert petition.timers == {"acceptance": later + timedelta(days=15)}


def test_34_extended_before_the_60_days_are_over_by_30_at_most() -> None:
    petition = lived(HANDLING)
    last = BEFORE_NATIONAL_DAY + timedelta(days=60)
    longest = replace(extend(0), until=last + timedelta(days=30))
    assert then(petition, longest, last).timers == {"handling": last + timedelta(days=30)}
    refused(petition, longest, last + INSTANT, "petition.extension_too_late")
    refused(petition, replace(longest, until=longest.until + INSTANT), last, "petition.extension_too_long")


def test_34_an_opinion_says_whether_it_was_in_time_after_an_extension_too() -> None:
    last = BEFORE_NATIONAL_DAY + timedelta(days=60)
    extended = then(lived(HANDLING), replace(extend(0), until=last + timedelta(days=30)), last)
    for now, in_time in ((last + timedelta(days=30), True), (last + timedelta(days=30) + INSTANT, False)):
        (issued,) = PETITIONS.decide(extended, opinion, PETITIONS.context(PETITION, now))
        assert isinstance(issued, happened.PetitionOpinionIssued)
        assert issued.in_time is in_time


@pytest.mark.parametrize(
    ("life", "command"), [(ISSUED, ask_review), (REVIEWED, ask_recheck)], ids=["35: review", "36: recheck"]
)
def test_35_36_asked_again_within_30_days_of_the_written_answer(life: tuple[Command, ...], command: Command) -> None:
    petition = lived(life)
    last = BEFORE_NATIONAL_DAY + timedelta(days=30)
    assert petition.asked_until == last
    assert PETITIONS.decide(petition, command, PETITIONS.context(PETITION, last))
    refused(petition, command, last + INSTANT, "petition.asked_too_late")


@pytest.mark.parametrize(
    ("life", "command"), [(IN_REVIEW, review), (IN_RECHECK, recheck)], ids=["35: review", "36: recheck"]
)
def test_35_36_answered_within_30_days(life: tuple[Command, ...], command: Command) -> None:
    last = BEFORE_NATIONAL_DAY + timedelta(days=30)
    for now, in_time in ((last, True), (last + INSTANT, False)):
        (answered,) = PETITIONS.decide(lived(life), command, PETITIONS.context(PETITION, now))
        assert isinstance(answered, happened.PetitionReviewAnswered | happened.PetitionRecheckAnswered)
        assert answered.in_time is in_time


def test_spring_festival_is_no_working_time_and_counts_as_days() -> None:
    """Monday 27 January 2025, 09:00: five working days end on Monday 10 February, the worked Saturday 8 included."""
    petition = lived(ROUTED, datetime(2025, 1, 27, 9, 0, tzinfo=ZONE))
    assert petition.objection_until == datetime(2025, 2, 10, 9, 0, tzinfo=ZONE)
    assert petition.timers == {"acceptance": datetime(2025, 2, 11, 9, 0, tzinfo=ZONE)}


@pytest.mark.parametrize("name", [name for name in LIMITS.limits if name.startswith("petition_")])
def test_every_limit_names_its_article_or_that_it_is_our_own(name: str) -> None:
    source = LIMITS[name].source
    assert source.startswith(("[I]", "[A] 信访工作条例 "))


def test_20_the_number_of_representatives_is_the_articles() -> None:
    assert LIMITS.count("petition_representatives") == 5


def refused(petition: Petition, command: Command, now: datetime, code: str) -> None:
    with pytest.raises(Rejected) as refusal:
        PETITIONS.decide(petition, command, PETITIONS.context(PETITION, now))
    assert refusal.value.code == code
