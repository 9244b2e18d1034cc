"""What comes to the 综治中心 is registered with a channel of its own and opens no order (domain.md, Issue)."""

from dataclasses import replace

import pytest

from contracts.codes import Agency, CaseOrigin, Channel
from contracts.intake import IssueRegistered
from contracts.intake_centre import IssueClosedAtCentre, IssueHandedToCentre
from contracts.rejected import Rejected
from services.intake.issue import deadlines, decide
from services.intake.issue_centre import CaseEnded, CaseOpened, HandToCentre
from services.intake.issue_commands import Register
from services.intake.issue_model import Centre, Issue, Status
from tests.unit.issue_life import (
    APPEAL,
    BY_COURT,
    CASE,
    CASE_OPENED,
    CONTENT,
    DANGER,
    HAND,
    LIMITS,
    NO_DANGER,
    NOW,
    OTHER,
    REGISTER,
    REOPEN,
    TRANSFER,
    after,
    context,
    fold,
)

AT_THE_DOOR = replace(REGISTER, channel=Channel.MEDIATION_CENTRE, centre=BY_COURT, by="clerk-1")


def test_it_goes_to_the_centre_at_once_and_opens_no_order() -> None:
    registered, handed = decide(Issue(), AT_THE_DOOR, context())
    assert isinstance(registered, IssueRegistered)
    assert handed == IssueHandedToCentre(
        case_id=CASE,
        origin="court",
        referred_by="F150105",
        appeals=[APPEAL],
        handling_due=NOW + LIMITS["handling_watch"],
        by="clerk-1",
    )
    issue = fold(Issue(), [registered, handed])
    assert (issue.status, issue.orders_so_far, issue.centre) == (Status.AT_CENTRE, 0, BY_COURT)
    assert deadlines(issue) == {"handling": NOW + LIMITS["handling_watch"]}


def test_no_machine_accepts_what_came_to_the_centre() -> None:
    events = decide(Issue(), replace(AT_THE_DOOR, accepted_as=CONTENT), context())
    assert [type(event) for event in events] == [IssueRegistered, IssueHandedToCentre]


@pytest.mark.parametrize(
    "dangerous", [replace(AT_THE_DOOR, emergency=Agency.FIRE), replace(AT_THE_DOOR, doubtful=True)]
)
def test_a_danger_is_looked_at_before_anything_goes_to_the_centre(dangerous: Register) -> None:
    (registered,) = decide(Issue(), dangerous, context())
    assert isinstance(registered, IssueRegistered)
    assert registered.triage_due == NOW + LIMITS["triage_emergency"]


def test_what_is_no_danger_after_all_goes_on_to_the_centre() -> None:
    held = after(replace(AT_THE_DOOR, emergency=Agency.FIRE))
    with pytest.raises(Rejected, match=r"issue\.emergency"):
        decide(held, HAND, context())
    safe = fold(held, decide(held, NO_DANGER, context()))
    assert fold(safe, decide(safe, HAND, context())).status is Status.AT_CENTRE


def test_a_danger_seen_at_the_centre_comes_back_to_the_agents() -> None:
    issue = after(AT_THE_DOOR, DANGER)
    assert issue.status is Status.REGISTERED
    assert decide(issue, CASE_OPENED, context()) == [], "the centre's own word does not take an emergency away"
    assert fold(issue, decide(issue, TRANSFER, context())).status is Status.TRANSFERRED


def test_a_case_that_the_centre_opened_takes_the_issue_out_of_the_agents_queue() -> None:
    issue = after(REGISTER, CaseOpened(Centre(CASE, CaseOrigin.WALK_IN)))
    assert (issue.status, issue.centre) == (Status.AT_CENTRE, Centre(CASE, CaseOrigin.WALK_IN))


def test_only_its_own_case_ends_it() -> None:
    issue = after(AT_THE_DOOR)
    assert decide(issue, CaseEnded(OTHER, "guided"), context()) == []
    assert decide(issue, CaseEnded(CASE, "guided"), context()) == [IssueClosedAtCentre(case_id=CASE, outcome="guided")]


def test_what_ended_at_the_centre_comes_again_as_a_new_matter() -> None:
    issue = after(AT_THE_DOOR, CaseEnded(CASE, "guided"))
    assert (issue.status, issue.orders_so_far) == (Status.CLOSED, 0)
    with pytest.raises(Rejected, match=r"issue\.reopen_too_late"):
        decide(issue, REOPEN, context())


def test_an_issue_of_the_hotline_is_referred_by_its_unit() -> None:
    with pytest.raises(Rejected, match=r"issue\.not_of_centre"):
        decide(after(REGISTER), HandToCentre(BY_COURT, "clerk-1"), context())
