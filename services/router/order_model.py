"""What is known of a work order 工单. Pure data; how its events fold is in ``order_state``."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from contracts.codes import Channel, ClosingOutcome, IssueKind, ObligationRole, SupervisionLevel, Urgency
from contracts.frozen import replace
from services.router.callbacks import Answer
from services.router.obligations import Duty, Step, Terms


class Status(StrEnum):
    """工单状态; with several duties, that of the least advanced."""

    NONE = "none"
    PENDING_DISPATCH = "pending_dispatch"
    PENDING_SIGN = "pending_sign"
    RETURN_REVIEW = "return_review"
    IN_PROGRESS = "in_progress"
    EXTENSION_REVIEW = "extension_review"
    SUSPENSION_REVIEW = "suspension_review"
    SUSPENDED = "suspended"
    IN_MEDIATION = "in_mediation"
    CLOSE_REVIEW = "close_review"
    PENDING_REVISIT = "pending_revisit"
    CLOSED = "closed"
    CANCELLED = "cancelled"


TERMINAL = frozenset({Status.CLOSED, Status.CANCELLED})
PETITION_PROXY = "petition_proxy"
"""信访代办: where an order can be referred to besides mediation."""
STATUS_ZH = {
    Status.NONE: "不存在",
    Status.PENDING_DISPATCH: "待派单",
    Status.PENDING_SIGN: "待签收",
    Status.RETURN_REVIEW: "退单审核",
    Status.IN_PROGRESS: "办理中",
    Status.EXTENSION_REVIEW: "延期审核",
    Status.SUSPENSION_REVIEW: "挂账审核",
    Status.SUSPENDED: "已挂账",
    Status.IN_MEDIATION: "调解中",
    Status.CLOSE_REVIEW: "办结审核",
    Status.PENDING_REVISIT: "待回访",
    Status.CLOSED: "已归档",
    Status.CANCELLED: "已作废",
}


class RequestKind(StrEnum):
    """What a unit can ask for."""

    RETURN = "return"  # 退单
    RULING = "ruling"  # 裁定
    EXTENSION = "extension"  # 延期
    SUSPENSION = "suspension"  # 挂账
    EXCLUSION = "exclusion"  # 剔除


@dataclass(frozen=True)
class Watch:
    """A step of the whole order that somebody has to finish; ``overdue`` once that has been said."""

    step: str
    due: datetime
    overdue: bool = False


@dataclass(frozen=True)
class Request:
    """A unit's request that waits for a decision. ``overdue``: nobody decided in time, the supervisor does now."""

    id: str
    kind: RequestKind
    unit: str
    reason: str
    review_due: datetime
    to: str | None = None
    working_days: int | None = None
    recheck_due: datetime | None = None
    exclusion_code: str | None = None
    binding: bool = False
    overdue: bool = False

    @property
    def step(self) -> str:
        """The name of the review, as timers and ``order.step_overdue`` have it."""
        return "ruling" if self.kind is RequestKind.RULING else f"{self.kind}_review"


@dataclass(frozen=True)
class Suspension:
    """挂账 of one unit's duty: since when, why, and when it is looked at again."""

    since: datetime
    recheck_due: datetime
    reason: str
    renewals: int = 0


@dataclass(frozen=True)
class Heir:
    """转派: who takes a duty over as soon as it has signed."""

    unit: str
    sign_due: datetime
    contact_due: datetime


@dataclass(frozen=True)
class Aside:
    """What happened to an order beside the straight way; most orders have none, and carry none.

    ``barred`` units had a return refused, for ``ruled`` ones a ruling is binding; ``decided`` are the answers to
    requests by their ids; ``vacant`` are the parts that must be dispatched anew; ``moves`` counts reassignments;
    ``late`` are callers who joined when it was closed and have not answered yet.
    """

    returns: int = 0
    barred: tuple[str, ...] = ()
    ruled: tuple[str, ...] = ()
    decided: dict[str, str] = field(default_factory=dict)
    extensions: dict[str, int] = field(default_factory=dict)
    suspended: dict[str, Suspension] = field(default_factory=dict)
    heirs: dict[str, Heir] = field(default_factory=dict)
    vacant: tuple[ObligationRole, ...] = ()
    moves: int = 0
    excluded: tuple[str, ...] = ()
    natures: dict[str, str] = field(default_factory=dict)
    doubts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    supervision_id: str | None = None
    raised: SupervisionLevel | None = None
    warning: Watch | None = None
    earlier_order_id: str | None = None
    next_order_id: str | None = None
    cancelled: str | None = None
    merged_into: str | None = None
    late: tuple[str, ...] = ()


