"""What an issue 诉求事项 becomes by each event, and which timers run. Pure."""

from datetime import datetime
from typing import Any

from contracts import intake as happened
from contracts import intake_centre as centred
from contracts import intake_turns as turned
from contracts.codes import CaseOrigin
from contracts.event import Event
from contracts.frozen import replace
from services.intake.issue_model import Appeal, Centre, Desk, Evidence, Issue, OnlineClass, Status


def evolve(issue: Issue, event: Event) -> Issue:
    """The state after ``event``."""
    match event:
        case happened.IssueRegistered():
            appeals = (Appeal(event.appeal_id, event.appellant_id, event.channel),)
            origin = {"channel": event.channel, "received_at": event.received_at, "street_code": event.street_code}
            seen = {"emergency": event.emergency, "desk": Desk(event.desk), "desk_rule": event.desk_rule}
            brought = {"partner": event.partner, "wanted_item": event.wanted_item, "division_code": event.division_code}
            return _to(issue, Status.REGISTERED, event.triage_due, appeals=appeals, **origin, **seen, **brought)
        case happened.IssueTransferred():
            facts = {"agency": event.agency, "transfer_refused_by": None}
            return _to(issue, Status.TRANSFERRED, None, orders=issue.orders_so_far, **facts)
        case happened.IssueAnswered():
            knowledge = (event.knowledge_id, event.knowledge_version)
            said = {"kind": event.kind, "item_code": event.item_code, "reopen_until": event.reopen_until}
            return _to(issue, Status.ANSWERED, None, knowledge=knowledge, **said)
        case happened.IssueDeclineProposed():
            proposal = {"exclusion": (event.exclusion_code, event.exclusion_version), "proposed_by": event.by}
            return _to(issue, Status.DECLINE_REVIEW, event.review_due, refused_by=None, **proposal)
        case happened.IssueDeclineRefused():
            return _to(issue, Status.REGISTERED, event.triage_due, exclusion=None, refused_by=event.by)
        case happened.IssueDeclined():
            return _to(issue, Status.DECLINED, None, declined_by=event.by)
        case happened.IssueAccepted():
            told = replace(issue, division_code=event.division_code or issue.division_code)
            return _accepted(told, event, street_code=event.street_code)
        case happened.AppealAdded():
            return _joined(issue, event)
        case happened.IssueFollowedUp():
            return replace(issue, follow_ups=(*issue.follow_ups, event.follow_up_id))
        case happened.ContactRevealed():
            return replace(issue, last_reveal=event.reveal_id)
        case happened.IssueStepOverdue(step="specialist"):
            return replace(issue, answer_overdue=True)
        case happened.IssueStepOverdue():
            return replace(issue, overdue=True)
        case happened.IssueClosed():
            ended = {"order_id": event.order_id, "outcome": event.outcome, "reopen_until": event.reopen_until}
            return _to(issue, Status.CLOSED, None, orders=issue.orders_so_far, reopened_by=None, **ended)
        case _:
            return _turned(issue, event)


def _turned(issue: Issue, event: Event) -> Issue:
    match event:
        case turned.IssueTransferRefused():
            back = {"agency": None, "online_class": None, "transfer_refused_by": event.by}
            return _to(issue, Status.REGISTERED, event.triage_due, **back)
        case turned.IssueFiledOnline():
            return _filed(issue, event)
        case turned.IssueEmergencyAssessed():
            return _assessed(issue, event)
        case turned.IssueSpecialistAsked():
            return replace(issue, question_id=event.question_id, answer_due=event.answer_due, answer_overdue=False)
        case turned.IssueSpecialistAnswered():
            answered = (*issue.answered_questions, event.question_id)
            return replace(issue, question_id=None, answer_due=None, answer_overdue=False, answered_questions=answered)
        case turned.IssueObjectionRaised():
            return _to(issue, Status.OBJECTION_REVIEW, event.review_due, objected_by=event.appeal_id)
        case turned.IssueObjectionUpheld():  # issue.accepted follows at once
            return replace(issue, objection_decided_by=event.by)
        case turned.IssueObjectionRejected():
            return _to(issue, Status.DECLINED, None, objection_decided_by=event.by)
        case turned.AppealWithdrawn():
            return _left(issue, event)
        case turned.IssueWithdrawn():
            return _to(issue, Status.WITHDRAWN, None, withdrawn=(*issue.withdrawn, event.appeal_id))
        case turned.IssueMerged():
            merged = {"merged_into": event.into, "unmerged_from": None, "evidence": Evidence(event.evidence)}
            until = event.reversible_until
            return _to(issue, Status.MERGED, None, orders=issue.orders_so_far, reversible_until=until, **merged)
        case turned.IssueUnmerged():
            stayed = set(event.appeals)
            left = tuple(appeal.id for appeal in issue.present if appeal.id not in stayed)
            parted = {"merged_into": None, "unmerged_from": event.merged_into, "reversible_until": None}
            return _accepted(issue, event, street_code=event.street_code, withdrawn=(*issue.withdrawn, *left), **parted)
        case turned.IssueReopened():
            ended = {"order_id": None, "outcome": None, "reopen_until": None}
            return _accepted(issue, event, street_code=event.street_code, reopened_by=event.appeal_id, **ended)
        case centred.IssueHandedToCentre():
            centre = Centre(event.case_id, CaseOrigin(event.origin), event.referred_by)
            return _to(issue, Status.AT_CENTRE, event.handling_due, centre=centre)
        case centred.IssueClosedAtCentre():
            return _to(issue, Status.CLOSED, None)
        case turned.IssueUnsolvedHeard():
            return replace(issue, unsolved=(*issue.unsolved, (event.order_id, event.appeal_id)))
        case _:
            raise TypeError(f"not an event of an issue: {event.type}")


