"""Whatever dispatchers, units, mediators, reviewers and callers do to an order, in whatever order."""

from datetime import timedelta
from pathlib import Path

from hypothesis import strategies as st

from chassis.limits import load_limits
from contracts import router, router_requests, router_turns
from contracts.codes import (
    Channel,
    IssueKind,
    MediationOutcome,
    ObligationRole,
    ReasonClass,
    Resolution,
    SupervisionLevel,
    Urgency,
)
from services.router import aggregates
from services.router.obligations import Assignment, Terms
from services.router.order_commands import (
    AddAppeal,
    BlowWhistle,
    Command,
    Contact,
    Dispatch,
    DispatchAtOnce,
    Nature,
    Open,
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
from services.router.order_state import TERMINAL, Status, WorkOrder, deadlines
from services.router.request_commands import (
    ExclusionReason,
    ExtensionReason,
    RenewSuspension,
    RequestExclusion,
    RequestExtension,
    RequestReturn,
    RequestRuling,
    RequestSuspension,
    Resume,
    Rule,
    Settle,
    SuspensionReason,
    WrongUnit,
)
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
    Supervise,
    SupervisionForm,
    WithdrawAppeal,
)
from tests.property.decider import ID, START, DeciderProperties, Walk

LIMITS = load_limits(Path(aggregates.__file__).parent / "limits.toml")
APPEALS = [f"01900000-0000-7000-8000-00000000000{n}" for n in (2, 3, 4)]
THINGS = [f"01900000-0000-7000-8000-0000000000a{n}" for n in (1, 2, 3)]
STREET, SECTOR, OTHER, THIRD = "S150102001", "E15010001", "S150102002", "D15010004"

single = Routing((Assignment(STREET, ObligationRole.LEAD),), Terms(4, 2), "locality", "v1")
dual = Routing((*single.units, Assignment(SECTOR, ObligationRole.DUAL)), Terms(24, 5), "dual", "v1")
routings = st.sampled_from([single, dual])


def opening(routing: Routing | None, urgency: Urgency) -> Open:
    reason = None if routing else "unknown_place"
    return Open(ID, IssueKind.COMPLAINT, "0101", None, urgency, Channel.HOTLINE, tuple(APPEALS[:2]), routing, reason)


elsewhere = Routing((Assignment(OTHER, ObligationRole.LEAD),), Terms(4, 2), "dispatcher", "v1")
with_street = Routing((*single.units, Assignment(OTHER, ObligationRole.DUAL)), Terms(4, 2), "dispatcher", "v1")
with_sector = Routing((*elsewhere.units, Assignment(SECTOR, ObligationRole.DUAL)), Terms(4, 2), "dispatcher", "v1")
UNITS = (STREET, SECTOR)
ALL_UNITS = (STREET, SECTOR, OTHER, THIRD)
OPENS = [opening(routing, urgency) for routing in (None, single, dual) for urgency in Urgency]
DISPATCHES = [Dispatch(routing, "D1") for routing in (single, dual, elsewhere, with_street, with_sector)]
SIGNS = [Sign(unit, "U1") for unit in ALL_UNITS]
CONTACTS = [Contact(unit, visit, "U1") for unit in ALL_UNITS for visit in (False, True)]
CONTACTS += [Contact(STREET, True, "U1", nature) for nature in Nature]
SUBMITS = [Submit(unit, result, "U1") for unit in ALL_UNITS for result in ("result/1", "result/2")]
SUBMITS += [Submit(STREET, "result/3", "U1", "abc", ("copied_result",))]
BLOWS = [BlowWhistle(thing, unit) for thing in THINGS for unit in UNITS]
REFERS = [Refer(thing, unit, "U1", to) for thing in THINGS for unit in UNITS for to in (None, "petition_proxy")]
REASONS = (None, None, ReviewReason.COPIED_RESULT, ReviewReason.NOT_CONTACTED)
REVIEWS = [Review(reason, unit, "R1") for reason in REASONS for unit in (None, STREET)]
JOINED = [AddAppeal(appeal) for appeal in APPEALS]
REMINDED = [Remind(appeal, thing) for appeal in APPEALS for thing in THINGS]
SETTLED = [SettleWhistle(thing) for thing in THINGS]
WITHDRAWN = [WithdrawAppeal(appeal) for appeal in APPEALS]
DANGER: list[Command] = [RaiseUrgency("A1"), DispatchAtOnce(single), DispatchAtOnce(None)]
CANCELS = [Cancel(reason, APPEALS[0]) for reason in CancelReason]
NEXT = [PassOn(thing, rework) for thing in THINGS for rework in (True, False)]
RECALLS = [Recall(RecallReason.WRONG_UNIT, "D1"), Recall(RecallReason.OTHER, "D2", "G150102")]
DESKS: list[Command] = [
    SendToDesk("G150102", "D1"),
    SendToDesk(None, "D2", "G150102"),
    Dispatch(single, "D2", "G150102"),
]
MOVES: list[Command] = [Reassign(unit, to, "D1") for unit in ALL_UNITS for to in (OTHER, THIRD)]
MOVES += [HandOver(unit, to, "D1") for unit in ALL_UNITS for to in (None, THIRD, SECTOR) if unit != to]
MOVES += [AddCoHandler(THIRD, "D1")]
SUPERVISED = [
    Supervise(thing, SupervisionForm.INTERVIEW, level, "V1")
    for thing in THINGS
    for level in (SupervisionLevel.YELLOW, SupervisionLevel.RED)
]
ANSWERS = [(None, ReasonClass.NOT_STATED), *((answer, reason) for answer in Resolution for reason in ReasonClass)]


