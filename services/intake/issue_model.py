"""The words of an issue 诉求事项: what may be asked of it and what is known about it; its rules are in ``issue.py``."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contracts.codes import Agency, Channel, ClosingOutcome, IssueKind, Urgency


class Status(StrEnum):
    """状态. The last four are final for this issue."""

    NONE = "none"
    REGISTERED = "registered"
    DECLINE_REVIEW = "decline_review"
    ACCEPTED = "accepted"
    TRANSFERRED = "transferred"
    ANSWERED = "answered"
    DECLINED = "declined"
    CLOSED = "closed"


OPEN = frozenset({Status.REGISTERED, Status.DECLINE_REVIEW, Status.ACCEPTED})
TERMINAL = frozenset({Status.TRANSFERRED, Status.ANSWERED, Status.DECLINED, Status.CLOSED})
STATUS_ZH = {
    Status.NONE: "无",
    Status.REGISTERED: "已登记",
    Status.DECLINE_REVIEW: "不予受理待复核",
    Status.ACCEPTED: "已受理，办理中",
    Status.TRANSFERRED: "已转接",
    Status.ANSWERED: "已答复",
    Status.DECLINED: "不予受理",
    Status.CLOSED: "已办结",
}


class FollowUpKind(StrEnum):
    """What a caller wants who calls again."""

    REMINDER = "reminder"  # 催办
    SUPPLEMENT = "supplement"  # 补充


class Purpose(StrEnum):
    """What somebody needs a caller's contact for; recorded with every look at it."""

    HANDLING = "handling"  # 办理
    REVISIT = "revisit"  # 回访
    MESSAGE = "message"  # 发送消息
    MEDIATION = "mediation"  # 调解


# Commands. Ids are made by whoever sends them, so that the same command has the same identity twice.


@dataclass(frozen=True, slots=True)
class Register:
    """登记. Name, number, text and place travel beside it as private data of ``appeal_id``."""

    channel: Channel
    appeal_id: str
    appellant_id: str
    received_at: datetime | None
    street_code: str | None


@dataclass(frozen=True, slots=True)
class Transfer:
    """转接 110/119/120/122."""

    agency: Agency
    by: str


@dataclass(frozen=True, slots=True)
class Answer:
    """直接答复, with the knowledge entry that was read out."""

    kind: IssueKind
    item_code: str
    knowledge_id: str
    knowledge_version: str
    by: str


@dataclass(frozen=True, slots=True)
class ProposeDecline:
    """拟不予受理, with the item of the exclusion list as it stands."""

    exclusion_code: str
    exclusion_version: str
    by: str


@dataclass(frozen=True, slots=True)
class ConfirmDecline:
    """同意不予受理."""

    by: str


@dataclass(frozen=True, slots=True)
class RefuseDecline:
    """不同意不予受理."""

    by: str


@dataclass(frozen=True, slots=True)
class Accept:
    """受理. ``street_code`` None: nobody knows yet where it is."""

    kind: IssueKind
    item_code: str
    street_code: str | None
    urgency: Urgency
    by: str


@dataclass(frozen=True, slots=True)
class AddAppeal:
    """并入诉求: one more caller."""

    channel: Channel
    appeal_id: str
    appellant_id: str


@dataclass(frozen=True, slots=True)
class FollowUp:
    """催办, 补充. A supplement's text travels beside it as private data."""

    follow_up_id: str
    appeal_id: str
    kind: FollowUpKind


@dataclass(frozen=True, slots=True)
class RevealContact:
    """查看联系方式: written down before anything is shown."""

    reveal_id: str
    appeal_id: str
    purpose: Purpose
    by: str


@dataclass(frozen=True, slots=True)
class Close:
    """办结, as the router says."""

    order_id: str
    outcome: ClosingOutcome


@dataclass(frozen=True, slots=True)
class DeadlineReached:
    """A timer of ``deadlines`` is due."""

    step: str


Decline = ConfirmDecline | RefuseDecline
Command = (
    Register | Transfer | Answer | ProposeDecline | Decline | Accept | AddAppeal | FollowUp | RevealContact | Close
) | DeadlineReached


@dataclass(frozen=True, slots=True)
class Context:
    """``due(limit)`` is when the named limit of ``limits.toml`` ends that starts now."""

    now: datetime
    due: Callable[[str], datetime]


@dataclass(frozen=True, slots=True)
class Appeal:
    """诉求: one caller's part. ``appellant_id`` is a pseudonym."""

    id: str
    appellant_id: str
    channel: Channel


@dataclass(frozen=True)
class Issue:
    """诉求事项. ``due`` is the end of the present step, None when there is none; ``overdue``: recorded as missed."""

    status: Status = Status.NONE
    channel: Channel | None = None
    received_at: datetime | None = None
    appeals: tuple[Appeal, ...] = ()
    street_code: str | None = None
    due: datetime | None = None
    overdue: bool = False
    kind: IssueKind | None = None
    item_code: str | None = None
    urgency: Urgency | None = None
    agency: Agency | None = None
    knowledge: tuple[str, str] | None = None
    exclusion: tuple[str, str] | None = None
    proposed_by: str | None = None
    refused_by: str | None = None
    follow_ups: tuple[str, ...] = ()
    last_reveal: str | None = None
    order_id: str | None = None
    outcome: ClosingOutcome | None = None