NOTHING_ASIDE = Aside()
_LOCAL = ("S", "G")
"""First letters of the units that belong to a county: streets, and the county itself."""
_COUNTY_DIGITS = 6


@dataclass(frozen=True)
class WorkOrder:
    """工单. ``to_call`` are callers who wait for the next round of call-backs, ``called`` those of this round.

    ``number``: which order of its issue it is, None for those opened before that was said. ``desk``: the county whose
    sub-centre dispatches it (二级派单), None: the city's dispatcher. ``due_at`` and ``supervision`` follow from the
    rest; lists are sorted and filtered by them.
    """

    status: Status = Status.NONE
    issue_id: str = ""
    kind: IssueKind | None = None
    item_code: str = ""
    street_code: str | None = None
    urgency: Urgency = Urgency.NORMAL
    channel: Channel | None = None
    appeals: tuple[str, ...] = ()
    queue_reason: str | None = None
    duties: tuple[Duty, ...] = ()
    co_handlers: tuple[str, ...] = ()
    terms: Terms = field(default_factory=lambda: Terms(0, 0))
    rule: str | None = None
    reference_version: str | None = None
    promised_at: datetime | None = None
    watch: Watch | None = None
    whistles: tuple[str, ...] = ()
    open_whistles: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    case_id: str | None = None
    stopped_at: datetime | None = None
    reviewed: str | None = None
    reviewer: str | None = None
    round: int = 0
    to_call: tuple[str, ...] = ()
    called: tuple[str, ...] = ()
    answers: dict[str, Answer] = field(default_factory=dict)
    reworks: int = 0
    problem: bool = False
    reminders: int = 0
    reminder_id: str | None = None
    outcome: ClosingOutcome | None = None
    exclusion_until: datetime | None = None
    due_at: datetime | None = None
    supervision: SupervisionLevel | None = None
    requests: tuple[Request, ...] = ()
    aside: Aside | None = None
    number: int | None = None
    desk: str | None = None
    referred_to: str | None = None

    @property
    def units(self) -> list[str]:
        """承办单位."""
        return [duty.unit for duty in self.duties]

    @property
    def unsubmitted(self) -> list[Duty]:
        """Duties whose result is still missing."""
        return [duty for duty in self.duties if duty.step is not Step.SUBMITTED]

    @property
    def status_zh(self) -> str:
        """The status in Chinese; an order that waits for a petition is not in mediation."""
        waits_for_petition = self.status is Status.IN_MEDIATION and self.referred_to == PETITION_PROXY
        return "信访代办中" if waits_for_petition else STATUS_ZH[self.status]

    @property
    def calling(self) -> int:
        """The round of call-backs that is under way; 0: none."""
        return self.round if self.status is Status.PENDING_REVISIT else 0

    @property
    def side(self) -> Aside:
        """What happened beside the straight way, if nothing then an empty one."""
        return self.aside or NOTHING_ASIDE

    @property
    def county(self) -> str | None:
        """旗县区 (6 digits): that of the local unit which leads it, else of its desk, else where it happened."""
        lead = next((duty.unit for duty in self.duties if duty.role is ObligationRole.LEAD), "")
        local = lead if lead.startswith(_LOCAL) else self.desk
        code = local[1:] if local else self.street_code
        return code and code[:_COUNTY_DIGITS]

    def asked(self, unit: str) -> Request | None:
        """What the unit's duty waits for; an exclusion goes on beside everything and is not meant here."""
        return next((asked for asked in self.requests_of(unit) if asked.kind is not RequestKind.EXCLUSION), None)

    def requests_of(self, unit: str) -> Iterator[Request]:
        """Every request of a unit that is not decided."""
        return (request for request in self.requests if request.unit == unit)


def aside(order: WorkOrder, **changes: Any) -> WorkOrder:
    """The order with other values beside its way."""
    return replace(order, aside=replace(order.side, **changes))


def without(values: dict[str, Any], key: str) -> dict[str, Any]:
    """The mapping without one key."""
    return {other: value for other, value in values.items() if other != key}


def void(order: WorkOrder, unit: str) -> WorkOrder:
    """What the unit asked about its duty has no object any more; an exclusion still has."""
    kept = tuple(r for r in order.requests if r.unit != unit or r.kind is RequestKind.EXCLUSION)
    return replace(order, requests=kept)