def called_back(order: WorkOrder) -> list[Command]:
    """Of this round; once it is closed, of those who joined too late for it."""
    round_ = order.round + 1 if order.status is Status.CLOSED else max(order.round, 1)
    return [RecordRevisit(appeal, round_, *answer) for appeal in APPEALS for answer in ANSWERS]


def mediated(order: WorkOrder) -> list[Command]:
    case = order.case_id or THINGS[0]
    returned = [ReturnFromMediation(case, outcome) for outcome in MediationOutcome]
    return [StopClock(case, START), StopClock(case, START), SettleByMediation(case), SettleByMediation(case), *returned]


def next_id(order: WorkOrder) -> str:
    """An id that no request of the order has yet."""
    return f"01900000-0000-7000-8000-{len(order.side.decided) + len(order.requests):012d}"


def requests(order: WorkOrder) -> list[Command]:
    """What the units may ask for; the re-check lies some days after the latest clock."""
    id_ = next_id(order)
    recheck = max((duty.due for duty in order.duties), default=START) + timedelta(days=3)
    asked: list[Command] = []
    for unit in order.units:
        asked += [
            RequestReturn(id_, unit, WrongUnit.NOT_OUR_DUTY, THIRD, "U1"),
            RequestRuling(id_, unit, WrongUnit.NOT_OUR_AREA, THIRD, "U1"),
            RequestExtension(id_, unit, ExtensionReason.WORKS, 2, "U1"),
            RequestSuspension(id_, unit, SuspensionReason.SEASON, recheck, "U1"),
            RequestExclusion(id_, unit, ExclusionReason.EXCLUSION_ITEM, "X0101", "U1"),
            RequestExclusion(id_, unit, ExclusionReason.SCORE_APPEAL, None, "U1"),
        ]
    return asked


def decisions(order: WorkOrder) -> list[Command]:
    """What is decided of that."""
    decided: list[Command] = []
    for request in order.requests:
        for role in ("dispatcher", "reviewer", "supervisor"):
            decided += [Settle(request.id, approve, frozenset({role}), None, "V1") for approve in (True, False)]
        decided += [Rule(request.id, to, "V1") for to in (request.unit, OTHER, THIRD)]
    for unit, suspension in order.side.suspended.items():
        decided += [RenewSuspension(unit, suspension.recheck_due + timedelta(days=2), "V1"), Resume(unit, "U1")]
    return decided


def usual(order: WorkOrder) -> list[Command]:
    """What people mostly do with an order in this state."""
    match order.status:
        case Status.NONE:
            return [*OPENS]
        case Status.PENDING_DISPATCH:
            return [*DISPATCHES, *DESKS]
        case Status.PENDING_SIGN:
            return [*SIGNS, *requests(order), *RECALLS]
        case Status.RETURN_REVIEW | Status.EXTENSION_REVIEW | Status.SUSPENSION_REVIEW | Status.SUSPENDED:
            return decisions(order)
        case Status.IN_PROGRESS:
            handling: list[Command] = [
                *CONTACTS,
                *SUBMITS,
                *SUBMITS,
                *SUBMITS,
                *SETTLED,
                REFERS[0],
                REFERS[0],
                BLOWS[0],
            ]
            return [*handling, *requests(order), *decisions(order), *MOVES[:4]]
        case Status.IN_MEDIATION:
            return mediated(order)
        case Status.CLOSE_REVIEW:
            return [*REVIEWS]
        case Status.PENDING_REVISIT | Status.CLOSED | Status.CANCELLED:
            return [*called_back(order), *requests(order), *decisions(order), *NEXT, *JOINED, *WITHDRAWN]


def anything(order: WorkOrder) -> list[Command]:
    asked: list[Command] = [*OPENS, *DISPATCHES, *SIGNS, *CONTACTS, *SUBMITS, *BLOWS, *REFERS, *REVIEWS]
    asked += [*requests(order), *decisions(order), *RECALLS, *DESKS, *MOVES, *SUPERVISED, *CANCELS, *NEXT, *WITHDRAWN]
    asked += DANGER
    return [*asked, *JOINED, *REMINDED, *SETTLED, *called_back(order)[:6], *mediated(order)]


def draw_command(draw: st.DrawFn, order: WorkOrder) -> Command:
    choice = (usual(order) if draw(st.integers(0, 4)) < 4 else []) or anything(order)
    return choice[draw(st.integers(0, len(choice) - 1))]


