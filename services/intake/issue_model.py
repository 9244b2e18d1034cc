"""What is known about an issue 诉求事项. What may be asked of it: ``issue_commands.py``, its rules: ``issue.py``."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contracts.codes import Agency, CaseOrigin, Channel, ClosingOutcome, IssueKind, Urgency
from contracts.rejected import Rejected


class Status(StrEnum):
    """状态. From ``TRANSFERRED`` on it has ended; ``WAYS_BACK`` in the tests names what may still open it again."""

    NONE = "none"
    REGISTERED = "registered"
    DECLINE_REVIEW = "decline_review"
    ACCEPTED = "accepted"
    OBJECTION_REVIEW = "objection_review"
    AT_CENTRE = "at_centre"
    TRANSFERRED = "transferred"
    ANSWERED = "answered"
    DECLINED = "declined"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"


OPEN = frozenset({Status.REGISTERED, Status.DECLINE_REVIEW, Status.ACCEPTED, Status.OBJECTION_REVIEW, Status.AT_CENTRE})
TERMINAL = frozenset(
    {Status.TRANSFERRED, Status.ANSWERED, Status.DECLINED, Status.CLOSED, Status.WITHDRAWN, Status.MERGED}
)
STATUS_ZH = {
    Status.NONE: "无",
    Status.REGISTERED: "已登记",
    Status.DECLINE_REVIEW: "不予受理待复核",
    Status.ACCEPTED: "已受理，办理中",
    Status.OBJECTION_REVIEW: "不予受理异议待复核",
    Status.AT_CENTRE: "综治中心办理中",
    Status.TRANSFERRED: "已转接",
    Status.ANSWERED: "已答复",
    Status.DECLINED: "不予受理",
    Status.CLOSED: "已办结",
    Status.WITHDRAWN: "已撤回",
    Status.MERGED: "已合并",
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


class Desk(StrEnum):
    """接听席位, by the lists of callers."""

    GENERAL = "general"  # 普通
    PRIORITY = "priority"  # 白名单专席
    RESTRICTED = "restricted"  # 黑名单限制线路


class OnlineClass(StrEnum):
    """网上诉求分类 [P]."""

    VENT = "vent"  # 泄愤: logged and watched
    LEGAL = "legal"  # 涉法: to justice
    PUBLIC_OPINION = "public_opinion"  # 舆情: to 网信
    LIVELIHOOD = "livelihood"  # 民生: dispatched


OFFICES = {OnlineClass.LEGAL: "justice", OnlineClass.PUBLIC_OPINION: "cyberspace"}
"""Where a class of appeals from the web is handed to."""


class Evidence(StrEnum):
    """合并依据: why two issues are taken for the same incident."""

    SAME_PLACE_AND_TIME = "same_place_and_time"  # 同地同时
    SAME_EVENT = "same_event"  # 同一事件
    SAME_OBJECT = "same_object"  # 同一对象
    TOLD_BY_CALLER = "told_by_caller"  # 诉求人自述


class ReopenReason(StrEnum):
    """重新打开的原因."""

    UNSOLVED = "unsolved"  # 未解决
    RECURRED = "recurred"  # 反复
    UNANSWERED = "unanswered"  # 答非所问
    UNREACHED = "unreached"  # 未联系上


@dataclass(frozen=True, slots=True)
class Content:
    """What acceptance says of a matter. ``street_code`` None: nobody knows yet where it is."""

    kind: IssueKind
    item_code: str
    street_code: str | None
    urgency: Urgency


@dataclass(frozen=True, slots=True)
class Centre:
    """交综治中心: the case that it becomes, how it came, and which office sent it (None: nobody did)."""

    case_id: str
    origin: CaseOrigin
    referred_by: str | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """``due(limit)`` is when the named limit of ``limits.toml`` ends that starts now."""

    now: datetime
    due: Callable[[str], datetime]


@dataclass(frozen=True, slots=True)
class Appeal:
    """诉求: one caller's part. ``appellant_id`` is a pseudonym; ``kept_in`` the merged issue that holds its contact."""

    id: str
    appellant_id: str
    channel: Channel
    kept_in: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """What an issue brings into another one that it is merged into."""

    appeals: tuple[Appeal, ...]
    is_accepted: bool
    is_emergency: bool


@dataclass(frozen=True, slots=True)
class HearUnsolved:
    """回访未解决: a caller said no who was called back beside an order. ``order_id`` None: of a direct answer."""

    appeal_id: str
    order_id: str | None


