"""What intake 受理 publishes when an issue takes a turn: withdrawn, merged, reopened …; ``intake.issues`` too."""

from typing import ClassVar

from pydantic import Field

from contracts.codes import Agency, Channel, Code, DivisionCode, Id, IssueKind, ItemCode, StaffId, Time, Urgency
from contracts.event import Event


class IssueTransferRefused(Event):
    """退回转接: the agency does not take it; back to the agents' queue."""

    type: ClassVar[str] = "qingcheng.intake.issue.transfer_refused.v1"
    agency: Code = Field(description="110 | 119 | 120 | 122 | justice 司法 | cyberspace 网信")
    by: StaffId
    triage_due: Time


class IssueFiledOnline(Event):
    """网上分类: what an appeal from the web is [P]. A 民生 one is followed by ``issue.accepted``."""

    type: ClassVar[str] = "qingcheng.intake.issue.filed_online.v1"
    online_class: Code = Field(
        description="vent 泄愤: logged and watched | legal 涉法: to justice | public_opinion 舆情: to 网信 | "
        "livelihood 民生: dispatched"
    )
    reopen_until: Time | None = Field(description="Of what was only logged: until when a caller may have it opened.")
    by: StaffId


class IssueEmergencyAssessed(Event):
    """研判突发: somebody sees danger in it, or sees that there is none. Danger ends every review."""

    type: ClassVar[str] = "qingcheng.intake.issue.emergency_assessed.v1"
    emergency: Agency | None = Field(description="Whom it is for; null = no emergency.")
    triage_due: Time
    by: StaffId
    order_number: int = Field(default=1, ge=1, description="Which order of the issue it concerns: the latest.")


class IssueSpecialistAsked(Event):
    """请政策专员: a specialist answers what the agent cannot; the question is kept in intake under ``question_id``."""

    type: ClassVar[str] = "qingcheng.intake.issue.specialist_asked.v1"
    question_id: Id
    item_code: ItemCode = Field(description="What it is about, by which a specialist finds it.")
    answer_due: Time
    by: StaffId


class IssueSpecialistAnswered(Event):
    """政策专员答复: the agent goes on with it; the words are kept in intake under ``question_id``."""

    type: ClassVar[str] = "qingcheng.intake.issue.specialist_answered.v1"
    question_id: Id
    by: StaffId


class IssueObjectionRaised(Event):
    """对不予受理提出异议: a caller objects, once; another person decides."""

    type: ClassVar[str] = "qingcheng.intake.issue.objection_raised.v1"
    appeal_id: Id
    review_due: Time
    by: StaffId = Field(description="Who wrote it down.")


class IssueObjectionUpheld(Event):
    """异议成立: it is taken on after all; ``issue.accepted`` follows."""

    type: ClassVar[str] = "qingcheng.intake.issue.objection_upheld.v1"
    by: StaffId


class IssueObjectionRejected(Event):
    """异议不成立: declined for good."""

    type: ClassVar[str] = "qingcheng.intake.issue.objection_rejected.v1"
    by: StaffId
    appeals: list[Id] = Field(description="Who is told that this is final.")


class AppealWithdrawn(Event):
    """撤回诉求: one caller leaves, the others stay; whoever left is not called back."""

    type: ClassVar[str] = "qingcheng.intake.issue.appeal_withdrawn.v1"
    appeal_id: Id
    reason: Code = Field(description="caller 本人撤回 | unmerged 合并已撤销: it went back to its own issue")
    by: StaffId
    order_number: int = Field(default=1, ge=1, description="Which order of the issue it concerns: the latest.")


class IssueWithdrawn(Event):
    """撤回事项: its last caller left. The order is cancelled, unless public safety keeps it."""

    type: ClassVar[str] = "qingcheng.intake.issue.withdrawn.v1"
    appeal_id: Id = Field(description="The last appeal, which leaves with this; nobody is left to call back.")
    keep_for_safety: bool = Field(description="公共安全: the order is handled to its end, without a call-back.")
    by: StaffId
    order_number: int = Field(default=1, ge=1, description="Which order of the issue it concerns: the latest.")


class IssueMerged(Event):
    """合并: the same incident as another issue, which goes on with every caller; this one's order is cancelled."""

    type: ClassVar[str] = "qingcheng.intake.issue.merged.v1"
    into: Id = Field(description="The surviving issue; its ``issue.appeal_added`` say that the callers joined it.")
    appeals: list[Id] = Field(min_length=1)
    evidence: Code = Field(description="same_place_and_time | same_event | same_object | told_by_caller")
    reversible_until: Time
    by: StaffId
    order_number: int = Field(default=1, ge=1, description="Which order of the issue it concerns: the latest.")


class IssueUnmerged(Event):
    """撤销合并: it was another matter after all; accepted as said here, and the earlier lead gets the order."""

    type: ClassVar[str] = "qingcheng.intake.issue.unmerged.v1"
    merged_into: Id
    kind: IssueKind
    item_code: ItemCode
    street_code: DivisionCode | None
    urgency: Urgency
    channel: Channel
    appeals: list[Id] = Field(min_length=1)
    order_number: int = Field(ge=1, description="Which order of the issue this asks for; 1: it never had one.")
    handling_due: Time
    by: StaffId


class IssueReopened(Event):
    """重新打开: a caller says within the time allowed that it is not finished; a rework 重办 that a supervisor sees."""

    type: ClassVar[str] = "qingcheng.intake.issue.reopened.v1"
    appeal_id: Id = Field(description="Whose wish it is.")
    reason: Code = Field(description="unsolved 未解决 | recurred 反复 | unanswered 答非所问 | unreached 未联系上")
    opened_at: Time
    kind: IssueKind
    item_code: ItemCode
    street_code: DivisionCode | None
    urgency: Urgency
    channel: Channel
    appeals: list[Id] = Field(min_length=1)
    order_number: int = Field(
        ge=1, description="Which order of the issue this asks for; 1: it was answered and had none."
    )
    last_order_id: Id | None = Field(description="The order that was closed and whose unit is to take this one.")
    handling_due: Time
    by: StaffId


class IssueUnsolvedHeard(Event):
    """回访未解决: a caller who joined late said no, before intake heard of the order's end; acted on when it does."""

    type: ClassVar[str] = "qingcheng.intake.issue.unsolved_heard.v1"
    appeal_id: Id
    order_id: Id


TURNS: tuple[type[Event], ...] = (
    IssueTransferRefused,
    IssueFiledOnline,
    IssueEmergencyAssessed,
    IssueSpecialistAsked,
    IssueSpecialistAnswered,
    IssueObjectionRaised,
    IssueObjectionUpheld,
    IssueObjectionRejected,
    AppealWithdrawn,
    IssueWithdrawn,
    IssueMerged,
    IssueUnmerged,
    IssueReopened,
    IssueUnsolvedHeard,
)
