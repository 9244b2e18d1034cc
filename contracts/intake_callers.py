"""What intake 受理 publishes about the lists of callers 黑名单, 白名单: topic ``intake.callers``.

A list decides at which desk a call is taken and nothing else; no list ever touches an emergency (domain.md).
"""

from typing import ClassVar

from pydantic import Field

from contracts.codes import Code, Id, StaffId, Time
from contracts.event import Event


class CallerListed(Event):
    """列入名单: a version of the rule for one caller, with its end."""

    type: ClassVar[str] = "qingcheng.intake.caller.listed.v1"
    rule_id: Id
    version: int = Field(ge=1, description="How many rules there were for this caller, this one included.")
    desk: Code = Field(description="priority 白名单专席 | restricted 黑名单限制线路")
    reason: Code = Field(description="abuse | harassment | false_reports | deputy | monitor")
    until: Time
    by: StaffId


class CallerUnlisted(Event):
    """移出名单."""

    type: ClassVar[str] = "qingcheng.intake.caller.unlisted.v1"
    rule_id: Id
    by: StaffId


class CallerListExpired(Event):
    """名单到期: the rule has come to its end by itself."""

    type: ClassVar[str] = "qingcheng.intake.caller.list_expired.v1"
    rule_id: Id


class CallerAppealed(Event):
    """对列入名单申诉: once per rule; another person decides."""

    type: ClassVar[str] = "qingcheng.intake.caller.appealed.v1"
    rule_id: Id
    review_due: Time
    by: StaffId = Field(description="Who wrote it down.")


class CallerAppealUpheld(Event):
    """申诉成立: the rule has ended."""

    type: ClassVar[str] = "qingcheng.intake.caller.appeal_upheld.v1"
    rule_id: Id
    by: StaffId


class CallerAppealRejected(Event):
    """申诉不成立: the rule goes on to its end."""

    type: ClassVar[str] = "qingcheng.intake.caller.appeal_rejected.v1"
    rule_id: Id
    by: StaffId


class CallerReviewOverdue(Event):
    """申诉复核逾期: nobody decided in time; supervisors see it."""

    type: ClassVar[str] = "qingcheng.intake.caller.review_overdue.v1"
    rule_id: Id
    due_at: Time


CALLER_EVENTS: tuple[type[Event], ...] = (
    CallerListed,
    CallerUnlisted,
    CallerListExpired,
    CallerAppealed,
    CallerAppealUpheld,
    CallerAppealRejected,
    CallerReviewOverdue,
)
