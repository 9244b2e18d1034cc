"""What becomes of an issue that was taken down: transferred, answered, put to a specialist, or accepted. Pure."""

from datetime import datetime

from contracts.codes import Agency, Channel, Urgency
from contracts.event import Event
from contracts.intake import IssueAccepted, IssueAnswered, IssueTransferred
from contracts.intake_turns import (
    IssueEmergencyAssessed,
    IssueFiledOnline,
    IssueSpecialistAnswered,
    IssueSpecialistAsked,
    IssueTransferRefused,
)
from contracts.rejected import Rejected
from services.intake.issue_commands import (
    Answer,
    AnswerAsSpecialist,
    AskSpecialist,
    AssessEmergency,
    FileOnline,
    Transfer,
)
from services.intake.issue_model import (
    OFFICES,
    OPEN,
    Content,
    Context,
    Desk,
    Issue,
    OnlineClass,
    Status,
    must_not_be_held,
    wrong_status,
)

ONLINE = frozenset({Channel.WEB, Channel.APP})
"""Channels whose appeals are sorted by what they are: nobody was on the line."""


def triage_due(is_emergency: bool, desk: Desk, context: Context) -> datetime:
    """When somebody must have taken it up."""
    if is_emergency:
        return context.due("triage_emergency")
    return context.due("triage_priority" if desk is Desk.PRIORITY else "triage")


def transfer(issue: Issue, command: Transfer) -> list[Event]:
    """转接 from any open state: what is dangerous waits for nothing."""
    if issue.status in OPEN:
        return [
            IssueTransferred(
                agency=command.agency, by=command.by, reference=command.reference, order_number=issue.order_number
            )
        ]
    if issue.status is Status.TRANSFERRED and issue.agency is command.agency:
        return []
    raise wrong_status(issue, "转接")


def refuse_transfer(issue: Issue, by: str, context: Context) -> list[Event]:
    """退回转接: whoever was handed it does not take it, so it is ours again."""
    if issue.status is Status.REGISTERED and issue.transfer_refused_by == by:
        return []
    if issue.status is not Status.TRANSFERRED:
        raise wrong_status(issue, "退回转接")
    office = issue.agency.value if issue.agency else OFFICES[issue.online_class or OnlineClass.LEGAL]
    due = triage_due(issue.is_emergency, issue.desk, context)
    return [IssueTransferRefused(agency=office, by=by, triage_due=due)]


def assess_emergency(issue: Issue, command: AssessEmergency, context: Context) -> list[Event]:
    """研判突发. What is accepted as one stays one: the units are on their way."""
    already = issue.emergency is command.emergency and (command.emergency is not None or not issue.is_emergency)
    if already:
        return []
    if issue.status not in OPEN or (issue.status is Status.ACCEPTED and command.emergency is None):
        raise wrong_status(issue, "更正突发研判")
    return danger(issue, command.emergency, command.by, context)


def danger(issue: Issue, agency: Agency | None, by: str, context: Context) -> list[Event]:
    """What was seen of danger, and until when somebody must have taken it up by that."""
    due = triage_due(agency is not None, issue.desk, context)
    return [IssueEmergencyAssessed(emergency=agency, triage_due=due, by=by, order_number=issue.order_number)]


def answer(issue: Issue, command: Answer, context: Context) -> list[Event]:
    """直接答复."""
    knowledge = (command.knowledge_id, command.knowledge_version)
    if issue.status is Status.REGISTERED:
        must_not_be_held(issue, "直接答复")
        return [
            IssueAnswered(
                kind=command.kind,
                item_code=command.item_code,
                knowledge_id=command.knowledge_id,
                knowledge_version=command.knowledge_version,
                by=command.by,
                reopen_until=context.due("reopen"),
                appeals=[appeal.id for appeal in issue.present],
            )
        ]
    if issue.status is Status.ANSWERED and (issue.item_code, issue.knowledge) == (command.item_code, knowledge):
        return []
    raise wrong_status(issue, "直接答复")


