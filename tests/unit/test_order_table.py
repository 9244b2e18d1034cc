"""WorkOrder in domain.md as one table: every status against every command, what happens or which rule forbids it."""

from collections.abc import Callable, Mapping

import pytest

from contracts.codes import MediationOutcome, ObligationRole, ReasonClass, Resolution, SupervisionLevel
from contracts.rejected import Rejected
from services.router.obligations import Assignment
from services.router.order_commands import (
    AddAppeal,
    BlowWhistle,
    Command,
    Contact,
    Dispatch,
    DispatchAtOnce,
    RecordRevisit,
    Refer,
    Remind,
    ReturnFromMediation,
    Review,
    ReviewReason,
    Routing,
    SettleByMediation,
    SettleWhistle,
    Sign,
    StopClock,
    Submit,
)
from services.router.order_model import PETITION_PROXY
from services.router.order_state import TERMINAL, Status
from services.router.request_commands import RenewSuspension, Resume, Rule
from services.router.turn_commands import (
    AddCoHandler,
    Cancel,
    CancelReason,
    HandOver,
    PassOn,
    RaiseUrgency,
    Reassign,
    Recall,
    RecallReason,
    SendToDesk,
    WithdrawAppeal,
)
from tests.unit.order_asides import (
    FIFTH,
    THIRD,
    in_return_review,
    no,
    request,
    supervise,
    suspended,
    wants_exclusion,
    wants_extension,
    wants_return,
    wants_ruling,
    wants_suspension,
    yes,
)
from tests.unit.order_life import (
    A1,
    A2,
    A3,
    CASE,
    MONDAY,
    STREET,
    STREET_LEADS,
    WHISTLE,
    Life,
    at,
    completed,
    opened,
    opening,
    revisit,
    signed,
    work,
)

LIVES: dict[Status, Callable[[], Life]] = {
    Status.NONE: Life,
    Status.PENDING_DISPATCH: lambda: opened(None),
    Status.PENDING_SIGN: opened,
    Status.RETURN_REVIEW: in_return_review,
    Status.IN_PROGRESS: signed,
    Status.EXTENSION_REVIEW: lambda: signed().do(wants_extension()),
    Status.SUSPENSION_REVIEW: lambda: signed().do(wants_suspension()),
    Status.SUSPENDED: suspended,
    Status.IN_MEDIATION: lambda: signed().do(Refer(CASE, STREET, "U1")),
    Status.CLOSE_REVIEW: lambda: work(signed()),
    Status.PENDING_REVISIT: completed,
    Status.CLOSED: lambda: revisit(completed(), A1, Resolution.YES),
    Status.CANCELLED: lambda: signed().do(Cancel(CancelReason.MERGED, merged_into=A2)),
}
"""One life that has come to each status; nobody has been contacted but where a result is in."""

NOTHING = ""
NOT_FOUND, WRONG, PENDING = "order.not_found", "order.wrong_status", "order.request_pending"
NOT_YOURS, NOT_SIGNED, SUBMITTED = "order.not_your_unit", "order.not_signed", "order.already_submitted"
SUSPENDED, NO_REQUEST = "order.suspended", "order.no_such_request"
S = Status
HELD = (S.EXTENSION_REVIEW, S.SUSPENSION_REVIEW)
OPEN = tuple(status for status in S if status is not S.NONE and status not in TERMINAL)
HANDLING = {
    S.NONE: NOT_FOUND,
    S.PENDING_DISPATCH: NOT_YOURS,
    S.PENDING_SIGN: NOT_SIGNED,
    S.RETURN_REVIEW: NOT_SIGNED,
    S.SUSPENDED: SUSPENDED,
    S.IN_MEDIATION: WRONG,
    S.CLOSE_REVIEW: SUBMITTED,
    S.PENDING_REVISIT: SUBMITTED,
    S.CLOSED: SUBMITTED,
    S.CANCELLED: WRONG,
}
"""What handling meets where it is not possible; in progress and while a request waits it goes on."""


