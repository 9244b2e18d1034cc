"""What intake does about what callers say who are called back beside an order."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chassis.aggregate import Received
from chassis.limits import load_limits
from contracts.codes import ClosingOutcome, ReasonClass, Resolution, Satisfaction
from contracts.event import Event
from contracts.notify import AnswerRevisitRecorded, RevisitRecorded
from contracts.router import OrderClosed
from services.intake import aggregates
from services.intake.issue_commands import Close
from services.intake.issue_model import HearUnsolved
from services.intake.reactions import reactions

ISSUE, ORDER, APPEAL, SENDER = (f"01900000-0000-7000-8000-00000000000{n}" for n in (1, 2, 3, 4))
AT = datetime(2026, 3, 9, 10, 0, tzinfo=UTC)
ISSUES = aggregates.issues(load_limits(Path(aggregates.__file__).parent / "limits.toml"))
REACTIONS = reactions(ISSUES)


def react(event: Event) -> list[tuple[str, object]]:
    received: Received[Any] = Received(SENDER, ORDER, ISSUE, AT, 1, event)
    return [(one.id, one.command) for one in REACTIONS[type(event)](received)]


def recorded(basis: str, resolution: Resolution, reason: ReasonClass = ReasonClass.UNIT_WORK) -> RevisitRecorded:
    return RevisitRecorded(
        order_id=ORDER,
        appeal_id=APPEAL,
        round=2,
        contacted=True,
        in_time=True,
        resolution=resolution,
        satisfaction=Satisfaction.NEUTRAL,
        reason_class=reason,
        by="R1",
        basis=basis,
    )


def answer_recorded(resolution: Resolution, reason: ReasonClass = ReasonClass.UNIT_WORK) -> AnswerRevisitRecorded:
    return AnswerRevisitRecorded(
        appeal_id=APPEAL,
        resolution=resolution,
        satisfaction=Satisfaction.NEUTRAL,
        reason_class=reason,
        channel="phone",
        by="R1",
    )


NO, PARTLY, YES, BEYOND = Resolution.NO, Resolution.PARTLY, Resolution.YES, ReasonClass.BEYOND_POLICY
NEWS: list[tuple[str, Event, object | None]] = [
    (
        "the order is closed",
        OrderClosed(issue_id=ISSUE, outcome=ClosingOutcome.RESOLVED, reworks=0, order_number=1),
        Close(ORDER, ClosingOutcome.RESOLVED, 1),
    ),
    ("a late caller says no", recorded("late_caller", NO), HearUnsolved(APPEAL, ORDER)),
    ("a late caller says partly", recorded("late_caller", PARTLY), HearUnsolved(APPEAL, ORDER)),
    ("a late caller is content", recorded("late_caller", YES), None),
    ("a late caller wishes what the law forbids", recorded("late_caller", NO, BEYOND), None),
    ("an order's own caller says no: the router's to act on", recorded("order", NO), None),
    ("an answered caller says no", answer_recorded(NO), HearUnsolved(APPEAL, None)),
    ("an answered caller says partly", answer_recorded(PARTLY), HearUnsolved(APPEAL, None)),
    ("an answered caller is content", answer_recorded(YES), None),
    ("an answered caller wishes what the law forbids", answer_recorded(NO, BEYOND), None),
]


@pytest.mark.parametrize(("event", "command"), [n[1:] for n in NEWS], ids=[n[0] for n in NEWS])
def test_what_follows_from_the_news(event: Event, command: object | None) -> None:
    assert react(event) == ([] if command is None else [(ISSUE, command)])
