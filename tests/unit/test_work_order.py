"""WorkOrder in domain.md: dispatch, units, whistles, mediation, supervision. A test's name is its rule."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from contracts import router as happened
from contracts.codes import (
    MediationOutcome,
    ObligationRole,
    SupervisionLevel,
    Urgency,
)
from contracts.router_turns import OrderCancelled
from services.router.obligations import Assignment, Terms
from services.router.order_commands import (
    BlowWhistle,
    Command,
    Contact,
    DeadlineReached,
    Dispatch,
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
from services.router.order_state import Status
from services.router.turn_commands import Cancel, CancelReason, Reassign
from tests.unit.order_life import (
    A1,
    A2,
    BOTH,
    CASE,
    MONDAY,
    ORDERS,
    SECTOR,
    STREET,
    STREET_LEADS,
    WHISTLE,
    Life,
    at,
    opened,
    opening,
    signed,
    work,
)

OTHER = "S150102002"
to_petition = Refer(CASE, STREET, "U1", PETITION_PROXY)


def test_open_known_place_is_dispatched_at_once() -> None:
    life = opened()
    assert life.happened == ["OrderOpened", "OrderDispatched"]
    assert life.status == Status.PENDING_SIGN
    assert life.order.promised_at == life.duty().due == at("04T09:00")
    assert life.duty().contact_due == at("02T13:00")
    assert life.duty().yellow_at == at("03T15:42")  # 80% of 14 hours in the office
    assert (life.order.reference_version, life.order.terms) == ("v1", STREET_LEADS.terms)


def test_open_unknown_place_waits_for_the_dispatcher() -> None:
    life = opened(None)
    assert life.happened == ["OrderOpened"]
    assert (life.status, life.order.queue_reason) == (Status.PENDING_DISPATCH, "unknown_place")
    life.due("dispatch")
    assert life.last == [happened.OrderStepOverdue(step="dispatch", due_at=at("02T11:00"))]
    assert ORDERS.deadlines(life.order) == {}
    life.do(Dispatch(BOTH, "D1"))
    assert life.status == Status.PENDING_SIGN
    assert life.duty(SECTOR).role is ObligationRole.DUAL


def test_dispatch_again_to_the_same_units_is_already_true_to_others_is_refused() -> None:
    life = opened(None).do(Dispatch(BOTH, "D1"))
    assert life.do(Dispatch(BOTH, "D2")).last == []
    life.refuses(Dispatch(STREET_LEADS, "D1"), "order.wrong_status")


@pytest.mark.parametrize(
    ("units", "code"),
    [
        pytest.param([(STREET, "lead"), (SECTOR, "lead")], "order.one_lead", id="two leads"),
        pytest.param([(SECTOR, "dual")], "order.one_lead", id="no lead"),
        pytest.param([(STREET, "lead"), (STREET, "dual")], "order.unit_twice", id="one unit twice"),
        pytest.param([("M150102001001", "lead")], "order.not_a_handling_unit", id="社区不承接"),
        pytest.param([("F150102", "lead")], "order.not_a_handling_unit", id="a court handles no order"),
    ],
)
def test_dispatch_refuses(units: list[tuple[str, str]], code: str) -> None:
    routing = Routing(
        tuple(Assignment(unit, ObligationRole(role)) for unit, role in units), Terms(4, 2), "dispatcher", "v1"
    )
    opened(None).refuses(Dispatch(routing, "D1"), code, 422)


def test_sign_limit_is_shorter_for_urgent_orders() -> None:
    assert opened().duty().sign_due == at("02T11:00")
    assert Life().do(opening(urgency=Urgency.URGENT)).duty().sign_due == at("02T09:30")


def test_sign_by_the_unit_or_by_itself_when_the_limit_has_run_out() -> None:
    by_hand = opened().do(Sign(STREET, "U1"))
    assert by_hand.last == [happened.OrderSigned(unit=STREET, automatic=False, by="U1")]
    assert by_hand.status == Status.IN_PROGRESS
    assert by_hand.do(Sign(STREET, "U2")).last == []
    by_itself = opened().due(f"sign:{STREET}")
    assert by_itself.last == [happened.OrderSigned(unit=STREET, automatic=True, by=None)]


def test_the_order_shows_the_least_advanced_duty() -> None:
    life = opened(BOTH).do(Sign(STREET, "U1"))
    assert life.status == Status.PENDING_SIGN
    work(life)
    assert life.status == Status.PENDING_SIGN
    life.do(Sign(SECTOR, "U2"))
    assert life.status == Status.IN_PROGRESS
    work(life, SECTOR, "result/2")
    assert life.status == Status.CLOSE_REVIEW


def test_contact_in_time_late_and_visit_after_a_call() -> None:
    life = signed().do(Contact(STREET, False, "U1"), now=at("02T13:00"))
    assert life.last == [happened.OrderContacted(unit=STREET, visit=False, in_time=True, by="U1")]
    assert life.do(Contact(STREET, False, "U1")).last == []
    life.do(Contact(STREET, True, "U1"), now=at("02T13:01"))
    assert life.last == [happened.OrderContacted(unit=STREET, visit=True, in_time=False, by="U1")]


@pytest.mark.parametrize(
    "command",
    [
        Sign(SECTOR, "U1"),
        Contact(SECTOR, False, "U1"),
        BlowWhistle(WHISTLE, SECTOR),
        Refer(CASE, SECTOR, "U1"),
        Submit(SECTOR, "result/1", "U1"),
    ],
    ids=lambda command: type(command).__name__,
)
def test_unit_scope_another_units_order(command: Command) -> None:
    signed().refuses(command, "order.not_your_unit", 403)


@pytest.mark.parametrize(
    "command",
    [
        Contact(STREET, False, "U1"),
        BlowWhistle(WHISTLE, STREET),
        Refer(CASE, STREET, "U1"),
        Submit(STREET, "r/1", "U1"),
    ],
    ids=lambda command: type(command).__name__,
)
def test_nothing_is_handled_before_it_is_signed(command: Command) -> None:
    opened().refuses(command, "order.not_signed")


def test_submit_needs_contact_with_the_caller() -> None:
    signed().refuses(Submit(STREET, "result/1", "U1"), "order.not_contacted")


def test_submit_sends_the_order_to_close_review() -> None:
    life = work(signed())
    assert life.last == [
        happened.OrderResultSubmitted(
            unit=STREET,
            result_id="result/1",
            source="unit",
            in_time=True,
            submitted_at=MONDAY,
            review_due=at("03T09:00"),
        )
    ]
    assert life.status == Status.CLOSE_REVIEW
    assert life.do(Submit(STREET, "result/1", "U1")).last == []
    life.refuses(Submit(STREET, "result/2", "U1"), "order.already_submitted")
    assert life.due("close_review").happened == ["OrderStepOverdue"]


def test_submit_late_is_recorded_as_late() -> None:
    life = work(signed().do(Remind(A1, A2), now=at("05T09:00")))
    assert [event.in_time for event in life.last if isinstance(event, happened.OrderResultSubmitted)] == [False]


def test_an_open_whistle_blocks_submission_and_referral() -> None:
    life = signed().do(Contact(STREET, False, "U1"), BlowWhistle(WHISTLE, STREET))
    assert life.last == [happened.OrderWhistleBlown(whistle_id=WHISTLE, unit=STREET)]
    life.refuses(Submit(STREET, "result/1", "U1"), "order.whistle_open")
    life.refuses(Refer(CASE, STREET, "U1"), "order.whistle_open")
    assert life.do(SettleWhistle(WHISTLE)).happened == ["OrderWhistleSettled"]
    assert life.do(SettleWhistle(WHISTLE)).last == []
    assert life.do(BlowWhistle(WHISTLE, STREET)).last == []
    assert life.do(Submit(STREET, "result/1", "U1")).status == Status.CLOSE_REVIEW


def test_only_a_street_blows_the_whistle() -> None:
    signed(BOTH).refuses(BlowWhistle(WHISTLE, SECTOR), "order.whistle_street_only", 403)


def test_mediation_the_clock_runs_until_the_case_is_accepted() -> None:
    life = signed().do(Refer(CASE, STREET, "U1"))
    assert life.status == Status.IN_MEDIATION
    assert {"mediation", f"contact:{STREET}", f"yellow:{STREET}"} == set(ORDERS.deadlines(life.order))
    life.do(StopClock(CASE, at("03T09:00")), now=at("03T09:00"))
    assert life.last == [happened.OrderClockStopped(case_id=CASE, stopped_at=at("03T09:00"))]
    assert set(ORDERS.deadlines(life.order)) == {"mediation"}
    assert life.do(StopClock(CASE, at("03T10:00"))).last == []


def test_mediation_failed_same_lead_remaining_time() -> None:
    life = signed().do(Refer(CASE, STREET, "U1")).do(StopClock(CASE, at("03T09:00")))
    life.do(ReturnFromMediation(CASE, MediationOutcome.FAILED), now=at("23T09:00"))
    assert life.happened == ["OrderReturnedFromMediation"]
    assert (life.status, life.duty().due) == (Status.IN_PROGRESS, at("24T09:00"))
    assert life.duty().signed
    assert life.order.promised_at == at("04T09:00")
    assert set(ORDERS.deadlines(life.order)) == {f"contact:{STREET}", f"yellow:{STREET}"}
    assert life.do(ReturnFromMediation(CASE, MediationOutcome.FAILED)).last == []
    assert life.do(Refer(CASE, STREET, "U1")).last == []


def test_mediation_refused_before_acceptance_costs_the_time() -> None:
    life = signed().do(Refer(CASE, STREET, "U1"))
    life.do(ReturnFromMediation(CASE, MediationOutcome.REFUSED), now=at("03T09:00"))
    assert life.duty().due == at("04T09:00")


def test_mediation_agreed_is_the_result_of_every_open_duty() -> None:
    life = work(signed(BOTH), SECTOR).do(Refer(CASE, STREET, "U1"), StopClock(CASE, at("03T09:00")))
    life.do(SettleByMediation(CASE), now=at("30T09:00"))
    assert [
        (e.unit, e.result_id, e.source, e.in_time) for e in life.last if isinstance(e, happened.OrderResultSubmitted)
    ] == [(STREET, CASE, "mediation", True)]
    assert life.status == Status.CLOSE_REVIEW
    assert life.do(SettleByMediation(CASE)).last == []


def test_petition_the_clock_runs_until_the_authority_accepts_it() -> None:
    life = signed().do(to_petition)
    assert (life.status, life.order.status_zh) == (Status.IN_MEDIATION, "信访代办中")
    assert {"mediation", f"contact:{STREET}", f"yellow:{STREET}"} == set(ORDERS.deadlines(life.order))
    assert ORDERS.deadlines(life.order)["mediation"] == MONDAY + timedelta(days=130)
    life.do(StopClock(CASE, at("03T09:00")), now=at("03T09:00"))
    assert set(ORDERS.deadlines(life.order)) == {"mediation"}


def test_petition_settled_is_the_result_and_says_so() -> None:
    life = signed().do(to_petition, StopClock(CASE, at("03T09:00")))
    life.do(SettleByMediation(CASE), now=at("30T09:00"))
    assert [e.source for e in life.last if isinstance(e, happened.OrderResultSubmitted)] == ["petition_proxy"]
    assert (life.status, life.order.referred_to) == (Status.CLOSE_REVIEW, None)


def test_petition_not_taken_same_lead_remaining_time_and_may_be_referred_elsewhere() -> None:
    life = signed().do(to_petition, StopClock(CASE, at("03T09:00")))
    life.do(ReturnFromMediation(CASE, MediationOutcome.OUT_OF_SCOPE), now=at("23T09:00"))
    assert (life.status, life.order.status_zh, life.duty().due) == (Status.IN_PROGRESS, "办理中", at("24T09:00"))
    assert life.do(to_petition).last == []
    assert life.do(Refer(A2, STREET, "U1")).order.status_zh == "调解中"


def test_petition_an_order_that_is_cancelled_says_that_it_was_one() -> None:
    life = signed().do(to_petition, Cancel(CancelReason.MERGED, merged_into=A2))
    assert [(e.case_id, e.referred_to) for e in life.last if isinstance(e, OrderCancelled)] == [
        (CASE, "petition_proxy")
    ]


def test_mediation_holds_the_order_and_is_watched() -> None:
    life = signed().do(Refer(CASE, STREET, "U1"))
    life.refuses(Contact(STREET, False, "U1"), "order.wrong_status")
    life.refuses(Submit(STREET, "result/1", "U1"), "order.wrong_status")
    assert life.due("mediation").happened == ["OrderStepOverdue"]


def test_a_missed_contact_limit_is_said_once_and_is_the_supervisors_until_somebody_calls() -> None:
    life = signed().due(f"contact:{STREET}")
    assert life.last == [happened.OrderStepOverdue(step="contact", due_at=at("02T13:00"), unit=STREET)]
    assert (life.now, life.duty().contact_overdue, life.order.supervision) == (at("02T13:00"), True, None)
    assert ORDERS.deadlines(life.order) == {f"yellow:{STREET}": at("03T15:42")}
    assert life.do(DeadlineReached(f"contact:{STREET}")).last == []
    life.do(Contact(STREET, False, "U1"), now=at("02T14:00"))
    assert [event.in_time for event in life.last if isinstance(event, happened.OrderContacted)] == [False]
    assert life.duty().contacted


def test_a_contact_in_time_ends_its_timer() -> None:
    life = signed().do(Contact(STREET, False, "U1"))
    assert set(ORDERS.deadlines(life.order)) == {f"yellow:{STREET}"}


def test_who_need_not_have_signed_yet_need_not_have_called_either() -> None:
    friday = Life(at("06T17:50")).do(opening())
    assert friday.duty().contact_due == at("06T21:50")
    assert friday.duty().sign_due == at("09T10:20")
    assert ORDERS.deadlines(friday.order)[f"contact:{STREET}"] == at("09T10:20")


def test_the_contact_limit_stands_still_with_the_clock() -> None:
    life = signed().do(Refer(CASE, STREET, "U1"), StopClock(CASE, at("02T10:00")))
    life.do(ReturnFromMediation(CASE, MediationOutcome.FAILED), now=at("23T10:00"))
    assert ORDERS.deadlines(life.order)[f"contact:{STREET}"] == life.duty().contact_due > at("23T10:00")


@pytest.mark.parametrize(
    "life",
    [
        pytest.param(
            lambda: work(signed().due(f"contact:{STREET}")).do(Review(ReviewReason.NOT_CONTACTED, None, "R1")),
            id="refused to talk to the caller",
        ),
        pytest.param(
            lambda: signed().due(f"contact:{STREET}").do(Reassign(STREET, OTHER, "D1"), Sign(OTHER, "U3")),
            id="another unit has it",
        ),
    ],
)
def test_a_contact_that_is_asked_for_again_is_watched_again(life: Callable[[], Life]) -> None:
    order = life().order
    assert [(duty.contacted, duty.contact_overdue) for duty in order.duties] == [(False, False)]
    assert ORDERS.deadlines(order)[f"contact:{order.units[0]}"] == order.duties[0].contact_end


def test_yellow_at_eighty_percent_red_when_due_each_once() -> None:
    life = signed().do(Contact(STREET, False, "U1")).due(f"yellow:{STREET}")
    assert life.last == [happened.OrderSupervised(level=SupervisionLevel.YELLOW, unit=STREET, reason="limit_80")]
    assert (life.now, life.order.supervision) == (at("03T15:42"), SupervisionLevel.YELLOW)
    assert ORDERS.deadlines(life.order) == {f"red:{STREET}": at("04T09:00")}
    life.due(f"red:{STREET}")
    assert (life.now, life.order.supervision) == (at("04T09:00"), SupervisionLevel.RED)
    assert ORDERS.deadlines(life.order) == {}


def test_the_clock_starts_at_dispatch_not_at_signature() -> None:
    life = opened(None)
    life.do(Dispatch(STREET_LEADS, "D1"), now=MONDAY + timedelta(hours=1))
    assert life.duty().due == at("04T10:00")


def test_commands_to_an_unknown_order() -> None:
    Life().refuses(Sign(STREET, "U1"), "order.not_found", 404)