class TestWorkOrder(DeciderProperties):
    aggregate = aggregates.orders(LIMITS)
    terminal = TERMINAL
    harmless = (
        router_turns.OrderReopened,
        router_turns.OrderLateCallerJoined,
        router_turns.OrderAppealWithdrawn,  # of one who joined then
        router.OrderRevisitNoted,
        router_requests.OrderExclusionRequested,
        router_requests.OrderExclusionRejected,
        router_requests.OrderExcluded,
        router.OrderStepOverdue,  # of an exclusion's review, see the timers below
    )
    all_statuses = frozenset(Status)
    draw_command = staticmethod(draw_command)
    length = 30

    def test_deadlines_belong_to_states_that_are_not_terminal(self) -> None:
        """But for exclusions that a closed order's units still wait for."""

        def check(walk: Walk) -> None:
            if walk.state.status in TERMINAL:
                undecided = {
                    f"exclusion_review:{asked.unit}": asked.review_due
                    for asked in walk.state.requests
                    if not asked.overdue and walk.state.status is Status.CLOSED
                }
                assert self.aggregate.deadlines(walk.state) == undecided

        self._for_all(check)

    def test_the_promised_date_never_moves(self) -> None:
        def check(walk: Walk) -> None:
            promised = {before.promised_at for before, _, _ in walk.steps} | {walk.state.promised_at}
            assert len(promised - {None}) <= 1

        self._for_all(check)

    def test_an_open_whistle_keeps_the_order_with_its_units(self) -> None:
        def check(walk: Walk) -> None:
            for state in states(walk):
                if state.open_whistles:
                    assert state.status in WITH_UNITS

        self._for_all(check)

    def test_every_open_order_is_somebodys_and_has_an_end_in_sight(self) -> None:
        def check(walk: Walk) -> None:
            for state in states(walk):
                if state.status not in (Status.NONE, *TERMINAL):
                    assert state.due_at is not None

        self._for_all(check, examples=200)

    def test_no_order_is_stuck(self) -> None:
        """Every state that is not the end has a timer, or one that rang and left it with a dispatcher or supervisor."""

        def check(walk: Walk) -> None:
            for state in states(walk):
                if state.status in (Status.NONE, *TERMINAL) or deadlines(state):
                    continue
                rang = [request.overdue for request in state.requests]
                rang += [state.watch is not None and state.watch.overdue, *(duty.red for duty in state.duties)]
                assert any(rang), f"nobody is reminded of {state}"

        self._for_all(check, examples=200)

    def test_an_order_is_closed_by_call_back_or_as_the_rules_say(self) -> None:
        def check(walk: Walk) -> None:
            for before, _, events in walk.steps:
                if not any(isinstance(event, router.OrderClosed) for event in events):
                    continue
                was_called = before.status is Status.PENDING_REVISIT
                is_excluded = any(isinstance(event, router_requests.OrderExcluded) for event in events)
                has_nobody_to_call = before.status is Status.CLOSE_REVIEW and before.to_call == ()
                assert was_called or is_excluded or has_nobody_to_call

        self._for_all(check, examples=200)

    def test_an_emergency_is_never_held_by_a_list_a_review_or_a_queue(self) -> None:
        held = {Status.RETURN_REVIEW, Status.EXTENSION_REVIEW, Status.SUSPENSION_REVIEW, Status.SUSPENDED}

        def check(walk: Walk) -> None:
            for before, command, events in walk.steps:
                if before.urgency is not Urgency.EMERGENCY:
                    continue
                assert before.status not in held
                assert not any(isinstance(event, router_requests.OrderSuspended) for event in events)
                closing = any(isinstance(event, router.OrderClosed) for event in events)
                assert not (closing and any(isinstance(event, router_requests.OrderExcluded) for event in events))
                if before.units and not isinstance(command, HandOver):
                    after = [type(event) for event in events]
                    assert router_turns.OrderRecalled not in after
                    assert router_requests.OrderReturnApproved not in after

        self._for_all(check, examples=200)

    def test_a_unit_never_has_two_requests_about_its_duty(self) -> None:
        def check(walk: Walk) -> None:
            for state in states(walk):
                waiting = [request.unit for request in state.requests if request.kind != "exclusion"]
                assert len(waiting) == len(set(waiting))
                assert set(waiting) <= set(state.units)

        self._for_all(check)


WITH_UNITS = (
    Status.PENDING_DISPATCH,
    Status.PENDING_SIGN,
    Status.RETURN_REVIEW,
    Status.IN_PROGRESS,
    Status.EXTENSION_REVIEW,
    Status.SUSPENSION_REVIEW,
    Status.SUSPENDED,
)
"""Where an order with an open whistle can be; with a dispatcher, because another of its units returned it."""


def states(walk: Walk) -> list[WorkOrder]:
    """Every state of a life."""
    return [*(before for before, _, _ in walk.steps), walk.state]
