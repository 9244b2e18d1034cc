"""Every row of domain.md's Revisit, and of what its queue and its reasons add to it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from contracts.codes import ReasonClass, Resolution, Satisfaction
from contracts.event import Event
from contracts.notify import (
    AnswerRevisitCancelled,
    AnswerRevisitOpened,
    AnswerRevisitRecorded,
    AnswerRevisitUnreached,
    RevisitAttempted,
    RevisitCancelled,
    RevisitOpened,
    RevisitOverdue,
    RevisitRecorded,
    RevisitUnreached,
)
from contracts.rejected import Rejected
from services.notify.call_hours import CallHours, Part
from services.notify.reasons import CLASS_OF, OF_CALLER, REASON_ZH, Reason
from services.notify.revisit import Revisit, Status, deadlines, decide, evolve
from services.notify.revisit_commands import (
    Answers,
    Attempt,
    Basis,
    Cancel,
    Channel,
    Command,
    Context,
    DeadlineReached,
    Open,
    OpenForAnswer,
    Outcome,
    Record,
)

ISSUE, ORDER, APPEAL = (f"01900000-0000-7000-8000-00000000000{n}" for n in (1, 2, 3))
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # 09:00 in the city
DUE = NOW + timedelta(hours=24)
GAP = timedelta(hours=4)
WISH = NOW + timedelta(hours=9, minutes=30)
WEEK = timedelta(days=7)
HOURS = CallHours(
    ZoneInfo("Asia/Shanghai"),
    tuple(
        (timedelta(hours=hour), part)
        for hour, part in ((8, Part.MORNING), (12, Part.AFTERNOON), (18, Part.EVENING), (21, Part.NIGHT))
    ),
    required=3,
)

OPEN_COMMAND = Open(ISSUE, ORDER, APPEAL, 1)
ASK_AFTER_ANSWER = OpenForAnswer(ISSUE, APPEAL, "K0101", "0101", NOW)
SOLVED = Answers(True, True, Resolution.YES, Satisfaction.SATISFIED)
UNSOLVED = Answers(True, False, Resolution.NO, Satisfaction.DISSATISFIED, ReasonClass.UNIT_WORK)
TOO_SLOW = replace(UNSOLVED, reason_class=None, reason=Reason.TOO_SLOW)
HELPED = Answers(None, None, Resolution.YES, Satisfaction.SATISFIED)
NOT_HELPED = Answers(None, None, Resolution.NO, Satisfaction.DISSATISFIED, ReasonClass.UNIT_WORK)

NONE = Revisit()
OPEN = Revisit(Status.OPEN, ISSUE, ORDER, APPEAL, 1, DUE)
ANSWERED = Revisit(
    Status.OPEN,
    ISSUE,
    "",
    APPEAL,
    0,
    DUE,
    basis=Basis.ANSWER,
    knowledge_id="K0101",
    item_code="0101",
    ended_at=NOW,
)
TRIED = replace(OPEN, attempts=1, next_attempt_from=NOW, tried=("evening",), last_outcome="no_answer")
TRIED_THIS_MORNING = replace(TRIED, tried=("morning",))
TRIED_JUST_NOW = replace(OPEN, attempts=1, next_attempt_from=NOW + GAP, tried=("morning",), last_outcome="no_answer")
TRIED_TWICE = replace(TRIED, attempts=2, tried=("afternoon", "evening"))
TRIED_BEFORE_PARTS_WERE_KEPT = replace(OPEN, attempts=1, next_attempt_from=NOW)
WISHED = replace(TRIED_THIS_MORNING, wishes=1, wished_at=NOW, last_outcome="call_back_later")
WISHED_OFTEN = replace(WISHED, attempts=4, wishes=2)
OVERDUE = replace(OPEN, overdue=True)
RECORDED = replace(
    OPEN,
    status=Status.RECORDED,
    answers=replace(SOLVED, reason_class=ReasonClass.NOT_STATED),
    by="R1",
    channel=Channel.PHONE,
)
UNREACHED = replace(OPEN, status=Status.UNREACHED, attempts=3, next_attempt_from=NOW + GAP)

opened = RevisitOpened(issue_id=ISSUE, order_id=ORDER, appeal_id=APPEAL, round=1, due=DUE)
opened_for_answer = AnswerRevisitOpened(
    issue_id=ISSUE, appeal_id=APPEAL, knowledge_id="K0101", item_code="0101", answered_at=NOW, due=DUE
)


def attempted(
    number: int, outcome: str = "no_answer", wished_at: datetime | None = None, then: datetime = NOW + GAP
) -> RevisitAttempted:
    return RevisitAttempted(
        attempt=number,
        next_attempt_from=wished_at or then,
        by="R1",
        outcome=outcome,
        part="morning",
        wished_at=wished_at,
    )


def unreached(attempts: int, reason: str = "no_answer") -> RevisitUnreached:
    return RevisitUnreached(order_id=ORDER, appeal_id=APPEAL, round=1, attempts=attempts, reason=reason)


def recorded(answers: Answers, reason: ReasonClass, channel: str = "phone", commented: bool = False) -> RevisitRecorded:
    return RevisitRecorded(
        order_id=ORDER,
        appeal_id=APPEAL,
        round=1,
        contacted=bool(answers.contacted),
        in_time=bool(answers.in_time),
        resolution=answers.resolution,
        satisfaction=answers.satisfaction,
        reason_class=reason,
        by="R1",
        channel=channel,
        reason=answers.reason,
        commented=commented,
    )


def answer_recorded(answers: Answers, reason: ReasonClass) -> AnswerRevisitRecorded:
    return AnswerRevisitRecorded(
        appeal_id=APPEAL,
        resolution=answers.resolution,
        satisfaction=answers.satisfaction,
        reason_class=reason,
        channel="phone",
        by="R1",
    )


CANCELLED = replace(OPEN, status=Status.CANCELLED)
CANCELLATION = RevisitCancelled(order_id=ORDER, appeal_id=APPEAL, round=1)


def ask(revisit: Revisit, command: Command) -> list[Event]:
    ends = {"revisit_due": DUE, "revisit_attempt_gap": NOW + GAP, "revisit_wish": NOW + WEEK}
    return decide(revisit, command, Context(NOW, ends.__getitem__, HOURS, 3, 2))


HAPPENS: list[tuple[str, Revisit, Command, list[Event]]] = [
    ("completed order opens it", NONE, OPEN_COMMAND, [opened]),
    (
        "a caller who joined a closed order is asked like the others",
        NONE,
        replace(OPEN_COMMAND, basis=Basis.LATE_CALLER, item_code="0101", completed_at=NOW),
        [opened.model_copy(update={"basis": "late_caller", "item_code": "0101", "completed_at": NOW})],
    ),
    ("sampled direct answer opens it", NONE, ASK_AFTER_ANSWER, [opened_for_answer]),
    ("opened once", OPEN, OPEN_COMMAND, []),
    ("of an answer opened once", ANSWERED, ASK_AFTER_ANSWER, []),
    ("not opened anew when answered", RECORDED, OPEN_COMMAND, []),
    ("not opened anew when unreached", UNREACHED, OPEN_COMMAND, []),
    ("first attempt at any time", OPEN, Attempt(1, "R1"), [attempted(1)]),
    ("busy", OPEN, Attempt(1, "R1", Outcome.BUSY), [attempted(1, "busy")]),
    ("repeated attempt", TRIED_JUST_NOW, Attempt(1, "R1"), []),
    (
        "second attempt at another time of the day; the third in the part that is left",
        TRIED,
        Attempt(2, "R1"),
        [attempted(2)],
    ),
    (
        "tried before parts of the day were kept: the gap is enough",
        TRIED_BEFORE_PARTS_WERE_KEPT,
        Attempt(2, "R1"),
        [attempted(2)],
    ),
    ("third attempt is the last", TRIED_TWICE, Attempt(3, "R1"), [attempted(3), unreached(3)]),
    ("repeated last attempt", UNREACHED, Attempt(3, "R1"), []),
    ("attempt on an overdue one", OVERDUE, Attempt(1, "R1"), [attempted(1)]),
    (
        "refuses to be asked: nobody calls again",
        OPEN,
        Attempt(1, "R1", Outcome.REFUSED),
        [attempted(1, "refused"), unreached(1, "refused")],
    ),
    (
        "wrong number: nobody calls again",
        OPEN,
        Attempt(1, "R1", Outcome.WRONG_NUMBER),
        [attempted(1, "wrong_number"), unreached(1, "wrong_number")],
    ),
    (
        "wants to be called later: then, and not before",
        OPEN,
        Attempt(1, "R1", Outcome.CALL_BACK_LATER, WISH),
        [attempted(1, "call_back_later", WISH)],
    ),
    ("at the wished time in a part of the day that was tried", WISHED, Attempt(2, "R1"), [attempted(2)]),
    (
        "a wished time uses no attempt up",
        replace(TRIED_TWICE, attempts=3, wishes=1),
        Attempt(4, "R1", Outcome.CALL_BACK_LATER, WISH),
        [attempted(4, "call_back_later", WISH)],
    ),
    (
        "but not for ever",
        WISHED_OFTEN,
        Attempt(5, "R1", Outcome.CALL_BACK_LATER, WISH),
        [attempted(5, "call_back_later", WISH), unreached(5, "call_back_later")],
    ),
    (
        "of an answer: unreached apart",
        replace(ANSWERED, attempts=2, tried=("afternoon", "evening")),
        Attempt(3, "R1"),
        [attempted(3), AnswerRevisitUnreached(appeal_id=APPEAL, attempts=3, reason="no_answer")],
    ),
    ("solved", OPEN, Record(SOLVED, "R1"), [recorded(SOLVED, ReasonClass.NOT_STATED)]),
    ("not solved, with reason", OPEN, Record(UNSOLVED, "R1"), [recorded(UNSOLVED, ReasonClass.UNIT_WORK)]),
    (
        "not solved: the reason says its class",
        OPEN,
        Record(TOO_SLOW, "R1"),
        [recorded(TOO_SLOW, ReasonClass.UNIT_WORK)],
    ),
    (
        "a wish beyond law or policy",
        OPEN,
        Record(replace(UNSOLVED, reason_class=None, reason=Reason.NO_LEGAL_GROUND), "R1"),
        [recorded(replace(UNSOLVED, reason=Reason.NO_LEGAL_GROUND), ReasonClass.BEYOND_POLICY)],
    ),
    (
        "by the survey link, with words",
        OPEN,
        Record(SOLVED, "R1", Channel.SURVEY_LINK, commented=True),
        [recorded(SOLVED, ReasonClass.NOT_STATED, "survey_link", True)],
    ),
    ("by the app", OPEN, Record(SOLVED, "R1", Channel.APP), [recorded(SOLVED, ReasonClass.NOT_STATED, "app")]),
    ("the answer helped", ANSWERED, Record(HELPED, "R1"), [answer_recorded(HELPED, ReasonClass.NOT_STATED)]),
    ("the answer did not", ANSWERED, Record(NOT_HELPED, "R1"), [answer_recorded(NOT_HELPED, ReasonClass.UNIT_WORK)]),
    (
        "answered between attempts: the caller rang back",
        TRIED_JUST_NOW,
        Record(SOLVED, "R1"),
        [recorded(SOLVED, ReasonClass.NOT_STATED)],
    ),
    ("answered although overdue", OVERDUE, Record(SOLVED, "R1"), [recorded(SOLVED, ReasonClass.NOT_STATED)]),
    ("repeated answers", RECORDED, Record(SOLVED, "R1"), []),
    ("repeated by another way", RECORDED, Record(SOLVED, "survey", Channel.SURVEY_LINK), []),
    ("the order ended some other way", OPEN, Cancel(), [CANCELLATION]),
    ("reopened before the answer was asked about", ANSWERED, Cancel(), [AnswerRevisitCancelled(appeal_id=APPEAL)]),
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
    ("attempt before the wished time", replace(WISHED, next_attempt_from=WISH), Attempt(2, "R1"), "revisit.too_early"),
    ("attempt in the same part of the day", TRIED_THIS_MORNING, Attempt(2, "R1"), "revisit.same_hours"),
    ("attempt left out", OPEN, Attempt(2, "R1"), "revisit.wrong_attempt"),
    ("later, but when?", OPEN, Attempt(1, "R1", Outcome.CALL_BACK_LATER), "revisit.wish_required"),
    ("a wished time with no wish", OPEN, Attempt(1, "R1", Outcome.BUSY, WISH), "revisit.wish_required"),
    ("a wish that is past", OPEN, Attempt(1, "R1", Outcome.CALL_BACK_LATER, NOW), "revisit.wish_out_of_range"),
    (
        "a wish that is too far",
        OPEN,
        Attempt(1, "R1", Outcome.CALL_BACK_LATER, NOW + WEEK + GAP),
        "revisit.wish_out_of_range",
    ),
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
    (
        "a reason of another class",
        OPEN,
        Record(replace(UNSOLVED, reason=Reason.NO_LEGAL_GROUND), "R1"),
        "revisit.reason_mismatch",
    ),
    ("of an order: contacted?", OPEN, Record(replace(SOLVED, contacted=None), "R1"), "revisit.contact_required"),
    ("of an order: in time?", OPEN, Record(replace(SOLVED, in_time=None), "R1"), "revisit.contact_required"),
    ("of an answer: no unit contacted", ANSWERED, Record(SOLVED, "R1"), "revisit.no_unit"),
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
    ("opened for an answer", NONE, opened_for_answer, ANSWERED),
    ("attempted", OPEN, attempted(1), TRIED_JUST_NOW),
    (
        "attempted before outcomes were kept",
        OPEN,
        RevisitAttempted(attempt=1, next_attempt_from=NOW, by="R1"),
        replace(TRIED_BEFORE_PARTS_WERE_KEPT, last_outcome="no_answer"),
    ),
    (
        "a wish",
        OPEN,
        attempted(1, "call_back_later", WISH),
        replace(WISHED, next_attempt_from=WISH, wished_at=WISH),
    ),
    (
        "a wish that was met is none any more",
        WISHED,
        attempted(2),
        replace(
            WISHED,
            attempts=2,
            tried=("morning", "morning"),
            next_attempt_from=NOW + GAP,
            wished_at=None,
            last_outcome="no_answer",
        ),
    ),
    ("unreached", replace(UNREACHED, status=Status.OPEN), unreached(3), UNREACHED),
    (
        "an answer's caller unreached",
        ANSWERED,
        AnswerRevisitUnreached(appeal_id=APPEAL, attempts=3, reason="busy"),
        replace(ANSWERED, status=Status.UNREACHED),
    ),
    ("cancelled", OPEN, CANCELLATION, CANCELLED),
    (
        "an answer's call-back cancelled",
        ANSWERED,
        AnswerRevisitCancelled(appeal_id=APPEAL),
        replace(ANSWERED, status=Status.CANCELLED),
    ),
    ("overdue", OPEN, RevisitOverdue(due_at=DUE), OVERDUE),
    ("recorded", OPEN, recorded(SOLVED, ReasonClass.NOT_STATED), RECORDED),
    (
        "an answer's caller asked",
        ANSWERED,
        answer_recorded(NOT_HELPED, ReasonClass.UNIT_WORK),
        replace(ANSWERED, status=Status.RECORDED, answers=NOT_HELPED, by="R1", channel=Channel.PHONE),
    ),
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


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-{text}+08:00")


PARTS = [
    ("02T07:59", Part.NIGHT),
    ("02T08:00", Part.MORNING),
    ("02T11:59", Part.MORNING),
    ("02T12:00", Part.AFTERNOON),
    ("02T18:00", Part.EVENING),
    ("02T20:59", Part.EVENING),
    ("02T21:00", Part.NIGHT),
]


@pytest.mark.parametrize(("time", "part"), PARTS)
def test_a_day_has_parts_by_the_citys_clock(time: str, part: Part) -> None:
    assert HOURS.part(at(time)) is part
    assert HOURS.part(at(time).astimezone(UTC)) is part


NEXT: list[tuple[str, str, tuple[str, ...], str]] = [
    ("after the gap it is another part of the day", "02T13:00", ("morning",), "02T13:00"),
    ("the gap ends in the same part", "02T11:00", ("morning",), "02T12:00"),
    ("never at night", "02T22:30", ("evening",), "03T08:00"),
    ("the only part that is left", "02T19:00", ("morning", "evening"), "03T12:00"),
    ("the last part over night", "02T21:30", ("afternoon", "evening"), "03T08:00"),
    ("every part tried: any time", "02T19:00", ("morning", "afternoon", "evening"), "02T19:00"),
    ("a call at night counts for no part", "03T02:00", ("night",), "03T08:00"),
]


@pytest.mark.parametrize(("earliest", "tried", "then"), [n[1:] for n in NEXT], ids=[n[0] for n in NEXT])
def test_the_next_attempt_falls_at_another_time_of_the_day(earliest: str, tried: tuple[str, ...], then: str) -> None:
    assert HOURS.next_from(at(earliest), tried) == at(then)


def test_a_city_may_ask_for_fewer_parts_of_the_day() -> None:
    once = replace(HOURS, required=1)
    assert once.next_from(at("02T09:30"), ("morning",)) == at("02T09:30")
    assert once.is_free(("night",))


def test_parts_of_a_day_follow_each_other() -> None:
    with pytest.raises(ValueError, match="one after the other"):
        CallHours(UTC, ((timedelta(hours=12), Part.MORNING), (timedelta(hours=8), Part.NIGHT)), 1)


def test_every_reason_has_a_class_and_chinese_words() -> None:
    assert set(CLASS_OF) == set(REASON_ZH) == set(Reason)
    assert set(CLASS_OF.values()) == set(ReasonClass)


def test_callers_do_not_judge_the_law_themselves() -> None:
    """What they were told is theirs to say; whether it is so is decided in exclusion review."""
    beyond = {reason for reason in OF_CALLER if CLASS_OF[reason] is ReasonClass.BEYOND_POLICY}
    assert beyond == {Reason.TOLD_NOT_ALLOWED}
