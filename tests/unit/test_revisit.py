"""Every row of domain.md's Revisit."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from contracts.codes import ReasonClass, Resolution, Satisfaction
from contracts.event import Event
from contracts.notify import (
    RevisitAttempted,
    RevisitCancelled,
    RevisitOpened,
    RevisitOverdue,
    RevisitRecorded,
    RevisitUnreached,
)
from contracts.rejected import Rejected
from services.notify.revisit import (
    Answers,
    Attempt,
    Cancel,
    Command,
    Context,
    DeadlineReached,
    Open,
    Record,
    Revisit,
    Status,
    deadlines,
    decide,
    evolve,
)

ISSUE, ORDER, APPEAL = (f"01900000-0000-7000-8000-00000000000{n}" for n in (1, 2, 3))
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
DUE = NOW + timedelta(hours=24)
GAP = timedelta(hours=4)

OPEN_COMMAND = Open(ISSUE, ORDER, APPEAL, 1)
SOLVED = Answers(True, True, Resolution.YES, Satisfaction.SATISFIED)
UNSOLVED = Answers(True, False, Resolution.NO, Satisfaction.DISSATISFIED, ReasonClass.UNIT_WORK)

NONE = Revisit()
OPEN = Revisit(Status.OPEN, ISSUE, ORDER, APPEAL, 1, DUE)
TRIED = replace(OPEN, attempts=1, next_attempt_from=NOW)
TRIED_JUST_NOW = replace(OPEN, attempts=1, next_attempt_from=NOW + GAP)
TRIED_TWICE = replace(OPEN, attempts=2, next_attempt_from=NOW)
OVERDUE = replace(OPEN, overdue=True)
RECORDED = replace(OPEN, status=Status.RECORDED, answers=replace(SOLVED, reason_class=ReasonClass.NOT_STATED), by="R1")
UNREACHED = replace(OPEN, status=Status.UNREACHED, attempts=3, next_attempt_from=NOW + GAP)

opened = RevisitOpened(issue_id=ISSUE, order_id=ORDER, appeal_id=APPEAL, round=1, due=DUE)
unreached = RevisitUnreached(order_id=ORDER, appeal_id=APPEAL, round=1, attempts=3)


def attempted(number: int) -> RevisitAttempted:
    return RevisitAttempted(attempt=number, next_attempt_from=NOW + GAP, by="R1")


def recorded(answers: Answers, reason: ReasonClass) -> RevisitRecorded:
    return RevisitRecorded(
        order_id=ORDER,
        appeal_id=APPEAL,
        round=1,
        contacted=answers.contacted,
        in_time=answers.in_time,
        resolution=answers.resolution,
        satisfaction=answers.satisfaction,
        reason_class=reason,
        by="R1",
    )


CANCELLED = replace(OPEN, status=Status.CANCELLED)
CANCELLATION = RevisitCancelled(order_id=ORDER, appeal_id=APPEAL, round=1)


def ask(revisit: Revisit, command: Command) -> list[Event]:
    return decide(revisit, command, Context(NOW, DUE, NOW + GAP, 3))


HAPPENS: list[tuple[str, Revisit, Command, list[Event]]] = [
    ("completed order opens it", NONE, OPEN_COMMAND, [opened]),
    ("opened once", OPEN, OPEN_COMMAND, []),
    ("not opened anew when answered", RECORDED, OPEN_COMMAND, []),
    ("not opened anew when unreached", UNREACHED, OPEN_COMMAND, []),
    ("first attempt at any time", OPEN, Attempt(1, "R1"), [attempted(1)]),
    ("repeated attempt", TRIED_JUST_NOW, Attempt(1, "R1"), []),
    ("second attempt after the gap", TRIED, Attempt(2, "R1"), [attempted(2)]),
    ("third attempt is the last", TRIED_TWICE, Attempt(3, "R1"), [attempted(3), unreached]),
    ("repeated last attempt", UNREACHED, Attempt(3, "R1"), []),
    ("attempt on an overdue one", OVERDUE, Attempt(1, "R1"), [attempted(1)]),
    ("solved", OPEN, Record(SOLVED, "R1"), [recorded(SOLVED, ReasonClass.NOT_STATED)]),
    ("not solved, with reason", OPEN, Record(UNSOLVED, "R1"), [recorded(UNSOLVED, ReasonClass.UNIT_WORK)]),
    (
        "answered between attempts: the caller rang back",
        TRIED_JUST_NOW,
        Record(SOLVED, "R1"),
        [recorded(SOLVED, ReasonClass.NOT_STATED)],
    ),
    ("answered although overdue", OVERDUE, Record(SOLVED, "R1"), [recorded(SOLVED, ReasonClass.NOT_STATED)]),
    ("repeated answers", RECORDED, Record(SOLVED, "R1"), []),
    ("the order ended some other way", OPEN, Cancel(), [CANCELLATION]),
    ("cancelled although tried", TRIED_TWICE, Cancel(), [CANCELLATION]),
    ("cancelled again", CANCELLED, Cancel(), []),
    ("cancelled after the answers", RECORDED, Cancel(), []),
    ("cancelled before it was opened", NONE, Cancel(), []),
    ("due: cancelled", CANCELLED, DeadlineReached("due"), []),
    ("due: told", OPEN, DeadlineReached("due"), [RevisitOverdue(due_at=DUE)]),
    ("due: told once", OVERDUE, DeadlineReached("due"), []),
    ("due: too late", RECORDED, DeadlineReached("due"), []),
    ("due: unreached", UNREACHED, DeadlineReached("due"), []),
]

REFUSED: list[tuple[str, Revisit, Command, str]] = [
    ("attempt on nothing", NONE, Attempt(1, "R1"), "revisit.not_found"),
    ("answers to nothing", NONE, Record(SOLVED, "R1"), "revisit.not_found"),
    ("attempt before the gap is over", TRIED_JUST_NOW, Attempt(2, "R1"), "revisit.too_early"),
    ("attempt left out", OPEN, Attempt(2, "R1"), "revisit.wrong_attempt"),
    ("attempt after the end", UNREACHED, Attempt(4, "R1"), "revisit.wrong_status"),
    ("attempt after the answers", RECORDED, Attempt(1, "R1"), "revisit.wrong_status"),
    ("answers after unreached", UNREACHED, Record(SOLVED, "R1"), "revisit.wrong_status"),
    ("attempt after it was cancelled", CANCELLED, Attempt(1, "R1"), "revisit.wrong_status"),
    ("other answers", RECORDED, Record(UNSOLVED, "R1"), "revisit.wrong_status"),
    ("not solved, no reason", OPEN, Record(replace(UNSOLVED, reason_class=None), "R1"), "revisit.reason_required"),
    (
        "partly solved, no reason",
        OPEN,
        Record(replace(UNSOLVED, resolution=Resolution.PARTLY, reason_class=None), "R1"),
        "revisit.reason_required",
    ),
]


@pytest.mark.parametrize(("revisit", "command", "events"), [r[1:] for r in HAPPENS], ids=[r[0] for r in HAPPENS])
def test_what_happens(revisit: Revisit, command: Command, events: list[Event]) -> None:
    assert ask(revisit, command) == events


@pytest.mark.parametrize(("revisit", "command", "code"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_what_is_refused(revisit: Revisit, command: Command, code: str) -> None:
    with pytest.raises(Rejected) as refused:
        ask(revisit, command)
    assert refused.value.code == code


FOLDS: list[tuple[str, Revisit, Event, Revisit]] = [
    ("opened", NONE, opened, OPEN),
    ("attempted", OPEN, attempted(1), TRIED_JUST_NOW),
    ("unreached", replace(UNREACHED, status=Status.OPEN), unreached, UNREACHED),
    ("cancelled", OPEN, CANCELLATION, CANCELLED),
    ("overdue", OPEN, RevisitOverdue(due_at=DUE), OVERDUE),
    ("recorded", OPEN, recorded(SOLVED, ReasonClass.NOT_STATED), RECORDED),
]


@pytest.mark.parametrize(("before", "event", "after"), [f[1:] for f in FOLDS], ids=[f[0] for f in FOLDS])
def test_what_is_remembered(before: Revisit, event: Event, after: Revisit) -> None:
    assert evolve(before, event) == after


@pytest.mark.parametrize(
    ("revisit", "timers"),
    [(NONE, {}), (OPEN, {"due": DUE}), (OVERDUE, {}), (RECORDED, {}), (UNREACHED, {}), (CANCELLED, {})],
    ids=["none", "open: due in 24 h", "told once", "recorded", "unreached", "cancelled"],
)
def test_timers(revisit: Revisit, timers: dict[str, datetime]) -> None:
    assert deadlines(revisit) == timers