def row(rest: str, *statuses: Mapping[Status, str]) -> dict[Status, str]:
    """A row: ``rest`` where nothing else is said."""
    found = dict.fromkeys(S, rest)
    for given in statuses:
        found |= given
    return found


def everywhere(value: str, *statuses: Status) -> dict[Status, str]:
    return dict.fromkeys(statuses, value)


def asking(event: str) -> dict[Status, str]:
    """What a unit asks about its duty after signing, one request at a time."""
    refused = {S.IN_MEDIATION: WRONG, S.PENDING_REVISIT: WRONG, S.CLOSED: WRONG, S.CANCELLED: WRONG}
    waiting = everywhere(PENDING, S.RETURN_REVIEW, *HELD)
    return row(event, HANDLING, refused, waiting, {S.IN_PROGRESS: event})


ABSENT = {S.NONE: NOT_FOUND}
ENDED = everywhere(WRONG, *TERMINAL)
NO_DUTY = {S.PENDING_DISPATCH: NOT_YOURS}
LATE = {S.CLOSE_REVIEW: SUBMITTED, S.PENDING_REVISIT: SUBMITTED}

LAST = {S.PENDING_REVISIT: "OrderAppealWithdrawn OrderClosed"}  # nobody is left to be called
OTHERS = Routing((Assignment(THIRD, ObligationRole.LEAD),), STREET_LEADS.terms, "dispatcher", "v1")

