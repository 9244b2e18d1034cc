"""Issue 诉求事项: one matter that citizens brought up, with the appeals of everybody who did.

Rules: domain.md, Issue. An issue is taken down, then transferred, answered, declined by two persons, or accepted;
an accepted one is handled by the router and closed when its order is. How it is declined is in ``issue_decline.py``,
how it is merged in ``issue_merging.py``, how it ends and is opened again in ``issue_ending.py``, who else may be asked
in ``issue_triage.py``, what it becomes in ``issue_evolve.py``.
"""

from contracts.codes import Agency
from contracts.event import Event
from contracts.intake import (
    AppealAdded,
    ContactRevealed,
    IssueFollowedUp,
    IssueRegistered,
    IssueStepOverdue,
)
from contracts.intake_turns import AppealWithdrawn
from contracts.rejected import Rejected
from services.intake.issue_centre import CaseEnded, CaseOpened, HandToCentre, at_centre, handed
from services.intake.issue_commands import (
    Accept,
    AddAppeal,
    Answer,
    AnswerAsSpecialist,
    AskSpecialist,
    AssessEmergency,
    Close,
    Command,
    ConfirmDecline,
    DeadlineReached,
    FileOnline,
    FollowUp,
    GiveBack,
    Merge,
    Object,
    ProposeDecline,
    RefuseDecline,
    RefuseTransfer,
    Register,
    RejectObjection,
    Reopen,
    RevealContact,
    TakeOver,
    Transfer,
    Unmerge,
    UpholdObjection,
    WithdrawAppeal,
)
from services.intake.issue_decline import propose_decline, review_decline, review_objection
from services.intake.issue_ending import close, nobody_left, reopen
from services.intake.issue_evolve import deadlines, evolve
from services.intake.issue_merging import give_back, merge, take_over, unmerge
from services.intake.issue_model import (
    OPEN,
    Content,
    Context,
    Desk,
    HearUnsolved,
    Issue,
    Merged,
    Status,
    must_be_known,
    must_be_present,
    wrong_status,
)
from services.intake.issue_triage import (
    accept,
    acceptance,
    answer,
    answer_as_specialist,
    ask_specialist,
    assess_emergency,
    danger,
    file_online,
    refuse_transfer,
    transfer,
    triage_due,
)
from services.intake.issue_unsolved import hear_unsolved

MACHINE = "machine:classifier"
"""Who accepted it when nobody did."""

__all__ = ["deadlines", "decide", "evolve"]

_HEARD = (CaseOpened, CaseEnded)
_ENDING = (Close, HearUnsolved, DeadlineReached)
_STILL_HERE = (Register, Merge, TakeOver, Unmerge, GiveBack, RevealContact, *_ENDING, *_HEARD)
"""What concerns a merged issue itself; anything else is for the one that goes on."""


def decide(issue: Issue, command: Command, context: Context) -> list[Event]:
    """What happens. Raises ``Rejected`` with code ``issue.*``; ``Merged`` names the issue that goes on instead."""
    if issue.status is Status.NONE and not isinstance(command, (Register, *_HEARD)):
        raise Rejected("issue.not_found", "没有这个诉求事项", status=404)
    if issue.merged_into is not None and not isinstance(command, _STILL_HERE):
        raise Merged(issue.merged_into)
    match command:
        case Register():
            return _register(issue, command, context)
        case AddAppeal():
            return _add_appeal(issue, command, context)
        case FollowUp():
            return _follow_up(issue, command, context)
        case WithdrawAppeal():
            return _withdraw(issue, command)
        case Reopen():
            return reopen(issue, command, context)
        case HearUnsolved():
            return hear_unsolved(issue, command, context)
        case RevealContact(reveal_id, appeal_id, purpose, by):
            must_be_known(issue, appeal_id)
            if reveal_id == issue.last_reveal:
                return []
            return [ContactRevealed(reveal_id=reveal_id, appeal_id=appeal_id, purpose=purpose, by=by)]
        case Close():
            return close(issue, command, context)
        case DeadlineReached(step):
            due = deadlines(issue).get(step)
            return [IssueStepOverdue(step=step, due_at=due)] if due is not None and due <= context.now else []
        case _:
            return _take_up(issue, command, context)


