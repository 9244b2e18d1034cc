"""What intake 受理 publishes of matters that came to the 综治中心 and open no order; ``intake.issues`` too."""

from typing import ClassVar

from pydantic import Field

from contracts.codes import Code, Id, StaffId, Time, UnitCode
from contracts.event import Event


class IssueHandedToCentre(Event):
    """交综治中心: a dispute that came to the centre's door; mediation opens the case, and no order follows (四率外)."""

    type: ClassVar[str] = "qingcheng.intake.issue.handed_to_centre.v1"
    case_id: Id
    origin: Code = Field(
        description="walk_in 来访 | grid 网格 | court 法院委派 | police 公安 | justice 司法所 | petition 信访"
    )
    referred_by: UnitCode | None = Field(description="The office that sent it; the number it gave it stays in intake.")
    appeals: list[Id] = Field(min_length=1)
    handling_due: Time = Field(description="When intake looks whether it has come to an end; no promise.")
    by: StaffId | None = Field(description="Null: the centre had opened the case, and intake heard of it.")


class IssueClosedAtCentre(Event):
    """综治中心办结: the case has ended; who is not content comes again with a new matter."""

    type: ClassVar[str] = "qingcheng.intake.issue.closed_at_centre.v1"
    case_id: Id
    outcome: Code = Field(description="settled 前置化解 | performed 履行完毕 | guided | referred_out | terminated")


CENTRE: tuple[type[Event], ...] = (IssueHandedToCentre, IssueClosedAtCentre)