@dataclass(frozen=True)
class Issue:
    """诉求事项.

    ``due`` is the end of the present step, None when there is none; ``overdue``: recorded as missed. ``orders``
    counts the work orders asked for. ``reopen_until`` is, while it is closed or answered, how long a caller may
    reopen it; ``reversible_until``, while it is merged, how long that may be undone. ``appeals`` keeps everybody who
    ever joined; those in ``withdrawn`` have left. ``partner`` brought it by Open311 as the catalogue's ``wanted_item``.
    ``division_code`` is the community 社区 or grid 网格 in its street, if it was told.
    ever joined; those in ``withdrawn`` have left. ``unsolved`` are orders and callers of theirs who said no to what
    they were told of it, before its end was heard of.
    """

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
    emergency: Agency | None = None
    desk: Desk = Desk.GENERAL
    desk_rule: str | None = None
    online_class: OnlineClass | None = None
    transfer_refused_by: str | None = None
    question_id: str | None = None
    answer_due: datetime | None = None
    answer_overdue: bool = False
    answered_questions: tuple[str, ...] = ()
    declined_by: str | None = None
    objected_by: str | None = None
    objection_decided_by: str | None = None
    withdrawn: tuple[str, ...] = ()
    merged_into: str | None = None
    unmerged_from: str | None = None
    merged_from: tuple[str, ...] = ()
    evidence: Evidence | None = None
    reversible_until: datetime | None = None
    orders: int = 0
    reopen_until: datetime | None = None
    reopened_by: str | None = None
    centre: Centre | None = None
    partner: str | None = None
    wanted_item: str | None = None
    division_code: str | None = None
    unsolved: tuple[tuple[str, str], ...] = ()

    @property
    def present(self) -> tuple[Appeal, ...]:
        """诉求 that have not left: each of them is called back."""
        return tuple(appeal for appeal in self.appeals if appeal.id not in self.withdrawn)

    @property
    def is_emergency(self) -> bool:
        """突发: no list, review or queue holds it."""
        return self.emergency is not None or self.urgency is Urgency.EMERGENCY

    @property
    def part(self) -> Part:
        """What it would bring into another issue."""
        return Part(self.present, self.status is Status.ACCEPTED, self.is_emergency)

    @property
    def orders_so_far(self) -> int:
        """How many orders there were; what was accepted before they were counted had one."""
        return max(self.orders, int(self.status in (Status.ACCEPTED, Status.CLOSED) and self.centre is None))

    @property
    def order_number(self) -> int:
        """Which order an event concerns: the latest, or the first that there will be."""
        return max(1, self.orders_so_far)

    @property
    def content(self) -> Content | None:
        """What acceptance said of it; None if it was never accepted or answered."""
        if self.kind is None or self.item_code is None:
            return None
        return Content(self.kind, self.item_code, self.street_code, self.urgency or Urgency.NORMAL)


class Merged(Rejected):
    """已合并: the issue goes on as ``into``, where the same may be asked."""

    def __init__(self, into: str) -> None:
        super().__init__("issue.merged", f"该事项已合并到 {into}，请在该事项上操作")
        self.into = into


def wrong_status(issue: Issue, action: str) -> Rejected:
    """The refusal of ``action`` because of the state the issue is in."""
    return Rejected("issue.wrong_status", f"当前状态（{STATUS_ZH[issue.status]}）不能{action}")


def must_be_known(issue: Issue, appeal_id: str) -> None:
    """Raises ``issue.unknown_appeal`` if no such appeal ever joined."""
    if all(appeal.id != appeal_id for appeal in issue.appeals):
        raise Rejected("issue.unknown_appeal", "该事项下没有这条诉求", field="appeal_id", status=404)


def appeal_of(issue: Issue, appeal_id: str) -> Appeal:
    """The appeal that is known to have joined."""
    [appeal] = [appeal for appeal in issue.appeals if appeal.id == appeal_id]
    return appeal


def must_be_present(issue: Issue, appeal_id: str) -> None:
    """Raises ``issue.unknown_appeal``, or ``issue.appeal_withdrawn`` for one that has left."""
    must_be_known(issue, appeal_id)
    if appeal_id in issue.withdrawn:
        raise Rejected("issue.appeal_withdrawn", "这条诉求已撤回", field="appeal_id")


def must_not_be_held(issue: Issue, action: str) -> None:
    """Raises ``issue.emergency``: an emergency is transferred or accepted, no list, review or queue holds it."""
    if issue.is_emergency:
        raise Rejected("issue.emergency", f"突发事项不能{action}，请立即转接或受理；研判不属突发的，先更正研判")
