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
from tests.property.decider import ID, START, DeciderProperties

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


units = st.sampled_from([STREET, SECTOR])
appeals = st.sampled_from(APPEALS)
things = st.sampled_from(THINGS)
opens = st.builds(opening, st.one_of(st.none(), routings), st.sampled_from(Urgency))
dispatches = st.builds(Dispatch, routings, st.just("D1"))
signs = st.builds(Sign, units, st.just("U1"))
contacts = st.builds(Contact, units, st.booleans(), st.just("U1"))
submits = st.builds(Submit, units, st.sampled_from(["result/1", "result/2"]), st.just("U1"))
blows = st.builds(BlowWhistle, things, units)
refers = st.builds(Refer, things, units, st.just("U1"))
reviews = st.builds(
    Review,
    st.sampled_from([None, None, ReviewReason.COPIED_RESULT, ReviewReason.NOT_CONTACTED]),
    st.sampled_from([None, STREET]),
    st.just("R1"),
)


def heard(order: WorkOrder) -> st.SearchStrategy[Command]:
    case = order.case_id or THINGS[0]
    answers = st.sampled_from([None, *Resolution, Resolution.NO])
    revisits = st.builds(RecordRevisit, appeals, st.just(max(order.round, 1)), answers, st.sampled_from(ReasonClass))
    return st.one_of(
        st.sampled_from([StopClock(case, START), SettleByMediation(case)]),
        st.builds(ReturnFromMediation, st.just(case), st.sampled_from(MediationOutcome)),
        st.builds(SettleWhistle, things),
        st.builds(AddAppeal, appeals),
        st.builds(Remind, appeals, things),
        revisits,
        revisits,
        revisits,
    )


SENSIBLE: dict[Status, st.SearchStrategy[Command]] = {
    Status.NONE: opens,
    Status.PENDING_DISPATCH: dispatches,
    Status.PENDING_SIGN: signs,
    Status.IN_PROGRESS: st.one_of(contacts, submits, submits, refers, blows),
    Status.CLOSE_REVIEW: reviews,
}


def draw_command(draw: st.DrawFn, order: WorkOrder) -> Command:
    usual = SENSIBLE.get(order.status, heard(order))
    anything: st.SearchStrategy[Command] = st.one_of(
        opens, dispatches, signs, contacts, submits, blows, refers, reviews, heard(order)
    )
    return draw(anything if draw(st.integers(0, 4)) == 4 else usual)


class TestWorkOrder(DeciderProperties):
    aggregate = aggregates.orders(LIMITS)
    terminal = frozenset({Status.CLOSED})
    all_statuses = frozenset(Status)
    draw_command = staticmethod(draw_command)
    length = 30
