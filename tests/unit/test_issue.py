"""The Issue table of domain.md: every command in every status happens, is already true, or is refused by its code."""

from dataclasses import replace

import pytest

from contracts.event import Event
from contracts.intake import (
    AppealAdded,
    ContactRevealed,
    IssueAccepted,
    IssueAnswered,
    IssueClosed,
    IssueDeclined,
    IssueDeclineProposed,
    IssueDeclineRefused,
    IssueFollowedUp,
    IssueRegistered,
    IssueTransferred,
)
from contracts.intake_centre import IssueClosedAtCentre, IssueHandedToCentre
from contracts.intake_turns import (
    IssueEmergencyAssessed,
    IssueFiledOnline,
    IssueMerged,
    IssueObjectionRaised,
    IssueObjectionRejected,
    IssueObjectionUpheld,
    IssueReopened,
    IssueSpecialistAsked,
    IssueTransferRefused,
    IssueUnmerged,
    IssueUnsolvedHeard,
    IssueWithdrawn,
)
from contracts.rejected import Rejected
from services.intake.issue import decide
from services.intake.issue_commands import (
    Command,
    Merge,
)
from services.intake.issue_model import OPEN, TERMINAL, Issue, Status
from tests.unit.issue_life import (
    ACCEPT,
    ANSWER,
    ANSWER_AS_SPECIALIST,
    ASK,
    CASE_ENDED,
    CASE_OPENED,
    CLOSE,
    CONFIRM,
    DANGER,
    GIVE_BACK,
    HAND,
    HEAR_LATE_NO,
    HEAR_NO,
    JOIN,
    LEGAL,
    LIVELIHOOD,
    LOOK,
    MERGE,
    NO_DANGER,
    OBJECT,
    OPINION,
    PROPOSE,
    REFUSE,
    REFUSE_TRANSFER,
    REGISTER,
    REJECT,
    REMIND,
    REOPEN,
    TAKE_OVER,
    TO,
    TRANSFER,
    UNMERGE,
    UPHOLD,
    VENT,
    WITHDRAW,
    after,
    context,
    fold,
)

REGISTERED, DECLINE_REVIEW, ACCEPTED = Status.REGISTERED, Status.DECLINE_REVIEW, Status.ACCEPTED
OBJECTION_REVIEW, TRANSFERRED, ANSWERED = Status.OBJECTION_REVIEW, Status.TRANSFERRED, Status.ANSWERED
AT_CENTRE = Status.AT_CENTRE
DECLINED, CLOSED, WITHDRAWN, MERGED = Status.DECLINED, Status.CLOSED, Status.WITHDRAWN, Status.MERGED

