"""What may be asked of an issue 诉求事项.

Ids are made by whoever sends a command, so that the same command has the same identity twice. Names, numbers and
words travel beside a command as private data.
"""

from dataclasses import dataclass
from datetime import datetime

from contracts.codes import Agency, Channel, ClosingOutcome, IssueKind, Urgency
from services.intake.issue_centre import AtCentre
from services.intake.issue_model import (
    Centre,
    Content,
    Desk,
    Evidence,
    FollowUpKind,
    HearUnsolved,
    OnlineClass,
    Part,
    Purpose,
    ReopenReason,
)


@dataclass(frozen=True, slots=True)
class Register:
    """登记. ``desk`` is what the lists of callers say; ``emergency`` whom a danger that is seen at once is for.

    ``doubtful``: there are signs of a danger, and a person looks as soon as at one. ``accepted_as``: a machine is sure
    enough to accept it at once. ``centre``: it came to the 综治中心 and opens no order. ``partner`` brought it by
    Open311 as the catalogue's ``wanted_item``. ``answer_seconds``: how long the caller heard it ring.
    """

    channel: Channel
    appeal_id: str
    appellant_id: str
    received_at: datetime | None
    street_code: str | None
    emergency: Agency | None = None
    desk: Desk = Desk.GENERAL
    desk_rule: str | None = None
    doubtful: bool = False
    accepted_as: Content | None = None
    centre: Centre | None = None
    by: str | None = None
    partner: str | None = None
    wanted_item: str | None = None
    division_code: str | None = None
    answer_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Transfer:
    """转接 110/119/120/122, with the agency's own number of it if it gave one."""

    agency: Agency
    by: str
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class RefuseTransfer:
    """退回转接, as the agency or office says."""

    by: str


@dataclass(frozen=True, slots=True)
class AssessEmergency:
    """研判突发: whom it is for, None when there is no danger."""

    emergency: Agency | None
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
class AskSpecialist:
    """请政策专员."""

    question_id: str
    item_code: str
    by: str


@dataclass(frozen=True, slots=True)
class AnswerAsSpecialist:
    """政策专员答复."""

    question_id: str
    by: str


@dataclass(frozen=True, slots=True)
class FileOnline:
    """网上分类; ``content`` is needed for 民生, which is accepted with it."""

    online_class: OnlineClass
    content: Content | None
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
class Object:
    """对不予受理提出异议: a caller's wish, written down by ``by``."""

    appeal_id: str
    by: str


@dataclass(frozen=True, slots=True)
class UpholdObjection:
    """异议成立: it is accepted as ``content`` says."""

    content: Content
    by: str


@dataclass(frozen=True, slots=True)
class RejectObjection:
    """异议不成立."""

    by: str


@dataclass(frozen=True, slots=True)
class Accept:
    """受理. ``street_code`` None: nobody knows yet where it is; ``division_code`` None: as it was told, if it was."""

    kind: IssueKind
    item_code: str
    street_code: str | None
    urgency: Urgency
    by: str
    division_code: str | None = None


@dataclass(frozen=True, slots=True)
class AddAppeal:
    """并入诉求: one more caller. ``emergency``: whom the danger is for that their words are a certain sign of."""

    channel: Channel
    appeal_id: str
    appellant_id: str
    emergency: Agency | None = None


@dataclass(frozen=True, slots=True)
class FollowUp:
    """催办, 补充. A supplement's text travels beside it as private data; ``emergency`` as for ``AddAppeal``."""

    follow_up_id: str
    appeal_id: str
    kind: FollowUpKind
    emergency: Agency | None = None


@dataclass(frozen=True, slots=True)
class WithdrawAppeal:
    """撤回诉求; with the last one the issue. ``keep_for_safety``: public safety wants it handled all the same."""

    appeal_id: str
    keep_for_safety: bool
    by: str


@dataclass(frozen=True, slots=True)
class Reopen:
    """重新打开, as a caller wishes. ``content`` is needed where none is known, and else left out."""

    appeal_id: str
    reason: ReopenReason
    content: Content | None
    by: str


@dataclass(frozen=True, slots=True)
class Merge:
    """合并 into another issue, which takes ``part`` over in the same transaction."""

    into: str
    part: Part
    evidence: Evidence
    by: str


@dataclass(frozen=True, slots=True)
class TakeOver:
    """The other half of ``Merge``, at the survivor: the callers of ``merged`` join."""

    merged: str
    part: Part


@dataclass(frozen=True, slots=True)
class Unmerge:
    """撤销合并. ``appeals``: ids of those that the survivor still had. ``content``: see ``Reopen``."""

    merged_into: str
    appeals: tuple[str, ...]
    content: Content | None
    by: str


@dataclass(frozen=True, slots=True)
class GiveBack:
    """The other half of ``Unmerge``, at the survivor: the callers of ``merged`` leave."""

    merged: str
    appeals: tuple[str, ...]
    by: str


@dataclass(frozen=True, slots=True)
class RevealContact:
    """查看联系方式: written down before anything is shown."""

    reveal_id: str
    appeal_id: str
    purpose: Purpose
    by: str


@dataclass(frozen=True, slots=True)
class Close:
    """办结, as the router says. ``number``: which order of the issue ended; None: one from before that was said."""

    order_id: str
    outcome: ClosingOutcome
    number: int | None = None


@dataclass(frozen=True, slots=True)
class DeadlineReached:
    """A timer of ``deadlines`` is due."""

    step: str


Decline = ConfirmDecline | RefuseDecline
Objection = Object | UpholdObjection | RejectObjection
Specialist = AskSpecialist | AnswerAsSpecialist
Ending = Reopen | HearUnsolved | Close
Merging = Merge | TakeOver | Unmerge | GiveBack
Command = (
    Register
    | Transfer
    | RefuseTransfer
    | AssessEmergency
    | Answer
    | Specialist
    | FileOnline
    | ProposeDecline
    | Decline
    | Objection
    | Accept
    | AddAppeal
    | FollowUp
    | WithdrawAppeal
    | Ending
    | Merging
    | AtCentre
    | RevealContact
    | DeadlineReached
)