def _take_up(issue: Issue, command: Command, context: Context) -> list[Event]:
    """What agents and their colleagues decide about it."""
    match command:
        case Transfer():
            return transfer(issue, command)
        case RefuseTransfer(by):
            return refuse_transfer(issue, by, context)
        case AssessEmergency():
            return assess_emergency(issue, command, context)
        case Answer():
            return answer(issue, command, context)
        case AskSpecialist():
            return ask_specialist(issue, command, context)
        case AnswerAsSpecialist():
            return answer_as_specialist(issue, command)
        case FileOnline():
            return file_online(issue, command, context)
        case Accept(kind, item_code, street_code, urgency, by, division_code):
            return accept(issue, Content(kind, item_code, street_code, urgency), by, context, division_code)
        case ProposeDecline():
            return propose_decline(issue, command, context)
        case ConfirmDecline() | RefuseDecline():
            return review_decline(issue, command, context)
        case Object() | UpholdObjection() | RejectObjection():
            return review_objection(issue, command, context)
        case Merge():
            return merge(issue, command, context)
        case TakeOver():
            return take_over(issue, command)
        case Unmerge():
            return unmerge(issue, command, context)
        case GiveBack():
            return give_back(issue, command)
        case HandToCentre() | CaseOpened() | CaseEnded():
            return at_centre(issue, command, context)
        case _:
            raise TypeError(f"not a command of an issue: {type(command).__name__}")


def _register(issue: Issue, command: Register, context: Context) -> list[Event]:
    if issue.status is not Status.NONE:
        if issue.appeals[0].id == command.appeal_id:
            return []
        raise Rejected("issue.already_registered", "该编号已登记")
    received_at = command.received_at or context.now
    if received_at > context.due("clock_skew"):
        raise Rejected("issue.received_in_future", "来件时间晚于现在", field="received_at", status=422)
    in_danger = command.emergency is not None or command.doubtful
    held_back = command.desk is Desk.RESTRICTED and in_danger  # no list touches an emergency
    desk = Desk.GENERAL if held_back else command.desk
    registered = IssueRegistered(
        channel=command.channel,
        appeal_id=command.appeal_id,
        appellant_id=command.appellant_id,
        received_at=received_at,
        street_code=command.street_code,
        triage_due=triage_due(in_danger, desk, context),
        emergency=command.emergency,
        desk=desk,
        desk_rule=None if held_back else command.desk_rule,
        partner=command.partner,
        wanted_item=command.wanted_item,
        division_code=command.division_code,
        answer_seconds=command.answer_seconds,
    )
    if command.centre is not None and not in_danger:
        return [registered, handed(evolve(issue, registered), command.centre, command.by, context)]
    if command.accepted_as is None or in_danger or desk is Desk.RESTRICTED:
        return [registered]
    return [registered, acceptance(evolve(issue, registered), command.accepted_as, MACHINE, context)]


def _add_appeal(issue: Issue, command: AddAppeal, context: Context) -> list[Event]:
    if any(appeal.id == command.appeal_id for appeal in issue.appeals):
        return []
    if issue.status not in OPEN:
        raise wrong_status(issue, "并入诉求")
    return [
        AppealAdded(
            appeal_id=command.appeal_id,
            appellant_id=command.appellant_id,
            channel=command.channel,
            order_number=issue.order_number,
        ),
        *_danger_heard(issue, command.emergency, context),
    ]


def _follow_up(issue: Issue, command: FollowUp, context: Context) -> list[Event]:
    if command.follow_up_id in issue.follow_ups:
        return []
    must_be_present(issue, command.appeal_id)
    if issue.status not in OPEN:
        raise wrong_status(issue, "催办或补充")
    return [
        IssueFollowedUp(
            follow_up_id=command.follow_up_id,
            appeal_id=command.appeal_id,
            follow_up=command.kind.value,
            order_number=issue.order_number,
        ),
        *_danger_heard(issue, command.emergency, context),
    ]


def _danger_heard(issue: Issue, agency: Agency | None, context: Context) -> list[Event]:
    """突发 goes before everything, whoever tells of it and however late: it ends every review."""
    return [] if agency is None or issue.is_emergency else danger(issue, agency, MACHINE, context)


def _withdraw(issue: Issue, command: WithdrawAppeal) -> list[Event]:
    """One caller leaves; the last one takes the issue along, unless public safety keeps what is being handled."""
    must_be_known(issue, command.appeal_id)
    if command.appeal_id in issue.withdrawn:
        return []
    if issue.status not in OPEN:
        raise wrong_status(issue, "撤回")
    if len(issue.present) > 1:
        return [
            AppealWithdrawn(
                appeal_id=command.appeal_id, reason="caller", by=command.by, order_number=issue.order_number
            )
        ]
    return [nobody_left(issue, command.appeal_id, command.keep_for_safety, command.by)]