COMMANDS: dict[str, Command] = {
    "register": REGISTER,
    "transfer": TRANSFER,
    "agency refuses": REFUSE_TRANSFER,
    "danger seen": DANGER,
    "no danger": NO_DANGER,
    "answer": ANSWER,
    "ask specialist": ASK,
    "specialist answers": ANSWER_AS_SPECIALIST,
    "file 泄愤": VENT,
    "file 涉法": LEGAL,
    "file 舆情": OPINION,
    "file 民生": LIVELIHOOD,
    "propose decline": PROPOSE,
    "confirm decline": CONFIRM,
    "refuse decline": REFUSE,
    "object": OBJECT,
    "uphold": UPHOLD,
    "reject": REJECT,
    "accept": ACCEPT,
    "add appeal": JOIN,
    "follow up": REMIND,
    "withdraw": WITHDRAW,
    "reopen": REOPEN,
    "answered caller says no": HEAR_NO,
    "late caller says no": HEAR_LATE_NO,
    "merge": MERGE,
    "take over": TAKE_OVER,
    "unmerge": UNMERGE,
    "give back": GIVE_BACK,
    "reveal": LOOK,
    "close": CLOSE,
    "hand to centre": HAND,
    "case opened": CASE_OPENED,
    "case ended": CASE_ENDED,
}
MOVES: dict[str, dict[Status, tuple[Status, *tuple[type[Event], ...]]]] = {
    "register": {Status.NONE: (REGISTERED, IssueRegistered)},
    "transfer": dict.fromkeys(
        (REGISTERED, DECLINE_REVIEW, ACCEPTED, OBJECTION_REVIEW, AT_CENTRE), (TRANSFERRED, IssueTransferred)
    ),
    "agency refuses": {TRANSFERRED: (REGISTERED, IssueTransferRefused)},
    "danger seen": {
        REGISTERED: (REGISTERED, IssueEmergencyAssessed),
        DECLINE_REVIEW: (REGISTERED, IssueEmergencyAssessed),
        ACCEPTED: (ACCEPTED, IssueEmergencyAssessed),
        OBJECTION_REVIEW: (REGISTERED, IssueEmergencyAssessed),
        AT_CENTRE: (REGISTERED, IssueEmergencyAssessed),
    },
    "answer": {REGISTERED: (ANSWERED, IssueAnswered)},
    "ask specialist": {REGISTERED: (REGISTERED, IssueSpecialistAsked)},
    "file 泄愤": {REGISTERED: (ANSWERED, IssueFiledOnline)},
    "file 涉法": {REGISTERED: (TRANSFERRED, IssueFiledOnline)},
    "file 舆情": {REGISTERED: (TRANSFERRED, IssueFiledOnline)},
    "file 民生": {REGISTERED: (ACCEPTED, IssueFiledOnline, IssueAccepted)},
    "propose decline": {REGISTERED: (DECLINE_REVIEW, IssueDeclineProposed)},
    "confirm decline": {DECLINE_REVIEW: (DECLINED, IssueDeclined)},
    "refuse decline": {DECLINE_REVIEW: (REGISTERED, IssueDeclineRefused)},
    "object": {DECLINED: (OBJECTION_REVIEW, IssueObjectionRaised)},
    "uphold": {OBJECTION_REVIEW: (ACCEPTED, IssueObjectionUpheld, IssueAccepted)},
    "reject": {OBJECTION_REVIEW: (DECLINED, IssueObjectionRejected)},
    "accept": {REGISTERED: (ACCEPTED, IssueAccepted)},
    "add appeal": {status: (status, AppealAdded) for status in OPEN},
    "follow up": {status: (status, IssueFollowedUp) for status in OPEN},
    "withdraw": dict.fromkeys(OPEN, (WITHDRAWN, IssueWithdrawn)),
    "reopen": dict.fromkeys((CLOSED, ANSWERED), (ACCEPTED, IssueReopened)),
    "answered caller says no": {ANSWERED: (ACCEPTED, IssueReopened)},
    "late caller says no": {
        ACCEPTED: (ACCEPTED, IssueUnsolvedHeard),
        CLOSED: (ACCEPTED, IssueReopened),
    },
    "merge": dict.fromkeys((REGISTERED, ACCEPTED), (MERGED, IssueMerged)),
    "take over": {status: (status, AppealAdded) for status in (REGISTERED, ACCEPTED)},
    "unmerge": {MERGED: (ACCEPTED, IssueUnmerged)},
    "reveal": {status: (status, ContactRevealed) for status in set(Status) - {Status.NONE}},
    "close": {ACCEPTED: (CLOSED, IssueClosed)},
    "case opened": {REGISTERED: (AT_CENTRE, IssueHandedToCentre)},
    "case ended": {AT_CENTRE: (CLOSED, IssueClosedAtCentre)},
}
ALREADY: dict[str, set[Status]] = {
    "register": set(Status) - {Status.NONE},
    "transfer": {TRANSFERRED},
    "no danger": set(Status) - {Status.NONE, MERGED},
    "answer": {ANSWERED},
    "propose decline": {DECLINE_REVIEW},
    "confirm decline": {DECLINED},
    "object": {OBJECTION_REVIEW},
    "accept": {ACCEPTED},
    "withdraw": {WITHDRAWN},
    "answered caller says no": set(Status) - {Status.NONE},
    "late caller says no": set(Status) - {Status.NONE},
    "merge": {MERGED},
    "give back": set(Status) - {Status.NONE},
    "close": set(TERMINAL),
    "hand to centre": {AT_CENTRE},
    "case opened": set(Status) - {REGISTERED},
    "case ended": set(Status) - {AT_CENTRE},
}
CODES: dict[tuple[str, Status], str] = {
    **{("specialist answers", status): "issue.unknown_question" for status in set(Status) - {Status.NONE, MERGED}},
    **{(who, WITHDRAWN): "issue.appeal_withdrawn" for who in ("object", "follow up", "reopen")},
    ("take over", MERGED): "issue.merge_chain",
    ("hand to centre", REGISTERED): "issue.not_of_centre",
}


def expected(name: str, status: Status) -> str:
    """The code of a refusal that has no place in the table."""
    if status is Status.NONE:
        return "issue.not_found"
    if (name, status) in CODES:
        return CODES[name, status]
    return "issue.merged" if status is MERGED else "issue.wrong_status"


def made_for(command: Command, issue: Issue) -> Command:
    """A merge says what goes over, which depends on the issue."""
    return replace(command, part=issue.part) if isinstance(command, Merge) and issue.appeals else command


@pytest.mark.parametrize("status", sorted(Status))
@pytest.mark.parametrize("name", COMMANDS)
def test_the_table(name: str, status: Status) -> None:
    before = after(*TO[status])
    command = COMMANDS[name] if status is MERGED else made_for(COMMANDS[name], before)
    if status in MOVES.get(name, {}):
        end, *types = MOVES[name][status]
        events = decide(before, command, context())
        assert [type(event) for event in events] == types
        then = fold(before, events)
        assert then.status is end
        assert decide(then, command, context()) == [], "the same command again must change nothing"
    elif status in ALREADY.get(name, set()):
        assert decide(before, command, context()) == []
    else:
        with pytest.raises(Rejected) as rejected:
            decide(before, command, context())
        assert rejected.value.code == expected(name, status)
