"""黑名单, 白名单: versions, an end, an appeal that another person judges."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.intake_callers import CallerListed, CallerListExpired, CallerReviewOverdue
from contracts.rejected import Rejected
from services.intake.caller_list import (
    AppealAgainstList,
    Caller,
    Command,
    Context,
    DeadlineReached,
    JudgeAppeal,
    ListReason,
    PutOnList,
    Status,
    TakeOffList,
    deadlines,
    decide,
    desk_now,
    evolve,
)
from services.intake.issue_model import Desk

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
DAY = timedelta(days=1)
LIMITS = {"list_appeal_review": 3 * DAY, "block_longest": 180 * DAY, "allow_longest": 400 * DAY}
RULE, OTHER = "01900000-0000-7000-8000-000000000001", "01900000-0000-7000-8000-000000000002"
BLOCK = PutOnList(RULE, Desk.RESTRICTED, ListReason.ABUSE, NOW + 30 * DAY, "S1")
ALLOW = PutOnList(OTHER, Desk.PRIORITY, ListReason.DEPUTY, NOW + 365 * DAY, "S1")
APPEAL = AppealAgainstList(RULE, "A1")
UPHOLD, REJECT = JudgeAppeal(RULE, True, "S2"), JudgeAppeal(RULE, False, "S2")


def context(now: datetime = NOW) -> Context:
    return Context(now, lambda name: now + LIMITS[name])


def after(*commands: Command, now: datetime = NOW) -> Caller:
    caller = Caller()
    for command in commands:
        events = decide(caller, command, context(now))
        assert events, f"{command} changed nothing"
        for event in events:
            caller = evolve(caller, event)
    return caller


def refused(caller: Caller, command: Command) -> tuple[str, int]:
    with pytest.raises(Rejected) as rejected:
        decide(caller, command, context())
    return rejected.value.code, rejected.value.status


@pytest.mark.parametrize(
    ("commands", "status", "desk"),
    [
        ((), Status.PLAIN, Desk.GENERAL),
        ((BLOCK,), Status.LISTED, Desk.RESTRICTED),
        ((BLOCK, ALLOW), Status.LISTED, Desk.PRIORITY),
        ((BLOCK, TakeOffList(RULE, "S2")), Status.PLAIN, Desk.GENERAL),
        ((BLOCK, APPEAL), Status.APPEALED, Desk.RESTRICTED),
        ((BLOCK, APPEAL, UPHOLD), Status.PLAIN, Desk.GENERAL),
        ((BLOCK, APPEAL, REJECT), Status.LISTED, Desk.RESTRICTED),
    ],
)
def test_where_a_caller_is_taken(commands: tuple[Command, ...], status: Status, desk: Desk) -> None:
    caller = after(*commands)
    assert (caller.status, desk_now(caller, NOW)[0]) == (status, desk)


def test_every_rule_has_an_end() -> None:
    assert refused(Caller(), PutOnList(RULE, Desk.RESTRICTED, ListReason.ABUSE, NOW, "S1")) == (
        "caller.until_is_past",
        422,
    )
    too_long = PutOnList(RULE, Desk.RESTRICTED, ListReason.ABUSE, NOW + 181 * DAY, "S1")
    assert refused(Caller(), too_long) == ("caller.until_too_far", 422)
    listed = after(BLOCK)
    assert deadlines(listed) == {"expiry": NOW + 30 * DAY}
    assert decide(listed, DeadlineReached("expiry"), context(NOW + 30 * DAY)) == [CallerListExpired(rule_id=RULE)]
    assert desk_now(listed, NOW + 30 * DAY) == (Desk.GENERAL, None), "whether the timer rang or not"


def test_a_new_rule_is_a_new_version() -> None:
    [listed] = decide(after(BLOCK), ALLOW, context())
    assert isinstance(listed, CallerListed)
    assert listed.version == 2
    assert decide(after(BLOCK, ALLOW), BLOCK, context()) == [], "the old one does not come back"


def test_a_reason_belongs_to_its_list() -> None:
    mixed = PutOnList(RULE, Desk.PRIORITY, ListReason.ABUSE, NOW + DAY, "S1")
    assert refused(Caller(), mixed) == ("caller.reason_of_other_list", 422)
    general = PutOnList(RULE, Desk.GENERAL, ListReason.DEPUTY, NOW + DAY, "S1")
    assert refused(Caller(), general) == ("caller.reason_of_other_list", 422)


@pytest.mark.parametrize("upheld", [True, False])
def test_another_person_judges_the_appeal(upheld: bool) -> None:
    assert refused(after(BLOCK, APPEAL), JudgeAppeal(RULE, upheld, "S1")) == ("caller.same_person", 403)


def test_one_appeal_per_rule() -> None:
    assert refused(after(BLOCK, APPEAL, REJECT), APPEAL) == ("caller.appeal_final", 409)
    again = after(BLOCK, APPEAL, REJECT, ALLOW, AppealAgainstList(OTHER, "A1"))
    assert again.status is Status.APPEALED


def test_an_appeal_nobody_judges_is_shown() -> None:
    appealed = after(BLOCK, APPEAL)
    due = NOW + 3 * DAY
    assert decide(appealed, DeadlineReached("list_appeal_review"), context(due)) == [
        CallerReviewOverdue(rule_id=RULE, due_at=due)
    ]


@pytest.mark.parametrize("command", [TakeOffList(RULE, "S1"), APPEAL, UPHOLD])
def test_a_rule_that_was_never_made_is_unknown(command: Command) -> None:
    assert refused(Caller(), command) == ("caller_rule.not_found", 404)


@pytest.mark.parametrize("command", [UPHOLD, REJECT])
def test_there_is_nothing_to_judge_without_an_appeal(command: Command) -> None:
    assert refused(after(BLOCK), command) == ("caller.no_appeal", 409)
