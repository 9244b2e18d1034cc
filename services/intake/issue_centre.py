"""交综治中心: matters that come to the centre's door open a case in mediation and no order (domain.md, Issue). Pure.

What the centre says comes by events, which are no fault when they have no bearing: an issue that was accepted has an
order and goes its own way, and one that is unknown here waits in no queue.
"""

from dataclasses import dataclass

from contracts.codes import Channel
from contracts.event import Event
from contracts.intake_centre import IssueClosedAtCentre, IssueHandedToCentre
from contracts.rejected import Rejected
from services.intake.issue_model import Centre, Context, Issue, Status, must_not_be_held, wrong_status


@dataclass(frozen=True, slots=True)
class HandToCentre:
    """交综治中心, of what came to its door and was held for a danger that there is not."""

    centre: Centre
    by: str


@dataclass(frozen=True, slots=True)
class CaseOpened:
    """The centre says that it has opened a case about the issue, without an order."""

    centre: Centre


@dataclass(frozen=True, slots=True)
class CaseEnded:
    """The centre says that the case has ended."""

    case_id: str
    outcome: str


AtCentre = HandToCentre | CaseOpened | CaseEnded


def at_centre(issue: Issue, command: AtCentre, context: Context) -> list[Event]:
    """What happens. Raises ``Rejected`` for what a person asks; ``issue.not_of_centre`` for another channel's."""
    match command:
        case HandToCentre(centre, by):
            if issue.status is Status.AT_CENTRE:
                return []
            if issue.status is not Status.REGISTERED:
                raise wrong_status(issue, "交综治中心")
            if issue.channel is not Channel.MEDIATION_CENTRE:
                raise Rejected("issue.not_of_centre", "不是综治中心窗口的事项；热线诉求由承办单位转调解")
            must_not_be_held(issue, "交综治中心")
            return [handed(issue, centre, by, context)]
        case CaseOpened(centre):
            waits = issue.status is Status.REGISTERED and not issue.is_emergency
            return [handed(issue, centre, None, context)] if waits else []
        case CaseEnded(case_id, outcome):
            theirs = issue.status is Status.AT_CENTRE and issue.centre is not None and issue.centre.case_id == case_id
            return [IssueClosedAtCentre(case_id=case_id, outcome=outcome)] if theirs else []


def handed(issue: Issue, centre: Centre, by: str | None, context: Context) -> IssueHandedToCentre:
    """交综治中心 with everybody who is there."""
    return IssueHandedToCentre(
        case_id=centre.case_id,
        origin=centre.origin,
        referred_by=centre.referred_by,
        appeals=[appeal.id for appeal in issue.present],
        handling_due=context.due("handling_watch"),
        by=by,
    )
