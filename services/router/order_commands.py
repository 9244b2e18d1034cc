"""What can be asked of a work order 工单, and what deciding it may know. Pure.

``by`` is the staff id of who asks, ``unit`` the unit they act for.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contracts.codes import Channel, IssueKind, MediationOutcome, ReasonClass, Resolution, Satisfaction, Urgency
from services.router.obligations import Assignment, Clock, Terms
from services.router.order_recount import RecountLimits
from services.router.request_commands import RequestCommand
from services.router.turn_commands import Turn, TurnHeard


@dataclass(frozen=True, slots=True)
class Routing:
    """派单方案: who takes the order, under which limits, chosen by which rule of which reference data."""

    units: tuple[Assignment, ...]
    terms: Terms
    rule: str
    reference_version: str
    co_handlers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Open:
    """生成工单. ``routing`` is what the rules propose; without it ``queue_reason`` says why a dispatcher must look.

    ``earlier_order_id`` is the order that this one goes on from, ``reworks`` are those so far; ``reopened``: it had
    been closed and was not finished, which a supervisor sees. ``number``: which order of the issue it is. ``desk``: the
    county whose sub-centre must look.
    """

    issue_id: str
    kind: IssueKind
    item_code: str
    street_code: str | None
    urgency: Urgency
    channel: Channel
    appeals: tuple[str, ...]
    routing: Routing | None
    queue_reason: str | None
    earlier_order_id: str | None = None
    reworks: int = 0
    reopened: bool = False
    number: int | None = None
    desk: str | None = None


@dataclass(frozen=True, slots=True)
class Dispatch:
    """派单 by a dispatcher; ``desk`` is the county whose sub-centre they are of, None: the city's."""

    routing: Routing
    by: str
    desk: str | None = None


@dataclass(frozen=True, slots=True)
class DispatchAtOnce:
    """突发先派: what the rules propose for an emergency that waits and that nobody has; None: they know nobody."""

    routing: Routing | None


@dataclass(frozen=True, slots=True)
class Sign:
    """签收."""

    unit: str
    by: str


class Nature(StrEnum):
    """三上门: what the visit was for, by the nature of the appeal."""

    REASONABLE = "reasonable"  # 合理诉求: visited and handled
    SUGGESTION = "suggestion"  # 意见建议: visited and talked over
    UNREASONABLE = "unreasonable"  # 不合理诉求: visited and explained


@dataclass(frozen=True, slots=True)
class Contact:
    """联系诉求人; ``visit``: in person 上门. Where that was is private data of the order under ``visit_id``."""

    unit: str
    visit: bool
    by: str
    nature: Nature | None = None
    visited_at: datetime | None = None
    visit_id: str | None = None


@dataclass(frozen=True, slots=True)
class BlowWhistle:
    """吹哨: the whistle itself is an aggregate of its own."""

    whistle_id: str
    unit: str


@dataclass(frozen=True, slots=True)
class SettleWhistle:
    """哨声办结."""

    whistle_id: str


@dataclass(frozen=True, slots=True)
class Refer:
    """转调解, or 转信访代办 with ``to`` PETITION_PROXY; ``case_id`` is the petition's then."""

    case_id: str
    unit: str
    by: str
    to: str | None = None


@dataclass(frozen=True, slots=True)
class StopClock:
    """调解受理: every party has consented at ``at``."""

    case_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ReturnFromMediation:
    """调解退回."""

    case_id: str
    outcome: MediationOutcome


@dataclass(frozen=True, slots=True)
class SettleByMediation:
    """调解成功: the agreement is the result."""

    case_id: str


@dataclass(frozen=True, slots=True)
class Submit:
    """提交办理结果; the text is private data of the order under ``result_id``.

    ``fingerprint`` tells whether a text is the same without telling it; ``doubts`` are for the reviewer.
    """

    unit: str
    result_id: str
    by: str
    fingerprint: str | None = None
    doubts: tuple[str, ...] = ()


class ReviewReason(StrEnum):
    """Why a reviewer returns an order."""

    NOT_CONTACTED = "not_contacted"  # 未联系诉求人
    EMPTY_RESULT = "empty_result"  # 答复空洞
    COPIED_RESULT = "copied_result"  # 照抄答复
    UNSOLVED = "unsolved"  # 问题未解决
    OTHER = "other"  # 其他


@dataclass(frozen=True, slots=True)
class Review:
    """办结审核; ``reason`` is why it is returned, none = passed. ``unit`` is the reviewer's own."""

    reason: ReviewReason | None
    unit: str | None
    by: str


@dataclass(frozen=True, slots=True)
class RecordRevisit:
    """回访结果 of one caller; no ``resolution`` = not reached. ``revisit_id``: the call-back that it is of."""

    appeal_id: str
    round: int
    resolution: Resolution | None
    reason_class: ReasonClass = ReasonClass.NOT_STATED
    revisit_id: str | None = None
    contacted: bool | None = None
    in_time: bool | None = None
    satisfaction: Satisfaction | None = None


@dataclass(frozen=True, slots=True)
class AddAppeal:
    """并入诉求."""

    appeal_id: str


@dataclass(frozen=True, slots=True)
class Remind:
    """催办; ``reminder_id`` tells reminders apart."""

    appeal_id: str
    reminder_id: str


@dataclass(frozen=True, slots=True)
class DeadlineReached:
    """到期: the timer of this name has come due."""

    name: str


Heard = StopClock | ReturnFromMediation | SettleByMediation | SettleWhistle | RecordRevisit | AddAppeal | Remind
"""What other aggregates' events ask: what has no bearing any more is no fault."""
Handle = Sign | Contact | BlowWhistle | Refer | Submit
"""What a handling unit asks."""
Command = (
    Open
    | Dispatch
    | DispatchAtOnce
    | Handle
    | Review
    | Heard
    | DeadlineReached
    | RecountLimits
    | RequestCommand
    | Turn
    | TurnHeard
)


@dataclass(frozen=True, slots=True)
class Counts:
    """次数 out of the limits file: what a unit may ask how often, and from when on an order is a problem order."""

    returns: int
    extensions: int
    renewals: int
    problem_reworks: int
    problem_reassignments: int


@dataclass(frozen=True, slots=True)
class Context:
    """What a decision may know besides the order."""

    now: datetime
    clock: Clock
    counts: Counts