Acceptance = happened.IssueAccepted | turned.IssueUnmerged | turned.IssueReopened


def _accepted(issue: Issue, event: Acceptance, **facts: Any) -> Issue:
    content: dict[str, Any] = {"kind": event.kind, "item_code": event.item_code, "urgency": event.urgency}
    if issue.division_code is not None and issue.division_code[:9] != event.street_code:
        content["division_code"] = None  # it is in another street after all
    return _to(issue, Status.ACCEPTED, event.handling_due, orders=event.order_number, **content, **facts)


def _joined(issue: Issue, event: happened.AppealAdded) -> Issue:
    """A caller who left and comes again with a merged issue is the same as before."""
    joined = Appeal(event.appeal_id, event.appellant_id, event.channel, event.merged_from)
    appeals = tuple(appeal for appeal in issue.appeals if appeal.id != event.appeal_id)
    withdrawn = tuple(appeal for appeal in issue.withdrawn if appeal != event.appeal_id)
    merged = issue.merged_from
    if event.merged_from is not None and event.merged_from not in merged:
        merged = (*merged, event.merged_from)
    return replace(issue, appeals=(*appeals, joined), withdrawn=withdrawn, merged_from=merged)


def _left(issue: Issue, event: turned.AppealWithdrawn) -> Issue:
    merged = issue.merged_from
    if event.reason == "unmerged":
        gone = {appeal.kept_in for appeal in issue.appeals if appeal.id == event.appeal_id}
        merged = tuple(id_ for id_ in merged if id_ not in gone)
    return replace(issue, withdrawn=(*issue.withdrawn, event.appeal_id), merged_from=merged)


def _filed(issue: Issue, event: turned.IssueFiledOnline) -> Issue:
    online_class = OnlineClass(event.online_class)
    match online_class:
        case OnlineClass.VENT:
            return _to(issue, Status.ANSWERED, None, online_class=online_class, reopen_until=event.reopen_until)
        case OnlineClass.LIVELIHOOD:  # issue.accepted follows at once
            return replace(issue, online_class=online_class)
        case _:
            return _to(issue, Status.TRANSFERRED, None, online_class=online_class, transfer_refused_by=None)


def _assessed(issue: Issue, event: turned.IssueEmergencyAssessed) -> Issue:
    """Danger takes an issue out of every review and off every restricted line."""
    desk = Desk.GENERAL if event.emergency and issue.desk is Desk.RESTRICTED else issue.desk
    facts: dict[str, Any] = {"emergency": event.emergency, "desk": desk}
    if issue.status is Status.ACCEPTED:
        return replace(issue, **facts)
    if event.emergency is None:
        facts["urgency"] = None
        if issue.status is not Status.REGISTERED:
            return replace(issue, **facts)
    if issue.status is Status.OBJECTION_REVIEW:
        facts["objected_by"] = None
    return _to(issue, Status.REGISTERED, event.triage_due, **facts)


def _to(issue: Issue, status: Status, due: datetime | None, **facts: Any) -> Issue:
    """The next step, with a clock of its own; a question that was not answered before is not waited for."""
    asked: dict[str, Any] = {"question_id": None, "answer_due": None, "answer_overdue": False}
    return replace(issue, status=status, due=due, overdue=False, **asked, **facts)


_STEPS = {
    Status.REGISTERED: "triage",
    Status.DECLINE_REVIEW: "decline_review",
    Status.ACCEPTED: "handling",
    Status.OBJECTION_REVIEW: "objection_review",
    Status.AT_CENTRE: "handling",
}


def deadlines(issue: Issue) -> dict[str, datetime]:
    """The end of the present step and of an open question, unless that was recorded as missed."""
    timers: dict[str, datetime] = {}
    step = _STEPS.get(issue.status)
    if step and issue.due and not issue.overdue:
        timers[step] = issue.due
    if issue.answer_due and not issue.answer_overdue:
        timers["specialist"] = issue.answer_due
    return timers
