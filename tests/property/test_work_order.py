"""Whatever dispatchers, units, mediators, reviewers and callers do to an order, in whatever order."""

from pathlib import Path

from hypothesis import strategies as st

from chassis.limits import load_limits
from contracts.codes import (
    Channel,
    IssueKind,
    MediationOutcome,
    ObligationRole,
    ReasonClass,
    Resolution,
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
from services.router.order_state import Status, WorkOrder
from tests.property.decider import ID, START, DeciderProperties, Walk

LIMITS = load_limits(Path(aggregates.__file__).parent / "limits.toml")
APPEALS = [f"01900000-0000-7000-8000-00000000000{n}" for n in (2, 3, 4)]
THINGS = [f"01900000-0000-7000-8000-0000000000a{n}" for n in (1, 2, 3)]
STREET, SECTOR = "S150102001", "E15010001"

single = Routing((Assignment(STREET, ObligationRole.LEAD),), Terms(4, 2), "locality", "v1")
dual = Routing((*single.units, Assignment(SECTOR, ObligationRole.DUAL)), Terms(24, 5), "dual", "v1")
routings = st.sampled_from([single, dual])


def opening(routing: Routing | None, urgency: Urgency) -> Open:
    reason = None if routing else "unknown_place"
    return Open(ID, IssueKind.COMPLAINT, "0101", None, urgency, Channel.HOTLINE, tuple(APPEALS[:2]), routing, reason)


UNITS = (STREET, SECTOR)
OPENS = [opening(routing, urgency) for routing in (None, single, dual) for urgency in Urgency]
DISPATCHES = [Dispatch(single, "D1"), Dispatch(dual, "D1")]
SIGNS = [Sign(unit, "U1") for unit in UNITS]
CONTACTS = [Contact(unit, visit, "U1") for unit in UNITS for visit in (False, True)]
SUBMITS = [Submit(unit, result, "U1") for unit in UNITS for result in ("result/1", "result/2")]
BLOWS = [BlowWhistle(thing, unit) for thing in THINGS for unit in UNITS]
REFERS = [Refer(thing, unit, "U1") for thing in THINGS for unit in UNITS]
REASONS = (None, None, ReviewReason.COPIED_RESULT, ReviewReason.NOT_CONTACTED)
REVIEWS = [Review(reason, unit, "R1") for reason in REASONS for unit in (None, STREET)]
JOINED = [AddAppeal(appeal) for appeal in APPEALS]
REMINDED = [Remind(appeal, thing) for appeal in APPEALS for thing in THINGS]
SETTLED = [SettleWhistle(thing) for thing in THINGS]
ANSWERS = [(None, ReasonClass.NOT_STATED), *((answer, reason) for answer in Resolution for reason in ReasonClass)]


def called_back(order: WorkOrder) -> list[Command]:
    return [RecordRevisit(appeal, max(order.round, 1), *answer) for appeal in APPEALS for answer in ANSWERS]


def mediated(order: WorkOrder) -> list[Command]:
    case = order.case_id or THINGS[0]
    returned = [ReturnFromMediation(case, outcome) for outcome in MediationOutcome]
    return [StopClock(case, START), StopClock(case, START), SettleByMediation(case), SettleByMediation(case), *returned]


def usual(order: WorkOrder) -> list[Command]:
    """What people mostly do with an order in this state."""
    match order.status:
        case Status.NONE:
            return [*OPENS]
        case Status.PENDING_DISPATCH:
            return [*DISPATCHES]
        case Status.PENDING_SIGN:
            return [*SIGNS]
        case Status.IN_PROGRESS:
            return [*CONTACTS, *SUBMITS, *SUBMITS, *SETTLED, REFERS[0], BLOWS[0]]
        case Status.IN_MEDIATION:
            return mediated(order)
        case Status.CLOSE_REVIEW:
            return [*REVIEWS]
        case Status.PENDING_REVISIT | Status.CLOSED:
            return called_back(order)


def anything(order: WorkOrder) -> list[Command]:
    asked: list[Command] = [*OPENS, *DISPATCHES, *SIGNS, *CONTACTS, *SUBMITS, *BLOWS, *REFERS, *REVIEWS]
    return [*asked, *JOINED, *REMINDED, *SETTLED, *called_back(order)[:6], *mediated(order)]


def draw_command(draw: st.DrawFn, order: WorkOrder) -> Command:
    choice = anything(order) if draw(st.integers(0, 4)) == 4 else usual(order)
    return choice[draw(st.integers(0, len(choice) - 1))]


class TestWorkOrder(DeciderProperties):
    aggregate = aggregates.orders(LIMITS)
    terminal = frozenset({Status.CLOSED})
    all_statuses = frozenset(Status)
    draw_command = staticmethod(draw_command)
    length = 30

    def test_the_promised_date_never_moves(self) -> None:
        def check(walk: Walk) -> None:
            promised = {before.promised_at for before, _, _ in walk.steps} | {walk.state.promised_at}
            assert len(promised - {None}) <= 1

        self._for_all(check)

    def test_an_open_whistle_keeps_the_order_with_its_units(self) -> None:
        def check(walk: Walk) -> None:
            for state in [*(before for before, _, _ in walk.steps), walk.state]:
                if state.open_whistles:
                    assert state.status in (Status.PENDING_SIGN, Status.IN_PROGRESS)

        self._for_all(check)

    def test_every_open_order_is_somebodys_and_has_an_end_in_sight(self) -> None:
        def check(walk: Walk) -> None:
            if walk.state.status not in (Status.NONE, Status.CLOSED):
                assert walk.state.due_at is not None

        self._for_all(check)