def ask_specialist(issue: Issue, command: AskSpecialist, context: Context) -> list[Event]:
    """请政策专员: one question at a time, with a clock of its own; the agent's clock runs on."""
    if command.question_id == issue.question_id or command.question_id in issue.answered_questions:
        return []
    if issue.status is not Status.REGISTERED:
        raise wrong_status(issue, "请政策专员答复")
    must_not_be_held(issue, "等待政策专员答复")
    if issue.question_id is not None:
        raise Rejected("issue.specialist_already_asked", "政策专员尚未答复上一个问题")
    return [
        IssueSpecialistAsked(
            question_id=command.question_id,
            item_code=command.item_code,
            answer_due=context.due("specialist"),
            by=command.by,
        )
    ]


def answer_as_specialist(issue: Issue, command: AnswerAsSpecialist) -> list[Event]:
    """政策专员答复."""
    if command.question_id in issue.answered_questions:
        return []
    if command.question_id != issue.question_id:
        raise Rejected(
            "issue.unknown_question", "没有这个待答复的问题，或事项已不在受理环节", field="question_id", status=404
        )
    return [IssueSpecialistAnswered(question_id=command.question_id, by=command.by)]


def file_online(issue: Issue, command: FileOnline, context: Context) -> list[Event]:
    """网上分类 [P]: anger is logged and watched, law goes to justice, opinion to 网信, livelihood is accepted."""
    online_class, content = command.online_class, command.content
    if issue.status is not Status.REGISTERED:
        same = issue.online_class is online_class and issue.status in _FILED[online_class]
        if same and (content is None or online_class is not OnlineClass.LIVELIHOOD or _as_accepted(issue, content)):
            return []
        raise wrong_status(issue, "网上分类")
    if issue.channel not in ONLINE:
        raise Rejected("issue.not_online", "只有网站和移动端的诉求才按网上分类处理")
    if online_class is not OnlineClass.LIVELIHOOD:
        must_not_be_held(issue, "按网上分类处理")
    reopen_until = context.due("reopen") if online_class is OnlineClass.VENT else None
    filed = IssueFiledOnline(online_class=online_class.value, reopen_until=reopen_until, by=command.by)
    if online_class is not OnlineClass.LIVELIHOOD:
        return [filed]
    if content is None:
        raise Rejected("issue.content_required", "须写明类型、事项和地点", field="content", status=422)
    return [filed, acceptance(issue, content, command.by, context)]


def _as_accepted(issue: Issue, content: Content) -> bool:
    return issue.content == in_danger(issue, content)


_FILED = {
    OnlineClass.VENT: (Status.ANSWERED,),
    OnlineClass.LEGAL: (Status.TRANSFERRED,),
    OnlineClass.PUBLIC_OPINION: (Status.TRANSFERRED,),
    OnlineClass.LIVELIHOOD: (Status.ACCEPTED,),
}


def accept(issue: Issue, content: Content, by: str, context: Context, division_code: str | None) -> list[Event]:
    """受理. Raises ``issue.place_of_other_street`` for a community or grid that is not in the street."""
    if division_code is not None and division_code[:9] != content.street_code:
        message = "社区或网格代码不在所写的街道内"
        raise Rejected("issue.place_of_other_street", message, field="division_code", status=422)
    if issue.status is Status.REGISTERED:
        return [acceptance(issue, content, by, context, division_code)]
    same_place = division_code in (None, issue.division_code)
    if issue.status is Status.ACCEPTED and same_place and issue.content == in_danger(issue, content):
        return []
    raise wrong_status(issue, "受理")


def acceptance(
    issue: Issue, content: Content, by: str, context: Context, division_code: str | None = None
) -> IssueAccepted:
    """受理 of everybody who is there; a danger that was seen makes it 突发 whatever else is said."""
    if issue.channel is None:
        raise TypeError("an issue that was registered has a channel")
    content = in_danger(issue, content)
    return IssueAccepted(
        kind=content.kind,
        item_code=content.item_code,
        street_code=content.street_code,
        urgency=content.urgency,
        channel=issue.channel,
        appeals=[appeal.id for appeal in issue.present],
        handling_due=context.due("handling_watch"),
        by=by,
        order_number=issue.orders_so_far + 1,
        division_code=division_code,
    )


def in_danger(issue: Issue, content: Content) -> Content:
    """What is said of it, as 突发 if a danger was seen."""
    if issue.emergency is None:
        return content
    return Content(content.kind, content.item_code, content.street_code, Urgency.EMERGENCY)
