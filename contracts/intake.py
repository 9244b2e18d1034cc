"""What intake 受理 publishes: topic ``intake.issues``."""

from typing import ClassVar

from pydantic import Field

from contracts.codes import (
    Agency,
    Channel,
    ClosingOutcome,
    Code,
    DivisionCode,
    ExclusionCode,
    Id,
    IssueKind,
    ItemCode,
    SmallDivisionCode,
    StaffId,
    Time,
    Urgency,
)
from contracts.event import Event
from contracts.intake_centre import CENTRE
from contracts.intake_turns import TURNS


class IssueRegistered(Event):
    """登记: an appeal was taken down; it has an issue id from now on."""

    type: ClassVar[str] = "qingcheng.intake.issue.registered.v1"
    channel: Channel
    appeal_id: Id
    appellant_id: Id = Field(description="诉求人 pseudonym: the same caller has the same id, which leads to nobody.")
    received_at: Time
    street_code: DivisionCode | None = Field(description="Street (9 digits) if the caller named it; null = unknown.")
    triage_due: Time
    emergency: Agency | None = Field(
        default=None,
        description="突发: whom it is for; no list, review or queue holds it.",
    )
    desk: Code = Field(default="general", description="general 普通 | priority 白名单专席 | restricted 黑名单限制线路")
    desk_rule: Id | None = Field(default=None, description="The list entry by which; its history says why.")
    division_code: SmallDivisionCode | None = Field(
        default=None, description="Community or grid in that street, if it was told."
    )
    partner: StaffId | None = Field(default=None, description="合作方: who brought it by Open311; null = nobody did.")
    wanted_item: ItemCode | None = Field(
        default=None, description="派单目录 item that the partner's form said; a person decides."
    )
    answer_seconds: int | None = Field(
        default=None,
        ge=0,
        description="接听等待 of a call: from the first ring to the answer; null = not told.",
    )


class IssueTransferred(Event):
    """转接: danger to life, crime, fire or illness handed to 110, 119, 120 or 122 at once."""

    type: ClassVar[str] = "qingcheng.intake.issue.transferred.v1"
    agency: Agency
    by: StaffId
    reference: Code | None = Field(default=None, description="The agency's own number of it, if it gave one.")
    order_number: int = Field(default=1, ge=1, description="Which order of the issue it concerns: the latest.")


class IssueAnswered(Event):
    """直接答复: answered on the call from the knowledge base 知识库."""

    type: ClassVar[str] = "qingcheng.intake.issue.answered.v1"
    kind: IssueKind
    item_code: ItemCode
    knowledge_id: Code
    knowledge_version: Code
    by: StaffId
    reopen_until: Time | None = Field(default=None, description="Until when a caller may reopen it.")
    appeals: list[Id] = Field(default_factory=list, description="Who was answered; some are called back by sample.")


class IssueDeclineProposed(Event):
    """拟不予受理: an agent proposes to decline; a second person decides."""

    type: ClassVar[str] = "qingcheng.intake.issue.decline_proposed.v1"
    exclusion_code: ExclusionCode
    exclusion_version: Code
    by: StaffId
    review_due: Time


class IssueDeclineRefused(Event):
    """不同意不予受理: back to the agents' queue."""

    type: ClassVar[str] = "qingcheng.intake.issue.decline_refused.v1"
    by: StaffId
    triage_due: Time


class IssueDeclined(Event):
    """不予受理, confirmed by a second person; the exclusion item says where to go instead."""

    type: ClassVar[str] = "qingcheng.intake.issue.declined.v1"
    exclusion_code: ExclusionCode
    exclusion_version: Code
    proposed_by: StaffId
    by: StaffId
    appeals: list[Id] = Field(default_factory=list, description="Who is told, and where to go instead.")


class IssueAccepted(Event):
    """受理: kind, item, place, urgency and callers are known; the work order follows."""

    type: ClassVar[str] = "qingcheng.intake.issue.accepted.v1"
    kind: IssueKind
    item_code: ItemCode
    street_code: DivisionCode | None = Field(description="Street (9 digits); null = unknown, a dispatcher finds it.")
    urgency: Urgency
    channel: Channel
    appeals: list[Id] = Field(min_length=1)
    handling_due: Time = Field(
        description="When intake looks whether it has come to an end; no promise to the citizen."
    )
    by: StaffId
    order_number: int = Field(default=1, ge=1, description="Which order of the issue this asks for.")
    division_code: SmallDivisionCode | None = Field(
        default=None, description="Community or grid in that street, if it was found; null = as it was told, if it was."
    )


class AppealAdded(Event):
    """并入诉求: another caller on the same incident joins; each is called back."""

    type: ClassVar[str] = "qingcheng.intake.issue.appeal_added.v1"
    appeal_id: Id
    appellant_id: Id
    channel: Channel
    merged_from: Id | None = Field(default=None, description="The merged issue that it comes from 合并.")
    order_number: int = Field(default=1, ge=1, description="Which order of the issue it concerns: the latest.")


class IssueFollowedUp(Event):
    """催办 reminder or 补充 supplement from a caller."""

    type: ClassVar[str] = "qingcheng.intake.issue.followed_up.v1"
    follow_up_id: Id
    appeal_id: Id
    follow_up: Code = Field(description="reminder 催办 | supplement 补充")
    order_number: int = Field(default=1, ge=1, description="Which order of the issue it concerns: the latest.")


class IssueStepOverdue(Event):
    """受理逾期: the queue's limit has passed and nobody acted; supervisors see it."""

    type: ClassVar[str] = "qingcheng.intake.issue.step_overdue.v1"
    step: Code = Field(description="triage | decline_review | handling | objection_review | specialist")
    due_at: Time


class ContactRevealed(Event):
    """查看联系方式: somebody was shown a caller's contact, and for what (audited)."""

    type: ClassVar[str] = "qingcheng.intake.issue.contact_revealed.v1"
    reveal_id: Id
    appeal_id: Id
    purpose: Code = Field(description="handling | revisit | message | mediation")
    by: StaffId


class IssueClosed(Event):
    """办结: the call-back is over; the result text is kept by the router under ``order_id``."""

    type: ClassVar[str] = "qingcheng.intake.issue.closed.v1"
    order_id: Id
    outcome: ClosingOutcome
    reopen_until: Time | None = Field(default=None, description="Until when a caller may reopen it.")


ISSUE_EVENTS: tuple[type[Event], ...] = (
    IssueRegistered,
    IssueTransferred,
    IssueAnswered,
    IssueDeclineProposed,
    IssueDeclineRefused,
    IssueDeclined,
    IssueAccepted,
    AppealAdded,
    IssueFollowedUp,
    IssueStepOverdue,
    ContactRevealed,
    IssueClosed,
    *TURNS,
    *CENTRE,
)
