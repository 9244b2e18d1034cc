"""What may be asked of a petition 信访代办. Articles are those of 信访工作条例 (2022).

Ids are made by whoever sends a command, so that the same command has the same identity twice.
"""

from dataclasses import dataclass
from datetime import datetime

from services.mediation.petition_model import Answer, Away, Delay, Outcome, Stage, TakenBack
from services.mediation.staff import Staff


@dataclass(frozen=True, slots=True)
class Request:
    """申请代办, out of an order, a failed mediation or through the door. ``by``: who was asked first, if known."""

    issue_id: str
    order_id: str | None = None
    case_id: str | None = None
    appeals: tuple[str, ...] = ()
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Authorise:
    """签署委托. ``petitioners``: how many people; more than one speak through representatives 代表人."""

    authorisation_id: str
    signed_at: datetime | None
    petitioners: int
    representatives: int
    by: Staff


@dataclass(frozen=True, slots=True)
class GuideAway:
    """引导其他途径; ``unit`` is the office, if it is known."""

    reason: Away
    unit: str | None
    by: Staff


@dataclass(frozen=True, slots=True)
class Register:
    """登记 by the centre. ``MakeWay`` is asked of every other petition in the same matter, in the same transaction."""

    by: Staff


@dataclass(frozen=True, slots=True)
class MakeWay:
    """同一事项: refused by a petition that is in hand [19], or that a recheck has ended for good [36]."""


@dataclass(frozen=True, slots=True)
class Assign:
    """指定或更换代办员. ``conflict``: the proxy has declared an interest in the matter (回避 [28])."""

    proxy_id: str
    responsible_id: str
    conflict: bool
    by: Staff


@dataclass(frozen=True, slots=True)
class ResolveLocally:
    """就地化解."""

    result_id: str
    by: Staff


@dataclass(frozen=True, slots=True)
class Submit:
    """代为提交 to a petition office. ``at`` None: now."""

    office: str
    at: datetime | None
    by: Staff


@dataclass(frozen=True, slots=True)
class Route:
    """转送、交办; while an objection waits it goes to another authority, which upholds the objection.

    ``at`` None: now.
    """

    authority: str
    at: datetime | None
    by: Staff


@dataclass(frozen=True, slots=True)
class ObjectToCompetence:
    """管辖异议 by the authority. ``at`` None: now."""

    objection_id: str
    at: datetime | None
    by: Staff


@dataclass(frozen=True, slots=True)
class RejectObjection:
    """异议不成立."""

    by: Staff


@dataclass(frozen=True, slots=True)
class Accept:
    """受理告知. ``at`` None: now."""

    at: datetime | None
    by: Staff


@dataclass(frozen=True, slots=True)
class NotAccept:
    """不予受理告知."""

    reason: Away
    by: Staff


@dataclass(frozen=True, slots=True)
class BeginHandling:
    """开始办理."""

    by: Staff


@dataclass(frozen=True, slots=True)
class Extend:
    """延长办理期限 until ``until``, approved by ``approved_by``; the reason in words is private data."""

    extension_id: str
    until: datetime
    reason: Delay
    approved_by: str
    by: Staff


@dataclass(frozen=True, slots=True)
class IssueOpinion:
    """出具信访处理意见书. ``delivered_at`` None: now."""

    opinion_id: str
    outcome: Outcome
    delivered_at: datetime | None
    by: Staff


@dataclass(frozen=True, slots=True)
class AskAgain:
    """请求复查 (``stage`` review) or 复核 (recheck) by ``authority``. ``at`` None: now."""

    stage: Stage
    request_id: str
    authority: str
    at: datetime | None
    by: Staff


@dataclass(frozen=True, slots=True)
class AnswerAgain:
    """复查意见 or 复核意见. ``delivered_at`` None: now."""

    stage: Stage
    opinion_id: str
    outcome: Answer
    delivered_at: datetime | None
    by: Staff


@dataclass(frozen=True, slots=True)
class GiveFeedback:
    """反馈 to the citizen."""

    feedback_id: str
    by: Staff


@dataclass(frozen=True, slots=True)
class Revisit:
    """回访. ``accepts``: the citizen accepts what came of it and asks for nothing more."""

    accepts: bool
    by: Staff


@dataclass(frozen=True, slots=True)
class Archive:
    """归档."""

    by: Staff


@dataclass(frozen=True, slots=True)
class Withdraw:
    """撤回, at any time."""

    reason: TakenBack
    by: Staff


@dataclass(frozen=True, slots=True)
class ShowTexts:
    """查看代办材料."""

    reveal_id: str
    purpose: str
    by: str


@dataclass(frozen=True, slots=True)
class EndWithOrder:
    """工单作废, 诉求撤回: the order is cancelled or the issue withdrawn, so that nothing is left to carry."""

    reason: TakenBack = TakenBack.ORDER_CANCELLED


@dataclass(frozen=True, slots=True)
class DeadlineReached:
    """A timer of ``deadlines`` is due."""

    step: str


Desk = Authorise | Register | Assign | Revisit | Archive
"""What only the centre's clerk 窗口 does."""
Carried = GuideAway | ResolveLocally | Submit | Withdraw | GiveFeedback
AtAuthority = Route | ObjectToCompetence | RejectObjection | Accept | NotAccept | BeginHandling | Extend
Answers = IssueOpinion | AskAgain | AnswerAgain
Staffed = Desk | Carried | AtAuthority | Answers
Command = Request | Staffed | MakeWay | ShowTexts | EndWithOrder | DeadlineReached