TABLE: dict[str, tuple[Command, dict[Status, str]]] = {
    "open": (opening(), row(NOTHING, {S.NONE: "OrderOpened"})),
    "dispatch": (
        Dispatch(STREET_LEADS, "D1"),
        row(NOTHING, ABSENT, {S.PENDING_DISPATCH: "OrderDispatched"}),
    ),
    "dispatch to others": (Dispatch(OTHERS, "D1"), row(WRONG, ABSENT, {S.PENDING_DISPATCH: "OrderDispatched"})),
    "sign": (
        Sign(STREET, "U1"),
        row(NOTHING, ABSENT, NO_DUTY, {S.PENDING_SIGN: "OrderSigned", S.RETURN_REVIEW: PENDING}),
    ),
    "contact": (
        Contact(STREET, False, "U1"),
        row("OrderContacted", HANDLING, everywhere(NOTHING, *LATE, S.CLOSED)),
    ),
    "visit": (Contact(STREET, True, "U1"), row("OrderContacted", HANDLING)),
    "submit": (Submit(STREET, "result/9", "U1"), row("order.not_contacted", HANDLING)),
    "blow whistle": (BlowWhistle(WHISTLE, STREET), row("OrderWhistleBlown", HANDLING)),
    "refer": (
        Refer(A3, STREET, "U1"),
        row("OrderReferred", HANDLING, everywhere(PENDING, *HELD)),
    ),
    "refer to a petition proxy": (
        Refer(A3, STREET, "U1", PETITION_PROXY),
        row("OrderReferred", HANDLING, everywhere(PENDING, *HELD)),
    ),
    "request return": (
        wants_return(number=8),
        row("order.already_signed", ABSENT, NO_DUTY, ENDED, everywhere(WRONG, S.IN_MEDIATION, S.PENDING_REVISIT))
        | {S.PENDING_SIGN: "OrderReturnRequested", S.RETURN_REVIEW: NOTHING}
        | everywhere(PENDING, *HELD),
    ),
    "request ruling": (wants_ruling(number=8), asking("OrderRulingRequested")),
    "request extension": (
        wants_extension(number=8),
        asking("OrderExtensionRequested") | {S.EXTENSION_REVIEW: NOTHING},
    ),
    "request suspension": (
        wants_suspension(number=8),
        asking("OrderSuspensionRequested") | {S.SUSPENSION_REVIEW: NOTHING},
    ),
    "request exclusion": (
        wants_exclusion(number=8, code=None),
        row("OrderExclusionRequested", ABSENT, NO_DUTY)
        | everywhere(NOT_SIGNED, S.PENDING_SIGN, S.RETURN_REVIEW)
        | {S.CANCELLED: WRONG},
    ),
    "approve": (
        yes("supervisor"),
        row(NO_REQUEST, ABSENT)
        | {S.RETURN_REVIEW: "OrderReturnApproved", S.EXTENSION_REVIEW: "OrderExtensionApproved"}
        | {S.SUSPENSION_REVIEW: "OrderSuspended", S.SUSPENDED: NOTHING},
    ),
    "reject": (
        no("supervisor"),
        row(NO_REQUEST, ABSENT)
        | {S.RETURN_REVIEW: "OrderReturnRejected", S.EXTENSION_REVIEW: "OrderExtensionRejected"}
        | {S.SUSPENSION_REVIEW: "OrderSuspensionRejected", S.SUSPENDED: "order.already_decided"},
    ),
    "rule": (
        Rule(request(1), THIRD, "V1"),
        row(NO_REQUEST, ABSENT, everywhere("order.no_ruling_asked", *HELD))
        | {S.RETURN_REVIEW: "OrderRuled", S.SUSPENDED: "order.already_decided"},
    ),
    "renew suspension": (
        RenewSuspension(STREET, at("24T09:00"), "V1"),
        row("order.not_suspended", ABSENT, {S.SUSPENDED: "OrderSuspensionRenewed"}),
    ),
    "resume": (Resume(STREET, "U1"), row(NOTHING, ABSENT, NO_DUTY, {S.SUSPENDED: "OrderResumed"})),
    "recall": (
        Recall(RecallReason.WRONG_UNIT, "D1"),
        row(WRONG, ABSENT, {S.PENDING_SIGN: "OrderRecalled"}),
    ),
    "reassign": (
        Reassign(STREET, THIRD, "D1"),
        row("OrderReassigned", ABSENT, NO_DUTY, ENDED, LATE)
        | everywhere(NOT_SIGNED, S.PENDING_SIGN, S.RETURN_REVIEW)
        | everywhere(PENDING, *HELD)
        | {S.SUSPENDED: SUSPENDED, S.IN_MEDIATION: WRONG},
    ),
    "add co-handler": (
        AddCoHandler(FIFTH, "D1"),
        row(WRONG, ABSENT, {S.IN_PROGRESS: "OrderCoHandlerAdded"}),
    ),
    "hand over": (
        HandOver(STREET, THIRD, "D1"),
        row("OrderHandedOver", ABSENT, everywhere(NOTHING, S.PENDING_DISPATCH, *TERMINAL)),
    ),
    "hand over to nobody": (
        HandOver(STREET, None, "D1"),
        row("OrderHandedOver", ABSENT, everywhere(NOTHING, S.PENDING_DISPATCH, *TERMINAL, *LATE))
        | {S.IN_MEDIATION: WRONG},
    ),
    "send to a county's desk": (
        SendToDesk("G150102", "D1"),
        row(WRONG, ABSENT, {S.PENDING_DISPATCH: "OrderDeskChanged"}),
    ),
    "dispatch from another desk": (
        Dispatch(STREET_LEADS, "D2", "G150103"),
        row("order.not_your_desk", ABSENT),
    ),
    "recall from another desk": (Recall(RecallReason.WRONG_UNIT, "D2", "G150103"), row("order.not_your_desk", ABSENT)),
    "reassign from another county": (
        Reassign(STREET, THIRD, "D2", "G150103"),
        row("order.not_your_desk", ABSENT),
    ),
    "supervise": (supervise(), row("OrderSupervised", ABSENT, ENDED)),
    "remind": (Remind(A1, A2), row(NOTHING, everywhere("OrderReminded", *OPEN))),
    "cancel": (Cancel(CancelReason.WITHDRAWN, A1), row(NOTHING, everywhere("OrderCancelled", *OPEN))),
    "pass on": (PassOn(A3, True), row(NOTHING, everywhere("OrderReopened", *TERMINAL))),
    "raise urgency": (
        RaiseUrgency("A1"),
        row(NOTHING, everywhere("OrderUrgencyRaised", *OPEN))
        | {S.RETURN_REVIEW: "OrderReturnRejected OrderUrgencyRaised"}
        | {S.EXTENSION_REVIEW: "OrderExtensionRejected OrderUrgencyRaised"}
        | {S.SUSPENSION_REVIEW: "OrderSuspensionRejected OrderUrgencyRaised"}
        | {S.SUSPENDED: "OrderResumed OrderUrgencyRaised"},
    ),
    "dispatch at once": (DispatchAtOnce(STREET_LEADS), row(NOTHING)),
    "withdraw appeal": (WithdrawAppeal(A1), row(NOTHING, everywhere("OrderAppealWithdrawn", *OPEN), LAST)),
    "add appeal": (
        AddAppeal(A2),
        row(NOTHING, everywhere("OrderAppealAdded", *OPEN), {S.CLOSED: "OrderLateCallerJoined"}),
    ),
    "review passed": (
        Review(None, None, "R1"),
        row(WRONG, ABSENT, {S.CLOSE_REVIEW: "OrderCompleted", S.PENDING_REVISIT: NOTHING, S.CLOSED: NOTHING}),
    ),
    "review failed": (
        Review(ReviewReason.COPIED_RESULT, None, "R1"),
        row(WRONG, ABSENT, {S.CLOSE_REVIEW: "OrderReturnedForRework"}),
    ),
    "case accepted": (StopClock(CASE, MONDAY), row(NOTHING, {S.IN_MEDIATION: "OrderClockStopped"})),
    "case agreed": (SettleByMediation(CASE), row(NOTHING, {S.IN_MEDIATION: "OrderResultSubmitted"})),
    "case failed": (
        ReturnFromMediation(CASE, MediationOutcome.FAILED),
        row(NOTHING, {S.IN_MEDIATION: "OrderReturnedFromMediation"}),
    ),
    "whistle closed": (SettleWhistle(WHISTLE), row(NOTHING)),
    "solved": (
        RecordRevisit(A1, 1, Resolution.YES),
        row(NOTHING, {S.PENDING_REVISIT: "OrderRevisitNoted OrderClosed"}),
    ),
    "partly solved": (
        RecordRevisit(A1, 1, Resolution.PARTLY, ReasonClass.UNIT_WORK),
        row(NOTHING, {S.PENDING_REVISIT: "OrderRevisitNoted OrderReworked"}),
    ),
    "unreached": (
        RecordRevisit(A1, 1, None),
        row(NOTHING, {S.PENDING_REVISIT: "OrderRevisitNoted OrderClosed"}),
    ),
}
CELLS = [
    pytest.param(status, command, expected[status], id=f"{status}-{name}")
    for name, (command, expected) in TABLE.items()
    for status in S
]


def outcome(life: Life, command: Command) -> str:
    """The events of a command, or the code of its refusal."""
    try:
        return " ".join(life.do(command).happened)
    except Rejected as rejected:
        return rejected.code


@pytest.mark.parametrize("status", Status)
def test_every_status_has_a_life(status: Status) -> None:
    assert LIVES[status]().status == status


@pytest.mark.parametrize(("status", "command", "expected"), CELLS)
def test_what_a_command_does_in_a_status(status: Status, command: Command, expected: str) -> None:
    found = outcome(LIVES[status](), command)
    assert found == expected or (expected == "OrderOpened" and found == "OrderOpened OrderDispatched")


@pytest.mark.parametrize("level", SupervisionLevel)
def test_supervision_by_hand_has_two_levels(level: SupervisionLevel) -> None:
    by_hand = outcome(signed(), supervise(level=level))
    assert by_hand == ("order.supervision_level" if level is SupervisionLevel.ESCALATED else "OrderSupervised")
